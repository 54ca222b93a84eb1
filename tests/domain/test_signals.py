"""Reasons that need no history: what a reply, the network and a failure give."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain import signals
from connector.domain.promise import Promise
from connector.domain.signals import Signal, SignalKind


@pytest.mark.parametrize("kind", list(SignalKind), ids=str)
def test_every_reason_has_words_and_a_promise(kind: SignalKind) -> None:
    assert kind.words[0].isupper()
    assert kind.usual_promise is not Promise.NONE


@pytest.mark.parametrize(
    ("sentence", "rule", "promise"),
    [
        pytest.param("", "a rule", Promise.TODAY, id="no sentence"),
        pytest.param("A sentence.", "", Promise.TODAY, id="no rule"),
        pytest.param("A sentence.", "a rule", Promise.NONE, id="no promise"),
    ],
)
def test_a_reason_that_cannot_explain_itself_cannot_be_built(
    sentence: str, rule: str, promise: Promise
) -> None:
    with pytest.raises(ValueError, match="why"):
        Signal(SignalKind.LOW, promise, sentence, rule)


def test_what_the_machine_could_not_read_is_for_today() -> None:
    signal = signals.not_read("Sara")
    assert signal.promise is Promise.TODAY
    assert "could not be read by the machine" in signal.sentence


@pytest.mark.parametrize(
    ("texts", "since", "sentence"),
    [
        pytest.param(1, None, "The last text to Sara did not arrive. Check the number.", id="one"),
        pytest.param(
            3,
            date(2026, 5, 4),
            "The last 3 texts to Sara did not arrive (since 4 May). Check the number.",
            id="three",
        ),
    ],
)
def test_texts_that_do_not_arrive(texts: int, since: date | None, sentence: str) -> None:
    assert signals.undelivered("Sara", texts=texts, since=since).sentence == sentence


def test_a_stop_at_the_network_is_for_today() -> None:
    signal = signals.stopped("Sara")
    assert signal.promise is Promise.TODAY
    assert signal.sentence == "Texts to Sara were stopped by the network."


def test_good_news_has_no_hurry() -> None:
    assert signals.good_news("Sara").promise is Promise.GOOD_NEWS


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["a"], "a", id="one"),
        pytest.param(["a", "b"], "a and b", id="two"),
        pytest.param(["a", "b", "c"], "a, b and c", id="three"),
    ],
)
def test_things_are_listed_as_people_list_them(words: list[str], sentence: str) -> None:
    assert signals.listed(words) == sentence


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        pytest.param(3.0, "3", id="whole"),
        pytest.param(3.5, "3.5", id="half"),
        pytest.param(10.0, "10", id="ten"),
    ],
)
def test_figures_carry_no_needless_nought(figure: float, words: str) -> None:
    assert signals.figure_in_words(figure) == words


def test_a_day_of_another_year_says_so() -> None:
    assert signals.day_in_words(date(2025, 12, 30), date(2026, 1, 6)) == "30 December 2025"
    assert signals.day_in_words(date(2026, 5, 4), date(2026, 6, 6)) == "4 May"


def test_a_label_of_capitals_keeps_them_inside_a_sentence() -> None:
    assert signals.lowered("Mood 3") == "mood 3"
    assert signals.lowered("ONS 3") == "ONS 3"
