"""Why somebody was, or was not, texted: a situation before, and the sentence that the page says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, update

from connector.domain.attempt import (
    AttemptState,
    Meaning,
    Outcome,
    Outgoing,
    Purpose,
    Receipt,
    Result,
)
from connector.domain.cadence import Cadence, Override, Taper, Weekday
from connector.domain.calendar import (
    NIGHT,
    Calendar,
    DayOverride,
    Nation,
    QuietHours,
    WhenClosed,
)
from connector.domain.caps import Cap
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.errors import Invalid, NotFound
from connector.domain.programme import Part, Programme, ProgrammeKind, one_item
from connector.domain.question import OPEN
from connector.domain.texting_rules import TextingRules
from connector.services import explaining, receipts, switch
from connector.services.explaining import Day, Kind, Timeline
from connector.store import attempts, programmes, residents, staff, versions
from connector.store.attempts import NewAttempt
from connector.store.base import Base
from connector.store.tables import (
    AbsenceRow,
    CheckInRow,
    EnrolmentRow,
    FlagRow,
    ProgrammeRow,
    ProgrammeVersionRow,
    ReplyRow,
    ResidentRow,
)
from tests.conftest import NOON
from tests.fakes import accepted, arrived, unknown
from tests.makers import EVERY_DAY, SCALE, Loop, a_member, a_programme, a_resident

MON, WED = Weekday.MON, Weekday.WED
TODAY = NOON.date()  # a Tuesday
TOMORROW = date(2026, 11, 25)
NEXT_WEEK = date(2026, 12, 2)
NOTHING: Mapping[str, Any] = {}
ENGLAND = Calendar(nation=Nation.ENGLAND, quiet=NIGHT)


@dataclass
class Stage:
    """Sara, who is on a programme of Wednesdays at ten from the 23rd of November on."""

    loop: Loop
    rules: TextingRules = field(default_factory=lambda: TextingRules(ENGLAND))
    programme: int = 0
    who: int = 0

    def joins(
        self,
        *,
        joined: bool = True,
        days: tuple[Weekday, ...] = (WED,),
        at: time = time(10),
        starts_on: date = date(2026, 11, 23),
        cadence: Cadence | None = None,
        person: Mapping[str, Any] = NOTHING,
        **parts: Any,
    ) -> None:
        """Sara comes, and is on the programme unless said otherwise; it is planned."""
        when = cadence or Cadence(days, at, starts_on, spread=0)
        kind = parts.pop("kind", ProgrammeKind.CHECK_IN)
        question = SCALE if kind is ProgrammeKind.CHECK_IN else OPEN
        words = {"en": ("Hi {name}, how have things been, 0 to 10? {sender}",)}
        made = Programme(0, "Weekly check-in", kind, when, one_item(question, words), **parts)
        with self.loop.wiring.transaction() as session:
            priya = a_member(session)
            self.programme = programmes.add(session, made)
            on = [self.programme] if joined else []
            self.who = a_resident(
                session, *on, connector_id=priya.id, now=self.loop.clock(), **person
            )
        self.loop.plan()

    def another(self, **changes: Any) -> int:
        """Sara is on a second programme as well."""
        with self.loop.wiring.transaction() as session:
            second = a_programme(session, **{"name": "Walks", "days": (WED,), **changes})
            programmes.enrol(session, second, [self.who], on=TODAY - timedelta(days=1))
        self.loop.plan()
        return second

    def passes(self, **span: float) -> None:
        """Time goes by, and what is due goes out."""
        self.loop.clock.forward(**span)
        self.loop.send()

    def goes_to(self, day: date, at: time = time(10)) -> None:
        """It is that moment now, and what is due then has gone out."""
        self.loop.clock.now = datetime.combine(day, at, NOON.tzinfo)
        self.loop.send()

    def agrees(self, state: AgreementState, how: How = How.BY_PHONE, *, by: bool = True) -> None:
        with self.loop.wiring.transaction() as session:
            priya = next(iter(staff.members(session))).id if by else None
            event = AgreementEvent(state, self.loop.clock(), how, "", priya)
            residents.agree(session, self.who, event)

    def change(self, row: type[Any], **values: Any) -> None:
        """Something about Sara's rows is otherwise."""
        with self.loop.wiring.transaction() as session:
            owner = row.id if row is ResidentRow else row.resident_id
            session.execute(update(row).where(owner == self.who).values(**values))

    def change_programme(self, row: type[Any], **values: Any) -> None:
        with self.loop.wiring.transaction() as session:
            owner = row.id if row is ProgrammeRow else row.programme_id
            session.execute(update(row).where(owner == self.programme).values(**values))

    def stops_everything(self, why: str = "wrong words went out") -> None:
        with self.loop.wiring.transaction() as session:
            switch.stop(session, why, by=None, now=self.loop.clock())

    def lifts(self) -> None:
        with self.loop.wiring.transaction() as session:
            switch.lift(session, by=None, now=self.loop.clock())

    def queue(self, purpose: Purpose, body: str, *, hours: float = 0, **more: Any) -> None:
        now = self.loop.clock()
        due = now + timedelta(hours=hours)
        text = NewAttempt(self.who, purpose, body, due, due + timedelta(hours=4), **more)
        with self.loop.wiring.transaction() as session:
            attempts.add_many(session, [text], channel="fake", now=now)

    def is_away(self) -> None:
        """Sara is away for a week from today; an earlier absence is over."""
        today = self.loop.clock().date()
        self.change(AbsenceRow, ended_at=self.loop.clock())
        row = AbsenceRow(
            resident_id=self.who, kind="away", starts_on=today, made_at=self.loop.clock(),
            ends_on=today + timedelta(days=7),
        )  # fmt: skip
        with self.loop.wiring.transaction() as session:
            session.add(row)

    def hears_back(self, state: AttemptState, meaning: Meaning = Meaning.NONE) -> None:
        """The network says what became of the last text."""
        last = self.loop.channel.handed[-1].attempt_id
        with self.loop.wiring.transaction() as session:
            receipts.record(session, Receipt(last, state, meaning=meaning), now=self.loop.clock())

    def explain(self, day: date) -> Day:
        with self.loop.wiring.reading() as session:
            return explaining.explain(
                session, self.who, day, rules=self.rules, now=self.loop.clock()
            )

    def timeline(self, **weeks: int) -> Timeline:
        with self.loop.wiring.reading() as session:
            return explaining.timeline(
                session, self.who, rules=self.rules, now=self.loop.clock(), **weeks
            )


