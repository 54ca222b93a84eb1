"""Silence: a check-in whose time for an answer is over, and nobody answered.

Only a text known to have arrived can go unanswered. A text of which we do not know whether it left
counts for nothing, and nobody is missed who has written since or whose texts are stopped or paused.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState
from connector.domain.consent import AgreementState
from connector.domain.signals import Signal
from connector.domain.silence import Patience, Rhythm
from connector.domain.working_hours import WorkingHours
from connector.services.flagging import Noticed, raise_or_join
from connector.store import check_ins, residents, usuals
from connector.store.check_ins import Closing
from connector.store.residents import Writer

PATIENCE = Patience()
_ARRIVED = (AttemptState.DELIVERED,)
_PERHAPS = (AttemptState.ACCEPTED, AttemptState.SENT)
_NOT = (AttemptState.UNDELIVERED, AttemptState.REFUSED)


def notice(session: Session, *, limit: int, hours: WorkingHours, now: datetime) -> int:
    """Close up to `limit` check-ins that had no answer. Returns how many there were."""
    closing = check_ins.claim_closing(session, limit, now=now)
    if not closing:
        return 0
    people = residents.lock(session, {one.resident_id for one in closing})
    states = usuals.load(session, {(one.resident_id, one.programme_id) for one in closing})
    noticed = []
    for one in sorted(closing, key=lambda closing: closing.asked_at):
        key = (one.resident_id, one.programme_id)
        state = states.get(key, usuals.State())
        rhythm = Rhythm.from_json(state.rhythm) if state.rhythm else Rhythm()
        writer = people[one.resident_id]
        after, signal = _heard_nothing(rhythm, one, writer)
        states[key] = usuals.State(state.usual, after.to_json())
        if signal is not None:
            noticed.append(Noticed(writer.id, writer.connector_id, (signal,)))
    usuals.save(session, states)
    raise_or_join(session, noticed, hours=hours, now=now)
    return len(closing)


def _heard_nothing(rhythm: Rhythm, one: Closing, writer: Writer) -> tuple[Rhythm, Signal | None]:
    on = one.asked_at.astimezone(ZoneInfo(writer.zone)).date()
    wrote_since = writer.heard_at is not None and writer.heard_at >= one.asked_at
    if wrote_since or writer.agreement is not AgreementState.GIVEN:
        return rhythm.explained(), None
    if one.reached in _ARRIVED:
        return rhythm.unanswered(on, PATIENCE, name=writer.known_as)
    if one.reached in _PERHAPS:
        return rhythm.unanswered(on, PATIENCE, name=writer.known_as, sure=False)
    if one.reached in _NOT:
        return rhythm.not_delivered(on, PATIENCE, name=writer.known_as)
    return rhythm, None
