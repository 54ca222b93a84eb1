"""Dispatch in three steps: prepare (decide and mark), send (outside any transaction), record.

A text that was marked and never recorded is *unknown*, and is not sent again by itself. Between two
steps a process may die at any line, and no resident is texted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState, Outcome, Outgoing, Purpose, Result
from connector.domain.cadence import settle, zone_named
from connector.domain.calendar import Calendar, move_sentence
from connector.domain.check_in import (
    INSTEAD,
    REMINDER,
    CheckInState,
    Decision,
    Expire,
    First,
    Meet,
    Send,
    Skip,
    Wait,
    decide,
    why_not_now,
    why_not_text,
)
from connector.domain.consent import AgreementState
from connector.domain.mark import Mark
from connector.domain.programme import Part, Programme
from connector.domain.sms import SmsText, fold
from connector.domain.texting_rules import TextingRules
from connector.domain.turns import in_turn, shares
from connector.domain.whose import addressed
from connector.domain.working_hours import WorkingHours
from connector.services import asking, calling, capping, delivery
from connector.services.capping import Contacts
from connector.store import (
    asked,
    attempts,
    check_ins,
    numbers,
    pace,
    programmes,
    residents,
    staff,
    switches,
    texting_rules,
)
from connector.store.pace import Grant
from connector.store.programmes import UNREADABLE

log = structlog.get_logger()

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
    session: Session,
    *,
    channel: str,
    limit: int,
    now: datetime,
    grant: Grant | None = None,
    calendar: Calendar | None = None,
    hours: WorkingHours = delivery.HOURS,
) -> list[Outgoing]:
    """Claim what is due, decide each, mark what goes out: never more segments than were granted.

    Answers to people go first; programmes share the rest evenly. A first text that is longer than
    the whole grant goes all the same, or it never would. `calendar` is that of an installation
    that has set no texting rules of its own. Whoever is rung or visited instead goes to the queue.

    While the one switch is on nothing is claimed: it all waits, and is decided when it is lifted.
    """
    if switches.pause(session):
        return []
    room = min(limit, grant.segments) if grant else limit
    ready: list[Ready] = _queued(session, room, now, urgent=True).ready
    if len(ready) < room:
        rules = texting_rules.load(session, calendar)
        turn = grant.turn if grant else 0
        ready += _in_turn(session, room - len(ready), turn, rules, hours, now)
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
class Going:
    """A check-in that is decided to go, and the programme in whose words; not written yet."""

    due: check_ins.Due
    programme: Programme


@dataclass(frozen=True, slots=True)
class Fresh:
    """A check-in that is decided to go, and the text it becomes.

    `closes_at` is until when an answer is awaited, `reminder` the text that comes if none does.
    """

    due: check_ins.Due
    text: attempts.NewAttempt
    version_id: int
    closes_at: datetime | None
    reminder: check_ins.Later | None = None

    @property
    def body(self) -> str:
        return self.text.body


Ready = Waiting | Fresh


@dataclass(frozen=True, slots=True)
class Claimed:
    """How many rows were claimed, and what of them is decided to go."""

    rows: int = 0
    ready: list[Any] = field(default_factory=list)


def _in_turn(
    session: Session,
    room: int,
    turn: int,
    rules: TextingRules,
    hours: WorkingHours,
    now: datetime,
) -> list[Ready]:
    """What we open ourselves, one of each programme and round again, as far as there is room.

    Where nothing of what was claimed is to go, its place is taken by what comes next.
    """
    for _time in range(CLAIMS_AT_MOST):
        waiting = check_ins.waiting(session, room, now=now)
        waiting[QUEUE] = attempts.waiting(session, room, now=now)
        taken = {which: share for which, share in shares(waiting, room, turn=turn).items() if share}
        if not taken:
            return []
        found = decided(session, taken, rules, now, hours=hours)
        ready = in_turn([claimed.ready for claimed in found])
        if ready or not any(claimed.rows for claimed in found):
            going = [one.due.check_in.resident_id for one in ready if isinstance(one, Going)]
            shared = frozenset(numbers.shared(session, going)) if going else frozenset()
            writing = Writing(session, rules.calendar, now, shared)
            return [writing.of(one) if isinstance(one, Going) else one for one in ready]
    return []


def decided(
    session: Session,
    shares_: Mapping[int, int],
    rules: TextingRules,
    now: datetime,
    *,
    hours: WorkingHours = delivery.HOURS,
) -> list[Claimed]:
    """Claim so many of each programme and of the queue, and decide each; nothing is marked yet.

    Everything is claimed first and its people locked at once, so that the cap holds over all.
    """
    room = shares_.get(QUEUE, 0)
    queued = attempts.claim_queued(session, room, now=now, urgent=False) if room else []
    due = {
        programme_id: check_ins.claim_due(session, share, now=now, programme_id=programme_id)
        for programme_id, share in shares_.items()
        if programme_id != QUEUE
    }
    people = {text.resident_id for text in queued if text.resident_id is not None}
    people |= {one.check_in.resident_id for some in due.values() for one in some}
    contacts = capping.at_sending(session, people, cap=rules.cap, now=now)
    deciding = Deciding(session, contacts, rules.calendar, now)
    opened = {which: deciding.of(which, some) for which, some in due.items()}
    calling.fall_due(session, deciding.meeting, hours=hours, now=now)
    return [
        _going(session, [text for text in queued if _is_ours(text, contacts)], contacts, now)
        if which == QUEUE
        else opened[which]
        for which in shares_
    ]


def _is_ours(text: attempts.Queued, contacts: Contacts) -> bool:
    """Whether nobody else is deciding about this person just now."""
    return text.resident_id is None or text.resident_id in contacts


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
    went: dict[check_ins.Went, list[int]] = {}
    for one in fresh:
        went.setdefault((one.closes_at, one.version_id), []).append(one.due.check_in.id)
    check_ins.mark_attempted(session, went, now=now)
    check_ins.add_later(session, [one.reminder for one in fresh if one.reminder is not None])
    _let_go(session, fresh, now)
    asking.open_first(session, [(one.due.check_in, one.closes_at) for one in fresh], now=now)
    ids = attempts.add_many(session, [one.text for one in fresh], channel=channel, now=now)
    return [
        Outgoing(text.attempt_id, text.number, text.body, text.not_after) for text in queued
    ] + [
        Outgoing(id_, one.due.number, one.text.body, one.text.not_after)
        for id_, one in zip(ids, fresh, strict=True)
    ]


def _let_go(session: Session, fresh: Sequence[Fresh], now: datetime) -> None:
    """Whoever is told goodbye is on the programme no longer."""
    leaving: dict[tuple[int, date], list[int]] = {}
    for one in fresh:
        text = one.due.check_in
        if text.part is Part.GOODBYE:
            today = now.astimezone(zone_named(one.due.zone)).date()
            leaving.setdefault((text.programme_id, today), []).append(text.resident_id)
    for (programme_id, day), people in leaving.items():
        programmes.end(session, programme_id, people, on=day)


def _queued(session: Session, limit: int, now: datetime, *, urgent: bool) -> Claimed:
    """Answers to people, which no cap holds back."""
    claimed = attempts.claim_queued(session, limit, now=now, urgent=urgent)
    return _going(session, claimed, None, now)


def _going(
    session: Session, claimed: Sequence[attempts.Queued], contacts: Contacts | None, now: datetime
) -> Claimed:
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
    """Why what we open would be one text too many; an answer never is."""
    if contacts is None or text.resident_id is None:
        return ""
    why = contacts.why_not(text.resident_id, now)
    if not why:
        contacts.goes(text.resident_id, now)
    return why


def _why_not(text: attempts.Queued, now: datetime) -> str:
    """Answers to what a person wrote go out even while check-ins are paused; never after STOP.

    Nothing at all goes to the number of somebody who has died, or while a person has to look.
    """
    mark = text.standing.mark
    answers = text.purpose in (Purpose.ANSWER, Purpose.STAFF)
    if mark is not None and (not answers or mark in (Mark.DIED, Mark.HELD)):
        return mark.why_no_text
    stopped = text.standing.number_stopped or text.standing.agreement is AgreementState.WITHDRAWN
    opened_by_us = text.purpose in attempts.OPENED_BY_US
    follows_up = text.purpose in (Purpose.FOLLOW_UP, Purpose.AGAIN)
    if (opened_by_us or follows_up or stopped) and (why := why_not_text(text.standing)):
        return why
    if now >= text.not_after:
        return "Not sent: it waited too long to be worth sending."
    if text.arrived_before:
        return "Not sent: the first try has arrived after all."
    # A follow-up goes because they wrote: only a person who takes over holds it back.
    wrote = replace(text.standing, last_heard_at=None, away=False)
    standing = wrote if follows_up else text.standing
    return why_not_now(standing, now=now) if opened_by_us or follows_up else ""


@dataclass(slots=True)
class Deciding:
    """One turn of deciding, over every programme that has something due."""

    session: Session
    contacts: Contacts
    calendar: Calendar
    now: datetime
    meeting: list[calling.Meeting] = field(default_factory=list)
    """Whom a person rings or visits instead of a text."""

    def of(self, programme_id: int, claimed: Sequence[check_ins.Due]) -> Claimed:
        """Decide what was claimed of one programme; what is not to go gets its sentence.

        A programme that cannot be read sends nothing, and the others do not wait for it.
        """
        due = [one for one in claimed if one.check_in.resident_id in self.contacts]
        programme = _readable(self.session, programme_id) if due else None
        if programme is None:
            return Claimed()
        decided = self._each(programme, due)
        _mark_not_sent(self.session, decided)
        going = [one for one, decision in decided if isinstance(decision, Send)]
        self.meeting += [
            calling.Meeting(
                one.check_in, programme, one.known_as, one.connector_id, decision.by, one.zone
            )
            for one, decision in decided
            if isinstance(decision, Meet)
        ]
        return Claimed(len(due), [Going(one, programme) for one in going])

    def _each(
        self, programme: Programme, due: Sequence[check_ins.Due]
    ) -> list[tuple[check_ins.Due, Decision]]:
        reminders = [one.check_in.id for one in due if one.check_in.slot == REMINDER]
        firsts = check_ins.firsts(self.session, reminders) if reminders else {}
        revision = programme.cadence.revision()
        return [(one, self._decision(one, revision, firsts.get(one.check_in.id))) for one in due]

    def _decision(self, one: check_ins.Due, revision: str, first: First | None) -> Decision:
        decision = decide(
            one.check_in,
            one.standing,
            now=self.now,
            revision=revision,
            first=first,
            calendar=self.calendar,
            zone=one.zone,
        )
        who = one.check_in.resident_id
        if isinstance(decision, Send) and (why := self.contacts.why_not(who, self.now)):
            return Skip(why)
        if isinstance(decision, Send):
            self.contacts.goes(who, self.now)
        return decision


@dataclass(slots=True)
class Writing:
    """The texts of what goes, in the words of the published version at this moment."""

    session: Session
    calendar: Calendar
    now: datetime
    shared: frozenset[int] = frozenset()
    """Those whose number is somebody else's too: each text to it names its person."""
    _senders: dict[int, str] | None = None

    def of(self, going: Going) -> Fresh:
        one, programme = going.due, going.programme
        part = one.check_in.part
        asks = part is Part.GO_ON or (part is Part.CHECK_IN and programme.asks)
        return Fresh(
            one,
            self._attempt(one, programme),
            programme.version_id,
            self.now + programme.answer_within if asks else None,
            self._reminder(one, programme) if part is Part.CHECK_IN and programme.reminds else None,
        )

    def _attempt(self, one: check_ins.Due, programme: Programme) -> attempts.NewAttempt:
        body = programme.text_for(
            one.check_in.number,
            one.language,
            name=one.known_as,
            sender=self._sender(one.connector_id),
            part=one.check_in.part,
        )
        if one.check_in.resident_id in self.shared:
            body = addressed(body, one.known_as, one.language)
        return attempts.NewAttempt(
            resident_id=one.check_in.resident_id,
            purpose=Purpose.CHECK_IN if programme.asks else Purpose.PROMPT,
            body=fold(body),
            due_at=one.check_in.due_at,
            not_after=one.check_in.expires_at,
            state=AttemptState.SENDING,
            check_in_id=one.check_in.id,
        )

    def _sender(self, connector_id: int | None) -> str:
        if self._senders is None:
            members = staff.members(self.session)
            self._senders = {member.id: member.name.split()[0] for member in members}
        return self._senders.get(connector_id or 0, "")

    def _reminder(self, one: check_ins.Due, programme: Programme) -> check_ins.Later:
        """The one reminder, at an allowed time; too late when the answer is no longer awaited."""
        at = (self.now + programme.remind_after).astimezone(zone_named(one.zone))
        ruling = self.calendar.next_allowed(at)
        due_at = settle(ruling.local)[0].astimezone(UTC)
        too_late = due_at >= self.now + programme.answer_within
        return check_ins.Later(
            resident_id=one.check_in.resident_id,
            programme_id=programme.id,
            occurrence=one.check_in.occurrence,
            slot=REMINDER,
            part=Part.REMINDER,
            number=one.check_in.number,
            due_at=due_at,
            expires_at=due_at + programme.timely_for,
            moved=move_sentence(at, ruling.local, ruling.because) if ruling.because else "",
            why=ruling.skipped or (NO_TIME_TO_REMIND if too_late else ""),
        )


