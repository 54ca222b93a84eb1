"""A cap that lets nothing out and a price that is none are refused in words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.domain.caps import Cap
from connector.domain.errors import Invalid
from connector.domain.texting_rules import TextingRules


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
