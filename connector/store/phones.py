"""What lies on the simulated phones. The demonstration's only; never real people's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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
