"""What the services need from the outside world, as the narrowest interfaces that do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from connector.domain.attempt import Found, Outcome, Outgoing, Sought
from connector.domain.reply import Inbound
from connector.services.jobs import Job

HAND_OVER_WITHIN = timedelta(seconds=60)
"""A text of a batch that is not begun by then goes back to the queue.

No call takes longer than the longest time-out of the settings, which is a minute too: so a text
that counts as *unknown* (after two minutes) is never still about to be handed over.
"""
NOT_TRIED = "not-tried"


class ChannelAwayError(Exception):
    """The provider did not answer a question about what it holds. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do, so that nobody promises what it cannot keep.

    `receipts`: it says later whether a text arrived. `provider_opt_out`: it keeps a list of its own
    of who said STOP. `queue_expiry`: a text can be given an hour after which it is worthless.
    `lists`: what it holds can be listed, so lost words are found again. `waits_up_to`: how long it
    goes on trying a phone that is off. `longest`: characters in one text. `emoji`: it carries them.
    """

    receipts: bool
    provider_opt_out: bool
    queue_expiry: bool
    lists: bool
    waits_up_to: timedelta
    longest: int
    emoji: bool


class Verdict(StrEnum):
    """What is known of one point of an account's set-up."""

    OK = "ok"
    WRONG = "wrong"
    BY_HAND = "set by hand"
    NOT_KNOWN = "could not be checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One point of a channel's set-up. `value`, when there is one, is just what belongs there."""

    about: str
    verdict: Verdict
    words: str
    value: str = ""


class Channel(Protocol):
    """A way to send texts. It owns concurrency and timeouts, and never raises for one text."""

    name: str

    @property
    def capabilities(self) -> Capabilities:
        """What this channel can do; the same for as long as the process lives."""
        ...

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """Hand over every text of `batch` at once; one outcome each, in any order."""
        ...

    def find(self, sought: Sequence[Sought]) -> Found:
        """Look attempts up in what the provider holds. Never raises: no answer is *not known*."""
        ...

    def received_since(self, since: datetime) -> Iterator[Inbound]:
        """The texts the provider took in at or after `since`, oldest first, each with its time.

        Raises `ChannelAwayError` when the provider does not answer.
        """
        ...

    def check(self) -> tuple[Finding, ...]:
        """What is right and wrong with the account, and what must be set by hand. Never raises."""
        ...

    def close(self) -> None:
        """Give connections and threads back; the next call opens new ones."""
        ...


class Doorbell(Protocol):
    """Says that there is work. Losing a ring loses nothing: the next tick finds the rows."""

    def ring(self, job: Job) -> None: ...
