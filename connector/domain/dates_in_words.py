"""A day as people write it in a text: "til monday", "the 5th", "3-10 june", "in 2 weeks".

It reads the days ahead of `today` only, in the British order of day and month, and would rather
find nothing than guess: what it does not know stays for a person to read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

A_DAY = timedelta(days=1)
LONGEST = timedelta(days=366)
"""No text speaks of a day further ahead than this; a date that has passed is next year's."""

_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            ("monday", "mon"),
            ("tuesday", "tues", "tue"),
            ("wednesday", "weds", "wed", "wensday"),
            ("thursday", "thurs", "thur", "thu"),
            ("friday", "fri"),
            ("saturday", "sat"),
            ("sunday", "sun"),
        )
    )
    for name in names
}
_MONTHS = {
    name[:length]: number
    for number, name in enumerate(
        (
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ),
        start=1,
    )
    for length in (3, 4, len(name))
}
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple": 2, "couple of": 2, "a couple": 2,
    "a couple of": 2, "few": 3, "a few": 3, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
}  # fmt: skip
_DAY = r"(?P<day>[12]?\d|3[01])(?:st|nd|rd|th)?"
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_WEEKDAY = rf"(?P<weekday>{'|'.join(sorted(_WEEKDAYS, key=len, reverse=True))})"
_AMOUNT = rf"(?P<amount>\d{{1,2}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?P<unit>days?|weeks?|wks?|fortnights?|months?|mths?)"

