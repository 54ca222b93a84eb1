"""The town's last weeks, lived through: the real services run with a clock that is moved.

Texts are planned, sent and delivered, people answer, answers are read, flags are raised and staff
deal with them, moment by moment up to now. Nothing that the service would find out by itself is
written by hand. It refuses to reach anybody: texts land on the simulated phones only, and alerts to
staff are marked as sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.attempt import Meaning, Outcome, Outgoing, Result
from connector.domain.cadence import spread_minutes
from connector.domain.calendar import Calendar
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.flag import Flag
from connector.domain.flag import Outcome as Happened
from connector.domain.programme import Programme
from connector.domain.promise import Promise
from connector.domain.reply import Inbound
from connector.domain.resident import Resident
from connector.domain.rota import Member
from connector.domain.signals import Signal, SignalKind
from connector.services import (
    casework,
    dispatch,
    enrolment,
    inbound,
    planning,
    reading_list,
    silence,
    triage,
)
from connector.services.flagging import Noticed, raise_or_join
from connector.store import (
    alerts,
    attempts,
    check_ins,
    flags,
    phones,
    programmes,
    residents,
    texting_rules,
    views,
)
from connector.store import reading_list as to_read
from connector.town.agenda import Agenda
from connector.town.people import (
    LINES,
    NOTES,
    PEOPLE,
    WORDS_READ_OUT,
    Group,
    Handled,
    Person,
    Turn,
    number_of,
)
from connector.wiring import Wiring

WEEKS = 11
BATCH = 500
HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
WEEK = timedelta(weeks=1)
LATELY = timedelta(days=5)
"""Flags since so long before the last check-in are as the people's story says; older are done."""
FIRST_TEXT_AFTER = timedelta(seconds=40)
READ_BY = timedelta(hours=3)
"""Texts that have to be read sooner than so long after now have been read."""
NEXT_TEXT_AFTER = timedelta(minutes=2)
SEED = 7_700_900


@dataclass(frozen=True, slots=True)
class Town:
    """What the story is told with: programmes by group or key, staff by first name, the last
    date on which each group was asked.
    """

    programmes: Mapping[str, Programme]
    staff: Mapping[str, Member]
    last_asked: Mapping[Group, date]


