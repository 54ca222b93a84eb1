"""Times without texts: begun by a text or by staff, ended on their day, by a word, or by staff.

The latest word wins and the earlier ones are kept. An absence holds what we would open, never an
answer to what somebody writes, and never counts as silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time

from sqlalchemy.orm import Session

from connector.domain.absence import Absence, after_word
from connector.domain.cadence import settle, zone_named
from connector.domain.errors import Invalid, NotFound
from connector.domain.steering import AbsenceWish
from connector.services.jobs import Job, later
from connector.store import absences, audit, residents
from connector.store.residents import Writer

SUBJECT = "resident"


def begin(
    session: Session,
    resident_id: int,
    wish: AbsenceWish,
    *,
    by: int | None = None,
    reply_id: int | None = None,
    now: datetime,
) -> Absence:
    """A time without texts, as somebody asks for it or staff are told. Returns it as it is kept.

    Raises `Invalid` for days in the wrong order or over already, `NotFound` for nobody.
    """
    writer = _locked(session, resident_id)
    today = now.astimezone(zone_named(writer.zone)).date()
    _must_be_days(wish, today)
    for known in absences.standing(session, [resident_id], now=now).get(resident_id, []):
        becomes = after_word(known, wish, today)
        if becomes is not None:
            absences.end(session, [known.id], now, now=now)
            wish = becomes
    return _keep(session, writer, wish, by=by, reply_id=reply_id, now=now)


def end(
    session: Session,
    resident_id: int,
    *,
    by: int | None = None,
    now: datetime,
) -> bool:
    """Texts may start again as of now: somebody says they are back. Whether there was anything.

    No welcome back follows: who says so is answered, or is being spoken to.
    """
    _locked(session, resident_id)
    known = absences.standing(session, [resident_id], now=now).get(resident_id, [])
    if not known:
        return False
    absences.end(session, [one.id for one in known], now, now=now)
    absences.mirror(session, [resident_id])
    audit.append(session, "absence ended", SUBJECT, resident_id, by=by, now=now)
    later(session, Job.DISPATCH)
    return True


def standing(
    session: Session, resident_ids: Iterable[int], *, now: datetime
) -> Mapping[int, list[Absence]]:
    """The times without texts of these people that are on or to come, the earliest first."""
    return absences.standing(session, resident_ids, now=now)


def _locked(session: Session, resident_id: int) -> Writer:
    found = residents.lock(session, [resident_id])
    if resident_id not in found:
        raise NotFound("There is no such resident.")
    return found[resident_id]


def _must_be_days(wish: AbsenceWish, today: date) -> None:
    if wish.ends_on is None:
        return
    if wish.ends_on <= wish.starts_on:
        raise Invalid("The day texts start again has to be after the first day without.")
    if wish.ends_on <= today:
        raise Invalid("The day texts start again has to be still to come.")


def _keep(
    session: Session,
    writer: Writer,
    wish: AbsenceWish,
    *,
    by: int | None,
    reply_id: int | None,
    now: datetime,
) -> Absence:
    """Only the one that ends last is open; one before it has its end written down at once."""
    others = absences.standing(session, [writer.id], now=now).get(writer.id, [])
    before = [one for one in others if one.ends_on and one.ends_on <= wish.starts_on]
    ended_at = None
    if len(before) < len(others) and wish.ends_on is not None:
        ended_at = _first_moment(wish.ends_on, writer.zone)
    for one in before:
        if one.ended_at is None and one.ends_on is not None:
            absences.end(session, [one.id], _first_moment(one.ends_on, writer.zone), now=now)
    kept = Absence(0, writer.id, wish.kind, wish.starts_on, wish.ends_on, now, ended_at, by)
    absences.add(session, kept, reply_id=reply_id)
    absences.mirror(session, [writer.id])
    audit.append(
        session, "absence begun", SUBJECT, writer.id, by=by, now=now,
        why=f"{wish.kind.words} {kept.span}",
    )  # fmt: skip
    return kept


def _first_moment(day: date, zone: str) -> datetime:
    local = datetime.combine(day, time(0), zone_named(zone))
    return settle(local)[0].astimezone(UTC)
