"""Unknown sends settle themselves: by a status callback, else by asking the provider.

A text that surely never left and is still timely goes again; one that may have left never does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.domain.attempt import Found, Sought
from connector.domain.working_hours import WorkingHours
from connector.services import receipts
from connector.services.delivery import HOURS
from connector.services.jobs import Job, later
from connector.store import attempts
from connector.store.attempts import Lost

ASK_AFTER = tuple(timedelta(minutes=minutes) for minutes in (4, 6, 10, 20, 60, 240))
"""When the provider is asked after an unknown text, from when it was marked. Its own list lags, so
that the first asks may find a text but not say that it is absent."""
RECEIPT_LATE_AFTER = timedelta(minutes=10)
RECEIPT_GIVEN_UP_AFTER = timedelta(hours=73)
AROUND = timedelta(hours=1)
LEAST_LEFT = timedelta(minutes=5)


def unknown(session: Session, *, limit: int, now: datetime) -> list[Lost]:
    """Unknown texts to ask the provider about now."""
    return attempts.claim_unknown(session, limit, after=ASK_AFTER, now=now)


def without_word(session: Session, *, limit: int, now: datetime) -> list[Lost]:
    """Accepted texts whose receipt may have been lost on its way to us."""
    return attempts.without_receipt(
        session, limit, older_than=RECEIPT_LATE_AFTER, younger_than=RECEIPT_GIVEN_UP_AFTER, now=now
    )


def sought(session: Session, lost: list[Lost]) -> list[Sought]:
    """What to look for in the provider's list, and which of its texts are others of ours."""
    if not lost:
        return []
    since = min(text.marked_at for text in lost) - AROUND
    taken = attempts.provider_ids(session, {text.to for text in lost}, since=since)
    return [
        Sought(
            text.attempt_id,
            text.to,
            text.body,
            text.marked_at,
            text.provider_id,
            taken.get(text.to, frozenset()) - {text.provider_id},
        )
        for text in lost
    ]


def settle(
    session: Session,
    lost: list[Lost],
    found: Found,
    *,
    hours: WorkingHours = HOURS,
    now: datetime,
) -> None:
    """Write down what the provider said of texts we did not know about."""
    for receipt in found.receipts:
        receipts.record(session, receipt, hours=hours, now=now)
    absent = set(found.absent)
    for text in lost:
        if text.attempt_id not in absent:
            continue
        if text.not_after - now >= LEAST_LEFT:
            attempts.send_again(session, text.attempt_id, now=now)
            later(session, Job.DISPATCH)
        else:
            attempts.never_left(
                session, text.attempt_id, "Not sent: it never left, and is too late by now."
            )
