"""Who hears from us when: days, local time, every n weeks or months, taper; and the dates it gives.

`occurrences` is the one code that preview and planning both run. It is exact: nothing is random,
and a person's spread comes from a hash of their id. It refuses a cadence that no text can satisfy.
It does not know consent, caps or open flags: those are decided when a text is about to be sent.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from hashlib import blake2b, sha256
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.domain.calendar import (
    ONE_DAY,
    Calendar,
    move_sentence,
    said,
    skip_sentence,
)
from connector.domain.errors import Invalid

WIDEST_SPREAD = 30
_EARLIEST, _LATEST = date(2000, 1, 1), date(2199, 12, 31)
_HORIZON = date(2299, 12, 31)
_LOOK_AHEAD = timedelta(days=800)
_ALL_DAY = (time(0), time(23, 59))


class Weekday(StrEnum):
    """A day of the week; the order of the members is the order of the week, from Monday."""

    MON = "MON"
    TUE = "TUE"
    WED = "WED"
    THU = "THU"
    FRI = "FRI"
    SAT = "SAT"
    SUN = "SUN"

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday, as `date.weekday()`."""
        return _NUMBERS[self]


_NUMBERS = {day: number for number, day in enumerate(Weekday)}


class Unit(StrEnum):
    """What `every` counts; `DAYS_AFTER` counts from the joining day instead of repeating."""

    WEEKS = "weeks"
    MONTHS = "months"
    DAYS_AFTER = "days_after"


@dataclass(frozen=True, slots=True)
class Taper:
    """Full pace for `weeks`, then every `paces[0]` weeks, then every `paces[1]` weeks, and so on.

    Each pace but the last also lasts `weeks`; the last goes on until the end. A gap is counted
    from the last text before it: full pace in weeks 1 to 12, then weeks 14, 16 ... 24, then 28, 32.
    """

    weeks: int
    paces: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.weeks < 1 or not self.paces or min(self.paces) < 2:
            raise Invalid(
                "A taper is a number of weeks at full pace and then slower paces in weeks, "
                "such as 12,2,4."
            )
        if list(self.paces) != sorted(set(self.paces)):
            raise Invalid(
                "Each pace of a taper has to be slower than the one before, as in 12,2,4."
            )
        if self.paces[-1] > 52 or self.weeks > 520:
            raise Invalid(
                "A taper has at most 520 weeks at each pace, and at least one text a year."
            )


