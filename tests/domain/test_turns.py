"""Sharing out: evenly, wholly, and nobody for ever last."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.turns import in_turn, shares

QUEUES = st.dictionaries(st.integers(0, 9), st.integers(0, 40), max_size=6)


@pytest.mark.parametrize(
    ("waiting", "room", "given_out"),
    [
        pytest.param({1: 100, 2: 100}, 10, {1: 5, 2: 5}, id="evenly"),
        pytest.param({1: 5000, 2: 3}, 10, {1: 7, 2: 3}, id="a small one is served whole"),
        pytest.param({1: 2, 2: 3}, 10, {1: 2, 2: 3}, id="there is room for all"),
        pytest.param({1: 9, 2: 0}, 4, {1: 4, 2: 0}, id="who needs nothing gets nothing"),
        pytest.param({1: 9}, 0, {1: 0}, id="no room"),
        pytest.param({}, 5, {}, id="nobody"),
    ],
)
def test_room_is_shared(waiting: dict[int, int], room: int, given_out: dict[int, int]) -> None:
    assert shares(waiting, room) == given_out


@given(QUEUES, st.integers(0, 60), st.integers(0, 1000))
def test_all_room_is_used_and_nobody_goes_short_while_another_has_more(
    waiting: dict[int, int], room: int, turn: int
) -> None:
    given_out = shares(waiting, room, turn=turn)
    assert set(given_out) == set(waiting)
    assert sum(given_out.values()) == min(room, sum(waiting.values()))
    assert all(given_out[key] <= waiting[key] for key in waiting)
    for key in waiting:
        if given_out[key] < waiting[key]:
            assert max(given_out.values()) <= given_out[key] + 1


def test_a_single_place_goes_round() -> None:
    got: Counter[int] = Counter()
    for turn in range(9):
        got.update(shares({1: 5000, 2: 9, 3: 9}, 1, turn=turn))
    assert got == {1: 3, 2: 3, 3: 3}


@given(st.lists(st.lists(st.integers(), max_size=8), max_size=5), st.integers(0, 40))
def test_wherever_the_list_is_cut_nobody_is_left_out(queues: list[list[int]], cut: int) -> None:
    named = [[(who, item) for item in queue] for who, queue in enumerate(queues)]
    served = in_turn(named)
    assert sorted(served) == sorted(pair for queue in named for pair in queue)
    got = Counter(who for who, _item in served[:cut])
    for who, queue in enumerate(queues):
        if got[who] < len(queue):
            assert max(got.values(), default=0) <= got[who] + 1
