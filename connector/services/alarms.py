"""When it is us and not them: texts fail for many people at once, or nothing comes in.

One alarm of a kind while it lasts. Nobody is called quiet for a text that was sent in such a time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState
from connector.domain.promise import Promise
from connector.domain.silence import is_our_trouble
from connector.services.jobs import Job, later
from connector.store import alarms, alerts, attempts, staff
from connector.store.alarms import AlarmKind
from connector.store.alerts import Subject

WINDOW = timedelta(hours=1)
_FAILED = (AttemptState.UNDELIVERED, AttemptState.REFUSED, AttemptState.UNKNOWN)
_WAITING = (AttemptState.QUEUED, AttemptState.SENDING, AttemptState.SKIPPED)


def watch(session: Session, *, now: datetime) -> bool:
    """Open or close the alarm about deliveries by the last hour. True while it is on."""
    since = now - WINDOW
    counts = attempts.outcomes_since(session, since)
    failed = sum(counts.get(state, 0) for state in _FAILED)
    sent = sum(count for state, count in counts.items() if state not in _WAITING)
    if not is_our_trouble(failed, sent):
        alarms.close(session, AlarmKind.DELIVERIES, now=now)
        return False
    sentence = f"{failed} of the last {sent} texts did not get through. It is likely to be us."
    if alarms.open_(session, AlarmKind.DELIVERIES, since=since, sentence=sentence, now=now):
        _tell(session, now)
    return True


def _tell(session: Session, now: datetime) -> None:
    """Coordinators and administrators hear of it; connectors do not, and no resident does."""
    rows = [
        (member.id, 0, Promise.NOW)
        for member in staff.members(session)
        if member.number and member.coordinates
    ]
    alerts.queue(session, rows, subject=Subject.SERVICE, now=now)
    later(session, Job.ALERT)
