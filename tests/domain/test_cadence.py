"""The dates a cadence gives: exact, in order, kept on the wall clock, the same every time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule
from hypothesis import assume, given
from hypothesis import strategies as st

from connector.domain.cadence import (
    Cadence,
    Occurrence,
    Override,
    Plan,
    Taper,
    Unit,
    Weekday,
    occurrences,
    preview,
    refuse_if_never,
    settle,
    spread_minutes,
    zone_named,
)
from connector.domain.calendar import Calendar, Nation, QuietHours, WhenClosed
from connector.domain.errors import Invalid

MON, TUE, WED, THU, FRI, SAT, SUN = Weekday
SATURDAY = date(2027, 3, 20)
TEN = time(10)
LONDON = "Europe/London"
ENGLAND = Calendar(nation=Nation.ENGLAND, sundays=True)

# Zones whose clocks change at odd times: half an hour, two hours, at midnight, a day left out.
ZONES = [
    LONDON,
    "America/New_York",
    "America/Havana",
    "America/St_Johns",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kolkata",
    "UTC",
]

minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
weekdays = st.sets(st.sampled_from(list(Weekday)), min_size=1).map(tuple)
starts = st.dates(date(2005, 1, 1), date(2040, 12, 31)) | st.sampled_from(
    [date(2011, 12, 24), date(2027, 3, 22), date(2027, 10, 25), date(2027, 12, 20)]
)
weekly = st.builds(Cadence, days=weekdays, time=minutes, starts_on=starts, every=st.integers(1, 6))
monthly = st.builds(
    Cadence,
    days=weekdays,
    time=minutes,
    starts_on=starts,
    every=st.integers(1, 4),
    unit=st.just(Unit.MONTHS),
    week_of_month=st.sampled_from([1, 2, 3, 4, -1]),
)
days_after = st.builds(
    Cadence,
    days=st.just(()),
    time=minutes,
    starts_on=starts,
    unit=st.just(Unit.DAYS_AFTER),
    after=st.sets(st.integers(0, 120), min_size=1, max_size=6).map(tuple),
)
tapered = st.builds(
    Cadence,
    days=weekdays,
    time=minutes,
    starts_on=starts,
    taper=st.builds(
        Taper,
        weeks=st.integers(1, 14),
        paces=st.sets(st.integers(2, 8), min_size=1, max_size=3).map(sorted).map(tuple),
    ),
)
cadences = st.one_of(weekly, weekly, monthly, days_after, tapered)
calendars = st.none() | st.builds(
    Calendar,
    nation=st.none() | st.sampled_from(list(Nation)),
    sundays=st.booleans(),
    quiet=st.none()
    | st.tuples(minutes, minutes)
    .filter(lambda two: two[0] != two[1])
    .map(lambda two: QuietHours(*two)),
    on_holiday=st.sampled_from(list(WhenClosed)),
    on_sunday=st.sampled_from(list(WhenClosed)),
)
zones = st.sampled_from(ZONES)
people = st.none() | st.integers(1, 10**9) | st.uuids().map(str)


def first(count: int, cadence: Cadence, zone: str = LONDON, **more: object) -> list[Occurrence]:
    return list(islice(occurrences(cadence, zone=zone, **more), count))  # type: ignore[arg-type]


def dates(cadence: Cadence, count: int) -> list[str]:
    return [day.isoformat() for _, day in islice(cadence.nominal(), count)]


# --- properties ------------------------------------------------------------------------------


@given(cadences, zones, calendars, people)
def test_instants_increase_and_each_date_comes_once(
    cadence: Cadence, zone: str, calendar: Calendar | None, person: str | int | None
) -> None:
    rows = first(40, cadence, zone, calendar=calendar, spread_for=person)
    going = [one for one in rows if one.skipped is None]
    assert all(one.due < later.due for one, later in pairwise(going))
    assert all(one.date < later.date for one, later in pairwise(rows))
    assert [one.number for one in rows] == list(range(1, len(rows) + 1))


@given(cadences, zones, calendars, people)
def test_the_wall_clock_is_kept_except_where_moved_says_so(
    cadence: Cadence, zone: str, calendar: Calendar | None, person: str | int | None
) -> None:
    for one in first(40, cadence, zone, calendar=calendar, spread_for=person):
        assert one.due.tzinfo is UTC
        assert one.local == one.due.astimezone(ZoneInfo(zone))
        assert one.local.utcoffset() == one.due.astimezone(ZoneInfo(zone)).utcoffset()
        assert not (one.moved and one.skipped)
        if one.skipped is None:
            kept = one.local.date() == one.date and one.local.time() == planned(cadence, person)
            assert kept == (one.moved is None)


def planned(cadence: Cadence, person: str | int | None) -> time:
    """The wall clock with a person's spread, kept within the day, worked out another way."""
    spread = 0 if person is None else spread_minutes(person)
    total = cadence.time.hour * 60 + cadence.time.minute + spread
    total = min(max(total, 0), 24 * 60 - 1)
    return time(*divmod(total, 60))


