"""Texts from numbers that nobody is known by: kept, read by the same rules, put before a person.

At most one polite automatic answer goes to such a number, ever. What sounds as if it cannot wait is
told to those on duty. A person says whose number it is; the whole thread follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.promise import Promise
from connector.domain.rota import on_duty
from connector.services import answering
from connector.services.jobs import Job, later
from connector.services.understanding import Reader, Understood
from connector.store import alerts, attempts, replies, staff, strangers
from connector.store.alerts import Subject

ANSWER_KEPT = timedelta(hours=1)


def receive(
    session: Session, texts: Sequence[Understood], reader: Reader, *, now: datetime
) -> None:
    """What follows from texts that nobody is known to have written."""
    _answer(session, [text for text in texts if text.may_be_answered], reader, now)
    urgent = [text for text in texts if text.promise.at_least(Promise.TODAY)]
    if urgent:
        members = on_duty(staff.members(session), None)
        rows = [(member.id, 0, urgent[0].promise) for member in members]
        alerts.queue(session, rows, subject=Subject.UNCLAIMED, now=now)
        later(session, Job.ALERT)


def _answer(session: Session, texts: Sequence[Understood], reader: Reader, now: datetime) -> None:
    new = strangers.meet(session, {text.unread.reply.sender_index for text in texts}, now=now)
    first = {
        text.unread.reply.sender_index: text
        for text in sorted(texts, key=lambda text: -text.promise.rank)
        if text.unread.reply.sender_index in new
    }
    numbers = replies.senders(session, [text.unread.reply.id for text in first.values()])
    answers = {
        index: attempts.NewAttempt(
            None,
            Purpose.ANSWER,
            _words(text, reader, now),
            now,
            now + ANSWER_KEPT,
            number=numbers[text.unread.reply.id],
        )
        for index, text in first.items()
        if _is_mobile(numbers[text.unread.reply.id])
    }
    answering.queue(session, answers, channel=reader.channel, now=now)


def _is_mobile(number: str) -> bool:
    """Whether an answer could reach it: not a short code, not a name."""
    return number.startswith("+") and len(number) > 8


def _words(text: Understood, reader: Reader, now: datetime) -> str:
    if text.in_distress:
        return reader.crisis("en", now)
    return reader.wording.text("en", "unknown_number")
