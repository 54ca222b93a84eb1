"""Requests to be rung, one open one a number, and what a list of them shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from connector.domain.referral import RequestState
from connector.store.base import blind_index, insert_for
from connector.store.tables import (
    EnrolmentRow,
    ReferralRow,
    ReplyRow,
    ResidentNumberRow,
    ResidentRow,
    StaffRow,
)
from connector.store.views import OF_NOBODY

_OPEN = ReferralRow.state == RequestState.OPEN.value


@dataclass(frozen=True, slots=True)
class NewRequest:
    """Somebody asked from `number` with the text `reply_id`; `resident_id` when they are known."""

    number: str
    reply_id: int
    made_at: datetime
    resident_id: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who has this number, or had it once."""

    resident_id: int
    name: str
    now: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One request: the number, its text, since when, and whose number it is or was."""

    id: int
    number: str
    words: str
    made_at: datetime
    state: RequestState
    known: tuple[Known, ...] = ()
    why: str = ""
    decided_at: datetime | None = None
    by_name: str = ""


def ask(session: Session, requests: Iterable[NewRequest]) -> set[int]:
    """Keep these requests. The ids of the texts that made one; the others had one open already."""
    rows = [
        {
            "number": one.number,
            "number_index": blind_index(one.number),
            "reply_id": one.reply_id,
            "made_at": one.made_at,
            "state": RequestState.OPEN.value,
            "resident_id": one.resident_id,
            "why": "",
        }
        for one in requests
    ]
    if not rows:
        return set()
    new = insert_for(session, ReferralRow).on_conflict_do_nothing()
    return set(session.scalars(new.returning(ReferralRow.reply_id), rows))


def withdraw(session: Session, indexes: Iterable[bytes], why: str, *, now: datetime) -> None:
    """These numbers want no call any more."""
    session.execute(
        update(ReferralRow)
        .where(_OPEN, ReferralRow.number_index.in_(set(indexes)))
        .values(state=RequestState.PUT_AWAY.value, decided_at=now, why=why)
    )


def lock(session: Session, request_id: int) -> Request | None:
    """One request, locked."""
    row = session.scalar(select(ReferralRow).where(ReferralRow.id == request_id).with_for_update())
    if row is None:
        return None
    return Request(row.id, row.number, "", row.made_at, RequestState(row.state), why=row.why)


def decide(
    session: Session,
    request_id: int,
    state: RequestState,
    *,
    why: str = "",
    resident_id: int | None = None,
    by: int | None,
    now: datetime,
) -> None:
    values = {"state": state.value, "why": why, "decided_at": now, "decided_by": by}
    if resident_id is not None:
        values["resident_id"] = resident_id
    session.execute(update(ReferralRow).where(ReferralRow.id == request_id).values(**values))


def open_again(session: Session, request_id: int) -> bool:
    """A request that was put away is open. False when that number has asked again meanwhile."""
    index = select(ReferralRow.number_index).where(ReferralRow.id == request_id).scalar_subquery()
    if session.scalar(select(ReferralRow.id).where(_OPEN, ReferralRow.number_index == index)):
        return False
    session.execute(
        update(ReferralRow)
        .where(ReferralRow.id == request_id)
        .values(state=RequestState.OPEN.value, why="", decided_at=None, decided_by=None)
    )
    return True


def count(session: Session) -> int:
    """How many are open."""
    return session.scalar(select(func.count()).select_from(ReferralRow).where(_OPEN)) or 0


def newest(session: Session) -> int:
    """The last request that was made; 0 before the first."""
    return session.scalar(select(func.max(ReferralRow.id))) or 0


def waiting(session: Session, *, limit: int = 200) -> list[Request]:
    """The open requests, the one that has waited longest first."""
    rows = session.execute(
        select(
            ReferralRow.id,
            ReferralRow.number,
            ReplyRow.body,
            ReferralRow.made_at,
            ReferralRow.number_index,
        )
        .join(ReplyRow, ReplyRow.id == ReferralRow.reply_id)
        .where(_OPEN)
        .order_by(ReferralRow.made_at, ReferralRow.id)
        .limit(limit)
    ).all()
    known = _known(session, {bytes(row[4]) for row in rows})
    return [
        Request(id_, number, body, at, RequestState.OPEN, known.get(bytes(index), ()))
        for id_, number, body, at, index in rows
    ]


def put_away_since(session: Session, moment: datetime, *, limit: int = 50) -> list[Request]:
    """What was put away since then, the latest first."""
    rows = session.execute(
        select(
            ReferralRow.id,
            ReferralRow.number,
            ReferralRow.made_at,
            ReferralRow.why,
            ReferralRow.decided_at,
            StaffRow.name,
        )
        .outerjoin(StaffRow, StaffRow.id == ReferralRow.decided_by)
        .where(ReferralRow.state == RequestState.PUT_AWAY.value, ReferralRow.decided_at >= moment)
        .order_by(ReferralRow.decided_at.desc())
        .limit(limit)
    )
    return [
        Request(id_, number, "", made, RequestState.PUT_AWAY, (), why, at, name or "")
        for id_, number, made, why, at, name in rows
    ]


def leave_the_tray(session: Session, reply_ids: Iterable[int], *, now: datetime) -> None:
    """These texts are on the list of requests, and need not lie in the tray as well."""
    session.execute(update(ReplyRow).where(ReplyRow.id.in_(set(reply_ids))).values(seen_at=now))


def give_thread(session: Session, number: str, resident_id: int) -> None:
    """What a number has sent while it was nobody's is its owner's from now on."""
    session.execute(
        update(ReplyRow)
        .where(*OF_NOBODY, ReplyRow.sender_index == blind_index(number))
        .values(resident_id=resident_id)
    )


def on_no_programme(session: Session, resident_ids: Sequence[int]) -> set[int]:
    """Those of these residents who get no texts of any programme."""
    running = select(EnrolmentRow.resident_id).where(
        EnrolmentRow.resident_id.in_(resident_ids), EnrolmentRow.ended_on.is_(None)
    )
    return set(resident_ids) - set(session.scalars(running))


def _known(session: Session, indexes: set[bytes]) -> Mapping[bytes, tuple[Known, ...]]:
    """Who has each of these numbers, and who had it once."""
    names = (ResidentRow.id, ResidentRow.given_name, ResidentRow.family_name)
    now = select(ResidentRow.number_index, *names).where(ResidentRow.number_index.in_(indexes))
    once = (
        select(ResidentNumberRow.number_index, *names)
        .join(ResidentRow, ResidentRow.id == ResidentNumberRow.resident_id)
        .where(ResidentNumberRow.number_index.in_(indexes))
    )
    found: dict[bytes, dict[int, Known]] = {}
    for query, still in ((now, True), (once, False)):
        for index, id_, given, family in session.execute(query):
            one = Known(id_, f"{given} {family}".strip(), still)
            found.setdefault(bytes(index), {}).setdefault(id_, one)
    return {index: tuple(people.values()) for index, people in found.items()}
