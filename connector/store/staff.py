"""The staff: who may sign in, and whose phone is told that something is due."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.domain.rota import Member, Role
from connector.store.tables import StaffRow


@dataclass(frozen=True, slots=True)
class Account:
    """What sign-in needs beside the member: the password's hash and the key of their sessions."""

    member: Member
    password_hash: str
    session_key: str


def add(session: Session, member: Member, *, password_hash: str, session_key: str) -> int:
    """Store a new member under their e-mail address; returns the id."""
    row = StaffRow(
        name=member.name,
        email=member.email.lower(),
        role=member.role.value,
        password_hash=password_hash,
        number=member.number,
        active=member.active,
        session_key=session_key,
    )
    session.add(row)
    session.flush()
    return row.id


def account(session: Session, staff_id: int) -> Account | None:
    row = session.get(StaffRow, staff_id)
    return _account(row) if row else None


def account_by_email(session: Session, email: str) -> Account | None:
    if "\0" in email:  # no database takes it, and no address has one
        return None
    row = session.scalar(select(StaffRow).where(StaffRow.email == email.strip().lower()))
    return _account(row) if row else None


def members(session: Session) -> list[Member]:
    """Everybody who is active, in the order they joined."""
    rows = session.scalars(select(StaffRow).where(StaffRow.active).order_by(StaffRow.id))
    return [_member(row) for row in rows]


def _member(row: StaffRow) -> Member:
    return Member(row.id, row.name, row.email, Role(row.role), row.number, row.active)


def _account(row: StaffRow) -> Account:
    return Account(_member(row), row.password_hash, row.session_key)
