"""The lines of help that a text may name: who keeps an eye on each, and until when it was checked.

A number that is not on the list, or whose day to look again has passed, is not approved in a text.
The answer to somebody in danger goes out all the same: nothing here ever holds a text back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from connector.domain.errors import Invalid

SOON = timedelta(days=30)
LONGEST_REVIEW = timedelta(days=366)
NOBODY = "nobody yet"
SIZES = {"name": 60, "contact": 60, "detail": 200, "owner": 120, "source": 300}
_FIRST_NUMBER = re.compile(r"\d(?:[ -]?\d)*")
_NUMBER = re.compile(r"(?<![\w:.])\d(?:[ -]?\d){2,}(?![\w:]|\.\d)")
SHORTEST_NUMBER = 3


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """One line. Without `contact` it is not used here; without `checked_on` nobody has checked it.

    `owner` is a person or a post, and honestly empty until there is one.
    """

    name: str
    contact: str
    detail: str = ""
    owner: str = ""
    source: str = ""
    checked_on: date | None = None
    review_by: date | None = None

    @property
    def used(self) -> bool:
        return bool(self.contact)

    @property
    def owner_words(self) -> str:
        return self.owner or NOBODY

    @property
    def digits(self) -> str:
        """The number that a text names, as digits: '111, option 2' is 111."""
        found = _FIRST_NUMBER.search(self.contact)
        return _digits(found[0]) if found else ""

    def expired(self, on: date) -> bool:
        """Whether its day to look again has passed."""
        return self.used and self.review_by is not None and self.review_by < on

    def due_soon(self, on: date) -> bool:
        """Whether somebody has to look again within a month."""
        if not self.used or self.review_by is None or self.expired(on):
            return False
        return self.review_by <= on + SOON

    def may_be_named(self, on: date) -> bool:
        return self.used and self.checked_on is not None and not self.expired(on)


def checked(line: CrisisLine, *, today: date) -> CrisisLine:
    """A line as somebody has looked it up, in order. Raises `Invalid`."""
    plain = {name: " ".join(getattr(line, name).split()) for name in SIZES}
    line = CrisisLine(**plain, checked_on=line.checked_on, review_by=line.review_by)
    for name, size in SIZES.items():
        if len(getattr(line, name)) > size:
            raise Invalid(f"Make the {name} shorter than {size} characters.")
    if not line.name:
        raise Invalid("Give the line its name.")
    if len(line.digits) < SHORTEST_NUMBER:
        raise Invalid("Give the number as a text would name it, such as 116 123.")
    if not line.owner:
        raise Invalid("Say who keeps an eye on this line: a person or a post.")
    if not line.source:
        raise Invalid("Say where you looked it up: an address of a page, or who told you.")
    _refuse_days(line, today)
    return line


def _refuse_days(line: CrisisLine, today: date) -> None:
    if line.checked_on is None or line.checked_on > today:
        raise Invalid("Give the day it was checked, today or before.")
    if line.review_by is None or line.review_by <= today:
        raise Invalid("Give a day to look again that is still to come.")
    if line.review_by > line.checked_on + LONGEST_REVIEW:
        raise Invalid("Look again within a year of checking: lines change.")


def named(text: str, lines: Iterable[CrisisLine]) -> tuple[tuple[CrisisLine, ...], tuple[str, ...]]:
    """The lines that `text` names, and the numbers in it that are on no line."""
    found, left = [], text
    for line in sorted(lines, key=lambda line: -len(line.digits)):
        if not line.digits:
            continue
        pattern = re.compile(rf"(?<!\d)(?<!\d[ -]){'[ -]?'.join(line.digits)}(?!\d)(?![ -]\d\d)")
        if pattern.search(left):
            found.append(line)
            left = pattern.sub(" ", left)
    return tuple(found), tuple(dict.fromkeys(number[0] for number in _NUMBER.finditer(left)))


def why_not(text: str, lines: Sequence[CrisisLine], *, on: date, crisis: bool) -> Iterator[str]:
    """Every reason why a text may not be approved with the numbers it names.

    A crisis text may name nothing but listed lines, and has to name one of them.
    """
    found, unknown = named(text, lines)
    for line in found:
        if not line.may_be_named(on):
            yield _not_in_date(line, on)
    if not crisis:
        return
    for number in unknown:
        yield f"{number} is not on the list of crisis lines: put it there first, or leave it out."
    if not any(line.may_be_named(on) for line in found):
        yield "Somebody in danger needs a number: name at least one of the crisis lines."


def _not_in_date(line: CrisisLine, on: date) -> str:
    if line.expired(on):
        return f"{line.name} ({line.contact}) had to be looked at again by {_day(line.review_by)}."
    if not line.used:
        return f"{line.name} is not used here."
    return f"Nobody has checked {line.name} ({line.contact}) yet."


def expired_words(lines: Sequence[CrisisLine]) -> str:
    """One sentence about lines whose day has passed; empty without any."""
    if not lines:
        return ""
    names = " and ".join(line.name for line in lines[:2]) if len(lines) < 3 else ""
    which = f"{names} {'is' if len(lines) == 1 else 'are'}" if names else f"{len(lines)} are"
    return f"Crisis lines have to be checked again: {which} past the day to look again."


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "a day that nobody has set"


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
