"""A resident's own level, lowered by a named person until a day. Only ever added to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connector.domain.usual import Floor
from connector.store.bulk import one_of
from connector.store.tables import FloorRow, StaffRow


def standing(session: Session, resident_ids: Iterable[int], *, on: date) -> dict[int, Floor]:
    """The newest floor of each of these residents, where it still holds on the day `on`."""
    newest = (
        select(func.max(FloorRow.id))
        .where(one_of(session, FloorRow.resident_id, set(resident_ids)))
        .group_by(FloorRow.resident_id)
    )
    rows = session.execute(
        select(FloorRow.resident_id, FloorRow.once, StaffRow.name, FloorRow.until)
        .join(StaffRow, StaffRow.id == FloorRow.made_by)
        .where(FloorRow.id.in_(newest), FloorRow.until >= on)
    )
    return {who: Floor(once, by, until) for who, once, by, until in rows}


def lower(
    session: Session, resident_id: int, floor: Floor, *, by: int, why: str, now: datetime
) -> None:
    """From now on this floor holds, until its last day; one that is over ends an older floor."""
    session.add(
        FloorRow(
            resident_id=resident_id,
            once=floor.once,
            until=floor.until,
            made_by=by,
            made_at=now,
            why=why,
        )
    )