@given(cadences, zones, calendars, people)
def test_what_goes_out_is_allowed_on_the_persons_calendar(
    cadence: Cadence, zone: str, calendar: Calendar | None, person: str | int | None
) -> None:
    assume(calendar is not None)
    assert calendar is not None
    for one in first(30, cadence, zone, calendar=calendar, spread_for=person):
        if one.skipped is None:
            assert calendar.why_not(one.local) is None


@given(cadences, zones, calendars, people, st.integers(0, 400))
def test_a_window_shows_the_same_as_the_whole(
    cadence: Cadence, zone: str, calendar: Calendar | None, person: str | int | None, later: int
) -> None:
    since = cadence.starts_on + timedelta(days=later)
    until = since + timedelta(days=60)
    whole = occurrences(cadence, zone=zone, until=until, calendar=calendar, spread_for=person)
    window = occurrences(
        cadence, zone=zone, since=since, until=until, calendar=calendar, spread_for=person
    )
    assert list(window) == [one for one in whole if one.date >= since]


@given(cadences, zones, calendars, st.lists(st.integers(1, 10**6), min_size=1, max_size=4))
def test_what_is_previewed_is_what_a_plan_for_many_gives(
    cadence: Cadence, zone: str, calendar: Calendar | None, persons: list[int]
) -> None:
    since = cadence.starts_on + timedelta(days=5)
    until = since + timedelta(days=14)
    plan = Plan(cadence, zone, since, until, calendar)
    for person in persons:
        alone = occurrences(
            cadence, zone=zone, since=since, until=until, calendar=calendar, spread_for=person
        )
        assert plan.of(person) == tuple(alone)


@given(weekly, zones, minutes, people)
def test_changing_the_time_of_day_keeps_the_dates_and_numbers(
    cadence: Cadence, zone: str, other: time, person: str | int | None
) -> None:
    before = first(20, cadence, zone)
    after = first(20, replace(cadence, time=other), zone, spread_for=person)
    assert [(one.date, one.number) for one in before] == [(one.date, one.number) for one in after]


@given(st.integers() | st.text())
def test_a_spread_is_fixed_and_within_half_an_hour(person: int | str) -> None:
    assert -30 <= spread_minutes(person) <= 30
    assert spread_minutes(person) == spread_minutes(person)
    assert -5 <= spread_minutes(person, 5) <= 5
    assert spread_minutes(person, 0) == 0


def test_spreads_are_even_over_many_people_and_never_change() -> None:
    spreads = [spread_minutes(person) for person in range(6100)]
    counts = [spreads.count(minute) for minute in range(-30, 31)]
    assert min(counts) > 60
    assert max(counts) < 140
    # Kept for ever: another method of hashing would move everybody's texts.
    assert [spread_minutes(person) for person in (1, 2, 3, "1")] == SPREADS_FOR_EVER


SPREADS_FOR_EVER = [-10, -4, -17, -10]


@given(cadences, st.none() | st.integers(0, 700))
def test_a_cadence_survives_being_kept_and_keeps_its_revision(
    cadence: Cadence, length: int | None
) -> None:
    if length is not None:
        end = cadence.starts_on + timedelta(days=length)
        assume(any(day <= end for _, day in islice(cadence.nominal(), 1)))
        cadence = replace(cadence, ends_on=end)
    kept = Cadence.from_json(json.loads(json.dumps(cadence.to_json())))
    assert kept == cadence
    assert kept.revision() == cadence.revision()


