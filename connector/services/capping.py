"""Whether one more text would be too many for somebody, by everything that went to them lately."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from connector.domain.calendar import ONE_DAY
from connector.domain.caps import CAP, MONTH, Cap
from connector.store import attempts, residents


@dataclass(slots=True)
class Contacts:
    """The texts that residents had from us, with what is decided meanwhile."""

    zones: Mapping[int, str]
    texts: dict[int, list[datetime]] = field(default_factory=dict)
    cap: Cap = CAP

    def __contains__(self, resident_id: object) -> bool:
        """Whether it is known what this resident has had."""
        return resident_id in self.zones

    def why_not(self, resident_id: int, at: datetime) -> str:
        """Why a text at `at` would be too many, as a sentence; empty when it would not."""
        sent = self.texts.get(resident_id, [])
        return self.cap.why_capped(sent, self.zones.get(resident_id, "Europe/London"), at)

    def goes(self, resident_id: int, at: datetime) -> None:
        """A text to them goes at `at`."""
        self.texts.setdefault(resident_id, []).append(at)


def at_sending(
    session: Session, resident_ids: Iterable[int], *, cap: Cap = CAP, now: datetime
) -> Contacts:
    """What these residents have had, of those whom nobody else is deciding about just now.

    Their rows stay locked, so that two workers never both send; whoever is locked by another is
    not among them and waits for the next turn, so that no worker ever waits for another. What
    waits in the queue does not count: it is decided in its own turn.
    """
    people = residents.lock_free(session, resident_ids)
    had = attempts.opened_by_us(session, people, now - MONTH - ONE_DAY, waiting=False)
    return Contacts(people, had, cap)


def ahead(session: Session, zones: Mapping[int, str], *, cap: Cap = CAP, at: datetime) -> Contacts:
    """What these residents have had or are about to get, around `at`. Locks nothing."""
    had = attempts.opened_by_us(session, zones, at - MONTH - ONE_DAY, waiting=True)
    return Contacts(zones, had, cap)
