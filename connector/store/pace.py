"""One send rate over all workers: each reserves time in the channel's own row.

Counted in segments, which is what a network counts. A rest saves nothing up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connector.store.base import insert_for
from connector.store.tables import PaceRow


@dataclass(frozen=True, slots=True)
class Grant:
    """So many segments may go; their time is taken up from `starts_at` until `ends_at`."""

    segments: int
    starts_at: datetime
    ends_at: datetime

    @property
    def turn(self) -> int:
        """A number that is another one for every grant, by a hash of its moment."""
        digest = blake2b(self.starts_at.isoformat().encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big")


def reserve(
    session: Session,
    channel: str,
    wanted: int,
    *,
    per_second: float,
    ahead: timedelta,
    now: datetime,
) -> Grant:
    """How many of `wanted` segments may go by `now + ahead`; their share of time is taken up.

    After a rest there is always one, however slow the rate is.
    """
    fresh = insert_for(session, PaceRow).values(channel=channel, free_at=now)
    session.execute(fresh.on_conflict_do_nothing())
    free_at = _locked(session, channel)
    starts_at = max(free_at, now)
    room = int((now + ahead - starts_at).total_seconds() * per_second)
    least = 1 if free_at <= now else 0
    granted = max(0, min(wanted, max(room, least)))
    grant = Grant(granted, starts_at, starts_at + timedelta(seconds=granted / per_second))
    _set(session, channel, grant.ends_at)
    return grant


def give_back(
    session: Session, channel: str, grant: Grant, *, used: int, per_second: float, now: datetime
) -> None:
    """Correct a reservation by what was really `used` of it.

    Of what was not needed only the time still to come is given back, so that a slow worker never
    returns what has passed. What was used beyond it is taken up as well.
    """
    unused = timedelta(seconds=(grant.segments - used) / per_second)
    change = min(unused, max(grant.ends_at - now, timedelta(0)))
    if change:
        free_at = _locked(session, channel)
        _set(session, channel, (free_at if change > timedelta(0) else max(free_at, now)) - change)


def take(
    session: Session, channel: str, segments: int, *, per_second: float, now: datetime
) -> None:
    """Segments that went without waiting: whatever is reserved next waits for them."""
    fresh = insert_for(session, PaceRow).values(channel=channel, free_at=now)
    session.execute(fresh.on_conflict_do_nothing())
    free_at = max(_locked(session, channel), now)
    _set(session, channel, free_at + timedelta(seconds=segments / per_second))


def _locked(session: Session, channel: str) -> datetime:
    row = select(PaceRow.free_at).where(PaceRow.channel == channel).with_for_update()
    return session.scalars(row).one()


def _set(session: Session, channel: str, free_at: datetime) -> None:
    session.execute(update(PaceRow).where(PaceRow.channel == channel).values(free_at=free_at))
