"""Attempts to send a text: made, marked, recorded, and moved only forward by receipts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, aliased

from connector.domain.attempt import (
    AttemptState,
    Outcome,
    Purpose,
    Receipt,
    Result,
    earlier_than,
)
from connector.domain.check_in import Standing
from connector.domain.consent import AgreementState
from connector.domain.flag import FlagState
from connector.domain.mark import Mark
from connector.domain.promise import Promise
from connector.domain.resident import ContactBy
from connector.store import absences, stops
from connector.store.base import blind_index, insert_into
from connector.store.bulk import insert_rows, one_of
from connector.store.tables import AttemptRow, FlagRow, ReceiptRow, ResidentRow, StopRow

LONGEST_IN_QUEUE = timedelta(days=3)
"""No text waits longer than this between being written and being sent."""


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """A text about to exist. `state` is queued (later) or sending (marked already).

    A text to somebody we do not know has no resident and carries its `number`.
    """

    resident_id: int | None
    purpose: Purpose
    body: str
    due_at: datetime
    not_after: datetime
    state: AttemptState = AttemptState.QUEUED
    check_in_id: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """A claimed text that waits to go, with what the decision needs."""

    attempt_id: UUID
    resident_id: int | None
    purpose: Purpose
    body: str
    not_after: datetime
    number: str
    standing: Standing
    arrived_before: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """A text that did not get through, and how often its check-in has been tried."""

    resident_id: int | None
    number: str
    check_in_id: int | None
    purpose: Purpose
    body: str
    channel: str
    not_after: datetime
    state: AttemptState
    tries: int


def add_many(
    session: Session, attempts: Sequence[NewAttempt], *, channel: str, now: datetime
) -> list[UUID]:
    """Store attempts in one statement; returns their ids in the same order."""
    if not attempts:
        return []
    rows = [_row(uuid4(), attempt, channel, now) for attempt in attempts]
    insert_rows(session, AttemptRow, rows)
    return [row["id"] for row in rows]  # type: ignore[misc]


def waiting(session: Session, most: int, *, now: datetime) -> int:
    """How many queued texts that we open are due, counted up to `most`."""
    some = select(AttemptRow.id).where(_is_due(now), _opened_by_us()).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def claim_queued(
    session: Session, limit: int, *, now: datetime, urgent: bool | None = None
) -> list[Queued]:
    """Up to `limit` queued texts whose time has come, oldest first, locked.

    `urgent` asks for answers to people alone, False for what we open ourselves, None for both.
    """
    other = aliased(AttemptRow)
    which = {True: not_(_opened_by_us()), False: _opened_by_us(), None: true()}[urgent]
    rows = session.execute(
        select(
            AttemptRow.id,
            AttemptRow.resident_id,
            AttemptRow.purpose,
            AttemptRow.body,
            AttemptRow.not_after,
            AttemptRow.number,
            ResidentRow.number,
            ResidentRow.agreement,
            ResidentRow.number_dead,
            ResidentRow.heard_at,
            ResidentRow.standing,
            ResidentRow.doubted_at,
            ResidentRow.contact_by,
            ResidentRow.away_kind,
            StopRow.number_index,
            FlagRow.promise,
            FlagRow.state,
            exists().where(
                other.check_in_id == AttemptRow.check_in_id,
                other.state == AttemptState.DELIVERED.value,
            ),
        )
        .outerjoin(ResidentRow, ResidentRow.id == AttemptRow.resident_id)
        .outerjoin(StopRow, StopRow.number_index == ResidentRow.number_index)
        .outerjoin(
            FlagRow,
            and_(
                FlagRow.resident_id == AttemptRow.resident_id,
                FlagRow.state != FlagState.DONE.value,
            ),
        )
        .where(_is_due(now), which)
        .order_by(AttemptRow.due_at)
        .limit(limit)
        .with_for_update(of=AttemptRow, skip_locked=True)
    ).all()
    strangers = stops.among(session, [blind_index(row[5]) for row in rows if row[1] is None])
    return _with_absences(session, [_queued(strangers, *tuple(row)) for row in rows], now)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(AttemptRow.state == AttemptState.QUEUED.value, AttemptRow.due_at <= now)


def _opened_by_us() -> ColumnElement[bool]:
    return AttemptRow.purpose.in_([purpose.value for purpose in OPENED_BY_US])


def mark_sending(session: Session, ids: Iterable[UUID], *, now: datetime) -> None:
    session.execute(
        update(AttemptRow)
        .where(one_of(session, AttemptRow.id, ids))
        .values(state=AttemptState.SENDING.value, marked_at=now, tries=AttemptRow.tries + 1)
    )


def mark_skipped(session: Session, attempt_id: UUID, why: str) -> None:
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == attempt_id)
        .values(state=AttemptState.SKIPPED.value, why=why)
    )


def record(session: Session, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of handing texts over. A receipt that came first is not undone."""
    rows = [
        {
            "key": outcome.attempt_id,
            "provider": outcome.provider_id or None,
            "new_state": _after(outcome).value,
            "new_code": outcome.code,
            "new_why": outcome.meaning.words_with(outcome.code),
        }
        for outcome in outcomes
        if outcome.result is not Result.THROTTLED
    ]
    if rows:
        session.connection().execute(_RECORD, rows)


