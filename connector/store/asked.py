"""The questions that were asked, one a row: opened when their text goes, closed by an answer.

At most one question is open a person: opening one closes whichever was open before. A row is never
taken away, but for a question whose text never went.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from connector.domain.asked import AskedItem
from connector.store.bulk import one_of, put_rows, update_rows
from connector.store.tables import AskedRow, AttemptRow, CheckInRow

LOOK_BACK = timedelta(days=45)
"""How long ago a question may have been asked that a reply can still speak to."""
MOST = 12
"""How many of somebody's last questions are looked at: more than a set has."""


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question whose text is about to go."""

    check_in_id: int
    resident_id: int
    programme_id: int
    version_id: int | None
    item: str
    closes_at: datetime


def open_many(session: Session, questions: Sequence[NewQuestion], *, now: datetime) -> None:
    """Open questions, at most one a person; what was open for them before is closed."""
    if not questions:
        return
    session.connection().execute(
        update(AskedRow)
        .where(
            one_of(session, AskedRow.resident_id, {one.resident_id for one in questions}),
            AskedRow.asked_at > now - LOOK_BACK,
            AskedRow.answered_at.is_(None),
            AskedRow.closes_at > now,
        )
        .values(closes_at=now)
    )
    put_rows(session, AskedRow, ("check_in_id", "item"), [_row(one, now) for one in questions])


def latest(
    session: Session, resident_ids: Collection[int], *, now: datetime
) -> dict[int, list[AskedItem]]:
    """What each of these residents was asked last, the newest first."""
    if not resident_ids:
        return {}
    rank = func.row_number().over(
        partition_by=AskedRow.resident_id, order_by=(AskedRow.asked_at.desc(), AskedRow.id.desc())
    )
    ranked = (
        select(*_COLUMNS, rank.label("rank"))
        .where(
            one_of(session, AskedRow.resident_id, set(resident_ids)),
            AskedRow.asked_at > now - LOOK_BACK,
        )
        .subquery()
    )
    rows = session.connection().execute(
        select(*(ranked.c[column.name] for column in _COLUMNS))
        .where(ranked.c.rank <= MOST)
        .order_by(ranked.c.resident_id, ranked.c.rank)
    )
    found: dict[int, list[AskedItem]] = {}
    for row in rows:
        one = _asked(*tuple(row))
        found.setdefault(one.resident_id, []).append(one)
    return found


def of_check_ins(session: Session, ids: Collection[int]) -> dict[int, list[AskedItem]]:
    """What these check-ins have asked, by check-in, in the order it was asked."""
    if not ids:
        return {}
    rows = session.connection().execute(
        select(*_COLUMNS)
        .where(one_of(session, AskedRow.check_in_id, set(ids)))
        .order_by(AskedRow.check_in_id, AskedRow.asked_at, AskedRow.id)
    )
    found: dict[int, list[AskedItem]] = {}
    for row in rows:
        one = _asked(*tuple(row))
        found.setdefault(one.check_in_id, []).append(one)
    return found


def of_resident(session: Session, resident_id: int, *, limit: int = 60) -> list[AskedItem]:
    """What somebody was asked and has answered, the newest first, for people to look at."""
    rows = session.execute(
        select(*_COLUMNS)
        .where(AskedRow.resident_id == resident_id)
        .order_by(AskedRow.asked_at.desc(), AskedRow.id.desc())
        .limit(limit)
    )
    return [_asked(*tuple(row)) for row in rows]


def answered(session: Session, answers: Mapping[int, tuple[float | None, datetime]]) -> None:
    """Write answers and when they came, by the question's id."""
    rows = [
        {"id": id_, "answer": answer, "answered_at": at} for id_, (answer, at) in answers.items()
    ]
    update_rows(session, AskedRow, "id", rows)


def numbers(session: Session, check_in_ids: Collection[int]) -> dict[int, int]:
    """Which occurrence each of these check-ins is: it chooses among equivalent wordings."""
    if not check_in_ids:
        return {}
    rows = session.execute(
        select(CheckInRow.id, CheckInRow.number).where(
            one_of(session, CheckInRow.id, set(check_in_ids))
        )
    )
    return dict(rows.all())


def answers_to(
    session: Session, item: str, resident_ids: Collection[int], *, now: datetime
) -> dict[int, list[float | None]]:
    """The answers of these residents to questions of this name, the newest first."""
    rows = session.execute(
        select(AskedRow.resident_id, AskedRow.answer)
        .where(
            one_of(session, AskedRow.resident_id, set(resident_ids)),
            AskedRow.item == item,
            AskedRow.asked_at > now - LOOK_BACK,
            AskedRow.answered_at.is_not(None),
        )
        .order_by(AskedRow.resident_id, AskedRow.asked_at.desc())
    )
    found: dict[int, list[float | None]] = {}
    for who, answer in rows:
        found.setdefault(who, []).append(answer)
    return found


def never_went(session: Session, attempt_ids: Iterable[UUID]) -> None:
    """The texts of these questions were not sent after all: they have not been asked."""
    text = exists().where(
        AttemptRow.id.in_(list(attempt_ids)),
        AttemptRow.resident_id == AskedRow.resident_id,
        AttemptRow.made_at == AskedRow.asked_at,
    )
    session.execute(
        delete(AskedRow)
        .where(AskedRow.answered_at.is_(None), text)
        .execution_options(synchronize_session=False)
    )


_COLUMNS = (
    AskedRow.id,
    AskedRow.check_in_id,
    AskedRow.resident_id,
    AskedRow.programme_id,
    AskedRow.version_id,
    AskedRow.item,
    AskedRow.asked_at,
    AskedRow.closes_at,
    AskedRow.answered_at,
    AskedRow.answer,
)


def _asked(*values: Any) -> AskedItem:
    return AskedItem(*values)


def _row(one: NewQuestion, now: datetime) -> dict[str, object]:
    return {
        "check_in_id": one.check_in_id,
        "resident_id": one.resident_id,
        "programme_id": one.programme_id,
        "version_id": one.version_id,
        "item": one.item,
        "asked_at": now,
        "closes_at": one.closes_at,
    }
