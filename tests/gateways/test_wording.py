"""The fixed texts that residents are sent: their words are agreed, and each is one segment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from connector.domain.sms import Alphabet, SmsText
from connector.domain.working_hours import WorkingHours
from connector.gateways.wording import FileWording
from connector.settings import shipped

FOLDER = shipped("templates") / "sms"
LONGEST_DAY = "9am Wednesday"
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
