"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from connector.services import accounts
from connector.web.auth import Guard, Staff, guard, safe_next
from connector.web.room import wired

room = Blueprint("signin", __name__)

WRONG = "That e-mail address and password do not go together. Check both and try again."


@room.get("/sign-in")
@guard(Guard.PUBLIC)
def show() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for("signin.home"))
    return _page()


@room.post("/sign-in")
@guard(Guard.PUBLIC)
def submit() -> ResponseReturnValue:
    email, password = request.form.get("email", ""), request.form.get("password", "")
    with wired().reading() as database:
        account = accounts.check(database, email[:254], password[:1000])
    if account is None:
        return _page(WRONG), 400
    session.clear()
    session.permanent = True
    login_user(Staff(account))
    return redirect(safe_next(request.form.get("next")) or url_for("signin.home"))


@room.post("/sign-out")
@guard(Guard.PUBLIC)
def sign_out() -> ResponseReturnValue:
    logout_user()
    session.clear()
    flash("You have signed out.", "notice")
    return redirect(url_for("signin.show"))


@room.get("/")
@guard(Guard.STAFF)
def home() -> ResponseReturnValue:
    """The first page of an account: the queue, or the state of the machine."""
    first = "queue.index" if current_user.sees_residents else "system.index"
    return redirect(url_for(first))


def _page(problem: str | None = None) -> str:
    settings = wired().settings
    return render_template(
        "sign_in.html",
        form_error=problem,
        nav_active="",
        entered_email=request.form.get("email", ""),
        next=safe_next(request.values.get("next")),
        demo_accounts=accounts.DEMO_SIGN_INS if settings.demo else [],
    )
