"""The coming dates of everybody on a programme, worked out once for all who share them.

It runs the same `occurrences` as planning, over the same personal cadences, and leaves out what
planning leaves out. People whose dates fall together share one answer, so that ten thousand cost
little more than ten.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from connector.domain.cadence import (
    TOO_SOON,
    Cadence,
    Occurrence,
    Override,
    clear_since,
    occurrences,
)
from connector.domain.calendar import ONE_DAY, Calendar
from connector.domain.errors import Invalid
from connector.domain.programme import Part, Programme
from connector.services.planning import LOOK_BACK
from connector.store.cadence_people import Pace, Past

_BEYOND = timedelta(days=100)
_NOTHING: tuple[Occurrence, ...] = ()

Dates = tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """One coming text of one person: when, which number, and what part of the programme it is."""

    occurrence: Occurrence
    number: int
    part: Part


@dataclass
class Timetable:
    """The dates of one programme from today up to `days` ahead.

    With `changed` it is about to be planned afresh, by another cadence than the one in force, with
    nothing too soon after somebody's last text.
    """

    programme: Programme
    calendar: Calendar | None
    now: datetime
    days: int
    changed: bool = False
    _today: dict[str, date] = field(default_factory=dict)
    _theirs: dict[tuple[date, str], Cadence | None] = field(default_factory=dict)
    _named: dict[tuple[date, str, date], tuple[date, ...]] = field(default_factory=dict)
    _of_pace: dict[tuple[str, str, date, int], Dates] = field(default_factory=dict)
    _shared: dict[object, Dates] = field(default_factory=dict)
    _clear: dict[object, tuple[datetime, ...]] = field(default_factory=dict)

    def of(self, pace: Pace, past: Past) -> Dates:
        """What is to come for people of this pace and past, skips as well.

        People who share dates may number them differently: `planned` has one person's numbers.
        """
        cadence = self._cadence(pace)
        dates = self._base(cadence, pace) if cadence else _NOTHING
        if cadence is None or not dates:
            return _NOTHING
        near = self._too_soon(cadence, pace, past, dates)
        settled = past.settled
        if settled is not None and all(one.date != settled for one in dates):
            settled = None
        if not near and settled is None:
            return dates
        key = (id(dates), near, settled)
        if key not in self._shared:
            self._shared[key] = tuple(
                replace(one, moved=None, skipped=TOO_SOON) if place < near else one
                for place, one in enumerate(dates)
                if one.date != settled
            )
        return self._shared[key]

    def planned(self, pace: Pace, past: Past) -> list[Planned]:
        """One person's coming texts with their numbers and parts, skips as well."""
        cadence, coming = self._cadence(pace), self.of(pace, past)
        if cadence is None or not coming:
            return []
        numbers = {
            day: number
            for number, day in takewhile(
                lambda one: one[1] <= coming[-1].date, cadence.nominal(coming[0].date)
            )
        }
        return [
            Planned(one, numbers[one.date], self.programme.part_on(cadence, one.date))
            for one in coming
        ]

    def _cadence(self, pace: Pace) -> Cadence | None:
        """Somebody's own cadence; None when they can never get a text of it."""
        key = (pace.joined, pace.own)
        if key not in self._theirs:
            try:
                own = Override.from_text(pace.own)
                self._theirs[key] = self.programme.cadence.personal(pace.joined, own)
            except Invalid:
                self._theirs[key] = None
        return self._theirs[key]

    def _base(self, cadence: Cadence, pace: Pace) -> Dates:
        """The dates of everybody of a pace, whatever they had before."""
        key = (pace.zone, pace.own, pace.joined, pace.spread)
        if key not in self._of_pace:
            self._of_pace[key] = self._worked_out(cadence, pace)
        return self._of_pace[key]

    def _worked_out(self, cadence: Cadence, pace: Pace) -> Dates:
        since, until = self._since(pace), self._until(pace.zone)
        named = self._dates(cadence, pace, since)
        if not named or named[0] > until:
            return _NOTHING
        key = (pace.zone, cadence.time, pace.spread, named)
        if key not in self._shared:
            found = occurrences(
                cadence,
                zone=pace.zone,
                since=since,
                until=until,
                calendar=self.calendar,
                spread=pace.spread,
            )
            self._shared[key] = tuple(one for one in found if one.due > self.now)
        return self._shared[key]

    def _too_soon(self, cadence: Cadence, pace: Pace, past: Past, dates: Dates) -> int:
        """How many of the first dates come too soon after their last text."""
        if not self.changed or past.texted is None:
            return 0
        key = (pace.joined, pace.own, id(dates))
        if key not in self._clear:
            self._clear[key] = tuple(clear_since(cadence, one.date, one.due) for one in dates)
        return sum(past.texted > clear for clear in self._clear[key])

    def _now_there(self, zone: str) -> date:
        """Today where these people live."""
        if zone not in self._today:
            self._today[zone] = self.now.astimezone(ZoneInfo(zone)).date()
        return self._today[zone]

    def _since(self, pace: Pace) -> date:
        return max(self._now_there(pace.zone) - LOOK_BACK, pace.joined)

    def _until(self, zone: str) -> date:
        return self._now_there(zone) + timedelta(days=self.days) - ONE_DAY

    def _dates(self, cadence: Cadence, pace: Pace, since: date) -> tuple[date, ...]:
        """The dates as the cadence names them, far enough to know what a moved one meets."""
        key = (pace.joined, pace.own, since)
        if key not in self._named:
            last = since + timedelta(days=self.days) + _BEYOND
            named = (day for _, day in cadence.nominal(since))
            self._named[key] = tuple(takewhile(lambda day: day <= last, named))
        return self._named[key]
