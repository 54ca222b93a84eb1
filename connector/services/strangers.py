"""Texts from numbers that nobody is known by: kept, read by the same rules, put before a person.

At most one polite automatic answer goes to such a number, ever, and one to each request to be rung.
What sounds as if it cannot wait is told to those on duty. A person says whose number it is, and the
whole thread follows; or that it is nobody's: then it is put away until that number writes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.errors import Invalid, NotFound
from connector.domain.promise import Promise
from connector.domain.rota import on_duty
from connector.services import answering, referrals
from connector.services.jobs import Job, later
from connector.services.understanding import Reader, Understood
from connector.store import alerts, attempts, audit, replies, staff, strangers, unclaimed
from connector.store.alerts import Subject

ANSWER_KEPT = timedelta(hours=1)


class NotOurs(StrEnum):
    """Why a text belongs to nobody we know, as staff choose it. Never words of the text."""

    SELLING = "somebody selling, or a scam"
    MACHINE = "sent by a machine, such as a delivery"
    ELSEWHERE = "meant for somebody else"
    RANG = "we rang, and it is nobody for us"


def receive(
    session: Session, texts: Sequence[Understood], reader: Reader, *, now: datetime
) -> None:
    """What follows from texts that nobody is known to have written."""
    asked = referrals.of_unknown(session, texts, reader, now=now)
    _answer(session, [text for text in texts if text.may_be_answered], asked, reader, now)
    urgent = [text for text in texts if text.promise.at_least(Promise.TODAY)]
    if urgent:
        members = on_duty(staff.members(session), None)
        rows = [(member.id, 0, urgent[0].promise) for member in members]
        alerts.queue(session, rows, subject=Subject.UNCLAIMED, now=now)
        later(session, Job.ALERT)


def put_away(
    session: Session, reply_id: int, why: NotOurs, *, up_to: int, by: int, now: datetime
) -> int:
    """The texts of this number are nobody's, up to the one that was seen. How many that were.

    Raises `NotFound`, or `Invalid` when somebody was quicker.
    """
    index = replies.sender_of(session, reply_id)
    if index is None:
        raise NotFound("There is no such text.")
    gone = unclaimed.put_away(session, index, up_to=up_to, by=by, now=now)
    if not gone:
        raise Invalid("Somebody has already dealt with this number.")
    act = unclaimed.PUT_AWAY
    audit.append(session, act, "reply", max(gone), by=by, now=now, why=why.value)
    return len(gone)


def bring_back(session: Session, reply_id: int, *, by: int, now: datetime) -> int:
    """What was put away of this number is looked at again. How many texts that were."""
    index = replies.sender_of(session, reply_id)
    texts = unclaimed.bring_back(session, index) if index is not None else 0
    if texts:
        audit.append(session, "text brought back", "reply", reply_id, by=by, now=now)
    return texts


def _answer(
    session: Session,
    texts: Sequence[Understood],
    asked: Mapping[int, str],
    reader: Reader,
    now: datetime,
) -> None:
    """One answer to a number we meet for the first time, and one to a request to be rung."""
    new = strangers.meet(session, {text.unread.reply.sender_index for text in texts}, now=now)
    new |= {text.unread.reply.sender_index for text in texts if text.unread.reply.id in asked}
    first = {
        text.unread.reply.sender_index: text
        for text in sorted(
            texts, key=lambda text: (-text.promise.rank, text.unread.reply.id in asked)
        )
        if text.unread.reply.sender_index in new
    }
    numbers = replies.senders(session, [text.unread.reply.id for text in first.values()])
    answers = {
        index: attempts.NewAttempt(
            None,
            Purpose.ANSWER,
            _words(text, asked, reader, now),
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


def _words(text: Understood, asked: Mapping[int, str], reader: Reader, now: datetime) -> str:
    if text.in_distress:
        return reader.crisis("en", now)
    if language := asked.get(text.unread.reply.id):
        return reader.wording.text(language, referrals.ANSWER)
    return reader.wording.text("en", "unknown_number")
