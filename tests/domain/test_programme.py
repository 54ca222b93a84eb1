"""A programme's wording: languages, turns, placeholders; it never decides a date."""

from __future__ import annotations

from datetime import date, time

import pytest

from connector.domain.cadence import Cadence, Weekday
from connector.domain.errors import Invalid
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.domain.question import OPEN


def programme(**wording: tuple[str, ...]) -> Programme:
    cadence = Cadence((Weekday.TUE,), time(10), date(2026, 11, 24))
    return Programme(0, "Weekly", ProgrammeKind.CHECK_IN, cadence, one_item(OPEN, wording))


BOTH = programme(en=("Hello {name}, from {sender}", "Morning {name}"), cy=("Helo {name}",))


@pytest.mark.parametrize(
    ("number", "language", "name", "text"),
    [
        pytest.param(1, "en", "Ada", "Hello Ada, from Priya", id="the first"),
        pytest.param(2, "en", "Ada", "Morning Ada", id="wordings take turns"),
        pytest.param(3, "en", "Ada", "Hello Ada, from Priya", id="and begin again"),
        pytest.param(2, "cy", "Ada", "Helo Ada", id="in the resident's language"),
        pytest.param(1, "pl", "Ada", "Hello Ada, from Priya", id="no such language: English"),
        pytest.param(2, "en", "", "Morning there", id="no name"),
    ],
)
def test_the_text_of_an_occurrence(number: int, language: str, name: str, text: str) -> None:
    assert BOTH.text_for(number, language, name=name, sender="Priya") == text


def test_braces_in_a_name_are_not_placeholders() -> None:
    text = BOTH.text_for(1, "en", name="{sender}", sender="Priya")
    assert text == "Hello {sender}, from Priya"


@pytest.mark.parametrize(
    "wording",
    [
        pytest.param({}, id="no wording"),
        pytest.param({"cy": ("Helo",)}, id="Welsh only"),
        pytest.param({"en": ()}, id="an empty list in English"),
    ],
)
def test_a_programme_needs_english_words(wording: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(Invalid, match="'first' needs at least one wording in English"):
        programme(**wording)


def test_only_check_ins_ask() -> None:
    cadence = Cadence((Weekday.TUE,), time(10), date(2026, 11, 24))
    words = one_item(OPEN, {"en": ("Hello",)})
    prompt = Programme(0, "News", ProgrammeKind.PROMPT, cadence, words)
    assert (BOTH.asks, prompt.asks) == (True, False)