@given(weekly, weekly)
def test_a_revision_tells_cadences_apart(one: Cadence, other: Cadence) -> None:
    assert (one.revision() == other.revision()) == (one == other)


# --- another implementation ------------------------------------------------------------------


@given(weekly)
def test_weeks_agree_with_the_rules_of_calendars(cadence: Cadence) -> None:
    theirs = rrule.rrule(
        rrule.WEEKLY,
        dtstart=datetime.combine(cadence.starts_on, time(0)),
        interval=cadence.every,
        byweekday=[day.number for day in cadence.days],
        wkst=rrule.MO,
        count=30,
    )
    assert [day for _, day in islice(cadence.nominal(), 30)] == [each.date() for each in theirs]


@given(monthly)
def test_months_agree_with_the_rules_of_calendars(cadence: Cadence) -> None:
    nth = cadence.week_of_month
    theirs = rrule.rrule(
        rrule.MONTHLY,
        dtstart=datetime.combine(cadence.starts_on, time(0)),
        interval=cadence.every,
        byweekday=[rrule.weekday(day.number)(nth) for day in cadence.days],
        count=20,
    )
    assert [day for _, day in islice(cadence.nominal(), 20)] == [each.date() for each in theirs]


# --- examples --------------------------------------------------------------------------------


def test_weeks_are_counted_from_the_monday_of_the_start() -> None:
    fortnightly = Cadence((TUE, FRI), TEN, date(2027, 3, 25), every=2)
    assert dates(fortnightly, 4) == ["2027-03-26", "2027-04-06", "2027-04-09", "2027-04-20"]


def test_the_start_is_included() -> None:
    assert dates(Cadence((SAT,), TEN, SATURDAY), 1) == ["2027-03-20"]


def test_the_last_friday_of_every_second_month() -> None:
    cadence = Cadence((FRI,), TEN, SATURDAY, every=2, unit=Unit.MONTHS, week_of_month=-1)
    assert dates(cadence, 3) == ["2027-03-26", "2027-05-28", "2027-07-30"]


def test_days_after_joining() -> None:
    cadence = Cadence((), TEN, SATURDAY, unit=Unit.DAYS_AFTER, after=(30, 3, 0))
    assert dates(cadence, 9) == ["2027-03-20", "2027-03-23", "2027-04-19"]


