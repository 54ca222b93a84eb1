"""Whether this database holds a demonstration or real people. Marked once, never changed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.store.base import insert_for
from connector.store.tables import Installation


class Kind(StrEnum):
    DEMO = "demo"
    LIVE = "live"


def kind(session: Session) -> Kind | None:
    """What this database was made as; None before anybody has said."""
    found = session.scalar(select(Installation.kind).where(Installation.id == 1))
    return Kind(found) if found else None


def mark(session: Session, kind: Kind, *, now: datetime) -> None:
    """Say what this database is for; a second mark changes nothing."""
    row = insert_for(session, Installation).values(id=1, kind=kind.value, made_at=now)
    session.execute(row.on_conflict_do_nothing())
