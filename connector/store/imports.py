"""Lists that were brought in, their lines, and what stood in a record before a line changed it.

A list is locked by whoever works on it; its lines are taken in their order, and each is marked in
the transaction that does it, so that a worker may die at any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from connector.domain.attempt import Purpose
from connector.domain.consent import AgreementState, How
from connector.domain.errors import NotFound
from connector.domain.import_rows import Known
from connector.domain.resident import ContactBy
from connector.store import residents
from connector.store.base import Base, blind_index, to_json
from connector.store.bulk import insert_rows, one_of, update_rows
from connector.store.tables import (
    AgreementRow,
    AttemptRow,
    CheckInRow,
    EnrolmentRow,
    ImportBatchRow,
    ImportRowRow,
    ResidentRow,
    StaffRow,
    StopRow,
)

SUBJECT = "import"
MATCHING, CHECKING, CHECKED = "matching", "checking", "checked"
RUNNING, DONE, UNDOING, UNDONE, DROPPED = "running", "done", "undoing", "undone", "dropped"
AT_WORK = (CHECKING, RUNNING, UNDOING)
TO_DO = ("add", "update")
STAYED = "stayed"
PROBLEM, NOTE = "problem", "note"


@dataclass(frozen=True, slots=True)
class Batch:
    """A list and how far it has come. `done` counts lines of the step that is going on."""

    id: int
    file_name: str
    state: str
    columns: Mapping[str, Any]
    choices: Mapping[str, Any]
    counts: Mapping[str, int]
    rows: int
    done: int
    made_at: datetime
    by_name: str
    finished_at: datetime | None
    undone_at: datetime | None
    by: int

    @property
    def at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def to_do(self) -> int:
        """How many lines the step that is going on has."""
        if self.state == CHECKING:
            return self.rows
        return sum(self.counts.get(act, 0) for act in TO_DO)


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `before` is what doing it changed: was and now of every field, and who joined."""

    id: int
    line: int
    act: str
    cells: tuple[str, ...]
    before: Mapping[str, Any]
    said: tuple[tuple[str, str], ...]
    resident_id: int | None

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(words for kind, words in self.said if kind == PROBLEM)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(words for kind, words in self.said if kind == NOTE)


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking or doing one line came to."""

    id: int
    act: str
    said: Sequence[tuple[str, str]]
    number_index: bytes | None
    reference: bytes | None
    resident_id: int | None
    before: Mapping[str, Any] | None = None
    done: bool = False


def add(
    session: Session,
    *,
    file_name: str,
    columns: Mapping[str, Any],
    choices: Mapping[str, Any],
    lines: Sequence[tuple[int, Sequence[str]]],
    by: int,
    now: datetime,
) -> int:
    """Keep a list as it came, before anybody has said what its columns are."""
    row = ImportBatchRow(
        file_name=file_name,
        state=MATCHING,
        columns=dict(columns),
        choices=dict(choices),
        counts={},
        rows=len(lines),
        made_at=now,
        made_by=by,
    )
    session.add(row)
    session.flush()
    insert_rows(session, ImportRowRow, [_new(row.id, line, cells) for line, cells in lines])
    return row.id


def _new(batch_id: int, line: int, cells: Sequence[str]) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "line": line,
        "act": "",
        "data": to_json(list(cells)),
        "before": "",
        "problems": "",
        "done": False,
    }


def get(session: Session, batch_id: int) -> Batch:
    """One list. Raises `NotFound`."""
    return _one(session, _batches().where(ImportBatchRow.id == batch_id))


def lock(session: Session, batch_id: int) -> Batch:
    """One list, and nobody else moves it meanwhile. Raises `NotFound`."""
    held = select(ImportBatchRow.id).where(ImportBatchRow.id == batch_id)
    session.execute(held.with_for_update())
    return get(session, batch_id)


def next_at_work(session: Session) -> Batch | None:
    """The oldest list with work to do that no other worker holds; it is locked now."""
    waiting = select(ImportBatchRow.id).where(ImportBatchRow.state.in_(AT_WORK))
    first = waiting.order_by(ImportBatchRow.id).limit(1).with_for_update(skip_locked=True)
    batch_id = session.scalar(first)
    return None if batch_id is None else get(session, batch_id)


def recent(session: Session, *, limit: int = 20) -> list[Batch]:
    """The latest lists, the newest first; those that were put away are not among them."""
    query = _batches().where(ImportBatchRow.state != DROPPED)
    rows = session.execute(query.order_by(ImportBatchRow.id.desc()).limit(limit))
    return [Batch(*row) for row in rows]


def change(session: Session, batch_id: int, **values: Any) -> None:
    session.execute(update(ImportBatchRow).where(ImportBatchRow.id == batch_id).values(**values))


def forget_lines(session: Session, batch_id: int) -> None:
    """A list that was not wanted: what it said of people is deleted."""
    session.execute(delete(ImportRowRow).where(ImportRowRow.batch_id == batch_id))


def unread_again(session: Session, batch_id: int) -> None:
    """Every line is to be checked once more."""
    session.execute(
        update(ImportRowRow)
        .where(ImportRowRow.batch_id == batch_id)
        .values(act="", problems="", number_index=None, reference=None, resident_id=None)
    )


def unchecked(session: Session, batch_id: int, *, limit: int) -> list[Row]:
    return _rows(session, batch_id, ImportRowRow.act == "", limit=limit)


def to_do(session: Session, batch_id: int, *, limit: int) -> list[Row]:
    return _rows(
        session, batch_id, ImportRowRow.act.in_(TO_DO), ImportRowRow.done.is_(False), limit=limit
    )


def to_undo(session: Session, batch_id: int, *, limit: int) -> list[Row]:
    return _rows(
        session, batch_id, ImportRowRow.act.in_(TO_DO), ImportRowRow.done.is_(True), limit=limit
    )


def first_lines(session: Session, batch_id: int, *, limit: int) -> list[Row]:
    return _rows(session, batch_id, limit=limit)


def lines_that(
    session: Session, batch_id: int, *acts: str, limit: int, after: int = 0
) -> list[Row]:
    """Lines of these acts, after a line."""
    which = ImportRowRow.act.in_(acts), ImportRowRow.line > after
    return _rows(session, batch_id, *which, limit=limit)


def lines_with_words(session: Session, batch_id: int, *acts: str, limit: int) -> list[Row]:
    """Lines of which there is something to say; of these acts, if any are named."""
    which = [func.length(ImportRowRow.problems) > 0]
    if acts:
        which.append(ImportRowRow.act.in_(acts))
    return _rows(session, batch_id, *which, limit=limit)


def counts(session: Session, batch_id: int) -> dict[str, int]:
    """How many lines of each act."""
    query = select(ImportRowRow.act, func.count()).where(ImportRowRow.batch_id == batch_id)
    return {act: many for act, many in session.execute(query.group_by(ImportRowRow.act)) if act}


def earlier(
    session: Session, batch_id: int, indexes: Iterable[bytes], *, before: int
) -> list[tuple[bytes | None, bytes | None, Row]]:
    """Checked lines of a list before a line, with one of these numbers or references."""
    wanted = list(indexes)
    if not wanted:
        return []
    rows = session.scalars(
        select(ImportRowRow)
        .where(
            ImportRowRow.batch_id == batch_id,
            ImportRowRow.line < before,
            or_(
                one_of(session, ImportRowRow.number_index, wanted),
                one_of(session, ImportRowRow.reference, wanted),
            ),
        )
        .order_by(ImportRowRow.line)
    )
    return [(row.number_index, row.reference, _row(row)) for row in rows]


def write(session: Session, checked: Sequence[Checked], *, doing: bool) -> None:
    """Write down what came of lines; when it was done, with what stood there before."""
    rows: list[dict[str, Any]] = []
    for one in checked:
        row: dict[str, Any] = {
            "id": one.id,
            "act": one.act,
            "problems": to_json(list(one.said)) if one.said else "",
            "number_index": one.number_index,
            "reference": one.reference,
            "resident_id": one.resident_id,
        }
        if doing:
            row |= {"before": to_json(one.before) if one.before else "", "done": one.done}
        rows.append(row)
    update_rows(session, ImportRowRow, "id", rows)


def number_index(number: str) -> bytes | None:
    return blind_index(number) if number else None


def reference_index(reference: str) -> bytes | None:
    """References are looked up as numbers are: by a keyed index, never by themselves."""
    return blind_index(f"reference:{reference.casefold()}") if reference else None


# Whom a list may mean


def on_numbers(session: Session, indexes: Iterable[bytes]) -> dict[bytes, list[Known]]:
    """People who are here with one of these numbers."""
    wanted = list(set(indexes))
    if not wanted:
        return {}
    found = residents.with_numbers(session, wanted)
    on = _programmes(session, [one.id for those in found.values() for one in those])
    return {
        index: [Known(one, on.get(one.id, frozenset())) for one in those]
        for index, those in found.items()
    }


def by_references(session: Session, references: Iterable[bytes]) -> dict[bytes, Known]:
    """People whom an earlier list brought in under one of these references."""
    wanted = list(set(references))
    if not wanted:
        return {}
    pairs = session.execute(
        select(
            ImportRowRow.reference,
            func.coalesce(ResidentRow.merged_into, ResidentRow.id),
        )
        .join(ResidentRow, ResidentRow.id == ImportRowRow.resident_id)
        .where(one_of(session, ImportRowRow.reference, wanted), ImportRowRow.done)
        .order_by(ImportRowRow.id)
    )
    who = {bytes(reference or b""): id_ for reference, id_ in pairs}
    people = by_ids(session, who.values())
    return {reference: people[id_] for reference, id_ in who.items() if id_ in people}


def by_ids(session: Session, ids: Iterable[int]) -> dict[int, Known]:
    wanted = list(set(ids))
    if not wanted:
        return {}
    on = _programmes(session, wanted)
    people = residents.many(session, wanted)
    return {id_: Known(one, on.get(id_, frozenset())) for id_, one in people.items()}


def lock_people(session: Session, ids: Iterable[int]) -> None:
    """Nobody else changes these people meanwhile."""
    held = select(ResidentRow.id).where(one_of(session, ResidentRow.id, sorted(set(ids))))
    session.execute(held.order_by(ResidentRow.id).with_for_update())


def _programmes(session: Session, ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """The programmes that people are or were on: whoever left one is not put back by a list."""
    if not ids:
        return {}
    query = select(EnrolmentRow.resident_id, EnrolmentRow.programme_id)
    found: dict[int, set[int]] = {}
    for who, which in session.execute(query.where(one_of(session, EnrolmentRow.resident_id, ids))):
        found.setdefault(who, set()).add(which)
    return {who: frozenset(which) for who, which in found.items()}


# Doing and undoing


def agreed_before(session: Session, ids: Sequence[int], *, by: int, now: datetime) -> None:
    """Those who are rung or visited had agreed before the list came: so says who brought it."""
    rows = [
        {
            "resident_id": id_,
            "state": AgreementState.GIVEN.value,
            "at": now,
            "how": How.ON_A_LIST.value,
            "words": "",
            "by_staff": by,
        }
        for id_ in ids
    ]
    insert_rows(session, AgreementRow, rows)


def to_welcome(session: Session, batch_id: int, *, since: datetime) -> list[int]:
    """Who came in new by a list, is texted, and has had no welcome; in the order of their lines.

    One person a number in a day, so that a Y on a shared phone says whose it is.
    """
    other = aliased(ResidentRow)
    welcome = AttemptRow.purpose == Purpose.WELCOME.value, AttemptRow.state != "skipped"
    had = exists().where(AttemptRow.resident_id == ResidentRow.id, *welcome)
    near = (
        exists()
        .where(AttemptRow.resident_id == other.id, *welcome, AttemptRow.made_at > since)
        .where(other.number_index == ResidentRow.number_index, other.id != ResidentRow.id)
    )
    stopped = exists().where(StopRow.number_index == ResidentRow.number_index)
    rows = session.execute(
        select(ResidentRow.id, ResidentRow.number_index)
        .join(ImportRowRow, ImportRowRow.resident_id == ResidentRow.id)
        .where(
            ImportRowRow.batch_id == batch_id,
            ImportRowRow.act == "add",
            ImportRowRow.done,
            ResidentRow.agreement == AgreementState.INVITED.value,
            ResidentRow.contact_by == ContactBy.TEXT.value,
            ResidentRow.standing == "",
            ResidentRow.merged_into.is_(None),
            ~had,
            ~near,
            ~stopped,
        )
        .order_by(ImportRowRow.line)
    )
    one_a_number: dict[bytes, int] = {}
    for id_, index in rows:
        one_a_number.setdefault(bytes(index), id_)
    return list(one_a_number.values())


def to_ask(session: Session, batch_id: int, *, limit: int) -> tuple[int, list[Row]]:
    """How many who are rung or visited came in new and have not been asked yet; the first lines."""
    those = (
        ImportRowRow.batch_id == batch_id,
        ImportRowRow.act == "add",
        ImportRowRow.done,
        ResidentRow.agreement == AgreementState.INVITED.value,
        ResidentRow.contact_by != ContactBy.TEXT.value,
    )
    joined = ResidentRow.id == ImportRowRow.resident_id
    many = session.scalar(
        select(func.count()).select_from(ImportRowRow).join(ResidentRow, joined).where(*those)
    )
    first = select(ImportRowRow).join(ResidentRow, joined).where(*those)
    rows = session.scalars(first.order_by(ImportRowRow.line).limit(limit))
    return many or 0, [_row(row) for row in rows]


def touched(session: Session, ids: Sequence[int]) -> frozenset[int]:
    """Those of these people of whom there is more than a list brings: a text, a word, a mark.

    Every table that names a resident counts, new ones as well, unless it is known to hold only
    what was planned.
    """
    marked = select(ResidentRow.id).where(
        one_of(session, ResidentRow.id, ids),
        or_(
            ResidentRow.heard_at.is_not(None),
            ResidentRow.standing != "",
        ),
    )
    found = set(session.scalars(marked))
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table.name != "resident" or table.name in _PLANNED_ONLY:
                continue
            column = key.parent
            rows = select(column).where(column.in_(ids), *_counts(table.name)).distinct()
            found.update(session.scalars(rows))
    return frozenset(found)


_PLANNED_ONLY = frozenset({"check_in", "enrolment", "import_row"})
_NOT_GONE = ("queued", "skipped")


def _counts(table: str) -> tuple[ColumnElement[bool], ...]:
    if table == "attempt":
        return (AttemptRow.state.not_in(_NOT_GONE),)
    if table == "agreement":
        by_us = AgreementRow.how == How.ON_A_LIST.value
        return (AgreementRow.state != AgreementState.INVITED.value, ~by_us)
    return ()


def remove(session: Session, ids: Sequence[int]) -> None:
    """Take people out again of whom there is nothing but what a list brought."""
    if not ids:
        return
    queued = AttemptRow.state.in_(_NOT_GONE)
    session.execute(delete(AttemptRow).where(one_of(session, AttemptRow.resident_id, ids), queued))
    for row in (CheckInRow, EnrolmentRow, AgreementRow):
        session.execute(delete(row).where(one_of(session, row.resident_id, ids)))
    session.execute(
        update(ImportRowRow)
        .where(one_of(session, ImportRowRow.resident_id, ids))
        .values(resident_id=None)
    )
    session.execute(delete(ResidentRow).where(one_of(session, ResidentRow.id, ids)))


def leave_programme(
    session: Session, programme_id: int, resident_ids: Sequence[int], *, on: date
) -> None:
    """Who joined by a list is off the programme again; with a text of it behind them, it ends."""
    had = select(CheckInRow.resident_id).where(
        CheckInRow.programme_id == programme_id,
        one_of(session, CheckInRow.resident_id, resident_ids),
    )
    theirs = (
        EnrolmentRow.programme_id == programme_id,
        one_of(session, EnrolmentRow.resident_id, resident_ids),
    )
    session.execute(delete(EnrolmentRow).where(*theirs, EnrolmentRow.resident_id.not_in(had)))
    session.execute(
        update(EnrolmentRow)
        .where(*theirs, EnrolmentRow.ended_on.is_(None))
        .values(ended_on=on, fresh=False)
    )


def audit_people(
    session: Session, act: str, ids: Iterable[int], *, by: int | None, why: str, now: datetime
) -> None:
    """One line of the audit for each person whom a list brought in, changed or let go."""
    rows = [
        {
            "at": now,
            "staff_id": by,
            "act": act,
            "subject": "resident",
            "subject_id": id_,
            "why": why,
        }
        for id_ in ids
    ]
    if rows:
        session.execute(insert(Base.metadata.tables["audit"]), rows)


def _batches() -> Select[*tuple[Any, ...]]:
    return select(
        ImportBatchRow.id,
        ImportBatchRow.file_name,
        ImportBatchRow.state,
        ImportBatchRow.columns,
        ImportBatchRow.choices,
        ImportBatchRow.counts,
        ImportBatchRow.rows,
        ImportBatchRow.done,
        ImportBatchRow.made_at,
        StaffRow.name,
        ImportBatchRow.finished_at,
        ImportBatchRow.undone_at,
        func.coalesce(ImportBatchRow.undone_by, ImportBatchRow.made_by),
    ).join(StaffRow, StaffRow.id == ImportBatchRow.made_by)


def _one(session: Session, query: Select[*tuple[Any, ...]]) -> Batch:
    row = session.execute(query).first()
    if row is None:
        raise NotFound("There is no such list.")
    return Batch(*row)


def _rows(
    session: Session, batch_id: int, *conditions: ColumnElement[bool], limit: int
) -> list[Row]:
    query = select(ImportRowRow).where(ImportRowRow.batch_id == batch_id, *conditions)
    return [_row(row) for row in session.scalars(query.order_by(ImportRowRow.line).limit(limit))]


def _row(row: ImportRowRow) -> Row:
    return Row(
        row.id,
        row.line,
        row.act,
        tuple(orjson.loads(row.data)),
        orjson.loads(row.before) if row.before else {},
        tuple((kind, words) for kind, words in orjson.loads(row.problems)) if row.problems else (),
        row.resident_id,
    )
