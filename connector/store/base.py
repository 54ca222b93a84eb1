"""What every table shares: the base class, UTC times, sealed fields, engines.

Sealed fields are encrypted before they reach a driver and opened after they leave one, so a copy of
the database without its keys holds no name, number or word of a resident. Numbers are looked up by
a keyed blind index, never by themselves.
"""

from __future__ import annotations

import hmac
import select
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any, cast

import orjson
from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import Session as Session  # the edges name it without knowing the vendor
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Keyring:
    """The keys of one installation: `field_keys` newest first (Fernet), and the index key.

    Raises `ValueError` when there is no field key or one is not a Fernet key.
    """

    def __init__(self, field_keys: list[str], index_key: str) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in field_keys])
        self._index_key = index_key.encode()

    def seal(self, text: str) -> bytes:
        return urlsafe_b64decode(self._fernet.encrypt(text.encode()))

    def open(self, sealed: bytes) -> str:
        return self._fernet.decrypt(urlsafe_b64encode(sealed)).decode()

    def index(self, number: str) -> bytes:
        """The blind index of an E.164 number: 16 bytes of HMAC-SHA256 under its own key."""
        return hmac.digest(self._index_key, number.encode(), sha256)[:16]


class _Keys:
    """The keyring of this process: a column type has no other way to be handed one."""

    ring: Keyring | None = None


def use_keys(ring: Keyring) -> None:
    """Make `ring` the keyring of this process."""
    _Keys.ring = ring


def keys() -> Keyring:
    if _Keys.ring is None:
        raise RuntimeError("No keys are in use: build the wiring before touching the store.")
    return _Keys.ring


def blind_index(number: str) -> bytes:
    return keys().index(number)


class Sealed(TypeDecorator[str]):
    """Text that is encrypted in the database; an empty string stays empty and costs nothing."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        if not value:
            return None if value is None else b""
        return keys().seal(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        if not value:
            return None if value is None else ""
        return keys().open(bytes(value))


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC on both databases. A naive one is refused before it is stored."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def make_engine(url: str, *, autocommit: bool = False, pool_size: int = 5) -> Engine:
    """An engine for `url`, PostgreSQL (psycopg) or SQLite (WAL), that gives up after seconds.

    With `autocommit` every statement is a transaction of its own: one round trip, for the door.
    """
    if url.startswith("sqlite"):
        return _sqlite(url, autocommit=autocommit)
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,
        json_serializer=to_json,
        json_deserializer=orjson.loads,
        connect_args={"prepare_threshold": 3, **_POSTGRES_PATIENCE},
        **options,
    )
    event.listen(engine, "checkout", _refuse_a_dead_line)
    return engine


def to_json(value: Any) -> str:
    """A value as JSON text, times and ids included."""
    return orjson.dumps(value, default=list).decode()


_POSTGRES_PATIENCE = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
}
"""Seconds (the last one milliseconds) after which a server that says nothing is away."""


def _refuse_a_dead_line(connection: Any, _record: Any, _proxy: Any) -> None:
    """A server that restarted has closed its end: seen without a round trip, and replaced."""
    line = select.poll()
    if not connection.closed:
        line.register(connection.fileno(), select.POLLIN)
    if connection.closed or line.poll(0):
        raise DisconnectionError


def _sqlite(url: str, *, autocommit: bool) -> Engine:
    patience = _DOOR_PATIENCE if autocommit else _PATIENCE
    engine = create_engine(
        url,
        hide_parameters=True,
        json_serializer=to_json,
        json_deserializer=orjson.loads,
        connect_args={"timeout": patience, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if autocommit:
            return
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


_PATIENCE = 15.0
_DOOR_PATIENCE = 4.0  # a provider waits no longer, and comes again for a 503
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
)


def insert_new(session: Session, row: type[Base], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert what does not collide with a row that is there; how many (for a single row only)."""
    if not rows:
        return 0
    done = session.connection().execute(
        _insert_new(row, session.get_bind().dialect.name),
        rows if len(rows) > 1 else rows[0],
        execution_options={"preserve_rowcount": True},
    )
    return done.rowcount


@cache
def _insert_new(row: type[Base], dialect: str) -> Insert:
    return insert_into(row, dialect).on_conflict_do_nothing().inline()


def insert_for(session: Session, row: type[Base]) -> postgresql.Insert:
    """An insert that knows `ON CONFLICT` on the database at hand (both speak the same form)."""
    return insert_into(row, session.get_bind().dialect.name)


def insert_into(row: type[Base], dialect: str) -> postgresql.Insert:
    """The same by the dialect's name, for statements that are made once and kept."""
    if dialect == "sqlite":
        return cast(postgresql.Insert, sqlite.insert(row))
    return postgresql.insert(row)
