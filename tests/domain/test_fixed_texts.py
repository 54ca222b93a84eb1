"""The fixed texts: what each may and must hold, and who has to approve it."""

from __future__ import annotations

import pytest

from connector.domain.errors import Invalid
from connector.domain.fixed_texts import FixedText, cleaned, needs_a_second_person, problems

CRISIS = FixedText("crisis_closed", "In danger", crisis=True, required=("read_by",))
THANKS = FixedText("thanks", "Thanks", allowed=("name", "sender"), takes_turns=True)
PLAIN = FixedText("plain", "Plain")


@pytest.mark.parametrize(
    ("text", "wordings", "sentences"),
    [
        pytest.param(THANKS, ("Thanks, {name}. {sender}",), [], id="allowed"),
        pytest.param(THANKS, ("Thanks.", "Ta."), [], id="taking turns"),
        pytest.param(CRISIS, ("Read by {read_by}. 999",), [], id="with what it needs"),
        pytest.param(THANKS, (), ["Write the text."], id="nothing"),
        pytest.param(
            THANKS,
            ("Thanks, {nmae}.",),
            ["{nmae} cannot be filled: here only {name} and {sender} can stand"],
            id="unknown",
        ),
        pytest.param(THANKS, ("Thanks {",), ["{ cannot be filled"], id="a stray bracket"),
        pytest.param(PLAIN, ("Hi {name}",), ["here nothing can stand"], id="none allowed"),
        pytest.param(
            CRISIS, ("Call 999",), ["It needs {read_by}: when somebody is next"], id="missing"
        ),
        pytest.param(
            CRISIS, ("{read_by}", "a {read_by}"), ["keep one wording"], id="always the same"
        ),
        pytest.param(THANKS, tuple("abcdefg"), ["at most 6"], id="too many"),
        pytest.param(THANKS, ("a", "a"), ["are the same"], id="twice"),
        pytest.param(THANKS, ("a" * 481,), ["longer than 480"], id="a book"),
    ],
)
def test_what_cannot_be_kept_is_said(
    text: FixedText, wordings: tuple[str, ...], sentences: list[str]
) -> None:
    found = problems(text, wordings)
    assert len(found) == len(sentences)
    assert all(want in got for want, (_, got) in zip(sentences, found, strict=True))


@pytest.mark.parametrize(
    ("text", "words", "second"),
    [
        pytest.param(THANKS, "Thanks, {name}.", False, id="plain and kind"),
        pytest.param(THANKS, "Well done you.", False, id="only to think about"),
        pytest.param(THANKS, "You must come.", True, id="held back"),
        pytest.param(THANKS, "So. " * 110, True, id="three segments"),
        pytest.param(CRISIS, "Call 999. {read_by}", True, id="crisis"),
    ],
)
def test_who_has_to_approve(text: FixedText, words: str, second: bool) -> None:
    assert needs_a_second_person(text, (words,), "en") is second


def test_empty_wordings_are_left_out_and_ends_of_line_made_one() -> None:
    assert cleaned([" a\r\nb ", "", "  "]) == ("a\nb",)


def test_a_text_that_needs_what_nobody_can_fill_is_a_mistake_in_the_list() -> None:
    with pytest.raises(Invalid, match="weather is no placeholder"):
        FixedText("x", "X", required=("weather",))
