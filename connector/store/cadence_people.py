"""Who is on a programme, by what decides their dates: never a query a person.

Two people who live in one zone, changed the same of a cadence, joined on the same day and share a
spread get their texts at the same minutes. So a preview counts groups, and looks at single people
only where it names them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, func, literal, select
from sqlalchemy.orm import Session, aliased

from connector.domain.check_in import CheckInState
from connector.domain.consent import AgreementState
from connector.store.bulk import one_of
from connector.store.tables import CheckInRow, EnrolmentRow, ResidentRow, StaffRow


@dataclass(frozen=True, slots=True)
class Pace:
    """What decides a person's dates in one programme; people of one pace are texted together."""

    zone: str
    own: str
    joined: date
    spread: int


@dataclass(frozen=True, slots=True)
class Past:
    """What a programme has done for somebody: their last text, and the last date that is settled.

    A date whose text went out, was skipped or came too late is not planned a second time.
    """

    texted: datetime | None = None
    settled: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """People of one pace and past: how many, and the first of them."""

    pace: Pace
    past: Past
    people: int
    first_id: int


@dataclass(frozen=True, slots=True)
class Person:
    """One person on a programme, with what their texts need."""

    id: int
    name: str
    known_as: str
    language: str
    sender: str
    pace: Pace
    past: Past
    agreement: AgreementState


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another programme that somebody is on, and their pace there."""

    programme_id: int
    pace: Pace


def groups(
    session: Session, programme_id: int, *, today: date, by_joining: bool, since: datetime
) -> list[Group]:
    """Everybody on a programme who has not stopped, in groups of one pace, the largest first.

    Without `by_joining` the day of joining only matters while it is still to come. Texts before
    `since` do not count as the last one.
    """
    texted = _past(programme_id, since, today)
    past = (texted.c.at, texted.c.settled)
    pace = (ResidentRow.zone, EnrolmentRow.own, _joined(today, by_joining), EnrolmentRow.spread)
    people = func.count().label("people")
    first = func.min(EnrolmentRow.resident_id).label("first")
    rows = session.execute(
        _enrolled(select(*pace, *past, people, first), programme_id)
        .outerjoin(texted, texted.c.resident_id == EnrolmentRow.resident_id)
        .group_by(*pace, *past)
        .order_by(people.desc(), first)
    )
    return [
        Group(Pace(zone, own, joined, spread), Past(at, settled), count, first_id)
        for zone, own, joined, spread, at, settled, count, first_id in rows.tuples()
    ]


def persons(
    session: Session, programme_id: int, ids: Collection[int], *, today: date, since: datetime
) -> dict[int, Person]:
    """These people, as far as they are on the programme and have not stopped."""
    if not ids:
        return {}
    texted = _past(programme_id, since, today)
    rows = session.execute(
        _enrolled(
            select(
                ResidentRow.id,
                ResidentRow.given_name,
                ResidentRow.family_name,
                ResidentRow.known_as,
                ResidentRow.language,
                StaffRow.name,
                ResidentRow.zone,
                EnrolmentRow.own,
                EnrolmentRow.started_on,
                EnrolmentRow.spread,
                texted.c.at,
                texted.c.settled,
                ResidentRow.agreement,
            ),
            programme_id,
        )
        .outerjoin(texted, texted.c.resident_id == EnrolmentRow.resident_id)
        .outerjoin(StaffRow, StaffRow.id == ResidentRow.connector_id)
        .where(ResidentRow.id.in_(ids))
    )
    return {row[0]: _person(*row) for row in rows.tuples()}


def newest(session: Session, programme_id: int, most: int) -> list[int]:
    """The people who joined last, the newest first."""
    rows = _enrolled(select(EnrolmentRow.resident_id), programme_id).order_by(
        EnrolmentRow.started_on.desc(), EnrolmentRow.id.desc()
    )
    return list(session.scalars(rows.limit(most)))


def silent(session: Session, programme_id: int) -> int:
    """How many people on it get no text for now: paused, not agreed yet, or a dead number."""
    held = [AgreementState.PAUSED.value, AgreementState.INVITED.value]
    not_now = ResidentRow.agreement.in_(held) | ResidentRow.number_dead
    return session.scalar(_enrolled(select(func.count()), programme_id).where(not_now)) or 0


def counts(session: Session) -> dict[int, int]:
    """How many people are on each programme."""
    rows = session.execute(
        select(EnrolmentRow.programme_id, func.count())
        .join(ResidentRow, ResidentRow.id == EnrolmentRow.resident_id)
        .where(*_counted())
        .group_by(EnrolmentRow.programme_id)
    )
    return dict(rows.tuples().all())


def elsewhere(
    session: Session, programme_id: int, *, today: date, joining: Collection[int]
) -> dict[int, tuple[Pace, tuple[Elsewhere, ...]]]:
    """Who is on other programmes as well: their pace here, and each other one with its pace.

    `joining` are the programmes in which the day of joining decides the dates.
    """
    other = aliased(EnrolmentRow)
    rows = session.execute(
        _enrolled(
            select(
                EnrolmentRow.resident_id,
                ResidentRow.zone,
                EnrolmentRow.own,
                _joined(today, programme_id in joining),
                EnrolmentRow.spread,
                other.programme_id,
                other.own,
                other.started_on,
                other.spread,
            ),
            programme_id,
        )
        .join(
            other,
            and_(
                other.resident_id == EnrolmentRow.resident_id,
                other.programme_id != programme_id,
                other.ended_on.is_(None),
            ),
        )
        .order_by(EnrolmentRow.resident_id, other.programme_id)
    )
    found: dict[int, tuple[Pace, tuple[Elsewhere, ...]]] = {}
    for who, zone, own, joined, spread, of, of_own, of_joined, of_spread in rows.tuples():
        there = of_joined if of in joining else max(of_joined, today)
        one = Elsewhere(of, Pace(zone, of_own, there, of_spread))
        here, others = found.get(who, (Pace(zone, own, joined, spread), ()))
        found[who] = (here, (*others, one))
    return found


def recent(
    session: Session, programme_id: int, *, since: datetime
) -> dict[int, tuple[datetime, ...]]:
    """When texts of any programme went to the people of this one since then, by when due."""
    mine = _enrolled(select(EnrolmentRow.resident_id), programme_id)
    rows = session.execute(
        select(CheckInRow.resident_id, CheckInRow.due_at)
        .where(
            CheckInRow.resident_id.in_(mine),
            CheckInRow.state == CheckInState.ATTEMPTED.value,
            CheckInRow.due_at > since,
        )
        .order_by(CheckInRow.resident_id, CheckInRow.due_at)
    )
    found: dict[int, tuple[datetime, ...]] = {}
    for who, at in rows.tuples():
        found[who] = (*found.get(who, ()), at)
    return found


def everybody(
    session: Session, programme_id: int, *, today: date, by_joining: bool, since: datetime
) -> list[tuple[int, Pace, Past]]:
    """Each person's id, pace and past, in one read; names stay sealed."""
    texted = _past(programme_id, since, today)
    past = (texted.c.at, texted.c.settled)
    pace = (ResidentRow.zone, EnrolmentRow.own, _joined(today, by_joining), EnrolmentRow.spread)
    rows = session.execute(
        _enrolled(select(EnrolmentRow.resident_id, *pace, *past), programme_id)
        .outerjoin(texted, texted.c.resident_id == EnrolmentRow.resident_id)
        .order_by(EnrolmentRow.resident_id)
    )
    return [
        (who, Pace(zone, own, joined, spread), Past(at, settled))
        for who, zone, own, joined, spread, at, settled in rows.tuples()
    ]


