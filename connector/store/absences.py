"""Times without texts: kept for good, and mirrored on the record for whoever sends.

One of them is open at most (`ended_at` empty), the one that ends last; one that stands before it
has its end written down already. `welcomed_at` says that no welcome back is owed any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select, update
from sqlalchemy.orm import Session

from connector.domain.absence import LOOK_AFTER, NO_END_KNOWN, Absence
from connector.domain.cadence import zone_named
from connector.domain.errors import Invalid
from connector.domain.steering import AbsenceKind
from connector.store.bulk import one_of
from connector.store.tables import AbsenceRow, FlagRow, ReasonRow, ResidentRow, StaffRow


def standing(
    session: Session, resident_ids: Iterable[int], *, now: datetime
) -> dict[int, list[Absence]]:
    """What nobody has ended, now or to come, by resident, the earliest first.

    Whether a day is without texts is `Absence.covers`, on the person's own calendar.
    """
    return _by_resident(session, resident_ids, _not_ended(now))


def away_now(session: Session, resident_ids: Iterable[int], *, now: datetime) -> set[int]:
    """Who of these is without texts today, each by their own calendar."""
    people = set(resident_ids)
    query = select(
        AbsenceRow.resident_id, AbsenceRow.starts_on, AbsenceRow.ends_on, ResidentRow.zone
    ).join(ResidentRow, ResidentRow.id == AbsenceRow.resident_id)
    rows = session.execute(query.where(one_of(session, ResidentRow.id, people), _not_ended(now)))
    return {
        who
        for who, starts_on, ends_on, zone in rows
        if starts_on <= (today := _today(zone, now)) and (ends_on is None or today < ends_on)
    }


def _today(zone: str, now: datetime) -> date:
    try:
        return now.astimezone(zone_named(zone)).date()
    except Invalid:
        return now.date()


def since(
    session: Session, resident_ids: Iterable[int], moment: datetime
) -> dict[int, list[Absence]]:
    """What was not ended by `moment`, by resident, the earliest first."""
    return _by_resident(session, resident_ids, _not_ended(moment))


def history(session: Session, resident_id: int) -> list[Absence]:
    """All there ever were of somebody, the latest word first."""
    query = _absences().where(AbsenceRow.resident_id == resident_id)
    return _read(session, query.order_by(None).order_by(AbsenceRow.id.desc()))


def add(
    session: Session,
    absence: Absence,
    *,
    reply_id: int | None,
) -> int:
    row = AbsenceRow(
        resident_id=absence.resident_id,
        kind=absence.kind.value,
        starts_on=absence.starts_on,
        ends_on=absence.ends_on,
        made_at=absence.made_at,
        made_by=absence.by_staff,
        reply_id=reply_id,
        ended_at=absence.ended_at,
        welcomed_at=absence.made_at if absence.ended_at else None,
    )
    session.add(row)
    session.flush()
    return row.id


def end(session: Session, ids: Iterable[int], at: datetime, *, now: datetime) -> None:
    """These are over at `at`, and nobody is owed a welcome for them any more."""
    session.execute(
        update(AbsenceRow)
        .where(AbsenceRow.id.in_(set(ids)))
        .values(ended_at=at, welcomed_at=now)
        .execution_options(synchronize_session="fetch")
    )


def mirror(session: Session, resident_ids: Iterable[int]) -> None:
    """The record of each says what the open absence says, or nothing when there is none."""
    people = set(resident_ids)
    open_ = {
        who: (kind, until)
        for who, kind, until in session.execute(
            select(AbsenceRow.resident_id, AbsenceRow.kind, AbsenceRow.ends_on).where(
                AbsenceRow.resident_id.in_(people), AbsenceRow.ended_at.is_(None)
            )
        )
    }
    for who in people:
        kind, until = open_.get(who, ("", None))
        session.execute(
            update(ResidentRow)
            .where(ResidentRow.id == who)
            .values(away_kind=kind, away_until=until)
        )


def ending(session: Session, limit: int, *, by: date) -> list[Absence]:
    """Up to `limit` open ones whose first day of texts is `by` or before."""
    query = _absences().where(AbsenceRow.ended_at.is_(None), AbsenceRow.ends_on <= by)
    return _read(session, query.limit(limit))


def without_end(session: Session, limit: int, *, today: date, now: datetime) -> list[Absence]:
    """Up to `limit` open ones, begun long ago, of which nobody knows an end or was asked lately."""
    asked = exists(
        select(ReasonRow.id)
        .join(FlagRow, FlagRow.id == ReasonRow.flag_id)
        .where(
            FlagRow.resident_id == AbsenceRow.resident_id,
            ReasonRow.rule == NO_END_KNOWN,
            ReasonRow.at > now - LOOK_AFTER,
        )
    )
    query = _absences().where(
        AbsenceRow.ended_at.is_(None),
        AbsenceRow.ends_on.is_(None),
        AbsenceRow.starts_on <= today - LOOK_AFTER,
        AbsenceRow.made_at <= now - LOOK_AFTER,
        ~asked,
        ResidentRow.standing == "",
        ResidentRow.merged_into.is_(None),
    )
    joined = query.join(ResidentRow, ResidentRow.id == AbsenceRow.resident_id)
    return _read(session, joined.limit(limit))


def _not_ended(moment: datetime) -> ColumnElement[bool]:
    return or_(AbsenceRow.ended_at.is_(None), AbsenceRow.ended_at > moment)


def _by_resident(
    session: Session, resident_ids: Iterable[int], condition: ColumnElement[bool]
) -> dict[int, list[Absence]]:
    people = set(resident_ids)
    if not people:
        return {}
    query = _absences().where(one_of(session, AbsenceRow.resident_id, people), condition)
    found: dict[int, list[Absence]] = {}
    for one in _read(session, query):
        found.setdefault(one.resident_id, []).append(one)
    return found


def _absences() -> Select[*tuple[Any, ...]]:
    return (
        select(
            AbsenceRow.id,
            AbsenceRow.resident_id,
            AbsenceRow.kind,
            AbsenceRow.starts_on,
            AbsenceRow.ends_on,
            AbsenceRow.made_at,
            AbsenceRow.ended_at,
            AbsenceRow.made_by,
            StaffRow.name,
        )
        .outerjoin(StaffRow, StaffRow.id == AbsenceRow.made_by)
        .order_by(AbsenceRow.starts_on, AbsenceRow.id)
    )


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[Absence]:
    return [
        Absence(id_, who, AbsenceKind(kind), first, last, made, ended, by, name or "")
        for id_, who, kind, first, last, made, ended, by, name in session.execute(query)
    ]
