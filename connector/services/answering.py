"""Automatic answers, all of them through one door: never more than a few to a number in a day.

Two robots that thank each other all night meet their limit here, whatever set either of them off.
A text that gets no automatic answer is read and put before a person all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.services.jobs import Job, later
from connector.store import attempts, strangers
from connector.store.attempts import NewAttempt

MOST_A_DAY = 3
DAY = timedelta(hours=24)


def queue(
    session: Session, answers: Mapping[bytes, NewAttempt], *, channel: str, now: datetime
) -> set[bytes]:
    """Queue answers by the blind index of the number each goes to. Returns who gets theirs."""
    if not answers:
        return set()
    had = attempts.answers_since(session, answers, now - DAY)
    known = strangers.answered_since(session, answers, now - DAY)
    going = {
        index: text
        for index, text in answers.items()
        if had.get(index, 0) + (index in known and text.resident_id is not None) < MOST_A_DAY
    }
    attempts.add_many(session, list(going.values()), channel=channel, now=now)
    if going:
        later(session, Job.DISPATCH)
    return set(going)
