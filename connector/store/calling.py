"""Calls and visits that are due instead of texts, and what was said at them.

What somebody said aloud is kept beside the texts they would have written, and marked as said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from connector.domain.errors import NotFound
from connector.domain.programme import Part
from connector.domain.reply import Source
from connector.domain.signals import SignalKind
from connector.store import replies
from connector.store.asked import NewQuestion
from connector.store.base import blind_index
from connector.store.bulk import put_rows
from connector.store.replies import Read
from connector.store.tables import AskedRow, CheckInRow, FlagRow, ReasonRow, ReplyRow

CHANNEL = "said"
AT_ONCE = timedelta(seconds=1)
"""Asked and answered in one breath."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The check-in that a call or visit stands for."""

    id: int
    resident_id: int
    programme_id: int
    number: int
    part: Part
    due_at: datetime
    said_at: datetime | None
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it was said. `answer` is its figure, None for words alone."""

    item: str
    words: str
    answer: float | None


def planned(session: Session, check_in_id: int, *, lock: bool = False) -> Planned:
    """One check-in. Raises `NotFound`."""
    query = select(CheckInRow).where(CheckInRow.id == check_in_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("There is no such call or visit.")
    return Planned(
        row.id,
        row.resident_id,
        row.programme_id,
        row.number,
        Part(row.part),
        row.due_at,
        row.attempted_at,
        row.closes_at,
    )


def took_place(
    session: Session, check_in_id: int, version_id: int, *, answered: bool, now: datetime
) -> None:
    """They were spoken to; that counts like a text that has had its answer."""
    session.execute(
        update(CheckInRow)
        .where(CheckInRow.id == check_in_id)
        .values(
            attempted_at=now, version_id=version_id or None, answered_at=now if answered else None
        )
    )


def keep(
    session: Session,
    one: Planned,
    answers: Sequence[Answer],
    *,
    version_id: int,
    source: Source,
    rules: str,
    by: int,
    now: datetime,
) -> dict[str, int]:
    """Keep each answer with its question. Returns the ids of the words, by the question's name."""
    questions = [
        NewQuestion(
            one.id,
            one.resident_id,
            one.programme_id,
            version_id or None,
            each.item,
            now + AT_ONCE,
        )
        for each in answers
    ]
    put_rows(
        session,
        AskedRow,
        ("check_in_id", "item"),
        [
            {
                "check_in_id": question.check_in_id,
                "resident_id": question.resident_id,
                "programme_id": question.programme_id,
                "version_id": question.version_id,
                "item": question.item,
                "asked_at": now,
                "closes_at": question.closes_at,
                "answered_at": now,
                "answer": each.answer,
            }
            for question, each in zip(questions, answers, strict=True)
        ],
    )
    asked = {
        item: id_
        for id_, item in session.execute(
            select(AskedRow.id, AskedRow.item).where(AskedRow.check_in_id == one.id)
        )
    }
    ids = {each.item: _words(session, one, each, asked, source, by, now) for each in answers}
    reads = [
        Read(
            reply_id=ids[each.item],
            resident_id=one.resident_id,
            check_in_id=one.id,
            answer=each.answer,
            promise="none",
            found=[],
            read_first=False,
            weight=0.0,
            rules=rules,
            not_read=False,
            asked_id=asked[each.item],
        )
        for each in answers
    ]
    replies.mark_read(session, reads, now=now)
    return ids


def _words(
    session: Session,
    one: Planned,
    each: Answer,
    asked: dict[str, int],
    source: Source,
    by: int,
    now: datetime,
) -> int:
    row = ReplyRow(
        channel=CHANNEL,
        provider_id=f"{one.id}-{asked[each.item]}",
        sender="",
        sender_index=blind_index(f"said {one.resident_id}"),
        body=each.words,
        body_index=blind_index(" ".join(each.words.lower().split())),
        characters=len(each.words),
        source=source.value,
        received_at=now,
        resident_id=one.resident_id,
        seen_at=now,
        seen_by=by,
    )
    session.add(row)
    session.flush()
    return row.id


def only_due(session: Session, flag_id: int) -> bool:
    """Whether nothing but calls and visits that are due is behind a flag."""
    due = (SignalKind.CALL_DUE.value, SignalKind.VISIT_DUE.value)
    others = (
        select(func.count())
        .select_from(ReasonRow)
        .where(ReasonRow.flag_id == flag_id, ReasonRow.kind.not_in(due))
    )
    return not session.scalar(others)


def due_of_flag(session: Session, flag_id: int) -> list[int]:
    """The check-ins of the calls and visits that a flag speaks of, the newest first."""
    due = (SignalKind.CALL_DUE.value, SignalKind.VISIT_DUE.value)
    rows = session.scalars(
        select(ReasonRow.figures)
        .where(ReasonRow.flag_id == flag_id, ReasonRow.kind.in_(due))
        .order_by(ReasonRow.id.desc())
    )
    wanted = [int(figures["check_in"]) for figures in rows if figures.get("check_in")]
    open_ = set(
        session.scalars(
            select(CheckInRow.id).where(
                CheckInRow.id.in_(wanted), CheckInRow.attempted_at.is_(None)
            )
        )
    )
    return [id_ for id_ in dict.fromkeys(wanted) if id_ in open_]


def open_flag(session: Session, resident_id: int) -> int | None:
    return session.scalar(
        select(FlagRow.id).where(FlagRow.resident_id == resident_id, FlagRow.state != "done")
    )
