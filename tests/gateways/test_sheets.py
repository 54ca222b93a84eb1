"""Files as people bring them: any usual coding and workbook is read, and what is damaged is said.

The damaged ones are made here, each with the sentence that the coordinator reads (under snapshot).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from syrupy.assertion import SnapshotAssertion

from connector.domain.import_rows import (
    LANGUAGES,
    Directory,
    find_headings,
    is_empty,
    match,
    problems_of_match,
    read,
)
from connector.gateways import sheets
from connector.gateways.sheets import Unreadable, as_csv

HEAD = ("First name", "Surname", "Mobile")
ADA = ("Ada", "Begum", "07700 900001")
ZOE = ("Zoë", "Nuñez", "07700 900002")
LIST = "\n".join(",".join(line) for line in (HEAD, ADA, ZOE))
READ = (HEAD, ADA, ZOE)
A_DAY = datetime(2026, 11, 24)  # noqa: DTZ001 workbooks know no zone
HERE = Directory(LANGUAGES, {}, {}, drama=True)


def book(*lines: Sequence[object], sheets_before: Sequence[str] = ()) -> bytes:
    """A workbook with these lines."""
    made = Workbook()
    first = made.active
    assert first is not None
    for name in sheets_before:
        made.create_sheet(name)
    for line in lines:
        made.worksheets[-1].append(list(line))
    return saved(made)


def saved(made: Workbook) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook in which one part was tampered with."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out.getvalue()


def packed(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, content)
    return out.getvalue()


def formula() -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(list(HEAD))
    sheet.append(['=HYPERLINK("http://example.org")', "Begum", "07700 900001"])
    return saved(made)


def cells_of(data: bytes) -> tuple[tuple[str, ...], ...]:
    return tuple(cells for _line, cells in sheets.read(data).lines)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(LIST.encode(), id="UTF-8"),
        pytest.param(LIST.encode("utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(LIST.encode("utf-16"), id="UTF-16 with a mark"),
        pytest.param(LIST.encode("utf-16-le"), id="UTF-16 without a mark"),
        pytest.param(LIST.encode("utf-16-be"), id="UTF-16, the other way round"),
        pytest.param(LIST.encode("cp1252"), id="Windows-1252"),
        pytest.param(LIST.replace(",", ";").encode(), id="semicolons"),
        pytest.param(LIST.replace(",", "\t").encode(), id="tabs"),
        pytest.param(LIST.replace(",", "|").encode(), id="bars"),
        pytest.param(LIST.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(LIST.replace("\n", "\r").encode(), id="old Mac line ends"),
        pytest.param(("sep=;\n" + LIST.replace(",", ";")).encode(), id="Excel's sep line"),
        pytest.param(LIST.replace("\n", ",,,\n").encode(), id="empty cells at the end"),
        pytest.param(book(HEAD, ADA, ZOE), id="a workbook"),
        pytest.param(book(HEAD, ADA, ZOE, sheets_before=["Second"]), id="an empty first sheet"),
    ],
)
def test_a_list_is_read_however_it_was_saved(data: bytes) -> None:
    assert cells_of(data) == READ


def test_lines_keep_the_numbers_that_a_spreadsheet_shows() -> None:
    text = 'Name,Mobile\n\n"Ada\nBegum",07700 900001\nBen,07700 900002\n'
    assert [line for line, _cells in sheets.read(text.encode()).lines] == [1, 3, 5]
    assert [line for line, _cells in sheets.read(book(("Name",), (), ("Ada",))).lines] == [1, 3]
    marked = sheets.read(b"sep=;\nName;Mobile\nAda;07700 900001\n")
    assert [line for line, _cells in marked.lines] == [2, 3]


def test_a_workbook_shows_numbers_and_dates_as_they_matter() -> None:
    data = book((7700900123, 7700900123.0, True, A_DAY, date(2026, 1, 2), 1.5))
    assert cells_of(data) == (
        ("7700900123", "7700900123", "yes", "2026-11-24", "2026-01-02", "1.5"),
    )


def test_of_a_formula_only_what_was_saved_is_read() -> None:
    assert cells_of(formula())[1] == ("", "Begum", "07700 900001")


BOOK = book(HEAD, ADA)
SHEET = "xl/worksheets/sheet1.xml"
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'
STOLEN = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def csv_of(*lines: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


DAMAGED: dict[str, bytes] = {
    "an empty file": b"",
    "only blanks": b" \n\n ",
    "only commas": b",,,\n,,,\n",
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "a PDF": b"%PDF-1.7\n",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "a web page named xls": b"<html><table><tr><td>Ada</td></tr></table></html>",
    "a letter": b"{\\rtf1 Ada}",
    "a Word document": packed("word/document.xml"),
    "an OpenDocument sheet": packed("mimetype", "content.xml"),
    "a Numbers sheet": packed("Index/Document.iwa"),
    "a binary workbook": packed("xl/workbook.bin"),
    "an archive": packed("people.csv"),
    "a workbook cut off": BOOK[: len(BOOK) // 2],
    "a workbook with a broken sheet": changed(BOOK, SHEET, lambda xml: xml[:-40]),
    "a workbook that is a bomb": packed("xl/workbook.xml", content=b"0" * 40_000_000),
    "a workbook that declares entities": changed(BOOK, SHEET, lambda xml: BOMB + xml[55:]),
    "a workbook that asks for a file": changed(BOOK, SHEET, lambda xml: STOLEN + xml[55:]),
    "UTF-16 cut off": LIST.encode("utf-16")[:-1],
    "bytes that are no text": b"First name,Mobile\nAda,\x00\x01\x02\x00x",
    "a quotation mark never closed": LIST.replace("Ada", '"Ada').encode() + b"x" * 3000,
    "too many lines": b"Name,Mobile\n" + b"Ada,07700 900001\n" * 50_002,
    "too many columns": b",".join([b"x"] * 70),
    "headings alone": csv_of(HEAD),
    "no names": csv_of(("Mobile", "Language"), ("07700 900001", "English")),
    "no numbers": csv_of(("First name", "Language"), ("Ada", "English")),
    "a name missing": csv_of(HEAD, ("", "", "07700 900001")),
    "a lost zero": csv_of(HEAD, ("Ada", "Begum", "7700900001")),
    "a number as a power": csv_of(HEAD, ("Ada", "Begum", "4.47E+11")),
    "a date for a number": csv_of(HEAD, ("Ada", "Begum", "24/11/2026")),
    "a date for a number, in a workbook": book(HEAD, ("Ada", "Begum", A_DAY)),
    "a landline": csv_of(HEAD, ("Ada", "Begum", "020 7946 0123")),
    "two numbers in a cell": csv_of(HEAD, ("Ada", "Begum", "07700900001/07700900002")),
    "a number with words": csv_of(HEAD, ("Ada", "Begum", "07700 900001 daughter")),
    "columns swapped": csv_of(("Mobile", "Surname", "First name"), ADA),
    "letters saved twice over": LIST.encode().decode("cp1252").encode(),
    "letters lost": LIST.encode("ascii", "replace").replace(b"Zo?", b"Zo\xef\xbf\xbd"),
    "a formula in a name": csv_of(HEAD, ("=cmd|' /C calc'!A0", "Begum", "07700 900001")),
    "an error in a cell": csv_of(HEAD, ("Ada", "Begum", "#REF!")),
    "a cell with a story": csv_of((*HEAD, "Likes"), (*ADA, "Gardens " * 100)),
    "a language nobody knows": csv_of((*HEAD, "Language"), (*ADA, "Klingon")),
    "a programme nobody knows": csv_of((*HEAD, "Programme"), (*ADA, "Dance")),
    "a connector nobody knows": csv_of((*HEAD, "Connector"), (*ADA, "Sam")),
}


def what_is_said(data: bytes) -> list[str]:
    """Everything that the coordinator reads about a file and its lines."""
    try:
        sheet = sheets.read(data)
    except Unreadable as refusal:
        return [str(refusal)]
    lines = [cells for _line, cells in sheet.lines]
    headed = find_headings(lines)
    found = match(lines[headed]) if headed is not None else {}
    people = sheet.lines[headed + 1 :] if headed is not None else sheet.lines
    if not people:
        return ["There is nobody on the list: it has headings and no line below them."]
    said = [*sheet.notes, *problems_of_match(found)]
    for number, cells in [] if problems_of_match(found) else people:
        line = read(cells, found, HERE)
        said += [f"Line {number}: {words}" for words in line.problems + line.notes]
    return said


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_damaged_is_said_in_a_sentence(name: str, snapshot: SnapshotAssertion) -> None:
    said = what_is_said(DAMAGED[name])
    assert said
    assert all(words.endswith(".") for words in said)
    assert said == snapshot


@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_or_are_refused_in_words(data: bytes) -> None:
    try:
        lines, said = sheets.read(data).lines, "."
    except Unreadable as refusal:
        lines, said = (), str(refusal)
    assert said.endswith(".")
    assert not any(is_empty(cells) for _line, cells in lines)


@given(st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=5), max_size=5))
def test_no_cell_that_goes_out_can_act_as_a_formula(rows: list[list[str]]) -> None:
    text = as_csv(rows).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")
