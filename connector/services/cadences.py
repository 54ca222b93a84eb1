"""What changing a programme would do, before anything is changed. It writes nothing.

The dates come from the code that planning runs, for groups of people who share them; single people
are looked at only where they are shown. A preview is exact for everything that is known now: a
pause, a stop or a conversation that comes later is decided when a text is about to go.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.cadence import Occurrence, Override, spread_minutes
from connector.domain.caps import MONTH, Cap
from connector.domain.moves import Move, move
from connector.domain.programme import Programme
from connector.domain.publishing import LONG_NAME, LONG_SENDER
from connector.domain.sms import SmsText, fold
from connector.domain.texting_rules import TextingRules
from connector.domain.working_hours import WorkingHours
from connector.services.planning import LOOK_BACK
from connector.services.timetable import Dates, Planned, Timetable
from connector.store import cadence_people, programmes
from connector.store.cadence_people import Enrolled, Pace, Past, Person

WEEKS = 6
WEEK = timedelta(days=7)
A_WHILE = timedelta(hours=1)
"""An answer may come a while after the text: somebody should still be there to read it."""
MOST_WORDINGS = 12
SHOWN = 3
_CLOCK = re.compile(r"\b[0-9]{2}:[0-9]{2}\b")

Moments = tuple[datetime, ...]
Coming = tuple[Enrolled, Dates, Dates]
"""Somebody with their dates before and after."""


@dataclass(frozen=True, slots=True)
class Text:
    """One coming text of one person, as it leaves us."""

    planned: Planned
    sms: SmsText
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Pair:
    """A text that was coming and the one that comes instead; None where there is none."""

    before: Occurrence | None
    after: Occurrence | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One real person, their dates before and after, and every text of the weeks."""

    person: Person
    why: str
    own: Override
    pairs: tuple[Pair, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from `starts`: texts before and after, and how many people meet the cap."""

    starts: date
    before: int
    after: int
    capped: int


@dataclass(frozen=True, slots=True)
class Note:
    """What becomes of a date that is not allowed, in one sentence, and for how many people."""

    on: date
    words: str
    people: int
    skipped: bool


@dataclass(frozen=True, slots=True)
class Hour:
    """Texts that go out in one hour of the day; `unread` when nobody would read the answers."""

    hour: int
    texts: int
    unread: int


@dataclass(frozen=True, slots=True)
class Preview:
    """All that a draft would do. `silent` people are on it but get no text for now."""

    people: int
    silent: int
    moves_dates: bool
    shown: tuple[Shown, ...]
    moves: Mapping[Move, int]
    weeks: tuple[Week, ...]
    notes: tuple[Note, ...]
    hours: tuple[Hour, ...]
    segments: int
    price: Decimal
    not_on_it: bool

    @property
    def moved(self) -> int:
        """How many people get their next text at another time, or no more, or again."""
        return sum(count for size, count in self.moves.items() if size is not Move.STAYS)

    @property
    def texts(self) -> int:
        return sum(week.after for week in self.weeks)

    @property
    def capped(self) -> int:
        """The most people who meet the cap in one of the weeks."""
        return max((week.capped for week in self.weeks), default=0)

    @property
    def cost(self) -> Decimal:
        """Pounds for all weeks at most, with the longest wording and long names."""
        return self.texts * self.segments * self.price / 100


@dataclass(frozen=True, slots=True)
class _Change:
    """The timetables before and after; before is None for what was never published."""

    before: Timetable | None
    after: Timetable
    _both: dict[object, tuple[Dates, Dates]] = field(default_factory=dict)

    def both(self, one: Enrolled | Person) -> tuple[Dates, Dates]:
        """Somebody's dates before and after."""
        pace, past, spread = one.pace, one.past, self._spread_after(one)
        key = (pace.zone, pace.own, pace.joined, pace.spread, spread, past.texted, past.settled)
        if key not in self._both:
            before = self.before.of(pace, past) if self.before else ()
            self._both[key] = before, self.after.of(self.pace_after(one), past)
        return self._both[key]

    def pace_after(self, one: Enrolled | Person) -> Pace:
        """Somebody's pace once the draft is published: their minutes of spread may be others."""
        spread = self._spread_after(one)
        return one.pace if spread == one.pace.spread else replace(one.pace, spread=spread)

    def _spread_after(self, one: Enrolled | Person) -> int:
        if not self.after.changed:
            return one.pace.spread
        return spread_minutes(one.id, self.after.programme.cadence.spread)

    @property
    def by_joining(self) -> bool:
        tables = [self.after, *([self.before] if self.before else [])]
        return any(table.programme.cadence.needs_joining for table in tables)


def preview(
    session: Session,
    programme_id: int,
    draft: Programme,
    *,
    rules: TextingRules,
    hours: WorkingHours,
    now: datetime,
    pick: int | None = None,
    weeks: int = WEEKS,
    names: bool = True,
) -> Preview:
    """What publishing `draft` now would do to the people on a programme. Nothing is written.

    Without `names` it is for somebody who sees no residents, and nobody is named in it.
    """
    change = _change(session, programme_id, draft, rules, now, weeks)
    today = _today(hours.zone, now)
    everybody = cadence_people.everybody(
        session, programme_id, today=today - LOOK_BACK, by_joining=change.by_joining, now=now
    )
    coming = [(one, *change.both(one)) for one in everybody]
    merged = _merged(coming)
    capped = _capped(session, programme_id, change, coming, rules, now, today)
    chosen = _chosen(session, programme_id, coming, pick)
    people = cadence_people.persons(session, programme_id, chosen, today=today - LOOK_BACK, now=now)
    return Preview(
        people=len(everybody),
        silent=sum(not one.gets_texts for one in everybody),
        moves_dates=change.after.changed,
        shown=tuple(
            _shown(change, people[id_] if names else _unnamed(people[id_]), why, rules)
            for id_, why in chosen.items()
            if id_ in people
        ),
        moves=_moves(merged),
        weeks=_weeks(merged, capped, today, weeks, ZoneInfo(hours.zone)),
        notes=_notes(merged),
        hours=_hours(merged, hours),
        segments=_segments(draft),
        price=rules.price,
        not_on_it=pick is not None and pick not in people,
    )


def movers(
    session: Session,
    programme_id: int,
    draft: Programme,
    size: Move,
    *,
    rules: TextingRules,
    zone: str,
    now: datetime,
    most: int,
) -> tuple[int, dict[int, str]]:
    """How many people's next text makes a move of this size, and the names of the first of them."""
    change = _change(session, programme_id, draft, rules, now, WEEKS)
    everybody = cadence_people.everybody(
        session,
        programme_id,
        today=_today(zone, now) - LOOK_BACK,
        by_joining=change.by_joining,
        now=now,
    )
    ids = [one.id for one in everybody if _move(*change.both(one)) is size]
    return len(ids), cadence_people.names(session, ids[:most])


def dates_of(
    session: Session,
    programme_id: int,
    resident_id: int,
    own: Override,
    *,
    rules: TextingRules,
    zone: str,
    now: datetime,
    most: int = 6,
) -> tuple[Dates, Dates]:
    """The next dates of one person as they are, and as they would be with `own`. Writes nothing."""
    first = _today(zone, now) - LOOK_BACK
    found = cadence_people.persons(session, programme_id, [resident_id], today=first, now=now)
    programme = programmes.by_id(session, [programme_id]).get(programme_id)
    if programme is None or resident_id not in found:
        return (), ()
    person = found[resident_id]
    days = 7 * 52
    before = Timetable(programme, rules.calendar, now, days).of(person.pace, person.past)
    pace = replace(person.pace, own=own.to_text())
    changed = pace.own != person.pace.own
    after = Timetable(programme, rules.calendar, now, days, changed).of(pace, person.past)
    return before[:most], after[:most]


def _change(
    session: Session,
    programme_id: int,
    draft: Programme,
    rules: TextingRules,
    now: datetime,
    weeks: int,
) -> _Change:
    published = programmes.by_id(session, [programme_id]).get(programme_id)
    changed = published is None or (published.cadence.revision() != draft.cadence.revision())
    days = 7 * weeks
    before = Timetable(published, rules.calendar, now, days) if published else None
    return _Change(before, Timetable(draft, rules.calendar, now, days, changed))


def _today(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True)
class _Alike:
    """People whose dates fall together both before and after."""

    zone: str
    before: Dates
    after: Dates
    people: int


def _merged(coming: Iterable[Coming]) -> list[_Alike]:
    people: Counter[tuple[str, int, int]] = Counter()
    dates: dict[tuple[str, int, int], tuple[Dates, Dates]] = {}
    for one, before, after in coming:
        key = (one.pace.zone, id(before), id(after))
        dates[key] = (before, after)
        people[key] += 1
    return [_Alike(key[0], *dates[key], count) for key, count in people.items()]


def _goes(dates: Dates) -> Iterator[Occurrence]:
    return (one for one in dates if one.skipped is None)


def _move(before: Dates, after: Dates) -> Move:
    """The move of the next text."""
    was, comes = (next((one.local for one in _goes(dates)), None) for dates in (before, after))
    return move(was, comes)


def _moves(merged: Iterable[_Alike]) -> dict[Move, int]:
    counts: Counter[Move] = Counter()
    for alike in merged:
        counts[_move(alike.before, alike.after)] += alike.people
    return {size: counts[size] for size in Move if counts[size]}


def _weeks(
    merged: Iterable[_Alike], capped: Mapping[int, int], today: date, weeks: int, zone: ZoneInfo
) -> tuple[Week, ...]:
    before: Counter[int] = Counter()
    after: Counter[int] = Counter()
    for alike in merged:
        for count, dates in ((before, alike.before), (after, alike.after)):
            for one in _goes(dates):
                count[(one.due.astimezone(zone).date() - today).days // 7] += alike.people
    return tuple(
        Week(today + nth * WEEK, before[nth], after[nth], capped.get(nth, 0))
        for nth in range(weeks)
    )


def _notes(merged: Iterable[_Alike]) -> tuple[Note, ...]:
    """A sentence a date and reason: people of another spread share that of the largest group."""
    people: Counter[tuple[date, str]] = Counter()
    said: dict[tuple[date, str], tuple[int, str, bool]] = {}
    for alike in merged:
        for one in alike.after:
            sentence = one.skipped or one.moved
            if sentence is None:
                continue
            key = (one.date, _CLOCK.sub("", sentence.partition(", because ")[2]))
            people[key] += alike.people
            told = (alike.people, sentence, one.skipped is not None)
            said[key] = max(said.get(key, told), told)
    return tuple(
        Note(key[0], said[key][1], count, said[key][2]) for key, count in sorted(people.items())
    )


def _hours(merged: Iterable[_Alike], hours: WorkingHours) -> tuple[Hour, ...]:
    zone = ZoneInfo(hours.zone)
    due: Counter[datetime] = Counter()
    for alike in merged:
        for one in _goes(alike.after):
            due[one.due] += alike.people
    texts: Counter[int] = Counter()
    unread: Counter[int] = Counter()
    for at, people in due.items():
        hour = at.astimezone(zone).hour
        texts[hour] += people
        if not (hours.open_at(at) and hours.open_at(at + A_WHILE)):
            unread[hour] += people
    return tuple(Hour(hour, texts[hour], unread[hour]) for hour in sorted(texts))


def _segments(programme: Programme) -> int:
    """What the longest text of a check-in takes, in any language, with long names."""
    languages = {language for item in programme.items for language in item.wording}
    return max(
        SmsText(
            fold(programme.text_for(number, language, name=LONG_NAME, sender=LONG_SENDER))
        ).segments
        for language in languages
        for number in range(1, MOST_WORDINGS + 1)
    )


def _capped(
    session: Session,
    programme_id: int,
    change: _Change,
    coming: Iterable[Coming],
    rules: TextingRules,
    now: datetime,
    today: date,
) -> dict[int, int]:
    """How many people meet the cap in which of the weeks, all their programmes together."""
    others = {one.id: one for one in programmes.active(session) if one.id != programme_id}
    tables = {
        id_: Timetable(one, rules.calendar, now, change.after.days) for id_, one in others.items()
    }
    joining = [id_ for id_, one in others.items() if one.cadence.needs_joining]
    elsewhere = cadence_people.elsewhere(
        session, programme_id, today=today - LOOK_BACK, joining=joining
    )
    had = cadence_people.recent(session, programme_id, since=now - MONTH)
    people: Counter[tuple[object, ...]] = Counter()
    contacts: dict[tuple[object, ...], tuple[str, Moments, list[Dates]]] = {}
    for one, _, after in coming:
        there = [way for way in elsewhere.get(one.id, ()) if way.programme_id in tables]
        dates = [tables[way.programme_id].of(way.pace, Past()) for way in there]
        dates.append(after)
        before = had.get(one.id, ())
        key = (one.pace.zone, before, *map(id, dates))
        contacts[key] = (one.pace.zone, before, dates)
        people[key] += 1
    weeks: Counter[int] = Counter()
    for key, (zone, before, dates) in contacts.items():
        for nth in _weeks_over(rules.cap, zone, before, dates, today):
            weeks[nth] += people[key]
    return dict(weeks)


def _weeks_over(
    cap: Cap, zone: str, had: Moments, coming: Iterable[Dates], today: date
) -> set[int]:
    """The weeks in which a text would be one too many, as sending decides them one by one."""
    sent, over, local = list(had), set[int](), ZoneInfo(zone)
    for at in sorted(one.due for dates in coming for one in _goes(dates)):
        if cap.why_capped(sent, zone, at):
            over.add((at.astimezone(local).date() - today).days // 7)
        else:
            sent.append(at)
    return over


def _chosen(
    session: Session,
    programme_id: int,
    coming: Sequence[Coming],
    pick: int | None,
) -> dict[int, str]:
    """Up to three people who differ, and the one who was picked, each with why they are shown.

    An ordinary one, one with a pace or a zone of their own, the one who joined last; where that is
    fewer than three people, those whose next text comes soonest.
    """
    texted = [one for one, *_ in coming if one.gets_texts]
    chosen: dict[int, str] = {} if pick is None else {pick: "The person you chose"}
    zones = Counter(one.pace.zone for one in texted).most_common(1)
    usual = zones[0][0] if zones else ""
    plain = (one.id for one in texted if one.pace.zone == usual and not one.pace.own)
    own = (one.id for one in texted if one.pace.own)
    away = (one.id for one in texted if one.pace.zone != usual)
    ways: list[tuple[str, Iterator[int]]] = [
        ("An ordinary one", plain),
        ("Has a pace of their own", own),
        ("Lives in another time zone", away),
        ("Joined last", iter(cadence_people.newest(session, programme_id, SHOWN + 1))),
        ("Has the next text first", iter(_soonest(coming))),
    ]
    most = SHOWN + len(chosen)
    for why, ids in ways:
        found = next((id_ for id_ in ids if id_ not in chosen), None)
        if found is not None and len(chosen) < most:
            chosen[found] = why
    return chosen


def _soonest(coming: Iterable[Coming]) -> list[int]:
    """The people whose next text comes first, one a moment, so that they differ."""
    first: dict[datetime, int] = {}
    for one, _, after in coming:
        due = next((each.due for each in _goes(after)), None)
        if due is not None and one.gets_texts:
            first.setdefault(due, one.id)
    return [first[at] for at in sorted(first)]


def _unnamed(person: Person) -> Person:
    return replace(person, name="", known_as="Name")


def _shown(change: _Change, person: Person, why: str, rules: TextingRules) -> Shown:
    before, after = change.both(person)
    texts = [
        _text(change.after.programme, planned, person, rules)
        for planned in change.after.planned(change.pace_after(person), person.past)
        if planned.occurrence.skipped is None
    ]
    own = Override.from_text(person.pace.own)
    return Shown(person, why, own, tuple(_pairs(before, after)), tuple(texts))


def _text(programme: Programme, planned: Planned, person: Person, rules: TextingRules) -> Text:
    sms = SmsText(
        fold(
            programme.text_for(
                planned.number,
                person.language,
                name=person.known_as,
                sender=person.sender,
                part=planned.part,
            )
        )
    )
    return Text(planned, sms, rules.cost(sms.segments))


def _pairs(before: Dates, after: Dates) -> Iterator[Pair]:
    """Old and new texts side by side, those of one calendar week together."""
    weeks: dict[tuple[int, int], tuple[list[Occurrence], list[Occurrence]]] = {}
    for place, dates in enumerate((before, after)):
        for one in dates:
            week = one.date.isocalendar()[:2]
            weeks.setdefault(week, ([], []))[place].append(one)
    for _, (old, new) in sorted(weeks.items()):
        yield from sorted(_in_a_week(old, new), key=_first_date)


def _in_a_week(old: Sequence[Occurrence], new: Sequence[Occurrence]) -> Iterator[Pair]:
    """Those of one date belong together; what is left, in its order."""
    stay = {one.date for one in old} & {one.date for one in new}
    kept = {one.date: one for one in new if one.date in stay}
    yield from (Pair(one, kept[one.date]) for one in old if one.date in stay)
    left = ([one for one in dates if one.date not in stay] for dates in (old, new))
    yield from (Pair(was, comes) for was, comes in zip_longest(*left))


def _first_date(pair: Pair) -> date:
    return min(one.date for one in (pair.before, pair.after) if one)
