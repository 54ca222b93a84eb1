"""Residents, the dated history of their agreement, and who may be the same person.

Names and numbers are sealed; people are found by keyed indexes over the number and over the sounds
of the name, never by letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Select, func, insert, or_, select, update
from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.errors import NotFound
from connector.domain.resident import ContactBy, Resident
from connector.store.base import blind_index
from connector.store.bulk import one_of, update_rows
from connector.store.tables import (
    AgreementRow,
    AttemptRow,
    ResidentNumberRow,
    ResidentRow,
    StaffRow,
)

MOST_STEPS = 5  # from a record that was merged into another, and that into a third


@dataclass(frozen=True, slots=True)
class Writer:
    """The little of a resident that reading their reply needs; the rest stays sealed."""

    id: int
    known_as: str
    language: str
    zone: str
    connector_id: int | None
    agreement: AgreementState
    crisis_answered_at: datetime | None
    heard_at: datetime | None
    doubted: bool = False
    """Whether we are not sure that the number is still theirs."""


def add(session: Session, resident: Resident, *, now: datetime) -> int:
    """Store a new resident; returns the id. Agreement is written by `agree`."""
    return add_many(session, [resident], now=now)[0]


def add_many(session: Session, residents: Iterable[Resident], *, now: datetime) -> list[int]:
    """Store many residents in one statement; returns their ids in the same order."""
    rows = [_row(resident, now) for resident in residents]
    statement = insert(ResidentRow).returning(ResidentRow.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def get(session: Session, resident_id: int) -> Resident:
    """One resident. Raises `NotFound`."""
    row = session.get(ResidentRow, resident_id)
    if row is None:
        raise NotFound("There is no such resident.")
    return _resident(row)


def lock_whole(session: Session, resident_id: int) -> Resident:
    """One resident, locked until the end of the transaction. Raises `NotFound`."""
    row = session.get(
        ResidentRow, resident_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if row is None:
        raise NotFound("There is no such resident.")
    return _resident(row)


def kept_id(session: Session, resident_id: int) -> int:
    """The record that holds this person now, where theirs was merged into another."""
    for _ in range(MOST_STEPS):
        query = select(ResidentRow.merged_into).where(ResidentRow.id == resident_id)
        into = session.scalar(query)
        if into is None:
            break
        resident_id = into
    return resident_id


def change(session: Session, resident: Resident) -> None:
    """Write what a record says. Its number, agreement and marks have functions of their own."""
    session.execute(
        update(ResidentRow).where(ResidentRow.id == resident.id).values(**_details(resident))
    )


def change_many(session: Session, those: Iterable[Resident]) -> None:
    """Write what many records say, in one statement; as `change` does for one."""
    update_rows(session, ResidentRow, "id", [{"id": one.id, **_details(one)} for one in those])


def many(session: Session, ids: Iterable[int]) -> dict[int, Resident]:
    """Whole residents by id."""
    wanted = one_of(session, ResidentRow.id, set(ids))
    return {row.id: _resident(row) for row in _fresh(session, wanted)}


def with_numbers(session: Session, indexes: Iterable[bytes]) -> dict[bytes, list[Resident]]:
    """Whole residents by the blind index of their number, without those merged into another."""
    wanted = one_of(session, ResidentRow.number_index, set(indexes))
    found: dict[bytes, list[Resident]] = {}
    for row in _fresh(session, wanted & ResidentRow.merged_into.is_(None)):
        found.setdefault(bytes(row.number_index), []).append(_resident(row))
    return found


def _fresh(session: Session, condition: ColumnElement[bool]) -> Iterable[ResidentRow]:
    rows = select(ResidentRow).where(condition).order_by(ResidentRow.id)
    return session.scalars(rows.execution_options(populate_existing=True))


def change_number(
    session: Session, resident_id: int, number: str, *, why: str, by: int | None, now: datetime
) -> None:
    """Another number, or none. The old one stays with the person's history; doubts are over."""
    row = session.get_one(ResidentRow, resident_id)
    if row.number:
        session.add(
            ResidentNumberRow(
                resident_id=resident_id,
                number=row.number,
                number_index=row.number_index,
                until=now,
                why=why,
                changed_by=by,
            )
        )
    row.number, row.number_index = number, _number_index(number)
    row.number_dead, row.doubted_at = False, None
    session.flush()


