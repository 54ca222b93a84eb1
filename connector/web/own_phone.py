"""The team's own phone: enrolled like anyone, so that a text that is missing raises an alarm.

It is nobody's record: what it is sent counts in no figure, and it is never called quiet.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import DomainError, Invalid
from connector.domain.phone_number import PhoneNumber
from connector.services import canary
from connector.store import canary as store
from connector.store import programmes
from connector.web.auth import Guard, guard, member
from connector.web.person import local_number
from connector.web.room import said, wired

room = Blueprint("own_phone", __name__, url_prefix="/system/own-phone")


@room.get("")
@guard(Guard.COORDINATION)
def index() -> ResponseReturnValue:
    return _page()


@room.post("")
@guard(Guard.COORDINATION)
def put_up() -> ResponseReturnValue:
    """Enrol it. The number came in a form and stands in no address."""
    words = said()
    try:
        demo = wired().settings.demo
        number = PhoneNumber.parse(request.form.get("number", ""), drama=demo).e164
        with wired().transaction() as session:
            canary.put_up(
                session,
                number,
                _chosen(),
                zone=wired().settings.zone,
                by=member().id,
                now=words.now,
            )
    except DomainError as problem:
        return _page(problem=str(problem)), 400
    flash("Enrolled. Its first text comes on the programme’s next day.", "success")
    return redirect(url_for("own_phone.index"))


@room.post("/<int:resident_id>/down")
@guard(Guard.COORDINATION)
def put_down(resident_id: int) -> ResponseReturnValue:
    try:
        with wired().transaction() as session:
            canary.put_down(session, resident_id, by=member().id, now=said().now)
    except Invalid as problem:
        return _page(problem=str(problem)), 400
    flash("It gets no texts any more.", "success")
    return redirect(url_for("own_phone.index"))


def _chosen() -> list[int]:
    chosen = request.form.get("programme", "")
    return [int(chosen)] if chosen.isdecimal() and len(chosen) < 19 else []


def _page(*, problem: str = "") -> str:
    with wired().reading() as session:
        phones = store.phones(session)
        active = programmes.active(session)
    return render_template(
        "own_phone.html",
        phones=[_phone(one) for one in phones],
        programmes=[(one.id, one.name) for one in active],
        entered=request.form,
        problem=problem,
        nav_active="system",
    )


def _phone(one: store.OwnPhone) -> dict[str, Any]:
    return {
        "id": one.resident_id,
        "number_local": local_number(one.number),
        "programmes": " and ".join(one.programmes),
    }
