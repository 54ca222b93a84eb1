"""Replies: a backlog read, and how long after the webhook's answer a flag can be seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

from celery import Celery
from redis import Redis
from sqlalchemy import insert, text

from connector import clock
from connector.cli.bench import floor_tables, people
from connector.cli.bench.floor_tables import QUEUE, STAMPS, UNREAD
from connector.cli.bench.ground import Ground, until
from connector.cli.bench.measure import Better, Figure, Kind, figure, percentile
from connector.cli.bench.webhooks import OURS, Post, name
from connector.domain.check_in import CheckInState
from connector.domain.question import OPEN

BARE = "bare claim, one regex, mark, insert, in batches"
READ = Kind("backlog, 1 process", "a backlog of replies read and flagged", BARE, "/s")
READ_BY_TWO = Kind("backlog, 2 processes", "a backlog of replies read and flagged", BARE, "/s")
RUNG = "a bare Celery ring until its task runs"
SEEN_HALF = Kind(
    "visible p50", "webhook's answer to flag, 100/s, p50", f"{RUNG}, p50", "ms", Better.LESS
)
SEEN = Kind(
    "visible p99", "webhook's answer to flag, 100/s, p99", f"{RUNG}, p99", "ms", Better.LESS
)
REPLIES_A_PERSON = 2
LOOK_EVERY = 0.004
RINGS_A_SECOND = 30
STILL_OPEN = 200
"""Reasons may be seen out of order: two workers number theirs before either has committed."""

NEW_FLAGS = text(
    "SELECT reason.id, reply.provider_id FROM reason JOIN reply ON reply.id = reason.reply_id "
    "WHERE reason.id > :last ORDER BY reason.id"
)


class Asked:
    """People who have been asked: those with an even number on a scale, the others openly.

    Behind those on the scale lie eight weeks of answers.
    """

    def __init__(self, ground: Ground, amount: int) -> None:
        self._ground = ground
        self._turns = count(1)
        self._amount = amount
        now = clock.now()
        with ground.wiring.transaction() as session:
            connector = people.a_connector(session)
            ids = people.some_residents(session, amount, connector, now=now)
            scale = people.a_programme(session, starts_on=now.date())
            openly = people.a_programme(session, name="News", question=OPEN, starts_on=now.date())
            self._on = ((openly, ids[0::2]), (scale, ids[1::2]))
            people.give_history(session, scale, ids[1::2], until=now.date())

    def ask(self, now: datetime) -> None:
        """Ask everybody anew, three hours before `now`."""
        with self._ground.wiring.transaction() as session:
            for programme, ids in self._on:
                people.ask(
                    session, programme, ids, on=now.date(), state=CheckInState.ATTEMPTED,
                    due_at=now - timedelta(hours=3), closes_at=now + timedelta(days=3),
                )  # fmt: skip

    def answer(self, amount: int) -> int:
        """`amount` unread replies by people who were asked; on which day from now, each its own."""
        turn = next(self._turns)
        now = clock.now() + timedelta(days=turn)
        self.ask(now)
        texts = ((1 + n % self._amount, people.words(n)) for n in range(amount))
        with self._ground.wiring.transaction() as session:
            people.write(session, texts, batch=f"{turn:04d}", now=now)
        return turn


def backlog(ground: Ground) -> list[Figure]:
    """Replies read by the service's own round, by one process and by as many as a worker has."""
    floor_tables.make(ground.engine)
    amount = ground.sizes.replies
    asked = Asked(ground, amount // REPLIES_A_PERSON)

    def ours(processes: int) -> float:
        days = asked.answer(amount)
        ground.settle()
        return ground.drain("read", amount, processes=processes, days=days)

    def theirs(processes: int) -> float:
        rows = [{"waits": True, "body": people.words(n)} for n in range(amount)]
        with ground.engine.execution_options(writes=True).begin() as connection:
            connection.execute(insert(UNREAD), rows)
        return ground.drain("floor-read", amount, processes=processes)

    ours(1)
    return [
        figure(kind, [(theirs(processes), ours(processes)) for _ in range(ground.sizes.rounds)])
        for kind, processes in ((READ, 1), (READ_BY_TWO, 2))
    ]


def visible(ground: Ground) -> list[Figure]:
    """Signed texts at a steady rate, a real worker and beat, a look at the flags every few ms."""
    sizes = ground.sizes
    amount = int(sizes.steady_seconds * sizes.reply_rate)
    asked = Asked(ground, amount * 3)
    asked.ask(clock.now())
    web = ground.web()
    ground.worker()
    ground.beat("beat", "tasks.app")
    ground.worker("floor-worker", "connector.cli.bench.floor_tasks", QUEUE)
    post, numbers = Post(), count(1)

    def ours() -> list[float]:
        wanted = list(_take(numbers, amount))
        requests = [post.text(OURS, n, people.worry(n)) for n in wanted]
        options = {"connections": 8, "seconds": sizes.steady_seconds, "rate": sizes.reply_rate}
        with _watching(ground) as seen:
            load = ground.load(web, requests, **options).only(204)
            until(lambda: all(name(n) in seen for n in wanted), "the last flag")
        return [(seen[name(wanted[place])] - at) * 1000 for place, at in load.moments]

    _rings(ground, 1), ours()
    pairs = [(_rings(ground, sizes.steady_seconds), ours()) for _ in range(2)]
    return [_at(SEEN_HALF, 0.5, pairs), _at(SEEN, 0.99, pairs)]


def _at(kind: Kind, share: float, pairs: Sequence[tuple[list[float], list[float]]]) -> Figure:
    return figure(kind, [(percentile(a, share), percentile(b, share)) for a, b in pairs])


def _take(numbers: Iterator[int], amount: int) -> Iterator[int]:
    return (next(numbers) for _ in range(amount))


@contextmanager
def _watching(ground: Ground) -> Iterator[dict[str, float]]:
    """The moment at which each reply's first reason could be seen, by the provider's id."""
    seen: dict[str, float] = {}
    enough = threading.Event()

    def look() -> None:
        last = 0
        while not enough.wait(LOOK_EVERY):
            with ground.engine.connect() as connection:
                rows = connection.execute(NEW_FLAGS, {"last": last - STILL_OPEN}).all()
            now = time.monotonic()
            for id_, provider_id in rows:
                seen.setdefault(provider_id, now)
                last = max(last, id_)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        enough.set()
        watcher.join()


def _rings(ground: Ground, seconds: float) -> list[float]:
    """How long bare rings took, in milliseconds, at about the rate a process may ring."""
    redis = Redis.from_url(ground.redis_url)
    redis.delete(STAMPS)
    app = Celery(broker=ground.settings.broker_url, set_as_current=False)
    amount = max(5, int(seconds * RINGS_A_SECOND))
    for _ in range(amount):
        app.send_task("floor.stamp", [time.monotonic()], queue=QUEUE)
        time.sleep(1 / RINGS_A_SECOND)
    until(lambda: redis.llen(STAMPS) >= amount, "the last ring")
    return [float(wait) * 1000 for wait in redis.lrange(STAMPS, 0, -1)]
