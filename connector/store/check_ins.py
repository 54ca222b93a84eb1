"""Check-ins: planned in bulk, claimed when due, closed when their time for an answer is over.

The partial index over planned rows is the queue; rows are claimed with SKIP LOCKED, so that two
workers never hold the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    SmallInteger,
    Text,
    and_,
    case,
    column,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session, aliased

from connector.domain.attempt import AttemptState
from connector.domain.cadence import TOO_SOON
from connector.domain.check_in import STOPPED, TEXT, CheckIn, CheckInState, First, Standing
from connector.domain.consent import AgreementState
from connector.domain.flag import FlagState
from connector.domain.mark import Mark
from connector.domain.programme import Part
from connector.domain.promise import Promise
from connector.domain.resident import ContactBy
from connector.store import absences
from connector.store.base import UtcDateTime, insert_for, insert_new, keys
from connector.store.bulk import given, one_of
from connector.store.tables import (
    AttemptRow,
    CheckInRow,
    EnrolmentRow,
    FlagRow,
    ProgrammeRow,
    ResidentRow,
    StopRow,
)


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed check-in with what the decision and the text need.

    Name and number stay sealed until a text is really written.
    """

    check_in: CheckIn
    standing: Standing
    zone: str
    language: str
    connector_id: int | None
    sealed_number: bytes
    sealed_known_as: bytes

    @property
    def number(self) -> str:
        return keys().open(self.sealed_number)

    @property
    def known_as(self) -> str:
        return keys().open(self.sealed_known_as) if self.sealed_known_as else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The check-in that a reply may answer."""

    check_in_id: int
    programme_id: int
    asked_at: datetime
    answered: bool


@dataclass(frozen=True, slots=True)
class Closing:
    """A check-in whose time for an answer is over, and how far its text got.

    `answered` when any question of it was; then nobody asks how far the text got.
    """

    check_in_id: int
    resident_id: int
    programme_id: int
    asked_at: datetime
    reached: AttemptState | None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """The next text of a programme that is planned for somebody."""

    programme_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Slot:
    """When the people of one group get an occurrence, and what it is.

    `joined` is None where the dates do not depend on it. Whoever had a text of the programme after
    `clear_since` does not get it.
    """

    zone: str
    own: str
    joined: date | None
    spread: int
    occurrence: date
    number: int
    due_at: datetime
    expires_at: datetime
    clear_since: datetime
    part: Part = Part.CHECK_IN
    moved: str = ""


SLOTS_AT_ONCE = 20_000
_SLOT = (
    column("zone", Text),
    column("own", Text),
    column("joined", Date),
    column("spread", SmallInteger),
    column("occurrence", Date),
    column("number", Integer),
    column("due_at", UtcDateTime),
    column("expires_at", UtcDateTime),
    column("clear_since", UtcDateTime),
    column("part", Text),
    column("moved", Text),
)


def plan(
    session: Session,
    programme_id: int,
    slots: Sequence[Slot],
    *,
    revision: str,
    by_joining: bool,
    fresh: bool,
    spaced: bool,
) -> int:
    """Plan occurrences for everybody of a programme, thousands of people in one statement.

    `fresh` are those who are planned (again) from today on; the others are where everybody is.
    With `spaced`, what would come too soon after somebody's last text is stored as skipped.
    Returns how many rows were new. An occurrence that exists already is left alone.
    """
    made = 0
    for start in range(0, len(slots), SLOTS_AT_ONCE):
        some = [_as_given(slot) for slot in slots[start : start + SLOTS_AT_ONCE]]
        times = given(session, _SLOT, some)
        people = _people(programme_id, times, by_joining=by_joining, fresh=fresh, spaced=spaced)
        made += _insert_planned(session, people.add_columns(literal(revision).label("revision")))
    return made


def _as_given(slot: Slot) -> tuple[Any, ...]:
    return (
        slot.zone,
        slot.own,
        slot.joined,
        slot.spread,
        slot.occurrence,
        slot.number,
        slot.due_at,
        slot.expires_at,
        slot.clear_since,
        slot.part.value,
        slot.moved,
    )


def _people(
    programme_id: int, times: FromClause, *, by_joining: bool, fresh: bool, spaced: bool
) -> Select[*tuple[Any, ...]]:
    """Everybody of a programme beside the times of their group."""
    state, why = _too_soon(times) if spaced else (literal(CheckInState.PLANNED.value), literal(""))
    people = (
        select(
            EnrolmentRow.resident_id,
            literal(programme_id),
            times.c.occurrence,
            literal(0),
            times.c.number,
            times.c.due_at,
            times.c.expires_at,
            state,
            why,
            times.c.part,
            times.c.moved,
        )
        .join(ResidentRow, ResidentRow.id == EnrolmentRow.resident_id)
        .join(
            times,
            and_(
                times.c.spread == EnrolmentRow.spread,
                times.c.own == EnrolmentRow.own,
                times.c.zone == ResidentRow.zone,
                times.c.joined == EnrolmentRow.started_on if by_joining else true(),
            ),
        )
    )
    return people.where(
        EnrolmentRow.programme_id == programme_id,
        EnrolmentRow.ended_on.is_(None),
        EnrolmentRow.fresh if fresh else not_(EnrolmentRow.fresh),
        EnrolmentRow.started_on <= times.c.occurrence,
        ResidentRow.agreement != AgreementState.WITHDRAWN.value,
    )


def _too_soon(times: FromClause) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """State and sentence for somebody who may have had a text of the programme just now."""
    had = aliased(CheckInRow)
    last = (
        select(func.max(had.attempted_at))
        .where(
            had.resident_id == EnrolmentRow.resident_id,
            had.programme_id == EnrolmentRow.programme_id,
            had.slot == TEXT,
        )
        .correlate(EnrolmentRow)
        .scalar_subquery()
    )
    near = last > times.c.clear_since
    return (
        case((near, CheckInState.SKIPPED.value), else_=CheckInState.PLANNED.value),
        case((near, TOO_SOON), else_=""),
    )


def _insert_planned(session: Session, people: Select[*tuple[Any, ...]]) -> int:
    statement = insert_for(session, CheckInRow).from_select(_PLANNED_COLUMNS, people)
    result = session.execute(
        statement.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True}
    )
    counted = int(getattr(result, "rowcount", 0))
    # Python's SQLite driver does not count a statement that begins with WITH.
    return counted if counted >= 0 else session.scalar(select(func.changes())) or 0


def waiting(session: Session, most: int, *, now: datetime) -> dict[int, int]:
    """How many check-ins are due, by programme, each counted up to `most`; none is left out."""
    some = (
        select(CheckInRow.id)
        .where(CheckInRow.programme_id == ProgrammeRow.id, _is_due(now))
        .limit(most)
        .correlate(ProgrammeRow)
        .subquery()
    )
    amount = select(func.count()).select_from(some).scalar_subquery()
    rows = session.execute(select(ProgrammeRow.id, amount))
    return {programme_id: due for programme_id, due in rows if due}


def claim_due(
    session: Session, limit: int, *, now: datetime, programme_id: int | None = None
) -> list[Due]:
    """Up to `limit` check-ins that are due, of one programme or of any, oldest first.

    They are locked until the transaction ends.
    """
    of_it = true() if programme_id is None else CheckInRow.programme_id == programme_id
    rows = session.connection().execute(
        select(
            CheckInRow.id,
            CheckInRow.resident_id,
            CheckInRow.programme_id,
            CheckInRow.occurrence,
            CheckInRow.number,
            CheckInRow.due_at,
            CheckInRow.expires_at,
            ResidentRow.agreement,
            ResidentRow.number_dead,
            ResidentRow.heard_at,
            ResidentRow.away_kind,
            ResidentRow.standing,
            ResidentRow.doubted_at,
            ResidentRow.contact_by,
            ResidentRow.zone,
            ResidentRow.language,
            ResidentRow.connector_id,
            type_coerce(ResidentRow.number, LargeBinary).label("sealed_number"),
            type_coerce(ResidentRow.known_as, LargeBinary).label("sealed_known_as"),
            StopRow.number_index,
            FlagRow.promise,
            FlagRow.state,
            CheckInRow.part,
            CheckInRow.slot,
            CheckInRow.revision,
        )
        .join(ResidentRow, ResidentRow.id == CheckInRow.resident_id)
        .outerjoin(StopRow, StopRow.number_index == ResidentRow.number_index)
        .outerjoin(
            FlagRow,
            and_(
                FlagRow.resident_id == CheckInRow.resident_id, FlagRow.state != FlagState.DONE.value
            ),
        )
        .where(_is_due(now), of_it)
        .order_by(CheckInRow.due_at)
        .limit(limit)
        .with_for_update(of=CheckInRow, skip_locked=True)
    )
    return _with_absences(session, [_due(*tuple(row)) for row in rows.all()], now)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(CheckInRow.state == CheckInState.PLANNED.value, CheckInRow.due_at <= now)


def firsts(session: Session, reminders: Iterable[int]) -> dict[int, First]:
    """What became of the texts that these reminders remind of, by the reminder's id."""
    text = aliased(CheckInRow)
    rows = session.execute(
        select(CheckInRow.id, text.id, text.attempted_at, text.answered_at)
        .join(
            text,
            and_(
                text.resident_id == CheckInRow.resident_id,
                text.programme_id == CheckInRow.programme_id,
                text.occurrence == CheckInRow.occurrence,
                text.slot == TEXT,
            ),
        )
        .where(one_of(session, CheckInRow.id, reminders), text.attempted_at.is_not(None))
    ).all()
    reached = _reached(session, [row[1] for row in rows])
    return {
        id_: First(sent_at, answered_at is not None, reached.get(first) in _ARRIVED)
        for id_, first, sent_at, answered_at in rows
        if sent_at is not None
    }


