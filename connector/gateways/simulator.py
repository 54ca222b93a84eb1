"""The simulated phone: the default channel, which reaches nobody outside this machine.

A text sent here is kept where the phone page shows it. It arrives at once and once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from connector.domain.attempt import (
    AttemptState,
    Found,
    Outcome,
    Outgoing,
    Receipt,
    Result,
    Sought,
)
from connector.domain.reply import Inbound
from connector.services.ports import Capabilities, Finding, Verdict
from connector.store import phones

NAME = "simulator"
CAPABILITIES = Capabilities(
    receipts=False,
    provider_opt_out=False,
    queue_expiry=False,
    lists=True,
    waits_up_to=timedelta(0),
    longest=1600,
    emoji=True,
)


class SimulatorChannel:
    """Puts texts on simulated phones, in a transaction of its own."""

    name = NAME
    capabilities = CAPABILITIES

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._clock = clock

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        with self._sessions.begin() as session:
            phones.put(session, batch, now=self._clock())
        return [
            Outcome(text.attempt_id, Result.ACCEPTED, _sid(text.attempt_id), arrived=True)
            for text in batch
        ]

    def find(self, sought: Sequence[Sought]) -> Found:
        """Whether each text lies on its phone: here the answer is always sure."""
        with self._sessions() as session:
            there = phones.held(session, [one.attempt_id for one in sought])
        return Found(
            tuple(Receipt(id_, AttemptState.DELIVERED, _sid(id_)) for id_ in sorted(there)),
            tuple(one.attempt_id for one in sought if one.attempt_id not in there),
        )

    def received_since(self, since: datetime) -> Iterator[Inbound]:  # noqa: ARG002 - of the port
        """Nothing: a text written on a simulated phone is at the door in the same moment."""
        return iter(())

    def check(self) -> tuple[Finding, ...]:
        words = "Texts go to simulated phones only; nobody outside this machine is reached."
        return (Finding("The sender", Verdict.OK, words),)

    def close(self) -> None:
        """Nothing is held open."""


def _sid(attempt_id: UUID) -> str:
    return f"SIM{attempt_id.hex}"
