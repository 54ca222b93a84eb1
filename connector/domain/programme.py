"""A programme: a cadence, the questions or the prompt it sends, and their wording by language.

Wording never decides dates: changing words moves nobody. Equivalent wordings take turns by the
number of the occurrence, so that a preview is exact. A check-in asks its questions one a text, in
their order; an answer may bring one follow-up, and a follow-up brings none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from connector.domain.cadence import Cadence
from connector.domain.errors import Invalid
from connector.domain.question import Question, QuestionKind

DEFAULT_LANGUAGE = "en"
FLOOR_WEEKS = 6
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PLACEHOLDER = re.compile(r"\{name\}|\{sender\}")

Wordings = Mapping[str, tuple[str, ...]]
"""Equivalent texts by language, such as {"en": ("Hello {name}", "Morning {name}")}."""


class ProgrammeKind(StrEnum):
    CHECK_IN = "check_in"
    PROMPT = "prompt"


class Part(StrEnum):
    """What a planned text of a programme is."""

    CHECK_IN = "check_in"
    REMINDER = "reminder"
    GO_ON = "go_on"
    GOODBYE = "goodbye"


class VersionState(StrEnum):
    """A draft may change; a published version never does, and is replaced by the next."""

    DRAFT = "draft"
    PUBLISHED = "published"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is asked next when an answer lies from `low` to `high`, both included."""

    low: float
    high: float
    item: Item


@dataclass(frozen=True, slots=True)
class Item:
    """One question in its words. `key` names it for ever: answers are tied to it.

    Raises `Invalid` for a key that is no plain name, missing English words, a follow-up of a
    follow-up, bands that overlap, or bands on a question that has no number for an answer.
    """

    key: str
    question: Question
    wording: Wordings
    follow_ups: tuple[FollowUp, ...] = ()

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise Invalid(f"'{self.key}' cannot name a question: use small letters, digits and _.")
        if not self.wording.get(DEFAULT_LANGUAGE):
            raise Invalid(f"The question '{self.key}' needs at least one wording in English.")
        _refuse_bad_bands(self)

    def follow_up(self, answer: float | None) -> Item | None:
        """What an answer leads to, if to anything."""
        if answer is None:
            return None
        return next((one.item for one in self.follow_ups if one.low <= answer <= one.high), None)


def _refuse_bad_bands(item: Item) -> None:
    if item.follow_ups and item.question.kind is QuestionKind.OPEN:
        raise Invalid(f"The open question '{item.key}' has no answers in bands to follow up.")
    if any(one.item.follow_ups for one in item.follow_ups):
        raise Invalid(f"A follow-up of '{item.key}' cannot have a follow-up of its own.")
    bands = sorted((one.low, one.high) for one in item.follow_ups)
    if any(low > high for low, high in bands):
        raise Invalid(f"A band of '{item.key}' ends before it begins.")
    if any(after[0] <= before[1] for before, after in pairwise(bands)):
        raise Invalid(f"The bands of '{item.key}' overlap: one answer would bring two follow-ups.")


def one_item(question: Question, wording: Wordings, key: str = "first") -> tuple[Item, ...]:
    """The items of a programme that has only one."""
    return (Item(key, question, wording),)


@dataclass(frozen=True, slots=True)
class ContactFloor:
    """Every resident has a human contact at least every `weeks` weeks.

    Raises `Invalid` when there is no floor (0 weeks) without a reason and a day to look again.
    """

    weeks: int = FLOOR_WEEKS
    why_none: str = ""
    review_on: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.weeks <= 52:
            raise Invalid("A person is in touch at least every 1 to 52 weeks.")
        if self.weeks == 0 and not (self.why_none.strip() and self.review_on):
            raise Invalid(
                "Nobody may be left without human contact for good: to go without a floor, "
                "say why and on which day to look at it again."
            )


