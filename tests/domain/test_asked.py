"""Which question a reply speaks to, for how long, and how a step is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.answers import read_answer
from connector.domain.asked import AskedItem, is_ready
from connector.domain.question import Question, QuestionKind

AT = datetime(2026, 3, 3, 10, tzinfo=UTC)
CLOSES = AT + timedelta(days=3)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def asked(answered_at: datetime | None = None) -> AskedItem:
    return AskedItem(1, 1, 1, 1, 1, "how", AT, CLOSES, answered_at, 7 if answered_at else None)


@pytest.mark.parametrize(
    ("at", "in_time", "late"),
    [
        pytest.param(CLOSES - MINUTE, True, False, id="just in time"),
        pytest.param(CLOSES, False, True, id="just too late"),
        pytest.param(CLOSES + 14 * DAY - MINUTE, False, True, id="nearly two weeks late"),
        pytest.param(CLOSES + 14 * DAY, False, False, id="two weeks late means nothing"),
    ],
)
def test_an_answer_is_in_time_or_late_or_neither(at: datetime, in_time: bool, late: bool) -> None:
    assert (asked().in_time(at), asked().late(at)) == (in_time, late)


def test_what_was_answered_in_time_has_no_late_answer() -> None:
    assert not asked(AT + MINUTE).late(CLOSES + DAY)


@pytest.mark.parametrize(
    ("after", "corrects"), [(0, True), (10, True), (11, False)], ids=["at once", "ten", "eleven"]
)
def test_an_answer_is_corrected_within_ten_minutes(after: int, corrects: bool) -> None:
    answered_at = AT + 5 * MINUTE
    assert asked(answered_at).corrected_by(answered_at + after * MINUTE) is corrects


def test_nothing_is_corrected_after_its_time() -> None:
    assert not asked(CLOSES - MINUTE).corrected_by(CLOSES)


@pytest.mark.parametrize(
    ("answers", "ready"),
    [
        pytest.param([1], False, id="once"),
        pytest.param([1, 1], True, id="twice"),
        pytest.param([1, 1, 2], True, id="twice after part way"),
        pytest.param([1, 1, 1], False, id="told already"),
        pytest.param([1, 3, 1], False, id="not running"),
        pytest.param([2, 1, 1], False, id="not this time"),
    ],
)
def test_a_step_done_twice_running_is_worth_a_word_once(
    answers: list[float | None], ready: bool
) -> None:
    assert is_ready(answers) is ready


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1", 1), ("did it", 1), ("Did it!", 1), ("yes, all done", 1), ("did it, a bit tired", 1),
        ("did half an hour walk", 1), ("2", 2), ("Part way there", 2), ("I did a bit", 2),
        ("tried but it rained", 2), ("only half", 2), ("3", 3), ("not this time sorry", 3),
        ("no", 3), ("didn't manage it", 3), ("couldn't face it", 3), ("1 or 2", None), ("4", None),
        ("maybe", None), ("banana", None), ("", None),
    ],
)  # fmt: skip
def test_how_a_step_went_is_read_in_numbers_and_in_words(text: str, answer: float | None) -> None:
    assert read_answer(text, Question(QuestionKind.STEP)) == answer
