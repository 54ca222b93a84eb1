"""Read models of the tray: numbers that nobody is known by, what came from them, whose they may be.

Names and numbers are sealed, so a name is looked for by opening them all; at the size of one
service that is quick enough. A number is looked up by its blind index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select, update
from sqlalchemy.orm import Session

from connector.domain.promise import Promise, most_urgent
from connector.domain.reply import Source
from connector.store import audit
from connector.store.base import blind_index
from connector.store.numbers import Former, former
from connector.store.tables import ReadingRow, ReplyRow, ResidentRow, StaffRow, StrangerRow
from connector.store.views import OF_NOBODY, UNCLAIMED, Piece, ThreadLine, found_spans, whole

PUT_AWAY = "text put away"
_RANK = {promise.value: promise.rank for promise in Promise}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whose text it may be."""

    id: int
    name: str
    number: str
    connector_name: str
    doubted: bool = False
    """Whether we are not sure that their number is still theirs."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One whole text of the tray: the ids of its pieces, and how it reads."""

    ids: tuple[int, ...]
    line: ThreadLine


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number, its texts oldest first, by when a person should look, and whose it may be.

    `people` are those who share the number; none when nobody is known by it. `answered_at` is when
    its one automatic answer was written. `latest_id` is its last text, so that nothing that came
    while a person was looking is put away unseen.
    """

    reply_id: int
    latest_id: int
    sender: str
    promise: Promise
    lines: tuple[ThreadLine, ...]
    people: tuple[Candidate, ...]
    answered_at: datetime | None
    texts: tuple[Waiting, ...] = ()
    formerly: tuple[Former, ...] = ()
    """Whose number it was before, the latest first."""

    @property
    def since(self) -> datetime:
        return self.lines[0].at


@dataclass(frozen=True, slots=True)
class PutAway:
    """A number that somebody has put away as nobody's, and why. It comes back when it writes."""

    reply_id: int
    sender: str
    texts: int
    at: datetime
    by_name: str
    why: str


def numbers(session: Session, *, limit: int = 200) -> list[Unknown]:
    """The tray: what sounds most urgent first, then what has waited longest.

    A number that was put away and writes again is there with all that it has sent.
    """
    waiting = select(ReplyRow.sender_index).where(*UNCLAIMED)
    rows = session.execute(
        select(
            ReplyRow.id,
            ReplyRow.sender,
            ReplyRow.continues,
            ReplyRow.received_at,
            ReplyRow.body,
            ReplyRow.media,
            ReplyRow.source,
            ReadingRow.promise,
            ReadingRow.found,
        )
        .join(ReadingRow, ReadingRow.reply_id == ReplyRow.id)
        .where(*OF_NOBODY, ReplyRow.sender_index.in_(waiting))
        .order_by(case(_RANK, value=ReadingRow.promise), ReplyRow.id)
        .limit(limit)
    )
    pieces: dict[str, list[Piece]] = {}
    promises: dict[str, list[Promise]] = {}
    for id_, sender, continues, at, body, media, source, promise, found in rows:
        line = ThreadLine(True, at, body, found_spans(found), media=media, source=Source(source))
        pieces.setdefault(sender, []).append(Piece(id_, continues, line))
        promises.setdefault(sender, []).append(Promise(promise))
    by_index = {blind_index(sender): sender for sender in pieces}
    people = _sharing(session, by_index)
    before = former(session, by_index)
    answered = _answered(session, by_index)
    tray = [
        Unknown(
            min(piece.reply_id for piece in sent),
            max(piece.reply_id for piece in sent),
            sender,
            most_urgent(promises[sender]),
            tuple(whole(sent)),
            people.get(sender, ()),
            answered.get(sender),
            texts_of(sent),
            before.get(blind_index(sender), ()),
        )
        for sender, sent in pieces.items()
    ]
    return sorted(tray, key=lambda one: (one.promise.rank, one.since))


def texts_of(pieces: Sequence[Piece]) -> tuple[Waiting, ...]:
    """The texts that these pieces make, each with the ids of its own."""
    groups: dict[int, list[Piece]] = {}
    first_of: dict[int, int] = {}
    for piece in sorted(pieces, key=lambda piece: piece.reply_id):
        first = first_of.get(piece.continues or 0, piece.reply_id)
        first_of[piece.reply_id] = first
        groups.setdefault(first, []).append(piece)
    return tuple(
        Waiting(tuple(piece.reply_id for piece in some), whole(some)[0]) for some in groups.values()
    )


def number_of(session: Session, reply_id: int) -> Unknown | None:
    """The number that an unclaimed text came from; None when the text is somebody's by now."""
    return next((one for one in numbers(session) if one.reply_id == reply_id), None)


