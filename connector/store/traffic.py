"""How much went out and came in, counted by spans of time. It holds no word and no number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from connector.domain.attempt import AttemptState
from connector.store.attempts import OPENED_BY_US
from connector.store.tables import AttemptRow, ReplyRow

Span = tuple[datetime, datetime]
_LEFT = (AttemptState.ACCEPTED, AttemptState.SENT, AttemptState.DELIVERED)


def replies(session: Session, spans: Sequence[Span]) -> list[int]:
    """How many texts came in within each span, its end not included."""
    return _counts(session, ReplyRow.received_at, spans)


def sent(session: Session, spans: Sequence[Span]) -> list[int]:
    """How many of the texts that we opened within each span have left."""
    return _counts(
        session,
        AttemptRow.made_at,
        spans,
        AttemptRow.state.in_([state.value for state in _LEFT]),
        AttemptRow.purpose.in_([purpose.value for purpose in OPENED_BY_US]),
    )


def _counts(
    session: Session, moment: InstrumentedAttribute[datetime], spans: Sequence[Span], *which: object
) -> list[int]:
    counts = [
        select(literal(place), func.count()).where(moment >= start, moment < end, *which)  # type: ignore[arg-type]
        for place, (start, end) in enumerate(spans)
    ]
    rows = session.execute(union_all(*counts)).all() if counts else []
    found = {row[0]: row[1] for row in rows}
    return [found[place] for place in range(len(spans))]
