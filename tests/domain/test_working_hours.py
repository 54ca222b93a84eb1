"""What a promise means on the clock: weekends, bank holidays, late afternoons, clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.promise import Promise
from connector.domain.working_hours import WorkingHours

HOURS = WorkingHours()
LONDON = ZoneInfo("Europe/London")


def london(text: str) -> datetime:
    """A moment from its wall-clock time in London, in UTC as the service holds it."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("promise", "now", "due"),
    [
        pytest.param(Promise.TODAY, "2026-11-24T10:00", "2026-11-24T17:00", id="Tuesday morning"),
        pytest.param(Promise.TODAY, "2026-11-24T16:00", "2026-11-24T17:00", id="an hour is enough"),
        pytest.param(
            Promise.TODAY, "2026-11-24T16:01", "2026-11-25T17:00", id="less than an hour is not"
        ),
        pytest.param(Promise.TODAY, "2026-11-27T16:50", "2026-11-30T17:00", id="Friday 16:50"),
        pytest.param(Promise.TODAY, "2026-11-28T11:00", "2026-11-30T17:00", id="Saturday"),
        pytest.param(Promise.TODAY, "2026-11-24T03:00", "2026-11-24T17:00", id="in the night"),
        pytest.param(
            Promise.TODAY, "2026-12-24T16:30", "2026-12-29T17:00", id="Christmas Eve, too late"
        ),
        pytest.param(Promise.TODAY, "2026-12-25T09:00", "2026-12-29T17:00", id="Christmas Day"),
        pytest.param(
            Promise.TODAY, "2026-12-28T09:00", "2026-12-29T17:00", id="Boxing Day's substitute"
        ),
        pytest.param(Promise.TODAY, "2026-12-31T17:00", "2027-01-04T17:00", id="New Year's Eve"),
        pytest.param(
            Promise.THIS_WEEK, "2026-11-24T10:00", "2026-11-27T17:00", id="Tuesday: by Friday"
        ),
        pytest.param(
            Promise.THIS_WEEK, "2026-11-27T10:00", "2026-12-02T17:00", id="Friday: over a weekend"
        ),
        pytest.param(
            Promise.THIS_WEEK, "2026-12-23T10:00", "2026-12-30T17:00", id="over Christmas"
        ),
        pytest.param(
            Promise.TODAY, "2026-10-25T12:00", "2026-10-26T17:00", id="the day the clocks go back"
        ),
        pytest.param(
            Promise.THIS_WEEK, "2026-10-23T10:00", "2026-10-28T17:00", id="over the longer day"
        ),
        pytest.param(
            Promise.THIS_WEEK, "2027-03-24T10:00", "2027-03-31T17:00", id="Easter, shorter day"
        ),
    ],
)
def test_due(promise: Promise, now: str, due: str) -> None:
    assert HOURS.due_at(promise, london(now)) == london(due)


def test_now_is_now_even_on_christmas_night() -> None:
    night = london("2026-12-25T03:00")
    assert HOURS.due_at(Promise.NOW, night) == night


def test_good_news_keeps_for_two_weeks() -> None:
    now = london("2026-11-24T10:00")
    assert HOURS.due_at(Promise.GOOD_NEWS, now) == now + timedelta(days=14)


def test_scotland_works_on_easter_monday_and_rests_on_the_second_of_january() -> None:
    scotland = WorkingHours(nation="SCT")
    easter_monday = london("2027-03-29T10:00")
    assert scotland.open_at(easter_monday)
    assert not HOURS.open_at(easter_monday)
    assert not scotland.open_at(london("2026-01-02T10:00"))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        pytest.param("2026-11-24T08:00", "9am Tuesday", id="before opening"),
        pytest.param("2026-11-24T17:00", "9am Wednesday", id="at closing"),
        pytest.param("2026-11-27T18:00", "9am Monday", id="Friday evening"),
        pytest.param("2026-12-24T18:00", "9am Tuesday", id="Christmas Eve"),
    ],
)
def test_the_next_opening_as_a_text_says_it(now: str, words: str) -> None:
    assert HOURS.next_opening_words(london(now)) == words


@given(st.integers(0, 2 * 365 * 24 * 60))
def test_promises_keep_their_order_and_end_in_working_time(minutes: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    today, week = HOURS.due_at(Promise.TODAY, now), HOURS.due_at(Promise.THIS_WEEK, now)
    assert now < today < week
    for due in (today, week):
        local = due.astimezone(LONDON)
        assert HOURS.works_on(local.date())
        assert local.time() == HOURS.closes
    assert HOURS.open_at(now) or HOURS.next_opening(now) > now
