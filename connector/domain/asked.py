"""A question as it was asked, and which question a reply speaks to.

A reply answers the newest question that had been asked when it was written: what crossed with the
next question in the air still speaks to the one before. The rules, in their order:

1. The newest question that was open: the reply is its answer, when it reads as one.
2. It does not, and the question before it in the same set was answered in the last ten minutes: a
   reply that reads as an answer to that one corrects it ("7", then "sorry 6"). So does a second
   answer within ten minutes while no further question has been asked.
3. A later second answer is kept as what was written, and changes nothing.
4. After the question has closed, and nothing newer was asked, an answer within two weeks is tied to
   it as late: kept and shown, never counted as today's. An open question has no late answer:
   nobody can tell one from any other text.

Everything else is free text. It is kept and read, and the question stays open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from connector.domain.promise import Promise
from connector.domain.signals import Signal, SignalKind

CORRECTED_WITHIN: Final = timedelta(minutes=10)
LATE_WITHIN: Final = timedelta(days=14)
GO_ON: Final = "go_on"
"""The name under which the question whether to go on is asked; no item of a programme has it."""
DID_IT: Final = 1.0
"""The first of `question.STEP_OPTIONS`."""
READY_AFTER: Final = 2  # steps done running


class Tie(StrEnum):
    """How a reply is tied to a question."""

    NONE = "none"
    ANSWER = "answer"
    CORRECTION = "correction"
    AGAIN = "again"
    LATE = "late"


class AskedItem(NamedTuple):
    """One question of a check-in as it was asked. `item` names it in the version that asked.

    A named tuple, because some are made for every reply.
    """

    id: int
    check_in_id: int
    resident_id: int
    programme_id: int
    version_id: int | None
    item: str
    asked_at: datetime
    closes_at: datetime
    answered_at: datetime | None = None
    answer: float | None = None

    @property
    def answered(self) -> bool:
        return self.answered_at is not None

    @property
    def answered_in_time(self) -> bool:
        return self.answered_at is not None and self.answered_at < self.closes_at

    def in_time(self, at: datetime) -> bool:
        """Whether an answer that came at `at` was in time."""
        return at < self.closes_at

    def late(self, at: datetime) -> bool:
        """Whether an answer that came at `at` is late, and not so late that it means nothing."""
        return not self.answered and self.closes_at <= at < self.closes_at + LATE_WITHIN

    def corrected_by(self, at: datetime) -> bool:
        """Whether another answer at `at` corrects the one it had."""
        return (
            self.answered_at is not None
            and self.in_time(at)
            and at - self.answered_at <= CORRECTED_WITHIN
        )


def is_ready(answers: Sequence[float | None]) -> bool:
    """Whether a step has just been done for the second time running; `answers` newest first."""
    done = 0
    for answer in answers:
        if answer != DID_IT:
            break
        done += 1
    return done == READY_AFTER


def ready(name: str) -> Signal:
    """Two steps done: somebody may want the next."""
    return Signal(
        kind=SignalKind.STEP,
        promise=SignalKind.STEP.usual_promise,
        sentence=f"{name} did their step twice running, and may be ready for the next.",
        rule="ready for the next step",
        figures={"running": READY_AFTER},
    )


def no_word_on_going_on(name: str) -> Signal:
    """Nobody is asked twice whether to go on, and nobody's texts end for want of an answer."""
    return Signal(
        kind=SignalKind.UNCLEAR,
        promise=Promise.THIS_WEEK,
        sentence=f"We asked {name} whether to go on and have had no answer. Please ask them.",
        rule="no answer about going on",
    )


def late_word_on_going_on(name: str, *, wants: bool) -> Signal:
    """A late answer changes nothing by itself: a person sees to it."""
    what = "to go on" if wants else "no more of these texts"
    return Signal(
        kind=SignalKind.UNCLEAR,
        promise=Promise.THIS_WEEK,
        sentence=f"{name} has answered late: they would like {what}. Please see to it.",
        rule="late answer about going on",
    )