@dataclass(frozen=True, slots=True)
class Cadence:
    """When a programme's texts are due, on the wall clock of the person.

    Weeks are counted from the Monday of `starts_on`, months from its month. With `Unit.MONTHS` the
    `days` are those of one week of the month (`week_of_month` 1 to 4, or -1 for the last such day).
    With `Unit.DAYS_AFTER`, `after` lists days after `starts_on` (the joining day, 0) and `days` is
    empty. `spread` is how many minutes a person's fixed spread may be, either way.

    A programme's cadence is everybody's: `personal` makes one person's of it. With `from_joining`
    weeks, months and tapers count from each person's joining day (days after joining always do);
    `lasts_weeks` is how long it goes on for each person from then.
    Raises `Invalid` with a sentence for whatever can never be sent.
    """

    days: tuple[Weekday, ...]
    time: time
    starts_on: date
    every: int = 1
    ends_on: date | None = None
    unit: Unit = Unit.WEEKS
    week_of_month: int = 1
    after: tuple[int, ...] = ()
    taper: Taper | None = None
    spread: int = WIDEST_SPREAD
    from_joining: bool = False
    lasts_weeks: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", tuple(day for day in Weekday if day in set(self.days)))
        object.__setattr__(self, "after", tuple(sorted(set(self.after))))
        _refuse_bad_days(self)
        _refuse_bad_pace(self)
        _refuse_bad_length(self)
        _refuse_bad_dates(self)

    @property
    def needs_joining(self) -> bool:
        """Whether its dates differ by the day on which somebody joined."""
        counted = self.from_joining or self.unit is Unit.DAYS_AFTER
        return counted or self.lasts_weeks is not None

    def personal(self, joined_on: date, own: Override | None = None) -> Cadence:
        """The cadence of somebody who joined on that day, with what they changed of it.

        Nobody joins before the programme begins. Ask it for dates from the joining day on. Raises
        `Invalid` when they can never get a text, such as when they joined after the last.
        """
        theirs = own.apply_to(self) if own else self
        joined_on = max(joined_on, self.starts_on)
        counted = self.from_joining or self.unit is Unit.DAYS_AFTER
        ends = [self.ends_on] if self.ends_on else []
        if self.lasts_weeks is not None:
            ends.append(joined_on + timedelta(weeks=self.lasts_weeks) - ONE_DAY)
        return replace(
            theirs,
            starts_on=joined_on if counted else self.starts_on,
            ends_on=min(ends, default=None),
            from_joining=False,
            lasts_weeks=None,
        )

    def nominal(self, since: date | None = None) -> Iterator[tuple[int, date]]:
        """The dates as the cadence names them, from `since` on, each with its number from 1.

        No calendar and no clock: the number of a date never changes when the time does.
        """
        wanted = self.starts_on if since is None else max(since, self.starts_on)
        a_period = len(self.days) or len(self.after)
        passed = -sum(day < self.starts_on for day in self._dates_of(0))
        for stage in self._stages():
            skipped = bisect_left(stage, self._period_of(wanted))
            passed += skipped * a_period
            for period in stage[skipped:]:
                for day in self._dates_of(period):
                    passed += 1
                    if self.ends_on is not None and day > self.ends_on:
                        return
                    if day >= wanted:
                        yield passed, day

    @property
    def final_date(self) -> date | None:
        """The last date before the end, for the goodbye; None when there is no end."""
        if self.unit is Unit.DAYS_AFTER or self.ends_on is not None:
            return max((day for _, day in self.nominal()), default=None)
        return None

    def is_final(self, day: date) -> bool:
        """Whether no date follows this one."""
        if self.unit is not Unit.DAYS_AFTER and self.ends_on is None:
            return False
        return next(self.nominal(day + ONE_DAY), None) is None

    def date_before(self, day: date) -> date | None:
        """The last date before `day`; None when there is none."""
        for stage in reversed(self._stages()):
            reached = bisect_right(stage, self._period_of(day))
            for period in reversed(stage[max(0, reached - 2) : reached]):
                for found in reversed(self._dates_of(period)):
                    if self.starts_on <= found < day:
                        return found
        return None

    def gap_before(self, day: date) -> timedelta:
        """How long a person usually waits for the text of `day`; before the first, for the next."""
        before = self.date_before(day)
        if before is not None:
            return day - before
        _, after = next(self.nominal(day + ONE_DAY), (0, day))
        return after - day

    def asks_to_go_on(self, day: date) -> bool:
        """Whether `day` is the first date after a taper has run through its last pace's weeks.

        And again the first one after every 52 weeks from there.
        """
        if self.taper is None:
            return False
        through = self.taper.weeks * (1 + len(self.taper.paces))
        years = (self._period_of(day) - through) // 52
        before = self.date_before(day)
        return years >= 0 and (before is None or years > (self._period_of(before) - through) // 52)

    @property
    def ends_at_full_pace(self) -> bool:
        """Whether it stops without having slowed down first, which no programme should.

        Where each person's weeks count from their joining, a last day for all cuts late ones off.
        """
        if self.unit is not Unit.WEEKS or (self.ends_on is None and self.lasts_weeks is None):
            return False
        if self.taper is None:
            return self.every < 4
        if self.lasts_weeks is not None and self.lasts_weeks <= self.taper.weeks:
            return True
        if self.ends_on is None:
            return False
        return self.from_joining or (self.ends_on - self._monday).days < 7 * self.taper.weeks

    def revision(self) -> str:
        """A short stable name of everything that moves dates; wording is not part of it."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return sha256(canonical.encode()).hexdigest()[:12]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON column; `from_json` reads them back."""
        return {
            "days": [day.value for day in self.days],
            "time": f"{self.time:%H:%M}",
            "starts_on": self.starts_on.isoformat(),
            "every": self.every,
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "unit": self.unit.value,
            "week_of_month": self.week_of_month,
            "after": list(self.after),
            "taper": [self.taper.weeks, *self.taper.paces] if self.taper else None,
            "spread": self.spread,
            "from_joining": self.from_joining,
            "lasts_weeks": self.lasts_weeks,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Cadence:
        """A cadence as `to_json` wrote it; what is absent takes its default."""
        taper, ends_on = data.get("taper"), data.get("ends_on")
        return cls(
            days=tuple(map(Weekday, data.get("days", ()))),
            time=time.fromisoformat(data["time"]),
            starts_on=date.fromisoformat(data["starts_on"]),
            every=data.get("every", 1),
            ends_on=date.fromisoformat(ends_on) if ends_on else None,
            unit=Unit(data.get("unit", Unit.WEEKS)),
            week_of_month=data.get("week_of_month", 1),
            after=tuple(data.get("after", ())),
            taper=Taper(taper[0], tuple(taper[1:])) if taper else None,
            spread=data.get("spread", WIDEST_SPREAD),
            from_joining=data.get("from_joining", False),
            lasts_weeks=data.get("lasts_weeks"),
        )

    @property
    def _monday(self) -> date:
        return self.starts_on - timedelta(days=self.starts_on.weekday())

    def _period_of(self, day: date) -> int:
        """Which week or month from the start holds `day`."""
        if self.unit is Unit.DAYS_AFTER:
            return 0
        if self.unit is Unit.WEEKS:
            return (day - self._monday).days // 7
        return (day.year - self.starts_on.year) * 12 + day.month - self.starts_on.month

    def _stages(self) -> tuple[range, ...]:
        """The weeks (or months) from the start in which texts are due, a range for each pace."""
        if self.unit is Unit.DAYS_AFTER:
            return (range(1),)
        end = self._period_of(_HORIZON)
        if self.taper is None:
            return (range(0, end, self.every),)
        stages = [range(0, self.taper.weeks, self.every)]
        for nth, pace in enumerate(self.taper.paces, start=2):
            is_last = nth > len(self.taper.paces)
            last = next(stage[-1] for stage in reversed(stages) if stage)
            stages.append(range(last + pace, end if is_last else nth * self.taper.weeks, pace))
        return tuple(stages)

    def _dates_of(self, period: int) -> list[date]:
        if self.unit is Unit.DAYS_AFTER:
            return [self.starts_on + timedelta(days=days) for days in self.after]
        if self.unit is Unit.WEEKS:
            monday = self._monday + timedelta(weeks=period)
            return [monday + timedelta(days=day.number) for day in self.days]
        months = self.starts_on.year * 12 + self.starts_on.month - 1 + period
        first = date(months // 12, months % 12 + 1, 1)
        return sorted(_in_month(first, day, self.week_of_month) for day in self.days)


def _in_month(first: date, day: Weekday, week_of_month: int) -> date:
    """The n-th such weekday of the month that begins on `first`; -1 for the last."""
    if week_of_month > 0:
        return first + timedelta(days=(day.number - first.weekday()) % 7 + 7 * (week_of_month - 1))
    last = (first + timedelta(days=31)).replace(day=1) - ONE_DAY
    return last - timedelta(days=(last.weekday() - day.number) % 7)


def _refuse_bad_days(cadence: Cadence) -> None:
    if cadence.unit is Unit.DAYS_AFTER:
        if cadence.days or not cadence.after:
            raise Invalid("Days after joining need at least one number of days, and no weekdays.")
        if not 0 <= cadence.after[0] <= cadence.after[-1] <= 3660:
            raise Invalid("Days after joining are numbers from 0 to 3660.")
    elif not cadence.days:
        raise Invalid("Choose at least one day of the week.")
    elif cadence.after:
        raise Invalid("Days after joining cannot be mixed with days of the week.")
    if cadence.week_of_month not in (1, 2, 3, 4, -1):
        raise Invalid("The week of the month is 1, 2, 3, 4 or the last.")


def _refuse_bad_pace(cadence: Cadence) -> None:
    if not 1 <= cadence.every <= 52:
        raise Invalid("A cadence repeats every 1 to 52 weeks or months.")
    if not 0 <= cadence.spread <= WIDEST_SPREAD:
        raise Invalid(f"The spread is 0 to {WIDEST_SPREAD} minutes.")
    if cadence.time.tzinfo is not None or cadence.time.second or cadence.time.microsecond:
        raise Invalid("The time of day is hours and minutes on the person's own clock.")
    if cadence.taper is None:
        return
    if cadence.unit is not Unit.WEEKS:
        raise Invalid("Only a cadence that counts in weeks can taper.")
    if cadence.taper.paces[0] <= cadence.every:
        raise Invalid("The first pace of a taper has to be slower than the full pace.")


def _refuse_bad_length(cadence: Cadence) -> None:
    weeks = cadence.lasts_weeks
    if weeks is None:
        return
    if cadence.unit is Unit.DAYS_AFTER:
        raise Invalid("Days after joining end with the last of them, and need no other end.")
    if not 1 <= weeks <= 520:
        raise Invalid("A programme lasts 1 to 520 weeks for each person, or has no end.")
    slowest = cadence.taper.paces[-1] if cadence.taper and not cadence.from_joining else 0
    longest = max(slowest, cadence.every * (5 if cadence.unit is Unit.MONTHS else 1))
    if weeks < longest:
        raise Invalid(
            f"It has to last at least {longest} weeks for each person, "
            "or somebody would get no text at all."
        )


def _refuse_bad_dates(cadence: Cadence) -> None:
    if not _EARLIEST <= cadence.starts_on <= _LATEST:
        raise Invalid("A cadence starts between the years 2000 and 2199.")
    if cadence.ends_on is not None and cadence.ends_on < cadence.starts_on:
        raise Invalid("A cadence cannot end before it starts.")
    if next(cadence.nominal(), None) is None:
        raise Invalid("No text can ever go out: none of the days falls before the end date.")


_DAY = "|".join(Weekday)
_OWN = re.compile(
    rf"(?P<days>(?:{_DAY})(?:,(?:{_DAY}))*)?"
    r"(?:(?:^|(?<=.) )(?P<at>(?:[01][0-9]|2[0-3]):[0-5][0-9]))?"
    r"(?:(?:^|(?<=.) )every (?P<every>[1-9][0-9]?))?"
)


@dataclass(frozen=True, slots=True)
class Override:
    """What one person changed of a cadence; None leaves the programme's own."""

    days: tuple[Weekday, ...] | None = None
    time: time | None = None
    every: int | None = None

    def __post_init__(self) -> None:
        if self.days is not None:
            chosen = tuple(day for day in Weekday if day in self.days)
            object.__setattr__(self, "days", chosen or None)

    def apply_to(self, cadence: Cadence) -> Cadence:
        """The person's own cadence; a taper that is no longer slower than their pace falls away.

        Of days after joining only the time of day is anybody's own. Raises `Invalid` when what is
        left can never be sent.
        """
        if cadence.unit is Unit.DAYS_AFTER:
            return replace(cadence, time=self.time or cadence.time)
        every = self.every or cadence.every
        taper = cadence.taper
        if taper is not None:
            paces = tuple(pace for pace in taper.paces if pace > every)
            taper = replace(taper, paces=paces) if paces else None
        return replace(
            cadence,
            days=self.days or cadence.days,
            time=self.time or cadence.time,
            every=every,
            taper=taper,
        )

    def to_text(self) -> str:
        """A short text such as `TUE,FRI 10:00 every 2`, always the same for the same change.

        Empty when nothing is changed. `from_text` reads it back.
        """
        days = ",".join(day.value for day in self.days or ())
        at = f"{self.time:%H:%M}" if self.time else ""
        pace = f"every {self.every}" if self.every else ""
        return " ".join(part for part in (days, at, pace) if part)

    @classmethod
    def from_text(cls, text: str) -> Override:
        """What `to_text` wrote. Raises `Invalid` for anything else."""
        found = _OWN.fullmatch(text)
        if found is None:
            raise Invalid("This person's own days, time and pace cannot be read.")
        days, at, every = found["days"], found["at"], found["every"]
        return cls(
            days=tuple(map(Weekday, days.split(","))) if days else None,
            time=time.fromisoformat(at) if at else None,
            every=int(every) if every else None,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "days": [day.value for day in self.days] if self.days else None,
            "time": f"{self.time:%H:%M}" if self.time else None,
            "every": self.every,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Override:
        days, at = data.get("days"), data.get("time")
        return cls(
            days=tuple(map(Weekday, days)) if days else None,
            time=time.fromisoformat(at) if at else None,
            every=data.get("every"),
        )


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One text that the cadence asks for.

    `date` names it (with resident and programme it is unique) and stays when the time of day or the
    spread changes; `due` (UTC) and `local` are when it goes out, or would have gone when `skipped`.
    `moved` and `skipped` are None or one sentence. `number` counts from the start, from 1.
    """

    date: date
    due: datetime
    local: datetime
    moved: str | None
    skipped: str | None
    number: int


def spread_minutes(person_id: str | int, within: int = WIDEST_SPREAD) -> int:
    """A person's fixed spread in minutes, from -`within` to +`within`.

    The 64-bit BLAKE2b of the id's decimal or text form, modulo the number of possible minutes: the
    same for ever and on every machine, and even over many people.
    """
    digest = blake2b(f"spread:{person_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % (2 * within + 1) - within


def occurrences(
    cadence: Cadence,
    *,
    zone: str,
    since: date | None = None,
    until: date | None = None,
    calendar: Calendar | None = None,
    spread_for: str | int | None = None,
    spread: int = 0,
    after: datetime | None = None,
) -> Iterator[Occurrence]:
    """What the cadence asks for with dates from `since` to `until`, both included, skips as well.

    Without `until` it goes on until the cadence ends. `spread_for` is a person's id, `spread` the
    minutes already worked out from one. Each date comes once, in order, and the instants of the
    texts that go out are strictly increasing.

    `after` is when the person had their last text of the programme, for a cadence that has been
    changed since: what would follow it too closely (`clear_since`) is skipped.
    """
    if spread_for is not None:
        spread = spread_minutes(spread_for, cadence.spread)
    landing = _Landing(_spread_time(cadence.time, spread), zone_named(zone), calendar)
    for number, day in cadence.nominal(since):
        if until is not None and day > until:
            return
        local, moved, skipped = landing.of(day)
        if moved is not None and local.date() != day and _taken(cadence, landing, day, local):
            local, moved = settle(landing.planned(day))[0], None
            skipped = skip_sentence(landing.planned(day), "the next allowed day has its own text")
        due = local.astimezone(UTC)
        if skipped is None and after is not None and after > clear_since(cadence, day, due):
            local, moved, skipped = settle(landing.planned(day))[0], None, TOO_SOON
            due = local.astimezone(UTC)
        yield Occurrence(day, due, local, moved, skipped, number)


TOO_SOON = (
    "Skipped, because the last text of this programme came less than half the usual time before."
)


def clear_since(cadence: Cadence, day: date, due: datetime) -> datetime:
    """Whoever had a text of the programme after this moment does not get the one of `day`.

    After a change of days or pace nobody is texted in a burst: half the time that the cadence
    leaves before that text has to have passed.
    """
    return due - cadence.gap_before(day) / 2


def preview(
    cadence: Cadence,
    *,
    zone: str,
    count: int,
    calendar: Calendar | None = None,
    spread_for: str | int | None = None,
) -> list[Occurrence]:
    """The first `count` texts that go out, with the skipped ones between them, by their instants.

    Raises `Invalid` when nothing goes out for more than two years.
    """
    rows, sent, silent_since = list[Occurrence](), 0, cadence.starts_on
    for one in occurrences(cadence, zone=zone, calendar=calendar, spread_for=spread_for):
        rows.append(one)
        if one.skipped is None:
            sent, silent_since = sent + 1, one.date
        if sent == count or one.date - silent_since > _LOOK_AHEAD:
            break
    if sent == 0:
        raise Invalid("No text can ever go out: every day of this cadence is one that is skipped.")
    # A text moved over several closed days may go out after the planned time of a skipped one.
    return sorted(rows, key=lambda one: one.due)


def refuse_if_never(cadence: Cadence, *, zone: str, calendar: Calendar | None) -> None:
    """Raise `Invalid` when the calendar skips everything this cadence asks for."""
    preview(cadence, zone=zone, count=1, calendar=calendar)


@dataclass(frozen=True, slots=True)
class Plan:
    """The occurrences of one cadence in one zone over a span, for many people at little cost.

    There are only 61 spreads, so each is worked out once and shared: a person costs one hash and
    one look-up. It gives exactly what `occurrences` gives with `spread_for`.
    """

    cadence: Cadence
    zone: str
    since: date
    until: date
    calendar: Calendar | None = None
    _by_spread: dict[int, tuple[Occurrence, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, person_id: str | int) -> tuple[Occurrence, ...]:
        """This person's occurrences, in order."""
        spread = spread_minutes(person_id, self.cadence.spread)
        found = self._by_spread.get(spread)
        if found is None:
            found = self._by_spread[spread] = self.with_spread(spread)
        return found

    def with_spread(self, spread: int) -> tuple[Occurrence, ...]:
        """The occurrences of everybody whose spread is so many minutes."""
        return tuple(
            occurrences(
                self.cadence,
                zone=self.zone,
                since=self.since,
                until=self.until,
                calendar=self.calendar,
                spread=spread,
            )
        )


@dataclass(frozen=True, slots=True)
class _Landing:
    """Where a date comes down on the real clock of one zone, under one calendar."""

    time: time
    zone: tzinfo
    calendar: Calendar | None

    def planned(self, day: date) -> datetime:
        """The wall clock first meant, whether or not it exists that day."""
        return datetime.combine(day, self.time, self.zone)

    def of(self, day: date) -> tuple[datetime, str | None, str | None]:
        """Local time, `moved` and `skipped`."""
        planned = self.planned(day)
        at, because = planned, list[str]()
        while True:
            if self.calendar is not None:
                ruling = self.calendar.next_allowed(at)
                if ruling.skipped is not None:
                    return settle(planned)[0], None, ruling.skipped
                at = ruling.local
                because += ruling.because
            settled, exists = settle(at)
            if exists:
                break
            because.append(
                f"the clocks go forward and {at:%H:%M} does not exist on {said(at.date())}"
            )
            at = settled
        moved = move_sentence(planned, at, tuple(dict.fromkeys(because))) if because else None
        return at, moved, None


def _taken(cadence: Cadence, landing: _Landing, day: date, local: datetime) -> bool:
    """Whether a later date of the cadence goes out on the day that `day` was moved to."""
    for _, later in cadence.nominal(day + ONE_DAY):
        if later > local.date():
            return False
        lands, _, skipped = landing.of(later)
        if skipped is None:
            return lands.date() == local.date()
    return False


def _spread_time(at: time, minutes: int) -> time:
    """`at` moved by `minutes`, kept within its own day so that the date keeps naming it."""
    total = at.hour * 60 + at.minute + minutes
    if not 0 <= total < 24 * 60:
        return _ALL_DAY[0] if total < 0 else _ALL_DAY[1]
    return time(total // 60, total % 60)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that name, such as Europe/London. Raises `Invalid`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            "This time zone is not known; write it as a region and a city, such as Europe/London."
        ) from None


def settle(local: datetime) -> tuple[datetime, bool]:
    """A wall-clock time on the real clock, and whether it exists.

    One that does not exist becomes the first that does after the gap; one that happens twice is
    the first of the two (PEP 495, fold 0).
    """
    before = local.replace(fold=0)
    real = before.astimezone(UTC).astimezone(local.tzinfo)
    if real.replace(tzinfo=None) == before.replace(tzinfo=None):
        return before, True
    return _end_of_gap(before), False


def _end_of_gap(local: datetime) -> datetime:
    """The first moment after the clock change that swallowed `local`, found by halving."""
    zone = local.tzinfo
    early = local.replace(fold=1).astimezone(UTC)
    late = local.astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.astimezone(zone)
