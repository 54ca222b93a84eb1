"""Who may see what. Every route names its guard; a route without one answers nobody.

The guard is decided here, before the view runs, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from connector.domain.rota import Member, Role
from connector.store import staff
from connector.store.staff import Account
from connector.wiring import Wiring

View = TypeVar("View", bound=Callable[..., Any])


class Guard(StrEnum):
    """Who a route is for."""

    PUBLIC = "public"
    PROVIDER = "provider"
    DEMO = "demo"
    STAFF = "staff"
    CASEWORK = "casework"
    COORDINATION = "coordination"


class Staff(UserMixin):  # type: ignore[misc]
    """Somebody who is signed in, as pages and views see them."""

    def __init__(self, account: Account) -> None:
        self.member: Member = account.member
        self._session_key = account.session_key

    def get_id(self) -> str:
        """The session names the account and its session key, so that both can end it."""
        return f"{self.member.id}:{self._session_key}"

    @property
    def name(self) -> str:
        return self.member.name

    @property
    def role_words(self) -> str:
        return self.member.role.words.lower()

    @property
    def sees_residents(self) -> bool:
        return self.member.sees_residents

    @property
    def coordinates(self) -> bool:
        return self.member.coordinates

    @property
    def is_connector(self) -> bool:
        return self.member.role is Role.CONNECTOR

    @property
    def is_coordinator(self) -> bool:
        return self.member.role is Role.COORDINATOR

    @property
    def is_administrator(self) -> bool:
        return self.member.role is Role.ADMINISTRATOR


def guard(kind: Guard) -> Callable[[View], View]:
    """Name who a view is for."""

    def name(view: View) -> View:
        view.guard = kind  # type: ignore[attr-defined]
        return view

    return name


def member() -> Member:
    """Who is signed in. Only for views whose guard asks for somebody."""
    return cast(Staff, current_user).member


def add_guards(app: Flask, wiring: Wiring) -> None:
    """Decide before every request whether it may go on, from the guard of its view."""
    manager = LoginManager(app)
    manager.session_protection = "basic"

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(key: str) -> Staff | None:
        staff_id, _, session_key = key.partition(":")
        if not staff_id.isdecimal():
            return None
        with wiring.reading() as session:
            account = staff.account(session, int(staff_id))
        known = account and account.member.active and account.session_key == session_key
        return Staff(account) if account and known else None

    @app.before_request
    def decide() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        kind = getattr(app.view_functions[request.endpoint], "guard", None)
        if kind is None:
            abort(403)
        return _stop(Guard(kind), demo=wiring.settings.demo)


def _stop(kind: Guard, *, demo: bool) -> ResponseReturnValue | None:
    """What is answered instead of the page; None when the request may go on."""
    if kind is Guard.DEMO and not demo:
        abort(404)
    if kind in (Guard.PUBLIC, Guard.PROVIDER, Guard.DEMO):
        return None
    if not current_user.is_authenticated:
        return redirect(url_for("signin.show", next=_here()))
    if kind is Guard.CASEWORK and not current_user.sees_residents:
        abort(403)
    if kind is Guard.COORDINATION and not current_user.coordinates:
        abort(403)
    return None


def _here() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None


def safe_next(address: str | None) -> str | None:
    """`address` when it is a place on this site; None for anything that leads elsewhere."""
    if not address or not address.startswith("/") or address[:2] in ("//", "/\\"):
        return None
    return address if all(ord(character) >= 32 for character in address) else None
