"""Silence: only texts that arrived count, beside how often this person usually replies."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.silence import Patience, Rhythm, is_our_trouble

MONDAY = date(2026, 5, 4)
PATIENCE = Patience()


def live(story: str, every: int = 7) -> tuple[Rhythm, list[int]]:
    """A rhythm after `story`, one letter a text, and at which texts a reason was raised.

    r replied, l late, m missed, h missed but unsure whether it arrived, u undelivered, a away.
    """
    rhythm, raised = Rhythm(), []
    for n, letter in enumerate(story):
        on = MONDAY + timedelta(days=every * n)
        signal = None
        if letter in "rl":
            rhythm = rhythm.replied(late=letter == "l")
        elif letter in "mh":
            rhythm, signal = rhythm.unanswered(on, PATIENCE, sure=letter == "m")
        elif letter == "u":
            rhythm, signal = rhythm.not_delivered(on, PATIENCE, name="Sara")
        else:
            rhythm = rhythm.explained()
        if signal:
            raised.append(n)
    return rhythm, raised


@pytest.mark.parametrize(
    ("story", "every", "raised"),
    [
        pytest.param("mm", 7, [], id="a new person is not flagged at two misses"),
        pytest.param("mmm", 7, [2], id="but at three"),
        pytest.param("rrrrrrrrrrmm", 7, [11], id="somebody who always replies, at two"),
        pytest.param("rmrmrmrmmrmm", 7, [], id="who answers half the time is not, at two"),
        pytest.param("mrmrmrmrmrmrmrmmm", 7, [], id="nor at three"),
        pytest.param("mmrmmrmmrmmrmmrmmmm", 7, [], id="who rarely replies waits longer"),
        pytest.param("mmrmmrmmrmmrmmrmmmmm", 7, [19], id="but no longer than four weeks"),
        pytest.param("rrrruuuuu", 7, [5, 7], id="texts that do not arrive are no silence"),
        pytest.param("rrrrrrmamamam", 7, [], id="away is no silence"),
        pytest.param("rrrrrrmmmmmmm", 3, [8], id="told once of one silence"),
        pytest.param("rrrrrrmmmmmmmm", 7, [8, 12], id="and again when it lasts"),
        pytest.param("mhm", 7, [], id="an unsure text counts half"),
    ],
)
def test_when_somebody_is_quiet(story: str, every: int, raised: list[int]) -> None:
    assert live(story, every)[1] == raised


def test_a_late_reply_takes_back_the_miss_it_answers() -> None:
    assert live("rml")[0] == live("rr")[0]


def test_a_silence_does_not_excuse_itself() -> None:
    before, during = live("rrrr")[0], live("rrrrmmm")[0]
    assert during.reply_rate(PATIENCE) == before.reply_rate(PATIENCE)


def test_the_sentence_says_since_when_and_how_it_usually_is() -> None:
    rhythm, _ = live("rrrrrrrrrr")
    rhythm, _ = rhythm.unanswered(date(2026, 8, 3), PATIENCE, name="Sara")
    rhythm, signal = rhythm.unanswered(date(2026, 8, 10), PATIENCE, name="Sara")
    assert signal is not None
    assert signal.sentence == (
        "Sara has been quiet for 2 texts, since 3 August; usually replies to about 9 of 10."
    )
    assert signal.kind == "quiet"


def test_a_text_that_does_not_arrive_is_a_matter_of_the_number() -> None:
    rhythm, signal = Rhythm().not_delivered(MONDAY, PATIENCE, name="Sara")
    assert signal is None
    _, signal = rhythm.not_delivered(MONDAY + timedelta(days=7), PATIENCE, name="Sara")
    assert signal is not None
    assert signal.sentence == "The last 2 texts to Sara did not arrive. Check the number."


@pytest.mark.parametrize(
    ("failed", "sent", "ours"),
    [
        pytest.param(4, 4, False, id="a few of few"),
        pytest.param(5, 25, True, id="one in five"),
        pytest.param(5, 100, False, id="one in twenty"),
    ],
)
def test_many_failures_at_once_are_ours(failed: int, sent: int, ours: bool) -> None:
    assert is_our_trouble(failed, sent) is ours


def test_patience_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        Patience(maximum=0)


@given(st.text("rlmhua", max_size=40))
def test_the_rhythm_survives_json(story: str) -> None:
    rhythm, _ = live(story)
    assert Rhythm.from_json(json.loads(json.dumps(rhythm.to_json()))) == rhythm


@given(st.text("rlua", max_size=40))
def test_nobody_is_quiet_who_missed_nothing(story: str) -> None:
    assert live(story.replace("u", ""))[1] == []


@given(st.text("rmh", max_size=12), st.integers(1, 3))
def test_one_more_miss_never_makes_silence_less_of_a_reason(story: str, more: int) -> None:
    rhythm, _ = live(story)
    rate = 1 - rhythm.reply_rate(PATIENCE)
    longer, _ = live(story + "m" * more)
    assert rate**longer.run <= rate**rhythm.run
