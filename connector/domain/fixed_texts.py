"""The texts that the service sends by itself: what each is for, and what it may and must hold.

A text with a placeholder it cannot fill, or without one it needs, is refused in words. Equivalent
wordings take turns where a text allows it; who has to approve is decided here as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from connector.domain.errors import Invalid
from connector.domain.meter import measure
from connector.domain.placeholders import PLACEHOLDERS, Placeholder, used
from connector.domain.plain_words import Terms
from connector.domain.programme import DEFAULT_LANGUAGE
from connector.domain.word_groups import TextKind

MOST_WORDINGS = 6
LONGEST = 480


class WordingState(StrEnum):
    """A draft may change; an approved wording never does, and is replaced by the next."""

    DRAFT = "draft"
    APPROVED = "approved"
    REPLACED = "replaced"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FixedText:
    """One text of the service. `takes_turns` allows equivalent wordings."""

    name: str
    title: str
    sent: str = ""
    crisis: bool = False
    allowed: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    takes_turns: bool = False

    def __post_init__(self) -> None:
        unknown = (set(self.allowed) | set(self.required)) - PLACEHOLDERS.keys()
        if unknown:
            raise Invalid(f"{self.name}: {', '.join(sorted(unknown))} is no placeholder.")

    @property
    def kind(self) -> TextKind:
        return TextKind.CRISIS if self.crisis else TextKind.AUTOMATED

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """What may stand in curly brackets, the required ones first."""
        names = dict.fromkeys((*self.required, *self.allowed))
        return tuple(PLACEHOLDERS[name] for name in names)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every fixed text there is, and the words it is shipped with by (language, name).

    `unreviewed` are languages whose shipped words no speaker has looked at yet.
    """

    texts: Mapping[str, FixedText]
    shipped: Mapping[tuple[str, str], tuple[str, ...]]
    unreviewed: frozenset[str] = field(default_factory=frozenset)

    def words(self, language: str, name: str) -> tuple[str, ...]:
        """The shipped words, in English when there are none in `language`."""
        return self.shipped.get((language, name)) or self.shipped[DEFAULT_LANGUAGE, name]


def cleaned(texts: Sequence[str]) -> tuple[str, ...]:
    """The wordings that were written, without empty ones."""
    written = (text.replace("\r\n", "\n").strip() for text in texts)
    return tuple(text for text in written if text)


def problems(text: FixedText, wordings: Sequence[str]) -> list[tuple[int, str]]:
    """What has to change before the wordings can be kept: the place of each and a sentence."""
    if not wordings:
        return [(0, "Write the text.")]
    found = [
        (place, sentence)
        for place, words in enumerate(wordings)
        for sentence in _problems_of(text, words)
    ]
    if len(wordings) > 1 and not text.takes_turns:
        found.append((1, "This text is always the same: keep one wording."))
    if len(wordings) > MOST_WORDINGS:
        found.append((MOST_WORDINGS, f"Keep at most {MOST_WORDINGS} wordings."))
    if len(set(wordings)) < len(wordings):
        found.append((len(wordings) - 1, "Two wordings are the same: leave one out."))
    return found


def _problems_of(text: FixedText, words: str) -> list[str]:
    known = {one.written for one in text.placeholders}
    strange = [one for one in used(words) if one not in known]
    sentences = []
    if len(words) > LONGEST:
        sentences.append(f"This is longer than {LONGEST} characters. Make it shorter.")
    if strange:
        may = f"only {_and(sorted(known))} can" if known else "nothing can"
        sentences.append(f"{_and(strange)} cannot be filled: here {may} stand in curly brackets.")
    for name in text.required:
        one = PLACEHOLDERS[name]
        if one.written not in words:
            sentences.append(f"It needs {one.written}: {one.means}.")
    return sentences


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def held_back(text: FixedText, wordings: Sequence[str], language: str) -> bool:
    """Whether the check of words blocks one of the wordings, so that a reason is needed."""
    terms = Terms(kind=text.kind, language=language)
    return any(measure(words, terms=terms).blocked for words in wordings)


def needs_a_second_person(text: FixedText, wordings: Sequence[str], language: str) -> bool:
    """Crisis texts always do; others when the check of words blocks one of the wordings."""
    return text.crisis or held_back(text, wordings, language)