def share_phone(session: Session, ids: Iterable[int]) -> None:
    """These residents are known to share their phone with somebody."""
    session.execute(
        update(ResidentRow).where(ResidentRow.id.in_(set(ids))).values(shared_phone=True)
    )


def alike(session: Session, resident: Resident, *, most: int) -> list[Resident]:
    """Who may be this person: the same number, or a name that sounds the same; at most so many.

    Those with the number come first. Records merged into another are not among them.
    """
    number = blind_index(resident.number) if resident.number else b""
    key = _name_index(resident)
    found = session.scalars(
        select(ResidentRow)
        .where(
            or_(ResidentRow.number_index == number, ResidentRow.name_index == key),
            ResidentRow.merged_into.is_(None),
            ResidentRow.id != resident.id,
        )
        .order_by((ResidentRow.number_index == number).desc(), ResidentRow.id)
        .limit(most)
    )
    return [_resident(row) for row in found]


def welcomes_since(session: Session, resident_id: int, since: datetime) -> int:
    """How many welcomes were written to somebody since then."""
    query = select(func.count()).where(
        AttemptRow.resident_id == resident_id,
        AttemptRow.purpose == Purpose.WELCOME.value,
        AttemptRow.made_at > since,
    )
    return session.scalar(query) or 0


def number_changed_at(session: Session, resident_id: int) -> datetime | None:
    """When somebody last had another number than now; None when never."""
    changed = select(func.max(ResidentNumberRow.until))
    return session.scalar(changed.where(ResidentNumberRow.resident_id == resident_id))


def one_at_a_time(session: Session, staff_id: int) -> None:
    """What one member of staff enters twice by a double press comes one after the other."""
    session.execute(select(StaffRow.id).where(StaffRow.id == staff_id).with_for_update())


def lock_by_number(session: Session, indexes: Iterable[bytes]) -> dict[bytes, list[Writer]]:
    """Who may have written from these numbers, by blind index, locked in the order of their ids."""
    found: dict[bytes, list[Writer]] = {}
    query = _locked(one_of(session, ResidentRow.number_index, set(indexes)))
    for index, *rest in session.connection().execute(query).all():
        found.setdefault(bytes(index), []).append(_writer(*rest))
    return found


def lock(session: Session, ids: Iterable[int]) -> dict[int, Writer]:
    """Residents by id, locked in the order of their ids, so that two workers never cross."""
    rows = session.connection().execute(_locked(ResidentRow.id.in_(set(ids)))).all()
    return {id_: _writer(id_, *rest) for _index, id_, *rest in rows}


