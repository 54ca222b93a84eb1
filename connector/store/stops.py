"""Numbers that have said STOP. The door writes here, and every send asks here first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connector.store.base import insert_for
from connector.store.tables import StopRow


def add(session: Session, number_index: bytes, channel: str, *, now: datetime) -> None:
    """Nothing goes to this number from now on. Of several STOPs the latest counts."""
    row = insert_for(session, StopRow).values(
        number_index=number_index, channel=channel, stopped_at=now
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=[StopRow.number_index],
            set_={"stopped_at": now},
            where=StopRow.stopped_at < now,
        )
    )


def lift(session: Session, number_index: bytes, *, until: datetime) -> bool:
    """The resident has brought texts back by an act of their own; a STOP after `until` stands.

    Returns whether the number may be texted now.
    """
    session.execute(
        delete(StopRow).where(StopRow.number_index == number_index, StopRow.stopped_at <= until)
    )
    return not among(session, [number_index])


def among(session: Session, indexes: list[bytes]) -> set[bytes]:
    """Those of `indexes` that are stopped."""
    found = session.scalars(select(StopRow.number_index).where(StopRow.number_index.in_(indexes)))
    return {bytes(index) for index in found}
