"""One send rate over all workers: each reserves a moment in the channel's own row."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connector.store.base import insert_for
from connector.store.tables import PaceRow


def reserve(
    session: Session,
    channel: str,
    wanted: int,
    *,
    per_second: float,
    ahead: timedelta,
    now: datetime,
) -> int:
    """How many of `wanted` texts may go by `now + ahead`; their share of time is taken up."""
    fresh = insert_for(session, PaceRow).values(channel=channel, free_at=now)
    session.execute(fresh.on_conflict_do_nothing())
    row = select(PaceRow.free_at).where(PaceRow.channel == channel).with_for_update()
    free_at = max(session.scalars(row).one(), now)
    room = int((now + ahead - free_at).total_seconds() * per_second)
    granted = max(0, min(wanted, room))
    _set(session, channel, free_at + timedelta(seconds=granted / per_second))
    return granted


def give_back(session: Session, channel: str, unused: int, *, per_second: float) -> None:
    """Time that was reserved and not needed."""
    row = select(PaceRow.free_at).where(PaceRow.channel == channel).with_for_update()
    free_at = session.scalars(row).one()
    _set(session, channel, free_at - timedelta(seconds=unused / per_second))


def _set(session: Session, channel: str, free_at: datetime) -> None:
    session.execute(update(PaceRow).where(PaceRow.channel == channel).values(free_at=free_at))
