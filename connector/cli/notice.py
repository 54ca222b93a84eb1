"""`connector notice`: the reasons in a table of answers, by the code that runs live.

Reads CSV with the columns person, date and one or more items; writes JSON Lines, one for each
reason raised, as if each flag were finished after 14 days. It keeps nothing and sends nothing.
"""

from __future__ import annotations

import csv
import json
import sys
import tomllib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import partial
from math import inf, isnan, nan
from multiprocessing import cpu_count, get_all_start_methods, get_context
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

import click

from connector.domain.question import About, Better
from connector.domain.signals import Signal
from connector.domain.silence import Patience, Rhythm
from connector.domain.usual import Answer, Asked, Settings, Tuning, Usual, in_order, tuning_for

_Figures = TypeVar("_Figures", Tuning, Patience)

# What became of a text; of two rows for one date the higher counts.
_UNANSWERED, _UNDELIVERED, _AWAY, _ANSWERED = 0.0, 1.0, 2.0, 3.0
_json = json.JSONEncoder(ensure_ascii=False).encode
_SHARE = 500  # people a process takes at a time
_WORDS = {"": _UNANSWERED, "undelivered": _UNDELIVERED, "away": _AWAY}


class UnreadableError(Exception):
    """Input that cannot be used; the message is the sentence that people see."""


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--low", type=float, default=0.0, show_default=True, help="Lowest answer.")
@click.option("--high", type=float, default=10.0, show_default=True, help="Highest answer.")
@click.option(
    "--better", type=click.Choice([end.value for end in Better]), default="high", show_default=True
)
@click.option(
    "--about", type=click.Choice([time.value for time in About]), default="week", show_default=True
)
@click.option("--per-week", type=float, help="Answers expected a week (1 about weeks, 7 days).")
@click.option("--settings", "settings_file", type=click.Path(), help="Figures to change, as TOML.")
def notice(
    file: str,
    low: float,
    high: float,
    better: str,
    about: str,
    per_week: float | None,
    settings_file: str | None,
) -> None:
    """Say who is worse than usual, low, sliding or quiet, and why.

    FILE is CSV: person, date, and a column for each item. An empty cell was delivered and not
    answered; other cells hold an answer, "undelivered" or "away".
    """
    try:
        if not -inf < low < high < inf:
            raise UnreadableError("--low must be a number below --high.")
        tuning, patience = _figures(About(about), per_week, settings_file)
        with click.open_file(file, encoding="utf-8-sig", errors="strict") as source:
            table = _read(source, low, high)
    except UnreadableError as error:
        _refuse(str(error))
    except OSError as error:
        _refuse(f"{file} cannot be read: {error.strerror or error}.")
    except UnicodeDecodeError:
        _refuse("The table is not text in UTF-8.")
    asked = tuple(Asked(_label(item), low, high, Better(better)) for item in table.items)
    settings = Settings(tuning, asked, About(about))
    for lines in _in_parallel(table, settings, patience):
        sys.stdout.write(lines)


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(2)


@dataclass(frozen=True, slots=True)
class Table:
    """Everybody's rows, packed: for each row the day, what became of the text, the answers."""

    items: tuple[str, ...]
    people: dict[str, array[float]]


def _figures(
    about: About, per_week: float | None, settings_file: str | None
) -> tuple[Tuning, Patience]:
    if per_week is None:
        per_week = 1 if about is About.WEEK else 7
    if not 0 < per_week <= 100:
        raise UnreadableError("--per-week is a number of answers above 0.")
    changes = _changes(settings_file) if settings_file else {}
    tuning, patience = tuning_for(about, per_week), Patience()
    silence = changes.pop("silence", {})
    try:
        return _changed(tuning, changes), _changed(patience, silence)
    except (TypeError, ValueError) as error:
        raise UnreadableError(f"The settings cannot be used: {error}") from error


