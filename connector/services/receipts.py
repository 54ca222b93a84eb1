"""Receipts: a later word about a text. Each is kept once, and a state only moves forward."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState, Receipt
from connector.domain.working_hours import WorkingHours
from connector.services import delivery
from connector.services.delivery import HOURS
from connector.store import attempts

ANSWER_LOST_AFTER = timedelta(minutes=2)


FOR_GOOD = (AttemptState.UNDELIVERED, AttemptState.REFUSED)


def is_plain(receipt: Receipt) -> bool:
    """Whether keeping the receipt is all there is to do: nothing is said about the person."""
    return receipt.state not in FOR_GOOD


def record(
    session: Session, receipt: Receipt, *, hours: WorkingHours = HOURS, now: datetime
) -> bool:
    """Keep a receipt. False when it was known already; then nothing else happens."""
    if not attempts.apply(session, receipt, now=now):
        return False
    if not is_plain(receipt):
        delivery.refused(session, receipt.attempt_id, receipt.meaning, hours=hours, now=now)
    return True


def settle(session: Session, *, now: datetime) -> int:
    """Texts whose sending nobody recorded become *unknown*. Returns how many."""
    return attempts.forget_unanswered(session, older_than=ANSWER_LOST_AFTER, now=now)
