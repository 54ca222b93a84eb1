"""The tray: texts from numbers that nobody is known by, and a form to say whose they are.

It may be a resident on somebody else's phone. What sounds most urgent stands first. What is
nobody's is put away.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.consent import How
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.phone_number import PhoneNumber
from connector.domain.promise import Promise
from connector.services import numbers, strangers, triage
from connector.services.strangers import NotOurs
from connector.store import audit, residents, unclaimed
from connector.store import numbers as kept
from connector.store.base import Session
from connector.store.numbers import Former, ToSort, Trouble
from connector.store.unclaimed import Candidate, PutAway, Unknown
from connector.web.auth import Guard, guard, member
from connector.web.person import identity, local_number, thread_of
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
        waiting = kept.to_sort(session)
        months = kept.silent_months(session)
    return render_template(
        "unclaimed.html",
        months=months if member().coordinates else 0,
        numbers=[_number(one, words) for one in tray],
        away=[_away(one, words) for one in away],
        to_sort=[_to_sort(one, words) for one in waiting],
        nav_active="queue",
    )


@room.post("/silence")
@guard(Guard.COORDINATION)
def silence() -> ResponseReturnValue:
    """After how many months of silence a number is asked whose it is."""
    months = request.form.get("months", "").strip()
    try:
        with wired().transaction() as session:
            numbers.set_silent_after(session, months, by=member().id, now=said().now)
    except Invalid as problem:
        flash(str(problem), "notice")
    else:
        flash("Kept. It counts from now on.", "success")
    return redirect(url_for("unclaimed.index"))


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
                session,
                reply_id,
                resident_id,
                wiring.reader,
                only=_chosen_texts(),
                by=member().id,
                now=said().now,
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


@room.get("/numbers/<int:resident_id>")
@guard(Guard.CASEWORK)
def number(resident_id: int) -> ResponseReturnValue:
    """Somebody whose number has to be sorted out."""
    return _number_page(resident_id)


@room.post("/numbers/<int:resident_id>")
@guard(Guard.CASEWORK)
def sort_out(resident_id: int) -> ResponseReturnValue:
    """Whose number it is, whose stop it was, or that somebody goes on in their own words."""
    act = request.form.get("act", "")
    try:
        with wired().transaction() as session:
            done = _sort_out(session, resident_id, act)
    except (Invalid, Refused) as problem:
        return _number_page(resident_id, problem=str(problem)), 400
    flash(done, "success")
    return redirect(url_for("unclaimed.index"))


def _sort_out(session: Session, resident_id: int, act: str) -> str:
    """Do one of the acts; what to say of it. Raises `Invalid` or `Refused`."""
    by, now = member().id, said().now
    if act == "confirm":
        numbers.confirm(session, resident_id, by=by, now=now)
        return "Kept. Texts go on as planned."
    if act == "give_up":
        numbers.give_up(session, resident_id, by=by, now=now)
        return "Kept. The number is in the history, and they are rung until there is a new one."
    if act == "stopped":
        numbers.has_stopped(session, resident_id, by=by, now=now)
        return "Kept. They get no more texts."
    if act == "goes_on":
        how, words = request.form.get("how", ""), request.form.get("words", "")
        if how not in (How.IN_PERSON.value, How.BY_PHONE.value):
            raise Invalid("Choose how they told you.")
        free = numbers.goes_on(session, resident_id, How(how), words, by=by, now=now)
        return (
            "Kept. Their texts go on."
            if free
            else "Kept. Texts go on once everybody on this number has been asked."
        )
    raise Invalid("Choose what you know about this number.")


def _number_page(resident_id: int, problem: str = "") -> str:
    words = said()
    with wired().transaction() as session:
        resident = residents.get(session, resident_id)
        audit.append(session, "number seen", "resident", resident_id, by=member().id, now=words.now)
        waiting = kept.to_sort(session)
        one = next((one for one in waiting if one.resident_id == resident_id), None)
        others = unclaimed.with_number(session, resident.number or "-")
        before = kept.history(session, resident_id)
    return render_template(
        "unclaimed_number.html",
        resident=identity(resident),
        one=_to_sort(one, words) if one else None,
        others=[_person(who) for who in others if who.id != resident_id],
        before=[
            {"number_local": local_number(old.number), "words": _former_words(old, words)}
            for old in before
        ],
        problem=problem,
        entered=request.form,
        hows=[(how.value, how.words) for how in (How.IN_PERSON, How.BY_PHONE)],
        nav_active="queue",
    )


def _chosen_texts() -> tuple[int, ...]:
    """The texts of a shared number that a press is about; none means all."""
    chosen = request.form.get("texts", "").split(",")
    return tuple(int(one) for one in chosen if one.isdecimal() and len(one) < 19)


def _to_sort(one: ToSort, words: Said) -> dict[str, Any]:
    since = f", since {words.day(one.since)}" if one.since else ""
    return {
        "id": one.resident_id,
        "name": one.name,
        "number_local": local_number(one.number) if one.number else "No number",
        "trouble": one.trouble.value,
        "words": _TROUBLES[one.trouble] + since,
    }


_TROUBLES = {
    Trouble.DOUBTED: "We are not sure whose number it is. Personal texts are held",
    Trouble.STOPPED: "Somebody on this shared number sent STOP. No texts go to it",
    Trouble.DEAD: "Texts do not arrive. Find a new number",
    Trouble.NONE: "The old number is somebody else’s. Find a new number",
}


def _former_words(old: Former, words: Said) -> str:
    return f"until {words.day(old.until)} ({old.why})"


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
        "each": [
            {
                "ids": ",".join(map(str, text.ids)),
                "texts": thread_of([text.line], words),
            }
            for text in one.texts
        ],
        "formerly": [
            {"id": old.resident_id, "words": f"{old.name}, {_former_words(old, words)}"}
            for old in one.formerly
        ],
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
        "doubted": person.doubted,
    }


def _texts_are(count: int) -> str:
    return "1 text is" if count == 1 else f"{count} texts are"
