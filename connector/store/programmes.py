"""Programmes, who is on them, and how far they have been planned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connector.domain.cadence import Cadence, spread_minutes
from connector.domain.programme import Programme, ProgrammeKind
from connector.domain.question import About, Better, Question, QuestionKind
from connector.store.base import insert_for
from connector.store.tables import EnrolmentRow, PlanRow, ProgrammeRow, ResidentRow

MOST_IN_A_LIST = 10_000


def add(session: Session, programme: Programme) -> int:
    """Store a new programme under its name; returns the id."""
    row = ProgrammeRow(
        name=programme.name,
        kind=programme.kind.value,
        cadence=programme.cadence.to_json(),
        question=asdict(programme.question),
        wording={language: list(texts) for language, texts in programme.wording.items()},
        timely_minutes=int(programme.timely_for.total_seconds() // 60),
        answer_hours=int(programme.answer_within.total_seconds() // 3600),
        noticing=dict(programme.noticing),
    )
    session.add(row)
    session.flush()
    return row.id


def by_id(session: Session, ids: Iterable[int]) -> dict[int, Programme]:
    rows = session.scalars(select(ProgrammeRow).where(ProgrammeRow.id.in_(set(ids))))
    return {row.id: _programme(row) for row in rows}


def active(session: Session) -> list[Programme]:
    rows = session.scalars(
        select(ProgrammeRow).where(ProgrammeRow.active).order_by(ProgrammeRow.id)
    )
    return [_programme(row) for row in rows]


def enrol(session: Session, programme_id: int, resident_ids: Iterable[int], *, on: date) -> None:
    """Put residents on a programme from `on`; somebody who is on it already stays as they are."""
    ids = list(resident_ids)
    if not ids:
        return
    within = by_id(session, [programme_id])[programme_id].cadence.spread
    rows = [
        {
            "programme_id": programme_id,
            "resident_id": id_,
            "started_on": on,
            "spread": spread_minutes(id_, within),
            "fresh": True,
        }
        for id_ in ids
    ]
    session.execute(insert_for(session, EnrolmentRow).on_conflict_do_nothing(), rows)


def plan_again(session: Session, resident_ids: Iterable[int]) -> None:
    """These residents' check-ins are planned anew at the next tick; what exists is kept."""
    session.execute(
        update(EnrolmentRow)
        .where(EnrolmentRow.resident_id.in_(set(resident_ids)), EnrolmentRow.ended_on.is_(None))
        .values(fresh=True)
    )


def zones(session: Session, programme_id: int, *, fresh: bool) -> list[str]:
    """The time zones in which people of a programme live; with `fresh`, of newcomers only."""
    query = (
        select(ResidentRow.zone)
        .join(EnrolmentRow, EnrolmentRow.resident_id == ResidentRow.id)
        .where(EnrolmentRow.programme_id == programme_id, EnrolmentRow.ended_on.is_(None))
        .distinct()
    )
    if fresh:
        query = query.where(EnrolmentRow.fresh)
    return list(session.scalars(query))


def planned_to(session: Session, programme_id: int) -> dict[str, date]:
    """The last local date planned so far, by zone, with the rows locked for the planner."""
    rows = session.execute(
        select(PlanRow.zone, PlanRow.planned_to)
        .where(PlanRow.programme_id == programme_id)
        .with_for_update()
    )
    return dict(rows.all())


def set_planned_to(session: Session, programme_id: int, zone: str, day: date) -> None:
    row = insert_for(session, PlanRow).values(programme_id=programme_id, zone=zone, planned_to=day)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[PlanRow.programme_id, PlanRow.zone], set_={"planned_to": day}
        )
    )


def newcomers(session: Session, programme_id: int) -> list[int]:
    """The enrolments whose check-ins have not been planned yet, by id."""
    fresh = select(EnrolmentRow.id).where(
        EnrolmentRow.programme_id == programme_id, EnrolmentRow.fresh
    )
    return list(session.scalars(fresh))


def settled(session: Session, enrolment_ids: Sequence[int]) -> None:
    """These newcomers have been planned. Whoever joined meanwhile has not, and stays one."""
    for start in range(0, len(enrolment_ids), MOST_IN_A_LIST):
        some = enrolment_ids[start : start + MOST_IN_A_LIST]
        session.execute(update(EnrolmentRow).where(EnrolmentRow.id.in_(some)).values(fresh=False))


def of_resident(session: Session, resident_id: int) -> list[Programme]:
    rows = session.scalars(
        select(ProgrammeRow)
        .join(EnrolmentRow, EnrolmentRow.programme_id == ProgrammeRow.id)
        .where(EnrolmentRow.resident_id == resident_id, EnrolmentRow.ended_on.is_(None))
        .order_by(ProgrammeRow.name)
    )
    return [_programme(row) for row in rows]


def question_from(value: dict[str, Any]) -> Question:
    return Question(
        kind=QuestionKind(value["kind"]),
        low=value["low"],
        high=value["high"],
        better=Better(value["better"]),
        options=tuple(value["options"]),
        about=About(value["about"]),
        levels=value.get("levels", True),
    )


def _programme(row: ProgrammeRow) -> Programme:
    return Programme(
        id=row.id,
        name=row.name,
        kind=ProgrammeKind(row.kind),
        cadence=Cadence.from_json(row.cadence),
        question=question_from(row.question),
        wording={language: tuple(texts) for language, texts in row.wording.items()},
        timely_for=timedelta(minutes=row.timely_minutes),
        answer_within=timedelta(hours=row.answer_hours),
        noticing=row.noticing,
    )