@pytest.fixture
def stage(loop: Loop) -> Stage:
    return Stage(loop)


def told(day: Day) -> str:
    """All that the page says, as one text."""
    lines = [" ".join((line.title, *line.sentences, line.body)) for line in day.lines]
    return "\n".join([day.answer, *day.reasons, *lines])


def refused(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.REFUSED, code="x", meaning=Meaning.BLOCKED)


Before = Callable[[Stage], date | None]
SITUATIONS: list[Any] = []


def says(*sentences: str) -> Callable[[Before], Before]:
    """A situation: the state before, the day it is asked about, and what the page says."""

    def keep(before: Before) -> Before:
        name = before.__name__.replace("_", " ")
        SITUATIONS.append(pytest.param(before, sentences, id=name))
        return before

    return keep


# It went


@says(
    "Yes: 1 text went to Sara, a check-in.",
    "Sara is on Weekly check-in (every Wednesday at 10:00). This is text 1 of it,"
    " in the words of version 1.",
    "It was due at 10:00, and was decided and handed over at 10:00.",
    "The network has taken it and has not said yet whether it arrived.",
    "Hi Sara, how have things been, 0 to 10? Priya",
)
def it_went(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW)
    return TOMORROW


@says("It was due at 10:00, and was decided and handed over at 12:30.")
def it_went_late(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW, time(12, 30))
    return TOMORROW


@says("It arrived at 10:02.", "No answer yet. One counts until Saturday 28 November 2026 at 10:00.")
def it_arrived(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW)
    s.loop.clock.forward(minutes=2)
    s.hears_back(AttemptState.DELIVERED)
    return TOMORROW


@says("It arrived.")
def it_arrived_on_a_channel_that_knows_at_once(s: Stage) -> date:
    s.loop.channel.answer = arrived
    s.joins()
    s.goes_to(TOMORROW)
    return TOMORROW


@says("The provider never said whether it took this text.", "Yes: 1 text went")
def nobody_knows_whether_it_left(s: Stage) -> date:
    s.loop.channel.answer = unknown
    s.joins()
    s.goes_to(TOMORROW)
    return TOMORROW


