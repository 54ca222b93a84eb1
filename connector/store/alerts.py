"""Texts to staff that something is due. They carry no name and no words, and go at least once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from connector.domain.promise import Promise
from connector.store.base import insert_new
from connector.store.tables import AlertRow, StaffRow


class Subject(StrEnum):
    """What an alert is about."""

    FLAG = "flag"
    UNCLAIMED = "unclaimed"
    SERVICE = "service"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Alert:
    id: int
    number: str
    subject: Subject
    about_id: int
    promise: Promise
    tries: int


def queue(
    session: Session,
    rows: Iterable[tuple[int, int, Promise]],
    *,
    subject: Subject = Subject.FLAG,
    now: datetime,
) -> None:
    """Queue (staff id, id of what it is about, promise); one that waits already is not doubled."""
    values = [
        {
            "staff_id": staff,
            "subject": subject.value,
            "about_id": about,
            "promise": promise.value,
            "state": "queued",
            "due_at": now,
            "tries": 0,
            "code": "",
        }
        for staff, about, promise in rows
    ]
    if values:
        session.connection().execute(_MORE_URGENT, [_waiting(value) for value in values])
        insert_new(session, AlertRow, values)


_MORE_URGENT = (
    update(AlertRow.__table__)  # type: ignore[arg-type]
    .where(
        AlertRow.staff_id == bindparam("staff"),
        AlertRow.subject == bindparam("of"),
        AlertRow.about_id == bindparam("about"),
        AlertRow.state == "queued",
    )
    .values(promise=bindparam("new_promise"))
)


def _waiting(value: Mapping[str, object]) -> dict[str, object]:
    """One that waits already tells of what is known now."""
    return {
        "staff": value["staff_id"],
        "of": value["subject"],
        "about": value["about_id"],
        "new_promise": value["promise"],
    }


def claim(session: Session, limit: int, *, give_up_after: timedelta, now: datetime) -> list[Alert]:
    """Alerts to send now: queued ones, and those whose sender died before it could say so."""
    rows = session.execute(
        select(
            AlertRow.id,
            StaffRow.number,
            AlertRow.subject,
            AlertRow.about_id,
            AlertRow.promise,
            AlertRow.tries,
        )
        .join(StaffRow, StaffRow.id == AlertRow.staff_id)
        .where(AlertRow.state != "sent", AlertRow.due_at <= now)
        .order_by(AlertRow.due_at)
        .limit(limit)
        .with_for_update(of=AlertRow, skip_locked=True)
    ).all()
    session.execute(
        update(AlertRow)
        .where(AlertRow.id.in_([row[0] for row in rows]))
        .values(state="sending", tries=AlertRow.tries + 1, due_at=now + give_up_after)
    )
    return [
        Alert(id_, number, Subject(subject), about, Promise(promise), tries + 1)
        for id_, number, subject, about, promise, tries in rows
    ]


def sent(session: Session, ids: Iterable[int]) -> None:
    session.execute(update(AlertRow).where(AlertRow.id.in_(list(ids))).values(state="sent"))


def later(session: Session, alert_id: int, code: str, *, due_at: datetime) -> None:
    """This alert did not get through; it is tried again at `due_at`."""
    session.execute(
        update(AlertRow).where(AlertRow.id == alert_id).values(code=code, due_at=due_at)
    )
