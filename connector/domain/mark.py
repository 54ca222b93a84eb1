"""A mark that stops texts to somebody for good or until a person looks: died, prison, moved, held.

A stay in hospital is none: it is an absence and ends. A mark is set and taken away by a person,
except *held*, which news about somebody may set until a person has looked.
"""

from __future__ import annotations

from enum import StrEnum


class Mark(StrEnum):
    DIED = "died"
    PRISON = "prison"
    LEFT = "left"
    HELD = "held"

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def why_no_text(self) -> str:
        """Why nothing goes to them, in one sentence."""
        return _WHY[self]


_WORDS = {
    Mark.DIED: "Has died",
    Mark.PRISON: "In prison",
    Mark.LEFT: "Has moved away or left",
    Mark.HELD: "Held until a person has looked",
}
_WHY = {
    Mark.DIED: "Not sent: they have died.",
    Mark.PRISON: "Not sent: they are in prison, and texts are held.",
    Mark.LEFT: "Not sent: they have moved away or left.",
    Mark.HELD: "Not sent: texts are held until a person has looked.",
}


class ToldBy(StrEnum):
    """Who told us. A choice and not words, so that it may stand in the audit."""

    THEMSELVES = "themselves"
    FAMILY = "family"
    SERVICE = "service"
    SEEN = "seen"
    TEXT = "text"

    @property
    def words(self) -> str:
        return {
            "themselves": "They told us",
            "family": "Family or a friend told us",
            "service": "Another service told us",
            "seen": "One of us saw or was there",
            "text": "A text told us",
        }[self]
