"""What is written for the public page: what is missing is told, what cannot be kept is refused."""

from __future__ import annotations

from typing import Any

import pytest

from connector.domain.about import KEYWORD, NEEDED, About, checked, missing_words
from connector.domain.errors import Invalid

FULL = About(
    {"organisation": "Valley Neighbours", "number": "07700 900100", "phone": "0300 111 0000"},
    {(name, "en"): f"About {name}." for name in ("who_reads", "hours", "keeps", "complaints")},
)


def test_every_gap_is_named_and_none_is_left_when_all_is_written() -> None:
    assert len(About().missing) == len(NEEDED)
    assert missing_words(About()) == "The public page about these texts is not written yet."
    some = About(FULL.facts)
    assert missing_words(some) == "The public page about these texts has 4 gaps."
    assert missing_words(FULL) == ""
    one = About(
        FULL.facts, {key: words for key, words in FULL.sentences.items() if key[0] != "keeps"}
    )
    assert missing_words(one) == (
        "The public page about these texts does not say yet: how long things are kept."
    )


def test_words_in_one_language_stand_in_for_the_other_and_say_which_they_are() -> None:
    assert FULL.sentence("hours", "cy") == ("About hours.", "en")
    welsh = About({}, {("hours", "cy"): "Yn y bore."})
    assert welsh.sentence("hours", "en") == ("Yn y bore.", "cy")
    assert About().sentence("hours", "en") == ("", "en")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param(
            {"facts": {"phone": "ring us"}}, "needs a number that people can ring", id="phone"
        ),
        pytest.param({"facts": {"email": "office"}}, "not whole", id="email"),
        pytest.param({"facts": {"address": "x" * 121}}, "where the office is is longer", id="long"),
        pytest.param({"sentences": {("keeps", "en"): "x" * 401}}, "longer than 400", id="an essay"),
        pytest.param({"keyword": "STOP"}, "STOP means something else", id="stop"),
        pytest.param({"keyword": "help"}, "HELP means something else", id="help"),
        pytest.param({"keyword": "two words"}, "one word of 4 to 12 letters", id="two words"),
        pytest.param({"keyword": "HI"}, "one word of 4 to 12 letters", id="too short"),
    ],
)
def test_what_cannot_be_kept_is_said(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        checked(About(**changes))


def test_spaces_are_put_in_order_and_an_empty_word_is_the_usual_one() -> None:
    kept = checked(About({"organisation": "  Valley \n Neighbours "}, {("hours", "en"): " "}, " "))
    assert kept == About({"organisation": "Valley Neighbours"}, {}, KEYWORD)
