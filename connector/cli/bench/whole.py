"""The whole: what a bare ring costs in Celery, and the memory of web, worker and beat."""

from __future__ import annotations

import time

import psutil
from celery import Celery
from redis import Redis

from connector import clock
from connector.cli.bench import floor_tables, people
from connector.cli.bench.floor_tables import QUEUE
from connector.cli.bench.ground import Ground, until
from connector.cli.bench.measure import Better, Figure, Kind, alternate, figure
from connector.cli.bench.webhooks import FLOOR, OURS, Post
from connector.services.jobs import Job
from connector.store import replies

DRAINED = Kind(
    "rings",
    "rings that find nothing to read",
    "Celery tasks that do nothing",
    "/s",
)
MEMORY = Kind(
    "memory", "web of 2, worker of 2 and beat, shared pages shared out",
    "the same processes with nothing in them", "MiB", Better.LESS,
)  # fmt: skip
NOTHING = "floor.nothing"
PARKED = "parked"
MIB = 1024 * 1024


def rings(ground: Ground) -> list[Figure]:
    """Tasks a second of a worker that is handed a full queue at once."""
    ground.worker()
    ground.worker("floor-worker", "connector.cli.bench.floor_tasks", QUEUE)

    def theirs() -> float:
        return _drain(ground, NOTHING, QUEUE)

    def ours() -> float:
        return _drain(ground, Job.TRIAGE.value, "celery")

    theirs(), ours()
    return [figure(DRAINED, alternate(ground.sizes.rounds, theirs, ours))]


def _drain(ground: Ground, task: str, queue: str) -> float:
    """Publish to a queue that nobody reads, rename it to the one that is read, and wait."""
    app = Celery(broker=ground.settings.broker_url, set_as_current=False)
    redis = Redis.from_url(ground.redis_url)
    for _ in range(ground.sizes.rings):
        app.send_task(task, queue=PARKED)
    start = time.perf_counter()
    redis.rename(PARKED, queue)
    until(lambda: not redis.llen(queue) and not redis.hlen("unacked"), "the last task", pause=0.002)
    return ground.sizes.rings / (time.perf_counter() - start)


def memory(ground: Ground) -> list[Figure]:
    """Proportional set sizes (PSS) after some work, by one and the same sum for both."""
    floor_tables.make(ground.engine)
    with ground.wiring.transaction() as session:
        people.some_residents(session, 50, people.a_connector(session), now=clock.now())
    post = Post()
    bare_port = ground.floor_web()
    floor = "connector.cli.bench.floor_tasks"
    bare = [ground.pid("floor-web"), ground.worker("floor-worker", floor, QUEUE)]
    bare.append(ground.beat("floor-beat", floor))
    port = ground.web()
    full = [ground.pid("web"), ground.worker(), ground.beat("beat", "tasks.app")]
    ground.load(bare_port, post.texts(FLOOR, 200), connections=8, seconds=20).only(204)
    ground.load(port, post.texts(OURS, 200), connections=8, seconds=20).only(204)
    until(lambda: _read_all(ground), "the worker")
    return [figure(MEMORY, [(_pss(bare), _pss(full))])]


def _read_all(ground: Ground) -> bool:
    with ground.wiring.reading() as session:
        return replies.oldest_unread(session) is None


def _pss(leaders: list[int]) -> float:
    """Mebibytes of these processes and their children."""
    total = 0
    for pid in leaders:
        leader = psutil.Process(pid)
        for process in (leader, *leader.children(recursive=True)):
            memory_info = process.memory_full_info()
            total += getattr(memory_info, "pss", memory_info.uss)
    return total / MIB
