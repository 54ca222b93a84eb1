"""Numbers that are shared, doubted, dead or changed: nothing personal goes where it may be read
by somebody else, and nobody guesses who wrote.

On a shared number only the name that somebody puts first says who they are; all else waits for a
person. A stop from it holds for all until each of them is sorted out by their own word. A doubted
number is asked whose it is, once and without a name, and stays without personal texts until a
person has settled it. History stays with the person, not with the number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.cadence import zone_named
from connector.domain.calendar import Calendar
from connector.domain.check_in import STOPPED
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.errors import Invalid, Refused
from connector.domain.promise import Promise
from connector.domain.reading import Intent
from connector.domain.resident import ContactBy
from connector.domain.signals import Signal, SignalKind
from connector.domain.whose import named
from connector.domain.working_hours import WorkingHours
from connector.services import answering, planning
from connector.services.flagging import Noticed, raise_or_join
from connector.store import audit, check_ins, programmes, residents, stops
from connector.store import numbers as kept
from connector.store.attempts import NewAttempt
from connector.store.replies import Unread
from connector.store.residents import Writer

SUBJECT: Final = "resident"
SOON: Final = timedelta(minutes=10)
MONTHS: Final = range(1, 25)
NOT_THEIRS: Final = "not theirs"
LONGEST_WORDS: Final = 200
ASK_KEPT = timedelta(hours=1)
_WHO_IS_THIS: Final = re.compile(
    r"\bwho ?(?:'?s|is|are|r|dis|the \w+ is) ?(?:this|that|you|u|yous?|it)?\b(?! (?:coming|going))"
    r"|\bdo (?:i|we) know (?:you|u|ya)\b|\bpwy (?:sydd yma|sy'?n? |ydych|wyt)",
    re.IGNORECASE,
)
"""The bare keyword WHO is answered; these are the words of somebody who does not know us."""


class Doubt(StrEnum):
    """Why a number is doubted, as the rule of a reason."""

    WRONG = "wrong number"
    WHO = "who is this"
    SILENT = "no answer for months"


class Wording(Protocol):
    """The fixed texts that the service sends by itself, by language."""

    def text(self, language: str, name: str, number: int = 1) -> str: ...


def by_their_word(one: Unread, writers: Sequence[Writer]) -> tuple[Unread, tuple[Writer, ...]]:
    """Who of those who share a number wrote, where they say so themselves; else all of them.

    The name that decides is no part of what is read then.
    """
    if len(writers) < 2:
        return one, tuple(writers)
    found = named(one.reply.body, {writer.id: writer.known_as for writer in writers})
    if found is None:
        return one, tuple(writers)
    body = found.without_name(one.reply.body)
    who = tuple(writer for writer in writers if writer.id == found.who)
    return replace(one, reply=replace(one.reply, body=body)), who


def is_sure(writers: Sequence[Writer]) -> bool:
    """Whether a text is one person's, and the number surely theirs."""
    return len(writers) == 1 and not writers[0].doubted


def doubt(
    session: Session,
    writers: Sequence[Writer],
    index: bytes,
    *,
    ask: bool,
    wording: Wording,
    channel: str,
    now: datetime,
) -> None:
    """Whose number it is is not known any more: personal texts are held, and it is asked once."""
    new = residents.doubt(session, [writer.id for writer in writers], now=now)
    first = next((writer for writer in writers if writer.id in new), None)
    if first is None or not ask:
        return
    body = wording.text(first.language, "whose_number")
    text = NewAttempt(first.id, Purpose.ANSWER, body, now, now + ASK_KEPT)
    answering.queue(session, {index: text}, channel=channel, now=now)


def doubt_the_silent(
    session: Session,
    *,
    limit: int,
    calendar: Calendar,
    hours: WorkingHours,
    wording: Wording,
    channel: str,
    now: datetime,
) -> int:
    """Before anything personal goes to a number that has been silent for months, it is asked whose
    it is, at an hour at which texts may go. Returns how many were asked.
    """
    before = now - kept.silent_after(session)
    found = dict(kept.silent(session, limit, before=before, due_by=now + SOON))
    people = residents.lock(session, found)
    asked = [who for who in people.values() if calendar.why_not(_local(who, now)) is None]
    for who in asked:
        doubt(session, [who], found[who.id], ask=True, wording=wording, channel=channel, now=now)
    noticed = [Noticed(who.id, who.connector_id, (_silent(who.known_as),)) for who in asked]
    raise_or_join(session, noticed, hours=hours, now=now)
    return len(asked)


def set_silent_after(session: Session, months: str, *, by: int, now: datetime) -> None:
    """After how many months of silence a number is asked whose it is. Raises `Invalid`."""
    if not (months.isdecimal() and len(months) < 3 and int(months) in MONTHS):
        raise Invalid("Write a number of months from 1 to 24.")
    kept.set_silent_after(session, int(months), by=by, now=now)
    audit.append(
        session, "silence of numbers set", "service", None, by=by, now=now, why=f"{months} months"
    )


def _local(who: Writer, now: datetime) -> datetime:
    return now.astimezone(zone_named(who.zone))


def _silent(name: str) -> Signal:
    return Signal(
        kind=SignalKind.WRONG,
        promise=Promise.THIS_WEEK,
        sentence=(
            f"Nothing has come from the number of {name} for months, although texts arrive. "
            "Make sure another way that it is still theirs. Texts to it are held."
        ),
        rule=Doubt.SILENT.value,
    )


