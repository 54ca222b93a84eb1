"""Dispatch in three steps: prepare (decide and mark), send (outside any transaction), record.

A text that was marked and never recorded is *unknown*, and is not sent again by itself. Between two
steps a process may die at any line, and no resident is texted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState, Outcome, Outgoing, Purpose, Result
from connector.domain.check_in import (
    CheckInState,
    Decision,
    Expire,
    Send,
    Skip,
    decide,
    why_not_text,
)
from connector.domain.consent import AgreementState
from connector.domain.programme import Programme
from connector.domain.sms import fold
from connector.services import delivery
from connector.store import attempts, check_ins, pace, programmes, residents, staff, switches

AHEAD = timedelta(seconds=2)
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=5)
PUT_ASIDE_AT_MOST = 50  # batches in one transaction; the next tick goes on


def reserve(session: Session, *, channel: str, most: int, per_second: float, now: datetime) -> int:
    """How many texts this process may send in the next two seconds, of the workers' one rate."""
    return pace.reserve(session, channel, most, per_second=per_second, ahead=AHEAD, now=now)


def give_back(session: Session, *, channel: str, unused: int, per_second: float) -> None:
    """The part of a reservation for which there was nothing to send."""
    if unused > 0:
        pace.give_back(session, channel, unused, per_second=per_second)


def prepare(session: Session, *, channel: str, limit: int, now: datetime) -> list[Outgoing]:
    """Claim what is due, decide each, mark what goes out. Answers to people go first.

    While the one switch is on nothing is claimed: it all waits, and is decided when it is lifted.
    """
    if switches.pause(session):
        return []
    outgoing = _queued(session, limit, now)
    room = limit - len(outgoing)
    return outgoing + (_check_ins(session, room, channel, now) if room else [])


def record(session: Session, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write down what became of each text; throttled ones wait and go again."""
    attempts.record(session, outcomes)
    refused = [one.attempt_id for one in outcomes if one.result is Result.REFUSED]
    if refused:  # all at once and in order, so that two workers never wait for each other
        residents.lock(session, attempts.residents_of(session, refused))
    for outcome in outcomes:
        if outcome.result is Result.THROTTLED:
            _try_again(session, outcome, now)
        elif outcome.result is Result.REFUSED:
            delivery.refused(session, outcome.attempt_id, outcome.meaning, now=now)


def _queued(session: Session, limit: int, now: datetime) -> list[Outgoing]:
    going = []
    for text in attempts.claim_queued(session, limit, now=now):
        if why := _why_not(text, now):
            attempts.mark_skipped(session, text.attempt_id, why)
        else:
            going.append(Outgoing(text.attempt_id, text.number, text.body, text.not_after))
    attempts.mark_sending(session, [text.attempt_id for text in going], now=now)
    return going


def _why_not(text: attempts.Queued, now: datetime) -> str:
    """Answers to what a person wrote go out even while check-ins are paused; never after STOP."""
    stopped = text.standing.number_stopped or text.standing.agreement is AgreementState.WITHDRAWN
    opened_by_us = text.purpose in attempts.OPENED_BY_US
    if (opened_by_us or stopped) and (why := why_not_text(text.standing)):
        return why
    if now >= text.not_after:
        return "Not sent: it waited too long to be worth sending."
    return ""


def _check_ins(session: Session, limit: int, channel: str, now: datetime) -> list[Outgoing]:
    """Up to `limit` that go out. What is put aside, after an outage say, delays nobody else."""
    for _batch in range(PUT_ASIDE_AT_MOST):
        due = check_ins.claim_due(session, limit, now=now)
        outgoing = _decided(session, due, channel, now) if due else []
        if outgoing or not due:
            return outgoing
    return []


def _decided(
    session: Session, due: Sequence[check_ins.Due], channel: str, now: datetime
) -> list[Outgoing]:
    decided = [(one, decide(one.check_in, one.standing, now=now)) for one in due]
    going = [one for one, decision in decided if isinstance(decision, Send)]
    _mark_not_sent(session, decided)
    known = programmes.by_id(session, {one.check_in.programme_id for one in going})
    senders = {member.id: member.name.split()[0] for member in staff.members(session)}
    new = [_attempt(one, known[one.check_in.programme_id], senders) for one in going]
    _mark_attempted(session, going, known, now)
    ids = attempts.add_many(session, new, channel=channel, now=now)
    return [
        Outgoing(id_, one.number, text.body, text.not_after)
        for id_, one, text in zip(ids, going, new, strict=True)
    ]


def _mark_not_sent(session: Session, decided: Sequence[tuple[check_ins.Due, Decision]]) -> None:
    reasons: dict[tuple[CheckInState, str], list[int]] = {}
    for one, decision in decided:
        if isinstance(decision, Skip):
            reasons.setdefault((CheckInState.SKIPPED, decision.why), []).append(one.check_in.id)
        elif isinstance(decision, Expire):
            reasons.setdefault((CheckInState.EXPIRED, decision.why), []).append(one.check_in.id)
    check_ins.mark_not_sent(session, reasons)


def _mark_attempted(
    session: Session, going: Iterable[check_ins.Due], known: dict[int, Programme], now: datetime
) -> None:
    closes: dict[datetime | None, list[int]] = {}
    for one in going:
        programme = known[one.check_in.programme_id]
        until = now + programme.answer_within if programme.asks else None
        closes.setdefault(until, []).append(one.check_in.id)
    check_ins.mark_attempted(session, closes, now=now)


def _attempt(
    one: check_ins.Due, programme: Programme, senders: dict[int, str]
) -> attempts.NewAttempt:
    sender = senders.get(one.connector_id or 0, "")
    body = programme.text_for(one.check_in.number, one.language, name=one.known_as, sender=sender)
    return attempts.NewAttempt(
        resident_id=one.check_in.resident_id,
        purpose=Purpose.CHECK_IN if programme.asks else Purpose.PROMPT,
        body=fold(body),
        due_at=one.check_in.due_at,
        not_after=one.check_in.expires_at,
        state=AttemptState.SENDING,
        check_in_id=one.check_in.id,
    )


def _try_again(session: Session, outcome: Outcome, now: datetime) -> None:
    tries = attempts.tries(session, outcome.attempt_id)
    wait = backoff(outcome.attempt_id, tries)
    if outcome.retry_after is not None:
        wait = max(wait, timedelta(seconds=outcome.retry_after))
    attempts.put_back(session, outcome.attempt_id, due_at=now + wait)


def backoff(attempt_id: UUID, tries: int) -> timedelta:
    """How long a throttled attempt waits: doubling, with jitter from a hash of its id."""
    jitter = blake2b(attempt_id.bytes + bytes([tries % 256]), digest_size=1).digest()[0] / 255
    longest = min(FIRST_RETRY * 2 ** min(tries, 10), LONGEST_RETRY)
    return timedelta(seconds=longest.total_seconds() * (0.5 + jitter / 2))
