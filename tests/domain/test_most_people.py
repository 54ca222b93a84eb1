"""What is usual for most people: found again where it is known, and silent where it is not."""

from __future__ import annotations

from random import Random

import pytest

from connector.domain.most_people import FREEDOMS, WEIGHTS, estimate


def town(
    people: int, answers: int, *, between: float, spread: float, seed: int = 1
) -> list[list[float]]:
    """Invented people around 3, whose own centres lie `between` apart and who all vary alike."""
    chance = Random(seed)
    return [
        [centre + chance.gauss(0, spread) for _ in range(answers)]
        for centre in (3 + chance.gauss(0, between) for _ in range(people))
    ]


@pytest.mark.parametrize(
    ("between", "spread"),
    [
        pytest.param(2.0, 1.0, id="people differ more than their days"),
        pytest.param(1.0, 1.0, id="as much"),
        pytest.param(1.0, 1.8, id="days differ more than people"),
    ],
)
def test_it_finds_the_figures_that_a_town_was_made_with(between: float, spread: float) -> None:
    found = estimate(town(600, 12, between=between, spread=spread))
    assert found is not None
    assert found.centre == pytest.approx(3, abs=0.2)
    assert found.spread == pytest.approx(spread, rel=0.1)
    assert found.weight == pytest.approx((spread / between) ** 2, rel=0.25)
    assert found.freedom == FREEDOMS[1], "everybody varies alike"
    assert (found.people, found.answers) == (600, 7200)


def test_where_people_vary_differently_a_spread_of_most_people_is_worth_less() -> None:
    calm, lively = town(300, 12, between=1, spread=0.4), town(300, 12, between=1, spread=2.5)
    found = estimate([*calm, *lively])
    assert found is not None
    assert found.freedom < 6
    assert 0.4 < found.spread < 2.5


@pytest.mark.parametrize(
    ("people", "answers"),
    [pytest.param(19, 12, id="too few people"), pytest.param(40, 7, id="too few answers")],
)
def test_it_says_nothing_before_there_is_enough(people: int, answers: int) -> None:
    assert estimate(town(people, answers, between=1, spread=1)) is None


def test_later_answers_change_nothing() -> None:
    histories = town(30, 12, between=1, spread=1)
    assert estimate([[*one, 10, 10, 10] for one in histories]) == estimate(histories)


@pytest.mark.parametrize(
    "histories",
    [
        pytest.param([[3.0] * 8] * 20, id="everybody the same, always"),
        pytest.param([[float(n % 11)] * 8 for n in range(20)], id="nobody ever varies"),
        pytest.param([[0.0, 10.0] * 4] * 20, id="everybody between the ends"),
    ],
)
def test_towns_of_one_mind_give_figures_within_bounds(histories: list[list[float]]) -> None:
    found = estimate(histories)
    assert found is not None
    assert WEIGHTS[0] <= found.weight <= WEIGHTS[1]
    assert FREEDOMS[0] <= found.freedom <= FREEDOMS[1]
    assert found.spread > 0
