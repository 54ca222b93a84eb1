"""Runs one round of sending and kills itself, as `kill -9` would, at the line it is told.

Started by the fault tests with the environment of a worker: `python dies_at.py <line>`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from sqlalchemy import event

from connector import rounds, settings
from connector.clock import now
from connector.domain.attempt import Outcome, Outgoing
from connector.services.ports import Channel
from connector.wiring import build
from tests.fakes import SilentDoorbell


class Line(StrEnum):
    """Where a worker can die, in the order of the three steps."""

    IN_PREPARE = "in_prepare"
    BEFORE_SEND = "before_send"
    AFTER_SEND = "after_send"
    IN_RECORD = "in_record"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingChannel:
    """The real channel, in a process that dies before or after it has spoken to the provider."""

    def __init__(self, real: Channel, line: Line) -> None:
        self.name = real.name
        self._real = real
        self._line = line
        self.sent = False

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        if self._line is Line.BEFORE_SEND:
            die()
        outcomes = self._real.send(batch)
        if self._line is Line.AFTER_SEND:
            die()
        self.sent = True
        return outcomes


def main(line: Line) -> None:
    wiring = build(settings.load(), doorbell=SilentDoorbell())
    channel = DyingChannel(wiring.channel, line)

    @event.listens_for(wiring.engine, "after_cursor_execute")
    def _after(*given: object) -> None:
        statement = str(given[2])
        marked = line is Line.IN_PREPARE and statement.startswith("INSERT INTO attempt")
        recorded = line is Line.IN_RECORD and channel.sent and "UPDATE attempt" in statement
        if marked or recorded:
            die()

    rounds.send(replace(wiring, channel=channel), now)


if __name__ == "__main__":
    main(Line(sys.argv[1]))
