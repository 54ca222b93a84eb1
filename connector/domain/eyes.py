"""Which replies a person has to read, by when, and the words that put one first.

A reply that is nothing but the answer asked for (a number, yes or no, a choice) or a keyword of the
network has been read once it has been counted. Everything else is read by a person, whatever the
machine made of it. It refuses to look at what was found: no rule and no model can take a reply off
the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from connector.domain.question import Question, QuestionKind
from connector.domain.spelling import fold
from connector.domain.working_hours import WorkingHours

_KEYWORDS = frozenset(
    (
        *("stop", "stopall", "unsubscribe", "end", "quit", "cancel", "revoke", "optout"),
        *("start", "unstop"),
    )
)
_YES_NO = frozenset(("y", "yes", "yep", "yeah", "n", "no", "nope"))
_FIGURE = re.compile(r"(\d{1,2}(?:\.\d)?)(?: ?(?:/|out of) ?(\d{1,2}|ten|five))?")
_NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five"),
    *("six", "seven", "eight", "nine", "ten"),
)
_HIGHEST_UNASKED = 10
_EDGES = re.compile(r"^[\s.,!'\"()*]+|[\s.,!'\"()*]+$")


def needs_eyes(text: str, question: Question, *, media: int = 0) -> bool:
    """Whether a person has to read this reply: there is more in it than a bare answer."""
    bare = _EDGES.sub("", fold(text).text)
    if media or not bare:
        return True
    return not (bare in _KEYWORDS or _is_answer(bare, question))


def due_at(received_at: datetime, hours: WorkingHours) -> datetime:
    """By when a person has read it: the end of the next working day."""
    local = received_at.astimezone(ZoneInfo(hours.zone)).date()
    return hours.close_of(hours.next_working_day(local)).astimezone(received_at.tzinfo)


def spans_of(words: Iterable[str], text: str) -> tuple[tuple[int, int], ...]:
    """Where `words` stand in `text`, in their order; a word that is not there is left out."""
    spans: list[tuple[int, int]] = []
    after = 0
    for word in words:
        start = text.find(word, after) if word else -1
        if start >= 0:
            after = start + len(word)
            spans.append((start, after))
    return tuple(spans)


def _is_answer(bare: str, question: Question) -> bool:
    """Whether the whole text is an answer of the kind that was asked for, or of any when none."""
    if question.kind is QuestionKind.SCALE:
        return _is_number(bare, question.low, question.high)
    if question.kind is QuestionKind.YES_NO:
        return bare in _YES_NO
    if question.kind is QuestionKind.CHOICE:
        return _is_choice(bare, question.options)
    return bare in _YES_NO or _is_number(bare, 0, _HIGHEST_UNASKED)


def _is_number(bare: str, low: float, high: float) -> bool:
    if bare in _NUMBER_WORDS:
        return low <= _NUMBER_WORDS.index(bare) <= high
    found = _FIGURE.fullmatch(bare)
    return found is not None and low <= float(found[1]) <= high


def _is_choice(bare: str, options: tuple[str, ...]) -> bool:
    letters = [chr(ord("a") + place) for place in range(len(options))]
    named = [fold(option).text.strip() for option in options]
    return bare in letters or bare in named or _is_number(bare, 1, len(options))