@says("It did not arrive: the phone was off or out of reach.", "It is tried once more at 10:")
def the_phone_was_off(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW)
    s.hears_back(AttemptState.UNDELIVERED, Meaning.PHONE_OFF)
    return TOMORROW


@says(
    "No: no text has gone to Sara.",
    "It could not be sent: the phone or its network refuses our texts.",
)
def it_was_refused(s: Stage) -> date:
    s.loop.channel.answer = refused
    s.joins()
    s.goes_to(TOMORROW)
    return TOMORROW


@says(
    "Sara answered at 10:05.",
    "Sara wrote Taken as the answer 7 to Weekly check-in, text 1. 7",
)
def it_was_answered(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW)
    s.loop.clock.forward(minutes=5)
    s.loop.says("7")
    return TOMORROW


@says("Sara did not answer in the time for it.")
def it_was_not_answered(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW)
    s.loop.clock.forward(days=4)
    s.loop.close()
    return TOMORROW


@says("It came late: kept and shown, and never counted as that day’s answer.")
def a_late_answer(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW)
    s.loop.says("7")
    s.change(ReplyRow, late=True)
    return TOMORROW


@says("Yes: 1 text went to Sara, a prompt.")
def a_prompt_went(s: Stage) -> date:
    s.joins(kind=ProgrammeKind.PROMPT)
    s.goes_to(TOMORROW)
    return TOMORROW


@says("Yes: 2 texts went to Sara, a check-in and an automatic answer.", "An automatic answer to")
def an_automatic_answer_went_as_well(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW)
    s.queue(Purpose.ANSWER, "Thank you, Sara")
    s.passes(minutes=1)
    return TOMORROW


@says(
    "Yes: 1 text went to Sara, a notice.",
    "A notice that staff wrote to a group of people.",
    "The office is closed",
)
def a_notice_went(s: Stage) -> date:
    s.joins(joined=False)
    s.queue(Purpose.NOTICE, "The office is closed")
    s.passes(minutes=1)
    return TODAY


@says("Yes: 1 text went to Sara, a text written by a person.", "Written by a person.")
def a_text_by_a_person_went(s: Stage) -> date:
    s.joins(joined=False)
    s.queue(Purpose.STAFF, "Shall I ring at three?")
    s.passes(minutes=1)
    return TODAY


@says("Sent because Sara answered: the next text of the same check-in.")
def the_next_question_went(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW)
    with s.loop.wiring.reading() as session:
        first = session.query(CheckInRow).filter(CheckInRow.attempted_at.is_not(None)).one().id
    s.queue(Purpose.ANSWER, "And how did you sleep?", check_in_id=first)
    s.passes(minutes=1)
    return TOMORROW


# It did not go, and it says why


@says("No: no text has gone to Sara.", "Not sent: texts are paused for this resident.")
def it_was_skipped_because_paused(s: Stage) -> date:
    s.joins()
    s.agrees(AgreementState.PAUSED)
    s.goes_to(TOMORROW)
    return TOMORROW


@says("Not sent: texts do not arrive at this number.", "Texts do not arrive at Sara’s number")
def it_was_skipped_because_the_number_is_dead(s: Stage) -> date:
    s.joins()
    s.change(ResidentRow, number_dead=True)
    s.goes_to(TOMORROW)
    return TOMORROW


@says("Not sent: it was due 8 hours ago, too long ago to be worth sending.")
def it_was_too_late(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW, time(18))
    return TOMORROW


@says("Not sent: the resident wrote to us in the last two hours.", "It answers no question of ours")
def they_had_just_written(s: Stage) -> date:
    s.joins()
    s.loop.clock.now = datetime.combine(TOMORROW, time(9), NOON.tzinfo)
    s.loop.says("lovely day today")
    s.goes_to(TOMORROW)
    return TOMORROW


@says("Not sent: a connector is in conversation with this resident.")
def somebody_was_talking_with_them(s: Stage) -> date:
    s.joins()
    s.loop.says("can you ring me please")
    s.change(FlagRow, state="taken")
    s.goes_to(TOMORROW)
    return TOMORROW


@says("Not sent; the reason was not written down at the time.")
def no_reason_was_kept(s: Stage) -> date:
    s.joins()
    s.change(CheckInRow, state="skipped")
    return TOMORROW


# None was due


@says("No: no text went to Sara.", "Sara was not with us yet: their record was made on Tuesday 24")
def before_they_came(s: Stage) -> date:
    s.joins()
    return date(2026, 11, 10)


