"""The tray: texts from numbers that nobody is known by, and a form to say whose they are.

It may be a resident on somebody else's phone. What sounds most urgent stands first.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import Invalid, NotFound
from connector.domain.phone_number import PhoneNumber
from connector.services import triage
from connector.store import audit, unclaimed
from connector.store.base import Session
from connector.store.unclaimed import Candidate, Unknown
from connector.web.auth import Guard, guard, member
from connector.web.person import local_number, thread_of
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("unclaimed", __name__, url_prefix="/unclaimed")

SELECT_AT_MOST = 200
LONGEST_SEARCH = 80


@room.get("")
@guard(Guard.CASEWORK)
def index() -> ResponseReturnValue:
    words = said()
    with wired().transaction() as session:
        tray = unclaimed.numbers(session)
        if tray:
            audit.append(session, "tray seen", "service", None, by=member().id, now=words.now)
    return render_template(
        "unclaimed.html", numbers=[_number(one, words) for one in tray], nav_active="queue"
    )


@room.get("/<int:reply_id>")
@guard(Guard.CASEWORK)
def show(reply_id: int) -> ResponseReturnValue:
    """One number, and everybody it may belong to."""
    return _page(reply_id)


@room.post("/<int:reply_id>/find")
@guard(Guard.CASEWORK)
def find(reply_id: int) -> ResponseReturnValue:
    """Look for somebody. A form that posts: no name and no number stands in an address."""
    return _page(reply_id, look_for=request.form.get("find", "").strip()[:LONGEST_SEARCH])


@room.post("/<int:reply_id>")
@guard(Guard.CASEWORK)
def attach(reply_id: int) -> ResponseReturnValue:
    """Say whose number it is; the whole thread becomes theirs."""
    chosen = request.form.get("resident", "")
    if not (chosen.isdecimal() and len(chosen) < 19):
        return _page(reply_id, problem="Choose the resident whose text this is."), 400
    resident_id, wiring = int(chosen), wired()
    try:
        with wiring.transaction() as session:
            texts = triage.attach(
                session, reply_id, resident_id, wiring.reader, by=member().id, now=said().now
            )
    except Invalid as problem:
        flash(str(problem), "notice")
        return redirect(url_for("unclaimed.index"))
    flash(f"Kept. {_texts_are(texts)} on this thread now.", "success")
    return redirect(url_for("residents.show", resident_id=resident_id))


def _page(reply_id: int, problem: str = "", look_for: str = "") -> str:
    words = said()
    with wired().transaction() as session:
        one = unclaimed.number_of(session, reply_id)
        if one is None:
            raise NotFound("Somebody has already said whose text this is, or there is no such one.")
        audit.append(session, "text seen", "reply", reply_id, by=member().id, now=words.now)
        few = unclaimed.how_many_residents(session) <= SELECT_AT_MOST
        everybody = unclaimed.everybody(session) if few else []
        found = _found(session, look_for) if look_for else []
    return render_template(
        "unclaimed_one.html",
        number=_number(one, words),
        everybody=[_person(person) for person in everybody],
        found=[_person(person) for person in found],
        find=look_for,
        problem=problem,
        nav_active="queue",
    )


def _found(session: Session, look_for: str) -> list[Candidate]:
    """Residents by a number, where it is one, else by name."""
    try:
        number = PhoneNumber.parse(look_for, drama=True)
    except Invalid:
        return unclaimed.named(session, look_for)
    return unclaimed.with_number(session, number.e164)


def _number(one: Unknown, words: Said) -> dict[str, Any]:
    return {
        "reply_id": one.reply_id,
        "number_local": local_number(one.sender),
        "tel": one.sender if one.sender.startswith("+") else "",
        "promise": one.promise.value,
        "promise_words": {"none": "No hurry"}.get(one.promise.value, one.promise.words),
        "texts": thread_of(one.lines, words),
        "count_words": _texts_are(len(one.lines)).rpartition(" ")[0],
        "people": [_person(person) for person in one.people],
        "answered_words": words.at(one.answered_at) if one.answered_at else "",
    }


def _person(person: Candidate) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "number_local": local_number(person.number),
        "connector_name": person.connector_name,
    }


def _texts_are(count: int) -> str:
    return "1 text is" if count == 1 else f"{count} texts are"
