"""The frozen model: a safe file, a figure between 0 and 1, and the words behind it."""

from __future__ import annotations

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.promise import Promise
from connector.domain.question import OPEN
from connector.domain.reading import read
from connector.gateways.frozen_model import (
    MAGIC,
    FrozenModel,
    FrozenModelError,
    Weights,
    buckets,
    frozen_model,
    model_text,
    read_weights,
    runs,
    write_weights,
)
from connector.gateways.phrase_book import phrase_book

BITS = 12
PLAIN = phrase_book().speller.plain


def weights_for(word: str, threshold: float = 0.5) -> Weights:
    """Weights that know one word."""
    values = array("h", bytes(2 << BITS))
    for bucket in buckets(f" {word} ", BITS):
        values[bucket] = 1000
    return Weights(BITS, 0.01, -5.0, 1.0, 0.0, threshold, values, about="one word")


def test_weights_are_the_same_after_a_file() -> None:
    weights = weights_for("gloom")
    assert read_weights(write_weights(weights)) == weights


DAMAGED = {
    "another file": b"\x80\x04pickle",
    "empty": b"",
    "no header": MAGIC + b"nonsense\n" + bytes(2 << BITS),
    "a header with too little": MAGIC + b'{"bits": 12}\n' + bytes(2 << BITS),
    "cut short": write_weights(weights_for("gloom"))[:-2],
    "cut inside a number": write_weights(weights_for("gloom"))[:-1],
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(FrozenModelError, match="weights"):
        read_weights(data)


def test_what_it_knows_is_read_first_and_the_word_is_shown() -> None:
    weight = FrozenModel(weights_for("gloom"), PLAIN).weigh("a lot of Glo\u200bom about today")
    assert weight.read_first
    assert "Glo\u200bom" in weight.because


def test_what_it_does_not_know_is_not_read_first_and_needs_no_reason() -> None:
    weight = FrozenModel(weights_for("gloom"), PLAIN).weigh("sun is out")
    assert (weight.read_first, weight.because) == (False, ())


def test_buckets_are_those_of_the_runs() -> None:
    assert {bucket for bucket, _, _ in runs(" so it is ", BITS)} == buckets(" so it is ", BITS)


def test_digits_do_not_matter() -> None:
    assert model_text(PLAIN("took 3")) == model_text(PLAIN("took 8"))


@given(st.text(max_size=200))
def test_any_text_has_a_figure_from_nought_to_one(text: str) -> None:
    weight = frozen_model().weigh(text)
    assert 0 <= weight.weight <= 1
    assert math.isfinite(weight.weight)
    assert all(words in text for words in weight.because)


HEAVY = [
    "nothing feels real any more and the nights are the worst, its all gone grey",
    "i keep looking at the water and thinking how quiet it would be",
]
LIGHT = [
    "had a lovely time at bingo with our Sue, won a tenner",
    "bus was late again, see you soon",
]


@pytest.mark.parametrize("heavy", HEAVY)
@pytest.mark.parametrize("light", LIGHT)
def test_the_shipped_weights_put_the_heavy_before_the_light(heavy: str, light: str) -> None:
    assert frozen_model().weigh(heavy).weight > frozen_model().weigh(light).weight


def test_the_shipped_model_never_changes_a_promise() -> None:
    for text in (*HEAVY, *LIGHT, "I want to die", "call me"):
        with_model = read(text, OPEN, phrase_book(), frozen_model())
        without = read(text, OPEN, phrase_book())
        assert with_model.promise is without.promise
        assert with_model.promise is Promise.NONE or with_model.concerns == without.concerns


def test_the_weights_are_small_enough_to_ship() -> None:
    assert len(write_weights(frozen_model()._weights)) < 20_000_000


SAYINGS = [
    "that cake was to die for",
    "dressed to kill at the wedding",
    "suicide squad was good",
    "my phone died last night",
    "tired of travel now",
]


@pytest.mark.parametrize("text", SAYINGS)
def test_a_saying_is_not_put_first(text: str) -> None:
    assert not frozen_model().weigh(text).read_first


def test_a_saying_does_not_hide_what_else_is_said() -> None:
    model = FrozenModel(weights_for("gloom"), PLAIN)
    alone, beside = model.weigh("nothing but gloom"), model.weigh("to die for nothing but gloom")
    assert beside.weight == alone.weight


def test_two_words_are_too_little_to_put_a_text_first() -> None:
    model = FrozenModel(weights_for("gloom", threshold=0.0), PLAIN)
    assert [model.weigh(text).read_first for text in ("my gloom", "all my gloom")] == [False, True]
