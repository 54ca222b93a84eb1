"""One person's own pace: changed, left with a goodbye, taken up again; nobody twice, no burst."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from connector.domain.cadence import TOO_SOON, Cadence, Override, Unit, Weekday
from connector.domain.errors import Invalid, Refused
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.services import enrolment, planning
from connector.store import programmes
from connector.store.tables import AuditRow, CheckInRow, EnrolmentRow
from tests.conftest import NOON
from tests.makers import SCALE, Loop, a_resident

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday
WORDS = one_item(SCALE, {"en": ("How are things, {name}?",)})
GOODBYE = {"en": ("This was the last of these texts, {name}. Thank you.",)}
TUESDAY = NOON.date()


def a_weekly(loop: Loop, *days: Weekday, **changes: object) -> int:
    cadence = Cadence(days or (TUE,), time(10), TUESDAY - timedelta(days=1), spread=0)
    cadence = replace(cadence, **changes)  # type: ignore[arg-type]
    with loop.wiring.transaction() as session:
        return programmes.add(
            session,
            Programme(0, "Weekly", ProgrammeKind.CHECK_IN, cadence, WORDS, goodbye=GOODBYE),
        )


def joins(loop: Loop, programme: int, n: int = 1) -> int:
    with loop.wiring.transaction() as session:
        return a_resident(session, programme, n=n, now=loop.clock())


def pace(loop: Loop, who: int, programme: int, *days: Weekday, **own: object) -> None:
    override = Override(days or None, **own)  # type: ignore[arg-type]
    with loop.wiring.transaction() as session:
        enrolment.change_pace(session, who, programme, override, by=None, now=loop.clock())
    loop.plan()


def planned(loop: Loop, who: int) -> list[str]:
    with loop.wiring.reading() as session:
        rows = session.query(CheckInRow).filter_by(resident_id=who).order_by(CheckInRow.due_at)
        return [f"{row.due_at:%a %d %H:%M} {row.state}" for row in rows]


def reasons(loop: Loop, who: int) -> list[str]:
    with loop.wiring.reading() as session:
        rows = session.query(CheckInRow).filter_by(resident_id=who).order_by(CheckInRow.due_at)
        return [row.why for row in rows if row.why]


def test_a_person_s_own_days_time_and_pace_replace_what_was_planned_and_nobody_elses(
    loop: Loop,
) -> None:
    programme = a_weekly(loop)
    who, other = joins(loop, programme, 1), joins(loop, programme, 2)
    loop.plan()
    assert planned(loop, who) == ["Tue 01 10:00 planned", "Tue 08 10:00 planned"]
    pace(loop, who, programme, THU, time=time(15, 30))
    assert planned(loop, who) == ["Thu 26 15:30 planned", "Thu 03 15:30 planned"]
    pace(loop, who, programme, THU, time=time(15, 30), every=2)
    assert planned(loop, who) == ["Thu 26 15:30 planned"]
    assert planned(loop, other) == ["Tue 01 10:00 planned", "Tue 08 10:00 planned"]
    pace(loop, who, programme)
    assert planned(loop, who) == planned(loop, other)


def test_a_change_of_pace_is_audited_without_a_name(loop: Loop) -> None:
    programme = a_weekly(loop)
    who = joins(loop, programme)
    pace(loop, who, programme, FRI)
    pace(loop, who, programme, FRI)
    with loop.wiring.reading() as session:
        (row,) = session.query(AuditRow).all()
    assert (row.act, row.subject, row.subject_id, row.why) == (
        "pace changed",
        "resident",
        who,
        "Weekly: FRI",
    )


def test_after_a_change_the_next_text_is_not_close_upon_the_last(loop: Loop) -> None:
    programme = a_weekly(loop)
    who = joins(loop, programme)
    loop.plan()
    loop.clock.now = NOON + timedelta(days=7)
    assert loop.send() == 1
    pace(loop, who, programme, THU)
    assert planned(loop, who) == [
        "Tue 01 10:00 attempted",
        "Thu 03 10:00 skipped",
        "Thu 10 10:00 planned",
    ]
    assert reasons(loop, who) == [TOO_SOON]


def test_nobody_is_texted_twice_on_a_day_whose_time_was_changed(loop: Loop) -> None:
    programme = a_weekly(loop, TUE, WED, THU)
    who = joins(loop, programme)
    loop.plan()
    loop.clock.now = NOON + timedelta(days=1)
    assert loop.send() == 1
    pace(loop, who, programme, time=time(15))
    loop.clock.forward(hours=4)
    assert loop.send() == 0
    assert planned(loop, who)[:2] == ["Wed 25 10:00 attempted", "Thu 26 15:00 planned"]


def test_planning_afresh_any_number_of_times_changes_nothing_for_those_it_does_not_move(
    loop: Loop,
) -> None:
    programme = a_weekly(loop, TUE, FRI)
    who = joins(loop, programme)
    loop.plan()
    before = planned(loop, who)
    for _time in range(3):
        with loop.wiring.transaction() as session:
            planning.plan_afresh(session, programme, now=loop.clock())
        loop.plan()
    assert planned(loop, who) == before


def test_a_pace_at_which_no_text_can_go_out_is_refused(loop: Loop) -> None:
    programme = a_weekly(loop, lasts_weeks=3)
    who = joins(loop, programme)
    with pytest.raises(Invalid, match="at least 4 weeks"):
        pace(loop, who, programme, every=4)


def test_a_goodbye_goes_to_who_leaves_and_nothing_after_it(loop: Loop) -> None:
    programme = a_weekly(loop)
    who = joins(loop, programme)
    loop.plan()
    with loop.wiring.transaction() as session:
        enrolment.end(session, who, programme, by=None, now=loop.clock())
    assert planned(loop, who) == ["Tue 24 12:00 planned"]
    assert loop.send() == 1
    assert loop.channel.bodies == ["This was the last of these texts, Sara. Thank you."]
    loop.plan()
    assert planned(loop, who) == ["Tue 24 12:00 attempted"]
    with (
        pytest.raises(Refused, match="not on the programme"),
        loop.wiring.transaction() as session,
    ):
        enrolment.end(session, who, programme, by=None, now=loop.clock())


def test_a_goodbye_waits_for_an_allowed_hour(loop: Loop) -> None:
    programme = a_weekly(loop)
    who = joins(loop, programme)
    late = NOON.replace(hour=21)
    with loop.wiring.transaction() as session:
        calendar = loop.wiring.calendar
        enrolment.end(session, who, programme, calendar=calendar, by=None, now=late)
    assert planned(loop, who) == ["Wed 25 09:00 planned"]


def test_somebody_who_comes_back_is_planned_from_the_day_they_do(loop: Loop) -> None:
    programme = a_weekly(loop, from_joining=True, lasts_weeks=4)
    who = joins(loop, programme)
    with loop.wiring.transaction() as session:
        enrolment.end(session, who, programme, goodbye=False, by=None, now=loop.clock())
    loop.plan()
    assert planned(loop, who) == []
    loop.clock.forward(days=70)
    with loop.wiring.transaction() as session:
        enrolment.rejoin(session, who, programme, by=None, now=loop.clock())
    loop.plan()
    assert planned(loop, who) == ["Tue 09 10:00 planned", "Tue 16 10:00 planned"]
    with pytest.raises(Refused, match="has not left"), loop.wiring.transaction() as session:
        enrolment.rejoin(session, who, programme, by=None, now=loop.clock())


def test_the_last_text_of_a_programme_is_the_goodbye_and_ends_it(loop: Loop) -> None:
    programme = a_weekly(loop, ends_on=TUESDAY + timedelta(days=8))
    who = joins(loop, programme)
    loop.plan()
    loop.clock.forward(days=7)
    assert loop.send() == 1
    assert loop.channel.bodies == ["This was the last of these texts, Sara. Thank you."]
    with loop.wiring.reading() as session:
        (row,) = session.query(EnrolmentRow).filter_by(resident_id=who)
    assert row.ended_on == date(2026, 12, 1)


def test_days_after_joining_are_each_person_s_own(loop: Loop) -> None:
    programme = a_weekly(loop, unit=Unit.DAYS_AFTER, days=(), after=(3, 5))
    first = joins(loop, programme, 1)
    loop.plan()
    loop.clock.forward(days=1)
    second = joins(loop, programme, 2)
    loop.plan()
    assert planned(loop, first) == ["Thu 26 10:00 planned", "Sat 28 10:00 planned"]
    assert planned(loop, second) == ["Fri 27 10:00 planned", "Mon 30 10:00 planned"]
