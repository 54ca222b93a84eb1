"""One-off notices: who is in a group and how they stand, and each notice once by its form's key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, not_, select
from sqlalchemy.orm import Session

from connector.domain.check_in import Standing
from connector.domain.consent import AgreementState
from connector.domain.mark import Mark
from connector.domain.notice import Group, GroupKind
from connector.domain.resident import ContactBy
from connector.store.base import insert_for
from connector.store.tables import (
    EnrolmentRow,
    NoticeRow,
    ProgrammeRow,
    ResidentRow,
    StaffRow,
    StopRow,
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a group, with what the decision and the text need."""

    id: int
    name: str
    known_as: str
    language: str
    zone: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice that was sent on its way."""

    id: int
    body: str
    group: Group
    by_name: str
    made_at: datetime
    due_at: datetime
    people: int


def people(session: Session, group: Group) -> list[Person]:
    """Everybody in a group, whether or not they may be texted, by the order they came."""
    rows = session.execute(_in(group).order_by(ResidentRow.id))
    return [
        Person(
            id_,
            f"{given} {family}".strip(),
            known_as,
            language,
            zone,
            Standing(
                AgreementState(agreement),
                stopped is not None,
                dead,
                mark=Mark(mark) if mark else None,
                doubted=doubted_at is not None,
                contact_by=ContactBy(by),
            ),
        )
        for (
            id_,
            given,
            family,
            known_as,
            language,
            zone,
            agreement,
            dead,
            mark,
            doubted_at,
            by,
            stopped,
        ) in rows
    ]


def groups(session: Session) -> Mapping[Group, str]:
    """The groups that can be chosen, with their names: everybody, programmes, connectors."""
    programmes = session.execute(
        select(ProgrammeRow.id, ProgrammeRow.name)
        .where(ProgrammeRow.active)
        .order_by(ProgrammeRow.name)
    )
    has_people = exists().where(ResidentRow.connector_id == StaffRow.id)
    connectors = session.execute(
        select(StaffRow.id, StaffRow.name).where(has_people).order_by(StaffRow.name)
    )
    return {
        Group(GroupKind.EVERYBODY): "Everybody",
        **{Group(GroupKind.PROGRAMME, id_): f"On {name}" for id_, name in programmes},
        **{Group(GroupKind.CONNECTOR, id_): f"{name}’s people" for id_, name in connectors},
    }


def add(
    session: Session,
    *,
    key: str,
    body: str,
    group: Group,
    by: int,
    due_at: datetime,
    people: int,
    now: datetime,
) -> int | None:
    """Keep a notice; its id, or None when this form was sent before."""
    row = insert_for(session, NoticeRow).values(
        key=key,
        body=body,
        to_group=str(group),
        made_by=by,
        made_at=now,
        due_at=due_at,
        people=people,
    )
    return session.scalar(row.on_conflict_do_nothing().returning(NoticeRow.id))


def was_sent(session: Session, key: str) -> bool:
    """Whether the form with this key has been sent."""
    return session.scalar(select(NoticeRow.id).where(NoticeRow.key == key)) is not None


def recent(session: Session, *, limit: int = 10) -> list[Sent]:
    """The latest notices, the newest first."""
    rows = session.execute(
        select(
            NoticeRow.id,
            NoticeRow.body,
            NoticeRow.group,
            StaffRow.name,
            NoticeRow.made_at,
            NoticeRow.due_at,
            NoticeRow.people,
        )
        .join(StaffRow, StaffRow.id == NoticeRow.made_by)
        .order_by(NoticeRow.id.desc())
        .limit(limit)
    )
    return [
        Sent(id_, body, Group.parse(group), by_name, made_at, due_at, people)
        for id_, body, group, by_name, made_at, due_at, people in rows
    ]


def _in(group: Group) -> Select[*tuple[Any, ...]]:
    query = select(
        ResidentRow.id,
        ResidentRow.given_name,
        ResidentRow.family_name,
        ResidentRow.known_as,
        ResidentRow.language,
        ResidentRow.zone,
        ResidentRow.agreement,
        ResidentRow.number_dead,
        ResidentRow.standing,
        ResidentRow.doubted_at,
        ResidentRow.contact_by,
        StopRow.number_index,
    ).outerjoin(StopRow, StopRow.number_index == ResidentRow.number_index)
    query = query.where(not_(ResidentRow.canary))
    if group.kind is GroupKind.CONNECTOR:
        return query.where(ResidentRow.connector_id == group.id)
    if group.kind is GroupKind.PROGRAMME:
        enrolled = select(EnrolmentRow.resident_id).where(
            EnrolmentRow.programme_id == group.id, EnrolmentRow.ended_on.is_(None)
        )
        return query.where(ResidentRow.id.in_(enrolled))
    return query
