"""What residents wish for their texts: proposals of another pace, and a question asked once more.

One proposal is open for a person and a programme; a later word overtakes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState, Purpose
from connector.domain.check_in import TEXT, CheckInState
from connector.domain.resident import short_name
from connector.store.tables import (
    AttemptRow,
    CheckInRow,
    EnrolmentRow,
    ProgrammeRow,
    ProposalRow,
    ReplyRow,
    ResidentRow,
)


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A wish that waits: what their own pace would be (`Override.to_text`), and in which words."""

    id: int
    resident_id: int
    name: str
    programme_id: int
    programme: str
    own: str
    made_at: datetime
    words: str


def propose(
    session: Session,
    resident_id: int,
    programme_id: int,
    own: str,
    *,
    reply_id: int | None,
    now: datetime,
) -> bool:
    """Keep a wish; one that waits already is overtaken. False when just that waits already."""
    theirs = (
        ProposalRow.resident_id == resident_id,
        ProposalRow.programme_id == programme_id,
        ProposalRow.state == ProposalState.OPEN.value,
    )
    waiting = session.scalar(select(ProposalRow).where(*theirs).with_for_update())
    if waiting is not None and waiting.own == own:
        return False
    if waiting is not None:
        waiting.state, waiting.decided_at = ProposalState.OVERTAKEN.value, now
        session.flush()
    session.add(
        ProposalRow(
            resident_id=resident_id,
            programme_id=programme_id,
            own=own,
            reply_id=reply_id,
            made_at=now,
            state=ProposalState.OPEN.value,
        )
    )
    session.flush()
    return True


def count(session: Session) -> int:
    query = select(func.count()).select_from(ProposalRow).join(EnrolmentRow, _enrolled())
    return session.scalar(query.where(*_open())) or 0


def waiting(
    session: Session, resident_id: int | None = None, *, limit: int = 100
) -> list[Proposal]:
    """The wishes that wait, of one person or of all, the oldest first."""
    query = _proposals().where(*_open())
    if resident_id is not None:
        query = query.where(ProposalRow.resident_id == resident_id)
    rows = session.execute(query.order_by(ProposalRow.id).limit(limit))
    return [_proposal(*row) for row in rows]


def lock(session: Session, proposal_id: int) -> tuple[ProposalState, int, int, str] | None:
    """A proposal's state, person, programme and pace, locked; None when there is none."""
    row = session.get(ProposalRow, proposal_id, with_for_update=True, populate_existing=True)
    if row is None:
        return None
    return ProposalState(row.state), row.resident_id, row.programme_id, row.own


def decide(
    session: Session, proposal_id: int, state: ProposalState, *, by: int, now: datetime
) -> None:
    session.execute(
        update(ProposalRow)
        .where(ProposalRow.id == proposal_id)
        .values(state=state.value, decided_at=now, decided_by=by)
    )


def skip_next(session: Session, resident_id: int, programme_id: int, why: str) -> None:
    """The next text of a programme that is planned for somebody does not go out."""
    first = (
        select(CheckInRow.id)
        .where(
            CheckInRow.resident_id == resident_id,
            CheckInRow.programme_id == programme_id,
            CheckInRow.slot == TEXT,
            CheckInRow.state == CheckInState.PLANNED.value,
        )
        .order_by(CheckInRow.due_at)
        .limit(1)
    )
    found = session.scalar(first)
    if found is not None:
        session.execute(
            update(CheckInRow)
            .where(CheckInRow.id == found)
            .values(state=CheckInState.SKIPPED.value, why=why)
        )


def asked_again_since(session: Session, resident_id: int, moment: datetime) -> bool:
    """Whether a question was put to somebody once more since then, or is about to be."""
    query = select(func.count()).where(
        AttemptRow.resident_id == resident_id,
        AttemptRow.purpose == Purpose.AGAIN.value,
        AttemptRow.made_at >= moment,
    )
    return bool(session.scalar(query))


def told_since(
    session: Session, resident_ids: Iterable[int], moment: datetime
) -> set[tuple[int, str]]:
    """Who was answered what by itself since then, by resident and words."""
    rows = session.execute(
        select(AttemptRow.resident_id, AttemptRow.body).where(
            AttemptRow.resident_id.in_(set(resident_ids)),
            AttemptRow.purpose == Purpose.ANSWER.value,
            AttemptRow.made_at > moment,
        )
    )
    return {(id_, body) for id_, body in rows if id_ is not None}


def ask_no_more(session: Session, resident_ids: Iterable[int], why: str) -> None:
    """What these people were to be asked once more is not asked."""
    session.execute(
        update(AttemptRow)
        .where(
            AttemptRow.resident_id.in_(set(resident_ids)),
            AttemptRow.purpose == Purpose.AGAIN.value,
            AttemptRow.state == AttemptState.QUEUED.value,
        )
        .values(state=AttemptState.SKIPPED.value, why=why)
    )


def left_last(session: Session, resident_id: int) -> int | None:
    """The programme that somebody left last, when they are on none and it is still running."""
    rows = session.execute(
        select(EnrolmentRow.programme_id, EnrolmentRow.ended_on, ProgrammeRow.active)
        .join(ProgrammeRow, ProgrammeRow.id == EnrolmentRow.programme_id)
        .where(EnrolmentRow.resident_id == resident_id)
        .order_by(EnrolmentRow.ended_on.desc(), EnrolmentRow.programme_id.desc())
    ).all()
    if any(ended_on is None for _id, ended_on, _active in rows):
        return None
    return next((id_ for id_, _ended_on, active in rows if active), None)


def _enrolled() -> ColumnElement[bool]:
    return (EnrolmentRow.resident_id == ProposalRow.resident_id) & (
        EnrolmentRow.programme_id == ProposalRow.programme_id
    )


def _open() -> tuple[ColumnElement[bool], ...]:
    """A wish about a programme that they have left waits for nobody."""
    return (ProposalRow.state == ProposalState.OPEN.value, EnrolmentRow.ended_on.is_(None))


def _proposals() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ProposalRow.id,
            ProposalRow.resident_id,
            ResidentRow.known_as,
            ResidentRow.family_name,
            ProposalRow.programme_id,
            ProgrammeRow.name,
            ProposalRow.own,
            ProposalRow.made_at,
            ReplyRow.body,
        )
        .join(ResidentRow, ResidentRow.id == ProposalRow.resident_id)
        .join(ProgrammeRow, ProgrammeRow.id == ProposalRow.programme_id)
        .join(EnrolmentRow, _enrolled())
        .outerjoin(ReplyRow, ReplyRow.id == ProposalRow.reply_id)
    )


def _proposal(
    id_: int,
    resident_id: int,
    known_as: str,
    family_name: str,
    programme_id: int,
    programme: str,
    own: str,
    made_at: datetime,
    words: str | None,
) -> Proposal:
    name = short_name(known_as, family_name)
    return Proposal(id_, resident_id, name, programme_id, programme, own, made_at, words or "")
