"""What a measurement is: figures beside floors, ratios, and the gate that compares two runs."""

from __future__ import annotations

import pytest

from connector.cli.bench.measure import (
    Better,
    Figure,
    Kind,
    alternate,
    figure,
    percentile,
    worse_than,
)

RATE = Kind("rate", "ours", "bare", "/s")
WAIT = Kind("wait", "ours", "bare", "ms", Better.LESS)


def with_ratio(ratio: float) -> Figure:
    return Figure(RATE, 0, 0, ratio, (ratio,))


@pytest.mark.parametrize(
    ("kind", "pairs", "ratio"),
    [
        pytest.param(RATE, [(100, 50)], 0.5, id="a rate at half its floor"),
        pytest.param(RATE, [(100, 100)], 1.0, id="the floor itself"),
        pytest.param(WAIT, [(5, 10)], 0.5, id="twice the wait of its floor"),
        pytest.param(RATE, [(100, 50), (10, 5), (100, 90)], 0.5, id="the median of the rounds"),
        pytest.param(
            RATE, [(100, 50), (1000, 500), (10, 5)], 0.5, id="a machine that drifts changes nothing"
        ),
        pytest.param(RATE, [(0, 50)], 0.0, id="a floor that measured nothing is no ratio"),
    ],
)
def test_a_ratio_says_how_near_the_floor_a_path_comes(
    kind: Kind, pairs: list[tuple[float, float]], ratio: float
) -> None:
    assert figure(kind, pairs).ratio == ratio


def test_floor_and_path_take_turns() -> None:
    order: list[str] = []
    alternate(
        2,
        lambda: float(order.append("floor") or 1),  # type: ignore[func-returns-value]
        lambda: float(order.append("path") or 1),  # type: ignore[func-returns-value]
    )
    assert order == ["floor", "path", "floor", "path"]


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [
        pytest.param(range(1, 101), 0.99, 99, id="the 99th of a hundred"),
        pytest.param(range(1, 101), 0.5, 50, id="the middle of a hundred"),
        pytest.param([7], 0.99, 7, id="of one, that one"),
        pytest.param([3, 1, 2], 1.0, 3, id="all of them: the largest"),
        pytest.param([], 0.5, 0, id="of none, nought"),
    ],
)
def test_percentiles_are_values_that_were_measured(
    values: list[float], share: float, found: float
) -> None:
    assert percentile(values, share) == found


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        pytest.param({"rate": 0.5}, 0.39, 1, id="under four fifths of the last ratio"),
        pytest.param({"rate": 0.5}, 0.41, 0, id="a little less is no regression"),
        pytest.param({"rate": 0.5}, 0.9, 0, id="better"),
        pytest.param({}, 0.1, 0, id="measured for the first time"),
    ],
)
def test_only_a_ratio_that_fell_is_a_regression(
    before: dict[str, float], now: float, told: int
) -> None:
    assert len(worse_than(before, [with_ratio(now)])) == told


def test_a_regression_names_both_ratios() -> None:
    assert worse_than({"rate": 0.5}, [with_ratio(0.2)]) == ["rate: 0.20 of its floor, 0.50 before"]
