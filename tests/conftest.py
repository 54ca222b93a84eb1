"""What every test can ask for: a database of each kind, a broker, a wiring, a site, a clock.

SQLite and the embedded Valkey are always there. PostgreSQL, Redis and Chromium are used when they
answer; a skip says how to enable them, and `CONNECTOR_REQUIRE=postgres,redis,browser` turns such a
skip into a failure.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from redis import Redis, RedisError
from sqlalchemy import event, make_url, text

from connector.cli import migrate
from connector.domain.phrases import Rulebook
from connector.gateways import embedded_broker
from connector.gateways.phrase_book import phrase_book
from connector.gateways.wording import FileWording
from connector.services.understanding import Reader
from connector.settings import Settings, shipped
from connector.store import tables as _tables  # noqa: F401 the shape of every table
from connector.store.base import Base, make_engine, use_keys
from connector.wiring import Wiring, build, keyring
from tests.fakes import FakeChannel, FakeClock, SilentDoorbell
from tests.makers import Loop, widen_cap

# Tests are never timed, and the same examples are tried wherever a change is judged.
hypothesis_settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
    derandomize=bool(os.environ.get("CI")),
    print_blob=True,
)
hypothesis_settings.load_profile("house")

POSTGRES = os.environ.get(
    "TEST_DATABASE_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
REQUIRED = {part for part in os.environ.get("CONNECTOR_REQUIRE", "").split(",") if part}
FIELD_KEY = Fernet.generate_key().decode()
OTHERS_LEAVE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def without(part: str, how: str) -> None:
    """Skip what needs `part`, saying how to enable it; fail where it is required."""
    if part in REQUIRED:
        pytest.fail(f"{part} is required here and does not answer: {how}")
    pytest.skip(f"{part} does not answer: {how}")


def _postgres_server() -> str | None:
    url = make_url(POSTGRES).set(drivername="postgresql")
    try:
        psycopg.connect(url.render_as_string(hide_password=False), connect_timeout=2).close()
    except psycopg.OperationalError:
        return None
    return POSTGRES


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of a PostgreSQL server on which databases may be made."""
    found = _postgres_server()
    if found is None:
        without("postgres", "start PostgreSQL or set TEST_DATABASE_URL")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def redis_url() -> str:
    """The address of a Redis database that tests may empty: one for each of several workers."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    server, _, database = REDIS.rpartition("/")
    own = f"{server}/{(int(database) - worker) % 16}"
    try:
        Redis.from_url(own, socket_connect_timeout=2).ping()
    except RedisError:
        without("redis", "start Redis or set TEST_REDIS_URL")
    return own


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that tests may drive."""
    found = next((path for path in CHROMIUM if Path(path).exists()), "")
    if not found:
        without("browser", "install Debian's package chromium")
    return found


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this run alone, dropped at its end.

    It does not wait for the disk at every commit: no test looks at it after a power cut.
    """
    name = f"connector_{uuid4().hex[:12]}"
    url = make_url(postgres_server)
    admin = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        own = url.set(database=name, query={"options": "-csynchronous_commit=off"})
        made = own.render_as_string(hide_password=False)
        _migrated(made)
        yield made
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """A fresh, migrated PostgreSQL database."""
    plain = make_url(postgres_database).set(drivername="postgresql")
    tables = [f'DELETE FROM "{table.name}"' for table in reversed(Base.metadata.sorted_tables)]
    address = plain.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(OTHERS_LEAVE)
        connection.execute("; ".join(tables))
    return postgres_database


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database to copy: migrating once is enough for most tests."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite database."""
    path = tmp_path / "connector.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
    ids=["sqlite", "postgres"],
)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database, once of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, tmp_path)


@pytest.fixture(scope="session")
def rules() -> Rulebook:
    """The shipped phrase rules, compiled once for the whole run."""
    return phrase_book()


@pytest.fixture
def wiring(settings: Settings, rules: Rulebook) -> Iterator[Wiring]:
    """The parts of one process on a fresh database, with a doorbell that only counts."""
    made = build(settings, doorbell=SilentDoorbell())
    if settings.is_sqlite:
        for engine in (made.engine, made.door_engine):
            event.listen(engine, "connect", _wait_for_no_disk)
    made.reader = make_reader(made, rules)
    yield made
    made.close()


@pytest.fixture
def clock() -> FakeClock:
    """Tuesday noon, until a test moves it."""
    return FakeClock(NOON)


@pytest.fixture
def loop(wiring: Wiring, clock: FakeClock, rules: Rulebook) -> Loop:
    """The whole loop in this process, on a channel that keeps what it is handed.

    Its cap is set wide, since most tests text every day; those of the cap set the usual one.
    """
    widen_cap(wiring)
    channel = FakeChannel()
    wiring.channel = channel
    wiring.reader = make_reader(wiring, rules)
    return Loop(wiring, clock, channel)


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded broker, started for these tests and ended by its own process id."""
    broker = embedded_broker.in_folder(tmp_path_factory.mktemp("broker"))
    process = subprocess.Popen(broker.command(), stdout=subprocess.DEVNULL)
    try:
        wait_until(broker.answers, "the embedded broker answers")
        yield broker.url
    finally:
        process.terminate()
        process.wait(timeout=10)


def make_reader(wiring: Wiring, rules: Rulebook, **changes: Any) -> Reader:
    """What this wiring reads replies with."""
    values: dict[str, Any] = {
        "rules": rules,
        "wording": FileWording(shipped("templates") / "sms"),
        "hours": wiring.hours,
        "channel": wiring.channel.name,
    }
    return Reader(**{**values, **changes})


def make_settings(database_url: str, folder: Path, **changes: object) -> Settings:
    """Settings of a demonstration on `database_url`; keys are the same for the whole run."""
    values: dict[str, object] = {
        "demo": True,
        "data": folder,
        "database_url": database_url,
        "redis_url": "redis://127.0.0.1:1/0",
        "secret_key": "for-tests-only",
        "field_keys": [FIELD_KEY],
        "index_key": "also-for-tests-only",
        "public_url": "http://connector.test",
        "segments_per_second": 100_000,
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


def wait_until(true: object, what: str, *, seconds: float = 20.0) -> None:
    """Wait for something that another process does; fails with `what` when it does not come."""
    assert callable(true)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.02)
    pytest.fail(f"Waited {seconds:g} seconds in vain: {what}.")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_no_disk(connection: Any, _record: Any) -> None:
    """No test looks at its database after a power cut."""
    connection.execute("PRAGMA synchronous=OFF")


def _migrated(url: str) -> None:
    engine = make_engine(url)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        if url.startswith("sqlite"):
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()


use_keys(keyring(make_settings("sqlite://", Path())))
