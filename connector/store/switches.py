"""The one switch that stops all texts to residents. It loses nothing: what is due waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState
from connector.domain.check_in import CheckInState
from connector.store.base import insert_for
from connector.store.tables import AttemptRow, CheckInRow, StaffRow, SwitchRow

ONLY = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """Who stopped the texts, when and why. `by_name` is empty when it was done by command."""

    at: datetime
    by_name: str
    why: str


def pause(session: Session) -> Pause | None:
    """The pause that is on; None while texts go out."""
    row = session.execute(
        select(SwitchRow.at, StaffRow.name, SwitchRow.why)
        .outerjoin(StaffRow, StaffRow.id == SwitchRow.staff_id)
        .where(SwitchRow.id == ONLY, SwitchRow.paused)
    ).first()
    return Pause(row[0], row[1] or "", row[2]) if row else None


def turn(session: Session, *, paused: bool, by: int | None, why: str, now: datetime) -> None:
    """Stop all texts to residents, or let them go again."""
    values = {"paused": paused, "at": now, "staff_id": by, "why": why}
    row = insert_for(session, SwitchRow).values(id=ONLY, **values)
    session.execute(row.on_conflict_do_update(index_elements=[SwitchRow.id], set_=values))


def waiting(session: Session, *, now: datetime) -> int:
    """How many texts are held back: due by now and not yet sent."""
    texts = select(func.count()).where(
        AttemptRow.state == AttemptState.QUEUED.value, AttemptRow.due_at <= now
    )
    planned = select(func.count()).where(
        CheckInRow.state == CheckInState.PLANNED.value, CheckInRow.due_at <= now
    )
    return (session.scalar(texts) or 0) + (session.scalar(planned) or 0)
