"""Two records that are one person: what changed hands, what was changed, and the way back.

A merge is written down as it happens, row by row: which rows moved, and of every changed value what
it was and what it became. Undoing it moves back what moved and puts back what has not been changed
since. Sealed values are noted as they are stored, sealed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    and_,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from connector.store.base import Base, Sealed, keys
from connector.store.tables import MergeRow

MOST_IDS = 500
HISTORY = (
    ("agreement", "resident_id"),
    ("resident_number", "resident_id"),
    ("referral", "resident_id"),
    ("import_row", "resident_id"),
    ("asked", "resident_id"),
    ("attempt", "resident_id"),
    ("reply", "resident_id"),
    ("floor", "resident_id"),
    ("contact", "resident_id"),
    ("note", "resident_id"),
    ("concern", "resident_id"),
    ("follow_up", "resident_id"),
    ("flag", "resident_id"),
)
"""What always goes along; no two rows of these can stand in each other's way."""
ONE_OF_A_KIND = ("absence", "proposal", "enrolment", "check_in", "usual")
"""Of these the kept record may have one already; then the other's stays where it is."""
STAY = (("resident", "merged_into"), ("merge", "kept_id"), ("merge", "gone_id"))
"""References that are about records themselves, and never move."""

Key = tuple[Any, ...]


@dataclass(slots=True)
class Journal:
    """What one merge did, in the order in which it was done."""

    moved: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    added: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {"moved": self.moved, "changed": self.changed, "added": self.added}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Journal:
        return cls(list(data["moved"]), list(data["changed"]), list(data["added"]))


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge as it was written down."""

    id: int
    kept_id: int
    gone_id: int
    journal: Journal
    made_at: datetime
    undone_at: datetime | None


def row(session: Session, table: str, *key: Any) -> dict[str, Any]:
    """One row by its primary key, sealed values as they are stored; empty when there is none."""
    found = rows(session, table, _is(_table(table), key))
    return found[0] if found else {}


def rows_of(session: Session, table: str, resident_id: int) -> list[dict[str, Any]]:
    """Somebody's rows of a table, sealed values as they are stored."""
    return rows(session, table, _table(table).c.resident_id == resident_id)