def put_away(
    session: Session, sender_index: bytes, *, up_to: int, by: int, now: datetime
) -> list[int]:
    """The texts of a number up to that one leave the tray; their ids."""
    texts = (
        update(ReplyRow)
        .where(*UNCLAIMED, ReplyRow.sender_index == sender_index, ReplyRow.id <= up_to)
        .values(seen_at=now, seen_by=by)
    )
    return list(session.scalars(texts.returning(ReplyRow.id)))


def bring_back(session: Session, sender_index: bytes) -> int:
    """What was put away of a number is in the tray again. How many texts that were."""
    texts = (
        update(ReplyRow)
        .where(*OF_NOBODY, ReplyRow.sender_index == sender_index, ReplyRow.seen_at.is_not(None))
        .values(seen_at=None, seen_by=None)
    )
    return len(list(session.scalars(texts.returning(ReplyRow.id))))


def put_away_since(session: Session, moment: datetime, *, limit: int = 50) -> list[PutAway]:
    """The numbers that were put away since then and have not written again, the latest first."""
    waiting = select(ReplyRow.sender_index).where(*UNCLAIMED)
    last = (
        select(func.max(ReplyRow.id).label("id"), func.count().label("texts"))
        .where(
            *OF_NOBODY,
            ReplyRow.seen_at >= moment,
            ReplyRow.seen_by.is_not(None),
            ReplyRow.sender_index.not_in(waiting),
        )
        .group_by(ReplyRow.sender_index)
        .subquery()
    )
    rows = session.execute(
        select(ReplyRow.id, ReplyRow.sender, last.c.texts, ReplyRow.seen_at, StaffRow.name)
        .join(last, last.c.id == ReplyRow.id)
        .outerjoin(StaffRow, StaffRow.id == ReplyRow.seen_by)
        .order_by(ReplyRow.seen_at.desc())
        .limit(limit)
    ).all()
    why = audit.last_why(session, PUT_AWAY, "reply", [row[0] for row in rows])
    return [
        PutAway(id_, sender, texts, at, name or "", why.get(id_, ""))
        for id_, sender, texts, at, name in rows
        if at is not None
    ]


def how_many_residents(session: Session) -> int:
    return (
        session.scalar(select(func.count(ResidentRow.id)).where(ResidentRow.merged_into.is_(None)))
        or 0
    )


def everybody(session: Session) -> list[Candidate]:
    """All residents by name."""
    found = [_candidate(*tuple(row)) for row in session.execute(_people())]
    return sorted(found, key=lambda one: one.name.casefold())


def named(session: Session, words: str, *, limit: int = 20) -> list[Candidate]:
    """Residents whose names hold every one of `words`, in any order and case."""
    wanted = words.casefold().split()
    found = (one for one in everybody(session) if all(w in one.name.casefold() for w in wanted))
    return [one for one, _place in zip(found, range(limit), strict=False)] if wanted else []


def with_number(session: Session, number: str) -> list[Candidate]:
    """Residents who have this E.164 number."""
    rows = session.execute(_people().where(ResidentRow.number_index == blind_index(number)))
    return [_candidate(*tuple(row)) for row in rows]


def _people() -> Select[*tuple[Any, ...]]:
    people = select(
        ResidentRow.id,
        ResidentRow.given_name,
        ResidentRow.family_name,
        ResidentRow.known_as,
        ResidentRow.number,
        StaffRow.name,
        ResidentRow.doubted_at,
    ).outerjoin(StaffRow, StaffRow.id == ResidentRow.connector_id)
    return people.where(ResidentRow.merged_into.is_(None))


def _candidate(
    id_: int,
    given: str,
    family: str,
    known_as: str,
    number: str,
    connector: str | None,
    doubted_at: datetime | None,
) -> Candidate:
    called = f" ({known_as})" if known_as and known_as != given else ""
    name = f"{given} {family}".strip() + called
    return Candidate(id_, name, number, connector or "", doubted_at is not None)


def _sharing(session: Session, by_index: dict[bytes, str]) -> dict[str, tuple[Candidate, ...]]:
    """Who shares each of these numbers."""
    rows = session.execute(_people().where(ResidentRow.number_index.in_(by_index)))
    found: dict[str, list[Candidate]] = {}
    for row in rows:
        one = _candidate(*tuple(row))
        found.setdefault(one.number, []).append(one)
    return {number: tuple(people) for number, people in found.items()}


def _answered(session: Session, by_index: dict[bytes, str]) -> dict[str, datetime]:
    rows = session.execute(
        select(StrangerRow.number_index, StrangerRow.answered_at).where(
            StrangerRow.number_index.in_(by_index)
        )
    )
    return {by_index[bytes(index)]: at for index, at in rows}
