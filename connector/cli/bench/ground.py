"""The ground a measurement stands on: throw-away databases, a broker, and the parts of the service.

Databases are made on the server that is named (or as files in a temporary folder) and dropped
afterwards; a Redis database that holds anything is refused. Whatever is started listens on
loopback and is ended by its own process id, also when the measuring itself is killed.
"""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from cryptography.fernet import Fernet
from redis import Redis
from sqlalchemy import Engine, create_engine, make_url, text

from connector.cli import migrate
from connector.cli.bench import load, stub
from connector.cli.supervisor import Part, Supervisor
from connector.gateways import embedded_broker
from connector.services.jobs import Job
from connector.settings import Settings, inherited
from connector.wiring import Wiring, build

PUBLIC_URL = "https://bench.example"
AUTH_TOKEN = "made-up-for-measuring"  # noqa: S105
ACCOUNT = "AC" + "0" * 32
SENDER = "+99900000000"
LONGEST_START = 30.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. The defaults keep a whole run under about four minutes."""

    rounds: int = 3
    seconds: float = 2.0
    steady_seconds: float = 4.0
    texts: int = 3000
    replies: int = 16_000
    sends: int = 3000
    planned: int = 100_000
    decided: int = 1_000_000
    due: int = 5000  # a minute
    previewed: int = 10_000
    flags: int = 20_000
    residents: int = 100_000
    rings: int = 600
    steady_rate: float = 200.0
    reply_rate: float = 100.0


TINY = Sizes(
    rounds=1,
    seconds=0.2,
    steady_seconds=0.3,
    texts=60,
    replies=60,
    sends=40,
    planned=30,
    decided=200,
    due=20,
    previewed=30,
    flags=60,
    residents=90,
    rings=20,
    steady_rate=40.0,
    reply_rate=20.0,
)
"""Sizes that show that every path runs, and say nothing about how fast."""


class SilentDoorbell:
    """Wakes nobody: what is measured in this process is called, not rung."""

    def ring(self, job: Job) -> None:
        del job


class CannotMeasureError(click.ClickException):
    """The ground cannot be laid. The message is one plain sentence for an operator."""


class Ground:
    """One database of its own, and everything that a path starts on it."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, sizes: Sizes) -> None:
        self.folder = folder
        self.sizes = sizes
        self.redis_url = redis_url
        self.environment = _environment(folder, database_url, redis_url)
        self.settings = Settings(**_as_fields(self.environment))
        self.wiring: Wiring = build(self.settings, doorbell=SilentDoorbell())
        self._ports: list[int] = []
        self._supervisor: Supervisor | None = None

    @property
    def engine(self) -> Engine:
        return self.wiring.engine

    @property
    def is_sqlite(self) -> bool:
        return self.settings.is_sqlite

    def start(self, name: str, *command: str, **environment: str) -> int:
        """Start a part of the service, its environment changed as told; returns its process id."""
        if self._supervisor is None:
            self._supervisor = Supervisor(self.environment, self.folder, say=_complain)
        changed = [f"{key}={value}" for key, value in environment.items()]
        prefix = ("env", *changed) if changed else ()
        self._supervisor.start(Part(name, (*prefix, *command)))
        return self._supervisor.pids[name]

    def web(self) -> int:
        """Our site as it is served in earnest, two processes of four threads; returns its port."""
        port = free_port()
        config = ("--config", "python:connector.web.gunicorn")
        self.start(
            "web", *_python("gunicorn"), *config, "connector.web.wsgi:app", CONNECTOR_PORT=str(port)
        )
        until_answered(port)
        return port

    def floor_web(self) -> int:
        """The bare routes on the same kind of server, without an access log; returns its port."""
        port = free_port()
        kind = ("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload")
        quiet = ("--no-control-socket", "--log-level", "warning", "--keep-alive", "5")
        where = ("--bind", f"127.0.0.1:{port}")
        app = "connector.cli.bench.floor_web:app"
        self.start("floor-web", *_python("gunicorn"), *kind, *quiet, *where, app)
        until_answered(port)
        return port

    def beat(self, name: str, app: str) -> int:
        """The timetable of a Celery app; returns its process id."""
        schedule = ("--schedule", str(self.folder / name))
        return self._celery(name, app, "beat", "--loglevel", "WARNING", *schedule)

    def _celery(self, name: str, app: str, *command: str) -> int:
        return self.start(name, *_python("celery"), "--app", app, *command)

    def pid(self, name: str) -> int:
        """The process id of a part that was started."""
        assert self._supervisor is not None
        return self._supervisor.pids[name]

    def settle(self) -> None:
        """Let the database look at what has been put into it, as it would by itself in time."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))

    def worker(self, name: str = "worker", app: str = "tasks.app", queue: str = "celery") -> int:
        """A Celery worker of two processes, started as the Procfile starts it."""
        command = ("worker", "--loglevel", "WARNING", "--concurrency", "2", "--queues", queue)
        calm = ("--without-gossip", "--without-mingle", "--hostname", f"{name}@%h")
        return self._celery(name, app, *command, *calm)

    def provider(self, delay: float = 0.0) -> str:
        """The stand-in for the provider, in its own process; returns its address."""
        port = free_port()
        name = f"provider-{port}"
        self.start(name, sys.executable, "-P", stub.__file__, str(port), str(delay))
        until_answered(port)
        return f"http://127.0.0.1:{port}"

    def load(self, port: int, requests: Iterable[bytes], **options: float) -> Load:
        """Send ready-made requests from a process of their own. Options are those of `load.py`."""
        file = self.folder / "requests"
        file.write_bytes(b"".join(struct.pack("!I", len(one)) + one for one in requests))
        given = [f"--{name}={value:g}" for name, value in options.items()]
        command = [sys.executable, "-P", load.__file__, str(file), str(port), *given, "--moments"]
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our script
        if done.returncode:
            raise CannotMeasureError(f"The load ended early: {_last_line(done.stderr)}")
        return Load(**json.loads(done.stdout))

    def drain(
        self,
        kind: str,
        amount: int,
        *,
        processes: int = 1,
        days: int = 0,
        environment: Mapping[str, str] | None = None,
    ) -> float:
        """`amount` pieces of waiting work done a second by processes of `drain.py`.

        From the first one's start to the last one's end. Raises `CannotMeasureError` when another
        amount was done.
        """
        command = [*_python("connector.cli.bench.drain"), kind, str(days)]
        workers = [
            _waiting(command, self.environment | dict(environment or {})) for _ in range(processes)
        ]
        try:
            for worker in workers:
                _read(worker)
            for worker in workers:
                _tell(worker)
            reports = [json.loads(_read(worker) or "{}") for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        done = sum(report.get("done", 0) for report in reports)
        if done != amount:
            raise CannotMeasureError(f"{kind}: {done} done where {amount} waited.")
        busy = [report for report in reports if report["done"]]
        return float(done / (max(_["ended"] for _ in busy) - min(_["began"] for _ in busy)))

    def close(self) -> None:
        """End what was started, then give the connections back."""
        if self._supervisor is not None:
            self._supervisor.stop()
        self.wiring.close()


@dataclass(frozen=True, slots=True)
class Load:
    """What a load reported: see `load.py`."""

    answered: int
    seconds: float
    statuses: dict[str, int]
    waits: list[float]
    moments: list[tuple[int, float]]

    def only(self, *statuses: int) -> Load:
        """This load, when nothing else was answered. Raises `CannotMeasureError` otherwise."""
        if set(self.statuses) - {str(status) for status in statuses} or not self.answered:
            raise CannotMeasureError(f"The load was answered by {self.statuses or 'nothing'}.")
        return self

    @property
    def rate(self) -> float:
        return self.answered / self.seconds


@dataclass(frozen=True, slots=True)
class Grounds:
    """Where fresh grounds are laid, one for each path."""

    folder: Path
    database: str
    redis_url: str
    sizes: Sizes

    @contextmanager
    def fresh(self, name: str) -> Iterator[Ground]:
        """A migrated database of its own for one path, and nothing running."""
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        with _database(self.database, folder) as url:
            ground = Ground(folder, url, self.redis_url, self.sizes)
            try:
                migrate.upgrade(ground.engine)
                migrate.keep_apart(ground.wiring)
                yield ground
            finally:
                ground.close()


@contextmanager
def grounds(database: str, broker: str, sizes: Sizes) -> Iterator[Grounds]:
    """Room for measuring on the given servers, or on SQLite and the embedded broker."""
    folder = Path(tempfile.mkdtemp(prefix="connector-bench-"))
    try:
        with _broker(broker, folder) as redis_url:
            yield Grounds(folder, database, redis_url, sizes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _broker(given: str, folder: Path) -> Iterator[str]:
    if given:
        with closing(Redis.from_url(given)) as redis:
            if redis.dbsize():
                raise CannotMeasureError(
                    "The Redis database is not empty: name one that nothing else uses."
                )
            try:
                yield given
            finally:
                redis.flushdb()
        return
    broker = embedded_broker.in_folder(folder)
    supervisor = Supervisor(inherited(), folder, say=_complain)
    try:
        supervisor.start(Part("broker", tuple(broker.command()), shown=False))
        until(broker.answers, "the broker")
        yield broker.url
    finally:
        supervisor.stop()
        shutil.rmtree(broker.socket_path.parent, ignore_errors=True)


@contextmanager
def _database(server: str, folder: Path) -> Iterator[str]:
    if not server:
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    name = f"connector_bench_{secrets.token_hex(6)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        admin.dispose()


def _environment(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    given = {name: value for name, value in inherited().items() if not _is_ours(name)}
    return given | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PYTHONUNBUFFERED": "1",
        "CONNECTOR_DEMO": "0",
        "CONNECTOR_DATA": str(folder),
        "CONNECTOR_HOST": "127.0.0.1",
        "CONNECTOR_ACCESS_LOG": str(folder / "access.log"),
        "CONNECTOR_SECRET_KEY": secrets.token_urlsafe(32),
        "CONNECTOR_FIELD_KEYS": Fernet.generate_key().decode(),
        "CONNECTOR_INDEX_KEY": secrets.token_urlsafe(32),
        "CONNECTOR_PUBLIC_URL": PUBLIC_URL,
        "CONNECTOR_SECURE_COOKIES": "false",
        "CONNECTOR_CHANNEL": "twilio",
        "CONNECTOR_SEGMENTS_PER_SECOND": "100000",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKENS": AUTH_TOKEN,
        "TWILIO_SENDER": SENDER,
        "TWILIO_API_URL": "http://127.0.0.1:9",
    }


def _is_ours(name: str) -> bool:
    return name.startswith(("CONNECTOR_", "TWILIO_"))


def _as_fields(environment: dict[str, str]) -> dict[str, Any]:
    """The environment as the arguments of `Settings`, so that ours counts and no other."""
    return {
        name.removeprefix("CONNECTOR_").lower(): value
        for name, value in environment.items()
        if _is_ours(name) or name in ("DATABASE_URL", "REDIS_URL")
    }


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until_answered(port: int) -> None:
    """Wait until somebody listens at `port` and says something of HTTP."""

    def answers() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
                line.sendall(b"GET /floor/ok HTTP/1.0\r\n\r\n")
                return line.recv(5) == b"HTTP/"
        except OSError:
            return False

    until(answers, "a server")


def until(
    true: Callable[[], bool],
    what: str,
    *,
    seconds: float = LONGEST_START,
    pause: float = 0.02,
) -> None:
    """Wait for something that another process does. Raises `CannotMeasureError`."""
    give_up = time.monotonic() + seconds
    while not true():
        if time.monotonic() > give_up:
            raise CannotMeasureError(f"After {seconds:.0f} s {what} was not ready.")
        time.sleep(pause)


def _waiting(command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own module
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _read(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    return worker.stdout.readline()


def _tell(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()


def _python(module: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module)


def _last_line(said: bytes) -> str:
    return said.decode("utf-8", "replace").strip().rpartition("\n")[2]


def _complain(line: str) -> None:
    click.echo(line, err=True)
