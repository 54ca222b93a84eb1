"""What follows when a text does not get through: for the person, and for what they agreed to.

A phone that is off and a number that is dead are different things. A block at the provider is a
STOP like any other.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState, Meaning, again_at
from connector.domain.calendar import NIGHT
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.signals import Signal, stopped, undelivered
from connector.domain.working_hours import WorkingHours
from connector.services.flagging import Noticed, raise_or_join
from connector.store import attempts, check_ins, residents, stops
from connector.store.attempts import Failed
from connector.store.base import blind_index
from connector.store.residents import Writer

HOURS = WorkingHours()
_GONE = (Meaning.NUMBER_DEAD, Meaning.LANDLINE)
_ABOUT_THE_NUMBER = (*_GONE, Meaning.BLOCKED, Meaning.OPTED_OUT)
_WORTH_ANOTHER_TRY = (Meaning.PHONE_OFF, Meaning.NO_REASON)
_FAILED = (AttemptState.REFUSED, AttemptState.UNDELIVERED)


def refused(
    session: Session,
    attempt_id: UUID,
    meaning: Meaning,
    *,
    hours: WorkingHours = HOURS,
    now: datetime,
) -> None:
    """A text was refused for good, by the provider or later by the network.

    Only what says something about the person's number is followed up at once. A phone that was off
    is tried once more on the same day; a run of failures is noticed when answers are waited for in
    vain. A late word about a text that has arrived after all says nothing.
    """
    text = attempts.failed(session, attempt_id)
    if text is None:
        return
    if meaning is Meaning.OPTED_OUT:
        _opted_out(session, text, hours, now)
    elif text.resident_id is not None and text.state in _FAILED:
        _did_not_arrive(session, attempt_id, text.resident_id, meaning, hours, now)


def _did_not_arrive(
    session: Session,
    attempt_id: UUID,
    resident_id: int,
    meaning: Meaning,
    hours: WorkingHours,
    now: datetime,
) -> None:
    if meaning in _WORTH_ANOTHER_TRY:
        _once_more(session, attempt_id, resident_id, now)
    if meaning not in _ABOUT_THE_NUMBER:
        return
    writer = residents.lock(session, [resident_id])[resident_id]
    if meaning in _GONE:
        residents.number_dead(session, resident_id)
    _notice(session, writer, undelivered(writer.known_as, texts=1), hours, now)


def _once_more(session: Session, attempt_id: UUID, resident_id: int, now: datetime) -> None:
    """A check-in is tried once more, as a text of its own, if it is still worth it by then."""
    writer = residents.lock(session, [resident_id])[resident_id]
    text = attempts.failed(session, attempt_id)  # again: whoever held the lock may have done this
    if text is None or text.check_in_id is None or text.tries != 1:
        return
    at = again_at(attempt_id, writer.zone, not_after=text.not_after, quiet=NIGHT, now=now)
    if at is not None:
        again = attempts.NewAttempt(
            resident_id, text.purpose, text.body, at, text.not_after, check_in_id=text.check_in_id
        )
        attempts.add_many(session, [again], channel=text.channel, now=now)


def _opted_out(session: Session, text: Failed, hours: WorkingHours, now: datetime) -> None:
    """A block at the provider holds for the number, whoever it belongs to."""
    if text.resident_id is None:
        stops.add(session, blind_index(text.number), How.AT_PROVIDER.value, now=now)
        return
    writer = residents.lock(session, [text.resident_id])[text.resident_id]
    resident = residents.get(session, text.resident_id)
    stops.add(session, blind_index(resident.number), How.AT_PROVIDER.value, now=now)
    check_ins.drop_planned(session, [writer.id], "Not sent: the resident has stopped texts.")
    if writer.agreement is not AgreementState.WITHDRAWN:
        event = AgreementEvent(AgreementState.WITHDRAWN, now, How.AT_PROVIDER)
        residents.agree(session, writer.id, event)
        _notice(session, writer, stopped(writer.known_as, by="the provider"), hours, now)


def _notice(
    session: Session, writer: Writer, signal: Signal, hours: WorkingHours, now: datetime
) -> None:
    noticed = Noticed(writer.id, writer.connector_id, (signal,))
    raise_or_join(session, [noticed], hours=hours, now=now)
