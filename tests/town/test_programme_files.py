"""The programmes that come with the service: they load, they are kind, and prompts ask nothing."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from connector.domain.cadence import Weekday
from connector.domain.plain_words import Hint, Terms, blocks, check
from connector.domain.programme import ProgrammeKind, fill
from connector.domain.question import OPEN, QuestionKind
from connector.domain.sms import SmsText, fold
from connector.domain.word_groups import Level
from connector.gateways.programme_files import (
    ProgrammeFileError,
    ShippedProgramme,
    load_all,
    load_one,
)
from connector.settings import shipped

STARTS = date(2026, 9, 7)
FILES = load_all(shipped("templates") / "programmes", starts_on=STARTS)
PROMPTS = [one for one in FILES.values() if one.programme.kind is ProgrammeKind.PROMPT]
TEXTS = [
    pytest.param(language, text, id=f"{one.key}-{language}-{n}")
    for one in FILES.values()
    for language, texts in one.programme.wording.items()
    for n, text in enumerate(texts, start=1)
]
LONGEST_NAME, SENDER = "Christopher", "Charles"

GOOD = """
name = "Mornings"
meant_for = "Everybody"
kind = "prompt"
timely_hours = 2
[cadence]
days = ["MON"]
time = "09:30"
every = 2
[wording]
en = ["Hi {name}. The kettle is on. {sender}"]
"""
QUESTION = '[question]\nkind = "scale"\nlow = 0\nhigh = 10\n'


def test_one_check_in_and_a_programme_of_prompts_for_each_of_the_two_groups_are_shipped() -> None:
    assert {key: one.meant_for for key, one in FILES.items()} == {
        "weekly-check-in": "Everybody who has agreed to be asked once a week.",
        "small-good-things": "People in the support group of a sickness benefit.",
        "round-the-corner": "Residents who live alone.",
    }


@pytest.mark.parametrize("shipped_one", PROMPTS, ids=lambda one: one.key)
def test_a_prompt_asks_nothing_and_takes_turns(shipped_one: ShippedProgramme) -> None:
    programme = shipped_one.programme
    assert not programme.asks
    assert programme.question == OPEN
    for texts in programme.wording.values():
        assert len(texts) >= 6
        assert len(set(texts)) == len(texts)
        assert all("?" not in text for text in texts)


def test_the_check_in_asks_for_a_number_from_0_to_10() -> None:
    question = FILES["weekly-check-in"].programme.question
    assert (question.kind, question.low, question.high) == (QuestionKind.SCALE, 0, 10)


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_no_text_is_held_back_by_the_check_of_wording(language: str, text: str) -> None:
    hints = check(_filled(text), Terms(language=language))
    assert not blocks(hints)
    assert [hint for hint in hints if hint.level is Level.WARN] == list[Hint]()


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_every_text_fits_one_segment_with_a_long_name(language: str, text: str) -> None:
    assert SmsText(fold(_filled(text))).segments == 1


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_the_wall_of_words_would_have_caught_a_label(language: str, text: str) -> None:
    """The same check does see what must never be said to these two groups."""
    labelled = f"{text} For lonely people on ESA."
    if language == "en":
        assert blocks(check(_filled(labelled), Terms(language=language)))


@pytest.mark.parametrize("key", FILES)
def test_a_name_on_staff_pages_says_nothing_about_the_people_on_it(key: str) -> None:
    assert not blocks(check(FILES[key].programme.name, Terms()))


def test_welsh_is_used_where_there_is_some_and_english_otherwise() -> None:
    programme = FILES["small-good-things"].programme
    welsh = programme.text_for(1, "cy", name="Gwen", sender="Dan")
    polish = programme.text_for(1, "pl", name="Danuta", sender="Dan")
    assert welsh.startswith("Helo Gwen.")
    assert polish == programme.text_for(1, "en", name="Danuta", sender="Dan")


def test_a_file_becomes_a_programme(tmp_path: Path) -> None:
    programme = load_one(_file(tmp_path, GOOD), starts_on=STARTS).programme
    assert programme.name == "Mornings"
    assert programme.timely_for == timedelta(hours=2)
    cadence = programme.cadence
    assert (cadence.days, cadence.time, cadence.every, cadence.starts_on) == (
        (Weekday.MON,), time(9, 30), 2, STARTS,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(GOOD.replace("Mornings", '"'), "mornings.toml:", id="not TOML"),
        pytest.param("colour = 1\n" + GOOD, "colour is not known here", id="an unknown key"),
        pytest.param(GOOD.replace("[cadence]", '[cadence]\nmood = 1'), "mood", id="in a table"),
        pytest.param(GOOD.replace('meant_for = "Everybody"', ""), "meant_for is missing", id="gap"),
        pytest.param(GOOD.replace("MON", "MOON"), "MOON", id="an unknown day"),
        pytest.param(GOOD.replace("en =", "cy ="), "wording in English", id="no English"),
        pytest.param(GOOD + QUESTION, "a prompt has none", id="a prompt that asks"),
        pytest.param(
            GOOD.replace('"prompt"', '"check_in"'), "a check-in has a question", id="a mute one"
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_name(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(ProgrammeFileError, match=r"^mornings\.toml: ") as refused:
        load_one(_file(tmp_path, text), starts_on=STARTS)
    assert words in str(refused.value)


def _filled(text: str) -> str:
    return fill(text, name=LONGEST_NAME, sender=SENDER)


def _file(folder: Path, text: str) -> Path:
    path = folder / "mornings.toml"
    path.write_text(text, encoding="utf-8")
    return path
