"""Requests: people who texted the word to join with and wait for somebody to ring.

The one that has waited longest stands first. No number stands in an address.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import Refused
from connector.domain.promise import Promise
from connector.domain.referral import NotRung
from connector.services import referrals as service
from connector.store import audit, referrals
from connector.store.referrals import Request
from connector.web.auth import Guard, guard, member
from connector.web.person import local_number
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("referrals", __name__, url_prefix="/requests")

LATELY = timedelta(days=30)
ENROL = "enrol.new"
CHOICES = tuple(why for why in NotRung if why is not NotRung.STOPPED)


@room.get("")
@guard(Guard.CASEWORK)
def index() -> ResponseReturnValue:
    return _page()


@room.post("/<int:request_id>/put-away")
@guard(Guard.CASEWORK)
def put_away(request_id: int) -> ResponseReturnValue:
    """Nothing comes of it, and why."""
    chosen = request.form.get("why", "")
    if chosen not in [why.name for why in CHOICES]:
        return _page(problem="Choose why it is put away.", about=request_id), 400
    try:
        with wired().transaction() as session:
            why = NotRung[chosen]
            service.put_away(session, request_id, why, by=member().id, now=said().now)
    except Refused as problem:
        flash(str(problem), "notice")
        return redirect(url_for("referrals.index"))
    flash("Put away. It stays below for 30 days, in case that was a slip.", "success")
    return redirect(url_for("referrals.index"))


@room.post("/<int:request_id>/bring-back")
@guard(Guard.CASEWORK)
def bring_back(request_id: int) -> ResponseReturnValue:
    try:
        with wired().transaction() as session:
            service.bring_back(session, request_id, by=member().id, now=said().now)
    except Refused as problem:
        flash(str(problem), "notice")
    else:
        flash("Back on the list.", "success")
    return redirect(url_for("referrals.index"))


def _page(*, problem: str = "", about: int = 0) -> str:
    words = said()
    with wired().transaction() as session:
        waiting = referrals.waiting(session)
        away = referrals.put_away_since(session, words.now - LATELY)
        if waiting or away:
            audit.append(session, "requests seen", "service", None, by=member().id, now=words.now)
    return render_template(
        "referrals.html",
        requests=[_request(one, words) for one in waiting],
        away=[_away(one, words) for one in away],
        choices=[(why.name, why.value) for why in CHOICES],
        problem=problem,
        about=about,
        nav_active="queue",
    )


def _request(one: Request, words: Said) -> dict[str, Any]:
    due_at = wired().hours.due_at(Promise.THIS_WEEK, one.made_at)
    return {
        "id": one.id,
        "number_local": local_number(one.number),
        "tel": one.number,
        "words": one.words,
        "asked_words": words.at(one.made_at),
        "waited_words": _waited(one.made_at, words),
        "due_words": words.due(Promise.THIS_WEEK, due_at),
        "overdue": words.overdue(Promise.THIS_WEEK, due_at),
        "known": one.known,
        "enrol_url": _enrol(one),
    }


def _enrol(one: Request) -> str:
    """Where they are enrolled; nowhere for somebody whose number this is already."""
    if ENROL not in current_app.view_functions or any(known.now for known in one.known):
        return ""
    return url_for(ENROL, request=one.id)


def _waited(since: datetime, words: Said) -> str:
    """'today', 'for 1 day', 'for 3 days'."""
    days = (words.local(words.now).date() - words.local(since).date()).days
    return "since today" if days <= 0 else f"for {days} day{'s' if days > 1 else ''}"


def _away(one: Request, words: Said) -> dict[str, Any]:
    at = words.at(one.decided_at) if one.decided_at else ""
    return {
        "id": one.id,
        "number_local": local_number(one.number),
        "words": f"{at} by {one.by_name}" if one.by_name else at,
        "why": one.why,
        "may_come_back": one.why != NotRung.STOPPED.value,
    }