_SPAN = re.compile(rf"(?:for )?(?:the )?(?:next )?\b{_AMOUNT} ?{_UNIT}\b")
_BARE_SPAN = re.compile(r"\b(?P<bare>fortnight)\b")
_DAY_MONTH = re.compile(rf"\b{_DAY} ?(?:of )?{_MONTH}\b")
_MONTH_DAY = re.compile(rf"\b{_MONTH} (?:the )?{_DAY}\b")
_SLASHED = re.compile(r"\b(?P<day>[0-3]?\d)[/.](?P<month>[01]?\d)(?:[/.](?P<year>\d{2,4}))?\b")
_ORDINAL = re.compile(r"\b(?:the )?(?P<day>[12]?\d|3[01])(?:st|nd|rd|th)\b")
_WEEKDAY_SAID = re.compile(rf"\b(?P<next>next )?{_WEEKDAY}(?P<week> week)?\b")
_RANGE = re.compile(
    rf"\b(?P<first>[12]?\d|3[01])(?:st|nd|rd|th)? ?(?:-|–|to|til|till|until) ?{_DAY}"
    rf"(?: ?(?:of )?{_MONTH})\b"
)
_SAT_DOWN = re.compile(r"\b(?:i|we|he|she|they|just|been|was|am|im|i'm) sat\b")
_WORDS = (
    (re.compile(r"\bday after tomorrow\b"), lambda today: today + 2 * A_DAY),
    (re.compile(r"\b(?:tomorrow|tomoz|tmrw|tomo|2moro)\b"), lambda today: today + A_DAY),
    (re.compile(r"\b(?:the )?week ?end\b"), lambda today: _coming(today, 5)),
    (re.compile(r"\bnext week\b"), lambda today: _coming(today, 0)),
    (re.compile(r"\bnext month\b"), lambda today: _first_of(today, 1)),
    (re.compile(r"\b(?:end of (?:the|this) month)\b"), lambda today: _first_of(today, 1)),
    (re.compile(r"\b(?:after )?(?:xmas|christmas)\b"), lambda today: _on(today, 12, 27)),
    (re.compile(r"\b(?:after )?new year'?s?\b"), lambda today: _on(today, 1, 2)),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A day that words speak of. `starts` too when they named a range of days.

    `day` is the first day after the time that is meant: "3-10 June" ends before the 11th, "2 weeks"
    two weeks from today; "til Monday" is Monday itself.
    """

    day: date
    starts: date | None = None


def day_in(text: str, today: date) -> Found | None:
    """The day ahead that `text` speaks of; None when there is none, or it makes no sense."""
    words = " ".join(text.lower().replace("’", "'").split())
    for read in (_range, _dated, _slashed, _in_words, _weekday, _span, _ordinal):
        found = read(words, today)
        if found is not None:
            return found if today < found.day <= today + LONGEST + A_DAY else None
    return None


def weekdays_in(text: str) -> tuple[int, ...]:
    """The weekdays that `text` names, 0 for Monday, in the order of the week; plurals as well."""
    words = _SAT_DOWN.sub(" ", text.lower())
    words = re.sub(r"(day|mon|tues|weds?|thurs?|fri|sat|sun)'?s\b", r"\1", words)
    words = re.sub(r"\btue\b", "tues", words)
    return tuple(sorted({_WEEKDAYS[found["weekday"]] for found in _WEEKDAY_SAID.finditer(words)}))


def _range(words: str, today: date) -> Found | None:
    found = _RANGE.search(words)
    if found is None:
        return None
    last = _on(today, _MONTHS[found["month"]], int(found["day"]))
    if last is None:
        return None
    first = _day_of(last.year, last.month, int(found["first"]))
    if first is not None and first > last:
        first = first - relativedelta(months=1)
    return Found(last + A_DAY, first)


def _dated(words: str, today: date) -> Found | None:
    found = _DAY_MONTH.search(words) or _MONTH_DAY.search(words)
    if found is None:
        return None
    return _found(_on(today, _MONTHS[found["month"]], int(found["day"])))


def _slashed(words: str, today: date) -> Found | None:
    found = _SLASHED.search(words)
    if found is None:
        return None
    day, month = int(found["day"]), int(found["month"])
    if found["year"]:
        year = int(found["year"])
        return _found(_day_of(year + 2000 if year < 100 else year, month, day))
    return _found(_on(today, month, day))


def _in_words(words: str, today: date) -> Found | None:
    for pattern, day in _WORDS:
        if pattern.search(words) and not _WEEKDAY_SAID.search(words):
            return _found(day(today))
    return None


def _weekday(words: str, today: date) -> Found | None:
    """ "monday" is the next one ahead; "next monday" and "monday week" that of the week after."""
    found = _WEEKDAY_SAID.search(words)
    if found is None:
        return None
    day = _coming(today, _WEEKDAYS[found["weekday"]])
    this_week = day - today < timedelta(days=7 - today.weekday())
    if found["week"] or (found["next"] and this_week):
        day += timedelta(weeks=1)
    return Found(day)


def _span(words: str, today: date) -> Found | None:
    if found := _SPAN.search(words):
        amount = found["amount"]
        many = int(amount) if amount.isdigit() else _NUMBERS[amount]
        unit = found["unit"]
        if unit.startswith("m"):
            return Found(today + relativedelta(months=many))
        days = 1 if unit.startswith("d") else 14 if unit.startswith("f") else 7
        return Found(today + timedelta(days=days * many))
    return Found(today + timedelta(days=14)) if _BARE_SPAN.search(words) else None


def _ordinal(words: str, today: date) -> Found | None:
    """ "the 5th": this month's when it is still ahead, else next month's."""
    found = _ORDINAL.search(words)
    if found is None:
        return None
    for months in range(3):
        first = today.replace(day=1) + relativedelta(months=months)
        day = _day_of(first.year, first.month, int(found["day"]))
        if day is not None and day > today:
            return Found(day)
    return None


def _found(day: date | None) -> Found | None:
    return None if day is None else Found(day)


def _coming(today: date, weekday: int) -> date:
    """The next such weekday after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _first_of(today: date, months: int) -> date:
    return today.replace(day=1) + relativedelta(months=months)


def _on(today: date, month: int, day: int) -> date | None:
    """That day of this year, or of the next when it has passed."""
    found = _day_of(today.year, month, day)
    if found is not None and found > today:
        return found
    return _day_of(today.year + 1, month, day)


def _day_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
