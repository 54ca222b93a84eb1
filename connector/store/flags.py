"""Flags, their reasons and their history. One open flag a person, held by a constraint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from connector.domain.errors import NotFound
from connector.domain.flag import Flag, FlagEvent, FlagState, Outcome
from connector.domain.promise import Promise
from connector.domain.signals import SignalKind
from connector.store.bulk import insert_rows, one_of
from connector.store.tables import FlagEventRow, FlagRow, ReasonRow, StaffRow


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody should look: the rule, what it rests on, and where in the words it stands."""

    kind: str
    promise: Promise
    sentence: str
    rule: str
    version: int
    at: datetime
    figures: Mapping[str, Any] = field(default_factory=dict)
    reply_id: int | None = None
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Headline:
    """What the card shows first: the most urgent reason and its evidence."""

    sentence: str
    rank: int
    reply_id: int | None
    spans: tuple[tuple[int, int], ...]
    usual_words: str = ""


def lock(session: Session, flag_id: int) -> Flag:
    """One flag, locked until the transaction ends. Raises `NotFound`."""
    # Locked first and read then: one statement that had to wait would not see the new owner's name.
    session.execute(select(FlagRow.id).where(FlagRow.id == flag_id).with_for_update())
    return get(session, flag_id)


def get(session: Session, flag_id: int) -> Flag:
    """One flag, to look at. Raises `NotFound`."""
    row = session.execute(_flags().where(FlagRow.id == flag_id)).first()
    if row is None:
        raise NotFound("There is no such flag.")
    return _flag(*tuple(row))


def lock_open(session: Session, resident_ids: Iterable[int]) -> dict[int, Flag]:
    """The open flags of these residents, by resident, locked in the order of their ids."""
    query = (
        _flags()
        .where(
            one_of(session, FlagRow.resident_id, set(resident_ids)),
            FlagRow.state != FlagState.DONE.value,
        )
        .order_by(FlagRow.id)
        .with_for_update(of=FlagRow)
    )
    flags = [_flag(*tuple(row)) for row in session.connection().execute(query).all()]
    return {flag.resident_id: flag for flag in flags}