_ARRIVED = (AttemptState.ACCEPTED, AttemptState.SENT, AttemptState.DELIVERED)
"""As far as anybody knows: not every channel tells of the last step."""

Went = tuple[datetime | None, int | None]
"""Until when an answer is awaited, and the version whose words went out."""


def mark_attempted(session: Session, went: Mapping[Went, Iterable[int]], *, now: datetime) -> None:
    """These check-ins have become attempts; each group's answers are awaited until its time."""
    for (closes_at, version_id), ids in went.items():
        session.connection().execute(
            update(CheckInRow)
            .where(one_of(session, CheckInRow.id, ids))
            .values(
                state=CheckInState.ATTEMPTED.value,
                attempted_at=now,
                closes_at=closes_at,
                version_id=version_id,
            )
        )


def mark_not_sent(
    session: Session, reasons: Mapping[tuple[CheckInState, str], Iterable[int]]
) -> None:
    """These check-ins were skipped or have expired, each with its sentence."""
    for (state, why), ids in reasons.items():
        session.connection().execute(
            update(CheckInRow)
            .where(one_of(session, CheckInRow.id, ids))
            .values(state=state.value, why=why[:LONGEST_WHY])
        )


def put_off(session: Session, until: Mapping[tuple[datetime, str], Iterable[int]]) -> None:
    """These check-ins wait until another time, each with the sentence that says why."""
    for (due_at, moved), ids in until.items():
        session.connection().execute(
            update(CheckInRow)
            .where(one_of(session, CheckInRow.id, ids))
            .values(due_at=due_at, moved=moved)
        )