def put_back(session: Session, attempt_id: UUID, *, due_at: datetime) -> None:
    """A throttled text never left: it waits in the queue again until `due_at`."""
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == attempt_id, AttemptRow.state == AttemptState.SENDING.value)
        .values(state=AttemptState.QUEUED.value, due_at=due_at)
    )


def tries(session: Session, attempt_id: UUID) -> int:
    return session.scalar(select(AttemptRow.tries).where(AttemptRow.id == attempt_id)) or 0


def failed(session: Session, attempt_id: UUID) -> Failed | None:
    """What is known of a text that did not get through; None when there is no such attempt."""
    other = aliased(AttemptRow)
    tries = (
        select(func.count())
        .where(other.check_in_id == AttemptRow.check_in_id)
        .correlate(AttemptRow)
        .scalar_subquery()
    )
    row = session.execute(
        select(
            AttemptRow.resident_id,
            AttemptRow.number,
            AttemptRow.check_in_id,
            AttemptRow.purpose,
            AttemptRow.body,
            AttemptRow.channel,
            AttemptRow.not_after,
            AttemptRow.state,
            tries,
        ).where(AttemptRow.id == attempt_id)
    ).first()
    if row is None:
        return None
    who, number, check_in_id, purpose, body, channel, not_after, state, count = row
    return Failed(
        resident_id=who,
        number=number,
        check_in_id=check_in_id,
        purpose=Purpose(purpose),
        body=body,
        channel=channel,
        not_after=not_after,
        state=AttemptState(state),
        tries=count,
    )


def resident_of(session: Session, attempt_id: UUID) -> int | None:
    """Whose text this attempt is; None when there is no such attempt."""
    return session.scalar(select(AttemptRow.resident_id).where(AttemptRow.id == attempt_id))


def residents_of(session: Session, ids: Iterable[UUID]) -> set[int]:
    """Whose texts these attempts are."""
    return set(session.scalars(select(AttemptRow.resident_id).where(AttemptRow.id.in_(list(ids)))))


def apply(session: Session, receipt: Receipt, *, now: datetime) -> bool:
    """Keep a receipt once and move its attempt forward. False when it was known already.

    One statement on PostgreSQL. On SQLite the attempt moves first, so that whoever is stopped
    between the two finds nothing half done when the receipt comes again: a state only goes forward.
    """
    given = {
        "given_id": receipt.attempt_id,
        "given_state": receipt.state.value,
        "given_event": receipt.event,
        "given_provider": receipt.provider_id,
        "given_code": receipt.code,
        "given_why": receipt.meaning.words_with(receipt.code),
        "given_at": now,
        "earlier": [state.value for state in earlier_than(receipt.state)],
    }
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return bool(connection.scalar(_APPLY, given))
    connection.execute(_MOVE, given)
    return connection.execute(_keep("sqlite").returning(ReceiptRow.id), given).first() is not None