def names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The names of these people. For those who may see residents, and a page at a time."""
    rows = session.execute(
        select(ResidentRow.id, ResidentRow.given_name, ResidentRow.family_name)
        .where(one_of(session, ResidentRow.id, list(ids)))
        .order_by(ResidentRow.id)
    )
    return {who: f"{given} {family}".strip() for who, given, family in rows.tuples()}


def _enrolled(rows: Any, programme_id: int) -> Any:
    """Only people who are on the programme now and have not stopped."""
    return (
        rows.select_from(EnrolmentRow)
        .join(ResidentRow, ResidentRow.id == EnrolmentRow.resident_id)
        .where(EnrolmentRow.programme_id == programme_id, *_counted())
    )


def _counted() -> tuple[ColumnElement[bool], ...]:
    return (
        EnrolmentRow.ended_on.is_(None),
        ResidentRow.agreement != AgreementState.WITHDRAWN.value,
    )


def _joined(today: date, by_joining: bool) -> Any:
    """The day of joining as far as it decides anything."""
    if by_joining:
        return EnrolmentRow.started_on
    still_to_come = EnrolmentRow.started_on > today
    return case((still_to_come, EnrolmentRow.started_on), else_=literal(today, Date)).label(
        "joined"
    )


def _past(programme_id: int, since: datetime, today: date) -> Any:
    """Each person's past as a table to join: times since `since`, settled dates from `today` on."""
    went = CheckInRow.state == CheckInState.ATTEMPTED.value
    return (
        select(
            CheckInRow.resident_id,
            func.max(case((went, CheckInRow.due_at))).label("at"),
            func.max(case((CheckInRow.occurrence >= today, CheckInRow.occurrence))).label(
                "settled"
            ),
        )
        .where(
            CheckInRow.programme_id == programme_id,
            CheckInRow.slot == 0,
            CheckInRow.state != CheckInState.PLANNED.value,
            CheckInRow.due_at > since,
        )
        .group_by(CheckInRow.resident_id)
        .subquery()
    )


def _person(
    id_: int,
    given: str,
    family: str,
    known_as: str,
    language: str,
    connector: str | None,
    zone: str,
    own: str,
    joined: date,
    spread: int,
    texted: datetime | None,
    settled: date | None,
    agreement: str,
) -> Person:
    return Person(
        id=id_,
        name=f"{given} {family}".strip(),
        known_as=known_as,
        language=language,
        sender=connector.split()[0] if connector else "",
        pace=Pace(zone, own, joined, spread),
        past=Past(texted, settled),
        agreement=AgreementState(agreement),
    )
