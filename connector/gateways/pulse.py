"""The pulse of the parts: how /health knows that the worker and the timetable are alive.

A part that works leaves a mark in Redis every two seconds; the mark fades after eight. A process
that was killed, or hangs, or has lost its broker therefore shows within ten seconds without anybody
having to tell. The marks hold nothing but a name, and nothing else may be read from them.
"""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import cast

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

FADES_AFTER = 8.0
PATIENCE = 1.0


class Part(StrEnum):
    WORKER = "worker"
    BEAT = "beat"


class Pulse:
    """The marks of every part on one broker. Never raises for a broker that is away."""

    def __init__(self, redis_url: str) -> None:
        """`redis_url` as `redis://host:port/0` or `unix:///path`."""
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            # One more try at once, for a connection that a restarted broker has dropped.
            retry=Retry(NoBackoff(), 1),
        )

    def mark(self, part: Part) -> None:
        """Say that this part is alive now."""
        with suppress(RedisError):
            self._redis.set(_key(part), "alive", px=int(FADES_AFTER * 1000))

    def forget(self, part: Part) -> None:
        """Say that this part was seen to end, so that nobody waits for its mark to fade."""
        with suppress(RedisError):
            self._redis.delete(_key(part))

    def seen(self) -> frozenset[Part] | None:
        """The parts alive now; None when the broker does not answer within about a second."""
        parts = list(Part)
        try:
            marks = cast("list[bytes | None]", self._redis.mget([_key(part) for part in parts]))
        except RedisError:
            return None
        return frozenset(part for part, found in zip(parts, marks, strict=True) if found)


def _key(part: Part) -> str:
    return f"connector:pulse:{part}"
