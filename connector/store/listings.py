"""How far the provider's own list has been compared with what came through the door."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.store.base import insert_for
from connector.store.tables import ListingRow


def good_until(session: Session, channel: str) -> datetime | None:
    """Up to when everything that the provider lists is known to be here."""
    return session.scalar(select(ListingRow.good_until).where(ListingRow.channel == channel))


def compared(session: Session, channel: str, *, until: datetime, recovered: int) -> None:
    """The list was compared up to `until`, and so many texts were found that never came."""
    row = insert_for(session, ListingRow).values(
        channel=channel, good_until=until, recovered=recovered
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=[ListingRow.channel],
            set_={"good_until": until, "recovered": ListingRow.recovered + recovered},
        )
    )


def recovered(session: Session) -> int:
    """How many texts were ever recovered from a list."""
    return sum(session.scalars(select(ListingRow.recovered)))
