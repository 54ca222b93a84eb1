"""Changing the texting rules: what would happen first, with nothing written, and then the change.

Texts that have not gone are planned again by the new calendar; what has gone stays gone, so nobody
is texted twice. Rules under which a published programme could never send, or could not send what it
asks for, are refused and name it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from connector.domain.cadence import (
    Cadence,
    Occurrence,
    Override,
    Unit,
    occurrences,
    refuse_if_never,
)
from connector.domain.calendar import Calendar
from connector.domain.errors import Invalid, Refused
from connector.domain.programme import Programme
from connector.domain.texting_rules import TextingRules, as_joined, changes, dates_asked, need
from connector.services import planning
from connector.store import audit, programmes, texting_rules
from connector.store.texting_rules import Planned

AHEAD = timedelta(days=14)
SUBJECT = "setting"
LONGEST_AUDIT = 1000


class Overtaken(Refused):
    """Somebody else has changed the rules since this person opened them."""

    code = "overtaken"


@dataclass(frozen=True, slots=True)
class Effect:
    """What would become of the planned texts of one programme. `example` is a sentence or empty."""

    name: str
    texts: int
    moved: int
    skipped: int
    example: str


@dataclass(frozen=True, slots=True)
class Preview:
    """All that saving would do. `problems` are why it cannot be saved; `too_much` are warnings."""

    changes: tuple[str, ...]
    effects: tuple[Effect, ...]
    problems: tuple[str, ...]
    too_much: tuple[str, ...]

    @property
    def texts(self) -> int:
        return sum(one.texts for one in self.effects)

    @property
    def moved(self) -> int:
        return sum(one.moved for one in self.effects)

    @property
    def skipped(self) -> int:
        return sum(one.skipped for one in self.effects)


def preview(
    session: Session, rules: TextingRules, *, default: Calendar | None, zone: str, now: datetime
) -> Preview:
    """What these rules would change. Nothing is written."""
    before = texting_rules.load(session, default)
    active = programmes.active(session)
    recalendared = rules.calendar != before.calendar
    return Preview(
        tuple(changes(before, rules)),
        tuple(_effects(session, active, rules.calendar, now)) if recalendared else (),
        tuple(_problems(session, active, rules, zone, now.date())),
        tuple(_together(session, active, rules, now.date())),
    )


def save(
    session: Session,
    rules: TextingRules,
    *,
    edits: int,
    default: Calendar | None,
    zone: str,
    by: int,
    now: datetime,
) -> None:
    """Set these rules; `edits` is the count that the editor saw.

    Raises `Overtaken` when somebody was quicker, and `Invalid` for what no programme could send by.
    """
    kept = texting_rules.kept(session, default)
    if kept.edits != edits:
        raise Overtaken(_overtaken(kept.changed_by))
    active = programmes.active(session)
    if problems := list(_problems(session, active, rules, zone, now.date())):
        raise Invalid(" ".join(problems))
    what = changes(kept.rules, rules)
    if not what:
        raise Invalid("Nothing was changed, so there is nothing to save.")
    if not texting_rules.save(session, rules, edits=edits, by=by, now=now):
        raise Overtaken(_overtaken(""))
    why = " ".join(what)[:LONGEST_AUDIT]
    audit.append(session, "texting rules changed", SUBJECT, None, by=by, now=now, why=why)
    if rules.calendar != kept.rules.calendar:
        planning.plan_everything_afresh(session, now=now)


def _overtaken(name: str) -> str:
    return (
        f"{name or 'Somebody else'} has changed these rules since you opened them, so yours are "
        "not saved. What you chose is still here: look at what would happen now, and save again."
    )


def _effects(
    session: Session, active: Iterable[Programme], calendar: Calendar, now: datetime
) -> Iterator[Effect]:
    active = list(active)
    joining = [programme.id for programme in active if programme.cadence.needs_joining]
    planned = texting_rules.planned(session, now=now, until=now + AHEAD, by_joining=joining)
    by_programme: dict[int, list[Planned]] = {}
    for one in planned:
        by_programme.setdefault(one.programme_id, []).append(one)
    for programme in active:
        if rows := by_programme.get(programme.id):
            yield _effect(programme, rows, calendar)


def _effect(programme: Programme, rows: list[Planned], calendar: Calendar) -> Effect:
    moved = skipped = 0
    example = ""
    for (zone, own, spread, _joined), some in groupby(sorted(rows, key=_alike), key=_alike):
        alike = list(some)
        dates = _dates_of(programme.cadence, own, {one.occurrence for one in alike})
        after = {
            one.date: one for one in occurrences(dates, zone=zone, calendar=calendar, spread=spread)
        }
        for one in alike:
            becomes = after[one.occurrence]
            skipped += one.texts if becomes.skipped else 0
            moved += one.texts if _moves(one, becomes) else 0
            example = example or _example(one, becomes)
    return Effect(programme.name, sum(one.texts for one in rows), moved, skipped, example)


def _alike(one: Planned) -> tuple[str, str, int, date]:
    """People whose texts have the same dates and the same time of day."""
    return one.zone, one.own, one.spread, one.joined_on or date.min


def _dates_of(cadence: Cadence, own: str, days: set[date]) -> Cadence:
    """The dates that are planned, as a cadence of their own: where they land says the calendar."""
    first = min(days)
    changed = Override.from_text(own) if own else Override()
    return Cadence(
        days=(),
        time=changed.time or cadence.time,
        starts_on=first,
        unit=Unit.DAYS_AFTER,
        after=tuple((day - first).days for day in days),
        spread=cadence.spread,
    )


def _moves(one: Planned, becomes: Occurrence) -> bool:
    return not becomes.skipped and becomes.due != one.due_at


def _example(one: Planned, becomes: Occurrence) -> str:
    if becomes.skipped:
        return becomes.skipped
    return (becomes.moved or "") if _moves(one, becomes) else ""


def _problems(
    session: Session, active: Iterable[Programme], rules: TextingRules, zone: str, today: date
) -> Iterator[str]:
    zones = texting_rules.zones(session) or [zone]
    for programme in active:
        if _never_goes(programme.cadence, zones, rules.calendar, today):
            yield f"{programme.name} could never send a text: all of its days would be skipped."
        above = need(dates_asked([programme.cadence], since=today)).above(rules.cap)
        if above:
            yield f"{programme.name} {above}. Allow it, or make the programme slower first."


def _never_goes(cadence: Cadence, zones: Iterable[str], calendar: Calendar, today: date) -> bool:
    """Whether these rules, and not its own end, keep every text of a cadence back somewhere.

    Ordinary weeks are judged: to be sent after a bank holiday alone is not to be sent.
    """
    if not dates_asked([cadence], since=today):
        return False
    weeks = replace(calendar, nation=None, overrides=())
    try:
        for zone in zones:
            refuse_if_never(as_joined(cadence, today), zone=zone, calendar=weeks)
    except Invalid:
        return True
    return False


def _together(
    session: Session, active: Iterable[Programme], rules: TextingRules, today: date
) -> Iterator[str]:
    """Two programmes that fit the cap each, and not together, for the people who are on both."""
    known = {programme.id: programme for programme in active}
    for ids, people in sorted(texting_rules.on_both(session).items()):
        if not all(id_ in known for id_ in ids):
            continue
        both = [known[id_] for id_ in ids]
        above = need(dates_asked((one.cadence for one in both), since=today)).above(rules.cap)
        if above:
            whom = "1 person who is" if people == 1 else f"{people} people who are"
            names = " and ".join(one.name for one in both)
            yield f"For {whom} on both, {names} together {above.replace('asks', 'ask', 1)}."
