"""Marks that stop texts, on a record and on those that were merged with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState, Purpose
from connector.domain.mark import Mark
from connector.store import residents
from connector.store.bulk import one_of
from connector.store.tables import AttemptRow, AuditRow, ResidentRow, StaffRow

ANSWERS = (Purpose.ANSWER, Purpose.STAFF)


@dataclass(frozen=True, slots=True)
class Set:
    """When a mark was set, by whom, and how we know."""

    at: datetime
    by_name: str
    why: str


def linked(session: Session, resident_id: int) -> list[int]:
    """Every record of one person: the one that is kept and those merged into it."""
    kept = residents.kept_id(session, resident_id)
    query = select(ResidentRow.id).where(
        or_(ResidentRow.id.in_({kept, resident_id}), ResidentRow.merged_into == kept)
    )
    return list(session.scalars(query.order_by(ResidentRow.id)))


def set_mark(session: Session, ids: Iterable[int], mark: Mark | None) -> None:
    session.execute(
        update(ResidentRow)
        .where(ResidentRow.id.in_(set(ids)))
        .values(standing=mark.value if mark else "")
    )


def marked(session: Session, ids: Iterable[int]) -> dict[int, Mark]:
    """Who of these has a mark."""
    rows = session.execute(
        select(ResidentRow.id, ResidentRow.standing).where(
            one_of(session, ResidentRow.id, set(ids)), ResidentRow.standing != ""
        )
    )
    return {id_: Mark(mark) for id_, mark in rows}


def drop_queued(session: Session, ids: Iterable[int], why: str, *, answers: bool) -> None:
    """What waits to go to these does not go; answers to what somebody wrote only with `answers`."""
    query = update(AttemptRow).where(
        AttemptRow.resident_id.in_(set(ids)), AttemptRow.state == AttemptState.QUEUED.value
    )
    if not answers:
        query = query.where(AttemptRow.purpose.not_in([one.value for one in ANSWERS]))
    session.execute(query.values(state=AttemptState.SKIPPED.value, why=why))


def last_set(session: Session, resident_id: int, act: str) -> Set | None:
    row = session.execute(
        select(AuditRow.at, StaffRow.name, AuditRow.why)
        .outerjoin(StaffRow, StaffRow.id == AuditRow.staff_id)
        .where(
            AuditRow.subject == "resident", AuditRow.subject_id == resident_id, AuditRow.act == act
        )
        .order_by(AuditRow.id.desc())
        .limit(1)
    ).first()
    return Set(row[0], row[1] or "", row[2]) if row else None
