"""Dispatch in three steps: prepare (decide and mark), send (outside any transaction), record.

A text that was marked and never recorded is *unknown*, and is not sent again by itself. Between two
steps a process may die at any line, and no resident is texted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
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
    why_not_now,
    why_not_text,
)
from connector.domain.consent import AgreementState
from connector.domain.programme import Part, Programme
from connector.domain.sms import SmsText, fold
from connector.domain.turns import in_turn, shares
from connector.domain.working_hours import WorkingHours
from connector.services import asking, capping, delivery
from connector.services.capping import Contacts
from connector.store import asked, attempts, check_ins, pace, programmes, residents, staff, switches
from connector.store.pace import Grant

AHEAD = timedelta(seconds=2)
QUEUE = 0
"""What stands in the queue as texts already takes its turn like a programme: this is its number."""
CLAIMS_AT_MOST = 20
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=5)
PUT_ASIDE_AT_MOST = 50  # batches in one transaction; the next tick goes on


def reserve(
    session: Session, *, channel: str, most: int, per_second: float, now: datetime
) -> Grant:
    """How many segments this process may send in the next two seconds, of the workers' one rate."""
    return pace.reserve(session, channel, most, per_second=per_second, ahead=AHEAD, now=now)


def give_back(
    session: Session, *, channel: str, grant: Grant, used: int, per_second: float, now: datetime
) -> None:
    """Correct a reservation by the segments that were really claimed."""
    pace.give_back(session, channel, grant, used=used, per_second=per_second, now=now)


def take(
    session: Session, texts: Sequence[Outgoing], *, channel: str, per_second: float, now: datetime
) -> None:
    """Texts to staff wait for nobody; what goes to residents afterwards waits for them."""
    pace.take(session, channel, segments(texts), per_second=per_second, now=now)


def segments(outgoing: Iterable[Outgoing]) -> int:
    """How many texts the network will count."""
    return sum(SmsText(text.body).segments for text in outgoing)


def prepare(
    session: Session, *, channel: str, limit: int, now: datetime, grant: Grant | None = None
) -> list[Outgoing]:
    """Claim what is due, decide each, mark what goes out: never more segments than were granted.

    Answers to people go first; programmes share the rest evenly. A first text that is longer than
    the whole grant goes all the same, or it never would.

    While the one switch is on nothing is claimed: it all waits, and is decided when it is lifted.
    """
    if switches.pause(session):
        return []
    room = min(limit, grant.segments) if grant else limit
    ready: list[Ready] = _queued(session, room, now, urgent=True).ready
    if len(ready) < room:
        ready += _in_turn(session, room - len(ready), grant.turn if grant else 0, now)
    going = _fitting(ready, grant.segments) if grant else ready
    return _mark(session, going, channel, now)


