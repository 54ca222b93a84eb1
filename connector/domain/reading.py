"""What a reply says, read against the exact question it answers.

A Reading holds the answer on its scale, what the person asks of the service, and the concerns that
a person should look at, each with its promise, its rule and the words that made it. It is never a
score of somebody, and it never says that all is well: every free-text reply still reaches a person,
and this only orders the reading. The promises *now* and *today* come from rules alone; the model
(`Scorer`) only says what to read first among the replies that no such rule spoke about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from connector.domain.answers import read_answer
from connector.domain.phrases import ConcernKind, Intent, Match, News, Rulebook, Span
from connector.domain.promise import Promise, most_urgent
from connector.domain.question import Question, QuestionKind

__all__ = [
    "Asked",
    "Concern",
    "ConcernKind",
    "GoodNews",
    "Intent",
    "Reading",
    "Scorer",
    "Span",
    "Weight",
    "is_exact_start",
    "is_exact_stop",
    "read",
]

LOW_ANSWER = 2.0  # on 0 (worst) to 10 (best); noticing.md, "Level"
ABOUT_ANOTHER = "about somebody else"  # a note of the rules: news of one's own is good as well
LOW_TWICE = 3.0  # worrying when it comes again, so no good news stands beside it

_STOP_WORDS = frozenset(
    ("stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout")
)
_START_WORDS = frozenset(("start", "unstop"))
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that a person should look at, and the words that say so."""

    kind: ConcernKind
    promise: Promise
    rule: str
    version: int
    span: Span
    note: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The words behind an intent, so that staff can see why."""

    intent: Intent
    rule: str
    version: int
    span: Span


@dataclass(frozen=True, slots=True)
class GoodNews:
    """The words that bring good news to pass on."""

    rule: str
    version: int
    span: Span


@dataclass(frozen=True, slots=True)
class Weight:
    """The model's word about one text: `weight` from 0 to 1 orders the reading, nothing else."""

    read_first: bool
    weight: float
    because: tuple[str, ...] = ()


class Scorer(Protocol):
    """A frozen model that says what to read first."""

    def weigh(self, text: str) -> Weight: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reply says. `understood` is False when an answer was expected and nothing found."""

    answer: float | None
    intents: tuple[Intent, ...]
    concerns: tuple[Concern, ...]
    promise: Promise
    read_first: bool = False
    weight: float = 0.0
    understood: bool = True
    asked: tuple[Asked, ...] = ()
    because: tuple[str, ...] = ()
    good: tuple[GoodNews, ...] = ()


def is_exact_stop(text: str) -> bool:
    """Whether the whole message is one of the provider's stop words, in any case."""
    return _AROUND.sub("", text).lower() in _STOP_WORDS


def is_exact_start(text: str) -> bool:
    """Whether the whole message is START or UNSTOP. A YES is an answer, never this."""
    return _AROUND.sub("", text).lower() in _START_WORDS


def read(text: str, question: Question, rules: Rulebook, scorer: Scorer | None = None) -> Reading:
    """Read `text` as a reply to `question`.

    Never raises on any text by itself; an error of `scorer` is passed on as it is.
    """
    matches = rules.match(text)
    concerns = tuple(_concern(match) for match in matches if isinstance(match.kind, ConcernKind))
    asking = [match for match in matches if isinstance(match.kind, Intent)]
    asked = tuple(_asked(match) for match in asking)
    answer = read_answer(text, question)
    by_rules = most_urgent(
        (
            *(concern.promise for concern in concerns),
            *(match.promise for match in asking),
            _level(answer, question),
        )
    )
    weight = scorer.weigh(text) if scorer else Weight(read_first=False, weight=0.0)
    troubled = by_rules is not Promise.NONE or weight.read_first or _lowish(answer, question)
    good = () if troubled or concerns else tuple(_good(match) for match in matches if _glad(match))
    return Reading(
        answer=answer,
        intents=tuple(dict.fromkeys(each.intent for each in asked)),
        concerns=concerns,
        promise=Promise.GOOD_NEWS if good else by_rules,
        read_first=weight.read_first and not by_rules.at_least(Promise.TODAY),
        weight=weight.weight,
        understood=_understood(text, question, answer, bool(concerns or asked or good)),
        asked=asked,
        because=weight.because,
        good=good,
    )


def _concern(match: Match) -> Concern:
    assert isinstance(match.kind, ConcernKind)
    return Concern(match.kind, match.promise, match.rule, match.version, match.span, match.note)


def _asked(match: Match) -> Asked:
    assert isinstance(match.kind, Intent)
    return Asked(match.kind, match.rule, match.version, match.span)


def _glad(match: Match) -> bool:
    """Whether good news is meant: not denied, not long ago, and not out of a film."""
    return isinstance(match.kind, News) and match.note in ("", ABOUT_ANOTHER)


def _good(match: Match) -> GoodNews:
    return GoodNews(match.rule, match.version, match.span)


def _lowish(answer: float | None, question: Question) -> bool:
    if answer is None or question.kind is not QuestionKind.SCALE:
        return False
    return question.goodness(answer) <= LOW_TWICE


def _level(answer: float | None, question: Question) -> Promise:
    """What the answer alone asks for: the worst of a scale today, a low one this week."""
    if answer is None or question.kind is not QuestionKind.SCALE or not question.levels:
        return Promise.NONE
    goodness = question.goodness(answer)
    if goodness <= 0:
        return Promise.TODAY
    return Promise.THIS_WEEK if goodness <= LOW_ANSWER else Promise.NONE


def _understood(text: str, question: Question, answer: float | None, anything: bool) -> bool:
    if not text.strip():
        return False
    return question.kind is QuestionKind.OPEN or answer is not None or anything
