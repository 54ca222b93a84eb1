"""The programmes that come with the service: they load, they are kind, and prompts ask nothing."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.plain_words import Hint, Terms, blocks, check
from connector.domain.programme import ProgrammeKind, fill
from connector.domain.publishing import Situation, problems, texts
from connector.domain.question import OPEN, About, Better, QuestionKind
from connector.domain.sms import SmsText, fold
from connector.domain.word_groups import Level
from connector.gateways.programme_files import FOLDER, ProgrammeFiles
from connector.settings import shipped

FOUR = "four-questions-about-life"
STARTS = date(2026, 9, 7)
FILES = ProgrammeFiles(shipped("templates") / FOLDER).load_all(starts_on=STARTS)
PROMPTS = [key for key, one in FILES.items() if one.kind is ProgrammeKind.PROMPT]
TEXTS = [
    pytest.param(text.language, text.words, id=f"{key}-{text.language}-{n}")
    for key, one in FILES.items()
    if key != FOUR
    for n, text in enumerate(texts(one), start=1)
]
LONGEST_NAME, SENDER = "Christopher", "Charles"


def test_one_check_in_and_a_programme_of_prompts_for_each_of_the_two_groups_are_shipped() -> None:
    assert {key: one.meant_for for key, one in FILES.items() if key != FOUR} == {
        "weekly-check-in": "Everybody who has agreed to be asked once a week.",
        "small-good-things": "People in the support group of a sickness benefit.",
        "round-the-corner": "Residents who live alone.",
    }


@pytest.mark.parametrize("key", PROMPTS)
def test_a_prompt_asks_nothing_and_takes_turns(key: str) -> None:
    programme = FILES[key]
    assert not programme.asks
    assert programme.question == OPEN
    for several in programme.wording.values():
        assert len(several) >= 6
        assert len(set(several)) == len(several)
        assert all("?" not in text for text in several)


def test_the_check_in_asks_for_a_number_from_0_to_10() -> None:
    question = FILES["weekly-check-in"].question
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
    assert not blocks(check(FILES[key].name, Terms()))


def test_welsh_is_used_where_there_is_some_and_english_otherwise() -> None:
    programme = FILES["small-good-things"]
    welsh = programme.text_for(1, "cy", name="Gwen", sender="Dan")
    polish = programme.text_for(1, "pl", name="Danuta", sender="Dan")
    assert welsh.startswith("Helo Gwen.")
    assert polish == programme.text_for(1, "en", name="Danuta", sender="Dan")


def _filled(text: str) -> str:
    return fill(text, name=LONGEST_NAME, sender=SENDER)


def test_the_four_questions_are_those_of_national_statistics_word_for_word() -> None:
    """Personal well-being harmonised standard, in its order; the scale may follow a question."""
    exact = {
        "satisfied": "Overall, how satisfied are you with your life nowadays?",
        "worthwhile": "Overall, to what extent do you feel that the things you do in your life "
        "are worthwhile?",
        "happy_yesterday": "Overall, how happy did you feel yesterday?",
        "anxious_yesterday": "On a scale where 0 is 'not at all anxious' and 10 is 'completely "
        "anxious', overall, how anxious did you feel yesterday?",
    }
    asked = FILES[FOUR].items
    assert [item.key for item in asked] == list(exact)
    scale = " 0 is 'not at all', 10 is 'completely'."
    for item in asked:
        [text] = item.wording["en"]
        assert text.removesuffix(scale) == exact[item.key]


def test_the_four_questions_raise_no_flag_and_say_where_they_are_from() -> None:
    programme = FILES[FOUR]
    assert [item.question.levels for item in programme.items] == [False] * 4
    assert [item.question.better for item in programme.items] == [*[Better.HIGH] * 3, Better.LOW]
    assert [item.question.about for item in programme.items] == [
        About.WEEK, About.WEEK, About.DAY, About.DAY,
    ]
    for words in ("Office for National Statistics", "Open Government Licence v3.0",
                  "By text, not comparable with the national survey"):
        assert words in programme.source


@pytest.mark.parametrize("key", FILES)
def test_a_shipped_programme_could_be_published_as_it_is(key: str) -> None:
    assert problems(FILES[key], Situation(on=STARTS)) == []
