"""Silence: a check-in whose time for an answer is over, and nobody answered.

Only a text known to have arrived can go unanswered. A text of which we do not know whether it left
counts for nothing, and nobody is missed who has written since or whose texts are stopped or paused.
What was asked while the service itself was in trouble counts for nothing either way. Silence after
a worrying reply is no sign by itself, but the promise made then comes a step sooner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState
from connector.domain.consent import AgreementState
from connector.domain.signals import Signal, SignalKind, still_quiet
from connector.domain.silence import Patience, Rhythm
from connector.domain.working_hours import WorkingHours
from connector.services.flagging import Noticed, raise_or_join
from connector.store import alarms, check_ins, flags, residents, usuals
from connector.store.alarms import Alarm
from connector.store.check_ins import Closing
from connector.store.residents import Writer

PATIENCE = Patience()
_ARRIVED = (AttemptState.DELIVERED,)
_PERHAPS = (AttemptState.ACCEPTED, AttemptState.SENT)
_NOT = (AttemptState.UNDELIVERED, AttemptState.REFUSED)
_WORRYING = (SignalKind.WORDS, SignalKind.LOW, SignalKind.BELOW, SignalKind.SLIDING)


def notice(session: Session, *, limit: int, hours: WorkingHours, now: datetime) -> int:
    """Close up to `limit` check-ins that had no answer. Returns how many there were."""
    closing = check_ins.claim_closing(session, limit, now=now)
    if not closing:
        return 0
    people = residents.lock(session, {one.resident_id for one in closing})
    states = usuals.load(session, {(one.resident_id, one.programme_id) for one in closing})
    troubles = alarms.since(session, min(one.asked_at for one in closing))
    noticed = []
    for one in sorted(closing, key=lambda closing: closing.asked_at):
        key = (one.resident_id, one.programme_id)
        state = states.get(key, usuals.State())
        rhythm = Rhythm.from_json(state.rhythm) if state.rhythm else Rhythm()
        writer = people[one.resident_id]
        after, signal = _heard_nothing(rhythm, one, writer, troubles)
        states[key] = usuals.State(state.usual, after.to_json())
        if signal is not None:
            noticed.append(Noticed(writer.id, writer.connector_id, (signal,)))
    usuals.save(session, states)
    noticed += _after_worry(session, closing, people, now)
    raise_or_join(session, noticed, hours=hours, now=now)
    return len(closing)


def _after_worry(
    session: Session, closing: Sequence[Closing], people: Mapping[int, Writer], now: datetime
) -> list[Noticed]:
    """Who wrote something worrying last and has not answered the text after it: look sooner."""
    last = flags.last_reasons(session, people)
    noticed = {}
    for one in closing:
        writer, worry = people[one.resident_id], last.get(one.resident_id)
        silent = one.reached in _ARRIVED and not _wrote_since(writer, one)
        if worry is None or worry.kind not in _WORRYING or worry.at > one.asked_at or not silent:
            continue
        zone = ZoneInfo(writer.zone)
        signal = still_quiet(
            writer.known_as,
            since=worry.at.astimezone(zone).date(),
            today=now.astimezone(zone).date(),
            before=worry.promise,
        )
        noticed[writer.id] = Noticed(writer.id, writer.connector_id, (signal,))
    return list(noticed.values())


def _wrote_since(writer: Writer, one: Closing) -> bool:
    return writer.heard_at is not None and writer.heard_at >= one.asked_at


def _heard_nothing(
    rhythm: Rhythm, one: Closing, writer: Writer, troubles: Sequence[Alarm]
) -> tuple[Rhythm, Signal | None]:
    on = one.asked_at.astimezone(ZoneInfo(writer.zone)).date()
    if _wrote_since(writer, one) or writer.agreement is not AgreementState.GIVEN:
        return rhythm.explained(), None
    if any(trouble.covers(one.asked_at) for trouble in troubles):
        return rhythm, None
    if one.reached in _ARRIVED:
        return rhythm.unanswered(on, PATIENCE, name=writer.known_as)
    if one.reached in _PERHAPS:
        return rhythm.unanswered(on, PATIENCE, name=writer.known_as, sure=False)
    if one.reached in _NOT:
        return rhythm.not_delivered(on, PATIENCE, name=writer.known_as)
    return rhythm, None
