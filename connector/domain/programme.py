"""A programme: a cadence, a question or a plain prompt, and its wording by language.

Wording never decides dates: changing words moves nobody. Equivalent wordings take turns by the
number of the occurrence, so that a preview is exact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from connector.domain.cadence import Cadence
from connector.domain.errors import Invalid
from connector.domain.question import Question

DEFAULT_LANGUAGE = "en"
_PLACEHOLDER = re.compile(r"\{name\}|\{sender\}")


class ProgrammeKind(StrEnum):
    CHECK_IN = "check_in"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Programme:
    """What is sent and when. `timely_for` is how late a text may still go out. `noticing` holds the
    figures of `usual.Tuning` that a person has approved for it; all others are the starting values.

    Raises `Invalid` when there is no wording in the default language.
    """

    id: int
    name: str
    kind: ProgrammeKind
    cadence: Cadence
    question: Question
    wording: Mapping[str, tuple[str, ...]]
    timely_for: timedelta = timedelta(hours=4)
    answer_within: timedelta = timedelta(days=3)
    noticing: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.wording.get(DEFAULT_LANGUAGE):
            raise Invalid(f"The programme {self.name} needs at least one wording in English.")

    @property
    def asks(self) -> bool:
        return self.kind is ProgrammeKind.CHECK_IN

    def text_for(self, number: int, language: str, *, name: str, sender: str) -> str:
        """The text of the n-th occurrence (from 1), in the resident's language or in English."""
        wordings = self.wording.get(language) or self.wording[DEFAULT_LANGUAGE]
        return fill(wordings[(number - 1) % len(wordings)], name=name, sender=sender)


def fill(wording: str, *, name: str, sender: str) -> str:
    """`wording` with its placeholders filled; a missing name falls back to 'there'."""
    values = {"{name}": name or "there", "{sender}": sender}
    return _PLACEHOLDER.sub(lambda found: values[found[0]], wording)
