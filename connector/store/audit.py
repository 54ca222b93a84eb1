"""Who saw, changed or sent what, and why. Only ever added to; it holds ids, never words."""

from __future__ import annotations

from datetime import datetime

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