def record(
    session: Session,
    outcomes: Sequence[Outcome],
    *,
    hours: WorkingHours = delivery.HOURS,
    now: datetime,
) -> None:
    """Write down what became of each text; throttled ones wait and go again."""
    attempts.record(session, outcomes)
    refused = [one.attempt_id for one in outcomes if one.result is Result.REFUSED]
    if refused:  # all at once and in order, so that two workers never wait for each other
        residents.lock(session, attempts.residents_of(session, refused))
    for outcome in outcomes:
        if outcome.result is Result.THROTTLED:
            _try_again(session, outcome, now)
        elif outcome.result is Result.REFUSED:
            delivery.refused(session, outcome.attempt_id, outcome.meaning, hours=hours, now=now)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text of the queue that is decided to go."""

    text: attempts.Queued

    @property
    def body(self) -> str:
        return self.text.body


@dataclass(frozen=True, slots=True)
class Fresh:
    """A check-in that is decided to go, and the text it becomes."""

    due: check_ins.Due
    text: attempts.NewAttempt
    closes_at: datetime | None

    @property
    def body(self) -> str:
        return self.text.body


Ready = Waiting | Fresh


@dataclass(frozen=True, slots=True)
class Claimed:
    """How many rows were claimed, and what of them is decided to go."""

    rows: int = 0
    ready: list[Any] = field(default_factory=list)


def _in_turn(session: Session, room: int, turn: int, now: datetime) -> list[Ready]:
    """What we open ourselves, one of each programme and round again, as far as there is room.

    Where nothing of what was claimed is to go, its place is taken by what comes next.
    """
    for _time in range(CLAIMS_AT_MOST):
        waiting = check_ins.waiting(session, room, now=now)
        waiting[QUEUE] = attempts.waiting(session, room, now=now)
        found = [
            _queued(session, share, now, urgent=False)
            if programme_id == QUEUE
            else _due(session, programme_id, share, now)
            for programme_id, share in shares(waiting, room, turn=turn).items()
            if share
        ]
        ready = in_turn([claimed.ready for claimed in found])
        if ready or not any(claimed.rows for claimed in found):
            return ready
    return []


def _fitting(ready: Sequence[Ready], granted: int) -> list[Ready]:
    """The texts up to the first that does not fit; the very first always goes."""
    used = 0
    going: list[Ready] = []
    for text in ready:
        used += SmsText(text.body).segments
        if going and used > granted:
            break
        going.append(text)
    return going


def _mark(session: Session, going: Sequence[Ready], channel: str, now: datetime) -> list[Outgoing]:
    """Mark what goes out. Everything else that was claimed stays as it was."""
    queued = [one.text for one in going if isinstance(one, Waiting)]
    if queued:
        attempts.mark_sending(session, [text.attempt_id for text in queued], now=now)
    fresh = [one for one in going if isinstance(one, Fresh)]
    closes: dict[datetime | None, list[int]] = {}
    for one in fresh:
        closes.setdefault(one.closes_at, []).append(one.due.check_in.id)
    check_ins.mark_attempted(session, closes, now=now)
    asking.open_first(session, [(one.due.check_in, one.closes_at) for one in fresh], now=now)
    ids = attempts.add_many(session, [one.text for one in fresh], channel=channel, now=now)
    return [
        Outgoing(text.attempt_id, text.number, text.body, text.not_after) for text in queued
    ] + [
        Outgoing(id_, one.due.number, one.text.body, one.text.not_after)
        for id_, one in zip(ids, fresh, strict=True)
    ]


def _queued(session: Session, limit: int, now: datetime, *, urgent: bool) -> Claimed:
    claimed = attempts.claim_queued(session, limit, now=now, urgent=urgent)
    noticed = {
        text.resident_id
        for text in claimed
        if text.purpose is Purpose.NOTICE and text.resident_id is not None
    }
    contacts = capping.at_sending(session, noticed, now=now) if noticed else None
    going, unasked = [], []
    for text in claimed:
        if why := _why_not(text, now) or _too_many(text, contacts, now):
            attempts.mark_skipped(session, text.attempt_id, why)
            unasked += [text.attempt_id] if text.purpose is Purpose.FOLLOW_UP else []
        else:
            going.append(Waiting(text))
    if unasked:
        asked.never_went(session, unasked)
    return Claimed(len(claimed), going)


def _too_many(text: attempts.Queued, contacts: Contacts | None, now: datetime) -> str:
    """Why a notice would be one text too many for somebody; nothing else in the queue is capped."""
    if contacts is None or text.resident_id is None or text.purpose is not Purpose.NOTICE:
        return ""
    why = contacts.why_not(text.resident_id, now)
    if not why:
        contacts.goes(text.resident_id, now)
    return why


def _why_not(text: attempts.Queued, now: datetime) -> str:
    """Answers to what a person wrote go out even while check-ins are paused; never after STOP."""
    stopped = text.standing.number_stopped or text.standing.agreement is AgreementState.WITHDRAWN
    opened_by_us = text.purpose in attempts.OPENED_BY_US
    follows_up = text.purpose is Purpose.FOLLOW_UP
    if (opened_by_us or follows_up or stopped) and (why := why_not_text(text.standing)):
        return why
    if now >= text.not_after:
        return "Not sent: it waited too long to be worth sending."
    if text.arrived_before:
        return "Not sent: the first try has arrived after all."
    # A follow-up goes because they wrote: only a person who takes over holds it back.
    standing = replace(text.standing, last_heard_at=None) if follows_up else text.standing
    return why_not_now(standing, now=now) if opened_by_us or follows_up else ""


def _due(session: Session, programme_id: int, limit: int, now: datetime) -> Claimed:
    due = check_ins.claim_due(session, limit, now=now, programme_id=programme_id)
    decided = [(one, decide(one.check_in, one.standing, now=now)) for one in due]
    _mark_not_sent(session, decided)
    going = [one for one, decision in decided if isinstance(decision, Send)]
    if not going:
        return Claimed(len(due))
    programme = programmes.by_id(session, {programme_id})[programme_id]
    senders = {member.id: member.name.split()[0] for member in staff.members(session)}
    fresh = [
        Fresh(one, _attempt(one, programme, senders), _closes_at(one, programme, now))
        for one in going
    ]
    return Claimed(len(due), fresh)


def _closes_at(one: check_ins.Due, programme: Programme, now: datetime) -> datetime | None:
    """Until when an answer is awaited: reminders and goodbyes await none of their own."""
    part = one.check_in.part
    awaited = part is Part.GO_ON or (part is Part.CHECK_IN and programme.asks)
    return now + programme.answer_within if awaited else None


def _mark_not_sent(session: Session, decided: Sequence[tuple[check_ins.Due, Decision]]) -> None:
    reasons: dict[tuple[CheckInState, str], list[int]] = {}
    for one, decision in decided:
        if isinstance(decision, Skip):
            reasons.setdefault((CheckInState.SKIPPED, decision.why), []).append(one.check_in.id)
        elif isinstance(decision, Expire):
            reasons.setdefault((CheckInState.EXPIRED, decision.why), []).append(one.check_in.id)
    check_ins.mark_not_sent(session, reasons)


def _attempt(
    one: check_ins.Due, programme: Programme, senders: dict[int, str]
) -> attempts.NewAttempt:
    sender = senders.get(one.connector_id or 0, "")
    body = programme.text_for(
        one.check_in.number, one.language, name=one.known_as, sender=sender, part=one.check_in.part
    )
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
