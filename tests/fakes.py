"""Fakes that we own, instead of patches: a clock, a doorbell, a channel that does as told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from connector.domain.attempt import Found, Outcome, Outgoing, Result, Sought
from connector.domain.reply import Inbound
from connector.services.jobs import Job
from connector.services.ports import Capabilities, ChannelAwayError, Finding


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
    capabilities = Capabilities(
        receipts=True,
        provider_opt_out=True,
        queue_expiry=True,
        lists=False,
        waits_up_to=timedelta(0),
        longest=1600,
        emoji=True,
    )

    def __init__(self, answer: Callable[[Outgoing], Outcome] | None = None) -> None:
        self.handed: list[Outgoing] = []
        self.answer = answer or accepted
        self.sought: list[Sought] = []
        self.finds: Callable[[Sequence[Sought]], Found] = knows_nothing
        self.received: list[Inbound] = []
        self.away = False

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        self.handed += batch
        return [self.answer(text) for text in batch]

    def find(self, sought: Sequence[Sought]) -> Found:
        self.sought += sought
        return Found() if self.away else self.finds(sought)

    def received_since(self, since: datetime) -> Iterator[Inbound]:
        if self.away:
            raise ChannelAwayError("The provider is away.")
        held = [(text.received_at or since, text.provider_id, text) for text in self.received]
        return (text for at, _id, text in sorted(held, key=lambda row: row[:2]) if at >= since)

    def check(self) -> tuple[Finding, ...]:
        return ()

    def close(self) -> None:
        """Nothing is held open."""

    @property
    def bodies(self) -> list[str]:
        return [text.body for text in self.handed]


def accepted(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.ACCEPTED, provider_id=f"SM{text.attempt_id.hex}")


def arrived(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.ACCEPTED, f"SM{text.attempt_id.hex}", arrived=True)


def unknown(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.UNKNOWN, code="timeout")


def knows_nothing(_sought: Sequence[Sought]) -> Found:
    return Found()
