"""The floor of the queue: a bare Celery app whose tasks do nothing, or only say when they ran."""

from __future__ import annotations

import time

from celery import Celery
from redis import Redis

from connector.cli.bench.floor_tables import QUEUE, STAMPS
from connector.settings import load

_settings = load()
_redis = Redis.from_url(_settings.redis_url)
app = Celery("floor", broker=_settings.broker_url)
app.conf.update(
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue=QUEUE,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
)


@app.task(name="floor.nothing")
def nothing() -> None:
    pass


@app.task(name="floor.stamp")
def stamp(rung_at: float) -> None:
    """Put down how long the ring took; the monotonic clock is one for the whole machine."""
    _redis.rpush(STAMPS, time.monotonic() - rung_at)
