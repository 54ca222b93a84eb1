"""Staff accounts: who may sign in, with a password that is only ever kept as an argon2id hash."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from connector.domain.errors import Invalid
from connector.domain.rota import Member, Role
from connector.store import staff
from connector.store.staff import Account


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    name: str
    role: Role
    email: str
    password: str


DEMO_SIGN_INS = (
    DemoSignIn("Priya Nair", Role.CONNECTOR, "priya@demo.example", "tea-and-a-natter"),
    DemoSignIn("Morag Bell", Role.COORDINATOR, "morag@demo.example", "rota-on-the-fridge"),
    DemoSignIn("Tomos Rees", Role.ADMINISTRATOR, "tomos@demo.example", "keys-in-the-drawer"),
)
"""The demonstration's sign-ins. They open nothing anywhere else: live databases never hold them."""

LEAST_CHARACTERS = 12
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


def add(session: Session, member: Member, password: str) -> int:
    """Make an account. Raises `Invalid` when the password is too short to be safe."""
    if len(password) < LEAST_CHARACTERS:
        raise Invalid(f"A password needs at least {LEAST_CHARACTERS} characters.")
    return staff.add(
        session,
        member,
        password_hash=_HASHER.hash(password),
        session_key=secrets.token_urlsafe(24),
    )


def check(session: Session, email: str, password: str) -> Account | None:
    """The account that this e-mail and password open; None when there is none.

    Takes as long for an unknown address as for a wrong password, so that nobody learns which.
    """
    account = staff.account_by_email(session, email)
    try:
        _HASHER.verify(account.password_hash if account else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return account if account and account.member.active else None
