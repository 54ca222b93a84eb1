"""When a text may go out, where it moves to when it may not, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.calendar import (
    HOLIDAYS_KNOWN_TO,
    Calendar,
    DayOverride,
    Nation,
    Opening,
    QuietHours,
    WhenClosed,
    bank_holiday,
    bank_holidays,
    holidays_between,
    is_bank_holiday,
)
from connector.domain.errors import Invalid

LONDON = ZoneInfo("Europe/London")
NIGHT = QuietHours(time(20), time(9))
OFFICE = tuple(Opening(weekday, time(9), time(17)) for weekday in range(5))


def at(day: str, clock: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=LONDON)


# Dates as published on the government's page of bank holidays.
@pytest.mark.parametrize(
    ("nation", "day", "expected"),
    [
        pytest.param("ENG", date(2027, 3, 29), True, id="Easter Monday in England"),
        pytest.param("SCT", date(2027, 3, 29), False, id="no Easter Monday in Scotland"),
        pytest.param("SCT", date(2027, 1, 4), True, id="2 January, substitute day, in Scotland"),
        pytest.param("ENG", date(2027, 1, 4), False, id="not in England"),
        pytest.param("NIR", date(2027, 3, 17), True, id="St Patrick's in Northern Ireland"),
        pytest.param("WLS", date(2027, 3, 1), False, id="St David's is none"),
        pytest.param("ENG", date(2027, 12, 25), True, id="Christmas on a Saturday"),
        pytest.param("ENG", date(2027, 12, 27), True, id="its substitute day"),
        pytest.param("ENG", date(2027, 12, 28), True, id="Boxing Day's substitute day"),
        pytest.param("SCT", date(2027, 11, 30), True, id="St Andrew's"),
    ],
)
def test_bank_holidays_by_nation(nation: str, day: date, expected: bool) -> None:
    assert is_bank_holiday(day, nation) is expected


def test_a_bank_holiday_has_a_name_and_a_year_has_about_eight() -> None:
    assert bank_holiday(date(2027, 3, 26), Nation.ENGLAND) == "Good Friday"
    assert bank_holiday(date(2027, 3, 25), Nation.ENGLAND) is None
    assert 8 <= len(bank_holidays("ENG", 2028)) <= 11


@pytest.mark.parametrize(
    ("calendar", "planned", "goes_out", "because"),
    [
        pytest.param(
            Calendar(), at("2027-03-23"), at("2027-03-23"), (), id="an ordinary day stays"
        ),
        pytest.param(
            Calendar(),
            at("2027-03-21"),
            at("2027-03-22"),
            ("we do not text on Sundays",),
            id="Sundays are off by default",
        ),
        pytest.param(
            Calendar(sundays=True), at("2027-03-21"), at("2027-03-21"), (), id="Sundays allowed"
        ),
        pytest.param(
            Calendar(nation=Nation.ENGLAND),
            at("2027-03-26"),
            at("2027-03-27"),
            ("Good Friday is a bank holiday in England",),
            id="a holiday moves to the next allowed day at the same time",
        ),
        pytest.param(
            Calendar(nation=Nation.ENGLAND, sundays=False),
            at("2027-03-28"),
            at("2027-03-30"),
            ("we do not text on Sundays", "Easter Monday is a bank holiday in England"),
            id="over several closed days, each named",
        ),
        pytest.param(
            Calendar(quiet=NIGHT),
            at("2027-03-23", "08:59"),
            at("2027-03-23", "09:00"),
            ("08:59 falls in quiet hours (20:00 to 09:00)",),
            id="early waits until the morning",
        ),
        pytest.param(
            Calendar(quiet=NIGHT),
            at("2027-03-23", "09:00"),
            at("2027-03-23", "09:00"),
            (),
            id="end",
        ),
        pytest.param(
            Calendar(quiet=NIGHT),
            at("2027-03-23", "20:00"),
            at("2027-03-24", "09:00"),
            ("20:00 falls in quiet hours (20:00 to 09:00)",),
            id="late waits until the next morning",
        ),
        pytest.param(
            Calendar(quiet=NIGHT),
            at("2027-03-20", "21:00"),
            at("2027-03-22", "09:00"),
            ("21:00 falls in quiet hours (20:00 to 09:00)", "we do not text on Sundays"),
            id="a wait that ends on a Sunday goes on to Monday",
        ),
        pytest.param(
            Calendar(quiet=QuietHours(time(12), time(14))),
            at("2027-03-23", "14:00"),
            at("2027-03-23", "14:00"),
            (),
            id="the end of a quiet midday",
        ),
        pytest.param(
            Calendar(quiet=QuietHours(time(12), time(14))),
            at("2027-03-23", "12:00"),
            at("2027-03-23", "14:00"),
            ("12:00 falls in quiet hours (12:00 to 14:00)",),
            id="the start of a quiet midday",
        ),
        pytest.param(
            Calendar(opening=OFFICE),
            at("2027-03-25", "17:00"),
            at("2027-03-26", "09:00"),
            (
                "we are open from 09:00 to 17:00 on Thursdays",
                "we are open from 09:00 to 17:00 on Fridays",
            ),
            id="at closing time it is closed",
        ),
        pytest.param(
            Calendar(opening=OFFICE),
            at("2027-03-26", "18:00"),
            at("2027-03-29", "09:00"),
            (
                "we are open from 09:00 to 17:00 on Fridays",
                "we are not open on Saturdays",
                "we do not text on Sundays",
                "we are open from 09:00 to 17:00 on Mondays",
            ),
            id="after closing on a Friday",
        ),
        pytest.param(
            Calendar(
                nation=Nation.ENGLAND,
                overrides=(DayOverride(date(2027, 3, 26), is_open=True),),
            ),
            at("2027-03-26"),
            at("2027-03-26"),
            (),
            id="staff opened a holiday",
        ),
        pytest.param(
            Calendar(overrides=(DayOverride(date(2027, 3, 23), False, "everybody is training"),)),
            at("2027-03-23"),
            at("2027-03-24"),
            ("everybody is training",),
            id="staff closed a day",
        ),
    ],
)
def test_the_next_allowed_time(
    calendar: Calendar, planned: datetime, goes_out: datetime, because: tuple[str, ...]
) -> None:
    ruling = calendar.next_allowed(planned)
    assert (ruling.local, ruling.because, ruling.skipped) == (goes_out, because, None)
    assert calendar.why_not(ruling.local) is None


def test_a_holiday_is_skipped_where_that_is_set_and_says_so() -> None:
    calendar = Calendar(nation=Nation.WALES, on_holiday=WhenClosed.SKIP)
    assert calendar.next_allowed(at("2027-03-26")).skipped == (
        "Skipped on Friday 26 March 2027 at 10:00, because Good Friday is a bank holiday in Wales."
    )


def test_the_planned_day_is_judged_before_its_hour() -> None:
    calendar = Calendar(nation=Nation.ENGLAND, quiet=NIGHT, on_holiday=WhenClosed.SKIP)
    assert calendar.next_allowed(at("2027-03-26", "21:00")).skipped is not None


def test_years_of_closed_days_end_in_a_skip() -> None:
    start = date(2027, 1, 1)
    closed = tuple(DayOverride(start + timedelta(days=n), is_open=False) for n in range(900))
    ruling = Calendar(overrides=closed).next_allowed(at("2027-01-01"))
    assert "no day in the next two years" in (ruling.skipped or "")


@pytest.mark.parametrize(
    ("build", "says"),
    [
        pytest.param(lambda: QuietHours(time(9), time(9)), "start and an end", id="no length"),
        pytest.param(lambda: Opening(0, time(17), time(9)), "close later", id="closes first"),
        pytest.param(lambda: Opening(7, time(9), time(17)), "weekday", id="an eighth day"),
        pytest.param(lambda: Calendar(opening=OFFICE + OFFICE), "once", id="Monday twice"),
        pytest.param(
            lambda: Calendar(opening=(Opening(6, time(9), time(17)),)),
            "never open",
            id="only Sundays, which are off",
        ),
        pytest.param(
            lambda: Calendar(opening=OFFICE, quiet=QuietHours(time(8), time(18))),
            "never open",
            id="quiet all through the opening hours",
        ),
    ],
)
def test_hours_that_never_open_are_refused_in_words(build: object, says: str) -> None:
    assert callable(build)
    with pytest.raises(Invalid, match=says):
        build()


minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
quiet_hours = st.none() | st.tuples(minutes, minutes).filter(lambda two: two[0] != two[1]).map(
    lambda two: QuietHours(*two)
)
some_days = st.dates(date(2026, 12, 1), date(2027, 1, 31))
nations = st.none() | st.sampled_from(list(Nation))
special_days = st.lists(
    st.builds(DayOverride, some_days, st.booleans(), st.just("by hand"), nations),
    max_size=20,
    unique_by=lambda one: (one.day, one.nation),
).map(tuple)
opening_hours = st.lists(
    st.builds(
        Opening, st.integers(0, 6), st.just(time(9)), st.sampled_from([time(12), time(17, 30)])
    ),
    max_size=7,
    unique_by=lambda hours: hours.weekday,
).map(tuple)


def _with(
    calendar: Calendar, days: tuple[DayOverride, ...], opening: tuple[Opening, ...]
) -> Calendar:
    """The calendar with these as well; without the hours where they would never open."""
    try:
        return replace(calendar, overrides=days, opening=opening)
    except Invalid:
        return replace(calendar, overrides=days)


calendars = st.builds(
    Calendar,
    nation=nations,
    sundays=st.booleans(),
    quiet=quiet_hours,
    on_holiday=st.sampled_from(list(WhenClosed)),
    on_sunday=st.sampled_from(list(WhenClosed)),
)


@given(calendars, st.dates(date(2020, 1, 1), date(2050, 1, 1)), minutes)
def test_what_goes_out_is_allowed_and_never_early(
    calendar: Calendar, day: date, clock: time
) -> None:
    planned = datetime.combine(day, clock, LONDON)
    ruling = calendar.next_allowed(planned)
    if ruling.skipped is None:
        assert calendar.why_not(ruling.local) is None
        assert ruling.local >= planned
        assert bool(ruling.because) == (ruling.local != planned)
    else:
        assert ruling.local == planned


set_calendars = st.builds(_with, calendars, special_days, opening_hours)


@given(set_calendars, some_days, minutes)
def test_with_days_of_our_own_what_goes_out_is_allowed_never_early_and_stays(
    calendar: Calendar, day: date, clock: time
) -> None:
    planned = datetime.combine(day, clock, LONDON)
    ruling = calendar.next_allowed(planned)
    if ruling.skipped is not None:
        assert ruling.local == planned
        assert calendar.why_not(planned) is not None
        return
    assert calendar.why_not(ruling.local) is None
    assert ruling.local >= planned
    again = calendar.next_allowed(ruling.local)
    assert (again.local, again.because, again.skipped) == (ruling.local, (), None)


@given(set_calendars, special_days, some_days)
def test_a_day_by_hand_decides_over_everything_and_the_nations_own_over_everywhere(
    calendar: Calendar, days: tuple[DayOverride, ...], day: date
) -> None:
    ours = {one.nation: one for one in calendar.overrides if one.day == day}
    decided = (ours.get(calendar.nation) if calendar.nation else None) or ours.get(None)
    assert calendar.special(day) == decided
    if decided is not None:
        assert bool(calendar.why_closed(day)) is not decided.is_open
    elsewhere = tuple(one for one in days if one.nation not in (None, calendar.nation))
    alone = replace(calendar, overrides=())
    assert replace(calendar, overrides=elsewhere).why_closed(day) == alone.why_closed(day)


@given(set_calendars)
def test_a_calendar_with_days_of_our_own_survives_being_kept(calendar: Calendar) -> None:
    assert Calendar.from_json(calendar.to_json()) == calendar


def test_a_weekday_that_is_closed_may_skip() -> None:
    calendar = Calendar(opening=OFFICE, on_weekday=WhenClosed.SKIP)
    assert calendar.next_allowed(at("2027-03-27")).skipped == (
        "Skipped on Saturday 27 March 2027 at 10:00, because we are not open on Saturdays."
    )


# Days off as the government publishes them; where the day itself falls on a weekend, it counts too.
PUBLISHED = {
    "ENG": (
        "2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28 "
        "2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28 "
        "2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26"
    ),
    "SCT": (
        "2027-01-01 2027-01-04 2027-03-26 2027-05-03 2027-05-31 2027-08-02 2027-11-30 2027-12-27 "
        "2027-12-28 2028-01-03 2028-01-04 2028-04-14 2028-05-01 2028-05-29 2028-08-07 2028-11-30 "
        "2028-12-25 2028-12-26"
    ),
    "NIR": (
        "2027-01-01 2027-03-17 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-07-12 2027-08-30 "
        "2027-12-27 2027-12-28 2028-01-03 2028-03-17 2028-04-14 2028-04-17 2028-05-01 2028-05-29 "
        "2028-07-12 2028-08-28 2028-12-25 2028-12-26"
    ),
}


@pytest.mark.parametrize("nation", PUBLISHED)
def test_up_to_the_day_that_is_said_the_holidays_are_the_published_ones(nation: str) -> None:
    published = [date.fromisoformat(day) for day in PUBLISHED[nation].split()]
    known = holidays_between(nation, published[0], HOLIDAYS_KNOWN_TO)
    assert [day for day, _name in known if day.weekday() < 5] == published


@given(calendars)
def test_a_calendar_survives_being_kept(calendar: Calendar) -> None:
    assert Calendar.from_json(calendar.to_json()) == calendar


def test_a_full_calendar_survives_being_kept() -> None:
    override = DayOverride(date(2027, 3, 23), False, "everybody is training")
    calendar = Calendar(Nation.WALES, (override,), True, NIGHT, OFFICE, WhenClosed.SKIP)
    assert Calendar.from_json(calendar.to_json()) == calendar
