"""When we may text: bank holidays by nation, Sundays, opening hours, quiet hours.

It answers two things about a local time: may a text go out then, and if not, when next (or not at
all), each with its reason in words. It refuses hours that never open. It knows nothing of UTC:
everything here is the wall clock of the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import holidays

from connector.domain.errors import Invalid

ONE_DAY = timedelta(days=1)
HOLIDAYS_KNOWN_TO = date(2028, 12, 31)
"""Up to this day the holidays were compared with the government's published list.

Later ones follow from the rules; a day proclaimed for one year alone is not among them.
"""
_PATIENCE = 800  # steps before we say that no day is allowed: more than two years of closed days


class Nation(StrEnum):
    """Whose bank holidays count."""

    ENGLAND = "ENG"
    SCOTLAND = "SCT"
    WALES = "WLS"
    NORTHERN_IRELAND = "NIR"

    @property
    def words(self) -> str:
        return self.name.replace("_", " ").title()


class WhenClosed(StrEnum):
    """What happens to a text whose day is not allowed."""

    NEXT = "next"
    SKIP = "skip"


@lru_cache(maxsize=256)
def bank_holidays(nation: str, year: int) -> MappingProxyType[date, str]:
    """The bank holidays of a year with their names (package `holidays`, which works offline).

    A holiday on a weekend and its substitute day both count: nobody is texted on Christmas Day.
    """
    found = holidays.country_holidays("GB", subdiv=str(nation), years=year)
    named = {day: name.replace("(observed)", "(substitute day)") for day, name in found.items()}
    return MappingProxyType(named)


def bank_holiday(day: date, nation: str) -> str | None:
    """The name of the bank holiday on `day` in `nation`, if it is one."""
    return bank_holidays(nation, day.year).get(day)


def is_bank_holiday(day: date, nation: str) -> bool:
    return bank_holiday(day, nation) is not None


def holidays_between(nation: str, first: date, last: date) -> list[tuple[date, str]]:
    """The bank holidays of a nation from `first` to `last`, in order, with their names."""
    years = range(first.year, last.year + 1)
    found = (row for year in years for row in bank_holidays(nation, year).items())
    return sorted(row for row in found if first <= row[0] <= last)


def said(day: date) -> str:
    """A date as people say it: Friday 26 March 2027."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def said_with_time(local: datetime) -> str:
    return f"{said(local.date())} at {local:%H:%M}"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """No text from `start` up to, not including, `end`; may pass midnight."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise Invalid(
                "Quiet hours need a start and an end that differ; "
                "a whole day of quiet would let no text out."
            )

    def __contains__(self, at: time) -> bool:
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def end_after(self, local: datetime) -> datetime:
        """When the quiet that holds `local` ends."""
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return end if end > local else end + ONE_DAY

    @property
    def words(self) -> str:
        return f"{self.start:%H:%M} to {self.end:%H:%M}"


NIGHT = QuietHours(time(20), time(9))
"""No text that we open goes out at these hours of anybody's own clock."""


@dataclass(frozen=True, slots=True)
class Opening:
    """From when to when texts may go out on one weekday (0 is Monday)."""

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise Invalid("A weekday is a number from 0 (Monday) to 6 (Sunday).")
        if self.opens >= self.closes:
            raise Invalid("Opening hours need to close later than they open.")