@dataclass
class Story:
    """One run through the weeks before `now`, in the caller's transaction."""

    session: Session
    wiring: Wiring
    town: Town
    now: datetime
    who: dict[int, Person] = field(default_factory=dict)
    _agenda: Agenda = field(default_factory=Agenda)
    _asked: set[int] = field(default_factory=set)
    _seen: set[int] = field(default_factory=set)
    _chance: Random = field(default_factory=lambda: Random(SEED))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.wiring.settings.zone)

    @property
    def _lately(self) -> datetime:
        last = datetime.combine(self.town.last_asked[Group.MOST], time(0), self.zone)
        return last - LATELY

    def run(self) -> None:
        """Live through everything up to now, and leave the next days planned."""
        start = self._at(self.now - WEEKS * WEEK, time(9))
        for position, person in enumerate(PEOPLE):
            self._enter(position, person, start)
        while self._happens_by(start):
            self._agenda.step()
        self._first_texts()
        self._plans(start)
        while self._next():
            pass
        self._plan(self.now)
        self._alerts_are_old()

    # Who comes in.

    def _enter(self, position: int, person: Person, start: datetime) -> None:
        joined = max(self._at(self.now - person.joined * WEEK, time(9)), start)
        self._agenda.on(min(joined, self.now - HOUR), partial(self._enrol, position, person))
        for before, words in person.wrote:
            self._agenda.on(self.now - before, partial(self._write, position, words))

    def _enrol(self, position: int, person: Person, at: datetime) -> None:
        connector = self.town.staff[person.connector]
        invited = person.turn is Turn.INVITED
        state = AgreementState.INVITED if invited else AgreementState.GIVEN
        resident = Resident(
            id=0,
            given_name=person.given_name,
            family_name=person.family_name,
            known_as=person.known_as or person.given_name,
            number=number_of(position),
            language=person.language,
            zone=self.wiring.settings.zone,
            connector_id=connector.id,
            agreement=state,
            needs=person.needs,
            likes=person.likes,
            no_answer=person.no_answer,
        )
        how = How.BY_PHONE if position % 3 == 2 else How.IN_PERSON
        agreement = AgreementEvent(state, at, how, WORDS_READ_OUT, connector.id)
        keys = (person.group.value, *([person.prompts] if person.prompts else []))
        ids = [self.town.programmes[key].id for key in keys]
        on = at.astimezone(self.zone).date()
        id_ = enrolment.enrol(self.session, resident, agreement, ids, on=on, now=at)
        self.who[id_] = person
        if person.turn is Turn.PAUSED:
            self._agenda.on(
                self._at_work(self.now - 3 * WEEK), partial(self._pause, id_, connector)
            )
        if at > self.now - WEEKS * WEEK + DAY:
            self._agenda.on(at, self._plan)

    def _pause(self, resident_id: int, connector: Member, at: datetime) -> None:
        words = "Shall I stop the texts while you are away?"
        event = AgreementEvent(AgreementState.PAUSED, at, How.BY_PHONE, words, connector.id)
        residents.agree(self.session, resident_id, event)

    # What the service does.

    def _first_texts(self) -> None:
        """The texts that arrive soon after a start, one after another; planned before all else."""
        self._open_now()
        programme = self.town.programmes[Group.TODAY.value]
        today = self.now.astimezone(self.zone).date()
        number, day = next(programme.cadence.nominal(today))
        ids = [id_ for id_, person in self.who.items() if person.group is Group.TODAY]
        slots = {}
        for nth, id_ in enumerate(ids):
            due = self.now + FIRST_TEXT_AFTER + nth * NEXT_TEXT_AFTER
            spread = spread_minutes(id_, programme.cadence.spread)
            slots[spread] = check_ins.Slot(
                zone=self.zone.key,
                own="",
                joined=None,
                spread=spread,
                occurrence=day,
                number=number,
                due_at=due,
                expires_at=due + programme.timely_for,
                clear_since=due,
            )
        check_ins.plan(
            self.session,
            programme.id,
            list(slots.values()),
            revision=programme.cadence.revision(),
            by_joining=False,
            fresh=True,
            spaced=True,
        )

    def _open_now(self) -> None:
        """Whoever looks at night or on a holiday sees texts as well: nobody's phone rings here."""
        rules = texting_rules.load(self.session, self.wiring.calendar)
        first = (self.now + FIRST_TEXT_AFTER).astimezone(self.zone)
        if rules.calendar.why_not(first) is not None:
            always = replace(rules, calendar=Calendar(sundays=True))
            texting_rules.save(self.session, always, edits=0, by=None, now=self.now)

    def _plans(self, start: datetime) -> None:
        """As seldom as planning looks ahead: each plan costs the same however little is new."""
        at = start
        while at < self.now:
            self._agenda.on(at, self._plan)
            at += planning.AHEAD

    def _plan(self, at: datetime) -> None:
        for programme in programmes.active(self.session):
            planning.plan_programme(
                self.session, programme.id, calendar=self.wiring.calendar, now=at
            )

    def _send(self, at: datetime) -> None:
        channel = self.wiring.channel.name
        outgoing = dispatch.prepare(self.session, channel=channel, limit=BATCH, now=at)
        outcomes = [self._handed_over(text, at) for text in outgoing]
        arrived = {outcome.attempt_id for outcome in outcomes if outcome.arrived}
        landed = [text for text in outgoing if text.attempt_id in arrived]
        phones.put(self.session, landed, now=at)
        dispatch.record(self.session, outcomes, now=at)
        self._wait_for_answers(at)
        if len(arrived) < len(outgoing):
            self._look(at)

    def _handed_over(self, text: Outgoing, at: datetime) -> Outcome:
        """Everything arrives, but for a number that has gone dead in the last week."""
        if text.to in self._dead() and self.now - at < WEEK:
            dead = Meaning.NUMBER_DEAD
            return Outcome(text.attempt_id, Result.REFUSED, code="dead", meaning=dead)
        return Outcome(text.attempt_id, Result.ACCEPTED, f"TOWN{text.attempt_id.hex}", arrived=True)

    def _dead(self) -> set[str]:
        return {
            number_of(position)
            for position, person in enumerate(PEOPLE)
            if person.turn is Turn.NUMBER_DEAD
        }

    def _wait_for_answers(self, at: datetime) -> None:
        for id_, asked in check_ins.last_asked(self.session, self.who, now=at).items():
            if asked.check_in_id in self._asked:
                continue
            self._asked.add(asked.check_in_id)
            person = self.who[id_]
            programme = self.town.programmes[person.group.value]
            self._agenda.once(_next_hour(at + programme.answer_within), self._close)
            words = self._answer(person, at)
            if person.good_news and at >= self._lately:
                self._agenda.on(at + 2 * HOUR, partial(self._pass_on, id_))
            if words:
                position = PEOPLE.index(person)
                delay = timedelta(minutes=self._chance.randint(3, 110))
                replied = at + delay
                if at >= self._lately and person.handled is Handled.LEFT:
                    replied = max(replied, self._just_now(at + programme.answer_within, delay))
                self._agenda.on(replied, partial(self._write, position, words))

    def _just_now(self, closes: datetime, delay: timedelta) -> datetime:
        """A little before now, while the answer still counts: what is to do is not overdue."""
        return min(self.now - timedelta(minutes=20) - delay, closes - HOUR)

    def _pass_on(self, resident_id: int, at: datetime) -> None:
        """A connector passes good news on: the service itself does not look for any yet."""
        person = self.who[resident_id]
        signal = Signal(
            SignalKind.GOOD, Promise.GOOD_NEWS, person.good_news, rule="passed on by a connector"
        )
        noticed = Noticed(resident_id, self.town.staff[person.connector].id, (signal,))
        raise_or_join(self.session, [noticed], hours=self.wiring.hours, now=at)
        self._look(at)

    def _close(self, at: datetime) -> None:
        silence.notice(self.session, limit=BATCH, hours=self.wiring.hours, now=at)
        self._look(at)

    def _read(self, at: datetime) -> None:
        triage.triage(self.session, self.wiring.reader, limit=BATCH, now=at)
        self._look(at)
        self._agenda.once(self._at_work(at + HOUR), self._read_list)

    # What people do.

    def _answer(self, person: Person, at: datetime) -> str | None:
        """What somebody writes back to the text of `at`; None for nothing."""
        days = (self.town.last_asked[person.group] - at.astimezone(self.zone).date()).days
        ago = round(days / 7)
        if 0 <= ago < len(person.says):
            return person.says[-1 - ago]
        if self._chance.random() < 0.06:
            return None
        figure = min(10, person.usual + self._chance.choice((-1, 0, 0, 0, 0, 1)))
        kind = "low" if figure < 6 else "middle" if figure < 8 else "high"
        return self._chance.choice(LINES[kind]).replace("{n}", str(figure))

    def _write(self, position: int, words: str, at: datetime) -> None:
        id_ = f"TOWN{position}-{int(at.timestamp())}"
        text = Inbound(self.wiring.channel.name, id_, number_of(position), "town", words)
        inbound.receive(self.session, text, now=at)
        soon = at if at >= self._lately else min(_next_hour(at), self.now)
        self._agenda.once(soon, self._read)

    # What staff do.

    def _look(self, at: datetime) -> None:
        """Staff find the flags that are new."""
        for resident_id, flag in flags.lock_open(self.session, self.who).items():
            if flag.id not in self._seen:
                self._seen.add(flag.id)
                self._deal_with(flag, self.who[resident_id], at)

    def _read_list(self, at: datetime) -> None:
        """Staff read what people wrote, but for what a newcomer may still take their time over."""
        for text in to_read.waiting(self.session, limit=BATCH):
            if text.due_at is None or text.due_at <= self.now + READ_BY:
                by = self.town.staff[self.who[text.resident_id].connector]
                reading_list.seen(self.session, text.reply_id, by=by, now=at)

    def _deal_with(self, flag: Flag, person: Person, at: datetime) -> None:
        handled = person.handled if at >= self._lately else Handled.FINISHED
        if handled is Handled.LEFT:
            return
        by = self.town.staff[person.connector]
        taken = self._at_work(at + timedelta(minutes=15))
        self._agenda.on(taken, partial(self._take, flag, by))
        if handled is Handled.FINISHED:
            self._agenda.on(taken + timedelta(minutes=35), partial(self._finish, flag, by))
        elif handled is Handled.WAITING:
            self._agenda.on(taken + timedelta(minutes=20), partial(self._wait, flag, by))

    def _take(self, flag: Flag, by: Member, at: datetime) -> None:
        casework.take(self.session, flag.id, by=by, now=at)

    def _finish(self, flag: Flag, by: Member, at: datetime) -> None:
        first = views.reasons(self.session, flag.id)[0].kind
        outcome, note = self._chance.choice(NOTES.get(first, NOTES[""]))
        casework.finish(self.session, flag.id, outcome, note, by=by, now=at)

    def _wait(self, flag: Flag, by: Member, at: datetime) -> None:
        note = "Rang twice. Out, her neighbour says, and back tomorrow."
        casework.log_contact(self.session, flag.id, Happened.NO_ANSWER, note, by=by, now=at)
        until = self._at_work(self._at(self.now + DAY, time(10)))
        casework.wait(self.session, flag.id, until, "Ring again.", by=by, now=at)

    def _alerts_are_old(self) -> None:
        """Nobody's phone is told of the past."""
        while queued := alerts.claim(self.session, BATCH, give_up_after=HOUR, now=self.now):
            alerts.sent(self.session, [alert.id for alert in queued])

    # Time.

    def _next(self) -> bool:
        """Do what happens next, a send when texts are due first. False when now is reached."""
        sending = self._next_send()
        if sending is not None and not self._happens_by(sending - MOMENT):
            self._send(sending)
            return True
        if self._happens_by(self.now):
            self._agenda.step()
            return True
        return False

    def _happens_by(self, moment: datetime) -> bool:
        first = self._agenda.first
        return first is not None and first <= moment

    def _next_send(self) -> datetime | None:
        """Check-ins go out by the half hour, so that a week takes few steps; answers at once."""
        planned, queued = check_ins.oldest_due(self.session), attempts.oldest_due(self.session)
        due = [min(_next_half_hour(planned), self.now)] if planned and planned <= self.now else []
        return min([*due, *([queued] if queued and queued <= self.now else [])], default=None)

    def _at(self, day: datetime, clock: time) -> datetime:
        local = day.astimezone(self.zone)
        return datetime.combine(local.date(), clock, self.zone).astimezone(self.now.tzinfo)

    def _at_work(self, at: datetime) -> datetime:
        return self.wiring.hours.next_opening(at).astimezone(self.now.tzinfo)


def _next_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + HOUR


def _next_half_hour(at: datetime) -> datetime:
    whole = at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)
    return at if whole == at else whole + HALF_HOUR
