"""A programme's wording: languages, turns, placeholders; it never decides a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from itertools import islice
from typing import Any

import pytest

from connector.domain.cadence import Cadence, Taper, Unit, Weekday
from connector.domain.errors import Invalid
from connector.domain.programme import Part, Programme, ProgrammeKind, one_item
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


TAPERING = Cadence((Weekday.TUE, Weekday.FRI), time(10), date(2027, 1, 4), taper=Taper(2, (2, 4)))
ENDING = replace(TAPERING, taper=None, ends_on=date(2027, 1, 19))
WELCOME = Cadence((), time(10), date(2027, 1, 4), unit=Unit.DAYS_AFTER, after=(0, 7))
LAST_WORDS: dict[str, Any] = {
    "goodbye": {"en": ("Goodbye {name}",)},
    "go_on": {"en": ("Shall we go on?",)},
}


def parts(cadence: Cadence, count: int, **words: Any) -> dict[str, str]:
    """The dates on which something else than a check-in is sent."""
    sent = replace(BOTH, cadence=cadence, **words)
    days = [day for _, day in islice(cadence.nominal(), count)]
    found = {day.isoformat(): sent.part_on(cadence, day) for day in days}
    return {day: part.value for day, part in found.items() if part is not Part.CHECK_IN}


@pytest.mark.parametrize(
    ("cadence", "expected"),
    [
        pytest.param(
            # Full pace for 2 weeks, every 2 for 2, every 4 for 2: the first text after week 6.
            TAPERING,
            {"2027-02-23": "go_on", "2028-02-22": "go_on", "2029-02-20": "go_on"},
            id="after the last pace's weeks, and every 52 weeks from there",
        ),
        pytest.param(ENDING, {"2027-01-19": "goodbye"}, id="the last of an end"),
        pytest.param(WELCOME, {"2027-01-11": "goodbye"}, id="the last day after joining"),
        pytest.param(replace(ENDING, ends_on=None), {}, id="no end and no taper"),
    ],
)
def test_the_part_of_a_date(cadence: Cadence, expected: dict[str, str]) -> None:
    assert parts(cadence, 70, **LAST_WORDS) == expected
    assert parts(cadence, 70) == {}, "without words for it, it is a check-in like any other"
