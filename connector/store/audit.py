"""Who saw, changed or sent what, and why. Only ever added to; it holds ids, never words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.store.tables import AuditRow


def append(
    session: Session,
    act: str,
    subject: str,
    subject_id: int | None,
    *,
    by: int | None,
    now: datetime,
    why: str = "",
) -> None:
    session.add(
        AuditRow(at=now, staff_id=by, act=act, subject=subject, subject_id=subject_id, why=why)
    )


def last_why(session: Session, act: str, subject: str, ids: Iterable[int]) -> dict[int, str]:
    """The reason that was given when this was last done to each of these."""
    rows = session.execute(
        select(AuditRow.subject_id, AuditRow.why)
        .where(AuditRow.act == act, AuditRow.subject == subject, AuditRow.subject_id.in_(set(ids)))
        .order_by(AuditRow.id)
    )
    return {id_: why for id_, why in rows if id_ is not None}
