"""The form of a cadence: a programme as fields, and fields as a programme or as what to change.

Every problem is found at once, names its field and is a sentence. What was typed is never thrown
away: the page shows the fields again as they came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any

from connector.domain.cadence import WIDEST_SPREAD, Cadence, Override, Taper, Unit, Weekday
from connector.domain.errors import Invalid
from connector.domain.programme import ContactFloor, Programme

HOUR = 60
DAY = 24 * HOUR
TIMELY = (1 * HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR)
ANSWER = (12 * HOUR, *(days * DAY for days in range(1, 8)))
REMIND = (24 * HOUR, 36 * HOUR, 48 * HOUR, 72 * HOUR)
SPREADS = (0, 5, 10, 15, 20, WIDEST_SPREAD)
REPEATS = {"weeks": Unit.WEEKS, "months": Unit.MONTHS, "after": Unit.DAYS_AFTER}
WEEKS_OF_MONTH = (1, 2, 3, 4, -1)
LONGEST = 200
_NOT_PLAIN = "Write whole numbers with commas between them, such as 1, 3, 7."
_ABOUT = (
    ("taper", "full_weeks"),
    ("pace", "full_weeks"),
    ("end", "ends_on"),
    ("last", "lasts_weeks"),
    ("month", "every_months"),
    ("joining", "after"),
    ("start", "starts_on"),
)
"""Words of a refusal by the domain, and the field they are about; otherwise it is the days."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What to change, and the field to change it in."""

    field: str
    words: str


class Fields(dict[str, str]):
    """What a form holds: a text a field, and the days that are ticked."""

    days: Sequence[str] = ()


