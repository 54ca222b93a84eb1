"""Wishes: other days, another time or pace that residents asked for by text, each one press away.

A wish raises no flag and has no clock: it waits on its list and on the person's page. The oldest
stands first. Accepting makes it their pace from now on; *not now* changes nothing.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.cadence import Override
from connector.domain.cadence_words import own_words
from connector.domain.errors import Invalid, Refused
from connector.services import steering
from connector.store import audit, wishes
from connector.store.base import Session
from connector.store.wishes import Proposal
from connector.web.auth import Guard, guard, member
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("wishes", __name__, url_prefix="/wishes")


@room.get("")
@guard(Guard.CASEWORK)
def index() -> ResponseReturnValue:
    words = said()
    with wired().transaction() as session:
        waiting = wishes.waiting(session)
        if waiting:
            audit.append(session, "wishes seen", "service", None, by=member().id, now=words.now)
    return render_template(
        "wishes.html", wishes=[_wish(one, words) for one in waiting], nav_active="queue"
    )


@room.post("/<int:wish_id>/accept")
@guard(Guard.CASEWORK)
def accept(wish_id: int) -> ResponseReturnValue:
    """It is their pace from now on."""
    try:
        with wired().transaction() as session:
            steering.accept(session, wish_id, by=member().id, now=said().now)
    except (Refused, Invalid) as problem:
        flash(str(problem), "notice")
    else:
        flash("Accepted. Their texts go by it from now on.", "success")
    return _back()


@room.post("/<int:wish_id>/not-now")
@guard(Guard.CASEWORK)
def not_now(wish_id: int) -> ResponseReturnValue:
    try:
        with wired().transaction() as session:
            steering.refuse(session, wish_id, by=member().id, now=said().now)
    except Refused as problem:
        flash(str(problem), "notice")
    else:
        flash("Their texts stay as they are. Please tell them why.", "success")
    return _back()


def of_resident(session: Session, resident_id: int, words: Said) -> list[dict[str, Any]]:
    """The wishes of one person, as their page shows them."""
    return [_wish(one, words) for one in wishes.waiting(session, resident_id)]


def _back() -> ResponseReturnValue:
    """To where the button was pressed: the person's page, or the list."""
    resident = request.form.get("resident", "")
    if resident.isdecimal() and len(resident) < 19:
        return redirect(url_for("residents.show", resident_id=int(resident)))
    return redirect(url_for("wishes.index"))


def _wish(one: Proposal, words: Said) -> dict[str, Any]:
    return {
        "id": one.id,
        "resident_id": one.resident_id,
        "name": one.name,
        "programme": one.programme,
        "pace_words": own_words(Override.from_text(one.own)) or "As everybody on it",
        "words": one.words,
        "asked_words": words.at(one.made_at),
    }
