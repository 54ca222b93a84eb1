"""A resident: how they like to be called, what they like, where their texts go, and what helps.

Holds nothing about conditions, benefits or scores of any kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connector.domain.consent import AgreementState
from connector.domain.names import name_key

NO_MESSAGE = "Not safe to leave a message"
KNOWN_NEEDS = (
    "Prefers calls",
    "No calls: cannot hear them well",
    "Large print",
    "Short words, one thing at a time",
    "Interpreter needed",
    "Somebody else reads the texts out",
    "Takes time to come to the door",
)
"""Needs that change what a connector does. Any other can be written in words."""


class ContactBy(StrEnum):
    """How we keep in touch. The cadence is the same by whichever way."""

    TEXT = "text"
    CALL = "call"
    VISIT = "visit"

    @property
    def words(self) -> str:
        return {"text": "By text", "call": "By phone call", "visit": "By a visit"}[self]


@dataclass(frozen=True, slots=True)
class Resident:
    """One person. `number` is E.164, or empty; `zone` an IANA name; `needs` are lines for staff.

    `no_answer` are the steps agreed for silence, in order. `message_ok` is None until asked.
    `standing`, `doubted_at`, `number_dead` and `merged_into` are not this record's to change: each
    has a service of its own.
    """

    id: int
    given_name: str
    family_name: str
    known_as: str
    number: str
    language: str
    zone: str
    connector_id: int | None
    agreement: AgreementState
    needs: tuple[str, ...] = field(default=())
    contact_by: ContactBy = ContactBy.TEXT
    likes: tuple[str, ...] = field(default=())
    no_answer: tuple[str, ...] = field(default=())
    shared_phone: bool = False
    message_ok: bool | None = None
    standing: str = ""
    doubted_at: datetime | None = None
    number_dead: bool = False
    canary: bool = False
    merged_into: int | None = None

    @property
    def short_name(self) -> str:
        """The name on a card: what they like to be called and an initial."""
        return short_name(self.known_as, self.family_name)

    @property
    def is_texted(self) -> bool:
        return self.contact_by is ContactBy.TEXT

    @property
    def name_key(self) -> str:
        """By which somebody with the same or nearly the same name is found."""
        return name_key(self.given_name or self.known_as, self.family_name)


def short_name(known_as: str, family_name: str) -> str:
    """'Sara B' from 'Sara' and 'Begum'; the first name alone when there is no other."""
    return f"{known_as} {family_name[:1]}".strip()


def needs_with(needs: Iterable[str], message_ok: bool | None) -> tuple[str, ...]:
    """The needs as staff see them everywhere: that no message may be left is one, and comes first.

    Where it was not asked, what was written about it before stays.
    """
    given = tuple(dict.fromkeys(needs))
    if message_ok is None:
        return given
    others = tuple(need for need in given if need != NO_MESSAGE)
    return others if message_ok else (NO_MESSAGE, *others)
