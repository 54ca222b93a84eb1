"""That the timetable and a worker were alive: a moment in the records, once a minute.

The broker has marks of its own that fade in seconds. This one can be read with nothing but the
database, by something that must not depend on the broker.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.store.base import insert_for
from connector.store.tables import SettingRow

NAME = "heartbeat"


def beat(session: Session, *, now: datetime) -> None:
    """The timetable rang and a worker came."""
    row = insert_for(session, SettingRow).values(name=NAME, value={}, edits=0, changed_at=now)
    session.execute(
        row.on_conflict_do_update(index_elements=[SettingRow.name], set_={"changed_at": now})
    )


def last(session: Session) -> datetime | None:
    """When that was last; None when it never was."""
    return session.scalar(select(SettingRow.changed_at).where(SettingRow.name == NAME))