LONGEST_WHY = 200


@dataclass(frozen=True, slots=True)
class Later:
    """A text that follows from another of the same date: its reminder, or a goodbye."""

    resident_id: int
    programme_id: int
    occurrence: date
    slot: int
    part: Part
    number: int
    due_at: datetime
    expires_at: datetime
    moved: str = ""
    why: str = ""
    """Why it is not sent, where that is known already."""


def add_later(session: Session, texts: Sequence[Later]) -> None:
    """Plan texts that follow from others; one that is there already is left alone."""
    insert_new(session, CheckInRow, [_later(text) for text in texts])


def _later(text: Later) -> dict[str, Any]:
    return {
        "resident_id": text.resident_id,
        "programme_id": text.programme_id,
        "occurrence": text.occurrence,
        "slot": text.slot,
        "part": text.part.value,
        "number": text.number,
        "due_at": text.due_at,
        "expires_at": text.expires_at,
        "state": (CheckInState.SKIPPED if text.why else CheckInState.PLANNED).value,
        "moved": text.moved,
        "why": text.why,
        "revision": "",
    }


def last_asked(session: Session, resident_ids: Iterable[int], *, now: datetime) -> dict[int, Asked]:
    """For each resident the latest check-in that still awaits or has had its answer."""
    rank = func.row_number().over(
        partition_by=CheckInRow.resident_id, order_by=CheckInRow.attempted_at.desc()
    )
    latest = (
        select(
            CheckInRow.resident_id,
            CheckInRow.id,
            CheckInRow.programme_id,
            CheckInRow.attempted_at,
            CheckInRow.answered_at,
            rank.label("rank"),
        )
        .where(
            one_of(session, CheckInRow.resident_id, set(resident_ids)), CheckInRow.closes_at > now
        )
        .subquery()
    )
    rows = (
        session.connection()
        .execute(
            select(
                latest.c.resident_id,
                latest.c.id,
                latest.c.programme_id,
                latest.c.attempted_at,
                latest.c.answered_at,
            ).where(latest.c.rank == 1)
        )
        .all()
    )
    return {
        who: Asked(id_, programme, asked_at, answered_at is not None)
        for who, id_, programme, asked_at, answered_at in rows
    }


