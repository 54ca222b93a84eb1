"""Replies that wait for a person: the order they are read in, who has read which, what is late.

Texts of numbers that nobody is known by are not here; they wait in a list of their own, and come
here when somebody has said whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, update
from sqlalchemy.orm import Session

from connector.domain.flag import FlagState
from connector.domain.promise import Promise
from connector.domain.resident import short_name
from connector.store.tables import FlagRow, ReadingRow, ReasonRow, ReplyRow, ResidentRow, StaffRow

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ToRead:
    """One reply as the list shows it. `because` and `spans` are characters of `words`.

    `first` when a rule promised now or today or the model puts it first, then with `because`.
    `flag_id` and `owner_name` are of the resident's open flag, where there is one.
    """

    reply_id: int
    resident_id: int
    name: str
    words: str
    media: int
    received_at: datetime
    due_at: datetime | None
    answer: float | None
    spans: Spans
    first: bool
    not_read: bool
    because: Spans
    flag_id: int | None
    owner_name: str


@dataclass(frozen=True, slots=True)
class Late:
    reply_id: int
    resident_id: int
    received_at: datetime


def waiting(session: Session, *, limit: int) -> list[ToRead]:
    """What is to be read, up to `limit`: what a rule promised now or today, what the model puts
    first, by weight, and all else; the oldest first among equals.
    """
    rows = session.execute(
        select(
            ReplyRow.id,
            ReplyRow.resident_id,
            ResidentRow.known_as,
            ResidentRow.family_name,
            ReplyRow.body,
            ReplyRow.media,
            ReplyRow.received_at,
            ReplyRow.eyes_due_at,
            ReadingRow.answer,
            ReadingRow.found,
            ReadingRow.promise,
            ReadingRow.read_first,
            ReadingRow.not_read,
            ReadingRow.because,
            FlagRow.id,
            StaffRow.name,
        )
        .join(ReadingRow, ReadingRow.reply_id == ReplyRow.id)
        .join(ResidentRow, ResidentRow.id == ReplyRow.resident_id)
        .outerjoin(
            FlagRow,
            (FlagRow.resident_id == ReplyRow.resident_id) & (FlagRow.state != FlagState.DONE.value),
        )
        .outerjoin(StaffRow, StaffRow.id == FlagRow.owner_id)
        .where(*_waiting())
        .order_by(
            case(
                (ReadingRow.promise == Promise.NOW.value, 0),
                (ReadingRow.promise == Promise.TODAY.value, 1),
                (ReadingRow.read_first, 2),
                else_=3,
            ),
            case((ReadingRow.read_first, ReadingRow.weight), else_=0).desc(),
            ReplyRow.received_at,
            ReplyRow.id,
        )
        .limit(limit)
    )
    return [_to_read(*tuple(row)) for row in rows]


def count(session: Session, *, most: int) -> int:
    """How many wait, counted no further than `most` + 1."""
    some = select(ReplyRow.id).where(*_waiting()).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def evidence_of(session: Session, flag_id: int) -> list[int]:
    """The replies that the reasons of a flag rest on."""
    rows = select(ReasonRow.reply_id).where(
        ReasonRow.flag_id == flag_id, ReasonRow.reply_id.is_not(None)
    )
    return [id_ for id_ in session.scalars(rows.distinct()) if id_ is not None]


def mark(session: Session, reply_ids: Iterable[int], *, by: int, now: datetime) -> list[int]:
    """These have been read by `by`; returns those that nobody had read before."""
    ids = list(reply_ids)
    if not ids:
        return []
    done = session.execute(
        update(ReplyRow)
        .where(ReplyRow.id.in_(ids), *_waiting())
        .values(seen_at=now, seen_by=by)
        .returning(ReplyRow.id)
    )
    return list(done.scalars())


def unmark(session: Session, reply_id: int, *, by: int) -> bool:
    """The mark that `by` made is undone. False when there is no such mark."""
    done = session.execute(
        update(ReplyRow)
        .where(ReplyRow.id == reply_id, ReplyRow.seen_by == by)
        .values(seen_at=None, seen_by=None)
        .returning(ReplyRow.id)
    )
    return done.scalar() is not None


def claim_late(session: Session, limit: int, *, now: datetime) -> list[Late]:
    """Up to `limit` replies that nobody has read in time, locked; none is claimed twice."""
    rows = session.execute(
        select(ReplyRow.id, ReplyRow.resident_id, ReplyRow.received_at)
        .where(ReplyRow.eyes_due_at <= now, *_waiting())
        .order_by(ReplyRow.eyes_due_at, ReplyRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    late = [Late(id_, who, at) for id_, who, at in rows if who is not None]
    ids = [one.reply_id for one in late]
    session.execute(update(ReplyRow).where(ReplyRow.id.in_(ids)).values(eyes_due_at=None))
    return late


def _waiting() -> list[ColumnElement[bool]]:
    return [
        and_(ReplyRow.needs_eyes, ReplyRow.seen_at.is_(None)),
        ReplyRow.resident_id.is_not(None),
    ]


def _spans(value: Sequence[Any] | None) -> Spans:
    return tuple((start, end) for start, end in value or ())


def _to_read(
    reply_id: int,
    resident_id: int,
    known_as: str,
    family_name: str,
    body: str,
    media: int,
    received_at: datetime,
    due_at: datetime | None,
    answer: float | None,
    found: Sequence[Any],
    promise: str,
    read_first: bool,
    not_read: bool,
    because: Sequence[Any],
    flag_id: int | None,
    owner_name: str | None,
) -> ToRead:
    spans = tuple((one["start"], one["end"]) for one in found if one.get("marks", True))
    return ToRead(
        reply_id,
        resident_id,
        short_name(known_as, family_name),
        body,
        media,
        received_at,
        due_at,
        answer,
        spans,
        read_first or Promise(promise).at_least(Promise.TODAY),
        not_read,
        _spans(because) if read_first else (),
        flag_id,
        owner_name or "",
    )
