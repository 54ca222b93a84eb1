"""The texting rules of the installation: when texts go out, how many a person gets, what one costs.

One value that planning, sending, previews and one-off notices all go by. It refuses a cap that lets
nothing out and a price that is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import takewhile

from connector.domain.cadence import Cadence
from connector.domain.calendar import (
    Calendar,
    DayOverride,
    Opening,
    QuietHours,
    WhenClosed,
    said,
)
from connector.domain.caps import Cap
from connector.domain.errors import Invalid

USUAL_PRICE = Decimal(4)
HIGHEST_PRICE = Decimal(100)
LOOK_AHEAD = timedelta(days=84)
SUNDAY = 6
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_A_DAY, MOST_A_WEEK, MOST_A_MONTH = 5, 14, 56


@dataclass(frozen=True, slots=True)
class TextingRules:
    """When texts may go out, the one cap, and the price of a segment in pence.

    Raises `Invalid` for a cap or a price that cannot be meant.
    """

    calendar: Calendar = field(default_factory=Calendar)
    cap: Cap = field(default_factory=Cap)
    price: Decimal = USUAL_PRICE

    def __post_init__(self) -> None:
        _refuse_bad_cap(self.cap)
        if not (self.price.is_finite() and 0 <= self.price <= HIGHEST_PRICE):
            raise Invalid("Write the price of one segment in pence, from 0 to 100, such as 4.")

    def cost(self, segments: int) -> Decimal:
        """What so many segments cost, in pounds."""
        return segments * self.price / 100


def _refuse_bad_cap(cap: Cap) -> None:
    if min(cap.day, cap.week, cap.month) < 1:
        raise Invalid(
            "A cap of nought would let no text out: allow at least 1. To stop all texts,"
            " use the switch on the page System."
        )
    if not (cap.day <= MOST_A_DAY and cap.week <= MOST_A_WEEK and cap.month <= MOST_A_MONTH):
        raise Invalid(
            f"The cap is at most {MOST_A_DAY} texts a day, {MOST_A_WEEK} in 7 days "
            f"and {MOST_A_MONTH} in 28 days."
        )
    if not cap.day <= cap.week <= cap.month:
        raise Invalid(
            "The cap for 7 days is at least the one for a day, and the one for 28 days "
            "at least the one for 7."
        )


@dataclass(frozen=True, slots=True)
class Need:
    """The most texts that some dates ask for on one day, within 7 days and within 28."""

    day: int
    week: int
    month: int

    def above(self, cap: Cap) -> str:
        """What is more than the cap allows, as 'asks for 3 texts within 7 days, and the cap
        allows 2'; empty when nothing is."""
        for asked, most, within in (
            (self.day, cap.day, "on one day"),
            (self.week, cap.week, "within 7 days"),
            (self.month, cap.month, "within 28 days"),
        ):
            if asked > most:
                return f"asks for {_texts(asked)} {within}, and the cap allows {most}"
        return ""


def need(dates: Iterable[date]) -> Need:
    """What these dates ask for, at their thickest; a date may come more than once."""
    days = sorted(dates)
    return Need(_most_within(days, 1), _most_within(days, 7), _most_within(days, 28))


def dates_asked(cadences: Iterable[Cadence], *, since: date) -> list[date]:
    """The dates of some cadences together, as they name them, for `LOOK_AHEAD` from `since` on.

    What holidays push together is left to the moment of sending, where the cap decides.
    """
    return [day for cadence in cadences for day in _dates(cadence, since)]


def as_joined(cadence: Cadence, on: date) -> Cadence:
    """The cadence of somebody who joins on that day, where that makes a difference."""
    return cadence.personal(on) if cadence.needs_joining else cadence


