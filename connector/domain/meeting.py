"""People whom we ring or visit instead: the same questions at the same pace, asked by a person.

What is due becomes an item of the one queue there is, with the words to use. It never becomes a
text, and a call that was missed is a flag like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connector.domain.asked import GO_ON
from connector.domain.flag import Outcome
from connector.domain.programme import (
    QUESTION_TO_GO_ON,
    Item,
    Part,
    Programme,
    chosen,
    fill,
)
from connector.domain.question import Question, QuestionKind
from connector.domain.reply import Source
from connector.domain.resident import ContactBy
from connector.domain.signals import Signal, SignalKind

DUE = (SignalKind.CALL_DUE, SignalKind.VISIT_DUE)


@dataclass(frozen=True, slots=True)
class ToAsk:
    """One question in the words to say it in. `only_after` names what it follows up."""

    key: str
    words: str
    question: Question
    only_after: str = ""

    @property
    def hint(self) -> str:
        """What an answer looks like."""
        question = self.question
        if question.kind is QuestionKind.SCALE:
            return f"A number from {question.low} to {question.high}."
        if question.kind is QuestionKind.YES_NO:
            return "Yes or no."
        if question.options:
            return "; ".join(f"{n} {words}" for n, words in enumerate(question.options, 1)) + "."
        return "In their own words."


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a call or visit is about. `said_at` is when it was written down, if it has been."""

    check_in_id: int
    resident_id: int
    programme: Programme
    by: ContactBy
    part: Part
    due_at: datetime
    opening: str
    questions: tuple[ToAsk, ...]
    said_at: datetime | None = None


class Went(StrEnum):
    """How a call or visit went."""

    REACHED = "reached"
    MESSAGE = "message"
    NOT_IN = "not_in"

    def words(self, by: ContactBy) -> str:
        if self is Went.REACHED:
            return "We spoke" if by is ContactBy.CALL else "I visited and we spoke"
        return "I left a message" if self is Went.MESSAGE else "Nobody answered"

    def outcome(self, by: ContactBy) -> Outcome:
        if self is Went.REACHED:
            return Outcome.SPOKE if by is ContactBy.CALL else Outcome.VISITED
        return Outcome.LEFT_MESSAGE if self is Went.MESSAGE else Outcome.NO_ANSWER


@dataclass(frozen=True, slots=True)
class Said:
    """What a connector wrote down: how it went, and answers by the questions' names."""

    went: Went
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


def due(name: str, by: ContactBy, programme: str, part: Part, check_in_id: int) -> Signal:
    """A call or a visit is due today."""
    kind = SignalKind.VISIT_DUE if by is ContactBy.VISIT else SignalKind.CALL_DUE
    act = "Visit" if by is ContactBy.VISIT else "Ring"
    last = ". It is the last time: say goodbye" if part is Part.GOODBYE else ""
    return Signal(
        kind=kind,
        promise=kind.usual_promise,
        sentence=f"{act} {name}: {programme}{last}.",
        rule="the same pace without a text",
        figures={"check_in": check_in_id},
    )


def source_of(by: ContactBy) -> Source:
    return Source.BY_VISIT if by is ContactBy.VISIT else Source.BY_PHONE


def opening(
    programme: Programme, part: Part, number: int, language: str, *, name: str, sender: str
) -> str:
    """The words to begin with: what a text would have said around its question."""
    if part is Part.CHECK_IN and programme.asks:
        words = chosen(programme.opening, number, language)
        return fill(words, name=name, sender=sender)
    if part is Part.GO_ON:
        return ""
    return programme.text_for(number, language, name=name, sender=sender, part=part)


def to_ask(
    programme: Programme, part: Part, number: int, language: str, *, name: str, sender: str
) -> tuple[ToAsk, ...]:
    """Every question of a programme, each follow-up after what it follows."""
    if part is Part.GO_ON:
        words = fill(chosen(programme.go_on, number, language), name=name, sender=sender)
        return (ToAsk(GO_ON, words, QUESTION_TO_GO_ON),)
    if part is not Part.CHECK_IN or not programme.asks:
        return ()

    def worded(item: Item, after: str = "") -> ToAsk:
        words = fill(chosen(item.wording, number, language), name=name, sender=sender)
        return ToAsk(item.key, words, item.question, after)

    return tuple(
        one
        for item in programme.items
        for one in (worded(item), *(worded(each.item, item.key) for each in item.follow_ups))
    )
