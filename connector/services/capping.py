"""Whether one more text would be too many for somebody, by everything that went to them lately."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from connector.domain.caps import CAP, MONTH
from connector.store import attempts, residents


@dataclass(slots=True)
class Contacts:
    """The texts that residents had from us, with what is decided meanwhile."""

    zones: Mapping[int, str]
    texts: dict[int, list[datetime]] = field(default_factory=dict)

    def why_not(self, resident_id: int, at: datetime) -> str:
        """Why a text at `at` would be too many, as a sentence; empty when it would not."""
        sent = self.texts.get(resident_id, [])
        return CAP.why_capped(sent, self.zones.get(resident_id, "Europe/London"), at)

    def goes(self, resident_id: int, at: datetime) -> None:
        """A text to them goes at `at`."""
        self.texts.setdefault(resident_id, []).append(at)


def at_sending(session: Session, resident_ids: Iterable[int], *, now: datetime) -> Contacts:
    """What these residents have had; their rows stay locked, so that two workers never both send.

    What waits in the queue does not count: it is decided in its own turn.
    """
    people = residents.lock(session, resident_ids)
    had = attempts.opened_by_us(session, people, now - MONTH, waiting=False)
    return Contacts({id_: writer.zone for id_, writer in people.items()}, had)


def ahead(session: Session, zones: Mapping[int, str], *, at: datetime) -> Contacts:
    """What these residents have had or are about to get, around `at`. Locks nothing."""
    return Contacts(zones, attempts.opened_by_us(session, zones, at - MONTH, waiting=True))