@dataclass(frozen=True, slots=True)
class Programme:
    """What is sent and when, in its published version. `noticing` holds the figures of
    `usual.Tuning` that a person has approved; all others are the starting values.

    `opening` stands before the first question, in the same text; `closing` is sent after the last
    answer; `reminder` once to who has not answered; `go_on` asks whether to go on, `goodbye` ends.
    `timely_for` is how late a text may still go out. A prompt has one item, which asks nothing.
    Raises `Invalid` for what can never be sent.
    """

    id: int
    name: str
    kind: ProgrammeKind
    cadence: Cadence
    items: tuple[Item, ...]
    opening: Wordings = field(default_factory=dict)
    closing: Wordings = field(default_factory=dict)
    reminder: Wordings = field(default_factory=dict)
    go_on: Wordings = field(default_factory=dict)
    goodbye: Wordings = field(default_factory=dict)
    timely_for: timedelta = timedelta(hours=4)
    answer_within: timedelta = timedelta(days=3)
    remind_after: timedelta = timedelta(hours=48)
    floor: ContactFloor = ContactFloor()
    meant_for: str = ""
    source: str = ""
    noticing: Mapping[str, float] = field(default_factory=dict)
    version_id: int = 0
    number: int = 1

    def __post_init__(self) -> None:
        if not self.items:
            raise Invalid(f"The programme {self.name} has nothing to send: give it one text.")
        keys = [item.key for item in self.everything_asked()]
        if len(set(keys)) < len(keys):
            raise Invalid(f"Two questions of {self.name} have the same name.")
        if not self.asks and (len(self.items) > 1 or self.question.kind is not QuestionKind.OPEN):
            raise Invalid(f"{self.name} is a prompt, so it has one text and asks nothing.")

    @property
    def asks(self) -> bool:
        return self.kind is ProgrammeKind.CHECK_IN

    @property
    def question(self) -> Question:
        """The first question: the one that levels speak of."""
        return self.items[0].question

    @property
    def wording(self) -> Wordings:
        """The words of the first item."""
        return self.items[0].wording

    @property
    def reminds(self) -> bool:
        return self.asks and bool(self.reminder.get(DEFAULT_LANGUAGE))

    def everything_asked(self) -> Iterator[Item]:
        """Every item, each followed by its follow-ups."""
        for item in self.items:
            yield item
            yield from (one.item for one in item.follow_ups)

    def item(self, key: str) -> Item | None:
        """The item or follow-up with this name, if there still is one."""
        return next((one for one in self.everything_asked() if one.key == key), None)

    def after(self, key: str, answer: float | None) -> Item | None:
        """What is asked once `key` has been answered: its follow-up, else the next item."""
        for place, item in enumerate(self.items):
            follows = [one.item.key for one in item.follow_ups]
            if item.key == key and (follow := item.follow_up(answer)):
                return follow
            if item.key == key or key in follows:
                return self.items[place + 1] if place + 1 < len(self.items) else None
        return None

    def part_on(self, cadence: Cadence, day: date) -> Part:
        """What the text of a date is, in somebody's own cadence (`Cadence.personal`).

        The last is the goodbye, and one after the taper asks whether to go on, where there are
        words for them.
        """
        if self.goodbye.get(DEFAULT_LANGUAGE) and cadence.is_final(day):
            return Part.GOODBYE
        if self.go_on.get(DEFAULT_LANGUAGE) and cadence.asks_to_go_on(day):
            return Part.GO_ON
        return Part.CHECK_IN

    def text_for(
        self, number: int, language: str, *, name: str, sender: str, part: Part = Part.CHECK_IN
    ) -> str:
        """The text of the n-th occurrence (from 1), in the resident's language or in English."""
        wordings = {
            Part.REMINDER: self.reminder,
            Part.GO_ON: self.go_on,
            Part.GOODBYE: self.goodbye,
        }.get(part)
        if wordings:
            return fill(chosen(wordings, number, language), name=name, sender=sender)
        first = chosen(self.wording, number, language)
        opening = chosen(self.opening, number, language)
        return fill(f"{opening} {first}".strip(), name=name, sender=sender)


QUESTION_TO_GO_ON = Question(kind=QuestionKind.YES_NO)
"""What the text that asks whether to go on asks."""


def chosen(wordings: Wordings, number: int, language: str) -> str:
    """One of equivalent wordings, by the occurrence's number; empty when there is none."""
    texts = wordings.get(language) or wordings.get(DEFAULT_LANGUAGE) or ("",)
    return texts[(number - 1) % len(texts)]


def fill(wording: str, *, name: str, sender: str) -> str:
    """`wording` with its placeholders filled; without a value the sentence still reads."""
    values = {"{name}": name or "there", "{sender}": sender or "Your community connector"}
    return _PLACEHOLDER.sub(lambda found: values[found[0]], wording)