def lock_free(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The zones of those residents whom nobody else holds, by id; they are locked now."""
    locked = select(ResidentRow.id, ResidentRow.zone).where(
        one_of(session, ResidentRow.id, set(ids))
    )
    rows = session.connection().execute(locked.with_for_update(key_share=True, skip_locked=True))
    return dict(rows.all())


def agree(session: Session, resident_id: int, event: AgreementEvent) -> None:
    """Record a line of the agreement's history and where it stands now."""
    session.add(
        AgreementRow(
            resident_id=resident_id,
            state=event.state.value,
            at=event.at,
            how=event.how.value,
            words=event.words,
            by_staff=event.by_staff,
        )
    )
    session.execute(
        update(ResidentRow).where(ResidentRow.id == resident_id).values(agreement=event.state.value)
    )


def agreement_history(session: Session, resident_id: int) -> list[AgreementEvent]:
    from_table = select(AgreementRow).where(AgreementRow.resident_id == resident_id)
    return [_agreement(row) for row in session.scalars(from_table.order_by(AgreementRow.id))]


def heard(session: Session, when: dict[int, datetime]) -> None:
    """Residents wrote to us; a number that answers is not dead."""
    rows = [{"id": id_, "heard_at": at, "number_dead": False} for id_, at in when.items()]
    update_rows(session, ResidentRow, "id", rows)


def crisis_answered(session: Session, ids: Iterable[int], *, now: datetime) -> None:
    session.execute(
        update(ResidentRow).where(ResidentRow.id.in_(set(ids))).values(crisis_answered_at=now)
    )


def number_dead(session: Session, resident_id: int) -> None:
    session.execute(
        update(ResidentRow).where(ResidentRow.id == resident_id).values(number_dead=True)
    )


def doubt(session: Session, ids: Iterable[int], *, now: datetime) -> set[int]:
    """We do not know any more whose number it is that these have. Returns who was sure before."""
    doubted = (
        update(ResidentRow)
        .where(ResidentRow.id.in_(set(ids)), ResidentRow.doubted_at.is_(None))
        .values(doubted_at=now)
    )
    return set(session.scalars(doubted.returning(ResidentRow.id)))


def no_doubt(session: Session, resident_id: int) -> None:
    """Somebody's number is surely theirs."""
    session.execute(
        update(ResidentRow).where(ResidentRow.id == resident_id).values(doubted_at=None)
    )


def _locked(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    columns = (
        ResidentRow.number_index,
        ResidentRow.id,
        ResidentRow.known_as,
        ResidentRow.language,
        ResidentRow.zone,
        ResidentRow.connector_id,
        ResidentRow.agreement,
        ResidentRow.crisis_answered_at,
        ResidentRow.heard_at,
        ResidentRow.doubted_at,
    )
    # Not against foreign keys: a sender that adds a text of this resident need not wait.
    locked = select(*columns).where(condition).order_by(ResidentRow.id)
    return locked.with_for_update(key_share=True)


def _writer(
    id_: int,
    known_as: str,
    language: str,
    zone: str,
    connector_id: int | None,
    agreement: str,
    crisis_answered_at: datetime | None,
    heard_at: datetime | None,
    doubted_at: datetime | None,
) -> Writer:
    return Writer(
        id_,
        known_as,
        language,
        zone,
        connector_id,
        AgreementState(agreement),
        crisis_answered_at,
        heard_at,
        doubted_at is not None,
    )


def _row(resident: Resident, now: datetime) -> dict[str, object]:
    return {
        **_details(resident),
        "number": resident.number,
        "number_index": _number_index(resident.number),
        "zone": resident.zone,
        "agreement": resident.agreement.value,
        "canary": resident.canary,
        "created_at": now,
    }


def _details(resident: Resident) -> dict[str, object]:
    """What a connector writes about somebody."""
    return {
        "given_name": resident.given_name,
        "family_name": resident.family_name,
        "known_as": resident.known_as,
        "name_index": _name_index(resident),
        "language": resident.language,
        "connector_id": resident.connector_id,
        "needs": "\n".join(resident.needs),
        "contact_by": resident.contact_by.value,
        "likes": "\n".join(resident.likes),
        "no_answer": "\n".join(resident.no_answer),
        "shared_phone": resident.shared_phone,
        "message_ok": resident.message_ok,
    }


def _number_index(number: str) -> bytes:
    """By which a number is found. People without one never look as if they shared it."""
    return blind_index(number) if number else uuid4().bytes


def _name_index(resident: Resident) -> bytes | None:
    key = resident.name_key
    return blind_index(f"name: {key}") if key else None


def _resident(row: ResidentRow) -> Resident:
    return Resident(
        id=row.id,
        given_name=row.given_name,
        family_name=row.family_name,
        known_as=row.known_as,
        number=row.number,
        language=row.language,
        zone=row.zone,
        connector_id=row.connector_id,
        agreement=AgreementState(row.agreement),
        needs=_lines(row.needs),
        contact_by=ContactBy(row.contact_by),
        likes=_lines(row.likes),
        no_answer=_lines(row.no_answer),
        shared_phone=row.shared_phone,
        message_ok=row.message_ok,
        standing=row.standing,
        doubted_at=row.doubted_at,
        number_dead=row.number_dead,
        canary=row.canary,
        merged_into=row.merged_into,
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.split("\n") if line)


def _agreement(row: AgreementRow) -> AgreementEvent:
    return AgreementEvent(AgreementState(row.state), row.at, How(row.how), row.words, row.by_staff)