@says("No: no text has gone to Sara.", "Sara is on no programme, so no text is due.")
def on_no_programme(s: Stage) -> date:
    s.joins(joined=False)
    return TODAY


@says(
    "Weekly check-in goes out every Wednesday at 10:00, and Tuesday 24 November 2026 is not one of"
    " its days. The next is on Wednesday 25 November 2026 at 10:00.",
)
def not_one_of_its_days(s: Stage) -> date:
    s.joins()
    return TODAY


@says("Weekly check-in goes out every Wednesday at 10:00, and Friday 27 November 2026 was not one")
def not_one_of_its_days_in_the_past(s: Stage) -> date:
    s.joins()
    s.goes_to(date(2026, 12, 9))
    return date(2026, 11, 27)


@says("Weekly check-in ended for Sara on Tuesday 24 November 2026.")
def it_had_ended(s: Stage) -> date:
    s.joins()
    s.change(EnrolmentRow, ended_on=TODAY)
    s.change(CheckInRow, state="skipped", due_at=NOON - timedelta(days=30))
    return date(2026, 11, 27)


@says("Sara comes onto Weekly check-in on Wednesday 2 December 2026.")
def they_come_onto_it_later(s: Stage) -> date:
    s.joins(days=EVERY_DAY)
    with s.loop.wiring.transaction() as session:
        session.query(CheckInRow).delete()
    s.change(EnrolmentRow, started_on=NEXT_WEEK)
    return TOMORROW


@says("Weekly check-in begins on Wednesday 2 December 2026.")
def it_begins_later(s: Stage) -> date:
    s.joins(starts_on=NEXT_WEEK)
    return TOMORROW


@says("Weekly check-in is switched off, so it texts nobody.")
def it_is_switched_off(s: Stage) -> date:
    s.joins()
    s.change_programme(ProgrammeRow, active=False)
    return TODAY


@says("Walks has not been published, so it texts nobody.")
def it_is_only_a_draft(s: Stage) -> date:
    s.joins()
    with s.loop.wiring.transaction() as session:
        programme = programmes.by_id(session, [s.programme])[s.programme]
        unpublished = replace(programme, name="Walks")
        draft = versions.create(session, unpublished, by=None, now=s.loop.clock())
        session.execute(update(EnrolmentRow).values(programme_id=draft))
        session.query(CheckInRow).delete()
    return TODAY


@says("The settings of Walks cannot be read, so it texts nobody until they can.")
def it_cannot_be_read(s: Stage) -> date:
    s.joins()
    with s.loop.wiring.transaction() as session:
        row = ProgrammeRow(name="Walks", kind="check_in")
        session.add(row)
        session.flush()
        broken = {"content": {"nothing": "here"}, "state": "published", "number": 1}
        session.add(ProgrammeVersionRow(programme_id=row.id, made_at=NOON, **broken))
        session.add(EnrolmentRow(programme_id=row.id, resident_id=s.who, started_on=TODAY))
    return TODAY


@says("The time zone in Sara’s record is not known, so no text is planned until it is.")
def their_zone_is_not_known(s: Stage) -> date:
    s.joins()
    s.change(ResidentRow, zone="Atlantis/Capital")
    return TODAY


@says("Texts to Sara have been paused since Tuesday 24 November 2026 at 12:00 (by phone, written")
def paused_by_somebody(s: Stage) -> date:
    s.joins()
    s.agrees(AgreementState.PAUSED)
    return TODAY


@says(
    "Texts to Sara were paused from Tuesday 24 November 2026 at 12:00 until"
    " Friday 27 November 2026 at 12:00",
)
def paused_for_a_while(s: Stage) -> date:
    s.joins()
    s.agrees(AgreementState.PAUSED)
    s.loop.clock.forward(days=3)
    s.agrees(AgreementState.GIVEN)
    return date(2026, 11, 26)


@says("Sara was asked on Tuesday 24 November 2026 at 12:00 (in person, written down by Priya Nair)")
def not_agreed_yet(s: Stage) -> date:
    s.joins(person={"state": AgreementState.INVITED})
    return TODAY


@says("Sara stopped texts on Tuesday 24 November 2026 at 12:00 (by text).", "STOP came from it")
def stopped_by_text(s: Stage) -> date:
    s.joins()
    s.loop.says("STOP")
    return TOMORROW


