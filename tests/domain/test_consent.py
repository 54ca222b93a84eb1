"""Agreement in words that staff read."""

from __future__ import annotations

import pytest

from connector.domain.consent import AgreementState, How, says_yes


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (AgreementState.INVITED, "Asked, not yet agreed"),
        (AgreementState.GIVEN, "Has agreed to texts"),
        (AgreementState.PAUSED, "Texts are paused"),
        (AgreementState.WITHDRAWN, "Stopped texts"),
    ],
)
def test_where_an_agreement_stands(state: AgreementState, words: str) -> None:
    assert state.words == words


def test_how_it_was_said() -> None:
    assert [how.words for how in How] == [
        "in person",
        "by phone",
        "by text",
        "at provider",
        "on a list",
    ]


@pytest.mark.parametrize("words", ["Y", "y.", "Yes please", "ok", "yeah go on then", "\U0001f44d"])
def test_a_yes_to_the_welcome(words: str) -> None:
    assert says_yes(words)


@pytest.mark.parametrize(
    "words", ["N", "no thanks", "who is this?", "7", "maybe", "", "yes and no"]
)
def test_no_yes_to_the_welcome(words: str) -> None:
    assert not says_yes(words)
