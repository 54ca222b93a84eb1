"""A resident comes in, goes at their own pace, leaves a programme with a goodbye, and comes back.

Every change of somebody's texts is audited, and what was not yet sent is planned again. It refuses
a pace at which no text could ever go out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.cadence import Override, settle
from connector.domain.calendar import Calendar, move_sentence
from connector.domain.check_in import LAST_WORD
from connector.domain.consent import AgreementEvent, AgreementState
from connector.domain.errors import NotFound, Refused
from connector.domain.programme import DEFAULT_LANGUAGE, Part, Programme
from connector.domain.resident import Resident
from connector.services import planning
from connector.services.jobs import Job, later
from connector.store import audit, check_ins, programmes, residents
from connector.store.programmes import Enrolment

SUBJECT = "resident"


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


def change_pace(
    session: Session,
    resident_id: int,
    programme_id: int,
    own: Override,
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Somebody's own days, time or pace from now on; an empty override is the programme's own.

    Raises `Invalid` when no text could go out, and `Refused` when they are not on the programme.
    """
    programme, enrolment = _on(session, resident_id, programme_id)
    programme.cadence.personal(enrolment.started_on, own)
    if own.to_text() == enrolment.own:
        return
    programmes.set_own(session, programme_id, resident_id, own.to_text())
    why = f"{programme.name}: {own.to_text() or 'as everybody'}"
    audit.append(session, "pace changed", SUBJECT, resident_id, by=by, now=now, why=why)
    planning.plan_people_afresh(session, [resident_id], programme_id, now=now)


def end(
    session: Session,
    resident_id: int,
    programme_id: int,
    *,
    calendar: Calendar | None = None,
    goodbye: bool = True,
    by: int | None,
    now: datetime,
) -> None:
    """Somebody leaves a programme today. A goodbye goes at the next allowed time, if there is one.

    Raises `Refused` when they are not on the programme.
    """
    programme, enrolment = _on(session, resident_id, programme_id)
    today = now.astimezone(ZoneInfo(enrolment.zone)).date()
    check_ins.forget_unsent(
        session, programme_id=programme_id, resident_ids=[resident_id], reminders=True, now=now
    )
    programmes.end(session, programme_id, [resident_id], on=today)
    audit.append(
        session, "programme ended", SUBJECT, resident_id, by=by, now=now, why=programme.name
    )
    if goodbye and programme.goodbye.get(DEFAULT_LANGUAGE):
        last = _goodbye(programme, enrolment, resident_id, calendar, now)
        check_ins.add_later(session, [last])
        later(session, Job.DISPATCH)


def rejoin(
    session: Session,
    resident_id: int,
    programme_id: int,
    *,
    by: int | None,
    now: datetime,
) -> None:
    """Somebody who left a programme is on it again from today, at the pace they had.

    Raises `Refused` when they never left it.
    """
    enrolment = programmes.enrolment(session, programme_id, resident_id)
    if enrolment is None or enrolment.ended_on is None:
        raise Refused("This resident has not left the programme.")
    today = now.astimezone(ZoneInfo(enrolment.zone)).date()
    programmes.take_back(session, programme_id, resident_id, on=today)
    name = programmes.by_id(session, [programme_id])[programme_id].name
    audit.append(session, "programme rejoined", SUBJECT, resident_id, by=by, now=now, why=name)
    planning.plan_people_afresh(session, [resident_id], programme_id, now=now)


def _on(session: Session, resident_id: int, programme_id: int) -> tuple[Programme, Enrolment]:
    """The programme and how somebody is on it."""
    programme = programmes.by_id(session, [programme_id]).get(programme_id)
    if programme is None:
        raise NotFound("There is no such programme.")
    enrolment = programmes.enrolment(session, programme_id, resident_id)
    if enrolment is None or enrolment.ended_on is not None:
        raise Refused("This resident is not on the programme.")
    return programme, enrolment


def _goodbye(
    programme: Programme,
    enrolment: Enrolment,
    resident_id: int,
    calendar: Calendar | None,
    now: datetime,
) -> check_ins.Later:
    local = now.astimezone(ZoneInfo(enrolment.zone))
    ruling = (calendar or Calendar(sundays=True)).next_allowed(local)
    due_at = settle(ruling.local)[0].astimezone(UTC)
    return check_ins.Later(
        resident_id=resident_id,
        programme_id=programme.id,
        occurrence=local.date(),
        slot=LAST_WORD,
        part=Part.GOODBYE,
        number=1,
        due_at=due_at,
        expires_at=due_at + programme.timely_for,
        moved=move_sentence(local, ruling.local, ruling.because) if ruling.because else "",
        why=ruling.skipped or "",
    )
