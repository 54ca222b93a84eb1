"""Telling connectors that something is due: no name, no words, at least once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy.orm import Session

from connector.domain.attempt import Outcome, Outgoing, Result
from connector.domain.promise import Promise
from connector.store import alerts
from connector.store.alerts import Alert, Subject

ANSWER_WITHIN = timedelta(minutes=2)
AGAIN_AFTER = timedelta(minutes=1)
KEPT_FOR = timedelta(hours=12)

_DUE = {
    Promise.NOW: "1 person to look in on now.",
    Promise.TODAY: "1 person to look in on today.",
    Promise.THIS_WEEK: "1 person to look in on this week.",
}


def prepare(session: Session, *, limit: int, now: datetime) -> list[Alert]:
    """Claim alerts that are due. One whose sender died is claimed again after a while."""
    return alerts.claim(session, limit, give_up_after=ANSWER_WITHIN, now=now)


def as_text(alert: Alert, *, public_url: str, now: datetime) -> Outgoing:
    """The text of an alert: that something is due, by when, and a link. Nothing about anybody."""
    due, page = _words(alert)
    body = f"Community Connector: {due} {public_url}{page}"
    return Outgoing(key_of(alert), alert.number, body, now + KEPT_FOR)


def _words(alert: Alert) -> tuple[str, str]:
    """What is due, and the page to open."""
    if alert.subject is Subject.SERVICE:
        return "texts may not be getting through. Please look.", "/system"
    if alert.subject is Subject.UNCLAIMED:
        return "1 text from a number we do not know, to read now.", "/unclaimed"
    if alert.subject is Subject.REQUEST:
        return "somebody has asked to be rung.", "/requests"
    return _DUE.get(alert.promise, "1 person to look in on."), f"/flags/{alert.about_id}"


def key_of(alert: Alert) -> UUID:
    """A name for this try of this alert, so that its outcome finds it again."""
    return uuid5(NAMESPACE_OID, f"alert:{alert.id}:{alert.tries}")


def record(
    session: Session, claimed: Sequence[Alert], outcomes: Sequence[Outcome], *, now: datetime
) -> None:
    """What was accepted is done; everything else is tried again."""
    by_key = {outcome.attempt_id: outcome for outcome in outcomes}
    results = [(alert, by_key.get(key_of(alert))) for alert in claimed]
    accepted = [a.id for a, outcome in results if outcome and outcome.result is Result.ACCEPTED]
    alerts.sent(session, accepted)
    for alert, outcome in results:
        if outcome is None or outcome.result is not Result.ACCEPTED:
            code = outcome.code if outcome else ""
            alerts.later(session, alert.id, code, due_at=now + AGAIN_AFTER * min(alert.tries, 30))
