"""The broker that comes with the package, run for real, and the marks that parts leave on it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from redis import Redis

from connector.gateways import embedded_broker
from connector.gateways.embedded_broker import EmbeddedBroker
from connector.gateways.pulse import FADES_AFTER, Part, Pulse


@contextmanager
def running(broker: EmbeddedBroker) -> Iterator[Redis]:
    """The broker's server, once it answers, until the end of the block."""
    with subprocess.Popen(broker.command(), stdout=subprocess.DEVNULL) as server:
        try:
            give_up, pause = monotonic() + 20, Event()
            while not broker.answers() and monotonic() < give_up:
                pause.wait(0.02)
            with Redis.from_url(broker.url) as client:
                yield client
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture
def broker(tmp_path: Path) -> EmbeddedBroker:
    return embedded_broker.in_folder(tmp_path)


def test_what_was_queued_is_there_after_a_restart(broker: EmbeddedBroker) -> None:
    with running(broker) as client:
        client.rpush("queue", "a ring")
    with running(broker) as client:
        assert client.lrange("queue", 0, -1) == [b"a ring"]


def test_only_its_owner_can_reach_it(broker: EmbeddedBroker) -> None:
    with running(broker) as client:
        assert client.config_get("port")["port"] == "0"
        assert broker.socket_path.stat().st_mode & 0o077 == 0


def test_a_part_is_seen_after_its_mark_and_not_before(broker: EmbeddedBroker) -> None:
    with running(broker):
        pulse = Pulse(broker.url)
        assert pulse.seen() == frozenset()
        pulse.mark(Part.WORKER)
        assert pulse.seen() == {Part.WORKER}
        pulse.mark(Part.BEAT)
        assert pulse.seen() == {Part.WORKER, Part.BEAT}
        pulse.forget(Part.WORKER)
        assert pulse.seen() == {Part.BEAT}


def test_a_mark_fades_by_itself(broker: EmbeddedBroker) -> None:
    with running(broker) as client:
        Pulse(broker.url).mark(Part.BEAT)
        [mark] = client.keys("*")
        assert 0 < client.pttl(mark) <= FADES_AFTER * 1000


def test_a_pulse_outlives_a_restart_of_its_broker(broker: EmbeddedBroker) -> None:
    pulse = Pulse(broker.url)
    with running(broker):
        pulse.mark(Part.WORKER)
    assert pulse.seen() is None
    with running(broker):
        assert pulse.seen() is not None