@dataclass
class Reading:
    """Fields as they are read; every problem on the way is kept."""

    fields: Fields
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, name: str, words: str) -> None:
        self.problems.append(Problem(name, words))

    def text(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def number(self, name: str, low: int, high: int, what: str) -> int | None:
        written = self.text(name)
        if written.isdecimal() and len(written) < 6 and low <= int(written) <= high:
            return int(written)
        self.refuse(name, f"{what} is a whole number from {low} to {high}.")
        return None

    def date(self, name: str, what: str) -> date | None:
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            self.refuse(name, f"{what} needs a date.")
            return None

    def time(self, name: str) -> time | None:
        try:
            return time.fromisoformat(self.text(name)).replace(tzinfo=None)
        except ValueError:
            self.refuse(name, "Write the time as hours and minutes, such as 10:30.")
            return None

    def days(self) -> tuple[Weekday, ...]:
        return tuple(day for day in Weekday if day.value in self.fields.days)

    def numbers(self, name: str, what: str) -> tuple[int, ...]:
        """Whole numbers with commas between them."""
        parts = [part.strip() for part in self.text(name).replace(";", ",").split(",")]
        wanted = [part for part in parts if part]
        if wanted and all(part.isdecimal() and len(part) < 5 for part in wanted):
            return tuple(int(part) for part in wanted)
        self.refuse(name, f"{what}: {_NOT_PLAIN[0].lower()}{_NOT_PLAIN[1:]}")
        return ()


def fields_of(form: Any) -> Fields:
    """What came by a form."""
    fields = Fields({name: form.get(name, "") for name in form})
    fields.days = tuple(form.getlist("days"))
    return fields


def filled(programme: Programme) -> Fields:
    """The fields that say what a programme says."""
    cadence, taper, floor = programme.cadence, programme.cadence.taper, programme.floor
    paces = [str(pace) for pace in taper.paces] if taper else ["2", "4"]
    fields = Fields(
        at=f"{cadence.time:%H:%M}",
        repeat=next(name for name, unit in REPEATS.items() if unit is cadence.unit),
        every_weeks=str(cadence.every if cadence.unit is Unit.WEEKS else 1),
        every_months=str(cadence.every if cadence.unit is Unit.MONTHS else 1),
        week_of_month=str(cadence.week_of_month),
        after=", ".join(map(str, cadence.after)),
        slows="yes" if taper else "",
        full_weeks=str(taper.weeks if taper else 12),
        paces=", ".join(paces),
        starts="joining" if cadence.from_joining else "date",
        starts_on=cadence.starts_on.isoformat(),
        ends="weeks" if cadence.lasts_weeks else "date" if cadence.ends_on else "never",
        ends_on=cadence.ends_on.isoformat() if cadence.ends_on else "",
        lasts_weeks=str(cadence.lasts_weeks or 24),
        spread=str(cadence.spread),
        timely=str(_minutes(programme.timely_for)),
        answer=str(_minutes(programme.answer_within)),
        remind=str(_minutes(programme.remind_after)),
        floor_weeks=str(floor.weeks),
        why_none=floor.why_none,
        review_on=floor.review_on.isoformat() if floor.review_on else "",
    )
    fields.days = tuple(day.value for day in cadence.days)
    return fields


def read(fields: Fields, base: Programme) -> tuple[Programme | None, list[Problem]]:
    """`base` with what the fields say; None with every problem when they cannot be used."""
    reading = Reading(fields)
    cadence = _cadence(reading, base.cadence)
    floor = _floor(reading)
    spans = _spans(reading, base)
    if reading.problems or cadence is None or floor is None:
        return None, reading.problems
    return replace(base, cadence=cadence, floor=floor, **spans), []


def read_own(fields: Fields, cadence: Cadence) -> tuple[Override | None, list[Problem]]:
    """What one person changes of a cadence; an empty field leaves the programme's own."""
    reading = Reading(fields)
    days = reading.days() or None
    at = reading.time("at") if reading.text("at") else None
    every = None
    if reading.text("every"):
        every = reading.number("every", 1, 52, "The number of weeks between texts")
    if reading.problems:
        return None, reading.problems
    own = Override(
        days=None if days == cadence.days else days,
        time=None if at == cadence.time else at,
        every=None if every == cadence.every else every,
    )
    try:
        own.apply_to(cadence)
    except Invalid as refusal:
        return None, [Problem("days", str(refusal))]
    return own, []


def filled_own(own: Override, cadence: Cadence) -> Fields:
    """The fields that say what a person's cadence is now, whether their own or the programme's."""
    days = own.days or cadence.days
    fields = Fields(
        at=f"{own.time or cadence.time:%H:%M}",
        every=str(own.every or cadence.every),
    )
    fields.days = tuple(day.value for day in days)
    return fields


def _cadence(reading: Reading, base: Cadence) -> Cadence | None:
    unit = REPEATS.get(reading.text("repeat"))
    if unit is None:
        reading.refuse("repeat-weeks", "Choose how often texts go out.")
        return None
    given = _when(reading, unit) | _from_and_until(reading, base)
    if reading.problems:
        return None
    try:
        return Cadence(unit=unit, **given)
    except Invalid as refusal:
        reading.refuse(_field_of(str(refusal)), str(refusal))
        return None


def _when(reading: Reading, unit: Unit) -> dict[str, Any]:
    given = _dates(reading, unit)
    given["time"] = reading.time("at")
    given["spread"] = reading.number("spread", 0, WIDEST_SPREAD, "The spread in minutes")
    if unit is Unit.WEEKS and reading.text("slows"):
        given["taper"] = _taper(reading)
    return given


def _dates(reading: Reading, unit: Unit) -> dict[str, Any]:
    if unit is Unit.DAYS_AFTER:
        return {"days": (), "after": reading.numbers("after", "Days after joining")}
    given: dict[str, Any] = {}
    if unit is Unit.MONTHS:
        given["every"] = reading.number("every_months", 1, 12, "The number of months")
        given["week_of_month"] = _week_of_month(reading)
    else:
        given["every"] = reading.number("every_weeks", 1, 52, "The number of weeks between texts")
    given["days"] = reading.days()
    if not given["days"]:
        reading.refuse("days", "Choose at least one day of the week.")
    return given


def _week_of_month(reading: Reading) -> int:
    written = reading.text("week_of_month")
    if written in map(str, WEEKS_OF_MONTH):
        return int(written)
    reading.refuse("week_of_month", "Choose which week of the month.")
    return 1


def _taper(reading: Reading) -> Taper | None:
    weeks = reading.number("full_weeks", 1, 520, "The number of weeks at full pace")
    paces = reading.numbers("paces", "The slower paces in weeks")
    if weeks is None or not paces:
        return None
    try:
        return Taper(weeks, paces)
    except Invalid as refusal:
        reading.refuse("paces", str(refusal))
        return None


def _from_and_until(reading: Reading, base: Cadence) -> dict[str, Any]:
    from_joining = reading.text("starts") == "joining"
    starts_on = base.starts_on if from_joining else reading.date("starts_on", "The start")
    given: dict[str, Any] = {"from_joining": from_joining, "starts_on": starts_on}
    ends = reading.text("ends")
    if ends == "date":
        given["ends_on"] = reading.date("ends_on", "The end")
    elif ends == "weeks":
        given["lasts_weeks"] = reading.number("lasts_weeks", 1, 520, "How many weeks it lasts")
    return given


def _floor(reading: Reading) -> ContactFloor | None:
    weeks = reading.number("floor_weeks", 0, 52, "The number of weeks between human contacts")
    if weeks is None:
        return None
    why, review_on = reading.text("why_none")[:LONGEST], None
    if reading.text("review_on"):
        review_on = reading.date("review_on", "The day to look at it again")
    try:
        return ContactFloor(weeks, why, review_on)
    except Invalid as refusal:
        reading.refuse("why_none" if not why else "review_on", str(refusal))
        return None


def _spans(reading: Reading, base: Programme) -> dict[str, Any]:
    """How late a text may go, how long an answer is awaited, when a reminder follows."""
    asked = {
        "timely_for": ("timely", 24 * HOUR, "How late a text may go"),
        "answer_within": ("answer", 14 * DAY, "The time to answer"),
        "remind_after": ("remind", 7 * DAY, "The time until a reminder"),
    }
    spans: dict[str, Any] = {}
    for name, (written, most, what) in asked.items():
        if not base.asks and written != "timely":
            continue
        minutes = reading.number(written, 15, most, what)
        spans[name] = timedelta(minutes=minutes or 0)
    return spans


def _field_of(words: str) -> str:
    lower = words.lower()
    return next((name for about, name in _ABOUT if about in lower), "days")


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def span_choices(usual: Sequence[int], now: str) -> list[tuple[str, str]]:
    """Spans to choose from, with the present one among them, each in words."""
    present = [int(now)] if now.isdecimal() and len(now) < 6 else []
    return [(str(minutes), span_words(minutes)) for minutes in sorted({*usual, *present})]


def span_words(minutes: int) -> str:
    """'4 hours', '1 day', '90 minutes'."""
    for size, name in ((DAY, "day"), (HOUR, "hour")):
        if minutes and minutes % size == 0:
            amount = minutes // size
            return f"{amount} {name}" if amount == 1 else f"{amount} {name}s"
    return f"{minutes} minutes"


def linked(problems: Sequence[Problem]) -> Mapping[str, str]:
    """The first problem of each field, for the field itself."""
    return {problem.field: problem.words for problem in reversed(problems)}
