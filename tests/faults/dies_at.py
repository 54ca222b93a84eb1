"""Runs one round of sending and kills itself, as `kill -9` would, at the line it is told.

Started by the fault tests with the environment of a worker: `python dies_at.py <line>`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from enum import StrEnum
from threading import Event

from sqlalchemy import event

from connector import rounds, settings
from connector.clock import now
from connector.domain.attempt import Outcome, Outgoing
from connector.wiring import build
from tests.fakes import SilentDoorbell
from tests.faults.around import sending_by


class Line(StrEnum):
    """Where a worker can die, in the order of the three steps."""

    IN_PREPARE = "in_prepare"
    BEFORE_SEND = "before_send"
    AFTER_SEND = "after_send"
    IN_RECORD = "in_record"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(line: Line) -> None:
    wiring = build(settings.load(), doorbell=SilentDoorbell())
    sent = Event()

    def send(batch: Sequence[Outgoing]) -> list[Outcome]:
        if line is Line.BEFORE_SEND:
            die()
        outcomes = wiring.channel.send(batch)
        if line is Line.AFTER_SEND:
            die()
        sent.set()
        return outcomes

    @event.listens_for(wiring.engine, "after_cursor_execute")
    def _after(*given: object) -> None:
        statement = str(given[2])
        marked = line is Line.IN_PREPARE and statement.startswith("INSERT INTO attempt")
        recorded = line is Line.IN_RECORD and sent.is_set() and "UPDATE attempt" in statement
        if marked or recorded:
            die()

    rounds.send(sending_by(wiring, send), now)


if __name__ == "__main__":
    main(Line(sys.argv[1]))