@dataclass(frozen=True, slots=True)
class DayOverride:
    """One date that staff decided by hand: open although a holiday, or closed although not.

    It counts in `nation` alone, or everywhere; where both are there, the nation's own decides.
    """

    day: date
    is_open: bool
    why: str = "this day is closed"
    nation: Nation | None = None

    def to_json(self) -> dict[str, Any]:
        own = {"nation": self.nation.value} if self.nation else {}
        return {"day": self.day.isoformat(), "is_open": self.is_open, "why": self.why, **own}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> DayOverride:
        nation = data.get("nation")
        return cls(
            date.fromisoformat(data["day"]),
            data["is_open"],
            data["why"],
            Nation(nation) if nation else None,
        )


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the calendar makes of a planned time; `local` is the time it may go out.

    `because` are the reasons it was moved (empty when it was not); `skipped` is a sentence when no
    text goes out, and then `local` is the time first planned.
    """

    local: datetime
    because: tuple[str, ...] = ()
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The rules of one organisation. Sundays are off unless allowed.

    `opening` empty means open all day on every day. Raises `Invalid` when no moment of any week
    is left open.
    """

    nation: Nation | None = None
    overrides: tuple[DayOverride, ...] = ()
    sundays: bool = False
    quiet: QuietHours | None = None
    opening: tuple[Opening, ...] = ()
    on_holiday: WhenClosed = WhenClosed.NEXT
    on_sunday: WhenClosed = WhenClosed.NEXT
    on_weekday: WhenClosed = WhenClosed.NEXT

    def __post_init__(self) -> None:
        if len({hours.weekday for hours in self.opening}) < len(self.opening):
            raise Invalid("Each weekday can have opening hours once.")
        if self.opening and not any(self._ever_open(hours) for hours in self.opening):
            raise Invalid(
                "These hours never open: quiet hours and Sundays take away every opening hour."
            )

    def why_not(self, local: datetime) -> str | None:
        """Why no text may go out at this local time, as a clause; None when it may."""
        closed = self._closed(local.date())
        if closed is not None:
            return closed[0]
        later = self._open_hour(local)
        return later[1] if later is not None else None

    def next_allowed(self, local: datetime) -> Ruling:
        """The first allowed time from `local` on, or a skip with its sentence.

        A day that is not allowed moves to the next allowed day at the same local time; a time in
        quiet hours moves to their end. The planned day is judged before the planned hour.
        """
        at, because = local, list[str]()
        for _ in range(_PATIENCE):
            closed = self._closed(at.date())
            if closed is not None:
                reason, action = closed
                if action is WhenClosed.SKIP:
                    return Ruling(local, skipped=skip_sentence(local, reason))
                at += ONE_DAY
            else:
                later = self._open_hour(at)
                if later is None:
                    return Ruling(at, tuple(dict.fromkeys(because)))
                at, reason = later
            because.append(reason)
        return Ruling(
            local, skipped=skip_sentence(local, "no day in the next two years is allowed")
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON column; `from_json` reads them back."""
        return {
            "nation": self.nation,
            "overrides": [one.to_json() for one in self.overrides],
            "sundays": self.sundays,
            "quiet": self.quiet and [f"{self.quiet.start:%H:%M}", f"{self.quiet.end:%H:%M}"],
            "opening": [
                [hours.weekday, f"{hours.opens:%H:%M}", f"{hours.closes:%H:%M}"]
                for hours in self.opening
            ],
            "on_holiday": self.on_holiday,
            "on_sunday": self.on_sunday,
            "on_weekday": self.on_weekday,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Calendar:
        """A calendar as `to_json` wrote it."""
        quiet, nation = data.get("quiet"), data.get("nation")
        return cls(
            nation=Nation(nation) if nation else None,
            overrides=tuple(map(DayOverride.from_json, data.get("overrides", ()))),
            sundays=data.get("sundays", False),
            quiet=QuietHours(*map(time.fromisoformat, quiet)) if quiet else None,
            opening=tuple(
                Opening(weekday, time.fromisoformat(opens), time.fromisoformat(closes))
                for weekday, opens, closes in data.get("opening", ())
            ),
            on_holiday=WhenClosed(data.get("on_holiday", WhenClosed.NEXT)),
            on_sunday=WhenClosed(data.get("on_sunday", WhenClosed.NEXT)),
            on_weekday=WhenClosed(data.get("on_weekday", WhenClosed.NEXT)),
        )

    def closes_on(self, day: date) -> time | None:
        """When texts stop for that day; None where no hours are set."""
        hours = self._hours_on(day)
        return hours.closes if hours else None

    def why_closed(self, day: date) -> str:
        """Why no text goes out at any hour of this day, as a clause; empty when one may."""
        closed = self._closed(day)
        return closed[0] if closed else ""

    def special(self, day: date) -> DayOverride | None:
        """What staff decided by hand about this day, here; the nation's own before everywhere."""
        found = [one for one in self.overrides if one.day == day]
        own = (one for one in found if one.nation is not None and one.nation == self.nation)
        everywhere = (one for one in found if one.nation is None)
        return next(own, None) or next(everywhere, None)

    def _closed(self, day: date) -> tuple[str, WhenClosed] | None:
        """Why the whole day is closed and what follows; None when it is open."""
        by_hand = self.special(day)
        if by_hand is not None:
            return None if by_hand.is_open else (by_hand.why, self.on_holiday)
        if self.nation is not None and (name := bank_holiday(day, self.nation)) is not None:
            return f"{name} is a bank holiday in {self.nation.words}", self.on_holiday
        if day.weekday() == 6 and not self.sundays:
            return "we do not text on Sundays", self.on_sunday
        if self.opening and self._hours_on(day) is None:
            return f"we are not open on {day:%A}s", self.on_weekday
        return None

    def _open_hour(self, local: datetime) -> tuple[datetime, str] | None:
        """Where an hour that is not open moves to, and why; None when it is open."""
        if self.quiet is not None and local.time() in self.quiet:
            reason = f"{local:%H:%M} falls in quiet hours ({self.quiet.words})"
            return self.quiet.end_after(local), reason
        hours = self._hours_on(local.date())
        if hours is None or hours.opens <= local.time() < hours.closes:
            return None
        reason = f"we are open from {hours.opens:%H:%M} to {hours.closes:%H:%M} on {local:%A}s"
        opens = local.replace(hour=hours.opens.hour, minute=hours.opens.minute, second=0)
        midnight = local.replace(hour=0, minute=0, second=0) + ONE_DAY
        return (opens if local < opens else midnight), reason

    def _hours_on(self, day: date) -> Opening | None:
        return next((hours for hours in self.opening if hours.weekday == day.weekday()), None)

    def _ever_open(self, hours: Opening) -> bool:
        if hours.weekday == 6 and not self.sundays:
            return False
        if self.quiet is None or hours.opens not in self.quiet:
            return True
        return hours.opens < self.quiet.end < hours.closes


def move_sentence(planned: datetime, moved: datetime, because: tuple[str, ...]) -> str:
    """One sentence on a move: from when, to when and why."""
    return (
        f"Moved from {said_with_time(planned)} to {said_with_time(moved)}, "
        f"because {' and '.join(because)}."
    )


def skip_sentence(planned: datetime, reason: str) -> str:
    """One sentence on a text that does not go out."""
    return f"Skipped on {said_with_time(planned)}, because {reason}."