def test_a_taper_slows_down_step_by_step_and_goes_on() -> None:
    cadence = Cadence((TUE,), TEN, date(2027, 3, 15), taper=Taper(12, (2, 4)))
    weeks = [(day - date(2027, 3, 15)).days // 7 + 1 for _, day in islice(cadence.nominal(), 22)]
    assert weeks == [*range(1, 13), 14, 16, 18, 20, 22, 24, 28, 32, 36, 40]


@pytest.mark.parametrize(
    ("every", "taper", "weeks"),
    [
        pytest.param(2, Taper(5, (3,)), [1, 3, 5, 8, 11, 14], id="from a fortnightly pace"),
        pytest.param(1, Taper(1, (8, 9)), [1, 10, 19, 28], id="a pace with no room is passed over"),
    ],
)
def test_tapers_keep_their_gaps(every: int, taper: Taper, weeks: list[int]) -> None:
    cadence = Cadence((MON,), TEN, date(2027, 3, 15), every=every, taper=taper)
    found = [
        (day - date(2027, 3, 15)).days // 7 + 1 for _, day in islice(cadence.nominal(), len(weeks))
    ]
    assert found == weeks


@given(tapered)
def test_no_gap_of_a_taper_is_shorter_than_the_one_before(cadence: Cadence) -> None:
    one_day = replace(cadence, days=cadence.days[:1])
    days = [day for _, day in islice(one_day.nominal(), 40)]
    gaps = [(later - day).days for day, later in pairwise(days)]
    assert gaps == sorted(gaps)
    assert cadence.taper is not None
    assert gaps[-1] == 7 * cadence.taper.paces[-1] or len(gaps) < 40


@pytest.mark.parametrize(
    ("day", "clock", "due", "moved"),
    [
        pytest.param("2027-03-27", "01:30", "2027-03-27T01:30", False, id="the day before"),
        pytest.param("2027-03-28", "00:59", "2027-03-28T00:59", False, id="the last minute"),
        pytest.param("2027-03-28", "01:00", "2027-03-28T01:00", True, id="the first lost minute"),
        pytest.param("2027-03-28", "01:30", "2027-03-28T01:00", True, id="lost in the spring"),
        pytest.param("2027-03-28", "02:00", "2027-03-28T01:00", False, id="after the gap"),
        pytest.param("2027-03-29", "01:30", "2027-03-29T00:30", False, id="the day after"),
        pytest.param("2027-10-31", "01:30", "2027-10-31T00:30", False, id="twice: the first"),
        pytest.param("2027-10-31", "02:00", "2027-10-31T02:00", False, id="once again"),
    ],
)
def test_clock_changes_in_london(day: str, clock: str, due: str, moved: bool) -> None:
    cadence = Cadence(tuple(Weekday), time.fromisoformat(clock), date.fromisoformat(day))
    one = first(1, cadence)[0]
    assert one.due == datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert (one.moved is not None) == moved
    assert one.skipped is None


def test_a_move_over_the_clock_change_says_so_in_words() -> None:
    one = first(1, Cadence((SUN,), time(1, 30), date(2027, 3, 28)))[0]
    assert one.moved == (
        "Moved from Sunday 28 March 2027 at 01:30 to Sunday 28 March 2027 at 02:00, because the "
        "clocks go forward and 01:30 does not exist on Sunday 28 March 2027."
    )


def test_a_day_that_a_zone_left_out_is_not_sent_twice() -> None:
    cadence = Cadence(tuple(Weekday), TEN, date(2011, 12, 29))
    rows = first(3, cadence, "Pacific/Apia")
    assert [one.skipped is None for one in rows] == [True, False, True]


@given(minutes, st.dates(date(2005, 1, 1), date(2045, 1, 1)), zones)
def test_a_settled_time_exists_and_is_the_first_that_does(
    clock: time, day: date, zone: str
) -> None:
    wanted = datetime.combine(day, clock, ZoneInfo(zone))
    settled, existed = settle(wanted)
    real = settled.astimezone(UTC)
    assert real.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == settled.replace(tzinfo=None)
    assert existed == (settled.replace(tzinfo=None) == wanted.replace(tzinfo=None))
    just_before = (real - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
    assert just_before.replace(tzinfo=None) < wanted.replace(tzinfo=None) or existed


def test_a_holiday_text_moves_on_and_keeps_the_date_that_names_it() -> None:
    cadence = Cadence((TUE, FRI), TEN, SATURDAY)
    good_friday = first(2, cadence, calendar=ENGLAND)[1]
    assert good_friday.date == date(2027, 3, 26)
    assert good_friday.local.date() == date(2027, 3, 27)
    assert good_friday.moved == (
        "Moved from Friday 26 March 2027 at 10:00 to Saturday 27 March 2027 at 10:00, "
        "because Good Friday is a bank holiday in England."
    )


def test_two_texts_never_meet_on_one_day() -> None:
    daily = Cadence(tuple(Weekday), TEN, date(2027, 12, 24))
    rows = first(6, daily, calendar=Calendar(nation=Nation.ENGLAND))
    assert [one.skipped is None for one in rows] == [True, False, False, False, False, True]
    assert rows[1].skipped == (
        "Skipped on Saturday 25 December 2027 at 10:00, "
        "because the next allowed day has its own text."
    )


def test_of_two_texts_moved_to_one_day_the_later_one_goes_out() -> None:
    cadence = Cadence((SAT, SUN), TEN, date(2027, 12, 24))
    rows = first(2, cadence, calendar=Calendar(nation=Nation.ENGLAND))
    assert rows[0].skipped is not None
    assert rows[1].local.date() == date(2027, 12, 29)


def test_the_end_date_is_included_and_names_the_goodbye() -> None:
    cadence = Cadence((TUE,), TEN, SATURDAY, ends_on=date(2027, 4, 6))
    assert dates(cadence, 9) == ["2027-03-23", "2027-03-30", "2027-04-06"]
    assert cadence.final_date == date(2027, 4, 6)
    assert replace(cadence, ends_on=date(2027, 4, 5)).final_date == date(2027, 3, 30)
    assert replace(cadence, ends_on=None).final_date is None


@pytest.mark.parametrize(
    ("ends_on", "taper", "expected"),
    [
        pytest.param(None, None, False, id="no end"),
        pytest.param(date(2027, 9, 1), None, True, id="ends weekly"),
        pytest.param(date(2027, 4, 27), Taper(12, (2, 4)), True, id="ends before its taper"),
        pytest.param(date(2027, 9, 1), Taper(12, (2, 4)), False, id="slows down first"),
    ],
)
def test_a_cadence_knows_whether_it_ends_at_full_pace(
    ends_on: date | None, taper: Taper | None, expected: bool
) -> None:
    cadence = Cadence((TUE,), TEN, SATURDAY, ends_on=ends_on, taper=taper)
    assert cadence.ends_at_full_pace is expected


def test_a_spread_near_midnight_stays_within_its_day() -> None:
    early, late = Cadence((TUE,), time(0, 5), SATURDAY), Cadence((TUE,), time(23, 55), SATURDAY)
    assert first(1, early, spread=-30)[0].local.time() == time(0)
    assert first(1, late, spread=30)[0].local.time() == time(23, 59)


def test_a_person_may_have_their_own_day_time_and_pace() -> None:
    cadence = Cadence((TUE,), TEN, SATURDAY, taper=Taper(12, (2, 4)))
    own = Override(days=(THU,), time=time(17, 30), every=2).apply_to(cadence)
    assert (own.days, own.time, own.every) == ((THU,), time(17, 30), 2)
    assert own.taper == Taper(12, (4,))
    assert Override(every=4).apply_to(cadence).taper is None
    assert Override().apply_to(cadence) == cadence


@pytest.mark.parametrize(
    "override",
    [Override(), Override((THU,), time(17, 30), 2), Override(every=3)],
    ids=["nothing", "everything", "pace"],
)
def test_an_override_survives_being_kept(override: Override) -> None:
    assert Override.from_json(json.loads(json.dumps(override.to_json()))) == override


@pytest.mark.parametrize(
    ("override", "text"),
    [
        pytest.param(Override(), "", id="nothing"),
        pytest.param(Override((FRI, TUE)), "TUE,FRI", id="days, in the order of the week"),
        pytest.param(Override(time=time(9, 5)), "09:05", id="time"),
        pytest.param(Override(every=4), "every 4", id="pace"),
        pytest.param(
            Override(tuple(Weekday), time(17, 30), 52),
            "MON,TUE,WED,THU,FRI,SAT,SUN 17:30 every 52",
            id="everything, and the longest there is",
        ),
    ],
)
def test_an_override_has_one_short_text(override: Override, text: str) -> None:
    assert override.to_text() == text
    assert Override.from_text(text) == override
    assert len(text) <= 120


@pytest.mark.parametrize("text", [" ", "TUE,", "TUE 25:00", "10:00 TUE", "every 0", "TUE  10:00"])
def test_a_text_that_is_no_override_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        Override.from_text(text)


def test_days_are_kept_in_the_order_of_the_week_and_once() -> None:
    assert Cadence((FRI, TUE, FRI), TEN, SATURDAY).days == (TUE, FRI)


# --- one person's own ------------------------------------------------------------------------

WEEKLY = Cadence((TUE,), TEN, date(2027, 1, 5))


def personal(cadence: Cadence, joined: date, count: int = 4, **own: object) -> list[str]:
    return dates(cadence.personal(joined, Override(**own)), count)  # type: ignore[arg-type]


def test_weeks_count_from_the_start_of_the_programme_or_from_joining() -> None:
    fortnightly = replace(WEEKLY, every=2)
    joined = date(2027, 1, 13)
    assert personal(fortnightly, joined)[:2] == ["2027-01-05", "2027-01-19"]
    from_joining = replace(fortnightly, from_joining=True)
    assert personal(from_joining, joined)[:2] == ["2027-01-26", "2027-02-09"]


def test_days_after_joining_count_from_each_person_s_own_day() -> None:
    welcome = Cadence((), TEN, date(2027, 1, 1), unit=Unit.DAYS_AFTER, after=(0, 3, 10))
    assert personal(welcome, date(2027, 2, 1)) == ["2027-02-01", "2027-02-04", "2027-02-11"]
    assert personal(welcome, date(2026, 12, 1)) == ["2027-01-01", "2027-01-04", "2027-01-11"]


def test_a_taper_from_joining_begins_at_full_pace_for_everybody() -> None:
    tapering = replace(WEEKLY, taper=Taper(2, (2, 4)), from_joining=True)
    assert personal(tapering, date(2027, 3, 2)) == [
        "2027-03-02",
        "2027-03-09",
        "2027-03-23",
        "2027-04-20",
    ]


def test_each_person_s_end_counts_from_their_joining() -> None:
    lasting = replace(WEEKLY, lasts_weeks=3, from_joining=True)
    own = lasting.personal(date(2027, 2, 3))
    assert dates(own, 9) == ["2027-02-09", "2027-02-16", "2027-02-23"]
    assert own.final_date == date(2027, 2, 23)
    assert (own.from_joining, own.lasts_weeks, own.ends_on) == (False, None, date(2027, 2, 23))


def test_the_sooner_of_two_ends_counts() -> None:
    both = replace(WEEKLY, lasts_weeks=30, ends_on=date(2027, 2, 1))
    assert both.personal(date(2027, 1, 5)).ends_on == date(2027, 2, 1)


def test_of_days_after_joining_only_the_time_is_anybodys_own() -> None:
    welcome = Cadence((), TEN, date(2027, 1, 1), unit=Unit.DAYS_AFTER, after=(3,))
    own = welcome.personal(date(2027, 1, 1), Override((FRI,), time(15), 2))
    assert own == replace(welcome, time=time(15))


def test_somebody_who_joined_after_the_last_day_is_told_so() -> None:
    with pytest.raises(Invalid, match="cannot end before it starts"):
        replace(WEEKLY, from_joining=True, ends_on=date(2027, 2, 1)).personal(date(2027, 3, 1))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"lasts_weeks": 0}, "lasts 1 to 520 weeks", id="no weeks"),
        pytest.param({"lasts_weeks": 3, "every": 4}, "at least 4 weeks", id="shorter than a turn"),
        pytest.param(
            {"lasts_weeks": 9, "every": 2, "unit": Unit.MONTHS}, "at least 10 weeks", id="months"
        ),
        pytest.param(
            {"lasts_weeks": 3, "taper": Taper(2, (2, 4))}, "at least 4 weeks", id="joined late"
        ),
        pytest.param(
            {"lasts_weeks": 3, "unit": Unit.DAYS_AFTER, "days": (), "after": (1,)},
            "need no other end",
            id="days after joining",
        ),
    ],
)
def test_a_length_that_leaves_somebody_without_a_text_is_refused(
    changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        replace(WEEKLY, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"lasts_weeks": 12}, True, id="weekly to its last week"),
        pytest.param({"lasts_weeks": 12, "every": 4}, False, id="monthly anyway"),
        pytest.param({"lasts_weeks": 12, "taper": Taper(12, (2,))}, True, id="before it slows"),
        pytest.param({"lasts_weeks": 13, "taper": Taper(12, (2,))}, False, id="after it slowed"),
        pytest.param(
            {"ends_on": date(2040, 1, 1), "taper": Taper(12, (2,)), "from_joining": True},
            True,
            id="one last day for all, each at their own week",
        ),
    ],
)
def test_a_length_for_each_person_may_end_at_full_pace(
    changes: dict[str, object], expected: bool
) -> None:
    cadence = replace(WEEKLY, **changes)  # type: ignore[arg-type]
    assert cadence.ends_at_full_pace is expected


