"""Replies: stored first and once, read later, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from connector.domain.reply import Inbound, Reply, Source
from connector.store.base import blind_index, insert_for
from connector.store.tables import CheckInRow, ReadingRow, ReplyRow


@dataclass(frozen=True, slots=True)
class Unread:
    """A claimed reply. `stops` says that STOP took effect at the door."""

    reply: Reply
    channel: str
    stops: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What is written about a reply once it has been read. `found` is plain JSON."""

    reply_id: int
    resident_id: int | None
    check_in_id: int | None
    answer: float | None
    promise: str
    found: list[Any]
    read_first: bool
    weight: float
    rules: str
    not_read: bool


def receive(
    session: Session, inbound: Inbound, *, stops: bool, source: Source, now: datetime
) -> bool:
    """Store a text from outside, once. False when it was here already."""
    row = insert_for(session, ReplyRow).values(
        channel=inbound.channel,
        provider_id=inbound.provider_id,
        sender=inbound.sender,
        sender_index=blind_index(inbound.sender),
        body=inbound.body,
        media=inbound.media,
        source=source.value,
        stops=stops,
        received_at=now,
    )
    result = session.execute(
        row.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True}
    )
    return int(getattr(result, "rowcount", 0)) > 0


def claim_unread(session: Session, limit: int) -> list[Unread]:
    """Up to `limit` unread replies in the order they came, locked until the transaction ends."""
    rows = session.execute(
        select(
            ReplyRow.id,
            ReplyRow.sender_index,
            ReplyRow.body,
            ReplyRow.media,
            ReplyRow.received_at,
            ReplyRow.channel,
            ReplyRow.stops,
        )
        .where(ReplyRow.read_at.is_(None))
        .order_by(ReplyRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [
        Unread(Reply(id_, bytes(index), body, media, at), channel, stops)
        for id_, index, body, media, at, channel, stops in rows
    ]


def mark_read(session: Session, reads: Iterable[Read], *, now: datetime) -> None:
    """Write the readings and take the replies out of the queue."""
    reads = list(reads)
    if not reads:
        return
    session.execute(insert(ReadingRow), [_reading(read, now) for read in reads])
    session.connection().execute(
        _MARK,
        [
            {"key": read.reply_id, "who": read.resident_id, "asked": read.check_in_id, "at": now}
            for read in reads
        ],
    )


def oldest_unread(session: Session) -> datetime | None:
    first = (
        select(ReplyRow.received_at)
        .where(ReplyRow.read_at.is_(None))
        .order_by(ReplyRow.id)
        .limit(1)
    )
    return session.scalar(first)


def answers(
    session: Session, resident_id: int, programme_id: int
) -> list[tuple[datetime, float | None]]:
    """A resident's answers to a programme, oldest first, at the time each arrived."""
    from_check_ins = (
        select(ReplyRow.received_at, ReadingRow.answer)
        .join(ReadingRow, ReadingRow.reply_id == ReplyRow.id)
        .join(CheckInRow, CheckInRow.id == ReplyRow.check_in_id)
        .where(ReplyRow.resident_id == resident_id, CheckInRow.programme_id == programme_id)
        .order_by(ReplyRow.received_at)
    )
    return [(at, answer) for at, answer in session.execute(from_check_ins)]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A reply that the same number sent a moment before."""

    reply_id: int
    body: str
    received_at: datetime


def just_before(
    session: Session, sender_indexes: Iterable[bytes], *, since: datetime
) -> dict[bytes, list[Earlier]]:
    """What these numbers have sent since then, oldest first."""
    rows = session.execute(
        select(ReplyRow.sender_index, ReplyRow.id, ReplyRow.body, ReplyRow.received_at)
        .where(ReplyRow.sender_index.in_(set(sender_indexes)), ReplyRow.received_at >= since)
        .order_by(ReplyRow.id)
    )
    found: dict[bytes, list[Earlier]] = {}
    for index, id_, body, at in rows:
        found.setdefault(bytes(index), []).append(Earlier(id_, body, at))
    return found


def unclaimed(session: Session) -> int:
    """How many texts came from numbers that nobody is known by."""
    query = (
        select(func.count())
        .select_from(ReplyRow)
        .where(ReplyRow.read_at.is_not(None), ReplyRow.resident_id.is_(None))
    )
    return session.scalar(query) or 0


_MARK = (
    update(ReplyRow.__table__)  # type: ignore[arg-type]
    .where(ReplyRow.id == bindparam("key"))
    .values(read_at=bindparam("at"), resident_id=bindparam("who"), check_in_id=bindparam("asked"))
)


def _reading(read: Read, now: datetime) -> Mapping[str, object]:
    return {
        "reply_id": read.reply_id,
        "answer": read.answer,
        "promise": read.promise,
        "found": read.found,
        "read_first": read.read_first,
        "weight": read.weight,
        "rules": read.rules,
        "not_read": read.not_read,
        "at": now,
    }
