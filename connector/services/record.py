"""A resident's record is kept right: what they like, what helps, their number, what they agree to.

Each change names what was changed, never from what to what. Of two people who change one record at
once the second is told. A new number is asked for its Y before anything personal goes to it. Texts
that were stopped by a text come back only by a text: no member of staff can undo it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from sqlalchemy.orm import Session

from connector.domain.check_in import STOPPED
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.errors import Refused
from connector.domain.resident import Resident
from connector.services import enrolment, numbers
from connector.services.enrolment import LONGEST_REASON, SUBJECT, Speech
from connector.store import audit, check_ins, residents, stops
from connector.store.base import blind_index

LABELS = {
    "known_as": "what they like to be called",
    "given_name": "given name",
    "family_name": "family name",
    "contact_by": "how we keep in touch",
    "number": "number",
    "shared_phone": "whether the phone is shared",
    "message_ok": "whether a message may be left",
    "language": "language",
    "likes": "likes",
    "needs": "needs",
    "no_answer": "what to do when they do not answer",
    "connector_id": "connector",
}
"""What a record says that a connector may change, in the order of the form."""


class Overtaken(Refused):
    """Somebody changed the record meanwhile. `now` is how it stands."""

    code = "overtaken"

    def __init__(self, now: Resident) -> None:
        super().__init__("Somebody has changed this record since you opened it.")
        self.now = now


class Act(StrEnum):
    """What somebody has told us, in person or by phone, about their texts."""

    GO_ON = "go_on"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Told:
    """A person's word about their texts: what, how it was told, and in which words."""

    act: Act
    how: How
    words: str = ""


def seen(resident: Resident) -> str:
    """A mark of what a record says, which is another as soon as anything in it is."""
    values = "\n\n".join(str(getattr(resident, name)) for name in LABELS)
    return blake2b(values.encode(), digest_size=8).hexdigest()


def change(
    session: Session,
    new: Resident,
    speech: Speech,
    *,
    mark: str,
    different: str = "",
    by: int,
    now: datetime,
) -> list[str]:
    """Keep a record as it was written; what changed, in words. `mark` is what was `seen`.

    Raises `Overtaken`, or `MayBeKnown` for a number that somebody else has, unless it is said in
    what way they are `different` people.
    """
    old = residents.lock_whole(session, new.id)
    if seen(old) != mark:
        raise Overtaken(old)
    changed = [name for name in LABELS if getattr(old, name) != getattr(new, name)]
    if not changed:
        return []
    residents.change(session, new)
    if "number" in changed:
        _change_number(session, new, different, by, now)
    why = ", ".join(LABELS[name] for name in changed)[:LONGEST_REASON]
    audit.append(session, "record changed", SUBJECT, new.id, by=by, now=now, why=why)
    if new.is_texted and ("number" in changed or not old.is_texted):
        _ask_again(session, old, speech, by, now)
    return [LABELS[name] for name in changed]


def tell(
    session: Session, resident_id: int, told: Told, speech: Speech, *, by: int, now: datetime
) -> AgreementState:
    """A person's word about their texts takes effect. Where the agreement stands then.

    Raises `Refused` when it changes nothing, and for texts that only they can bring back.
    """
    resident = residents.lock_whole(session, resident_id)
    state = _after(session, resident, told.act)
    if state is resident.agreement:
        raise Refused("That is how it stands already, so nothing was changed.")
    words = told.words or (speech.read_out(resident) if told.act is Act.GO_ON else "")
    event = AgreementEvent(state, now, told.how, words, by)
    residents.agree(session, resident_id, event)
    audit.append(session, f"agreement: {state.value}", SUBJECT, resident_id, by=by, now=now)
    if told.act is Act.STOP:
        check_ins.drop_planned(session, [resident_id], STOPPED)
    elif resident.agreement is AgreementState.WITHDRAWN:
        check_ins.take_up_again(session, [resident_id], now=now)
        enrolment.begin(session, resident_id, zone=resident.zone, now=now)
    if state is AgreementState.INVITED:
        enrolment.welcome(session, resident_id, speech, by=by, now=now)
    return state


def _after(session: Session, resident: Resident, act: Act) -> AgreementState:
    """Where the agreement stands after an act. Raises `Refused`."""
    if act is Act.STOP:
        return AgreementState.WITHDRAWN
    if act is Act.PAUSE:
        if resident.agreement is AgreementState.WITHDRAWN:
            raise Refused("They have stopped, so there is nothing to pause.")
        return AgreementState.PAUSED
    if resident.is_texted and stops.among(session, [blind_index(resident.number)]):
        raise Refused(
            "This number has texted STOP. Only a text brings texts back: ask them to text START."
        )
    if not resident.is_texted:
        return AgreementState.GIVEN
    known = resident.agreement is AgreementState.PAUSED and not _is_new(session, resident.id)
    return AgreementState.GIVEN if known else AgreementState.INVITED


def _is_new(session: Session, resident_id: int) -> bool:
    """Whether a number has never said yes: it changed since they last agreed, or they never did."""
    agreed = [
        event.at
        for event in residents.agreement_history(session, resident_id)
        if event.state is AgreementState.GIVEN
    ]
    changed = residents.number_changed_at(session, resident_id)
    return not agreed or (changed is not None and changed > agreed[-1])


def _change_number(session: Session, new: Resident, different: str, by: int, now: datetime) -> None:
    """The number itself, with its history. Raises `MayBeKnown`."""
    alike = residents.alike(session, new, most=enrolment.MOST_ALIKE)
    found = [one for one in alike if new.number and one.number == new.number]
    why = " ".join(different.split())[:LONGEST_REASON]
    if found and not why:
        raise enrolment.MayBeKnown(found)
    residents.change_number(session, new.id, new.number, why="changed", by=by, now=now)
    enrolment.share_number(session, new, new.id, found)
    numbers.stand_apart(session, new.id, now=now)
    audit.append(session, "number changed", SUBJECT, new.id, by=by, now=now, why=why)


def _ask_again(session: Session, old: Resident, speech: Speech, by: int, now: datetime) -> None:
    """A number that has not said yes is asked. Whoever has paused or stopped stays as they are."""
    if old.agreement not in (AgreementState.GIVEN, AgreementState.INVITED):
        return
    if old.agreement is AgreementState.GIVEN:
        event = AgreementEvent(AgreementState.INVITED, now, How.BY_PHONE, "", by)
        residents.agree(session, old.id, replace(event, words="Another number: it is asked first."))
    name = "welcome_number" if old.is_texted and old.number else "welcome"
    enrolment.welcome(session, old.id, speech, name, by=by, now=now)
