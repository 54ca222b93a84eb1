"""What lies on the simulated phones. The demonstration's only; never real people's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.domain.attempt import Outgoing
from connector.store.base import blind_index, insert_for
from connector.store.tables import PhoneRow


def put(session: Session, texts: Sequence[Outgoing], *, now: datetime) -> None:
    """Put texts on the phones they are for; one that is there already stays once."""
    rows = [
        {
            "attempt_id": text.attempt_id,
            "number_index": blind_index(text.to),
            "body": text.body,
            "at": now,
        }
        for text in texts
    ]
    if rows:
        session.execute(insert_for(session, PhoneRow).on_conflict_do_nothing(), rows)


def held(session: Session, attempt_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these attempts lie on a phone."""
    asked = PhoneRow.attempt_id.in_(list(attempt_ids))
    return set(session.scalars(select(PhoneRow.attempt_id).where(asked)))
