"""Who of those who share a number has written, as far as the text itself says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.cadence import WIDEST_SPREAD
from connector.domain.whose import addressed, apart, named

TWO = {1: "Ada", 2: "Ben"}


@pytest.mark.parametrize(
    ("body", "who"),
    [
        ("Ada: 7", 1),
        ("ada 7", 1),
        ("ADA - 7", 1),
        ("Ben: 3 rough night", 2),
        ("ben yes", 2),
        ("Ada STOP", 1),
        ("Ada", 1),
        ("Ada here, all well", 1),
        ("It's Ada. All well", 1),
        ("It\N{RIGHT SINGLE QUOTATION MARK}s Ada, 8 today", 1),
        ("this is Ben\n6", 2),
        ("Ada, 7", 1),
        ("7", None),
        ("Ada is in hospital", None),
        ("It's Ada, she has fallen", None),
        ("this is Ada and Ben, 7", None),
        ("Ada: 7 Ben: 4", None),
        ("Ada and Ben are fine", None),
        ("Ada died", None),
        ("Adam: 7", None),
        ("Ada ring me please", None),
        ("thanks Ada", None),
        ("", None),
    ],
)
def test_only_a_name_that_stands_first_and_alone_decides(body: str, who: int | None) -> None:
    found = named(body, TWO)
    assert (found.who if found else None) == who


def test_two_of_one_name_are_never_told_apart() -> None:
    assert named("Sam: 7", {1: "Sam", 2: "sam"}) is None


def test_accents_are_no_reason_for_doubt() -> None:
    found = named("sian: 7", {1: "Si\N{LATIN SMALL LETTER A WITH CIRCUMFLEX}n", 2: "Ben"})
    assert found
    assert found.who == 1


@given(st.text(), st.sampled_from(["Ada: ", "It's Ben. ", "Ada here\n", ""]))
def test_what_is_left_keeps_every_character_in_its_place(rest: str, head: str) -> None:
    body = head + rest
    found = named(body, TWO)
    if found is not None:
        left = found.without_name(body)
        assert len(left) == len(body)
        assert left[found.length :] == body[found.length :]


@pytest.mark.parametrize(
    ("body", "language", "sent"),
    [
        ("Hi Ada, how are things?", "en", "Hi Ada, how are things?"),
        ("How are things?", "en", "For Ada: How are things?"),
        ("Sut mae pethau?", "cy", "I Ada: Sut mae pethau?"),
        ("Adamant about it", "en", "For Ada: Adamant about it"),
    ],
)
def test_a_text_to_a_shared_number_says_whom_it_is_for(body: str, language: str, sent: str) -> None:
    assert addressed(body, "Ada", language) == sent


def test_two_on_one_number_are_at_least_an_hour_apart_whatever_their_spread() -> None:
    assert apart(0) == 0
    assert apart(1) - 2 * WIDEST_SPREAD >= 60
