"""Channels that do one thing differently around the real one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from connector.domain.attempt import Outcome, Outgoing
from connector.services.ports import Channel
from connector.wiring import Wiring

Sending = Callable[[Sequence[Outgoing]], list[Outcome]]


class Around:
    """The real channel in everything but sending."""

    def __init__(self, real: Channel, send: Sending) -> None:
        self._real = real
        self.send = send

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def sending_by(wiring: Wiring, send: Sending) -> Wiring:
    """`wiring` with another way to send."""
    return with_channel(wiring, Around(wiring.channel, send))


def with_channel(wiring: Wiring, channel: object) -> Wiring:
    return replace(wiring, channel=cast(Channel, channel))