@says("Sara stopped texts on Tuesday 24 November 2026 at 12:00 (at the phone company).")
def stopped_at_the_provider(s: Stage) -> date:
    s.joins()
    s.agrees(AgreementState.WITHDRAWN, How.AT_PROVIDER, by=False)
    return TODAY


@says(
    "Not yet: a text is planned for 10:00.",
)
def today_and_still_to_come(s: Stage) -> date:
    s.joins()
    s.goes_to(TOMORROW, time(8))
    return TOMORROW


# Holidays, Sundays and the switch


@says(
    "Weekly check-in: Moved from Friday 25 December 2026 at 10:00 to Tuesday 29 December 2026 at"
    " 10:00, because Christmas Day is a bank holiday in England",
)
def a_holiday_moved_it_away(s: Stage) -> date:
    s.joins(days=(Weekday.FRI,))
    return date(2026, 12, 25)


@says(
    "Yes: as things stand now, a text goes to Sara at 10:00.",
    "Moved from Friday 25 December 2026 at 10:00",
    "It is not planned yet: this is what planning will do by today’s settings."
    " Texts are planned until Tuesday 8 December 2026 so far.",
)
def a_holiday_moved_it_here(s: Stage) -> date:
    s.joins(days=(Weekday.FRI,))
    return date(2026, 12, 29)


@says("Skipped on Friday 25 December 2026 at 10:00, because Christmas Day is a bank holiday")
def a_holiday_skips_it(s: Stage) -> date:
    s.rules = TextingRules(Calendar(nation=Nation.ENGLAND, on_holiday=WhenClosed.SKIP))
    s.joins(days=(Weekday.FRI,))
    return date(2026, 12, 25)


@says("because the hall is being painted")
def a_day_closed_by_hand(s: Stage) -> date:
    closed = DayOverride(date(2026, 12, 16), is_open=False, why="the hall is being painted")
    s.rules = TextingRules(Calendar(overrides=(closed,)))
    s.joins()
    return date(2026, 12, 16)


@says("All texts to residents have been stopped since Tuesday 24 November 2026 at 12:00, because")
def everything_is_stopped(s: Stage) -> date:
    s.joins()
    s.stops_everything()
    return TODAY


@says("It was due at 10:00 and waits: all texts to residents have been stopped since Tuesday 24")
def it_waits_for_the_switch(s: Stage) -> date:
    s.joins()
    s.stops_everything()
    s.goes_to(TOMORROW, time(11))
    return TOMORROW


@says(
    "Not sent: it was due",
    "All texts to residents were stopped from Tuesday 24 November 2026 at 12:00 until"
    " Wednesday 25 November 2026 at 18:00, because: wrong words went out.",
)
def the_switch_made_it_too_late(s: Stage) -> date:
    s.joins()
    s.stops_everything()
    s.goes_to(TOMORROW, time(18))
    s.lifts()
    s.loop.send()
    return TOMORROW


@says("It was due at 10:00 and goes out with the next round.")
def it_is_due_this_minute(s: Stage) -> date:
    s.joins()
    s.loop.clock.now = datetime.combine(TOMORROW, time(10), NOON.tzinfo)
    return TOMORROW


@says("Sara is away from Tuesday 24 November 2026 until Tuesday 1 December 2026.")
def away_for_a_week(s: Stage) -> date:
    s.joins()
    s.is_away()
    return TOMORROW


# To come


@says(
    "Yes: as things stand now, a text goes to Sara at 10:00.",
    "As things stand now, it goes out.",
    "It is planned, and decided again at the moment of sending.",
    "Hi Sara, how have things been, 0 to 10? Priya",
)
def planned_and_would_go(s: Stage) -> date:
    s.joins()
    return TOMORROW


@says("It is not planned yet: this is what planning will do by today’s settings.", "text 11")
def projected_far_ahead(s: Stage) -> date:
    s.joins()
    return date(2027, 2, 3)


@says("No: as things stand now", "it would not go out: texts are paused for this resident.")
def planned_but_paused(s: Stage) -> date:
    s.joins()
    s.agrees(AgreementState.PAUSED)
    return TOMORROW


@says("it would not go out: texts do not arrive at this number.")
def planned_but_the_number_is_dead(s: Stage) -> date:
    s.joins()
    s.change(ResidentRow, number_dead=True)
    return TOMORROW


