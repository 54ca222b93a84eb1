"""Whether the machine keeps up: how old the oldest work is, what is in trouble, what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.store import alarms, attempts, check_ins, listings, replies, switches
from connector.store.alarms import Alarm
from connector.store.switches import Pause

LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Condition:
    """How the service does. `compared_until` is None when no list was ever compared."""

    pause: Pause | None
    alarms: tuple[Alarm, ...]
    compared_until: datetime | None
    recovered: int
    unknown: int


def condition(session: Session, channel: str, *, now: datetime) -> Condition:
    """How the service does: what is stopped, its alarms of the last week, newest first."""
    return Condition(
        pause=switches.pause(session),
        alarms=tuple(reversed(alarms.since(session, now - LATELY))),
        compared_until=listings.good_until(session, channel),
        recovered=listings.recovered(session),
        unknown=attempts.count_unknown(session),
    )


def oldest_due(session: Session, *, now: datetime) -> float:
    """Seconds since the oldest unsent text was due or unread reply came; 0 when there is none."""
    moments = (
        check_ins.oldest_due(session),
        attempts.oldest_due(session),
        replies.oldest_unread(session),
    )
    waiting = [(now - moment).total_seconds() for moment in moments if moment is not None]
    return max([0.0, *waiting])