def changes(before: TextingRules, after: TextingRules) -> list[str]:
    """What differs, a sentence each, in the order of the page."""
    old, new = before.calendar, after.calendar
    return [
        *_hours_changes(old, new),
        *_said("Quiet hours", _quiet_words(old), _quiet_words(new)),
        *_said("Bank holidays", _nation_words(old), _nation_words(new)),
        *_said(
            "A text on a bank holiday or a day of our own",
            _ACTS[old.on_holiday],
            _ACTS[new.on_holiday],
        ),
        *_said("A text on a weekday that is closed", _ACTS[old.on_weekday], _ACTS[new.on_weekday]),
        *_said("The cap", cap_words(before.cap), cap_words(after.cap)),
        *_said("One segment", f"{before.price:f}p", f"{after.price:f}p"),
        *_days_changes(old, new),
    ]


def cap_words(cap: Cap) -> str:
    return f"{_texts(cap.day)} a day, {cap.week} in 7 days, {cap.month} in 28 days"


def usual_hours(quiet: QuietHours | None, *, sundays: bool) -> tuple[Opening, ...]:
    """The hours of a calendar that has none of its own: all that is not quiet at night."""
    opens, closes = time(0), time(23, 59)
    if quiet is not None and quiet.end < quiet.start:
        opens, closes = quiet.end, quiet.start
    days = range(7) if sundays else range(SUNDAY)
    return tuple(Opening(weekday, opens, closes) for weekday in days)


def hours_of(calendar: Calendar) -> dict[int, Opening]:
    """From when to when texts go out, by weekday; a closed one is not there."""
    hours = calendar.opening or usual_hours(calendar.quiet, sundays=calendar.sundays)
    return {one.weekday: one for one in hours if one.weekday != SUNDAY or calendar.sundays}


def day_words(calendar: Calendar, weekday: int) -> str:
    """'09:00 to 17:00', or 'closed'."""
    hours = hours_of(calendar).get(weekday)
    return f"{hours.opens:%H:%M} to {hours.closes:%H:%M}" if hours else "closed"


def special_words(one: DayOverride) -> str:
    """'Tuesday 23 March 2027 is closed (everybody is training)'."""
    where = f" in {one.nation.words}" if one.nation else ""
    return f"{said(one.day)} is {'open' if one.is_open else 'closed'}{where} ({one.why})"


def _hours_changes(old: Calendar, new: Calendar) -> list[str]:
    return [
        sentence
        for weekday, name in enumerate(WEEKDAYS)
        for sentence in _said(name, day_words(old, weekday), day_words(new, weekday))
    ]


def _days_changes(old: Calendar, new: Calendar) -> list[str]:
    gone = [one for one in old.overrides if one not in new.overrides]
    come = [one for one in new.overrides if one not in old.overrides]
    return [
        *(f"No longer: {special_words(one)}." for one in gone),
        *(f"New: {special_words(one)}." for one in come),
    ]


def _said(what: str, before: str, after: str) -> list[str]:
    return [f"{what}: {after} (was {before})."] if before != after else []


def _quiet_words(calendar: Calendar) -> str:
    return calendar.quiet.words if calendar.quiet else "none"


def _nation_words(calendar: Calendar) -> str:
    return f"those of {calendar.nation.words}" if calendar.nation else "none"


def _dates(cadence: Cadence, since: date) -> Iterator[date]:
    first = max(since, cadence.starts_on)
    try:
        named = (day for _, day in as_joined(cadence, first).nominal(first))
    except Invalid:  # who joins now gets none: it is over
        return iter(())
    return takewhile(lambda day: day < first + LOOK_AHEAD, named)


def _most_within(days: Sequence[date], span: int) -> int:
    """The most of these days, in order, that lie within so many days."""
    most = first = 0
    for place, day in enumerate(days):
        while (day - days[first]).days >= span:
            first += 1
        most = max(most, place - first + 1)
    return most


def _texts(count: int) -> str:
    return "1 text" if count == 1 else f"{count} texts"


_ACTS = {WhenClosed.NEXT: "moves to the next allowed day", WhenClosed.SKIP: "is skipped"}