@says("it would not go out: a person is being asked to look now")
def planned_but_a_flag_is_due_now(s: Stage) -> date:
    s.joins()
    s.loop.says("i want to kill myself")
    return TOMORROW


@says("it would not go out: they will have had 1 text from us that day already.")
def planned_but_another_programme_takes_the_day(s: Stage) -> date:
    s.joins()
    s.another(at=time(11))
    return TOMORROW


@says("it would not go out: they will have had 2 texts from us within 7 days already.")
def planned_but_the_week_is_full(s: Stage) -> date:
    s.joins(days=EVERY_DAY)
    return date(2026, 11, 27)


@says(
    "Yes: as things stand now, a text goes to Sara at 11:00.",
    "because 10:00 falls in quiet hours (20:00 to 11:00)",
)
def planned_but_quiet_hours_have_changed(s: Stage) -> date:
    s.joins()
    s.rules = TextingRules(Calendar(quiet=QuietHours(time(20), time(11))))
    return TOMORROW


@says("it would not go out: 10:00 falls in quiet hours (20:00 to 18:00), and by the next allowed")
def planned_but_quiet_until_the_evening(s: Stage) -> date:
    s.joins()
    s.rules = TextingRules(Calendar(quiet=QuietHours(time(20), time(18))))
    return TOMORROW


@says("it would not go out: the days or times of the programme were changed after it was planned.")
def planned_before_the_days_were_changed(s: Stage) -> date:
    s.joins()
    s.change(CheckInRow, revision="another")
    return TOMORROW


@says("it would not go out: they have answered, so they need no reminder.", "reminder of text 1")
def a_reminder_that_is_not_needed(s: Stage) -> date:
    s.joins(reminder={"en": ("Did you see my text, {name}?",)})
    s.goes_to(TOMORROW)
    s.loop.says("7")
    return date(2026, 11, 27)


@says(
    "Yes: as things stand now, a text goes to Sara at 10:00.",
    "A reminder goes once, and only when no answer has come.",
    "Did you see my text, Sara?",
)
def a_reminder_to_come(s: Stage) -> date:
    s.joins(reminder={"en": ("Did you see my text, {name}?",)})
    s.goes_to(TOMORROW)
    return date(2026, 11, 27)


@says("it would not go out: Sara is away until Saturday 28 November 2026.")
def planned_but_away(s: Stage) -> date:
    s.joins()
    s.change(ResidentRow, away_kind="away", away_until=date(2026, 11, 28))
    return TOMORROW


@says("it would not go out: a call is due that day instead.")
def planned_and_rung_instead(s: Stage) -> date:
    s.joins()
    s.change(ResidentRow, contact_by="call")
    return TOMORROW


@says("it would not go out: they have died.", "Sara has died, so nothing is sent.")
def planned_and_died(s: Stage) -> date:
    s.joins()
    s.change(ResidentRow, standing="died")
    return TOMORROW


@says("All texts to residents have been stopped since")
def planned_but_everything_is_stopped(s: Stage) -> date:
    s.joins()
    s.stops_everything()
    return TOMORROW


@says("If no answer comes, one reminder goes about Friday 27 November 2026 at 10:00.")
def planned_with_a_reminder(s: Stage) -> date:
    s.joins(reminder={"en": ("Did you see my text, {name}?",)})
    return TOMORROW


@says("It says goodbye, because this is the last text of the programme.", "Goodbye, Sara.")
def the_goodbye(s: Stage) -> date:
    ending = Cadence((WED,), time(10), date(2026, 11, 23), ends_on=date(2026, 12, 30), spread=0)
    s.joins(cadence=ending, goodbye={"en": ("Goodbye, {name}.",)})
    return date(2026, 12, 30)


@says("Weekly check-in came to its end with the text of Wednesday 30 December 2026.")
def after_the_goodbye(s: Stage) -> date:
    ending = Cadence((WED,), time(10), date(2026, 11, 23), ends_on=date(2026, 12, 30), spread=0)
    s.joins(cadence=ending)
    return date(2027, 1, 6)


@says("It asks Sara whether to go on, because no programme just runs on.", "Shall we go on?")
def whether_to_go_on(s: Stage) -> date:
    slower = Cadence((WED,), time(10), date(2026, 11, 23), taper=Taper(2, (2,)), spread=0)
    s.joins(cadence=slower, go_on={"en": ("Shall we go on?",)})
    return date(2026, 12, 30)


