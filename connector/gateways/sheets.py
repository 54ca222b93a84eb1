"""Reads the lists that people bring: CSV in any usual coding, and Excel workbooks.

Nothing in a file is ever run or followed: of a formula only the value that was last saved is read,
links and macros are not looked at, and a file that is larger unpacked than any honest list is
refused before it is unpacked. What comes out is text, line by line.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from connector.domain.errors import Invalid

LARGEST_FILE = 12 * 1024 * 1024
LARGEST_UNPACKED = 120 * 1024 * 1024
MOST_TIMES_SMALLER = 250
MOST_PARTS = 2_000
MOST_LINES = 50_000
MOST_COLUMNS = 60
LONGEST_CELL = 2_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines of a list that hold anything, each with its number as the spreadsheet shows it."""

    lines: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[str, ...] = ()


class Unreadable(Invalid):
    """The file is no list we can read; the message says what to do instead."""


def read(data: bytes) -> Sheet:
    """The list in a file, whatever its name says. Raises `Unreadable`."""
    if not data.strip():
        raise Unreadable("The file is empty.")
    if len(data) > LARGEST_FILE:
        raise Unreadable(
            f"The file is larger than {LARGEST_FILE // 1024**2} MB; bring it in parts."
        )
    if refusal := _not_a_list(data):
        raise Unreadable(refusal)
    sheet = _workbook(data) if data.startswith(b"PK\x03\x04") else _csv(data)
    if not sheet.lines:
        raise Unreadable("There is nothing in the list.")
    return sheet


_OTHERS = (
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "This is an old Excel file, or one with a password. Open it, take the password off, "
        "and save it as an Excel workbook (.xlsx) or as CSV.",
    ),
    (b"%PDF", "This is a PDF. Ask for the list as a spreadsheet (.xlsx) or as CSV."),
    (b"\x89PNG", "This is a picture. Bring the list as a spreadsheet (.xlsx) or as CSV."),
    (b"\xff\xd8\xff", "This is a picture. Bring the list as a spreadsheet (.xlsx) or as CSV."),
    (b"{\\rtf", "This is a letter, not a list. Save the list as a spreadsheet (.xlsx) or as CSV."),
    (b"PK\x05\x06", "The workbook is empty."),
)


def _not_a_list(data: bytes) -> str:
    for start, words in _OTHERS:
        if data.startswith(start):
            return words
    if re.match(rb"\s*<(?:!doctype|html|\?xml|table)", data[:200].lower()):
        return (
            "This is a web page with a spreadsheet's name. Open it in Excel and save it as an "
            "Excel workbook (.xlsx) or as CSV."
        )
    return ""


# CSV


def _csv(data: bytes) -> Sheet:
    text, note = _decoded(data)
    if "\x00" in text:
        raise Unreadable("This file is not a list: it holds bytes that no text has.")
    separator, text, skipped = _separator(text)
    rows = _rows(text, separator, skipped)
    return Sheet(tuple(_bounded(rows)), (note,) if note else ())


def _decoded(data: bytes) -> tuple[str, str]:
    """The text, and a note where its coding had to be taken for granted."""
    for mark, coding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _strictly(data, coding), ""
    if coding := _wide(data):
        return _strictly(data, coding), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return text, "The letters were read as Windows saves them; look at names with accents."


def _strictly(data: bytes, coding: str) -> str:
    try:
        return data.decode(coding)
    except UnicodeDecodeError:
        raise Unreadable(
            "The file is cut off or damaged; save the list again and bring that one."
        ) from None


def _wide(data: bytes) -> str:
    """UTF-16 that does not say so: every other byte of plain text is nothing."""
    start = data[:400]
    if len(start) < 4 or start.count(0) * 3 < len(start):
        return ""
    return "utf-16-le" if start[1::2].count(0) > start[0::2].count(0) else "utf-16-be"


_SEPARATORS = (",", ";", "\t", "|")


def _separator(text: str) -> tuple[str, str, int]:
    """What parts the cells; a first line 'sep=;' says it and is no line of the list."""
    first, _, rest = text.partition("\n")
    if (said := re.fullmatch(r'"?sep=(.)"?', first.strip(), re.IGNORECASE)) is not None:
        return said[1], rest, 1
    if first.strip().lower() in ("sep=", '"sep=\t"'):
        return "\t", rest, 1
    some = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()[:20] if line.strip()]
    return max(_SEPARATORS, key=lambda sign: _evenly(sign, some)), text, 0


def _evenly(sign: str, lines: list[str]) -> tuple[int, int]:
    """On how many lines a sign stands equally often, and how often."""
    often = Counter(line.count(sign) for line in lines if sign in line)
    if not often:
        return 0, 0
    count, on = max(often.items(), key=lambda pair: (pair[1], pair[0]))
    return on, count