@given(cadences, st.integers(0, 2000))
def test_the_date_before_is_the_one_that_came_before(cadence: Cadence, after: int) -> None:
    day = cadence.starts_on + timedelta(days=after)
    past = [found for _, found in islice(cadence.nominal(), 3000) if found < day]
    assert cadence.date_before(day) == (past[-1] if past else None)
    assert cadence.is_final(day) == (next(cadence.nominal(day + timedelta(days=1)), None) is None)


@given(cadences, zones, calendars, people, st.integers(0, 12))
def test_after_a_change_nothing_follows_the_last_text_too_closely(
    cadence: Cadence, zone: str, calendar: Calendar | None, person: str | int | None, days: int
) -> None:
    last = datetime.combine(cadence.starts_on + timedelta(days=days), TEN, UTC)
    with_it = first(20, cadence, zone, calendar=calendar, spread_for=person, after=last)
    without = first(20, cadence, zone, calendar=calendar, spread_for=person)
    for one, plain in zip(with_it, without, strict=True):
        near = plain.due - last < cadence.gap_before(plain.date) / 2
        assert one == plain or (near and one.skipped is not None)
        assert one.skipped is not None or not near


# --- counting and refusing -------------------------------------------------------------------


def test_a_preview_counts_only_what_goes_out() -> None:
    calendar = replace(ENGLAND, on_holiday=WhenClosed.SKIP)
    cadence = Cadence((MON, FRI), TEN, date(2027, 3, 25))
    rows = preview(cadence, zone=LONDON, count=2, calendar=calendar)
    assert [one.skipped is None for one in rows] == [False, False, True, True]