@says(
    "Weekly check-in goes out every Wednesday at 10:00, every two weeks after 2 weeks, and"
    " Wednesday 9 December 2026 is not one of its days. The next is on Wednesday 16 December 2026",
)
def it_has_slowed_down(s: Stage) -> date:
    slower = Cadence((WED,), time(10), date(2026, 11, 23), taper=Taper(2, (2,)), spread=0)
    s.joins(cadence=slower)
    return date(2026, 12, 9)


@says("changed for this person", "Yes: as things stand now, a text goes to Sara at 15:30.")
def a_pace_of_their_own(s: Stage) -> date:
    s.joins()
    own = Override(days=(Weekday.THU,), time=time(15, 30)).to_text()
    s.change(EnrolmentRow, own=own)
    return date(2026, 12, 17)


@says("Weekly check-in has Wednesday 25 November 2026 among its days now, but no text was planned")
def a_day_that_was_never_planned(s: Stage) -> date:
    s.joins()
    with s.loop.wiring.transaction() as session:
        session.query(CheckInRow).delete()
    s.goes_to(date(2026, 12, 1))
    return TOMORROW


@says("A notice that staff wrote", "It waits to go at 15:00, and is decided again then.")
def a_notice_to_come(s: Stage) -> date:
    s.joins(joined=False)
    s.queue(Purpose.NOTICE, "The office is closed", hours=3)
    return TODAY


@says("at 04:30")
def by_the_clock_of_where_they_live(s: Stage) -> date:
    s.joins(at=time(4, 30), person={"zone": "Asia/Kolkata"})
    s.rules = TextingRules(Calendar())
    return TOMORROW


@pytest.mark.parametrize(("before", "sentences"), SITUATIONS)
def test_the_page_says(stage: Stage, before: Before, sentences: tuple[str, ...]) -> None:
    day = before(stage)
    assert day is not None
    page = told(stage.explain(day))
    for sentence in sentences:
        assert sentence in page, page


def test_there_are_at_least_forty_situations() -> None:
    assert len(SITUATIONS) >= 40


def counted(stage: Stage, ask: Callable[[], object]) -> int:
    """How many statements the records are asked meanwhile."""
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
            asked.append(statement)

    engine = stage.loop.wiring.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def test_the_records_are_asked_as_often_after_a_year_as_on_the_first_day(stage: Stage) -> None:
    stage.joins()
    first = [
        counted(stage, lambda: stage.explain(TOMORROW)),
        counted(stage, stage.timeline),
    ]
    for _week in range(20):
        stage.loop.plan()
        stage.passes(days=7)
        stage.loop.says("7")
        stage.agrees(AgreementState.PAUSED)
        stage.agrees(AgreementState.GIVEN)
    later = stage.loop.clock().date()
    assert [
        counted(stage, lambda: stage.explain(later)),
        counted(stage, stage.timeline),
    ] == first
    assert max(first) <= 10


@pytest.mark.parametrize("day", [date.max, date(2028, 1, 1), date.min], ids=str)
def test_nothing_is_said_about_a_day_too_far_away(stage: Stage, day: date) -> None:
    stage.joins()
    with pytest.raises(Invalid, match="Choose a"):
        stage.explain(day)


def test_somebody_who_is_not_there(stage: Stage) -> None:
    stage.who = 999
    with pytest.raises(NotFound):
        stage.explain(TODAY)
    with pytest.raises(NotFound):
        stage.timeline()


def test_the_timeline_tells_what_went_and_what_is_to_come(stage: Stage) -> None:
    stage.joins(reminder={"en": ("Did you see my text?",)})
    stage.goes_to(TOMORROW)
    stage.loop.says("7")
    stage.loop.plan()
    lines = stage.timeline(weeks_back=1, weeks_ahead=4).lines
    assert [(line.kind, f"{line.at:%d %b}", line.projected) for line in lines] == [
        (Kind.WENT, "25 Nov", False),
        (Kind.CAME, "25 Nov", False),
        (Kind.WOULD_NOT_GO, "27 Nov", False),
        (Kind.COMING, "02 Dec", False),
        (Kind.COMING, "09 Dec", False),
        (Kind.COMING, "16 Dec", True),
        (Kind.COMING, "23 Dec", True),
    ]
    assert [line.part for line in lines[:3]] == [Part.CHECK_IN, None, Part.REMINDER]


