"""Read models: what each page needs, in one or a few queries, as plain values.

Nothing here changes anything. Pages are paged by key, never by counting everything that is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState, Purpose
from connector.domain.flag import FlagEventKind, FlagState, Outcome
from connector.domain.programme import ProgrammeKind
from connector.domain.promise import Promise, most_urgent
from connector.domain.question import QuestionKind
from connector.domain.reply import Source
from connector.domain.resident import short_name
from connector.store import programmes
from connector.store.tables import (
    AskedRow,
    AttemptRow,
    CheckInRow,
    EnrolmentRow,
    FlagEventRow,
    FlagRow,
    PhoneRow,
    ProgrammeRow,
    ReadingRow,
    ReasonRow,
    ReplyRow,
    ResidentRow,
    StaffRow,
    UsualRow,
)

Spans = tuple[tuple[int, int], ...]
OF_NOBODY = (ReplyRow.read_at.is_not(None), ReplyRow.resident_id.is_(None))
UNCLAIMED = (*OF_NOBODY, ReplyRow.seen_at.is_(None))


class Whose(StrEnum):
    """The three views of the queue."""

    MINE = "mine"
    NOBODY = "nobody"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class QueueItem:
    flag_id: int
    resident_id: int
    name: str
    sentence: str
    promise: Promise
    due_at: datetime
    state: FlagState
    owner_id: int | None
    owner_name: str
    needs: tuple[str, ...]
    words: str
    spans: Spans
    words_at: datetime | None
    usual_words: str
    reasons: int


@dataclass(frozen=True, slots=True)
class ReasonLine:
    kind: str
    promise: Promise
    sentence: str
    rule: str
    version: int
    figures: dict[str, Any]
    words: str
    spans: Spans
    at: datetime


@dataclass(frozen=True, slots=True)
class EventLine:
    kind: FlagEventKind
    at: datetime
    by_name: str
    promise: Promise
    until: datetime | None
    outcome: Outcome | None
    note: str


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One text of a thread, in or out. `spans` mark the words that a rule spoke about.

    A text that came in pieces is one line; `source` says so when a piece came by another way.
    `late_for` is when the question was asked that it answers after its time; `in_doubt` that it
    came from their number, and a person has yet to say whose it is.
    """

    incoming: bool
    at: datetime
    text: str
    spans: Spans = ()
    purpose: Purpose | None = None
    state: AttemptState | None = None
    why: str = ""
    media: int = 0
    source: Source = Source.WEBHOOK
    late_for: datetime | None = None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class ResidentLine:
    id: int
    name: str
    connector_name: str
    agreement: str
    heard_at: datetime | None
    open_flag_id: int | None


@dataclass(frozen=True, slots=True)
class AnswerPoint:
    """An answer of a chart: None where a delivered question had no answer."""

    on: date
    answer: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """A resident's answers to one programme, and the state that their usual is read from."""

    programme_id: int
    points: tuple[AnswerPoint, ...]
    usual: dict[str, Any] | None


