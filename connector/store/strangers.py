"""Numbers that nobody is known by, each with its one polite automatic answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.store.base import insert_for
from connector.store.tables import StrangerRow


def meet(session: Session, indexes: Iterable[bytes], *, now: datetime) -> set[bytes]:
    """Those of these numbers that were never answered before; they count as answered from now."""
    rows = [{"number_index": index, "answered_at": now} for index in set(indexes)]
    if not rows:
        return set()
    new = insert_for(session, StrangerRow).on_conflict_do_nothing()
    return {
        bytes(index) for index in session.scalars(new.returning(StrangerRow.number_index), rows)
    }


def answered_since(session: Session, indexes: Iterable[bytes], since: datetime) -> set[bytes]:
    """Those of these numbers that had that answer since then."""
    found = select(StrangerRow.number_index).where(
        StrangerRow.number_index.in_(set(indexes)), StrangerRow.answered_at > since
    )
    return {bytes(index) for index in session.scalars(found)}
