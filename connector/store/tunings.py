"""Figures for how answers are compared: what was proposed, who decided, and what is applied.

What is applied stands with the programme itself, so that whoever reads a programme has it; here is
the history of how it came to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connector.domain.errors import NotFound, Refused
from connector.store.tables import EnrolmentRow, ProgrammeRow, StaffRow, TuningRow, UsualRow


class Decision(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One set of figures. `people` and `answers` say what an estimate rests on; 0 for a choice."""

    id: int
    programme_id: int
    figures: Mapping[str, float]
    people: int
    answers: int
    decision: Decision
    made_at: datetime
    decided_at: datetime | None
    decided_by: str
    rebuilt_to: int
    rebuilt_at: datetime | None


def of_programmes(session: Session, *, limit: int = 200) -> dict[int, list[Proposal]]:
    """The latest figures of every programme, the newest first."""
    rows = session.execute(
        select(TuningRow, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == TuningRow.decided_by)
        .order_by(TuningRow.id.desc())
        .limit(limit)
    )
    found: dict[int, list[Proposal]] = {}
    for row, by in rows:
        found.setdefault(row.programme_id, []).append(_proposal(row, by))
    return found


def propose(
    session: Session,
    programme_id: int,
    figures: Mapping[str, float],
    *,
    people: int,
    answers: int,
    now: datetime,
) -> None:
    """Put figures before a person. Nothing changes until they are approved."""
    session.add(
        TuningRow(
            programme_id=programme_id,
            figures=dict(figures),
            people=people,
            answers=answers,
            state=Decision.PROPOSED.value,
            made_at=now,
        )
    )


def decide(
    session: Session, proposal_id: int, decision: Decision, *, by: int, now: datetime
) -> Proposal:
    """A person approves or refuses. Raises `NotFound`, and `Refused` when somebody has before."""
    row = session.get(TuningRow, proposal_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such proposal.")
    if row.state != Decision.PROPOSED.value:
        raise Refused("Somebody has decided this already.")
    row.state = decision.value
    row.decided_at, row.decided_by = now, by
    if decision is Decision.APPROVED:
        _apply(session, row.programme_id, row.figures)
    return _proposal(row, "")


def choose(
    session: Session, programme_id: int, figures: Mapping[str, float], *, by: int, now: datetime
) -> None:
    """A person sets figures that need nothing to be learnt again, such as the limit."""
    if session.get(ProgrammeRow, programme_id) is None:
        raise NotFound("There is no such programme.")
    session.add(
        TuningRow(
            programme_id=programme_id,
            figures=dict(figures),
            state=Decision.APPROVED.value,
            made_at=now,
            decided_at=now,
            decided_by=by,
            rebuilt_at=now,
        )
    )
    _apply(session, programme_id, figures)


def claim_to_rebuild(session: Session) -> Proposal | None:
    """The oldest approved figures by which not everybody's usual has been learnt again, locked."""
    row = session.scalars(
        select(TuningRow)
        .where(TuningRow.state == Decision.APPROVED.value, TuningRow.rebuilt_at.is_(None))
        .order_by(TuningRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    return _proposal(row, "") if row else None


def to_rebuild(session: Session, proposal: Proposal, limit: int) -> list[int]:
    """The next residents whose usual is to be learnt again, by id."""
    query = (
        select(UsualRow.resident_id)
        .where(
            UsualRow.programme_id == proposal.programme_id,
            UsualRow.resident_id > proposal.rebuilt_to,
        )
        .order_by(UsualRow.resident_id)
        .limit(limit)
    )
    return list(session.scalars(query))


def rebuilt(session: Session, proposal_id: int, *, to: int | None, now: datetime) -> None:
    """Everybody up to the resident `to` is done; with None everybody is."""
    done: dict[str, object] = {"rebuilt_at": now} if to is None else {"rebuilt_to": to}
    session.execute(update(TuningRow).where(TuningRow.id == proposal_id).values(**done))


def people(session: Session, programme_id: int) -> list[int]:
    """Everybody who is on a programme, by id."""
    query = (
        select(EnrolmentRow.resident_id)
        .where(EnrolmentRow.programme_id == programme_id, EnrolmentRow.ended_on.is_(None))
        .order_by(EnrolmentRow.resident_id)
    )
    return list(session.scalars(query))


def _apply(session: Session, programme_id: int, figures: Mapping[str, float]) -> None:
    row = session.get(ProgrammeRow, programme_id, with_for_update=True)
    assert row is not None
    row.noticing = {**row.noticing, **figures}


def _proposal(row: Any, by: str | None) -> Proposal:
    return Proposal(
        row.id,
        row.programme_id,
        row.figures,
        row.people,
        row.answers,
        Decision(row.state),
        row.made_at,
        row.decided_at,
        by or "",
        row.rebuilt_to,
        row.rebuilt_at,
    )
