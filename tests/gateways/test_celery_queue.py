"""The doorbell: rung once for many, never in anybody's way, silent when the broker is away."""

from __future__ import annotations

import json
from typing import cast

import pytest
from redis import Redis
from structlog.testing import capture_logs

from connector.gateways.celery_queue import CeleryDoorbell, producer
from connector.services.jobs import Job
from tests.conftest import wait_until


def rung(broker: Redis) -> list[str]:
    """The names of the tasks that wait at the broker, oldest first."""
    waiting = cast(list[bytes], broker.lrange("celery", 0, -1))
    return [json.loads(message)["headers"]["task"] for message in reversed(waiting)]


@pytest.fixture
def broker(broker_url: str) -> Redis:
    emptied = Redis.from_url(broker_url)
    emptied.flushall()
    return emptied


def test_a_ring_names_the_job_and_carries_nothing_else(broker: Redis, broker_url: str) -> None:
    CeleryDoorbell(celery_address(broker_url)).ring(Job.TRIAGE)
    wait_until(lambda: rung(broker), "the ring is at the broker")
    (message,) = cast(list[bytes], broker.lrange("celery", 0, -1))
    headers = json.loads(message)["headers"]
    assert headers["task"] == Job.TRIAGE.value
    assert (headers["argsrepr"], headers["kwargsrepr"]) == ("()", "{}")
    assert headers["expires"]


def test_many_rings_in_a_moment_are_few_messages(broker: Redis, broker_url: str) -> None:
    doorbell = CeleryDoorbell(celery_address(broker_url))
    for _ in range(500):
        doorbell.ring(Job.TRIAGE)
        doorbell.ring(Job.DISPATCH)
    wait_until(lambda: set(rung(broker)) == {Job.TRIAGE, Job.DISPATCH}, "both have rung")
    assert len(rung(broker)) < 100


def test_a_broker_that_is_away_is_written_in_the_log_and_holds_nobody_up() -> None:
    with capture_logs() as lines:
        CeleryDoorbell("redis://127.0.0.1:1/0").ring(Job.DISPATCH)
        wait_until(lambda: lines, "the log says that nobody heard")
    assert [(line["event"], line["job"]) for line in lines] == [
        ("the doorbell is silent", Job.DISPATCH.value)
    ]


def test_the_producer_knows_no_task() -> None:
    own = [name for name in producer("redis://127.0.0.1:1/0").tasks if "connector" in name]
    assert own == []


def celery_address(url: str) -> str:
    return url.replace("unix://", "redis+socket://", 1)