def why_doubted(intents: Collection[Intent], body: str) -> Doubt | None:
    """Whether a text says that the number is not theirs, or asks who it is that texts."""
    if Intent.WRONG_NUMBER in intents:
        return Doubt.WRONG
    asks = Intent.WHO in intents and _WHO_IS_THIS.search(body)
    return Doubt.WHO if asks else None


def to_look_at(writers: Sequence[Writer], why: Doubt, reply_id: int) -> list[Noticed]:
    """Why a person should look now. What was read already says so of a wrong number."""
    if why is not Doubt.WHO:
        return []
    return [
        Noticed(writer.id, writer.connector_id, (_asks_who(writer.known_as),), reply_id)
        for writer in writers
    ]


def _asks_who(name: str) -> Signal:
    return Signal(
        kind=SignalKind.WRONG,
        promise=SignalKind.WRONG.usual_promise,
        sentence=f"Whoever has the number of {name} asks who we are. Texts to it are held.",
        rule=Doubt.WHO.value,
    )


def start(session: Session, writer: Writer, index: bytes, *, until: datetime) -> bool:
    """Somebody's own START. Whether their number may be texted now.

    On a shared number it speaks for its writer alone: the stop stays until everybody else on it has
    been sorted out as well.
    """
    others = [who for who in kept.undecided(session, index) if who != writer.id]
    if others:
        said = AgreementEvent(AgreementState.GIVEN, until, How.BY_TEXT)
        residents.agree(session, writer.id, said)
        return False
    return stops.lift(session, index, until=until)


def confirm(
    session: Session, resident_id: int, *, of: bytes | None = None, by: int, now: datetime
) -> None:
    """A person has made sure that a number is still somebody's: their texts go on.

    With `of`, only where it is that number. What is still to come goes out as planned.
    """
    if of is not None and kept.index_of(session, resident_id) != of:
        return
    residents.no_doubt(session, resident_id)
    audit.append(session, kept.CONFIRMED, SUBJECT, resident_id, by=by, now=now)


def give_up(session: Session, resident_id: int, *, by: int, now: datetime) -> None:
    """A number is somebody else's now. It stays in the history; they are rung until a new one."""
    resident = residents.lock_whole(session, resident_id)
    if not resident.number:
        raise Refused("There is no number on this record any more.")
    residents.change_number(session, resident_id, "", why=NOT_THEIRS, by=by, now=now)
    residents.change(session, replace(resident, contact_by=ContactBy.CALL))
    why = "somebody else has it"
    audit.append(session, "number given up", SUBJECT, resident_id, by=by, now=now, why=why)


def has_stopped(session: Session, resident_id: int, *, by: int, now: datetime) -> None:
    """The stop that a shared number sent was this person's."""
    resident = residents.lock_whole(session, resident_id)
    index = _stopped_number(session, resident_id)
    if resident.agreement is not AgreementState.WITHDRAWN:
        said = AgreementEvent(AgreementState.WITHDRAWN, now, How.BY_TEXT, "", by)
        residents.agree(session, resident_id, said)
        check_ins.drop_planned(session, [resident_id], STOPPED)
    audit.append(session, "stop was theirs", SUBJECT, resident_id, by=by, now=now)
    _lift_if_sorted(session, index, now)


def goes_on(
    session: Session, resident_id: int, how: How, words: str, *, by: int, now: datetime
) -> bool:
    """Somebody on a stopped number wants their texts, in their own words. Whether they may go now:
    once everybody on the number has been sorted out.

    Raises `Invalid` without their words, `Refused` when the number has not stopped.
    """
    said = " ".join(words.split())[:LONGEST_WORDS]
    if not said:
        raise Invalid("Write what they said, in their own words.")
    residents.lock_whole(session, resident_id)
    index = _stopped_number(session, resident_id)
    residents.agree(session, resident_id, AgreementEvent(AgreementState.GIVEN, now, how, said, by))
    audit.append(session, "goes on", SUBJECT, resident_id, by=by, now=now)
    return _lift_if_sorted(session, index, now)


def stand_apart(session: Session, resident_id: int, *, now: datetime) -> None:
    """Those who share this person's number get their texts at times of their own from now on."""
    index = kept.index_of(session, resident_id)
    sharing = kept.sharing(session, index) if index is not None else []
    if changed := programmes.stand_apart(session, sharing):
        planning.plan_people_afresh(session, changed, now=now)


def _stopped_number(session: Session, resident_id: int) -> bytes:
    """The blind index of a number that has stopped. Raises `Refused` for any other."""
    index = kept.index_of(session, resident_id)
    if index is None or not stops.among(session, [index]):
        raise Refused("This number is not stopped, so there is nothing to sort out.")
    return index


def _lift_if_sorted(session: Session, index: bytes, now: datetime) -> bool:
    """The number may be texted again when everybody on it has decided, and somebody goes on."""
    if kept.undecided(session, index):
        return False
    going = kept.going_on(session, index)
    if not going or not stops.lift(session, index, until=now):
        return False
    check_ins.take_up_again(session, going, now=now)
    programmes.fresh_again(session, resident_ids=going)
    return True
