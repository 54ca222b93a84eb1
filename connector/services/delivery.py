"""What follows when a text does not get through: for the person, and for what they agreed to.

A phone that is off and a number that is dead are different things. A block at the provider is a
STOP like any other.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from connector.domain.attempt import Meaning
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.signals import Signal, stopped, undelivered
from connector.domain.working_hours import WorkingHours
from connector.services.flagging import Noticed, raise_or_join
from connector.store import attempts, residents, stops
from connector.store.base import blind_index

HOURS = WorkingHours()
_GONE = (Meaning.NUMBER_DEAD, Meaning.LANDLINE)
_ABOUT_THE_NUMBER = (*_GONE, Meaning.BLOCKED, Meaning.OPTED_OUT)


def refused(session: Session, attempt_id: UUID, meaning: Meaning, *, now: datetime) -> None:
    """A text was refused for good, by the provider or later by the network.

    Only what says something about the person's number is followed up at once; a run of other
    failures is noticed when their answers are waited for in vain.
    """
    resident_id = attempts.resident_of(session, attempt_id)
    if resident_id is None or meaning not in _ABOUT_THE_NUMBER:
        return
    writer = residents.lock(session, [resident_id])[resident_id]
    if meaning is Meaning.OPTED_OUT:
        signals = _opted_out(session, resident_id, now)
    else:
        if meaning in _GONE:
            residents.number_dead(session, resident_id)
        signals = (undelivered(writer.known_as, texts=1),)
    noticed = Noticed(resident_id, writer.connector_id, signals)
    raise_or_join(session, [noticed], hours=HOURS, now=now)


def _opted_out(session: Session, resident_id: int, now: datetime) -> tuple[Signal, ...]:
    resident = residents.get(session, resident_id)
    stops.add(session, blind_index(resident.number), How.AT_PROVIDER.value, now=now)
    if resident.agreement is AgreementState.WITHDRAWN:
        return ()
    event = AgreementEvent(AgreementState.WITHDRAWN, now, How.AT_PROVIDER)
    residents.agree(session, resident_id, event)
    return (stopped(resident.known_as, by="the provider"),)
