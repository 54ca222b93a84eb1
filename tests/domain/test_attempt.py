"""How far a text got: states only move forward, whatever order the words about it come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.attempt import AttemptState, Meaning, earlier_than

S = AttemptState


@pytest.mark.parametrize(
    ("standing", "news", "moves"),
    [
        pytest.param(S.SENDING, S.ACCEPTED, True, id="handed over, accepted"),
        pytest.param(S.ACCEPTED, S.SENT, True, id="accepted, sent"),
        pytest.param(S.SENT, S.DELIVERED, True, id="sent, delivered"),
        pytest.param(S.UNKNOWN, S.DELIVERED, True, id="not known, then it arrived after all"),
        pytest.param(S.UNKNOWN, S.ACCEPTED, True, id="not known, then the network had it"),
        pytest.param(S.UNDELIVERED, S.DELIVERED, True, id="not arrived, then it did"),
        pytest.param(S.DELIVERED, S.SENT, False, id="a late sent after delivered"),
        pytest.param(S.DELIVERED, S.UNDELIVERED, False, id="a late failure after delivered"),
        pytest.param(S.DELIVERED, S.UNKNOWN, False, id="forgotten after delivered"),
        pytest.param(S.UNDELIVERED, S.SENT, False, id="a late sent after the failure"),
        pytest.param(S.REFUSED, S.ACCEPTED, False, id="accepted after refused"),
        pytest.param(S.SENT, S.SENT, False, id="the same again"),
    ],
)
def test_a_word_about_a_text(standing: AttemptState, news: AttemptState, moves: bool) -> None:
    assert (standing in earlier_than(news)) is moves


@given(st.lists(st.sampled_from(AttemptState)))
def test_in_whatever_order_words_come_the_furthest_stands(news: list[AttemptState]) -> None:
    standing = AttemptState.QUEUED
    for state in news:
        standing = state if standing in earlier_than(state) else standing
    assert standing.rank == max([0, *(state.rank for state in news)])


@pytest.mark.parametrize("state", AttemptState)
def test_every_state_has_words_for_staff(state: AttemptState) -> None:
    assert state.words


@pytest.mark.parametrize("meaning", [one for one in Meaning if one is not Meaning.NONE])
def test_every_meaning_has_words_for_staff(meaning: Meaning) -> None:
    assert meaning.words
