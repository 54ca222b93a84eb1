"""The team's own phone among the residents: which it is, and what became of its texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState
from connector.domain.check_in import TEXT, CheckInState
from connector.store.bulk import one_of
from connector.store.tables import (
    AlertRow,
    AttemptRow,
    CheckInRow,
    EnrolmentRow,
    ProgrammeRow,
    ResidentRow,
)


@dataclass(frozen=True, slots=True)
class OwnPhone:
    """The phone, and the programmes that text it."""

    resident_id: int
    number: str
    programmes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnText:
    """One text to it: when it was due, and how far it got. `why` says why it did not go."""

    due_at: datetime
    state: CheckInState
    reached: AttemptState | None
    since: datetime | None
    why: str


def among(session: Session, resident_ids: Iterable[int]) -> set[int]:
    """Those of these residents who are our own phone."""
    ids = set(resident_ids)
    if not ids:
        return set()
    found = select(ResidentRow.id).where(one_of(session, ResidentRow.id, ids), ResidentRow.canary)
    return set(session.scalars(found))


def phones(session: Session) -> list[OwnPhone]:
    """Our own phones that are texted by some programme, the newest first."""
    rows = session.execute(
        select(ResidentRow.id, ResidentRow.number, ProgrammeRow.name)
        .join(EnrolmentRow, EnrolmentRow.resident_id == ResidentRow.id)
        .join(ProgrammeRow, ProgrammeRow.id == EnrolmentRow.programme_id)
        .where(ResidentRow.canary, EnrolmentRow.ended_on.is_(None), ProgrammeRow.active)
        .order_by(ResidentRow.id.desc(), ProgrammeRow.name)
    )
    found: dict[tuple[int, str], list[str]] = {}
    for id_, number, name in rows:
        found.setdefault((id_, number), []).append(name)
    return [OwnPhone(id_, number, tuple(names)) for (id_, number), names in found.items()]


def last_text(
    session: Session, resident_id: int, *, since: datetime, now: datetime
) -> OwnText | None:
    """The last text that was due to it from `since` to `now`."""
    row = session.execute(
        select(
            CheckInRow.due_at,
            CheckInRow.state,
            AttemptRow.state,
            func.coalesce(AttemptRow.marked_at, AttemptRow.made_at),
            func.coalesce(AttemptRow.why, CheckInRow.why),
            CheckInRow.why,
        )
        .outerjoin(AttemptRow, AttemptRow.check_in_id == CheckInRow.id)
        .where(
            CheckInRow.resident_id == resident_id,
            CheckInRow.slot == TEXT,
            CheckInRow.due_at >= since,
            CheckInRow.due_at <= now,
        )
        .order_by(CheckInRow.due_at.desc(), AttemptRow.made_at)
        .limit(1)
    ).first()
    if row is None:
        return None
    due_at, state, reached, at, why, own_why = row
    return OwnText(
        due_at,
        CheckInState(state),
        AttemptState(reached) if reached else None,
        at,
        why or own_why,
    )


def next_due(session: Session, resident_id: int, *, now: datetime) -> datetime | None:
    """When its next planned text is due."""
    return session.scalar(
        select(func.min(CheckInRow.due_at)).where(
            CheckInRow.resident_id == resident_id,
            CheckInRow.state == CheckInState.PLANNED.value,
            CheckInRow.due_at > now,
        )
    )


def staff_waiting(session: Session, *, due_before: datetime, tries: int) -> int:
    """How many texts to staff should have gone by then, or were tried so often in vain."""
    waiting = select(func.count()).where(
        AlertRow.state != "sent", (AlertRow.due_at < due_before) | (AlertRow.tries >= tries)
    )
    return session.scalar(waiting) or 0
