"""Many rows by one statement.

On PostgreSQL the values travel as one array a column, so that a statement is parsed once and costs
the same to put together for one row as for five hundred; one execution a row, or one parameter a
value, was measured at four to ten times that. SQLite has no arrays and no network, and takes the
rows one by one. It knows no table: each caller says which columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnClause,
    ColumnElement,
    FromClause,
    Insert,
    LargeBinary,
    String,
    Table,
    TableValuedAlias,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from connector.store.base import Base, Sealed, insert_into, to_json

Rows = Sequence[Mapping[str, Any]]


def insert_rows(session: Session, row: type[Base], rows: Rows) -> None:
    """Insert rows. Every row names the same columns, empty ones included."""
    if not rows:
        return
    if _is_sqlite(session):
        session.connection().execute(insert(_table(row)), rows)
        return
    names = tuple(rows[0])
    session.connection().execute(_insert(_table(row), names), _values(_table(row), names, rows))


def put_rows(session: Session, row: type[Base], keys: tuple[str, ...], rows: Rows) -> None:
    """Insert rows, or give new values to those whose `keys` (a unique constraint) are there."""
    if not rows:
        return
    names = tuple(rows[0])
    if _is_sqlite(session):
        session.connection().execute(_put(row, keys, names), rows)
        return
    put = _put_many(row, keys, names)
    session.connection().execute(put, _values(_table(row), names, rows))


def update_rows(session: Session, row: type[Base], key: str, rows: Rows) -> None:
    """Give rows of a table new values: each row names its `key` and the same columns."""
    if not rows:
        return
    names = tuple(rows[0])
    if _is_sqlite(session):
        told = [{f"new_{name}": one[name] for name in names} for one in rows]
        session.connection().execute(_update_one(_table(row), key, names), told)
        return
    session.connection().execute(
        _update(_table(row), key, names), _values(_table(row), names, rows)
    )


def arrays(table: Table, names: Iterable[str]) -> TableValuedAlias:
    """Rows that come as one array a column, to select from: `given.c.<column>`."""
    columns = [column(name, table.c[name].type) for name in names]
    given = func.unnest(*(bindparam(f"new_{one.name}", type_=_array(one.type)) for one in columns))
    return given.table_valued(*columns).render_derived(name="given")


def given(
    session: Session, columns: Sequence[ColumnClause[Any]], rows: Sequence[Sequence[Any]]
) -> FromClause:
    """Rows of no table of ours, to select from and to join with, on both databases."""
    if not _is_sqlite(session):
        taken = zip(columns, zip(*rows, strict=True), strict=True)
        values = (literal(list(those), _array(one.type)) for one, those in taken)
        return func.unnest(*values).table_valued(*columns).render_derived(name="given")
    dialect = session.get_bind().dialect
    kept = [one.type.dialect_impl(dialect).bind_processor(dialect) for one in columns]
    told = [
        [keep(value) if keep else value for keep, value in zip(kept, row, strict=True)]
        for row in rows
    ]
    each = func.json_each(to_json(told)).table_valued("value")
    places = enumerate(columns)
    return (
        select(*(func.json_extract(each.c.value, f"$[{n}]").label(one.name) for n, one in places))
        .cte("given")
        .prefix_with("MATERIALIZED")
    )


def one_of(
    session: Session, attribute: InstrumentedAttribute[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """Whether a column has one of `values`."""
    wanted = list(values)
    if _is_sqlite(session):
        return attribute.in_(wanted)
    given = func.unnest(literal(wanted, _array(attribute.type)), type_=attribute.type)
    return attribute.in_(select(given))


def _array(of: TypeEngine[Any]) -> ARRAY[Any]:
    return ARRAY(_unlimited(of), dimensions=1)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _table(row: type[Base]) -> Table:
    table: FromClause = row.__table__
    assert isinstance(table, Table)
    return table


def _given(table: Table, names: tuple[str, ...]) -> TableValuedAlias:
    """The rows to select from, in whichever form they travel."""
    return document(table, names) if _fits_a_document(table, names) else arrays(table, names)


def document(table: Table, names: Iterable[str]) -> TableValuedAlias:
    """Rows that come as one JSON document, to select from: `given.c.<column>`.

    An array of JSON is quoted twice, a character at a time; one document is written at once.
    """
    columns = [column(name, _unlimited(table.c[name].type)) for name in names]
    given = func.jsonb_to_recordset(cast(bindparam("rows", type_=Text()), JSONB))
    return given.table_valued(*columns).render_derived(name="given", with_types=True)


@cache
def _fits_a_document(table: Table, names: tuple[str, ...]) -> bool:
    """Whether there is JSON among the columns, and nothing that JSON cannot carry."""
    types = [table.c[name].type for name in names]
    return any(isinstance(of, JSON) for of in types) and not any(
        isinstance(of, (LargeBinary, Sealed)) for of in types
    )


def _unlimited(of: TypeEngine[Any]) -> TypeEngine[Any]:
    """That type; text without its length: a cast would cut what is too long."""
    return Text() if isinstance(of, String) else of


def _values(table: Table, names: tuple[str, ...], rows: Rows) -> dict[str, Any]:
    if _fits_a_document(table, names):
        return {"rows": to_json([{name: one[name] for name in names} for one in rows])}
    return _as_arrays(names, rows)


def _as_arrays(names: Iterable[str], rows: Rows) -> dict[str, list[Any]]:
    return {f"new_{name}": [one[name] for one in rows] for name in names}


@cache
def _insert(table: Table, names: tuple[str, ...]) -> Insert:
    given = _given(table, names)
    return insert(table).from_select(names, select(*(given.c[name] for name in names)))


@cache
def _put(row: type[Base], keys: tuple[str, ...], names: tuple[str, ...]) -> Insert:
    new = insert_into(row, "sqlite")
    changes = {name: new.excluded[name] for name in names if name not in keys}
    return new.on_conflict_do_update(index_elements=keys, set_=changes)


@cache
def _put_many(row: type[Base], keys: tuple[str, ...], names: tuple[str, ...]) -> Insert:
    given = _given(_table(row), names)
    new = insert_into(row, "postgresql")
    changes = {name: new.excluded[name] for name in names if name not in keys}
    new = new.from_select(names, select(*(given.c[name] for name in names)))
    return new.on_conflict_do_update(index_elements=keys, set_=changes)


@cache
def _update(table: Table, key: str, names: tuple[str, ...]) -> Update:
    given = _given(table, names)
    changes = {name: given.c[name] for name in names if name != key}
    return update(table).where(table.c[key] == given.c[key]).values(changes)


@cache
def _update_one(table: Table, key: str, names: tuple[str, ...]) -> Update:
    changes: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names if name != key}
    return update(table).where(table.c[key] == bindparam(f"new_{key}")).values(changes)