def forget_unanswered(session: Session, *, older_than: timedelta, now: datetime) -> int:
    """Attempts that were marked and never recorded become *unknown*. Returns how many."""
    result = session.execute(
        update(AttemptRow)
        .where(
            AttemptRow.state == AttemptState.SENDING.value,
            AttemptRow.marked_at <= now - older_than,
        )
        .values(state=AttemptState.UNKNOWN.value)
    )
    return int(getattr(result, "rowcount", 0))


@dataclass(frozen=True, slots=True)
class Lost:
    """A text of which we do not know whether it left, or whether it arrived."""

    attempt_id: UUID
    resident_id: int | None
    to: str
    body: str
    marked_at: datetime
    provider_id: str
    not_after: datetime


def claim_unknown(
    session: Session, limit: int, *, after: Sequence[timedelta], now: datetime
) -> list[Lost]:
    """Unknown texts to ask the provider about: each so long `after` it was marked, and no more."""
    rows = session.execute(
        _lost()
        .where(
            AttemptRow.state == AttemptState.UNKNOWN.value,
            or_(
                *(
                    and_(AttemptRow.asked_after == asked, AttemptRow.marked_at <= now - wait)
                    for asked, wait in enumerate(after)
                )
            ),
        )
        .order_by(AttemptRow.marked_at)
        .limit(limit)
        .with_for_update(of=AttemptRow, skip_locked=True)
    ).all()
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.id.in_([row[0] for row in rows]))
        .values(asked_after=AttemptRow.asked_after + 1)
    )
    return [_lost_from(*tuple(row)) for row in rows]


def without_receipt(
    session: Session, limit: int, *, older_than: timedelta, younger_than: timedelta, now: datetime
) -> list[Lost]:
    """Texts the provider took of which no last word has come for a while."""
    waiting = [AttemptState.ACCEPTED.value, AttemptState.SENT.value]
    rows = session.execute(
        _lost()
        .where(
            AttemptRow.made_at <= now - older_than,
            AttemptRow.made_at > now - younger_than,
            AttemptRow.state.in_(waiting),
            AttemptRow.provider_id.is_not(None),
        )
        .order_by(AttemptRow.made_at)
        .limit(limit)
    )
    return [_lost_from(*tuple(row)) for row in rows]


def provider_ids(
    session: Session, numbers: Iterable[str], *, since: datetime
) -> dict[str, frozenset[str]]:
    """The provider's names of the texts that went to these numbers since then, by number."""
    by_index = {blind_index(number): number for number in set(numbers)}
    rows = session.execute(
        select(ResidentRow.number_index, AttemptRow.provider_id)
        .join(ResidentRow, ResidentRow.id == AttemptRow.resident_id)
        .where(
            ResidentRow.number_index.in_(by_index),
            AttemptRow.made_at >= since,
            AttemptRow.provider_id.is_not(None),
        )
    )
    known: dict[str, set[str]] = {}
    for index, provider_id in rows:
        if provider_id:
            known.setdefault(by_index[bytes(index)], set()).add(provider_id)
    return {number: frozenset(ids) for number, ids in known.items()}


def send_again(session: Session, attempt_id: UUID, *, now: datetime) -> None:
    """An unknown text that surely never left waits in the queue again."""
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == attempt_id, AttemptRow.state == AttemptState.UNKNOWN.value)
        .values(state=AttemptState.QUEUED.value, due_at=now, asked_after=0)
    )


def never_left(session: Session, attempt_id: UUID, why: str) -> None:
    """An unknown text that surely never left, and is not worth sending any more."""
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == attempt_id, AttemptRow.state == AttemptState.UNKNOWN.value)
        .values(state=AttemptState.SKIPPED.value, why=why)
    )


