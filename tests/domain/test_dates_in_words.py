"""Days as people write them in a text; nothing is guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.dates_in_words import LONGEST, day_in, weekdays_in

WEDNESDAY = date(2027, 6, 2)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("away til monday", date(2027, 6, 7)),
        ("away till Weds", date(2027, 6, 9)),
        ("back fri", date(2027, 6, 4)),
        ("back next friday", date(2027, 6, 11)),
        ("back next monday", date(2027, 6, 7)),
        ("back monday week", date(2027, 6, 14)),
        ("pause 2 weeks", date(2027, 6, 16)),
        ("pause two wks pls", date(2027, 6, 16)),
        ("pause for a fortnight", date(2027, 6, 16)),
        ("pause for a couple of weeks", date(2027, 6, 16)),
        ("a few days off please", date(2027, 6, 5)),
        ("pause a month", date(2027, 7, 2)),
        ("pause for 3 months", date(2027, 9, 2)),
        ("away til the 5th", date(2027, 6, 5)),
        ("away until the 1st", date(2027, 7, 1)),
        ("back on the 31st", date(2027, 7, 31)),
        ("away til 12 june", date(2027, 6, 12)),
        ("away til June 12th", date(2027, 6, 12)),
        ("away til 12th of June", date(2027, 6, 12)),
        ("away til 1 may", date(2028, 5, 1)),
        ("back 5/7", date(2027, 7, 5)),
        ("back 05/07/27", date(2027, 7, 5)),
        ("back 5.7.2027", date(2027, 7, 5)),
        ("away tomorrow", date(2027, 6, 3)),
        ("back the day after tomorrow", date(2027, 6, 4)),
        ("in hospital til the weekend", date(2027, 6, 5)),
        ("text me next week", date(2027, 6, 7)),
        ("not til next month", date(2027, 7, 1)),
        ("pause til end of the month", date(2027, 7, 1)),
        ("leave it til after xmas", date(2027, 12, 27)),
        ("after new year please", date(2028, 1, 2)),
        ("AWAY TIL MONDAY!!", date(2027, 6, 7)),
    ],
)
def test_a_day_ahead(text: str, day: date) -> None:
    found = day_in(text, WEDNESDAY)
    assert found is not None
    assert (found.day, found.starts) == (day, None)


@pytest.mark.parametrize(
    ("text", "starts", "day"),
    [
        ("away 3-10 june", date(2027, 6, 3), date(2027, 6, 11)),
        ("away 3rd to 10th June", date(2027, 6, 3), date(2027, 6, 11)),
        ("on hols 28 - 4 july", date(2027, 6, 28), date(2027, 7, 5)),
        ("away 12th til 14th of august", date(2027, 8, 12), date(2027, 8, 15)),
    ],
)
def test_a_range_of_days_ends_after_its_last(text: str, starts: date, day: date) -> None:
    found = day_in(text, WEDNESDAY)
    assert found is not None
    assert (found.starts, found.day) == (starts, day)


@pytest.mark.parametrize(
    "text",
    [
        "pause", "away", "in hospital", "", "away til 31 february", "back 32/13", "7", "6/13",
        "ring me on 07700 900123", "im 55", "away for 99 months", "back 1/1/2020",
    ],
)  # fmt: skip
def test_nothing_is_guessed(text: str) -> None:
    assert day_in(text, WEDNESDAY) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("only Mondays please", (0,)),
        ("mon and thurs", (0, 3)),
        ("Tuesdays or fridays", (1, 4)),
        ("not on weds", (2,)),
        ("sat's are best", (5,)),
        ("i sat down", ()),
        ("hello", ()),
    ],
)
def test_weekdays(text: str, days: tuple[int, ...]) -> None:
    assert weekdays_in(text) == days


@given(st.text(max_size=60), st.dates(date(2026, 1, 1), date(2035, 12, 31)))
def test_whatever_is_written_the_day_is_ahead(text: str, today: date) -> None:
    found = day_in(f"away til {text}", today)
    assert found is None or today < found.day <= today + LONGEST + timedelta(days=1)