@given(cadences, zones, calendars, people, st.integers(1, 12))
def test_a_preview_is_in_order_and_ends_on_its_last_text(
    cadence: Cadence,
    zone: str,
    calendar: Calendar | None,
    person: str | int | None,
    count: int,
) -> None:
    try:
        rows = list(preview(cadence, zone=zone, count=count, calendar=calendar, spread_for=person))
    except Invalid:
        return
    sent = [one for one in rows if one.skipped is None]
    assert len(sent) <= count
    assert all(one.due < later.due for one, later in pairwise(rows))
    assert len({one.date for one in rows}) == len(rows)
    if cadence.final_date is None and len(sent) == count:
        assert rows[-1].skipped is None


def test_a_cadence_that_is_always_skipped_is_refused() -> None:
    only_sundays = Cadence((SUN,), TEN, SATURDAY)
    with pytest.raises(Invalid, match="every day of this cadence is one that is skipped"):
        refuse_if_never(only_sundays, zone=LONDON, calendar=Calendar(on_sunday=WhenClosed.SKIP))
    refuse_if_never(only_sundays, zone=LONDON, calendar=Calendar())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"days": ()}, "at least one day", id="no days"),
        pytest.param({"every": 0}, "1 to 52", id="every nought weeks"),
        pytest.param({"every": 53}, "1 to 52", id="less than once a year"),
        pytest.param({"spread": 31}, "spread", id="too wide a spread"),
        pytest.param({"time": time(10, 0, 1)}, "hours and minutes", id="seconds"),
        pytest.param({"time": time(10, tzinfo=UTC)}, "own clock", id="a time with a zone"),
        pytest.param({"starts_on": date(1999, 1, 1)}, "2000 and 2199", id="long ago"),
        pytest.param({"starts_on": date(9999, 1, 1)}, "2000 and 2199", id="far ahead"),
        pytest.param({"ends_on": date(2027, 3, 19)}, "end before it starts", id="ends first"),
        pytest.param({"ends_on": date(2027, 3, 22)}, "none of the days", id="ends too soon"),
        pytest.param({"after": (3,)}, "cannot be mixed", id="weekdays and days after"),
        pytest.param({"unit": Unit.DAYS_AFTER}, "no weekdays", id="days after with weekdays"),
        pytest.param(
            {"unit": Unit.DAYS_AFTER, "days": (), "after": (-1,)}, "0 to 3660", id="before joining"
        ),
        pytest.param({"week_of_month": 5}, "week of the month", id="a fifth week"),
        pytest.param({"every": 2, "taper": Taper(12, (2,))}, "slower than", id="no slower"),
        pytest.param({"unit": Unit.MONTHS, "taper": Taper(12, (2,))}, "taper", id="monthly taper"),
    ],
)
def test_what_can_never_be_sent_is_refused_in_words(change: dict[str, object], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        replace(Cadence((TUE,), TEN, SATURDAY), **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("weeks", "paces"),
    [(0, (2,)), (12, ()), (12, (1,)), (12, (4, 2)), (12, (2, 2)), (12, (53,))],
    ids=["no weeks", "no pace", "no slower", "faster again", "the same twice", "over a year"],
)
def test_a_taper_that_is_none_is_refused(weeks: int, paces: tuple[int, ...]) -> None:
    with pytest.raises(Invalid, match="taper"):
        Taper(weeks, paces)


@pytest.mark.parametrize("name", ["", "Mars", "Europe", "../London", "/etc/localtime", "x\0y"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="Europe/London"):
        zone_named(name)
