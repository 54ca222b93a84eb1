"""Replies: stored first and once, read later, never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Select, delete, func, select, true, update
from sqlalchemy.orm import Session

from connector.domain.promise import Promise
from connector.domain.reply import Inbound, Reply, Source
from connector.store.base import blind_index, insert_new
from connector.store.bulk import insert_rows, one_of, update_rows
from connector.store.tables import AskedRow, CheckInRow, ReadingRow, ReplyRow, ResidentRow


@dataclass(frozen=True, slots=True)
class Unread:
    """A claimed reply. `stops` says that STOP took effect at the door."""

    reply: Reply
    channel: str
    stops: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What is written about a reply once it has been read. `found` is plain JSON.

    `asked_id` is the question it speaks to, `late` that its answer came after that had closed.
    `eyes_due_at`, unless empty, says by when a person has read it too; `because` are the words
    (spans) for which it is read first.
    """

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
    continues: int | None = None
    eyes_due_at: datetime | None = None
    because: tuple[tuple[int, int], ...] = ()
    asked_id: int | None = None
    late: bool = False


def receive(
    session: Session,
    inbound: Inbound,
    *,
    stops: bool,
    now: datetime,
    source: Source = Source.WEBHOOK,
) -> bool:
    """Store a text from outside, once. False when it was here already."""
    row = {
        "channel": inbound.channel,
        "provider_id": inbound.provider_id,
        "sender": inbound.sender,
        "sender_index": blind_index(inbound.sender),
        "body": inbound.body,
        "body_index": blind_index(" ".join(inbound.body.lower().split())),
        "characters": len(inbound.body),
        "media": inbound.media,
        "source": source.value,
        "stops": stops,
        "received_at": now,
    }
    return insert_new(session, ReplyRow, [row]) > 0


