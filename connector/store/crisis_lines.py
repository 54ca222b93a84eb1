"""The lines of help that texts may name: the shipped, and in their place what was looked up here.

A line of the installation goes before the shipped one of the same name. One without a number is not
used here. The shipped ones are handed in once a process: files are no business of the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.domain.crisis_line import CrisisLine
from connector.store.base import insert_for
from connector.store.tables import CrisisLineRow, StaffRow


class _Shipped:
    """The shipped lines of this process."""

    lines: tuple[CrisisLine, ...] = ()


def use_shipped(lines: Sequence[CrisisLine]) -> None:
    """These lines hold where nobody has looked any up."""
    _Shipped.lines = tuple(lines)


def shipped() -> tuple[CrisisLine, ...]:
    return _Shipped.lines


def load(session: Session) -> tuple[CrisisLine, ...]:
    """Every line, the shipped ones first and in their order."""
    own = {line.name: line for line in looked_up(session)}
    shipped = tuple(own.pop(line.name, line) for line in _Shipped.lines)
    return (*shipped, *own.values())


def looked_up(session: Session) -> list[CrisisLine]:
    """The lines that this installation has looked up."""
    rows = session.execute(
        select(
            CrisisLineRow.name,
            CrisisLineRow.contact,
            CrisisLineRow.detail,
            CrisisLineRow.owner,
            CrisisLineRow.source,
            CrisisLineRow.checked_on,
            CrisisLineRow.review_by,
        ).order_by(CrisisLineRow.id)
    )
    return [CrisisLine(*row) for row in rows]


def last_changes(session: Session) -> dict[str, tuple[datetime, str]]:
    """When each line was changed here last, and by whom."""
    rows = session.execute(
        select(CrisisLineRow.name, CrisisLineRow.changed_at, StaffRow.name).outerjoin(
            StaffRow, StaffRow.id == CrisisLineRow.changed_by
        )
    )
    return {name: (at, by or "") for name, at, by in rows}


def keep(session: Session, line: CrisisLine, *, today: date, by: int | None, now: datetime) -> None:
    """Keep a line as it was looked up; one of the same name is replaced."""
    dated = replace(line, checked_on=line.checked_on or today, review_by=line.review_by or today)
    values = {
        "contact": dated.contact,
        "detail": dated.detail,
        "owner": dated.owner,
        "source": dated.source,
        "checked_on": dated.checked_on,
        "review_by": dated.review_by,
        "changed_at": now,
        "changed_by": by,
    }
    row = insert_for(session, CrisisLineRow).values(name=line.name, **values)
    session.execute(row.on_conflict_do_update(index_elements=[CrisisLineRow.name], set_=values))
