"""Less than usual is said where chance would hardly bring so few, and nowhere else."""

from __future__ import annotations

from itertools import accumulate
from math import exp

import pytest

from connector.domain.traffic import Band, Verdict, at_most, verdict

BUSY = [Band(100, 40), Band(110, 44), Band(90, 36), Band(100, 40), Band(100, 42), Band(100, 38)]


@pytest.mark.parametrize(
    ("now", "earlier", "says"),
    [
        pytest.param(Band(100, 40), BUSY, Verdict.USUAL, id="as ever"),
        pytest.param(Band(100, 15), BUSY, Verdict.USUAL, id="a poor day"),
        pytest.param(Band(100, 5), BUSY, Verdict.TOO_FEW, id="hardly any"),
        pytest.param(Band(100, 0), BUSY, Verdict.TOO_FEW, id="none"),
        pytest.param(Band(0, 0), BUSY, Verdict.UNKNOWN, id="nobody was asked"),
        pytest.param(Band(10, 0), BUSY, Verdict.UNKNOWN, id="few were asked"),
        pytest.param(Band(100, 0), BUSY[:3], Verdict.UNKNOWN, id="three weeks are no history"),
        pytest.param(
            Band(100, 0), [*BUSY[:3], Band(0, 0)], Verdict.UNKNOWN, id="nor is a week without texts"
        ),
        pytest.param(Band(9, 0), [Band(9, 5)] * 6, Verdict.UNKNOWN, id="a small service"),
        pytest.param(
            Band(100, 3), [*BUSY[:5], Band(100, 2)], Verdict.USUAL, id="it was as few before"
        ),
        pytest.param(
            Band(30000, 9000), [Band(30000, 12000)] * 6, Verdict.USUAL, id="a dip of many"
        ),
        pytest.param(Band(30000, 900), [Band(30000, 12000)] * 6, Verdict.TOO_FEW, id="a hole"),
        pytest.param(Band(500, 40), BUSY, Verdict.USUAL, id="more texts promise nothing"),
    ],
)
def test_these_hours_beside_the_same_of_earlier_weeks(
    now: Band, earlier: list[Band], says: Verdict
) -> None:
    assert verdict(now, earlier) is says


@pytest.mark.parametrize("expected", [0.0, 0.5, 7.0, 100.0])
def test_chance_is_counted_exactly_where_it_is_small(expected: float) -> None:
    terms = accumulate(range(1, 30), lambda term, n: term * expected / n, initial=exp(-expected))
    assert list(accumulate(terms)) == pytest.approx([at_most(n, expected) for n in range(30)])


def test_the_bell_curve_takes_over_without_a_step() -> None:
    assert at_most(80, 100.0) == pytest.approx(at_most(80, 100.001), rel=0.2)
    assert at_most(20_000, 10_000) == pytest.approx(1)
    assert at_most(10, 10_000) == pytest.approx(0)
