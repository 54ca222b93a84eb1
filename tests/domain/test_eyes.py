"""Which replies a person has to read: everything but a bare answer."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.eyes import due_at, needs_eyes, spans_of
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.working_hours import WorkingHours

SCALE = Question(QuestionKind.SCALE)
YES_NO = Question(QuestionKind.YES_NO)
CHOICE = Question(QuestionKind.CHOICE, options=("Fewer texts", "Stay as it is"))
FIVES = Question(QuestionKind.SCALE, 1, 5)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        pytest.param("7", SCALE, id="a figure"),
        pytest.param(" 7. ", SCALE, id="with a full stop"),
        pytest.param("Seven!", SCALE, id="in words"),
        pytest.param("7.5", SCALE, id="a half"),
        pytest.param("6/10", SCALE, id="out of ten"),
        pytest.param("6 out of 10", SCALE, id="out of ten in words"),
        pytest.param("7️⃣", SCALE, id="a keycap"),
        pytest.param("7", OPEN, id="a number nobody asked for"),
        pytest.param("Yes", YES_NO, id="yes"),
        pytest.param("n", YES_NO, id="n"),
        pytest.param("2", CHOICE, id="the number of an option"),
        pytest.param("b", CHOICE, id="the letter of an option"),
        pytest.param("fewer texts", CHOICE, id="the name of an option"),
        pytest.param("STOP", SCALE, id="a keyword of the network"),
        pytest.param("Start.", OPEN, id="the other one"),
    ],
)
def test_a_bare_answer_has_been_read_once_it_has_been_counted(
    text: str, question: Question
) -> None:
    assert not needs_eyes(text, question)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        pytest.param("7 thanks", SCALE, id="a word beside it"),
        pytest.param("7 😢", SCALE, id="a face beside it"),
        pytest.param("👍", SCALE, id="a thumb alone"),
        pytest.param("12", SCALE, id="off the scale"),
        pytest.param("7", FIVES, id="off a shorter scale"),
        pytest.param("999", OPEN, id="999"),
        pytest.param("no", SCALE, id="no, to a scale"),
        pytest.param("3", YES_NO, id="a number, to yes or no"),
        pytest.param("4", CHOICE, id="no such option"),
        pytest.param("HELP", SCALE, id="help is a person asking"),
        pytest.param("-2", FIVES, id="below a scale"),
        pytest.param("kms", OPEN, id="three letters"),
        pytest.param("", SCALE, id="nothing"),
        pytest.param("?!", SCALE, id="only marks"),
    ],
)
def test_everything_else_is_read_by_a_person(text: str, question: Question) -> None:
    assert needs_eyes(text, question)


def test_a_picture_is_looked_at() -> None:
    assert needs_eyes("7", SCALE, media=1)


@given(st.text(), st.sampled_from([SCALE, YES_NO, CHOICE, OPEN]))
def test_no_text_raises_and_a_second_sentence_never_takes_it_off_the_list(
    text: str, question: Question
) -> None:
    if needs_eyes(text, question):
        assert needs_eyes(f"{text} I am not sure.", question)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        pytest.param("2026-11-24T12:00", "2026-11-25T17:00", id="the next day"),
        pytest.param("2026-11-27T12:00", "2026-11-30T17:00", id="over a weekend"),
        pytest.param("2026-11-28T12:00", "2026-11-30T17:00", id="from a Saturday"),
        pytest.param("2026-12-24T12:00", "2026-12-29T17:00", id="over bank holidays"),
        pytest.param("2026-06-24T23:30", "2026-06-26T16:00", id="the local day, in summer"),
    ],
)
def test_it_is_read_by_the_end_of_the_next_working_day(received: str, due: str) -> None:
    at = datetime.fromisoformat(received).replace(tzinfo=UTC)
    assert due_at(at, WorkingHours()).isoformat() == f"{due}:00+00:00"


def test_the_words_that_weighed_are_found_again_in_the_text() -> None:
    text = "so quiet, so very quiet here"
    found = [text[start:end] for start, end in spans_of(("quiet", "quiet", "gone"), text)]
    assert found == ["quiet", "quiet"]
