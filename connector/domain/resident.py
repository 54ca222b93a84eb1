"""A resident: how they like to be called, where their texts go, and what helps.

Holds nothing about conditions, benefits or scores of any kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.domain.consent import AgreementState


@dataclass(frozen=True, slots=True)
class Resident:
    """One person. `number` is E.164; `zone` an IANA name; `needs` are short lines for staff."""

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

    @property
    def short_name(self) -> str:
        """The name on a card: what they like to be called and an initial."""
        return short_name(self.known_as, self.family_name)


def short_name(known_as: str, family_name: str) -> str:
    """'Sara B' from 'Sara' and 'Begum'; the first name alone when there is no other."""
    return f"{known_as} {family_name[:1]}".strip()
