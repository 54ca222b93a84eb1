"""The floors' own tables and queue: the fewest columns, nothing sealed, one index for a queue."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

QUEUE = "floor"
STAMPS = "floor-stamps"
"""The queue of the floor's tasks, and the list on which they put down how long a ring took."""

BARE = MetaData()

INBOUND = Table(
    "floor_inbound",
    BARE,
    Column("id", Integer, primary_key=True),
    Column("provider_id", String(64)),
    Column("sender", String(32)),
    Column("body", String(1600)),
    Column("at", DateTime(timezone=True)),
    UniqueConstraint("provider_id"),
)
SENT = Table(
    "floor_sent",
    BARE,
    Column("id", String(36), primary_key=True),
    Column("state", String(12)),
)
DUE = Table(
    "floor_due",
    BARE,
    Column("id", Integer, primary_key=True),
    Column("waits", Boolean),
    Column("number", String(32)),
    Column("body", String(1600)),
    Column("provider_id", String(64)),
    Index("ix_floor_due", "id", postgresql_where=text("waits"), sqlite_where=text("waits")),
)
UNREAD = Table(
    "floor_unread",
    BARE,
    Column("id", Integer, primary_key=True),
    Column("waits", Boolean),
    Column("body", String(1600)),
    Index("ix_floor_unread", "id", postgresql_where=text("waits"), sqlite_where=text("waits")),
)
FOUND = Table(
    "floor_found",
    BARE,
    Column("id", Integer, primary_key=True),
    Column("unread_id", Integer),
    Column("rule", String(40)),
)


def make(engine: Engine) -> None:
    """Make the floors' tables in a throw-away database."""
    BARE.create_all(engine.execution_options(writes=True))
