"""Who works here and who is told that something is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    CONNECTOR = "connector"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"

    @property
    def words(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff. `number` is E.164 and may be empty: then nobody can text them."""

    id: int
    name: str
    email: str
    role: Role
    number: str = ""
    active: bool = True

    @property
    def sees_residents(self) -> bool:
        """Administrators run the machine; they see no resident's words."""
        return self.role is not Role.ADMINISTRATOR

    @property
    def coordinates(self) -> bool:
        """Whether they answer for the whole service: may stop texts, and write to a whole group."""
        return self.role in (Role.COORDINATOR, Role.ADMINISTRATOR)


def on_duty(members: Iterable[Member], connector_id: int | None) -> tuple[Member, ...]:
    """Who is told about a resident's flag: their own connector, else every coordinator.

    Only active members with a number count, so that a flag is never announced to nobody while
    somebody could hear it.
    """
    reachable = [member for member in members if member.active and member.number]
    own = tuple(member for member in reachable if member.id == connector_id)
    return own or tuple(member for member in reachable if member.role is Role.COORDINATOR)