def outcomes_since(session: Session, since: datetime) -> dict[AttemptState, int]:
    """How many texts made since then stand where."""
    rows = session.execute(
        select(AttemptRow.state, func.count())
        .where(AttemptRow.made_at >= since)
        .group_by(AttemptRow.state)
    )
    return {AttemptState(state): count for state, count in rows}


def count_unknown(session: Session) -> int:
    """How many texts there are of which we do not know whether they left."""
    query = select(func.count()).where(AttemptRow.state == AttemptState.UNKNOWN.value)
    return session.scalar(query) or 0


def opened_by_us(
    session: Session, resident_ids: Iterable[int], since: datetime, *, waiting: bool
) -> dict[int, list[datetime]]:
    """When texts that we opened went to these residents since then, or may have gone.

    What surely did not arrive does not count. With `waiting`, those in the queue count at the time
    they are due.
    """
    moment = func.coalesce(AttemptRow.marked_at, AttemptRow.due_at)
    unsent = [AttemptState.SKIPPED, AttemptState.REFUSED, AttemptState.UNDELIVERED]
    if not waiting:
        unsent.append(AttemptState.QUEUED)
    rows = (
        session.connection()
        .execute(
            select(AttemptRow.resident_id, moment).where(
                one_of(session, AttemptRow.resident_id, set(resident_ids)),
                AttemptRow.made_at > since - LONGEST_IN_QUEUE,
                moment > since,
                _opened_by_us(),
                AttemptRow.state.not_in([state.value for state in unsent]),
            )
        )
        .all()
    )
    found: dict[int, list[datetime]] = {}
    for resident_id, at in rows:
        if resident_id is not None:
            found.setdefault(resident_id, []).append(at)
    return found


def answers_since(
    session: Session, number_indexes: Iterable[bytes], since: datetime
) -> dict[bytes, int]:
    """How many automatic answers residents with these numbers were given since then."""
    rows = session.execute(
        select(ResidentRow.number_index, func.count())
        .join(AttemptRow, AttemptRow.resident_id == ResidentRow.id)
        .where(
            ResidentRow.number_index.in_(set(number_indexes)),
            AttemptRow.made_at > since,
            AttemptRow.purpose == Purpose.ANSWER.value,
        )
        .group_by(ResidentRow.number_index)
    )
    return {bytes(index): count for index, count in rows}


def oldest_due(session: Session) -> datetime | None:
    return session.scalar(
        select(func.min(AttemptRow.due_at)).where(AttemptRow.state == AttemptState.QUEUED.value)
    )


OPENED_BY_US = (Purpose.CHECK_IN, Purpose.PROMPT, Purpose.NOTICE)


def _lost() -> Select[*tuple[Any, ...]]:
    return select(
        AttemptRow.id,
        AttemptRow.resident_id,
        AttemptRow.number,
        ResidentRow.number,
        AttemptRow.body,
        AttemptRow.marked_at,
        AttemptRow.provider_id,
        AttemptRow.not_after,
    ).outerjoin(ResidentRow, ResidentRow.id == AttemptRow.resident_id)


def _lost_from(
    id_: UUID,
    resident_id: int | None,
    own_number: str,
    number: str | None,
    body: str,
    marked_at: datetime,
    provider_id: str | None,
    not_after: datetime,
) -> Lost:
    return Lost(
        id_, resident_id, number or own_number, body, marked_at, provider_id or "", not_after
    )


def _unless_empty(given: str, old: Any) -> ColumnElement[Any]:
    return func.coalesce(func.nullif(bindparam(given, type_=String()), ""), old)


_AFTER = {
    Result.ACCEPTED: AttemptState.ACCEPTED,
    Result.REFUSED: AttemptState.REFUSED,
    Result.UNKNOWN: AttemptState.UNKNOWN,
}
_RECORD = (
    update(AttemptRow.__table__)  # type: ignore[arg-type]
    .where(
        AttemptRow.id == bindparam("key"),
        # Not `in_`: a list cannot be filled in for many rows at once.
        or_(
            AttemptRow.state == AttemptState.SENDING.value,
            AttemptRow.state == AttemptState.UNKNOWN.value,
        ),
    )
    .values(
        provider_id=bindparam("provider"),
        state=bindparam("new_state"),
        code=bindparam("new_code"),
        why=bindparam("new_why"),
    )
)


