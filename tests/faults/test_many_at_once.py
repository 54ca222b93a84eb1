"""Many doing the same thing at the same moment: it happens once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from redis import Redis

from connector import clock
from connector.gateways.pulse import Part
from connector.settings import Settings
from connector.store.tables import AlertRow, FlagRow, ReadingRow, ReasonRow, ReplyRow
from connector.wiring import Wiring, build
from tests.conftest import wait_until
from tests.fakes import SilentDoorbell
from tests.faults.provider import StubProvider
from tests.faults.stage import Parts, live_settings, people_due, planned, rows, states
from tests.makers import a_member, a_resident, number

OURS = ("celery", "unacked", "unacked_index", "unacked_mutex", "connector:pulse:*", "_kombu.*")


def two_beats_and_three_workers_send(wiring: Wiring, provider: StubProvider, parts: Parts) -> None:
    people_due(wiring, 300)
    parts.beat("one")
    parts.beat("two")
    for name in ("one", "two", "three"):
        parts.worker(name, ready=False)
    wait_until(
        lambda: planned(wiring) == 0 and states(wiring) == {"accepted": 300}, "every text went"
    )
    assert len(provider.asked) == len(provider.ledger) == 300
    assert provider.twice == []


def test_two_beats_and_three_workers_send_each_check_in_once(
    wiring: Wiring, provider: StubProvider, parts: Parts
) -> None:
    two_beats_and_three_workers_send(wiring, provider, parts)


@pytest.mark.postgres
@pytest.mark.redis
class TestOnServers:
    """The same on PostgreSQL and a Redis server that others may be using."""

    @pytest.fixture
    def settings(
        self, postgres_url: str, redis_url: str, provider: StubProvider, tmp_path: Path
    ) -> Iterator[Settings]:
        self._forget(redis_url)
        yield live_settings(postgres_url, redis_url, provider.url, tmp_path)
        self._forget(redis_url)

    @staticmethod
    def _forget(redis_url: str) -> None:
        redis = Redis.from_url(redis_url)
        for pattern in OURS:
            for key in redis.scan_iter(pattern):
                redis.delete(key)

    def test_two_beats_and_three_workers_send_each_check_in_once(
        self, settings: Settings, provider: StubProvider
    ) -> None:
        wiring = build(settings, doorbell=SilentDoorbell())
        with Parts(settings) as parts:
            two_beats_and_three_workers_send(wiring, provider, parts)
        wiring.close()


def test_the_same_text_twenty_times_at_once_is_one_reply_one_reading_and_one_flag(
    wiring: Wiring, provider: StubProvider, parts: Parts
) -> None:
    with wiring.transaction() as session:
        priya = a_member(session)
        a_resident(session, n=1, connector_id=priya.id, now=clock.now())
    parts.beat()
    parts.worker("one", ready=False)
    parts.worker("two", ready=False)
    web = parts.web()
    parts.until_up(Part.WORKER)
    together = Barrier(20)

    def arrives(_nth: int) -> int:
        together.wait(timeout=10)
        return web.text("Please can somebody ring me, I don't want to be here any more")

    with ThreadPoolExecutor(20) as provider_lines:
        answers = Counter(provider_lines.map(arrives, range(20)))
    assert answers == {204: 20}
    wait_until(lambda: provider.numbers[number(900)] > 0, "the connector is told")

    assert len(rows(wiring, ReplyRow)) == 1
    assert len(rows(wiring, ReadingRow)) == 1
    assert len(rows(wiring, FlagRow)) == 1
    assert len(rows(wiring, AlertRow)) == 1
    reasons = Counter(reason.rule for reason in rows(wiring, ReasonRow))
    assert max(reasons.values()) == 1
    wait_until(lambda: provider.numbers[number(1)] == 1, "the one automatic answer has gone")
    assert provider.twice == []
