"""Who is covering at any moment, and the holes where nobody is.

A weekly pattern of shifts on the local clock, and overrides on top of it: a swap takes one person
out and puts another in, leave takes somebody out. It refuses to guess who else might help.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from connector.domain.errors import Invalid
from connector.domain.working_hours import WorkingHours

A_DAY = timedelta(days=1)


class Duty(StrEnum):
    """What somebody covers."""

    DAY = "day"
    ON_CALL = "on_call"
    LEAD = "lead"

    @property
    def words(self) -> str:
        return {"day": "Covering today", "on_call": "On call", "lead": "Duty lead"}[self]


class Needed(StrEnum):
    """When a duty has to be covered by somebody."""

    WORKING_HOURS = "working_hours"
    OUT_OF_HOURS = "out_of_hours"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Shift:
    """One line of the weekly pattern: `weekday` 0 is Monday; past midnight when it ends earlier.

    Raises `Invalid` when it has no length.
    """

    staff_id: int
    duty: Duty
    weekday: int
    starts: time
    ends: time
    id: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise Invalid("A shift is on one day of the week.")
        if self.starts == self.ends:
            raise Invalid("A shift has to end at another time than it starts.")

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The shift that begins on `day`, as two moments (UTC)."""
        last = day if self.ends > self.starts else day + A_DAY
        return (
            datetime.combine(day, self.starts, zone).astimezone(UTC),
            datetime.combine(last, self.ends, zone).astimezone(UTC),
        )


@dataclass(frozen=True, slots=True)
class Override:
    """From `starts_at` to `ends_at`, `out` does not cover and `instead` does; either may be None.

    Without a `duty` it is about every duty: leave. Raises `Invalid` when it changes nothing.
    """

    starts_at: datetime
    ends_at: datetime
    duty: Duty | None = None
    out: int | None = None
    instead: int | None = None
    id: int = 0

    def __post_init__(self) -> None:
        if self.starts_at >= self.ends_at:
            raise Invalid("A change of the rota has to end later than it starts.")
        if self.out is None and self.instead is None:
            raise Invalid("A change of the rota takes somebody out, puts somebody in, or both.")
        if self.instead is not None and self.duty is None:
            raise Invalid("Say which duty they take over.")

    def speaks_of(self, duty: Duty, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at and self.duty in (None, duty)


@dataclass(frozen=True, slots=True)
class Hole:
    """From when to when nobody covers a duty that has to be covered (UTC)."""

    duty: Duty
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Rota:
    """The pattern and what was changed of it; later overrides count over earlier ones."""

    zone: str
    shifts: tuple[Shift, ...] = ()
    overrides: tuple[Override, ...] = ()

    def covering(self, duty: Duty, at: datetime) -> tuple[int, ...]:
        """Who covers `duty` at this moment, by staff id, in the order of the pattern."""
        found = [
            shift.staff_id for shift, (starts, ends) in self._near(at, duty) if starts <= at < ends
        ]
        for override in self.overrides:
            if override.speaks_of(duty, at) and (override.out in found or override.out is None):
                found = [staff_id for staff_id in found if staff_id != override.out]
                found += [override.instead] if override.instead is not None else []
        return tuple(dict.fromkeys(found))

    def holes(
        self, duty: Duty, needed: Needed, hours: WorkingHours, *, since: datetime, until: datetime
    ) -> tuple[Hole, ...]:
        """Where nobody covers `duty` although it is needed, joined to as few as possible."""
        moments = sorted({since, until, *self._edges(duty, hours, since, until)})
        open_spans = [
            (start, end)
            for start, end in pairwise(moments)
            if _is_needed(needed, hours, start) and not self.covering(duty, start)
        ]
        return tuple(Hole(duty, start, end) for start, end in _joined(open_spans))

    def _near(self, at: datetime, duty: Duty) -> Iterator[tuple[Shift, tuple[datetime, datetime]]]:
        zone = ZoneInfo(self.zone)
        today = at.astimezone(zone).date()
        for shift in self.shifts:
            for day in (today - A_DAY, today):
                if shift.duty is duty and shift.weekday == day.weekday():
                    yield shift, shift.on(day, zone)

    def _edges(
        self, duty: Duty, hours: WorkingHours, since: datetime, until: datetime
    ) -> Iterator[datetime]:
        """Every moment at which the cover, or the need for it, may change."""
        zone = ZoneInfo(self.zone)
        day = since.astimezone(zone).date() - A_DAY
        found: list[datetime] = []
        while day <= until.astimezone(zone).date():
            found.append(datetime.combine(day, time(), zone).astimezone(UTC))
            found += hours.edges_of(day)
            for shift in self.shifts:
                if shift.duty is duty and shift.weekday == day.weekday():
                    found += shift.on(day, zone)
            day += A_DAY
        for override in self.overrides:
            found += (override.starts_at, override.ends_at)
        return (moment for moment in found if since < moment < until)


def _is_needed(needed: Needed, hours: WorkingHours, at: datetime) -> bool:
    if needed in (Needed.ALWAYS, Needed.NEVER):
        return needed is Needed.ALWAYS
    return hours.open_at(at) is (needed is Needed.WORKING_HOURS)


def _joined(
    spans: Sequence[tuple[datetime, datetime]],
) -> Iterable[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
