"""The word to join with: what is taken for it, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.referral import asks_to_join, is_slip_of

MEANT = [
    ("HELLO", "en"),
    ("hello", "en"),
    ("Hello.", "en"),
    (" helo ", "en"),
    ("Hallo!", "en"),
    ("hellp", "en"),
    ("ehllo", None),
    ("helloo", "en"),
    ("hlelo", "en"),
    ("HELLO please", "en"),
    ("hi, hello there", "en"),
    ("join", "en"),
    ("Join please", "en"),
    ("JOIN ME UP", "en"),
    ("jion", "en"),
    ("joinn", "en"),
    ("YMUNO", "cy"),
    ("ymuno os gwelwch yn dda", "cy"),
]
NEVER = [
    "HELP",
    "help me",
    "Hell",
    "hell",
    "held",
    "John",
    "Jon",
    "Joan",
    "STOP",
    "start",
    "Hello John",
    "Hello, is that the council?",
    "hello i want to die",
    "join 2",
    "HELLO 07700 900123",
    "",
    "   ",
    "?",
    "7",
    "hi",
    "yes please",
    "I would like to join",
]


@pytest.mark.parametrize(("body", "language"), MEANT)
def test_the_word_with_small_slips_asks_and_says_in_which_language(
    body: str, language: str | None
) -> None:
    assert asks_to_join(body, "HELLO") == language


@pytest.mark.parametrize("body", NEVER)
def test_anything_else_is_for_a_person_to_read(body: str) -> None:
    assert asks_to_join(body, "HELLO") is None


def test_the_word_that_was_set_takes_the_place_of_the_usual_one_and_join_stays() -> None:
    assert asks_to_join("garden", "GARDEN") == "en"
    assert asks_to_join("gardn", "GARDEN") == "en"
    assert asks_to_join("hello", "GARDEN") is None
    assert asks_to_join("join", "GARDEN") == "en"


@given(st.text(max_size=80))
def test_no_text_breaks_it(body: str) -> None:
    assert asks_to_join(body, "HELLO") in (None, "en", "cy")


@given(st.integers(0, 4), st.sampled_from("ABCXYZ"))
def test_one_slip_is_forgiven_but_not_in_the_first_letter(at: int, letter: str) -> None:
    written = "HELLO"[:at] + letter + "HELLO"[at + 1 :]
    assert is_slip_of(written, "HELLO") is (at > 0 or letter == "H")
