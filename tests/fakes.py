"""Fakes that we own, instead of patches: a clock, a doorbell, a channel that does what it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from connector.domain.attempt import Outcome, Outgoing, Result
from connector.services.jobs import Job


class FakeClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


class SilentDoorbell:
    """Remembers what was rung and wakes nobody."""

    def __init__(self) -> None:
        self.rung: list[Job] = []

    def ring(self, job: Job) -> None:
        self.rung.append(job)


class FakeChannel:
    """Keeps every text it was handed, and answers as a test says; accepted unless said."""

    name = "fake"

    def __init__(self, answer: Callable[[Outgoing], Outcome] | None = None) -> None:
        self.handed: list[Outgoing] = []
        self.answer = answer or accepted

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        self.handed += batch
        return [self.answer(text) for text in batch]

    @property
    def bodies(self) -> list[str]:
        return [text.body for text in self.handed]


def accepted(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.ACCEPTED, provider_id=f"SM{text.attempt_id.hex}")


def arrived(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.ACCEPTED, f"SM{text.attempt_id.hex}", arrived=True)


def unknown(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.UNKNOWN, code="timeout")
