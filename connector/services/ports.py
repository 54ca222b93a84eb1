"""What the services need from the outside world, as the narrowest interfaces that do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from connector.domain.attempt import Outcome, Outgoing
from connector.services.jobs import Job


class Channel(Protocol):
    """A way to send texts. It owns concurrency and timeouts, and never raises for one text."""

    name: str

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """Hand over every text of `batch` at once; one outcome each, in any order."""
        ...


class Doorbell(Protocol):
    """Says that there is work. Losing a ring loses nothing: the next tick finds the rows."""

    def ring(self, job: Job) -> None: ...
