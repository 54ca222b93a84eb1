"""A question that a check-in asks, and the scale its answer stands on.

`low` and `high` bound a scale; `better` says which end is good. A question never carries wording:
wording by language belongs to the programme, so that a change of words moves no dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class QuestionKind(StrEnum):
    SCALE = "scale"
    YES_NO = "yes_no"
    CHOICE = "choice"
    STEP = "step"
    OPEN = "open"


class Better(StrEnum):
    """Which end of a scale is the good one."""

    HIGH = "high"
    LOW = "low"


class About(StrEnum):
    """The time an answer speaks of."""

    DAY = "day"
    WEEK = "week"


STEP_OPTIONS = ("did it", "part way", "not this time")
"""How a small step went; an answer is the option's number, 1 to 3."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question and how its answer is to be understood. `levels` is off for measures whose
    answers never raise a low level by themselves, such as the four of national statistics.

    Raises `ValueError` when the scale is empty or a choice has fewer than two options.
    """

    kind: QuestionKind = QuestionKind.OPEN
    low: int = 0
    high: int = 10
    better: Better = Better.HIGH
    options: tuple[str, ...] = ()
    about: About = About.WEEK
    levels: bool = True

    def __post_init__(self) -> None:
        if self.kind is QuestionKind.SCALE and self.low >= self.high:
            raise ValueError("A scale needs a highest answer above its lowest one.")
        if self.kind is QuestionKind.CHOICE and len(self.options) < 2:
            raise ValueError("A choice needs at least two options.")
        if self.kind is QuestionKind.STEP:
            object.__setattr__(self, "options", STEP_OPTIONS)

    def goodness(self, answer: float) -> float:
        """`answer` moved onto 0 (worst) to 10 (best), whatever its own scale."""
        share = (answer - self.low) / (self.high - self.low)
        return 10 * (share if self.better is Better.HIGH else 1 - share)


OPEN = Question()
