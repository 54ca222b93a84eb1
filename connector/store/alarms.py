"""Times when the service itself was in trouble, so that nobody is blamed for our silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from connector.store.base import insert_for
from connector.store.tables import AlarmRow


class AlarmKind(StrEnum):
    DELIVERIES = "deliveries"
    INBOUND = "inbound"

    @property
    def words(self) -> str:
        """What is wrong, as staff read it."""
        return _WORDS[self]


_WORDS = {
    AlarmKind.DELIVERIES: "Texts may not be getting through",
    AlarmKind.INBOUND: "Replies may not be coming in",
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """One time of trouble; `closed_at` is None while it lasts."""

    kind: AlarmKind
    since: datetime
    closed_at: datetime | None
    sentence: str

    def covers(self, moment: datetime) -> bool:
        return self.since <= moment and (self.closed_at is None or moment <= self.closed_at)


def open_(
    session: Session, kind: AlarmKind, *, since: datetime, sentence: str, now: datetime
) -> bool:
    """Open an alarm. False when one of its kind is open already."""
    row = insert_for(session, AlarmRow).values(
        kind=kind.value, since=since, opened_at=now, sentence=sentence
    )
    made = session.scalar(row.on_conflict_do_nothing().returning(AlarmRow.id))
    return made is not None


def close(session: Session, kind: AlarmKind, *, now: datetime) -> None:
    """It is over."""
    session.execute(
        update(AlarmRow)
        .where(AlarmRow.kind == kind.value, AlarmRow.closed_at.is_(None))
        .values(closed_at=now)
    )


def opened_at(session: Session, kind: AlarmKind) -> datetime | None:
    """When the open alarm of this kind was opened; None when there is none."""
    return session.scalar(
        select(AlarmRow.opened_at).where(AlarmRow.kind == kind.value, AlarmRow.closed_at.is_(None))
    )


def since(session: Session, moment: datetime) -> list[Alarm]:
    """Every alarm that was on at `moment` or later."""
    rows = session.execute(
        select(AlarmRow.kind, AlarmRow.since, AlarmRow.closed_at, AlarmRow.sentence)
        .where(or_(AlarmRow.closed_at.is_(None), AlarmRow.closed_at >= moment))
        .order_by(AlarmRow.id)
    )
    return [Alarm(AlarmKind(kind), at, closed_at, said) for kind, at, closed_at, said in rows]


def now_on(session: Session) -> list[Alarm]:
    """The alarms that are on."""
    rows = session.execute(
        select(AlarmRow.kind, AlarmRow.since, AlarmRow.sentence)
        .where(AlarmRow.closed_at.is_(None))
        .order_by(AlarmRow.id)
    )
    return [Alarm(AlarmKind(kind), at, None, said) for kind, at, said in rows]
