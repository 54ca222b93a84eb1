"""Cadences become check-ins: once an occurrence, by the wall clock of where somebody lives."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connector.domain.cadence import Cadence, Override, Taper, Unit, Weekday, occurrences
from connector.domain.calendar import NIGHT, Calendar, Nation
from connector.domain.consent import AgreementState
from connector.domain.errors import Invalid
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.services import enrolment, planning
from connector.services.jobs import Job
from connector.store import programmes
from connector.store.tables import CheckInRow, EnrolmentRow, ProgrammeRow, ResidentRow
from connector.wiring import Wiring
from tests.conftest import NOON
from tests.fakes import SilentDoorbell
from tests.makers import SCALE, a_programme, a_resident

DAY = timedelta(days=1)
LONDON, KOLKATA = "Europe/London", "Asia/Kolkata"


def plan(wiring: Wiring, programme_id: int, now: datetime) -> int:
    with wiring.transaction() as session:
        return planning.plan_programme(session, programme_id, calendar=None, now=now)


def planned(wiring: Wiring, resident_id: int | None = None) -> list[CheckInRow]:
    with wiring.reading() as session:
        rows = session.query(CheckInRow).order_by(CheckInRow.due_at, CheckInRow.id).all()
    return [row for row in rows if resident_id in (None, row.resident_id)]


def moments(wiring: Wiring, resident_id: int | None = None) -> list[datetime]:
    return [row.due_at for row in planned(wiring, resident_id)]


@pytest.mark.parametrize(
    ("at", "around", "expected"),
    [
        pytest.param(
            time(10),
            date(2026, 10, 24),
            ["10-24T09:00", "10-25T10:00", "10-26T10:00"],
            id="autumn: ten in the morning stays ten in the morning",
        ),
        pytest.param(
            time(1, 30),
            date(2026, 10, 24),
            ["10-24T00:30", "10-25T00:30", "10-26T01:30"],
            id="autumn: the half hour that comes twice is used once",
        ),
        pytest.param(
            time(10),
            date(2026, 3, 28),
            ["03-28T10:00", "03-29T09:00", "03-30T09:00"],
            id="spring: ten in the morning stays ten in the morning",
        ),
        pytest.param(
            time(1, 30),
            date(2026, 3, 28),
            ["03-28T01:30", "03-29T01:00", "03-30T00:30"],
            id="spring: the half hour that does not exist moves to when the clocks have changed",
        ),
    ],
)
def test_over_a_clock_change(wiring: Wiring, at: time, around: date, expected: list[str]) -> None:
    night_before = datetime.combine(around, time(), UTC) - timedelta(hours=1)
    with wiring.transaction() as session:
        programme = a_programme(session, at=at, starts_on=around)
        a_resident(session, programme, now=night_before)
    plan(wiring, programme, night_before)
    assert [f"{due:%m-%dT%H:%M}" for due in moments(wiring)[:3]] == expected


def test_two_weeks_are_planned_ahead_and_no_more(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        programme = a_programme(session)
        a_resident(session, programme, now=NOON)
    assert plan(wiring, programme, NOON) == 14
    last = planned(wiring)[-1]
    assert last.occurrence == (NOON + planning.AHEAD).date()


def test_running_twice_changes_nothing_and_each_day_adds_one_more(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        programme = a_programme(session)
        a_resident(session, programme, now=NOON)
    made = [
        plan(wiring, programme, NOON + after) for after in (DAY * 0, DAY * 0, DAY, DAY, 2 * DAY)
    ]
    assert made == [14, 0, 1, 0, 1]
    assert len({row.occurrence for row in planned(wiring)}) == 16


def test_what_was_previewed_is_what_gets_planned(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        programme_id = a_programme(session, days=(Weekday.MON, Weekday.THU), spread=10)
        who = a_resident(session, programme_id, now=NOON)
        programme = programmes.by_id(session, [programme_id])[programme_id]
    plan(wiring, programme_id, NOON)
    previewed = [
        (one.date, one.due, one.number)
        for one in occurrences(
            programme.cadence,
            zone=LONDON,
            since=NOON.date(),
            until=(NOON + planning.AHEAD).date(),
            spread_for=who,
        )
    ]
    rows = planned(wiring, who)
    assert [(row.occurrence, row.due_at, row.number) for row in rows] == previewed
    assert len(rows) == 4


MINUTES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
DAYS = st.sets(st.sampled_from(list(Weekday)), min_size=1).map(tuple)
CADENCES = st.one_of(
    st.builds(
        Cadence,
        days=DAYS,
        time=MINUTES,
        starts_on=st.just(date(2026, 1, 5)),
        every=st.integers(1, 3),
        spread=st.sampled_from([0, 10, 30]),
        from_joining=st.booleans(),
        lasts_weeks=st.none() | st.integers(3, 60),
        taper=st.none() | st.just(Taper(3, (4, 6))),
    ).filter(lambda one: one.lasts_weeks is None or one.taper is None or one.from_joining),
    st.builds(
        Cadence,
        days=st.just(()),
        time=MINUTES,
        starts_on=st.just(date(2026, 1, 5)),
        unit=st.just(Unit.DAYS_AFTER),
        after=st.sets(st.integers(0, 60), min_size=1).map(tuple),
    ),
)
OWN = st.builds(Override, st.none() | DAYS, st.none() | MINUTES, st.none() | st.integers(1, 3))
# Around the changes of the clocks in spring and in autumn, and a plain day.
MOMENTS = st.sampled_from(
    [
        datetime(2026, 3, 25, 8, 30, tzinfo=UTC),
        datetime(2026, 10, 20, 8, 30, tzinfo=UTC),
        datetime(2026, 12, 20, 23, 50, tzinfo=UTC),
    ]
)
ZONES = st.sampled_from([LONDON, KOLKATA, "Australia/Lord_Howe", "America/Havana"])
CALENDARS = st.none() | st.builds(
    Calendar, nation=st.just(Nation.ENGLAND), quiet=st.just(NIGHT), sundays=st.booleans()
)


@hypothesis_settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(CADENCES, CALENDARS, MOMENTS, st.lists(st.tuples(ZONES, OWN, st.integers(0, 200))))
def test_whatever_the_cadence_what_occurs_is_what_is_planned(
    wiring: Wiring,
    cadence: Cadence,
    calendar: Calendar | None,
    now: datetime,
    people: list[tuple[str, Override, int]],
) -> None:
    with wiring.transaction() as session:
        n = session.query(ProgrammeRow).count()
        programme = Programme(
            0, f"{n}", ProgrammeKind.CHECK_IN, cadence, one_item(SCALE, {"en": ("Hello",)})
        )
        programme_id = programmes.add(session, programme)
        expected = {}
        for place, (zone, own, since) in enumerate(people):
            joined = now.date() - timedelta(days=since)
            own_number = 1000 * (n + 1) + place
            who = a_resident(session, n=own_number, now=now, zone=zone)
            programmes.enrol(session, programme_id, [who], on=joined)
            programmes.set_own(session, programme_id, who, own.to_text())
            [spread] = session.query(EnrolmentRow.spread).filter_by(resident_id=who).one()
            expected[who] = occurring(cadence, joined, own, zone, calendar, spread, now)
    for later in (0, 1, 1, 3):
        with wiring.transaction() as session:
            at = now + later * DAY
            planning.plan_programme(session, programme_id, calendar=calendar, now=at)
    with wiring.reading() as session:
        rows = session.query(CheckInRow).filter_by(programme_id=programme_id)
        found = sorted((row.resident_id, row.occurrence, row.due_at, row.number) for row in rows)
    assert found == sorted((who, *one) for who, some in expected.items() for one in some)


def occurring(
    cadence: Cadence,
    joined: date,
    own: Override,
    zone: str,
    calendar: Calendar | None,
    spread: int,
    now: datetime,
) -> list[tuple[date, datetime, int]]:
    """What a preview shows of 17 days: those of a first plan and of three days after it."""
    try:
        theirs = cadence.personal(joined, own)
    except Invalid:
        return []
    today = now.astimezone(ZoneInfo(zone)).date()
    until = (now + 3 * DAY).astimezone(ZoneInfo(zone)).date() + planning.AHEAD
    found = occurrences(
        theirs,
        zone=zone,
        since=max(joined, today - planning.LOOK_BACK),
        until=until,
        calendar=calendar,
        spread=spread,
    )
    return [(one.date, one.due, one.number) for one in found if not one.skipped and one.due > now]


def test_a_text_that_would_be_in_the_past_is_not_planned(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        programme = a_programme(session, at=time(12))
        a_resident(session, programme, now=NOON)
    plan(wiring, programme, NOON)
    assert moments(wiring)[0] == NOON + DAY


def test_somebody_who_joins_later_is_planned_at_once_and_nobody_else_again(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        programme = a_programme(session)
        first = a_resident(session, programme, n=1, now=NOON)
    plan(wiring, programme, NOON)
    with wiring.transaction() as session:
        second = a_resident(session, programme, n=2, now=NOON)
    assert plan(wiring, programme, NOON) == 14
    assert moments(wiring, first) == moments(wiring, second)
    assert plan(wiring, programme, NOON) == 0


def test_people_in_two_zones_each_get_it_at_their_own_ten_o_clock(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        programme = a_programme(session)
        here = a_resident(session, programme, n=1, now=NOON)
        there = a_resident(session, programme, n=2, now=NOON, zone=KOLKATA)
    plan(wiring, programme, NOON)
    for who, zone in ((here, LONDON), (there, KOLKATA)):
        local = {due.astimezone(ZoneInfo(zone)).time() for due in moments(wiring, who)}
        assert local == {time(10)}


def test_a_zone_that_somebody_brings_later_is_planned_from_today(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        programme = a_programme(session)
        a_resident(session, programme, n=1, now=NOON)
    plan(wiring, programme, NOON)
    with wiring.transaction() as session:
        there = a_resident(session, programme, n=2, now=NOON, zone=KOLKATA)
    plan(wiring, programme, NOON)
    assert len(moments(wiring, there)) == 14


def test_somebody_who_has_stopped_is_not_planned(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        programme = a_programme(session)
        a_resident(session, programme, n=1, now=NOON, state=AgreementState.WITHDRAWN)
        invited = a_resident(session, programme, n=2, now=NOON, state=AgreementState.INVITED)
    plan(wiring, programme, NOON)
    assert {row.resident_id for row in planned(wiring)} == {invited}


def test_nobody_is_planned_before_the_day_they_start(wiring: Wiring) -> None:
    starts = NOON.date() + timedelta(days=5)
    with wiring.transaction() as session:
        programme = a_programme(session)
        who = a_resident(session, now=NOON)
        programmes.enrol(session, programme, [who], on=starts)
    plan(wiring, programme, NOON)
    assert planned(wiring)[0].occurrence == starts


def test_people_of_one_programme_are_spread_over_minutes_each_always_the_same(
    wiring: Wiring,
) -> None:
    with wiring.transaction() as session:
        programme = a_programme(session, spread=15)
        people = [a_resident(session, programme, n=n, now=NOON) for n in range(1, 13)]
    plan(wiring, programme, NOON)
    minutes = {who: {due.time() for due in moments(wiring, who)} for who in people}
    assert all(len(times) == 1 for times in minutes.values())
    assert len(set.union(*minutes.values())) > 3
    assert all(time(9, 45) <= at <= time(10, 15) for times in minutes.values() for at in times)


def test_a_new_resident_rings_for_the_planner_once_everything_is_stored(
    wiring: Wiring,
) -> None:
    doorbell = wiring.doorbell
    assert isinstance(doorbell, SilentDoorbell)
    with wiring.transaction() as session:
        a_resident(session, a_programme(session), now=NOON)
        assert doorbell.rung == []
    assert doorbell.rung == [Job.PLAN]


def test_nothing_is_rung_for_what_was_taken_back(wiring: Wiring) -> None:
    doorbell = wiring.doorbell
    assert isinstance(doorbell, SilentDoorbell)

    def fail_after_storing() -> None:
        with wiring.transaction() as session:
            a_resident(session, a_programme(session), now=NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_storing()
    assert doorbell.rung == []
    with wiring.reading() as session:
        assert session.query(ResidentRow).count() == 0


def test_a_text_moved_over_christmas_is_not_lost_when_all_is_planned_again(wiring: Wiring) -> None:
    on_closed_days = Calendar(nation=Nation.ENGLAND)
    with wiring.transaction() as session:
        programme = a_programme(session, days=(Weekday.FRI,), starts_on=date(2026, 12, 1))
        a_resident(session, programme, now=datetime(2026, 12, 1, 12, tzinfo=UTC))
    for now in (datetime(2026, 12, 20, 12, tzinfo=UTC), datetime(2026, 12, 27, 12, tzinfo=UTC)):
        with wiring.transaction() as session:
            planning.plan_afresh(session, programme, now=now)
            planning.plan_programme(session, programme, calendar=on_closed_days, now=now)
        assert datetime(2026, 12, 29, 10, tzinfo=UTC) in moments(wiring)


def test_a_slow_pace_keeps_its_distance_beyond_the_days_that_are_planned_at_once(
    wiring: Wiring,
) -> None:
    """Every eight weeks: whoever had a text on the 24th gets none on the 15th after it."""
    texted = datetime(2026, 11, 24, 10, tzinfo=UTC)
    with wiring.transaction() as session:
        programme = a_programme(session, days=(Weekday.TUE,), starts_on=date(2026, 10, 20))
        who = a_resident(session, programme, now=texted - 30 * DAY)
        planning.plan_programme(session, programme, calendar=None, now=texted - DAY)
        session.query(CheckInRow).filter_by(due_at=texted).update(
            {"state": "attempted", "attempted_at": texted}
        )
        eight_weeks = Override(every=8)
        enrolment.change_pace(session, who, programme, eight_weeks, by=None, now=texted + DAY)
    for days in range(1, 40):
        plan(wiring, programme, texted + days * DAY)
    states = {row.occurrence: row.state for row in planned(wiring) if row.due_at > texted}
    assert states[date(2026, 12, 15)] == "skipped"
