"""The simulated phone: the default channel, which reaches nobody outside this machine.

A text sent here is kept where the phone page shows it. It arrives at once and once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from connector.domain.attempt import Outcome, Outgoing, Result
from connector.store import phones

NAME = "simulator"


class SimulatorChannel:
    """Puts texts on simulated phones, in a transaction of its own."""

    name = NAME

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], datetime]) -> None:
        self._sessions = sessions
        self._clock = clock

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        with self._sessions.begin() as session:
            phones.put(session, batch, now=self._clock())
        return [
            Outcome(text.attempt_id, Result.ACCEPTED, f"SIM{text.attempt_id.hex}", arrived=True)
            for text in batch
        ]