def _rows(text: str, separator: str, skipped: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line = skipped
    try:
        for cells in reader:
            first, line = line + 1, reader.line_num + skipped
            if any(len(cell) > LONGEST_CELL for cell in cells):
                raise _one_long_cell(first)
            yield first, tuple(cells)
    except csv.Error:
        raise _one_long_cell(line + 1) from None


def _one_long_cell(line: int) -> Unreadable:
    return Unreadable(
        f"From line {line} on, everything runs into one cell: a quotation mark is probably opened "
        "there and never closed. Mend that line, or save the list as a workbook."
    )


# Workbooks


def _workbook(data: bytes) -> Sheet:
    _look_before_unpacking(data)
    try:
        book = load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False, keep_vba=False
        )
    except (KeyError, ValueError, TypeError, OSError, ParseError, zipfile.BadZipFile) as error:
        raise _damaged() from error
    try:
        return _sheet(book)
    except (KeyError, ValueError, TypeError, ParseError, zipfile.BadZipFile, EOFError) as error:
        if isinstance(error, Unreadable):
            raise
        raise _damaged() from error
    finally:
        book.close()


def _damaged() -> Unreadable:
    return Unreadable(
        "The workbook is damaged and cannot be opened. Open it in Excel, save it again, or save it "
        "as CSV."
    )


def _look_before_unpacking(data: bytes) -> None:
    """Refuse what would fill the memory, what is no workbook, and what declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            _refuse_other_zips({part.filename for part in parts})
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED:
                raise _far_too_large()
            if unpacked > 20 * 1024**2 and unpacked > MOST_TIMES_SMALLER * len(data):
                raise _far_too_large()
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable("The workbook has a password; take it off and save it again.")
            for part in parts:
                _refuse_entities(packed, part)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise _damaged() from error


def _far_too_large() -> Unreadable:
    return Unreadable(
        "Unpacked, this workbook is far larger than any list of people. Copy the list into a new "
        "workbook and bring that one."
    )


def _refuse_other_zips(names: set[str]) -> None:
    if "xl/workbook.xml" in names or ("xl/workbook.bin" not in names and _has_sheets(names)):
        return
    if "xl/workbook.bin" in names:
        raise Unreadable("This is a binary workbook (.xlsb); save it as an Excel workbook (.xlsx).")
    if "content.xml" in names and "mimetype" in names:
        raise Unreadable("This is an OpenDocument sheet; save it as .xlsx or as CSV.")
    if any(name.startswith("Index/") for name in names):
        raise Unreadable("This is a Numbers sheet; export it as Excel (.xlsx) or as CSV.")
    if "word/document.xml" in names:
        raise Unreadable("This is a Word document; copy the table into a spreadsheet.")
    raise Unreadable("This is an archive, not a workbook; unpack it and bring the list itself.")


def _has_sheets(names: Iterable[str]) -> bool:
    return any(name.startswith("xl/worksheets/") for name in names)


def _refuse_entities(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """A workbook never declares a document type; what does wants to blow up or to look around."""
    if not part.filename.endswith((".xml", ".rels")):
        return
    with packed.open(part) as opened:
        start = opened.read(2_000)
    if b"<!" in start or b"\x00" in start:
        raise _damaged()


def _sheet(book: Any) -> Sheet:
    """The first sheet that holds anything, and a word about the others."""
    notes: tuple[str, ...] = ()
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for place, sheet in enumerate(visible or book.worksheets):
        sheet.reset_dimensions()
        lines = tuple(_bounded(_cells(sheet)))
        if lines:
            if len(book.worksheets) > 1:
                notes = (f"Only the sheet in place {place + 1} was read; the workbook has more.",)
            return Sheet(lines, notes)
    return Sheet(())


def _cells(sheet: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, tuple(_text(value) for value in row)


def _text(value: object) -> str:
    """What a cell shows, as near as it matters: whole numbers without a point, dates as dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)[: LONGEST_CELL + 1]


def _bounded(
    rows: Iterable[tuple[int, tuple[str, ...]]],
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The lines that hold anything, as many as one list may have."""
    kept = 0
    for number, all_cells in rows:
        cells = _without_the_empty_end(all_cells)
        if not cells:
            continue
        kept += 1
        if kept > MOST_LINES + 1:
            raise Unreadable(f"The list has more than {MOST_LINES:,} lines; bring it in parts.")
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(
                f"Line {number} has more than {MOST_COLUMNS} columns; keep those that are needed."
            )
        yield number, cells


def _without_the_empty_end(cells: tuple[str, ...]) -> tuple[str, ...]:
    last = next((n for n in range(len(cells), 0, -1) if cells[n - 1].strip()), 0)
    return cells[:last]


# What goes out again


def as_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """A CSV that any spreadsheet opens, in which no cell can act as a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return codecs.BOM_UTF8 + out.getvalue().encode()


def _harmless(cell: str) -> str:
    """A cell that begins as formulas do gets an apostrophe, which spreadsheets do not show."""
    return (
        f"'{cell}"
        if cell.lstrip()[:1] in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r")
        else cell
    )