NO_TIME_TO_REMIND = "Not sent: by the next allowed time an answer would be late anyway."


def _readable(session: Session, programme_id: int) -> Programme | None:
    """The programme as it is published now; None when what is stored of it makes no programme."""
    try:
        return programmes.by_id(session, [programme_id])[programme_id]
    except UNREADABLE as error:
        log.error("a programme cannot be read", programme=programme_id, error=type(error).__name__)
        return None


def _mark_not_sent(session: Session, decided: Sequence[tuple[check_ins.Due, Decision]]) -> None:
    reasons: dict[tuple[CheckInState, str], list[int]] = {}
    waits: dict[tuple[datetime, str], list[int]] = {}
    for one, decision in decided:
        if isinstance(decision, Skip):
            reasons.setdefault((CheckInState.SKIPPED, decision.why), []).append(one.check_in.id)
        elif isinstance(decision, Meet):
            why = INSTEAD[decision.by]
            reasons.setdefault((CheckInState.SKIPPED, why), []).append(one.check_in.id)
        elif isinstance(decision, Expire):
            reasons.setdefault((CheckInState.EXPIRED, decision.why), []).append(one.check_in.id)
        elif isinstance(decision, Wait):
            waits.setdefault((decision.until, decision.moved), []).append(one.check_in.id)
    check_ins.mark_not_sent(session, reasons)
    check_ins.put_off(session, waits)


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