def test_what_is_projected_is_what_gets_planned(stage: Stage) -> None:
    stage.joins(days=(MON, WED))
    expected = [(line.at, line.title, line.body) for line in stage.timeline().lines]
    for _week in range(4):
        stage.loop.plan()
        stage.loop.clock.forward(days=3)
    stage.loop.clock.now = NOON
    assert [(line.at, line.title, line.body) for line in stage.timeline().lines] == expected


def test_two_programmes_share_the_cap_on_the_way(stage: Stage) -> None:
    stage.joins(days=(MON, WED))
    walks = stage.another(days=(Weekday.FRI,))
    stage.rules = TextingRules(ENGLAND, Cap(day=1, week=2, month=8))
    lines = [line for line in stage.timeline(weeks_ahead=2).lines if (line.at - NOON).days < 11]
    assert [(f"{line.at:%d %b}", line.programme_id, line.goes) for line in lines] == [
        ("25 Nov", stage.programme, True),
        ("27 Nov", walks, True),
        ("30 Nov", stage.programme, False),
        ("02 Dec", stage.programme, True),
        ("04 Dec", walks, True),
    ]


ACTS: dict[str, Callable[[Stage], object]] = {
    "half a day": lambda s: s.passes(hours=12),
    "a few days": lambda s: s.passes(days=3),
    "weeks": lambda s: s.passes(days=17),
    "plans": lambda s: s.loop.plan(),
    "closes": lambda s: s.loop.close(),
    "answers": lambda s: s.loop.says("7"),
    "asks for a call": lambda s: s.loop.says("can you ring me please"),
    "is in distress": lambda s: s.loop.says("i want to kill myself"),
    "stops": lambda s: s.loop.says("STOP"),
    "starts": lambda s: s.loop.says("START"),
    "sends a picture": lambda s: s.loop.says("", media=1),
    "pauses": lambda s: s.agrees(AgreementState.PAUSED),
    "goes on": lambda s: s.agrees(AgreementState.GIVEN),
    "a dead number": lambda s: s.change(ResidentRow, number_dead=True),
    "everything stops": lambda s: s.stops_everything(),
    "everything goes": lambda s: s.lifts(),
    "a notice": lambda s: s.queue(Purpose.NOTICE, "Closed tomorrow", hours=20),
    "a person writes": lambda s: s.queue(Purpose.STAFF, "Shall I ring?"),
    "phones are refused": lambda s: setattr(s.loop.channel, "answer", refused),
    "nobody knows": lambda s: setattr(s.loop.channel, "answer", unknown),
    "texts arrive": lambda s: setattr(s.loop.channel, "answer", arrived),
    "ends": lambda s: s.change(EnrolmentRow, ended_on=s.loop.clock().date()),
    "a pace of their own": lambda s: s.change(EnrolmentRow, own="THU 15:30 every 2", fresh=True),
    "switched off": lambda s: s.change_programme(ProgrammeRow, active=False),
    "away": lambda s: s.is_away(),
}


@pytest.mark.slow
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    days=st.sets(st.sampled_from(list(Weekday)), min_size=1, max_size=3),
    acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=10),
    joined=st.booleans(),
    asked=st.lists(st.integers(-20, 120), min_size=3, max_size=3),
)
def test_for_any_person_and_day_there_is_an_answer(
    stage: Stage, days: set[Weekday], acts: list[str], joined: bool, asked: list[int]
) -> None:
    start_again(stage)
    stage.joins(days=tuple(days), joined=joined, reminder={"en": ("Did you see my text?",)})
    for act in acts:
        ACTS[act](stage)
    today = stage.loop.clock().date()
    for days_on in (0, 1, *asked):
        day = stage.explain(today + timedelta(days=days_on))
        went = any(line.kind in (Kind.WENT, Kind.COMING) for line in day.lines)
        assert went or day.reasons, "nothing went, and nobody is told why"
        for sentence in (
            day.answer,
            *day.reasons,
            *(one for x in day.lines for one in x.sentences),
        ):
            assert re.fullmatch(r"[A-Z].*[.!?]", sentence), sentence
            assert "unknown" not in sentence.lower()
            assert "None" not in sentence
    assert all(line.sentences for line in stage.timeline().lines)


def start_again(stage: Stage) -> None:
    """An empty database, noon on that Tuesday, and a network that takes everything."""
    with stage.loop.wiring.transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
    stage.loop.clock.now = NOON
    stage.loop.channel.answer = accepted
