"""A resident comes in, goes at their own pace, leaves a programme with a goodbye, and comes back.

Whoever is texted is asked twice: beside a connector, and by the welcome that wants a Y. Every
change of somebody's texts is audited, and what was not yet sent is planned again. It refuses a pace
at which no text could ever go out, and to write one person down twice unless somebody says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.cadence import Override, settle
from connector.domain.calendar import Calendar, move_sentence
from connector.domain.check_in import LAST_WORD
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.errors import NotFound, Refused
from connector.domain.placeholders import fill
from connector.domain.programme import DEFAULT_LANGUAGE, Part, Programme
from connector.domain.resident import Resident
from connector.domain.sms import fold
from connector.domain.working_hours import WorkingHours
from connector.services import planning
from connector.services.jobs import Job, later
from connector.store import attempts, audit, check_ins, programmes, residents, staff
from connector.store.programmes import Enrolment

SUBJECT = "resident"
MOST_ALIKE = 5
MOST_WELCOMES = 3
DAY = timedelta(hours=24)
WELCOME_KEPT = timedelta(hours=1)
LONGEST_REASON = 200


class Wording(Protocol):
    """The fixed texts, in the words of this installation."""

    def text(self, language: str, name: str, number: int = 1) -> str: ...


@dataclass(frozen=True, slots=True)
class Speech:
    """What a welcome is made of and goes by: words, when people read, a channel."""

    wording: Wording
    hours: WorkingHours
    channel: str

    def read_out(self, resident: Resident) -> str:
        """What is read out to somebody before they agree, in their language."""
        name = "agreement" if resident.is_texted else "agreement_call"
        words = self.wording.text(resident.language, name)
        return fill(words, {"hours": self.hours.words(resident.language)})

    def welcome(self, resident: Resident, sender: str, name: str = "welcome") -> str:
        """The first text to somebody, or to their new number."""
        values = {
            "name": resident.known_as,
            "sender": sender,
            "hours": self.hours.words(resident.language),
        }
        return fold(fill(self.wording.text(resident.language, name), values))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a connector has written down beside somebody, ready to be kept.

    `words` were read out and agreed to; `different` says why this is not somebody we know.
    """

    resident: Resident
    how: How
    words: str
    programme_ids: tuple[int, ...] = ()
    own: Override = field(default_factory=Override)
    different: str = ""


class MayBeKnown(Refused):
    """Somebody who may be this person is on the books. `found` are who."""

    code = "may_be_known"

    def __init__(self, found: Sequence[Resident]) -> None:
        super().__init__("Somebody on the books may be this person.")
        self.found = tuple(found)


def take_in(session: Session, entry: Entry, speech: Speech, *, by: int, now: datetime) -> int:
    """Enrol one person who is sat beside a connector, or on the phone. Returns the id.

    Raises `MayBeKnown`, and `Invalid` for a pace at which no text could go out.
    """
    residents.one_at_a_time(session, by)
    new = entry.resident
    why = " ".join(entry.different.split())[:LONGEST_REASON]
    found = refuse_double(session, new, why)
    state = AgreementState.INVITED if new.is_texted else AgreementState.GIVEN
    event = AgreementEvent(state, now, entry.how, entry.words, by)
    on = now.astimezone(ZoneInfo(new.zone)).date()
    id_ = enrol(session, new, event, entry.programme_ids, on=on, now=now)
    for programme in programmes.of_resident(session, id_):
        programme.cadence.personal(on, entry.own)
        programmes.set_own(session, programme.id, id_, entry.own.to_text())
    share_number(session, new, id_, found)
    audit.append(session, "resident enrolled", SUBJECT, id_, by=by, now=now, why=why)
    if new.is_texted:
        welcome(session, id_, speech, by=by, now=now)
    return id_


def refuse_double(session: Session, resident: Resident, why: str) -> list[Resident]:
    """Who may be the same person; raises `MayBeKnown` unless it is said `why` they are not."""
    found = residents.alike(session, resident, most=MOST_ALIKE)
    if found and not why:
        raise MayBeKnown(found)
    return found


def share_number(
    session: Session, resident: Resident, resident_id: int, found: Iterable[Resident]
) -> None:
    """Different people on one number share a phone, and each record says so."""
    sharing = [one.id for one in found if resident.number and one.number == resident.number]
    if sharing:
        residents.share_phone(session, [resident_id, *sharing])


def welcome(
    session: Session,
    resident_id: int,
    speech: Speech,
    name: str = "welcome",
    *,
    by: int,
    now: datetime,
) -> bool:
    """Queue the text that asks for a Y. False when enough of them have gone to this person today.

    It is from their connector, or from whoever is beside them while they have none.

    Raises `Refused` when they need none.
    """
    resident = residents.get(session, resident_id)
    if not (resident.is_texted and resident.number):
        raise Refused("This resident is not texted, so there is no welcome to send.")
    if resident.agreement is not AgreementState.INVITED:
        raise Refused("This resident has answered already, so there is no welcome to send.")
    if residents.welcomes_since(session, resident_id, now - DAY) >= MOST_WELCOMES:
        return False
    body = speech.welcome(resident, _first_name(session, resident.connector_id or by), name)
    text = attempts.NewAttempt(resident_id, Purpose.WELCOME, body, now, now + WELCOME_KEPT)
    attempts.add_many(session, [text], channel=speech.channel, now=now)
    later(session, Job.DISPATCH)
    return True


def begin(session: Session, resident_id: int, *, zone: str, now: datetime) -> None:
    """Somebody has answered the welcome with a yes: what has not begun for them begins today."""
    today = now.astimezone(ZoneInfo(zone)).date()
    for programme_id in programmes.begin(session, resident_id, on=today):
        check_ins.forget_unsent(
            session, programme_id=programme_id, resident_ids=[resident_id], now=now
        )
    later(session, Job.PLAN)


def _first_name(session: Session, staff_id: int) -> str:
    account = staff.account(session, staff_id)
    return account.member.name.split()[0] if account else ""


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