def rows(session: Session, table: str, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    found = session.execute(
        select(*(_raw(column) for column in _table(table).c))
        .where(which)
        .order_by(*_table(table).primary_key.columns)
    )
    return [dict(one) for one in found.mappings()]


def where(table: str, **values: Any) -> ColumnElement[bool]:
    return and_(*(_table(table).c[name] == value for name, value in values.items()))


def seal(text: str) -> bytes:
    """A text as a sealed column keeps it."""
    return keys().seal(text) if text else b""


def opened(value: bytes) -> str:
    return keys().open(bytes(value)) if value else ""


def move(
    session: Session,
    journal: Journal,
    table: str,
    column: str,
    found: Sequence[Mapping[str, Any]],
    to: int,
) -> None:
    """Give these rows to another record, and note it."""
    if not found:
        return
    shape = _table(table)
    names = [one.name for one in shape.primary_key.columns]
    ids = [tuple(one[name] for name in names) for one in found]
    journal.moved.append(
        {
            "table": table,
            "column": column,
            "keys": [[_told(part) for part in key] for key in ids],
            "from": found[0][column],
            "to": to,
        }
    )
    _give(session, shape, column, ids, {}, to)


def change(
    session: Session, journal: Journal, table: str, key: Key, values: Mapping[str, Any]
) -> None:
    """Give a row new values, and note what they were."""
    before = row(session, table, *key)
    news = {name: value for name, value in values.items() if before[name] != value}
    if not news:
        return
    _write(session, table, key, news)
    note(journal, table, key, before, news)


def note(
    journal: Journal, table: str, key: Key, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Note values that have been changed by somebody else's hand."""
    journal.changed += [
        {
            "table": table,
            "key": [_told(part) for part in key],
            "column": name,
            "before": _told(before[name]),
            "after": _told(value),
        }
        for name, value in after.items()
        if before[name] != value
    ]


def add(session: Session, journal: Journal, table: str, values: Mapping[str, Any]) -> None:
    """Add a row that goes away again when the merge is undone."""
    shape = _table(table)
    told = {name: _as_stored(shape.c[name], value) for name, value in values.items()}
    made = session.execute(shape.insert().values(told).returning(shape.c.id)).scalar_one()
    journal.added.append({"table": table, "id": made})


def record(
    session: Session, kept_id: int, gone_id: int, journal: Journal, *, by: int, now: datetime
) -> int:
    made = MergeRow(
        kept_id=kept_id, gone_id=gone_id, moved=journal.to_json(), made_at=now, made_by=by
    )
    session.add(made)
    session.flush()
    return made.id


def get(session: Session, merge_id: int) -> Merge | None:
    """One merge, locked."""
    found = session.get(MergeRow, merge_id, with_for_update=True, populate_existing=True)
    return _merge(found) if found else None


def of_record(session: Session, kept_id: int) -> list[Merge]:
    """What was merged into this record and has not been undone, the latest first."""
    found = session.scalars(
        select(MergeRow)
        .where(MergeRow.kept_id == kept_id, MergeRow.undone_at.is_(None))
        .order_by(MergeRow.id.desc())
    )
    return [_merge(one) for one in found]


def undo(session: Session, merge: Merge, *, by: int, now: datetime) -> None:
    """Take back a merge: rows first, then values that nobody has changed since, then additions."""
    for one in reversed(merge.journal.moved):
        shape = _table(one["table"])
        ids = [tuple(_meant(part) for part in key) for key in one["keys"]]
        _give(session, shape, one["column"], ids, {one["column"]: one["to"]}, one["from"])
    for one in reversed(merge.journal.changed):
        key = tuple(_meant(part) for part in one["key"])
        now_there = row(session, one["table"], *key)
        if now_there and now_there[one["column"]] == _meant(one["after"]):
            _write(session, one["table"], key, {one["column"]: _meant(one["before"])})
    for one in reversed(merge.journal.added):
        shape = _table(one["table"])
        session.execute(shape.delete().where(shape.c.id == one["id"]))
    session.execute(
        update(MergeRow).where(MergeRow.id == merge.id).values(undone_at=now, undone_by=by)
    )


def no_number() -> bytes:
    """What stands for the number of a record that nobody finds by one."""
    return uuid4().bytes


def _merge(found: MergeRow) -> Merge:
    journal = Journal.from_json(found.moved)
    ids = (found.id, found.kept_id, found.gone_id)
    return Merge(*ids, journal, found.made_at, found.undone_at)


def _give(
    session: Session,
    shape: Table,
    column: str,
    ids: Collection[Key],
    still: Mapping[str, Any],
    to: int,
) -> None:
    """`column` of these rows becomes `to`, where `still` holds of them."""
    names = [one.name for one in shape.primary_key.columns]
    if len(names) > 1:  # the key itself changes hands
        for key in ids:
            there = {**dict(zip(names, key, strict=True)), **still}
            session.execute(update(shape).where(*_all(shape, there)).values({column: to}))
        return
    wanted = [key[0] for key in ids]
    for start in range(0, len(wanted), MOST_IDS):
        some = shape.c[names[0]].in_(wanted[start : start + MOST_IDS])
        session.execute(update(shape).where(some, *_all(shape, still)).values({column: to}))


def _write(session: Session, table: str, key: Key, values: Mapping[str, Any]) -> None:
    shape = _table(table)
    told = {name: _as_stored(shape.c[name], value) for name, value in values.items()}
    session.flush()
    session.execute(update(shape).where(_is(shape, key)).values(told))
    session.expire_all()  # whoever holds this row as an object reads it again


def _all(shape: Table, values: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    return [shape.c[name] == value for name, value in values.items()]


def _is(shape: Table, key: Key) -> ColumnElement[bool]:
    return and_(
        *(column == part for column, part in zip(shape.primary_key.columns, key, strict=True))
    )


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def _raw(column: Column[Any]) -> ColumnElement[Any]:
    """A column as it is stored: what is sealed stays so."""
    sealed = isinstance(column.type, Sealed)
    return type_coerce(column, LargeBinary).label(column.name) if sealed else column


def _as_stored(column: Column[Any], value: Any) -> Any:
    sealed = isinstance(column.type, Sealed) and value is not None
    return literal(bytes(value), LargeBinary) if sealed else value


def _told(value: Any) -> Any:
    """A value as plain JSON that says what it was."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, UUID):
        return {"id": str(value)}
    if isinstance(value, bytes | memoryview):
        return {"sealed": b64encode(bytes(value)).decode()}
    return {"plain": value} if isinstance(value, dict) else value


def _meant(told: Any) -> Any:
    if not isinstance(told, dict):
        return told
    ((kind, value),) = told.items()
    return _KINDS[kind](value)


_KINDS: dict[str, Any] = {
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "id": UUID,
    "sealed": b64decode,
    "plain": lambda value: value,
}
