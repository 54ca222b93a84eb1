"""Marks: somebody has died, is in prison, has left, or is held until a person has looked.

A mark stops texts at once, also what was about to go, and every record of that person with it. It
never closes what is to do: a person does. It can be taken away again, and the audit keeps both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from connector.domain.cadence import zone_named
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.mark import Mark, ToldBy
from connector.domain.promise import Promise
from connector.domain.signals import Signal, SignalKind, day_in_words
from connector.services import planning
from connector.services.flagging import Noticed
from connector.store import absences, audit, check_ins, residents, standing
from connector.store.residents import Writer

SUBJECT = "resident"
TAKEN_AWAY = "mark taken away"


def act_of(mark: Mark) -> str:
    """The audit's word for setting a mark."""
    return f"marked {mark.value}"


def set_mark(
    session: Session,
    resident_id: int,
    mark: Mark,
    told_by: ToldBy,
    *,
    on: date | None = None,
    by: int | None,
    now: datetime,
) -> None:
    """Texts to somebody stop now. `on` is since when it is so, where that is known.

    Raises `Invalid` for a day to come, `Refused` when the mark stands already.
    """
    people = standing.linked(session, resident_id)
    writers = residents.lock(session, people)
    if resident_id not in writers:
        raise NotFound("There is no such resident.")
    today = now.astimezone(zone_named(writers[resident_id].zone)).date()
    if on is not None and on > today:
        raise Invalid("The day cannot be still to come.")
    if standing.marked(session, [resident_id]).get(resident_id) is mark:
        raise Refused("That is written down already.")
    standing.set_mark(session, people, mark)
    quiet = mark in (Mark.DIED, Mark.HELD)
    check_ins.drop_planned(session, people, mark.why_no_text)
    standing.drop_queued(session, people, mark.why_no_text, answers=quiet)
    _end_absences(session, people, now)
    since = f", {day_in_words(on, today)}" if on else ""
    why = f"{told_by.words}{since}"
    for one in people:
        audit.append(session, act_of(mark), SUBJECT, one, by=by, now=now, why=why)


def hold(session: Session, resident_id: int, *, now: datetime) -> None:
    """News about somebody, in a text: nothing goes to them until a person has looked."""
    if not standing.marked(session, [resident_id]):
        set_mark(session, resident_id, Mark.HELD, ToldBy.TEXT, by=None, now=now)


def take_away(session: Session, resident_id: int, *, by: int, now: datetime) -> None:
    """It was not so, or is so no longer: texts are planned again from now on.

    Raises `Refused` when there is no mark.
    """
    people = standing.linked(session, resident_id)
    residents.lock(session, people)
    before = standing.marked(session, [resident_id]).get(resident_id)
    if before is None:
        raise Refused("There is no mark to take away.")
    standing.set_mark(session, people, None)
    for one in people:
        audit.append(session, TAKEN_AWAY, SUBJECT, one, by=by, now=now, why=before.words)
    planning.plan_people_afresh(session, people, now=now)


def careful(session: Session, wrote: Iterable[tuple[Writer, int]]) -> list[Noticed]:
    """A text from the number of somebody who has died or is held: a person reads it, with care.

    `wrote` are who is known by the number, and the reply.
    """
    pairs = list(wrote)
    marks = standing.marked(session, [writer.id for writer, _reply in pairs]) if pairs else {}
    return [
        Noticed(writer.id, writer.connector_id, (_with_care(writer.known_as, mark),), reply_id)
        for writer, reply_id in pairs
        if (mark := marks.get(writer.id))
    ]


def _with_care(name: str, mark: Mark) -> Signal:
    what = {
        Mark.DIED: "who has died. Somebody else may have written: please answer with care",
        Mark.PRISON: "who is in prison. Please find out who wrote",
        Mark.LEFT: "who has moved away or left. Please find out what they would like",
        Mark.HELD: "whose texts are held. Please look",
    }[mark]
    return Signal(
        kind=SignalKind.WRONG,
        promise=Promise.TODAY,
        sentence=f"A text came from the number of {name}, {what}.",
        rule="a text after a mark",
    )


def _end_absences(session: Session, people: Iterable[int], now: datetime) -> None:
    known = absences.standing(session, people, now=now)
    absences.end(session, [one.id for some in known.values() for one in some], now, now=now)
    absences.mirror(session, known)