def queue(
    session: Session,
    whose: Whose,
    staff_id: int,
    *,
    limit: int = 50,
    after: tuple[datetime, int] | None = None,
    now: datetime,
) -> list[QueueItem]:
    """Open flags by due time, up to `limit`, after the key `after`. Waiting ones show when due."""
    query = (
        select(
            FlagRow.id,
            FlagRow.resident_id,
            ResidentRow.known_as,
            ResidentRow.family_name,
            FlagRow.headline,
            FlagRow.promise,
            FlagRow.due_at,
            FlagRow.state,
            FlagRow.owner_id,
            StaffRow.name,
            ResidentRow.needs,
            ReplyRow.body,
            FlagRow.evidence_spans,
            ReplyRow.received_at,
            FlagRow.usual_words,
            FlagRow.reasons,
        )
        .join(ResidentRow, ResidentRow.id == FlagRow.resident_id)
        .outerjoin(StaffRow, StaffRow.id == FlagRow.owner_id)
        .outerjoin(ReplyRow, ReplyRow.id == FlagRow.evidence_reply_id)
        .where(*_to_do(now), *_whose(whose, staff_id))
        .order_by(FlagRow.due_at, FlagRow.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(FlagRow.due_at, FlagRow.id) > after)
    return [_item(*tuple(row)) for row in session.execute(query)]


def queue_counts(
    session: Session, staff_id: int, *, most: int = 50, now: datetime
) -> dict[Whose, int]:
    """How many open flags each view holds, counted no further than `most` + 1."""
    return {
        whose: session.scalar(
            select(func.count()).select_from(
                select(FlagRow.id)
                .where(*_to_do(now), *_whose(whose, staff_id))
                .limit(most + 1)
                .subquery()
            )
        )
        or 0
        for whose in Whose
    }


def queue_mark(session: Session) -> int:
    """A number that changes whenever any flag does: one look at the end of an index."""
    return session.scalar(select(func.max(FlagEventRow.id))) or 0


@dataclass(frozen=True, slots=True)
class Tray:
    """How many texts nobody is known to have written, and the most urgent promise among them."""

    texts: int
    promise: Promise


def tray(session: Session) -> Tray:
    """What lies in the tray of texts from unknown numbers, by one look."""
    rows = session.execute(
        select(ReadingRow.promise, func.count())
        .join(ReplyRow, ReplyRow.id == ReadingRow.reply_id)
        .where(*UNCLAIMED)
        .group_by(ReadingRow.promise)
    ).all()
    return Tray(sum(row[1] for row in rows), most_urgent(Promise(row[0]) for row in rows))


def poll_mark(session: Session) -> str:
    """A mark that changes whenever any flag does, or the tray: by one statement."""
    newest = select(func.max(FlagEventRow.id)).scalar_subquery()
    texts = select(func.count()).select_from(ReplyRow).where(*UNCLAIMED).scalar_subquery()
    last = select(func.max(ReplyRow.id)).where(*UNCLAIMED).scalar_subquery()
    flags, count, latest = session.execute(select(newest, texts, last)).one()
    return f"{flags or 0}-{count}-{latest or 0}"


def reasons(session: Session, flag_id: int) -> list[ReasonLine]:
    rows = session.execute(
        select(
            ReasonRow.kind,
            ReasonRow.promise,
            ReasonRow.sentence,
            ReasonRow.rule,
            ReasonRow.version,
            ReasonRow.figures,
            ReplyRow.body,
            ReasonRow.spans,
            ReasonRow.at,
        )
        .outerjoin(ReplyRow, ReplyRow.id == ReasonRow.reply_id)
        .where(ReasonRow.flag_id == flag_id)
        .order_by(ReasonRow.id.desc())
    )
    return [
        ReasonLine(
            kind, Promise(promise), sentence, rule, version, figures, body or "", _spans(spans), at
        )
        for kind, promise, sentence, rule, version, figures, body, spans, at in rows
    ]


def events(session: Session, flag_id: int) -> list[EventLine]:
    rows = session.execute(
        select(
            FlagEventRow.kind,
            FlagEventRow.at,
            StaffRow.name,
            FlagEventRow.promise,
            FlagEventRow.until,
            FlagEventRow.outcome,
            FlagEventRow.note,
        )
        .outerjoin(StaffRow, StaffRow.id == FlagEventRow.by)
        .where(FlagEventRow.flag_id == flag_id)
        .order_by(FlagEventRow.id.desc())
    )
    return [
        EventLine(
            FlagEventKind(kind),
            at,
            by or "",
            Promise(promise),
            until,
            Outcome(outcome) if outcome else None,
            note,
        )
        for kind, at, by, promise, until, outcome, note in rows
    ]


def thread(session: Session, resident_id: int, *, limit: int = 60) -> list[ThreadLine]:
    """The latest texts of a resident, in and out, oldest first."""
    number = select(ResidentRow.number_index).where(ResidentRow.id == resident_id)
    in_doubt = and_(*UNCLAIMED, ReplyRow.sender_index == number.scalar_subquery())
    theirs, doubted = (
        session.execute(_pieces().where(which).order_by(ReplyRow.received_at.desc()).limit(limit))
        for which in (ReplyRow.resident_id == resident_id, in_doubt)
    )
    attempts = session.execute(
        select(
            AttemptRow.made_at,
            AttemptRow.body,
            AttemptRow.purpose,
            AttemptRow.state,
            AttemptRow.why,
        )
        .where(AttemptRow.resident_id == resident_id)
        .order_by(AttemptRow.made_at.desc())
        .limit(limit)
    )
    lines = whole([_piece(*tuple(row)) for row in theirs])
    lines += [
        replace(line, in_doubt=True) for line in whole([_piece(*tuple(row)) for row in doubted])
    ]
    lines += [
        ThreadLine(False, at, body, (), Purpose(purpose), AttemptState(state), why)
        for at, body, purpose, state, why in attempts
    ]
    return sorted(lines, key=lambda line: line.at)[-limit:]


@dataclass(frozen=True, slots=True)
class Piece:
    """A text as it arrived, which may go on from the one before it."""

    reply_id: int
    continues: int | None
    line: ThreadLine


def whole(pieces: Iterable[Piece]) -> list[ThreadLine]:
    """Texts as they were written: pieces that arrived separately are put together, with marks."""
    lines: dict[int, ThreadLine] = {}
    first_of: dict[int, int] = {}
    for piece in sorted(pieces, key=lambda piece: piece.reply_id):
        first = first_of.get(piece.continues or 0, piece.reply_id)
        first_of[piece.reply_id] = first
        before = lines.get(first)
        lines[first] = piece.line if before is None else _joined(before, piece.line)
    return list(lines.values())


def _joined(before: ThreadLine, after: ThreadLine) -> ThreadLine:
    shift = len(before.text)
    return replace(
        before,
        text=before.text + after.text,
        spans=before.spans + tuple((start + shift, end + shift) for start, end in after.spans),
        media=before.media + after.media,
        source=before.source if after.source is Source.WEBHOOK else after.source,
    )


def _pieces() -> Select[*tuple[Any, ...]]:
    return select(
        ReplyRow.id,
        ReplyRow.continues,
        ReplyRow.received_at,
        ReplyRow.body,
        ReplyRow.media,
        ReplyRow.source,
        ReadingRow.found,
        _LATE_FOR,
    ).outerjoin(ReadingRow, ReadingRow.reply_id == ReplyRow.id)


_LATE_FOR = (
    select(AskedRow.asked_at)
    .where(AskedRow.id == ReplyRow.asked_id, ReplyRow.late)
    .correlate(ReplyRow)
    .scalar_subquery()
)
"""When the question was asked that a late answer speaks to; empty for all other texts."""


def _piece(
    id_: int,
    continues: int | None,
    at: datetime,
    body: str,
    media: int,
    source: str,
    found: list[Any] | None,
    late_for: datetime | None,
) -> Piece:
    spans = found_spans(found or [])
    line = ThreadLine(True, at, body, spans, media=media, source=Source(source), late_for=late_for)
    return Piece(id_, continues, line)


def residents(
    session: Session, *, connector_id: int | None = None, limit: int = 25, after: int = 0
) -> list[ResidentLine]:
    """Residents by id, up to `limit`, after the id `after`; one connector's own when given."""
    query = (
        select(
            ResidentRow.id,
            ResidentRow.known_as,
            ResidentRow.family_name,
            StaffRow.name,
            ResidentRow.agreement,
            ResidentRow.heard_at,
            FlagRow.id,
        )
        .outerjoin(StaffRow, StaffRow.id == ResidentRow.connector_id)
        .outerjoin(
            FlagRow,
            (FlagRow.resident_id == ResidentRow.id) & (FlagRow.state != FlagState.DONE.value),
        )
        .where(ResidentRow.id > after, ResidentRow.merged_into.is_(None))
        .order_by(ResidentRow.id)
        .limit(limit)
    )
    if connector_id is not None:
        query = query.where(ResidentRow.connector_id == connector_id)
    return [
        ResidentLine(
            id_, short_name(known_as, family), connector or "Nobody yet", agreement, heard_at, flag
        )
        for id_, known_as, family, connector, agreement, heard_at, flag in session.execute(query)
    ]


def open_flag_id(session: Session, resident_id: int) -> int | None:
    return session.scalar(
        select(FlagRow.id).where(
            FlagRow.resident_id == resident_id, FlagRow.state != FlagState.DONE.value
        )
    )


def programme_names(session: Session, resident_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(EnrolmentRow.resident_id, ProgrammeRow.name)
        .join(ProgrammeRow, ProgrammeRow.id == EnrolmentRow.programme_id)
        .where(EnrolmentRow.resident_id.in_(resident_ids), EnrolmentRow.ended_on.is_(None))
        .order_by(ProgrammeRow.name)
    )
    names: dict[int, list[str]] = {}
    for resident_id, name in rows:
        names.setdefault(resident_id, []).append(name)
    return names


def chart(session: Session, resident_id: int, *, limit: int = 26) -> Chart | None:
    """The latest check-ins of the scale a resident was last asked on, oldest first."""
    programme_id = session.scalar(
        select(CheckInRow.programme_id)
        .join(ProgrammeRow, ProgrammeRow.id == CheckInRow.programme_id)
        .where(
            CheckInRow.resident_id == resident_id,
            CheckInRow.attempted_at.is_not(None),
            ProgrammeRow.kind == ProgrammeKind.CHECK_IN.value,
        )
        .order_by(CheckInRow.attempted_at.desc())
        .limit(1)
    )
    if programme_id is None:
        return None
    of_it = or_(AskedRow.id.is_(None), AskedRow.item == _charted(session, programme_id))
    answer = case((of_it, func.coalesce(AskedRow.answer, ReadingRow.answer)))
    in_time = and_(ReplyRow.check_in_id == CheckInRow.id, ReplyRow.late.is_(False))
    rows = session.execute(
        select(CheckInRow.occurrence, func.min(answer))
        .outerjoin(ReplyRow, in_time)
        .outerjoin(ReadingRow, ReadingRow.reply_id == ReplyRow.id)
        .outerjoin(AskedRow, AskedRow.id == ReplyRow.asked_id)
        .where(
            CheckInRow.resident_id == resident_id,
            CheckInRow.programme_id == programme_id,
            CheckInRow.attempted_at.is_not(None),
        )
        .group_by(CheckInRow.occurrence)
        .order_by(CheckInRow.occurrence.desc())
        .limit(limit)
    )
    state = session.get(UsualRow, (resident_id, programme_id))
    points = tuple(AnswerPoint(on, answer) for on, answer in rows)[::-1]
    return Chart(programme_id, points, state.usual if state else None)


def _charted(session: Session, programme_id: int) -> str:
    """The name of the question whose answers a chart shows: the first scale."""
    found = programmes.by_id(session, [programme_id]).get(programme_id)
    items = found.items if found else ()
    scales = (item.key for item in items if item.question.kind is QuestionKind.SCALE)
    return next(scales, "")


def phone_texts(session: Session, number_index: bytes, *, limit: int = 60) -> list[ThreadLine]:
    """What the simulated phone of this number has received and sent, oldest first."""
    came = session.execute(
        select(PhoneRow.at, PhoneRow.body)
        .where(PhoneRow.number_index == number_index)
        .order_by(PhoneRow.id.desc())
        .limit(limit)
    )
    went = session.execute(
        select(ReplyRow.received_at, ReplyRow.body)
        .where(ReplyRow.sender_index == number_index)
        .order_by(ReplyRow.id.desc())
        .limit(limit)
    )
    lines = [ThreadLine(False, at, body) for at, body in came]
    lines += [ThreadLine(True, at, body) for at, body in went]
    return sorted(lines, key=lambda line: line.at)[-limit:]


def found_spans(found: Sequence[Any]) -> Spans:
    """The spans of a reading's concerns and intents, as (start, end) characters."""
    return tuple((item["start"], item["end"]) for item in found if item.get("marks", True))


def _to_do(now: datetime) -> list[ColumnElement[bool]]:
    """Open, and not waiting for a day that is still to come."""
    awake = or_(FlagRow.state != FlagState.WAITING.value, FlagRow.due_at <= now)
    return [FlagRow.state != FlagState.DONE.value, awake]


def _whose(whose: Whose, staff_id: int) -> list[ColumnElement[bool]]:
    if whose is Whose.MINE:
        return [FlagRow.owner_id == staff_id]
    if whose is Whose.NOBODY:
        return [FlagRow.owner_id.is_(None)]
    return []


def _spans(value: Sequence[Any] | None) -> Spans:
    return tuple((start, end) for start, end in value or ())


def _item(
    flag_id: int,
    resident_id: int,
    known_as: str,
    family_name: str,
    headline: str,
    promise: str,
    due_at: datetime,
    state: str,
    owner_id: int | None,
    owner_name: str | None,
    needs: str,
    body: str | None,
    spans: Sequence[Any],
    words_at: datetime | None,
    usual_words: str,
    reasons: int,
) -> QueueItem:
    return QueueItem(
        flag_id,
        resident_id,
        short_name(known_as, family_name),
        headline,
        Promise(promise),
        due_at,
        FlagState(state),
        owner_id,
        owner_name or "",
        tuple(line for line in needs.split("\n") if line),
        body or "",
        _spans(spans),
        words_at,
        usual_words,
        reasons,
    )
