"""A question and its scale: what cannot be built, and which end is the good one."""

from __future__ import annotations

import pytest

from connector.domain.question import Better, Question, QuestionKind


@pytest.mark.parametrize(
    ("question", "words"),
    [
        pytest.param((QuestionKind.SCALE, 5, 5), "highest answer above", id="a scale of one step"),
        pytest.param((QuestionKind.SCALE, 10, 0), "highest answer above", id="upside down"),
        pytest.param((QuestionKind.CHOICE, 0, 1), "at least two", id="a choice of nothing"),
    ],
)
def test_a_question_that_cannot_be_answered_cannot_be_built(
    question: tuple[QuestionKind, int, int], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Question(*question)


@pytest.mark.parametrize(
    ("low", "high", "better", "answer", "goodness"),
    [
        pytest.param(0, 10, Better.HIGH, 7, 7, id="as it stands"),
        pytest.param(0, 10, Better.LOW, 7, 3, id="worry: less is better"),
        pytest.param(1, 5, Better.HIGH, 1, 0, id="the worst of five"),
        pytest.param(1, 5, Better.HIGH, 5, 10, id="the best of five"),
        pytest.param(1, 5, Better.LOW, 1, 10, id="the best of five, upside down"),
    ],
)
def test_goodness_runs_from_0_worst_to_10_best(
    low: int, high: int, better: Better, answer: float, goodness: float
) -> None:
    question = Question(QuestionKind.SCALE, low, high, better)
    assert question.goodness(answer) == pytest.approx(goodness)