def _queued(
    strangers: set[bytes],
    id_: UUID,
    resident_id: int | None,
    purpose: str,
    body: str,
    not_after: datetime,
    own_number: str,
    number: str | None,
    agreement: str | None,
    dead: bool | None,
    heard_at: datetime | None,
    mark: str | None,
    doubted_at: datetime | None,
    contact_by: str | None,
    away_kind: str | None,
    stopped: bytes | None,
    promise: str | None,
    flag_state: str | None,
    arrived_before: bool,
) -> Queued:
    """A claimed text. One to a number that nobody is known by goes unless that number said STOP."""
    if resident_id is None or agreement is None:
        standing = Standing(AgreementState.GIVEN, blind_index(own_number) in strangers)
    else:
        standing = Standing(
            agreement=AgreementState(agreement),
            number_stopped=stopped is not None,
            number_dead=bool(dead),
            flag_due_now=promise == Promise.NOW.value,
            in_conversation=flag_state == FlagState.TAKEN.value,
            last_heard_at=heard_at,
            mark=Mark(mark) if mark else None,
            doubted=doubted_at is not None,
            contact_by=ContactBy(contact_by or "text"),
            away=bool(away_kind),
        )
    to = number or own_number
    return Queued(
        id_, resident_id, Purpose(purpose), body, not_after, to, standing, bool(arrived_before)
    )


def _with_absences(session: Session, queued: list[Queued], now: datetime) -> list[Queued]:
    """Whether those whose record speaks of an absence are without texts today."""
    marked = {one.resident_id for one in queued if one.standing.away and one.resident_id}
    if not marked:
        return queued
    away = absences.away_now(session, marked, now=now)
    return [
        replace(one, standing=replace(one.standing, away=one.resident_id in away)) for one in queued
    ]


_MOVE = (
    update(AttemptRow.__table__)  # type: ignore[arg-type]
    .where(
        AttemptRow.id == bindparam("given_id"),
        AttemptRow.state.in_(bindparam("earlier", expanding=True)),
    )
    .values(
        state=bindparam("given_state"),
        code=bindparam("given_code"),
        why=_unless_empty("given_why", AttemptRow.why),
        provider_id=_unless_empty("given_provider", AttemptRow.provider_id),
    )
)


def _keep(dialect: str) -> postgresql.Insert:
    return (
        insert_into(ReceiptRow, dialect)
        .values(
            attempt_id=bindparam("given_id"),
            status=bindparam("given_event"),
            provider_id=bindparam("given_provider"),
            code=bindparam("given_code"),
            at=bindparam("given_at"),
        )
        .on_conflict_do_nothing()
    )


def _keep_and_move() -> Select[int]:
    kept = _keep("postgresql").returning(ReceiptRow.id).cte("kept")
    moved = _MOVE.where(exists().select_from(kept)).cte("moved")
    return select(func.count()).select_from(kept).add_cte(moved)


_APPLY = _keep_and_move()


def _after(outcome: Outcome) -> AttemptState:
    return AttemptState.DELIVERED if outcome.arrived else _AFTER[outcome.result]


def _row(id_: UUID, attempt: NewAttempt, channel: str, now: datetime) -> dict[str, object]:
    sending = attempt.state is AttemptState.SENDING
    return {
        "id": id_,
        "resident_id": attempt.resident_id,
        "check_in_id": attempt.check_in_id,
        "number": attempt.number,
        "asked_after": 0,
        "purpose": attempt.purpose.value,
        "state": attempt.state.value,
        "body": attempt.body,
        "channel": channel,
        "code": "",
        "why": "",
        "made_at": now,
        "due_at": attempt.due_at,
        "not_after": attempt.not_after,
        "marked_at": now if sending else None,
        "tries": 1 if sending else 0,
    }
