"""When a text may go out, where it moves to when it may not, and what is said about it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.calendar import (
    Calendar,
    DayOverride,
    Nation,
    Opening,
    QuietHours,
    WhenClosed,
    bank_holiday,
    bank_holidays,
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
calendars = st.builds(
    Calendar,
    nation=st.none() | st.sampled_from(list(Nation)),
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


@given(calendars)
def test_a_calendar_survives_being_kept(calendar: Calendar) -> None:
    assert Calendar.from_json(calendar.to_json()) == calendar


def test_a_full_calendar_survives_being_kept() -> None:
    override = DayOverride(date(2027, 3, 23), False, "everybody is training")
    calendar = Calendar(Nation.WALES, (override,), True, NIGHT, OFFICE, WhenClosed.SKIP)
    assert Calendar.from_json(calendar.to_json()) == calendar
