"""How far a next text moves, by the calendar of the person."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.domain.moves import Move, move, moved_words

LONDON = ZoneInfo("Europe/London")
TUESDAY = datetime(2026, 11, 24, 10, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("by", "size", "words"),
    [
        ({}, Move.STAYS, "does not move"),
        ({"minutes": 10}, Move.SAME_DAY, "10 minutes later"),
        ({"hours": -1}, Move.SAME_DAY, "1 hour earlier"),
        ({"days": 1}, Move.DAYS_LATER, "1 day later"),
        ({"days": 2, "hours": 4}, Move.DAYS_LATER, "2 days and 4 hours later"),
        ({"days": -3}, Move.DAYS_EARLIER, "3 days earlier"),
        ({"days": 4}, Move.FEW_LATER, "4 days later"),
        ({"days": -6}, Move.FEW_EARLIER, "6 days earlier"),
        ({"days": 7}, Move.WEEK_LATER, "7 days later"),
        ({"days": -9}, Move.WEEK_EARLIER, "9 days earlier"),
    ],
)
def test_a_move_has_a_size_and_words(by: dict[str, int], size: Move, words: str) -> None:
    after = TUESDAY + timedelta(**by)
    assert move(TUESDAY, after) is size
    assert moved_words(TUESDAY, after) == words


def test_texts_that_stop_and_texts_that_begin() -> None:
    assert move(TUESDAY, None) is Move.STOPS
    assert move(None, TUESDAY) is Move.STARTS
    assert move(None, None) is Move.STAYS


def test_ten_in_the_morning_over_a_clock_change_has_moved_by_whole_days() -> None:
    before, after = (
        datetime(2027, 3, 26, 10, tzinfo=LONDON),
        datetime(2027, 3, 29, 10, tzinfo=LONDON),
    )
    assert moved_words(before, after) == "3 days later"
