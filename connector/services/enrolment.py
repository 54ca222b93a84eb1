"""A resident comes in: who they are, what they agreed to, and which programmes they are on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from connector.domain.consent import AgreementEvent, AgreementState
from connector.domain.resident import Resident
from connector.services.jobs import Job, later
from connector.store import programmes, residents


def enrol(
    session: Session,
    resident: Resident,
    agreement: AgreementEvent,
    programme_ids: Iterable[int],
    *,
    on: date,
    now: datetime,
) -> int:
    """Store a resident with their agreement and put them on programmes. Returns the id."""
    invited = replace(resident, agreement=AgreementState.INVITED)
    resident_id = residents.add(session, invited, now=now)
    residents.agree(session, resident_id, agreement)
    for programme_id in programme_ids:
        programmes.enrol(session, programme_id, [resident_id], on=on)
    later(session, Job.PLAN)
    return resident_id
