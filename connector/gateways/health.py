"""Whether every part of the service is up, asked in bounded time and told without personal data.

It never raises for a part that is away, and never waits for one longer than about two seconds: it
is asked exactly when things are broken.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from connector.gateways.pulse import Part, Pulse
from connector.services import watching

PATIENCE = 1.5


class Status(StrEnum):
    OK = "ok"
    STARTING = "starting"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Health:
    """What each part is like, and for how many seconds the oldest work that is due has waited."""

    database: Status
    broker: Status
    worker: Status
    beat: Status
    oldest_due_seconds: float | None
    was_well: bool = True

    @property
    def status(self) -> Status:
        """The whole: one part down is down, unless all of them were never up yet."""
        if all(part is Status.OK for part in (self.database, self.broker, self.worker, self.beat)):
            return Status.OK
        return Status.DOWN if self.was_well else Status.STARTING

    def as_json(self) -> dict[str, str | float | None]:
        return {
            "status": self.status.value,
            "database": self.database.value,
            "broker": self.broker.value,
            "worker": self.worker.value,
            "beat": self.beat.value,
            "oldest_due_seconds": self.oldest_due_seconds,
        }


class Watch:
    """Looks at every part, and remembers whether all were up before."""

    def __init__(
        self, sessions: Callable[[], Session], pulse: Pulse, *, patience: float = PATIENCE
    ) -> None:
        """`patience` is how many seconds the database may take to answer."""
        self._patience = patience
        self._sessions = sessions
        self._pulse = pulse
        self._was_well = False
        self._one_question = Lock()
        self._clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="health")
        self._asked: Future[float] | None = None

    def look(self, *, now: datetime) -> Health:
        """How every part is at this moment."""
        oldest_due = self._oldest_due(now)
        seen = self._pulse.seen()
        health = Health(
            database=_word(oldest_due is not None),
            broker=_word(seen is not None),
            worker=_word(Part.WORKER in (seen or ())),
            beat=_word(Part.BEAT in (seen or ())),
            oldest_due_seconds=oldest_due,
            was_well=self._was_well,
        )
        self._was_well = self._was_well or health.status is Status.OK
        return health

    def _oldest_due(self, now: datetime) -> float | None:
        """Seconds for which the oldest work has waited; None when the database does not answer.

        A driver may wait longer than we may: the question is put by another thread, one at a time.
        """
        with self._one_question:
            if self._asked is None or self._asked.done():
                self._asked = self._clerk.submit(self._ask, now)
            asked = self._asked
        try:
            return asked.result(timeout=self._patience)
        except (SQLAlchemyError, TimeoutError):
            return None

    def _ask(self, now: datetime) -> float:
        with self._sessions() as session:
            return watching.oldest_due(session, now=now)


def _word(is_up: bool) -> Status:
    return Status.OK if is_up else Status.DOWN