def claim_unread(session: Session, limit: int) -> list[Unread]:
    """Up to `limit` unread replies in the order they came, locked until the transaction ends."""
    rows = (
        session.connection()
        .execute(
            _unread()
            .where(ReplyRow.read_at.is_(None))
            .order_by(ReplyRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        .all()
    )
    return [_unread_from(*row) for row in rows]


def mark_read(session: Session, reads: Iterable[Read], *, now: datetime) -> None:
    """Write the readings and take the replies out of the queue."""
    reads = list(reads)
    if not reads:
        return
    insert_rows(session, ReadingRow, [_reading(read, now) for read in reads])
    update_rows(session, ReplyRow, "id", [_marks(read, now) for read in reads])


def oldest_unread(session: Session) -> datetime | None:
    first = (
        select(ReplyRow.received_at)
        .where(ReplyRow.read_at.is_(None))
        .order_by(ReplyRow.id)
        .limit(1)
    )
    return session.scalar(first)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to one question of a check-in; `item` is empty where only one was ever asked."""

    at: datetime
    check_in_id: int
    item: str
    answer: float


@dataclass(frozen=True, slots=True)
class History:
    """A resident's answers to one programme, oldest first, and the zone their days are in.

    What came too late is not among them; a corrected answer stands as it was corrected.
    """

    resident_id: int
    zone: str
    answers: tuple[Given, ...]


def histories(
    session: Session,
    programme_id: int,
    resident_ids: Iterable[int],
    *,
    since: datetime | None = None,
) -> list[History]:
    """What these residents have answered to a programme, in one query; nobody without an answer."""
    query = (
        select(
            ReplyRow.resident_id,
            ResidentRow.zone,
            ReplyRow.received_at,
            CheckInRow.id,
            AskedRow.item,
            func.coalesce(AskedRow.answer, ReadingRow.answer),
        )
        .join(ReadingRow, ReadingRow.reply_id == ReplyRow.id)
        .join(CheckInRow, CheckInRow.id == ReplyRow.check_in_id)
        .join(ResidentRow, ResidentRow.id == ReplyRow.resident_id)
        .outerjoin(AskedRow, AskedRow.id == ReplyRow.asked_id)
        .where(
            one_of(session, ReplyRow.resident_id, resident_ids),
            CheckInRow.programme_id == programme_id,
            ReadingRow.answer.is_not(None),
            ReplyRow.late.is_(False),
        )
        .order_by(ReplyRow.resident_id, ReplyRow.received_at)
    )
    if since is not None:
        query = query.where(ReplyRow.received_at >= since)
    rows: Iterable[tuple[Any, ...]] = session.connection().execute(query).all()
    return [
        History(who, zone, tuple(_given(*row[2:]) for row in own))
        for (who, zone), own in groupby(rows, key=itemgetter(0, 1))
    ]


def since(session: Session, sender_index: bytes, at: datetime) -> list[str]:
    """The words that a number has sent after `at`."""
    later = select(ReplyRow.body).where(
        ReplyRow.sender_index == sender_index, ReplyRow.received_at > at
    )
    return list(session.scalars(later))


@dataclass(frozen=True, slots=True)
class Near:
    """A reply of the same number from about the same time, without its words."""

    reply_id: int
    received_at: datetime
    characters: int
    body_index: bytes


def near(
    session: Session, sender_indexes: Iterable[bytes], *, since: datetime
) -> dict[bytes, list[Near]]:
    """What these numbers have sent since then, by number."""
    rows = (
        session.connection()
        .execute(
            select(
                ReplyRow.sender_index,
                ReplyRow.id,
                ReplyRow.received_at,
                ReplyRow.characters,
                ReplyRow.body_index,
            ).where(
                one_of(session, ReplyRow.sender_index, set(sender_indexes)),
                ReplyRow.received_at >= since,
            )
        )
        .all()
    )
    found: dict[bytes, list[Near]] = {}
    for index, id_, at, characters, body_index in rows:
        found.setdefault(bytes(index), []).append(Near(id_, at, characters, bytes(body_index)))
    return found


def bodies(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The words of these replies."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.connection().execute(
        select(ReplyRow.id, ReplyRow.body).where(ReplyRow.id.in_(wanted))
    )
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """A text from a number that nobody is known by."""

    reply_id: int
    sender: str
    body: str
    media: int
    received_at: datetime
    promise: Promise
    found: list[Any]
    source: Source


def unclaimed(session: Session, *, limit: int = 100) -> list[Unclaimed]:
    """Texts of numbers that nobody is known by, what sounds most urgent first, then the oldest."""
    rows = session.execute(
        select(
            ReplyRow.id,
            ReplyRow.sender,
            ReplyRow.body,
            ReplyRow.media,
            ReplyRow.received_at,
            ReadingRow.promise,
            ReadingRow.found,
            ReplyRow.source,
        )
        .join(ReadingRow, ReadingRow.reply_id == ReplyRow.id)
        .where(ReplyRow.read_at.is_not(None), ReplyRow.resident_id.is_(None))
        .order_by(ReplyRow.id)
        .limit(limit)
    )
    texts = [
        Unclaimed(id_, sender, body, media, at, Promise(promise), found, Source(source))
        for id_, sender, body, media, at, promise, found, source in rows
    ]
    return sorted(texts, key=lambda text: (text.promise.rank, text.received_at))


def senders(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The numbers that these replies came from."""
    rows = session.execute(select(ReplyRow.id, ReplyRow.sender).where(ReplyRow.id.in_(set(ids))))
    return dict(rows.all())


def sender_of(session: Session, reply_id: int) -> bytes | None:
    """The blind index of the number that a reply came from."""
    found = session.scalar(select(ReplyRow.sender_index).where(ReplyRow.id == reply_id))
    return bytes(found) if found is not None else None


def claim_for(session: Session, sender_index: bytes, only: Collection[int] = ()) -> list[Unread]:
    """Texts of a number that are nobody's, their reading undone, to be read as somebody's.

    All of them, or those of `only`. Those that were put away are among them, and are read by a
    person again.
    """
    rows = session.execute(
        _unread()
        .where(
            ReplyRow.sender_index == sender_index,
            ReplyRow.resident_id.is_(None),
            ReplyRow.read_at.is_not(None),
            ReplyRow.id.in_(only) if only else true(),
        )
        .order_by(ReplyRow.id)
        .with_for_update()
    ).all()
    ids = [row[0] for row in rows]
    session.execute(delete(ReadingRow).where(ReadingRow.reply_id.in_(ids)))
    session.execute(update(ReplyRow).where(ReplyRow.id.in_(ids)).values(seen_at=None, seen_by=None))
    return [_unread_from(*tuple(row)) for row in rows]


def count_unclaimed(session: Session) -> int:
    """How many texts came from numbers that nobody is known by."""
    query = (
        select(func.count())
        .select_from(ReplyRow)
        .where(ReplyRow.read_at.is_not(None), ReplyRow.resident_id.is_(None))
    )
    return session.scalar(query) or 0


def _unread() -> Select[*tuple[Any, ...]]:
    return select(
        ReplyRow.id,
        ReplyRow.sender_index,
        ReplyRow.body,
        ReplyRow.media,
        ReplyRow.received_at,
        ReplyRow.channel,
        ReplyRow.stops,
    )


def _unread_from(
    id_: int,
    index: bytes,
    body: str,
    media: int,
    at: datetime,
    channel: str,
    stops: bool,
) -> Unread:
    return Unread(Reply(id_, bytes(index), body, media, at), channel, stops)


def _given(at: datetime, check_in_id: int, item: str | None, answer: float) -> Given:
    return Given(at, check_in_id, item or "", float(answer))


def _marks(read: Read, now: datetime) -> Mapping[str, object]:
    return {
        "id": read.reply_id,
        "read_at": now,
        "resident_id": read.resident_id,
        "check_in_id": read.check_in_id,
        "asked_id": read.asked_id,
        "late": read.late,
        "continues": read.continues,
        "needs_eyes": read.eyes_due_at is not None,
        "eyes_due_at": read.eyes_due_at,
    }


def _reading(read: Read, now: datetime) -> Mapping[str, object]:
    return {
        "reply_id": read.reply_id,
        "answer": read.answer,
        "promise": read.promise,
        "found": read.found,
        "read_first": read.read_first,
        "weight": read.weight,
        "because": [list(span) for span in read.because],
        "rules": read.rules,
        "not_read": read.not_read,
        "at": now,
    }
