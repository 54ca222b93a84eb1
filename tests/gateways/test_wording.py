"""The fixed texts that residents are sent: their words are agreed, and each is one segment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from connector.domain.crisis_line import why_not
from connector.domain.fixed_texts import held_back, problems
from connector.domain.sms import Alphabet, SmsText
from connector.domain.working_hours import WorkingHours
from connector.gateways.wording import FileWording, WordingFileError, load_crisis_lines
from connector.settings import shipped

FOLDER = shipped("templates") / "sms"
LONGEST_DAY = "9am Wednesday"
CHECKED = date(2026, 11, 24)
FILES = sorted(FOLDER.glob("*/*.txt"))


@pytest.fixture(scope="module")
def wording() -> FileWording:
    return FileWording(FOLDER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_words_of(path: Path, snapshot: SnapshotAssertion) -> None:
    """A change of words is seen here and agreed: run pytest with --snapshot-update."""
    assert path.read_text(encoding="utf-8").strip() == snapshot


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_one_segment_is_enough_for(path: Path) -> None:
    text = SmsText(path.read_text(encoding="utf-8").strip().replace("{read_by}", LONGEST_DAY))
    assert (text.segments, text.alphabet, text.costly) == (1, Alphabet.GSM_7, ())


@pytest.mark.parametrize("open_now", [True, False], ids=["in working hours", "out of hours"])
def test_the_answer_to_somebody_in_danger_names_who_answers_now(
    wording: FileWording, open_now: bool
) -> None:
    text = wording.crisis("en", open_now=open_now, read_by=LONGEST_DAY)
    assert all(line in text for line in ("999", "116 123", "85258", "111"))
    assert ("may not read this before 9am Wednesday" in text) is not open_now
    assert "{" not in text


def test_it_fits_one_segment_whatever_day_it_is(wording: FileWording) -> None:
    hours = WorkingHours()
    for day in range(1, 32):
        evening = datetime(2026, 12, day, 22, tzinfo=UTC)
        read_by = hours.next_opening_words(evening)
        assert SmsText(wording.crisis("en", open_now=False, read_by=read_by)).segments == 1


def test_a_language_without_a_text_gets_the_english_one(wording: FileWording) -> None:
    assert wording.text("xx", "crisis_open") == wording.text("en", "crisis_open")


def test_without_its_english_texts_the_service_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"en/crisis_open.txt is missing"):
        FileWording(tmp_path)


def test_crisis_texts_are_always_the_same_and_say_when_somebody_reads(
    wording: FileWording,
) -> None:
    texts = wording.catalogue.texts
    assert {name for name, text in texts.items() if text.crisis} == {"crisis_open", "crisis_closed"}
    assert all(not text.takes_turns for text in texts.values() if text.crisis)
    assert texts["crisis_closed"].required == ("read_by",)


def test_every_shipped_text_could_be_approved_as_it_is(wording: FileWording) -> None:
    lines = load_crisis_lines(shipped("templates") / "crisis_lines.toml")
    for (language, name), words in wording.catalogue.shipped.items():
        text = wording.catalogue.texts[name]
        assert problems(text, words) == [], (language, name)
        assert not held_back(text, words, language), (language, name)
        reasons = why_not(words[0], lines, on=CHECKED, crisis=text.crisis)
        assert list(reasons) == [], (language, name)


def test_every_shipped_text_is_shipped_in_welsh_too(wording: FileWording) -> None:
    shipped_in = wording.catalogue.shipped
    assert {name for language, name in shipped_in if language == "cy"} == set(
        wording.catalogue.texts
    )
    assert wording.catalogue.unreviewed == {"cy"}


def test_the_welsh_answer_says_the_day_in_welsh(wording: FileWording) -> None:
    text = wording.crisis("cy", open_now=False, read_by="9am Wednesday")
    assert "cyn 9am dydd Mercher." in text
    assert SmsText(text).segments == 1


def test_no_shipped_line_names_an_owner_or_was_checked_when_it_was_not() -> None:
    lines = {
        line.name: line for line in load_crisis_lines(shipped("templates") / "crisis_lines.toml")
    }
    assert {line.owner_words for line in lines.values()} == {"nobody yet"}
    unchecked = {name for name, line in lines.items() if not line.may_be_named(CHECKED)}
    assert unchecked == {"CALM", "Relay UK"}


@pytest.mark.parametrize(
    ("listed", "error"),
    [
        ("[texts.gone]\ntitle = 'Gone'", "there is no text gone"),
        ("[texts.crisis_open]\ntitle = 'x'\ncolour = 'red'", "texts.toml, crisis_open"),
        ("[texts.crisis_open]\ntitle = 'x'\nrequired = ['weather']", "weather"),
        ("[texts", "cannot be read"),
    ],
    ids=["no such text", "an unknown key", "an unknown placeholder", "no list"],
)
def test_a_list_that_cannot_be_used_is_named(tmp_path: Path, listed: str, error: str) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    for name in ("crisis_open", "crisis_closed"):
        (folder / f"{name}.txt").write_text("999")
    (tmp_path / "texts.toml").write_text(listed)
    with pytest.raises(WordingFileError, match=error):
        FileWording(tmp_path)


def test_a_text_that_nothing_is_told_of_shows_by_its_words_what_it_may_hold(tmp_path: Path) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    for name in ("crisis_open", "crisis_closed", "thank_you"):
        (folder / f"{name}.txt").write_text("Thanks, {name}.")
    text = FileWording(tmp_path).catalogue.texts["thank_you"]
    assert (text.title, text.allowed) == ("Thank you", ("name",))
