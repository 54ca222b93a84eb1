"""The one contact cap: one a local day, two in seven days, eight in twenty-eight."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.caps import CAP

LONDON = "Europe/London"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        pytest.param([], "", id="nothing yet"),
        pytest.param([ago(hours=2)], "1 text from us that day", id="one today"),
        pytest.param([ago(hours=13)], "", id="one late last night"),
        pytest.param([ago(days=1), ago(days=6)], "2 texts from us within 7 days", id="two a week"),
        pytest.param([ago(days=1), ago(days=7)], "", id="the older is a week ago"),
        pytest.param([ago(days=8 + 2 * n) for n in range(8)], "within 28 days", id="eight"),
        pytest.param([ago(days=8 + 2 * n) for n in range(7)], "", id="seven"),
        pytest.param([ago(hours=-3)], "that day", id="one is promised for later today"),
    ],
)
def test_one_more_text_may_be_too_many(sent: list[datetime], why: str) -> None:
    said = CAP.why_capped(sent, LONDON, NOW)
    assert (why in said) if why else said == ""


def test_the_day_is_the_persons_own() -> None:
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)  # 23:30 in London, 7:30 next day in Tokyo
    later = datetime(2026, 7, 2, 8, tzinfo=UTC)
    assert CAP.why_capped([late], LONDON, later) == ""
    assert "that day" in CAP.why_capped([late], "Asia/Tokyo", later)


@given(st.lists(st.integers(0, 60 * 24 * 40), min_size=1, max_size=60))
def test_whoever_obeys_it_never_gets_more(minutes: list[int]) -> None:
    sent: list[datetime] = []
    for at in sorted(NOW + timedelta(minutes=each) for each in minutes):
        if not CAP.why_capped(sent, "UTC", at):
            sent.append(at)
    for at in sent:
        assert sum(other.date() == at.date() for other in sent) <= 1
        before = [(at.date() - other.date()).days for other in sent if other <= at]
        assert sum(days < 7 for days in before) <= 2
        assert sum(days < 28 for days in before) <= 8


def test_a_text_that_leaves_some_seconds_sooner_than_last_week_is_a_week_later_all_the_same() -> (
    None
):
    tuesday, friday = NOW - timedelta(days=7) + timedelta(seconds=40), NOW - timedelta(days=4)
    assert CAP.why_capped([tuesday, friday], LONDON, NOW) == ""
    assert "within 7 days" in CAP.why_capped([ago(days=6), friday], LONDON, NOW)
