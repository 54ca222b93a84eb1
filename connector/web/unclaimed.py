"""The tray: texts from numbers that nobody is known by, and a form to say whose they are.

It may be a resident on somebody else's phone. What sounds most urgent stands first. What is
nobody's is put away.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import Invalid, NotFound
from connector.domain.phone_number import PhoneNumber
from connector.domain.promise import Promise
from connector.services import strangers, triage
from connector.services.strangers import NotOurs
from connector.store import audit, unclaimed
from connector.store.base import Session
from connector.store.unclaimed import Candidate, PutAway, Unknown
from connector.web.auth import Guard, guard, member
from connector.web.person import local_number, thread_of
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("unclaimed", __name__, url_prefix="/unclaimed")

SELECT_AT_MOST = 200
LONGEST_SEARCH = 80
LATELY = timedelta(days=30)


@room.get("")
@guard(Guard.CASEWORK)
def index() -> ResponseReturnValue:
    words = said()
    with wired().transaction() as session:
        tray = unclaimed.numbers(session)
        if tray:
            audit.append(session, "tray seen", "service", None, by=member().id, now=words.now)
        away = unclaimed.put_away_since(session, words.now - LATELY)
    return render_template(
        "unclaimed.html",
        numbers=[_number(one, words) for one in tray],
        away=[_away(one, words) for one in away],
        nav_active="queue",
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


@room.post("/<int:reply_id>/put-away")
@guard(Guard.CASEWORK)
def put_away(reply_id: int) -> ResponseReturnValue:
    """Nobody we know: the texts leave the tray, until that number writes again."""
    try:
        why, up_to = _not_ours()
        with wired().transaction() as session:
            _refuse_unread(session, reply_id)
            strangers.put_away(session, reply_id, why, up_to=up_to, by=member().id, now=said().now)
    except Unsure as problem:
        return _page(reply_id, away_problem=str(problem)), 400
    except Invalid as problem:
        flash(str(problem), "notice")
        return redirect(url_for("unclaimed.index"))
    flash("Put away. It comes back by itself when that number writes again.", "success")
    return redirect(url_for("unclaimed.index"))


@room.post("/<int:reply_id>/bring-back")
@guard(Guard.CASEWORK)
def bring_back(reply_id: int) -> ResponseReturnValue:
    """Put away by mistake: it is in the tray again."""
    with wired().transaction() as session:
        texts = strangers.bring_back(session, reply_id, by=member().id, now=said().now)
    if texts:
        flash("Back in the tray.", "success")
    else:
        flash("That number is in the tray, or somebody’s, by now.", "notice")
    return redirect(url_for("unclaimed.index"))


class Unsure(Invalid):
    """What has to be chosen before a text is put away."""


def _not_ours() -> tuple[NotOurs, int]:
    """Why it is nobody's, and the last text that was seen. Raises `Unsure`."""
    chosen, seen = request.form.get("why", ""), request.form.get("up_to", "")
    if chosen not in NotOurs.__members__:
        raise Unsure("Choose why it is nobody we know.")
    if not (seen.isdecimal() and len(seen) < 19):
        raise Unsure("Look at what this number sent first.")
    return NotOurs[chosen], int(seen)


def _refuse_unread(session: Session, reply_id: int) -> None:
    """What sounds as if it cannot wait is put away only by somebody who has read it all.

    Raises `Unsure`, and for a number that is somebody's as well.
    """
    one = unclaimed.number_of(session, reply_id)
    if one and one.people:
        raise Unsure("Residents share this number, so it is somebody’s. Choose whose text it is.")
    if one and one.promise.at_least(Promise.TODAY) and "sure" not in request.form:
        raise Unsure("This sounds as if somebody may need help. Tick that you have read it all.")


def _page(reply_id: int, problem: str = "", look_for: str = "", away_problem: str = "") -> str:
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
        away_problem=away_problem,
        not_ours=[(why.name, why.value) for why in NotOurs],
        chosen=request.form.get("why", ""),
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
        "latest_id": one.latest_id,
        "pressing": one.promise.at_least(Promise.TODAY),
        "number_local": local_number(one.sender),
        "tel": one.sender if one.sender.startswith("+") else "",
        "promise": one.promise.value,
        "promise_words": {"none": "No hurry"}.get(one.promise.value, one.promise.words),
        "texts": thread_of(one.lines, words),
        "count_words": _texts_are(len(one.lines)).rpartition(" ")[0],
        "people": [_person(person) for person in one.people],
        "answered_words": words.at(one.answered_at) if one.answered_at else "",
    }


def _away(one: PutAway, words: Said) -> dict[str, Any]:
    by = f" by {one.by_name}" if one.by_name else ""
    return {
        "reply_id": one.reply_id,
        "number_local": local_number(one.sender),
        "words": f"{_texts_are(one.texts).rpartition(' ')[0]}, put away {words.at(one.at)}{by}",
        "why": one.why,
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
