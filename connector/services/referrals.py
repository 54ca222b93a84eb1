"""Somebody asks by text to be rung: a request for a person, and nothing more.

It makes one open request a number, one polite automatic answer, and one word to those on duty, in
working hours. Nobody is enrolled by it, and a STOP is never undone by it: who stopped texts gets no
answer and is on the list all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.consent import AgreementState
from connector.domain.errors import NotFound, Refused
from connector.domain.promise import Promise
from connector.domain.referral import LONGEST, NotRung, RequestState, asks_to_join
from connector.domain.rota import on_duty
from connector.services import answering
from connector.services.jobs import Job, later
from connector.services.understanding import Reader, Understood
from connector.store import about, alerts, attempts, audit, referrals, replies, staff
from connector.store.alerts import Subject
from connector.store.referrals import NewRequest, Request
from connector.store.residents import Writer

ANSWER = "asked_to_join"
ANSWER_KEPT = timedelta(hours=1)
FRESH = timedelta(hours=12)
SUBJECT = "request"


def of_unknown(
    session: Session, texts: Sequence[Understood], reader: Reader, *, now: datetime
) -> dict[int, str]:
    """What unknown numbers ask for; the language to answer in by the id of the text that asked.

    A number that says STOP wants no call either.
    """
    if stopping := {one.unread.reply.sender_index for one in texts if one.stops}:
        referrals.withdraw(session, stopping, NotRung.STOPPED.value, now=now)
    asking = _asking(session, texts)
    new = _ask(session, [(one, None) for one in texts if _id(one) in asking])
    calm = {_id(one) for one in texts if not one.promise.at_least(Promise.TODAY)}
    referrals.leave_the_tray(session, calm & asking.keys(), now=now)
    _tell(session, [None] if new else [], reader, now)
    return {id_: language for id_, language in asking.items() if id_ in new}


def of_known(
    session: Session, own: Sequence[tuple[Writer, Understood]], reader: Reader, *, now: datetime
) -> None:
    """Somebody who was with us once, or gets no texts now, asks to be rung."""
    asking = _asking(session, [one for _who, one in own])
    if not asking:
        return
    idle = referrals.on_no_programme(session, [who.id for who, one in own if _id(one) in asking])
    theirs = {
        _id(one): (who, one)
        for who, one in own
        if _id(one) in asking and (who.id in idle or who.agreement is AgreementState.WITHDRAWN)
    }
    new = _ask(session, [(one, who) for who, one in theirs.values()])
    people = [theirs[id_][0] for id_ in new]
    in_danger = {who.id for who, one in own if one.in_distress}
    answered = [theirs[id_] for id_ in new if theirs[id_][0].id not in in_danger]
    _answer_known(session, answered, reader, now)
    _tell(session, [who.connector_id for who in people], reader, now)


def number_of(session: Session, request_id: int) -> str:
    """The number to ring and to enrol. Raises `NotFound`, or `Refused` when it was dealt with."""
    return _open(session, request_id).number


def enrolled(
    session: Session, request_id: int, resident_id: int, *, by: int, now: datetime
) -> None:
    """Somebody who asked was enrolled: the request is done, and what they texted is theirs.

    Raises `NotFound`, or `Refused` when somebody was quicker.
    """
    request = _open(session, request_id)
    referrals.decide(
        session, request_id, RequestState.ENROLLED, resident_id=resident_id, by=by, now=now
    )
    referrals.give_thread(session, request.number, resident_id)
    audit.append(session, "request enrolled", SUBJECT, request_id, by=by, now=now)


def done_by(session: Session, request_id: int, resident_id: int, *, by: int, now: datetime) -> None:
    """As `enrolled`, where somebody may have dealt with the request meanwhile: then nothing."""
    with suppress(NotFound, Refused):
        enrolled(session, request_id, resident_id, by=by, now=now)


def put_away(session: Session, request_id: int, why: NotRung, *, by: int, now: datetime) -> None:
    """Nothing comes of it. Raises `NotFound`, or `Refused` when somebody was quicker."""
    _open(session, request_id)
    referrals.decide(session, request_id, RequestState.PUT_AWAY, why=why.value, by=by, now=now)
    act = "request put away"
    audit.append(session, act, SUBJECT, request_id, by=by, now=now, why=why.value)


def bring_back(session: Session, request_id: int, *, by: int, now: datetime) -> None:
    """Put away by mistake. Raises `NotFound`, or `Refused` where there is nothing to bring back."""
    request = referrals.lock(session, request_id)
    if request is None:
        raise NotFound("There is no such request.")
    if request.state is not RequestState.PUT_AWAY or not referrals.open_again(session, request_id):
        raise Refused("That number is on the list, or enrolled, by now.")
    audit.append(session, "request brought back", SUBJECT, request_id, by=by, now=now)


def _open(session: Session, request_id: int) -> Request:
    request = referrals.lock(session, request_id)
    if request is None:
        raise NotFound("There is no such request.")
    if request.state is not RequestState.OPEN:
        raise Refused("Somebody has already dealt with this request.")
    return request


def _id(one: Understood) -> int:
    return one.unread.reply.id


def _asking(session: Session, texts: Iterable[Understood]) -> dict[int, str]:
    """Which of these texts are the word to join with, and in which language."""
    short = {
        _id(one): one.unread.reply.body
        for one in texts
        if not one.stops and 0 < len(one.unread.reply.body) <= LONGEST
    }
    wordy = {id_: body for id_, body in short.items() if not any(map(str.isdigit, body))}
    if not wordy:
        return {}
    keyword = about.load(session).keyword
    found = {id_: asks_to_join(body, keyword) for id_, body in wordy.items()}
    return {id_: language for id_, language in found.items() if language is not None}


def _ask(session: Session, asking: Sequence[tuple[Understood, Writer | None]]) -> set[int]:
    numbers = replies.senders(session, [_id(one) for one, _who in asking])
    return referrals.ask(
        session,
        [
            NewRequest(
                numbers[_id(one)],
                _id(one),
                one.unread.reply.received_at,
                who.id if who else None,
            )
            for one, who in asking
            if can_be_rung(numbers[_id(one)])
        ],
    )


def can_be_rung(number: str) -> bool:
    """Whether somebody can be rung there: not a short code, not a name."""
    return number.startswith("+") and len(number) > 8


def _answer_known(
    session: Session, new: Sequence[tuple[Writer, Understood]], reader: Reader, now: datetime
) -> None:
    texts = {
        one.unread.reply.sender_index: attempts.NewAttempt(
            who.id,
            Purpose.ANSWER,
            reader.wording.text(who.language, ANSWER),
            now,
            now + ANSWER_KEPT,
        )
        for who, one in new
        if who.agreement is not AgreementState.WITHDRAWN
        and one.may_be_answered
        and now - one.unread.reply.received_at < FRESH
    }
    answering.queue(session, texts, channel=reader.channel, now=now)


def _tell(
    session: Session, connectors: Collection[int | None], reader: Reader, now: datetime
) -> None:
    """Those on duty hear of it once, when they are next at work."""
    if not connectors:
        return
    members = staff.members(session)
    told = {one.id for connector in set(connectors) for one in on_duty(members, connector)}
    at = reader.hours.next_opening(now).astimezone(now.tzinfo)
    rows = [(id_, 0, Promise.THIS_WEEK) for id_ in sorted(told)]
    alerts.queue(session, rows, subject=Subject.REQUEST, now=at)
    later(session, Job.ALERT)