def answered(session: Session, ids: Iterable[int], *, now: datetime) -> None:
    session.execute(
        update(CheckInRow)
        .where(one_of(session, CheckInRow.id, ids), CheckInRow.answered_at.is_(None))
        .values(answered_at=now)
    )


def claim_closing(session: Session, limit: int, *, now: datetime) -> list[Closing]:
    """Up to `limit` check-ins whose time is over, locked, with how far their text got."""
    rows = session.execute(
        select(
            CheckInRow.id,
            CheckInRow.resident_id,
            CheckInRow.programme_id,
            CheckInRow.attempted_at,
            CheckInRow.answered_at,
        )
        .where(CheckInRow.closes_at <= now)
        .order_by(CheckInRow.closes_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    session.execute(
        update(CheckInRow).where(CheckInRow.id.in_([row[0] for row in rows])).values(closes_at=None)
    )
    reached = _reached(session, [row[0] for row in rows if row[4] is None])
    return [
        Closing(id_, who, programme, asked_at or now, reached.get(id_), answered_at is not None)
        for id_, who, programme, asked_at, answered_at in rows
    ]


def oldest_due(session: Session) -> datetime | None:
    """When the first planned check-in is due. One look into the index for each programme."""
    first = (
        select(func.min(CheckInRow.due_at))
        .where(
            CheckInRow.programme_id == ProgrammeRow.id,
            CheckInRow.state == CheckInState.PLANNED.value,
        )
        .correlate(ProgrammeRow)
        .scalar_subquery()
    )
    found = session.scalars(select(first).select_from(ProgrammeRow))
    return min((at for at in found if at is not None), default=None)


def next_due(session: Session, resident_id: int) -> dict[int, Coming]:
    """The next planned check-in of a resident, by programme."""
    rows = session.execute(
        select(CheckInRow.programme_id, func.min(CheckInRow.due_at))
        .where(
            CheckInRow.resident_id == resident_id, CheckInRow.state == CheckInState.PLANNED.value
        )
        .group_by(CheckInRow.programme_id)
    )
    return {programme_id: Coming(programme_id, due_at) for programme_id, due_at in rows}


def forget_unsent(
    session: Session,
    *,
    now: datetime,
    programme_id: int | None = None,
    resident_ids: Iterable[int] | None = None,
    reminders: bool = False,
) -> None:
    """Take what is still to come out of the plan, so that it is planned anew.

    A reminder stays with the text that it reminds of, unless `reminders` go as well. What is too
    late anyway waits to be told so.
    """
    of_it = true() if programme_id is None else CheckInRow.programme_id == programme_id
    of_them = (
        true() if resident_ids is None else one_of(session, CheckInRow.resident_id, resident_ids)
    )
    session.execute(
        delete(CheckInRow).where(
            of_it,
            of_them,
            true() if reminders else CheckInRow.slot == TEXT,
            or_(
                and_(CheckInRow.state == CheckInState.PLANNED.value, CheckInRow.expires_at > now),
                and_(CheckInRow.state == CheckInState.SKIPPED.value, CheckInRow.due_at > now),
            ),
        )
    )


def drop_planned(session: Session, resident_ids: Iterable[int], why: str) -> None:
    """Whatever is planned for these residents does not go out; the sentence says why."""
    session.execute(
        update(CheckInRow)
        .where(
            CheckInRow.resident_id.in_(set(resident_ids)),
            CheckInRow.state == CheckInState.PLANNED.value,
        )
        .values(state=CheckInState.SKIPPED.value, why=why)
    )


def take_up_again(session: Session, resident_ids: Iterable[int], *, now: datetime) -> None:
    """What was dropped for a stop and is still to come is planned after all."""
    session.execute(
        update(CheckInRow)
        .where(
            CheckInRow.resident_id.in_(set(resident_ids)),
            CheckInRow.state == CheckInState.SKIPPED.value,
            CheckInRow.why == STOPPED,
            CheckInRow.due_at > now,
        )
        .values(state=CheckInState.PLANNED.value, why="")
    )


_PLANNED_COLUMNS = (
    "resident_id",
    "programme_id",
    "occurrence",
    "slot",
    "number",
    "due_at",
    "expires_at",
    "state",
    "why",
    "part",
    "moved",
    "revision",
)


def _reached(session: Session, ids: Iterable[int]) -> dict[int, AttemptState]:
    rows = session.execute(
        select(AttemptRow.check_in_id, AttemptRow.state).where(
            AttemptRow.check_in_id.in_(list(ids))
        )
    )
    best: dict[int, AttemptState] = {}
    for id_, state in rows:
        found = AttemptState(state)
        if id_ is not None and (id_ not in best or found.rank > best[id_].rank):
            best[id_] = found
    return best


def _due(
    id_: int,
    resident_id: int,
    programme_id: int,
    occurrence: date,
    number: int,
    due_at: datetime,
    expires_at: datetime,
    agreement: str,
    number_dead: bool,
    heard_at: datetime | None,
    away_kind: str,
    mark: str,
    doubted_at: datetime | None,
    contact_by: str,
    zone: str,
    language: str,
    connector_id: int | None,
    sealed_number: bytes,
    sealed_known_as: bytes,
    stopped: bytes | None,
    promise: str | None,
    flag_state: str | None,
    part: str,
    slot: int,
    revision: str,
) -> Due:
    return Due(
        CheckIn(
            id_,
            resident_id,
            programme_id,
            occurrence,
            number,
            due_at,
            expires_at,
            Part(part),
            slot,
            revision,
        ),
        Standing(
            agreement=AgreementState(agreement),
            number_stopped=stopped is not None,
            number_dead=number_dead,
            flag_due_now=promise == Promise.NOW.value,
            in_conversation=flag_state == FlagState.TAKEN.value,
            last_heard_at=heard_at,
            away=bool(away_kind),
            mark=Mark(mark) if mark else None,
            doubted=doubted_at is not None,
            contact_by=ContactBy(contact_by),
        ),
        zone,
        language,
        connector_id,
        bytes(sealed_number),
        bytes(sealed_known_as),
    )


def _with_absences(session: Session, due: list[Due], now: datetime) -> list[Due]:
    """Whether those whose record speaks of an absence are without texts today."""
    marked = {one.check_in.resident_id for one in due if one.standing.away}
    if not marked:
        return due
    away = absences.away_now(session, marked, now=now)
    return [
        replace(one, standing=replace(one.standing, away=one.check_in.resident_id in away))
        for one in due
    ]


@dataclass(frozen=True, slots=True)
class Movable:
    """A planned text of a day that may be moved."""

    id: int
    due_at: datetime
    expires_at: datetime


def movable(session: Session, resident_id: int, since: datetime, until: datetime) -> list[Movable]:
    """What is planned for somebody from `since` and before `until`, but for reminders."""
    rows = session.execute(
        select(CheckInRow.id, CheckInRow.due_at, CheckInRow.expires_at).where(
            CheckInRow.resident_id == resident_id,
            CheckInRow.state == CheckInState.PLANNED.value,
            CheckInRow.slot == TEXT,
            CheckInRow.due_at >= since,
            CheckInRow.due_at < until,
        )
    )
    return [Movable(id_, due_at, expires_at) for id_, due_at, expires_at in rows]


def move(session: Session, one: Movable, due_at: datetime, moved: str) -> None:
    """It goes at another time, and may be as late as before."""
    session.execute(
        update(CheckInRow)
        .where(CheckInRow.id == one.id)
        .values(due_at=due_at, expires_at=due_at + (one.expires_at - one.due_at), moved=moved)
    )
