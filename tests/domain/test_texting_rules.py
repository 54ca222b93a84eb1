"""A cap that lets nothing out and a price that is none are refused in words."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from connector.domain.cadence import Cadence, Unit, Weekday
from connector.domain.calendar import (
    NIGHT,
    Calendar,
    DayOverride,
    Nation,
    Opening,
    WhenClosed,
)
from connector.domain.caps import Cap
from connector.domain.errors import Invalid
from connector.domain.texting_rules import Need, TextingRules, changes, dates_asked, need

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("cap", "says"),
    [
        pytest.param(Cap(0, 2, 8), "A cap of nought", id="none a day"),
        pytest.param(Cap(1, 2, 0), "A cap of nought", id="none in 28 days"),
        pytest.param(Cap(6, 7, 8), "at most 5 texts a day", id="a flood"),
        pytest.param(Cap(2, 1, 8), "at least the one for a day", id="fewer a week than a day"),
        pytest.param(Cap(1, 4, 3), "at least the one for 7", id="fewer in 28 days than in 7"),
    ],
)
def test_a_cap_that_cannot_be_meant_is_refused(cap: Cap, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        TextingRules(cap=cap)


@pytest.mark.parametrize("price", ["-1", "101", "NaN", "Infinity"])
def test_a_price_that_is_none_is_refused(price: str) -> None:
    with pytest.raises(Invalid, match="price of one segment"):
        TextingRules(price=Decimal(price))


def test_segments_cost_pence() -> None:
    assert TextingRules(price=Decimal("3.5")).cost(200) == Decimal(7)


@pytest.mark.parametrize(
    ("days", "cap", "above"),
    [
        pytest.param((Weekday.TUE, Weekday.FRI), Cap(), "", id="twice a week"),
        pytest.param((Weekday.TUE,), Cap(1, 1, 4), "", id="each week exactly"),
        pytest.param((Weekday.TUE,), Cap(1, 1, 3), "4 texts within 28 days", id="four a month"),
        pytest.param(
            (Weekday.SUN, Weekday.MON, Weekday.TUE), Cap(), "3 texts within 7 days", id="three"
        ),
    ],
)
def test_what_a_cadence_asks_for_is_counted_at_its_thickest(
    days: tuple[Weekday, ...], cap: Cap, above: str
) -> None:
    asked = dates_asked([Cadence(days, time(10), TODAY)], since=TODAY)
    found = need(asked).above(cap)
    assert (above in found) if above else found == ""


def test_two_cadences_are_counted_together_on_one_day() -> None:
    both = [Cadence((Weekday.TUE,), time(at), TODAY) for at in (10, 15)]
    assert need(dates_asked(both, since=TODAY)) == Need(2, 2, 8)


def test_who_joins_today_gets_the_thickest_part_and_who_can_no_longer_join_none() -> None:
    first_days = Cadence((), time(10), date(2026, 1, 1), unit=Unit.DAYS_AFTER, after=(0, 1, 2))
    assert need(dates_asked([first_days], since=TODAY)) == Need(1, 3, 3)
    over = Cadence((Weekday.TUE,), time(10), date(2026, 1, 1), ends_on=date(2026, 2, 1))
    assert dates_asked([over], since=TODAY) == []


def test_changes_are_said_in_words_each_once() -> None:
    before = TextingRules(Calendar(Nation.ENGLAND, quiet=NIGHT))
    hours = tuple(Opening(weekday, time(9), time(20)) for weekday in range(5))
    calendar = Calendar(
        None,
        (DayOverride(date(2027, 3, 23), False, "training", Nation.WALES),),
        opening=hours,
        on_holiday=WhenClosed.SKIP,
    )
    assert changes(before, TextingRules(calendar, Cap(1, 3, 9), Decimal("4.5"))) == [
        "Saturday: closed (was 09:00 to 20:00).",
        "Quiet hours: none (was 20:00 to 09:00).",
        "Bank holidays: none (was those of England).",
        "A text on a bank holiday or a day of our own: is skipped "
        "(was moves to the next allowed day).",
        "The cap: 1 text a day, 3 in 7 days, 9 in 28 days "
        "(was 1 text a day, 2 in 7 days, 8 in 28 days).",
        "One segment: 4.5p (was 4p).",
        "New: Tuesday 23 March 2027 is closed in Wales (training).",
    ]
    assert changes(before, before) == []
