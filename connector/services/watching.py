"""Whether the machine keeps up: how old the oldest work is that should have been done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from connector.store import attempts, check_ins, replies


def oldest_due(session: Session, *, now: datetime) -> float:
    """Seconds since the oldest unsent text was due or unread reply came; 0 when there is none."""
    moments = (
        check_ins.oldest_due(session),
        attempts.oldest_due(session),
        replies.oldest_unread(session),
    )
    waiting = [(now - moment).total_seconds() for moment in moments if moment is not None]
    return max([0.0, *waiting])
