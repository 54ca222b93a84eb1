"""A worker's line to the broker, which may be lost in the middle of a task.

The vendor's own ends the whole worker then: it answers for the task on a line that is gone. Nothing
needs to be answered for, and nothing to be given back: rows are the queue, and the next tick asks
for the work again. It changes nothing while the line holds.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import TRANSPORT_ALIASES
from kombu.transport.redis import Channel, Transport

SCHEMES = ("redis", "rediss", "redis+socket")


class LosableChannel(Channel):
    """A channel that stays quiet once it has been closed."""

    do_restore = False

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> Any:
        return None if self.closed else super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> Any:
        return None if self.closed else super().basic_reject(delivery_tag, requeue)


class LosableTransport(Transport):
    Channel = LosableChannel


def outlive_the_broker() -> None:
    """Have every Celery app of this process use such lines."""
    for scheme in SCHEMES:
        TRANSPORT_ALIASES[scheme] = f"{__name__}:{LosableTransport.__name__}"
