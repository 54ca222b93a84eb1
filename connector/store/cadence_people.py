"""Who is on a programme, by what decides their dates: never a query a person.

Two people who live in one zone, changed the same of a cadence, joined on the same day and share a
spread get their texts at the same minutes: they share one `Pace`. A preview reads everybody in a
few statements, works by paces, and opens a name only where it shows one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, func, literal, not_, or_, select
from sqlalchemy.orm import Session, aliased

from connector.domain.check_in import CheckInState
from connector.domain.consent import AgreementState
from connector.store.base import blind_index
from connector.store.bulk import one_of
from connector.store.tables import CheckInRow, EnrolmentRow, ResidentRow, StaffRow

LONGEST_GAP = timedelta(days=400)
"""No two texts of a programme lie further apart; what is older is nobody's last text."""


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
class Enrolled:
    """Somebody on a programme, without their name.

    `gets_texts` is false while they have paused, not agreed yet, or have a number that is dead.
    """

    id: int
    gets_texts: bool
    pace: Pace
    past: Past


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


def persons(
    session: Session, programme_id: int, ids: Collection[int], *, today: date, now: datetime
) -> dict[int, Person]:
    """These people, as far as they are on the programme and have not stopped."""
    if not ids:
        return {}
    texted = _past(programme_id, today, now)
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
    return {row[0]: _person(*row) for row in rows}


def newest(session: Session, programme_id: int, most: int) -> list[int]:
    """The people who joined last and get texts, the newest first."""
    rows = _enrolled(select(EnrolmentRow.resident_id), programme_id).where(_gets_texts())
    newest_first = (EnrolmentRow.started_on.desc(), EnrolmentRow.id.desc())
    return list(session.scalars(rows.order_by(*newest_first).limit(most)))


def with_number(session: Session, programme_id: int, number: str) -> int | None:
    """Somebody on the programme by their number, which has to be whole (E.164)."""
    wanted = ResidentRow.number_index == blind_index(number)
    rows = _enrolled(select(EnrolmentRow.resident_id), programme_id).where(wanted)
    return session.scalars(rows.order_by(EnrolmentRow.resident_id).limit(1)).first()


def with_own(session: Session, programme_id: int, most: int) -> dict[int, str]:
    """Who changed something of the programme's cadence, and what, as `Override` writes it."""
    rows = _enrolled(select(EnrolmentRow.resident_id, EnrolmentRow.own), programme_id)
    found = session.execute(
        rows.where(EnrolmentRow.own != "").order_by(EnrolmentRow.resident_id).limit(most)
    )
    return dict(found.all())


def own_of(session: Session, programme_id: int, resident_id: int) -> str:
    """What one person changed of the cadence; empty when nothing."""
    rows = _enrolled(select(EnrolmentRow.own), programme_id)
    return session.scalar(rows.where(EnrolmentRow.resident_id == resident_id)) or ""


def of_programme(session: Session, programme_id: int, most: int) -> list[int]:
    """The ids of people on a programme, at most so many."""
    rows = _enrolled(select(EnrolmentRow.resident_id), programme_id)
    return list(session.scalars(rows.order_by(EnrolmentRow.resident_id).limit(most)))


def silent(session: Session, programme_id: int) -> int:
    """How many people on it get no text for now: paused, not agreed yet, or a dead number."""
    people = _enrolled(select(func.count()), programme_id)
    return session.scalar(people.where(not_(_gets_texts()))) or 0


def counts(session: Session) -> dict[int, int]:
    """How many people are on each programme."""
    rows = session.execute(
        select(EnrolmentRow.programme_id, func.count())
        .join(ResidentRow, ResidentRow.id == EnrolmentRow.resident_id)
        .where(*_counted())
        .group_by(EnrolmentRow.programme_id)
    )
    return dict(rows.all())


def elsewhere(
    session: Session, programme_id: int, *, today: date, joining: Collection[int]
) -> dict[int, tuple[Elsewhere, ...]]:
    """Who is on other programmes as well: each of them, and their pace there.

    `joining` are the programmes in which the day of joining decides the dates.
    """
    other = aliased(EnrolmentRow)
    is_other = and_(
        other.resident_id == EnrolmentRow.resident_id,
        other.programme_id != programme_id,
        other.ended_on.is_(None),
    )
    columns = (other.programme_id, other.own, other.started_on, other.spread)
    rows = session.execute(
        _enrolled(select(EnrolmentRow.resident_id, ResidentRow.zone, *columns), programme_id)
        .join(other, is_other)
        .order_by(EnrolmentRow.resident_id, other.programme_id)
    )
    found: dict[int, tuple[Elsewhere, ...]] = {}
    for who, zone, of, own, joined, spread in rows:
        since = joined if of in joining else max(joined, today)
        found[who] = (*found.get(who, ()), Elsewhere(of, Pace(zone, own, since, spread)))
    return found


