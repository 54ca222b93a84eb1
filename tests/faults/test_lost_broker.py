"""Redis emptied, killed or away: the rows are the queue, so nothing is lost and nothing doubled."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis
from structlog.testing import capture_logs

from connector.gateways.celery_queue import CeleryDoorbell
from connector.gateways.pulse import Part
from connector.services.jobs import Job
from connector.settings import Settings
from connector.store.tables import ReadingRow
from connector.wiring import Wiring
from tests.conftest import wait_until
from tests.faults.provider import StubProvider
from tests.faults.stage import Broker, Parts, live_settings, people_due, planned, rows, states


class TestFiveHundredDue:
    @pytest.fixture
    def settings(
        self, database_url: str, broker: Broker, provider: StubProvider, tmp_path: Path
    ) -> Settings:
        """Slow enough that the broker dies in the middle."""
        return live_settings(
            database_url, broker.url, provider.url, tmp_path, segments_per_second=100
        )

    def test_a_broker_emptied_and_restarted_while_texts_are_due_loses_and_doubles_none(
        self, wiring: Wiring, provider: StubProvider, parts: Parts, broker: Broker
    ) -> None:
        people_due(wiring, 500)
        parts.beat()
        parts.worker(ready=False)
        wait_until(lambda: len(provider.ledger) > 0, "texts are going out")
        broker.empty()
        broker.kill()
        assert planned(wiring) > 0, "the broker went while texts were due"
        broker.start()

        wait_until(lambda: states(wiring) == {"accepted": 500}, "every text went", seconds=40)
        assert len(provider.asked) == len(provider.ledger) == 500
        assert provider.twice == []


def test_a_text_that_comes_while_the_broker_is_away_is_stored_and_read_when_it_is_back(
    wiring: Wiring, parts: Parts, broker: Broker
) -> None:
    people_due(wiring, 1, first=1)
    parts.beat()
    parts.worker(ready=False)
    web = parts.web()
    parts.until_up(Part.WORKER, Part.BEAT)
    broker.kill()

    answers = [web.text("8", id_=f"SM{n}") for n in range(3)]
    assert answers == [204] * 3
    assert rows(wiring, ReadingRow) == []
    broker.start()
    wait_until(lambda: len(rows(wiring, ReadingRow)) == 3, "the texts are read", seconds=25)


class TestDoorbell:
    @pytest.fixture
    def mute_url(self) -> Iterator[str]:
        """A broker that takes calls and says nothing."""
        with closing(socket.socket()) as mute:
            mute.bind(("127.0.0.1", 0))
            mute.listen()
            yield f"redis://127.0.0.1:{mute.getsockname()[1]}/0"

    @pytest.mark.parametrize("away", ["nobody listens", "nobody answers"])
    def test_ringing_neither_waits_nor_raises_when(self, away: str, mute_url: str) -> None:
        url = mute_url if away == "nobody answers" else "redis://127.0.0.1:1/0"
        bell = CeleryDoorbell(url)
        # One wait for this broker lasts two seconds: a thousand would never end.
        for _ring in range(1000):
            bell.ring(Job.TRIAGE)

    def test_a_bell_outlives_whatever_its_broker_raises(self) -> None:
        with capture_logs() as logged:
            bell = CeleryDoorbell("no-such-transport://nowhere")
            for rings in (1, 2):
                bell.ring(Job.TRIAGE)
                wait_until(lambda rings=rings: len(logged) >= rings, "the silence is logged")
        assert {line["event"] for line in logged} == {"the doorbell is silent"}

    def test_a_bell_that_was_silent_rings_again_when_the_broker_is_back(
        self, broker: Broker
    ) -> None:
        bell = CeleryDoorbell(broker.url.replace("unix://", "redis+socket://", 1))
        redis = Redis(unix_socket_path=broker.url.removeprefix("unix://"))

        def rings() -> bool:
            bell.ring(Job.TRIAGE)
            return redis.llen("celery") > 0

        wait_until(rings, "the bell rings")
        broker.kill()
        for _ring in range(100):
            bell.ring(Job.TRIAGE)
        broker.start()
        redis.delete("celery")
        wait_until(rings, "the bell rings again")
