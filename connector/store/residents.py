"""Residents and the dated history of their agreement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, select, update
from sqlalchemy.orm import Session

from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.errors import NotFound
from connector.domain.resident import Resident
from connector.store.base import blind_index
from connector.store.bulk import one_of, update_rows
from connector.store.tables import AgreementRow, ResidentRow


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
    )


def _row(resident: Resident, now: datetime) -> dict[str, object]:
    return {
        "given_name": resident.given_name,
        "family_name": resident.family_name,
        "known_as": resident.known_as,
        "number": resident.number,
        "number_index": blind_index(resident.number),
        "language": resident.language,
        "zone": resident.zone,
        "connector_id": resident.connector_id,
        "agreement": resident.agreement.value,
        "needs": "\n".join(resident.needs),
        "created_at": now,
    }


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
        needs=tuple(line for line in row.needs.split("\n") if line),
    )


def _agreement(row: AgreementRow) -> AgreementEvent:

    return AgreementEvent(AgreementState(row.state), row.at, How(row.how), row.words, row.by_staff)