def recent(
    session: Session, programme_id: int, *, since: datetime
) -> dict[int, tuple[datetime, ...]]:
    """When texts of any programme went to the people of this one since then, by when due."""
    mine = _enrolled(select(EnrolmentRow.resident_id), programme_id)
    rows = session.connection().execute(
        select(CheckInRow.resident_id, CheckInRow.due_at)
        .where(
            CheckInRow.resident_id.in_(mine),
            CheckInRow.state == CheckInState.ATTEMPTED.value,
            CheckInRow.due_at > since,
        )
        .order_by(CheckInRow.resident_id, CheckInRow.due_at)
    )
    found: dict[int, list[datetime]] = {}
    for who, at in rows:
        found.setdefault(who, []).append(at)
    return {who: tuple(moments) for who, moments in found.items()}


def everybody(
    session: Session, programme_id: int, *, today: date, by_joining: bool, now: datetime
) -> list[Enrolled]:
    """Everybody on a programme who has not stopped, in one read; names stay sealed.

    Without `by_joining` the day of joining only matters from `today` on: earlier ones count as that
    day. People of one pace and past share the same values.
    """
    past = _past(programme_id, today, now)
    rows = session.connection().execute(
        _enrolled(
            select(
                EnrolmentRow.resident_id,
                _gets_texts(),
                ResidentRow.zone,
                EnrolmentRow.own,
                _joined(today, by_joining),
                EnrolmentRow.spread,
                past.c.at,
                past.c.settled,
            ),
            programme_id,
        )
        .outerjoin(past, past.c.resident_id == EnrolmentRow.resident_id)
        .order_by(EnrolmentRow.resident_id)
    )
    paces: dict[tuple[Any, ...], Pace] = {}
    pasts: dict[tuple[Any, ...], Past] = {}
    found = []
    for who, gets, *rest in rows:
        one, before = tuple(rest[:4]), tuple(rest[4:])
        pace = paces.get(one) or paces.setdefault(one, Pace(*one))
        been = pasts.get(before) or pasts.setdefault(before, Past(*before))
        found.append(Enrolled(who, gets, pace, been))
    return found


def names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The names of these people. For those who may see residents, and a page at a time."""
    rows = session.execute(
        select(ResidentRow.id, ResidentRow.given_name, ResidentRow.family_name)
        .where(one_of(session, ResidentRow.id, list(ids)))
        .order_by(ResidentRow.id)
    )
    return {who: f"{given} {family}".strip() for who, given, family in rows}


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
        not_(ResidentRow.canary),
    )


def _gets_texts() -> ColumnElement[bool]:
    agreed = ResidentRow.agreement == AgreementState.GIVEN.value
    return and_(agreed, not_(ResidentRow.number_dead))


def _joined(today: date, by_joining: bool) -> Any:
    """The day of joining as far as it decides anything."""
    if by_joining:
        return EnrolmentRow.started_on
    still_to_come = EnrolmentRow.started_on > today
    return case((still_to_come, EnrolmentRow.started_on), else_=literal(today, Date)).label(
        "joined"
    )


def _past(programme_id: int, today: date, now: datetime) -> Any:
    """Each person's past as a table to join: their last text, settled dates from `today` on."""
    over = or_(
        CheckInRow.state.in_([CheckInState.ATTEMPTED.value, CheckInState.EXPIRED.value]),
        and_(CheckInRow.state == CheckInState.SKIPPED.value, CheckInRow.due_at <= now),
        and_(CheckInRow.state == CheckInState.PLANNED.value, CheckInRow.expires_at <= now),
    )
    settled = and_(over, CheckInRow.occurrence >= today)
    return (
        select(
            CheckInRow.resident_id,
            func.max(CheckInRow.attempted_at).label("at"),
            func.max(case((CheckInRow.occurrence >= today, CheckInRow.occurrence))).label(
                "settled"
            ),
        )
        .where(
            CheckInRow.programme_id == programme_id,
            CheckInRow.slot == 0,
            CheckInRow.due_at > now - LONGEST_GAP,
            or_(CheckInRow.attempted_at.is_not(None), settled),
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