def add_many(session: Session, flags: Sequence[Flag]) -> list[int]:
    """Store new flags in one statement; returns their ids in the same order."""
    if not flags:
        return []
    rows: list[dict[str, Any]] = [
        {
            "resident_id": flag.resident_id,
            "state": flag.state.value,
            "promise": flag.promise.value,
            "due_at": flag.due_at,
            "opened_at": flag.opened_at,
            "version": flag.version,
            "headline": "",
            "headline_rank": 99,
            "evidence_spans": [],
            "usual_words": "",
            "reasons": 0,
        }
        for flag in flags
    ]
    statement = insert(FlagRow).returning(FlagRow.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def save_many(session: Session, flags: Sequence[Flag]) -> None:
    """Write where these flags stand now."""
    if flags:
        session.connection().execute(_SAVE, [_state(flag) for flag in flags])


def append_events(session: Session, events: Iterable[tuple[int, FlagEvent]]) -> None:
    rows = [
        {
            "flag_id": flag_id,
            "kind": event.kind.value,
            "at": event.at,
            "by": event.by,
            "promise": event.promise.value,
            "due_at": event.due_at,
            "until": event.until,
            "outcome": event.outcome.value if event.outcome else None,
            "note": event.note,
        }
        for flag_id, event in events
    ]
    if rows:
        insert_rows(session, FlagEventRow, rows)


def append_reasons(session: Session, reasons: Iterable[tuple[int, Reason]]) -> None:
    rows = [
        {
            "flag_id": flag_id,
            "kind": reason.kind,
            "promise": reason.promise.value,
            "sentence": reason.sentence,
            "rule": reason.rule,
            "version": reason.version,
            "figures": dict(reason.figures),
            "reply_id": reason.reply_id,
            "spans": [list(span) for span in reason.spans],
            "at": reason.at,
        }
        for flag_id, reason in reasons
    ]
    if rows:
        insert_rows(session, ReasonRow, rows)


def set_headlines(session: Session, headlines: Iterable[tuple[int, Headline, int]]) -> None:
    """Show (flag id, headline, how many reasons were added), unless a more urgent one stands."""
    rows = [
        {
            "key": flag_id,
            "new_headline": headline.sentence,
            "new_rank": headline.rank,
            "new_reply": headline.reply_id,
            "new_spans": [list(span) for span in headline.spans],
            "new_usual": headline.usual_words,
        }
        for flag_id, headline, _added in headlines
    ]
    if not rows:
        return
    session.connection().execute(
        _COUNT, [{"key": flag_id, "added": added} for flag_id, _headline, added in headlines]
    )
    session.connection().execute(_HEADLINE, rows)


@dataclass(frozen=True, slots=True)
class LastReason:
    """The newest reason of an open flag, and the promise that the flag has by now."""

    kind: SignalKind
    at: datetime
    promise: Promise


def last_reasons(session: Session, resident_ids: Iterable[int]) -> dict[int, LastReason]:
    """The newest reason of each of these residents' open flags, by resident."""
    newest = (
        select(func.max(ReasonRow.id))
        .join(FlagRow, FlagRow.id == ReasonRow.flag_id)
        .where(
            one_of(session, FlagRow.resident_id, set(resident_ids)),
            FlagRow.state != FlagState.DONE.value,
        )
        .group_by(ReasonRow.flag_id)
    )
    rows = session.execute(
        select(FlagRow.resident_id, ReasonRow.kind, ReasonRow.at, FlagRow.promise)
        .join(FlagRow, FlagRow.id == ReasonRow.flag_id)
        .where(ReasonRow.id.in_(newest))
    )
    return {
        who: LastReason(SignalKind(kind), at, Promise(promise)) for who, kind, at, promise in rows
    }


def act(session: Session, flag: Flag, event: FlagEvent) -> None:
    """Write a flag as it is after an event, together with the event."""
    save_many(session, [flag])
    append_events(session, [(flag.id, event)])


def due_to_wake(session: Session, limit: int, *, now: datetime) -> list[Flag]:
    """Waiting flags whose day has come, locked."""
    query = (
        _flags()
        .where(FlagRow.state == FlagState.WAITING.value, FlagRow.wait_until <= now)
        .order_by(FlagRow.id)
        .limit(limit)
        .with_for_update(of=FlagRow, skip_locked=True)
    )
    return [_flag(*tuple(row)) for row in session.execute(query)]


_SAVE = (
    update(FlagRow.__table__)  # type: ignore[arg-type]
    .where(FlagRow.id == bindparam("key"))
    .values(
        state=bindparam("new_state"),
        promise=bindparam("new_promise"),
        due_at=bindparam("new_due_at"),
        owner_id=bindparam("new_owner"),
        taken_at=bindparam("new_taken_at"),
        wait_until=bindparam("new_wait_until"),
        finished_at=bindparam("new_finished_at"),
        outcome=bindparam("new_outcome"),
        version=bindparam("new_version"),
    )
)
_COUNT = (
    update(FlagRow.__table__)  # type: ignore[arg-type]
    .where(FlagRow.id == bindparam("key"))
    .values(reasons=FlagRow.reasons + bindparam("added"))
)
_HEADLINE = (
    update(FlagRow.__table__)  # type: ignore[arg-type]
    .where(FlagRow.id == bindparam("key"), FlagRow.headline_rank >= bindparam("new_rank"))
    .values(
        headline=bindparam("new_headline"),
        headline_rank=bindparam("new_rank"),
        evidence_reply_id=bindparam("new_reply"),
        evidence_spans=bindparam("new_spans"),
        usual_words=bindparam("new_usual"),
    )
)


def _flags() -> Select[*tuple[Any, ...]]:
    return select(
        FlagRow.id,
        FlagRow.resident_id,
        FlagRow.state,
        FlagRow.promise,
        FlagRow.due_at,
        FlagRow.opened_at,
        FlagRow.owner_id,
        StaffRow.name,
        FlagRow.taken_at,
        FlagRow.wait_until,
        FlagRow.finished_at,
        FlagRow.outcome,
        FlagRow.version,
    ).outerjoin(StaffRow, StaffRow.id == FlagRow.owner_id)


def _flag(
    id_: int,
    resident_id: int,
    state: str,
    promise: str,
    due_at: datetime,
    opened_at: datetime,
    owner_id: int | None,
    owner_name: str | None,
    taken_at: datetime | None,
    wait_until: datetime | None,
    finished_at: datetime | None,
    outcome: str | None,
    version: int,
) -> Flag:
    return Flag(
        id=id_,
        resident_id=resident_id,
        state=FlagState(state),
        promise=Promise(promise),
        due_at=due_at,
        opened_at=opened_at,
        owner_id=owner_id,
        owner_name=owner_name or "",
        taken_at=taken_at,
        wait_until=wait_until,
        finished_at=finished_at,
        outcome=Outcome(outcome) if outcome else None,
        version=version,
    )


def _state(flag: Flag) -> dict[str, object]:
    return {
        "key": flag.id,
        "new_state": flag.state.value,
        "new_promise": flag.promise.value,
        "new_due_at": flag.due_at,
        "new_owner": flag.owner_id,
        "new_taken_at": flag.taken_at,
        "new_wait_until": flag.wait_until,
        "new_finished_at": flag.finished_at,
        "new_outcome": flag.outcome.value if flag.outcome else None,
        "new_version": flag.version,
    }
