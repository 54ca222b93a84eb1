"""The decision at sending: the cap over all programmes, closed hours, edits, reminders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connector.domain.attempt import Meaning, Outcome, Outgoing, Result
from connector.domain.cadence import Cadence, Weekday
from connector.domain.calendar import NIGHT, Calendar, QuietHours
from connector.domain.caps import CAP, Cap
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.domain.steering import AbsenceKind, AbsenceWish
from connector.services import absences, planning
from connector.store import programmes, texting_rules
from connector.store.tables import (
    CheckInRow,
    EnrolmentRow,
    ProgrammeVersionRow,
    ResidentRow,
)
from tests.conftest import NOON
from tests.makers import SCALE, Loop, a_programme, a_resident

DAY = timedelta(days=1)
WORDS = one_item(SCALE, {"en": ("How are things?",)})
REMINDER = {"en": ("Just in case you missed it, {name}.",)}


def set_rules(loop: Loop, cap: Cap = CAP, calendar: Calendar | None = None) -> None:
    with loop.wiring.transaction() as session:
        kept = texting_rules.kept(session, loop.wiring.calendar)
        rules = replace(kept.rules, cap=cap, calendar=calendar or kept.rules.calendar)
        assert texting_rules.save(session, rules, edits=kept.edits, by=None, now=loop.clock())


def a_reminding(loop: Loop, **changes: object) -> int:
    cadence = Cadence((Weekday.WED,), time(10), date(2026, 11, 23), spread=0)
    programme = Programme(0, "Weekly", ProgrammeKind.CHECK_IN, cadence, WORDS, reminder=REMINDER)
    with loop.wiring.transaction() as session:
        id_ = programmes.add(session, replace(programme, **changes))  # type: ignore[arg-type]
        a_resident(session, id_, now=loop.clock())
    return id_


def daily(loop: Loop, *names: str, at: time = time(10)) -> list[int]:
    """Programmes that text every day, and somebody who is on all of them."""
    with loop.wiring.transaction() as session:
        ids = [a_programme(session, name=name, at=at) for name in names]
        a_resident(session, *ids, now=loop.clock())
    return ids


def rows(loop: Loop) -> list[CheckInRow]:
    with loop.wiring.reading() as session:
        return session.query(CheckInRow).order_by(CheckInRow.due_at, CheckInRow.id).all()


def whys(loop: Loop) -> list[str]:
    return [row.why for row in rows(loop) if row.why]


def go_to(loop: Loop, **when: int) -> None:
    loop.clock.now = loop.clock.now.replace(**when)  # type: ignore[arg-type]


# --- the cap ---------------------------------------------------------------------------------


def test_two_programmes_share_one_cap(loop: Loop) -> None:
    set_rules(loop)
    daily(loop, "One", "Other")
    assert loop.asks() == 1
    assert whys(loop) == ["Not sent: they have had 1 text from us that day already."]


def test_a_third_text_within_seven_days_is_one_too_many_by_default(loop: Loop) -> None:
    set_rules(loop)
    daily(loop, "One")
    assert [loop.asks() for _day in range(3)] == [1, 1, 0]
    assert whys(loop) == ["Not sent: they have had 2 texts from us within 7 days already."]


def test_twice_a_week_is_never_capped_by_the_seconds_a_text_takes(loop: Loop) -> None:
    set_rules(loop)
    with loop.wiring.transaction() as session:
        programme = a_programme(session, days=(Weekday.WED, Weekday.SAT))
        a_resident(session, programme, now=loop.clock())
    go_to(loop, hour=10, minute=5)
    sent = 0
    for day in range(1, 29):
        loop.plan()
        loop.clock.now = NOON.replace(hour=10, minute=5) + day * DAY - timedelta(seconds=day)
        sent += loop.send()
    assert (sent, whys(loop)) == (8, [])


def test_a_text_that_waits_for_another_try_is_capped_as_well(loop: Loop) -> None:
    set_rules(loop)
    daily(loop, "One", "Other")
    loop.channel.answer = lambda text: Outcome(text.attempt_id, Result.THROTTLED)
    loop.asks()
    loop.clock.forward(minutes=2)
    loop.channel.answer = lambda text: Outcome(text.attempt_id, Result.ACCEPTED)
    loop.channel.handed.clear()
    loop.send()
    assert len(loop.channel.handed) == 1


PROGRAMMES = st.lists(
    st.tuples(
        st.sets(st.sampled_from(list(Weekday)), min_size=1, max_size=7),
        st.sampled_from([time(9, 30), time(10), time(15), time(19, 45)]),
    ),
    min_size=1,
    max_size=4,
)
CAPS = st.sampled_from([CAP, Cap(1, 1, 4), Cap(2, 3, 6), Cap(1, 3, 5)])


@hypothesis_settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(mix=PROGRAMMES, cap=CAPS, replies=st.sets(st.integers(0, 34)))
def test_whatever_the_programmes_nobody_gets_more_than_the_cap(
    loop: Loop, mix: list[tuple[set[Weekday], time]], cap: Cap, replies: set[int]
) -> None:
    start_over(loop)
    set_rules(loop, cap)
    with loop.wiring.transaction() as session:
        n = 1 + session.query(ResidentRow).count()
        ids = [
            a_programme(session, name=f"{n} {nth}", days=tuple(days), at=at)
            for nth, (days, at) in enumerate(mix)
        ]
        a_resident(session, *ids, n=n, now=loop.clock())
    sent: list[datetime] = []
    for day in range(35):
        loop.plan()
        for hour in (10, 16, 19):
            loop.clock.now = (NOON + day * DAY).replace(hour=hour, minute=50)
            sent += [loop.clock()] * loop.send()
        if day in replies:
            loop.says("7", n=n)
    dates = [at.astimezone(ZoneInfo("Europe/London")).date() for at in sent]
    for last in dates:
        before = [(last - one).days for one in dates if one <= last]
        assert before.count(0) <= cap.day
        assert sum(days < 7 for days in before) <= cap.week
        assert sum(days < 28 for days in before) <= cap.month


def start_over(loop: Loop) -> None:
    """Whoever came before gets no more texts."""
    loop.clock.now = NOON
    with loop.wiring.transaction() as session:
        session.query(EnrolmentRow).update({"ended_on": NOON.date()})
        session.query(CheckInRow).filter_by(state="planned").update({"state": "skipped"})


# --- hours -----------------------------------------------------------------------------------


def test_a_text_held_up_into_the_night_is_not_sent_when_morning_is_too_late(loop: Loop) -> None:
    daily(loop, "One", at=time(19, 50))
    loop.plan()
    go_to(loop, hour=20, minute=5)
    assert loop.send() == 0
    assert whys(loop) == [
        "Not sent: 20:05 falls in quiet hours (20:00 to 09:00), "
        "and by the next allowed time it would be too late."
    ]


def test_one_that_may_be_late_waits_for_the_morning(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session, at=time(19, 50), timely_for=timedelta(hours=20))
        a_resident(session, programme, now=loop.clock())
    loop.plan()
    go_to(loop, hour=20, minute=5)
    assert loop.send() == 0
    first = rows(loop)[0]
    assert (first.state, f"{first.due_at:%d %H:%M}") == ("planned", "25 09:00")
    assert "because 20:05 falls in quiet hours" in first.moved
    loop.clock.now = NOON.replace(hour=9) + DAY
    assert loop.send() == 1


def test_a_day_that_was_closed_after_it_was_planned_is_kept_closed(loop: Loop) -> None:
    daily(loop, "One")
    loop.plan()
    from_now_on = Calendar(quiet=NIGHT, opening=())
    set_rules(loop, calendar=replace(from_now_on, sundays=False))
    loop.clock.now = NOON.replace(hour=10) + 5 * DAY  # a Sunday
    assert loop.send() == 0


# --- edited since ----------------------------------------------------------------------------


def test_what_was_planned_by_an_older_cadence_does_not_go(loop: Loop) -> None:
    daily(loop, "One")
    loop.plan()
    with loop.wiring.transaction() as session:
        session.query(CheckInRow).update({"revision": "another"})
    assert loop.asks() == 0
    assert whys(loop) == [
        "Not sent: the days or times of the programme were changed after it was planned."
    ]


def test_new_words_move_nobody_and_go_out_with_their_version(loop: Loop) -> None:
    (programme,) = daily(loop, "One")
    loop.plan()
    before = [(row.id, row.due_at) for row in rows(loop)]
    version = publish(loop, programme, "New words")
    loop.plan()
    assert [(row.id, row.due_at) for row in rows(loop)] == before
    loop.clock.forward(days=1)
    loop.send()
    assert loop.channel.bodies == ["New words"]
    assert rows(loop)[0].version_id == version


def publish(loop: Loop, programme_id: int, words: str) -> int:
    """Another version of a programme in other words."""
    with loop.wiring.transaction() as session:
        old = session.query(ProgrammeVersionRow).filter_by(programme_id=programme_id).one()
        old.state = "replaced"
        session.flush()
        programme = programmes.by_version(session, [old.id])[old.id]
        content = programmes.to_content(replace(programme, items=one_item(SCALE, {"en": (words,)})))
        new = ProgrammeVersionRow(
            programme_id=programme_id, number=2, state="published", content=content,
            made_at=NOON, published_at=NOON,
        )  # fmt: skip
        session.add(new)
        session.flush()
        return new.id


# --- reminders -------------------------------------------------------------------------------


def test_who_has_not_answered_is_reminded_once(loop: Loop) -> None:
    a_reminding(loop)
    assert loop.asks() == 1
    assert [f"{row.due_at:%a %H:%M} {row.part}" for row in rows(loop)][:2] == [
        "Wed 10:00 check_in",
        "Fri 12:00 reminder",
    ]
    loop.clock.forward(days=2)
    assert [loop.send() for _time in range(3)] == [1, 0, 0]
    assert loop.channel.bodies[1:] == ["Just in case you missed it, Sara."]


def test_a_reminder_comes_at_an_allowed_time(loop: Loop) -> None:
    cadence = Cadence((Weekday.WED,), time(19, 30), date(2026, 11, 23), spread=0)
    a_reminding(loop, cadence=cadence, remind_after=timedelta(hours=14))
    loop.plan()
    go_to(loop, day=25, hour=19, minute=30)
    assert loop.send() == 1
    reminder = next(row for row in rows(loop) if row.part == "reminder")
    assert f"{reminder.due_at:%a %H:%M}" == "Thu 09:30"


@pytest.mark.parametrize(
    ("then", "why"),
    [
        pytest.param("7", "they have answered", id="an answer"),
        pytest.param("off to the shops", "written to us since", id="anything else"),
    ],
)
def test_who_wrote_since_needs_no_reminder(loop: Loop, then: str, why: str) -> None:
    a_reminding(loop)
    loop.asks()
    loop.clock.forward(minutes=5)
    loop.says(then)
    loop.clock.forward(days=2)
    assert loop.send() == 0
    assert len(whys(loop)) == 1
    assert why in whys(loop)[0] or "answered" in whys(loop)[0]


def test_a_text_that_did_not_arrive_is_not_reminded_of(loop: Loop) -> None:
    a_reminding(loop)
    loop.channel.answer = refused
    loop.asks()
    loop.clock.forward(days=2)
    assert loop.send() == 0
    assert whys(loop) == ["Not sent: the text that it would remind of did not arrive."]


def refused(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.REFUSED, meaning=Meaning.OUR_SET_UP)


def test_a_reminder_counts_for_the_cap(loop: Loop) -> None:
    set_rules(loop, Cap(1, 1, 8))
    a_reminding(loop)
    loop.asks()
    loop.clock.forward(days=2)
    assert loop.send() == 0
    assert whys(loop) == ["Not sent: they have had 1 text from us within 7 days already."]


# --- what is half-written --------------------------------------------------------------------


@pytest.fixture
def broken(loop: Loop) -> Iterator[int]:
    """A programme that texts somebody, and then one whose words cannot be read any more."""
    good, bad = daily(loop, "Good", "Bad")
    yield bad
    assert len(loop.channel.handed) == 1
    assert good != bad


def break_it(loop: Loop, programme_id: int) -> None:
    with loop.wiring.transaction() as session:
        kept = session.query(ProgrammeVersionRow).filter_by(programme_id=programme_id).one()
        kept.state = "replaced"
        session.flush()
        content = {**kept.content, "cadence": {"days": ["NEVER"]}}
        session.add(
            ProgrammeVersionRow(
                programme_id=programme_id, number=2, state="published", content=content,
                made_at=NOON, published_at=NOON,
            )
        )  # fmt: skip


def test_a_programme_that_cannot_be_read_does_not_stop_the_planning_of_others(
    loop: Loop, broken: int
) -> None:
    break_it(loop, broken)
    assert loop.plan() > 0
    loop.clock.forward(days=1)
    assert loop.send() == 1


def test_nor_their_sending(loop: Loop, broken: int) -> None:
    loop.plan()
    break_it(loop, broken)
    loop.clock.forward(days=1)
    assert loop.send() == 1


def test_somebody_who_is_away_gets_nothing_until_the_day_they_are_back(loop: Loop) -> None:
    daily(loop, "One")
    with loop.wiring.transaction() as session:
        wish = AbsenceWish(AbsenceKind.AWAY, date(2026, 11, 26), date(2026, 11, 28))
        for (who,) in session.query(ResidentRow.id).all():
            absences.begin(session, who, wish, now=loop.clock())
    assert [loop.asks() for _day in range(4)] == [1, 0, 0, 1]
    assert whys(loop) == ["Not sent: the resident is away."] * 2


def test_planning_again_after_a_change_of_hours_moves_what_was_not_sent(loop: Loop) -> None:
    daily(loop, "One")
    loop.plan()
    set_rules(loop, calendar=Calendar(quiet=QuietHours(time(20), time(11)), sundays=True))
    with loop.wiring.transaction() as session:
        planning.plan_everything_afresh(session, now=loop.clock())
    loop.plan()
    assert {f"{row.due_at:%H:%M}" for row in rows(loop)} == {"11:00"}
    assert "because 10:00 falls in quiet hours (20:00 to 11:00)" in rows(loop)[0].moved