def _changes(settings_file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(settings_file).read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableError(f"{settings_file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UnreadableError(f"{settings_file} is not TOML: {error}.") from error


def _changed(values: _Figures, changes: object) -> _Figures:
    """`values` with `changes`; raises `UnreadableError` for a figure that does not exist."""
    if not isinstance(changes, dict):
        raise UnreadableError("The settings cannot be used: [silence] holds named figures.")
    known = {field.name for field in fields(values)} - {"version"}
    for name, figure in changes.items():
        if name not in known:
            raise UnreadableError(f"The settings name {name!r}, which is no figure we know.")
        if isinstance(figure, bool) or not isinstance(figure, int | float):
            raise UnreadableError(f"The settings give {name} something other than a number.")
    return replace(values, **changes)


def _read(source: IO[str], low: float, high: float) -> Table:
    """The whole table, since a person's rows may stand anywhere in it."""
    rows = csv.reader(source)
    items = _items(_heading(rows))
    width = len(items) + 2
    people: dict[str, array[float]] = {}
    days: dict[str, float] = {}
    try:
        for row in rows:
            if len(row) != width:
                if not row:
                    continue
                raise ValueError(f"it has {len(row)} cells and the heading has {width}")
            at = row[1]
            day = days.get(at)
            if day is None:
                day = days[at] = _day(at)
            packed = people.get(row[0])
            if packed is None:
                packed = people[_person(row[0])] = array("d")
            packed.append(day)
            packed.extend(_cells(row, items, low, high))
    except (ValueError, csv.Error) as error:
        raise UnreadableError(f"Line {rows.line_num} cannot be used: {error}.") from error
    return Table(items, people)


def _heading(rows: Iterator[list[str]]) -> list[str]:
    try:
        return next(rows, [])
    except csv.Error as error:
        raise UnreadableError("The table is not CSV.") from error


def _items(heading: list[str]) -> tuple[str, ...]:
    names = [name.strip() for name in heading]
    if [name.lower() for name in names[:2]] != ["person", "date"] or len(names) < 3:
        raise UnreadableError(
            "The first line must be a heading: person,date and at least one item."
        )
    items = tuple(names[2:])
    if len(set(items)) < len(items) or not all(items):
        raise UnreadableError("Every item in the heading needs a name of its own.")
    return items


def _person(person: str) -> str:
    if not person.strip():
        raise ValueError("the person is missing")
    return person


def _day(at: str) -> float:
    try:
        return date.fromisoformat(at.strip()).toordinal()
    except ValueError:
        raise ValueError("the date is not one like 2026-05-04") from None


def _cells(row: list[str], items: tuple[str, ...], low: float, high: float) -> list[float]:
    """What became of the text, then each answer, with nan for none."""
    cells = [_UNANSWERED]
    for cell in row[2:]:
        if not cell:
            cells.append(nan)
            continue
        try:
            answer = float(cell)
        except ValueError:
            cells.append(nan)
            word = cell.strip().lower()
            if word not in _WORDS:
                raise _no_answer(items[len(cells) - 2], low, high) from None
            cells[0] = max(cells[0], _WORDS[word])
            continue
        if not low <= answer <= high:
            raise _no_answer(items[len(cells) - 1], low, high)
        cells.append(answer)
        cells[0] = _ANSWERED
    return cells


def _no_answer(item: str, low: float, high: float) -> ValueError:
    return ValueError(
        f"{item} holds neither an answer from {low:g} to {high:g}, nor nothing, "
        "nor undelivered or away"
    )


def _in_parallel(table: Table, settings: Settings, patience: Patience) -> Iterator[str]:
    """The lines of everybody, in the table's order; a large table is shared between processes."""
    people = list(table.people.items())
    shares = [people[n : n + _SHARE] for n in range(0, len(people), _SHARE)]
    work = partial(_lines, settings=settings, patience=patience)
    if len(shares) < 2 or "fork" not in get_all_start_methods():
        yield from map(work, shares)
        return
    with get_context("fork").Pool(min(cpu_count(), len(shares))) as pool:
        yield from pool.imap(work, shares)


def _lines(people: list[tuple[str, array[float]]], settings: Settings, patience: Patience) -> str:
    """The JSON Lines of some people."""
    return "".join(
        _json(
            {
                "person": person,
                "date": at.isoformat(),
                "reason": signal.kind,
                "promise": signal.promise,
                "sentence": signal.sentence,
                "rule": f"{signal.rule} v{signal.version}",
                "figures": dict(signal.figures),
            }
        )
        + "\n"
        for person, packed in people
        for at, signal in reasons(packed, settings, patience)
    )


def reasons(
    packed: array[float], settings: Settings, patience: Patience
) -> Iterator[tuple[date, Signal]]:
    """One person's reasons in order of date, from their rows in any order."""
    usual, rhythm = Usual.start(settings), Rhythm()
    for at, became, answer in _by_date(packed, settings):
        signal: Signal | None = None
        if answer is not None:
            usual, signals = usual.add(answer, settings)
            rhythm = rhythm.replied()
            for found in signals:
                yield at, found
        elif became == _UNANSWERED:
            rhythm, signal = rhythm.unanswered(at, patience)
        elif became == _UNDELIVERED:
            rhythm, signal = rhythm.not_delivered(at, patience)
        else:
            rhythm = rhythm.explained()
        if signal is not None:
            yield at, signal


def _by_date(
    packed: array[float], settings: Settings
) -> Iterator[tuple[date, float, Answer | None]]:
    """Each date once, what became of its text, and the answer if there is one."""
    width = len(settings.asked) + 2
    rows = sorted(zip(*(packed[n::width] for n in range(width)), strict=True), key=itemgetter(0))
    answers: list[Answer] = []
    became = _UNANSWERED
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        if row[1] == _ANSWERED:
            answers.append(_answer(row))
        became = max(became, row[1])
        if after is None or after[0] > row[0]:
            if len(answers) > 1:
                answers = in_order(answers, settings)
            yield date.fromordinal(int(row[0])), became, answers[0] if answers else None
            answers, became = [], _UNANSWERED


def _answer(row: tuple[float, ...]) -> Answer:
    items = [None if isnan(cell) else cell for cell in row[2:]]
    return Answer(date.fromordinal(int(row[0])), tuple(items))


def _label(item: str) -> str:
    """An item's name as it begins a sentence: "left_out" becomes "Left out"."""
    words = item.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
