"""Trying a programme out: a coordinator plays the resident, and nothing is written or sent.

The whole conversation rides in the form and is played again each time, so that pages come and go
without keeping a word. One text can go to one's own phone.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.placeholders import reads_right_to_left
from connector.domain.programme import DEFAULT_LANGUAGE
from connector.services import trying_out
from connector.services.trying_out import LONGEST_REPLY, MOST_MOVES, Act, Line, Move, Person
from connector.store import versions
from connector.store.base import Session
from connector.store.versions import Version
from connector.web.auth import Guard, guard, member
from connector.web.person import LANGUAGES, local_number
from connector.web.room import said, wired

room = Blueprint("trying_out", __name__, url_prefix="/programmes")

LONGEST_NAME = 40
USUAL_NAME = "Sara"
SENDER = "Priya"
AGAIN = "again"


@room.get("/<int:programme_id>/try-out")
@guard(Guard.COORDINATION)
def show(programme_id: int) -> ResponseReturnValue:
    """The first text, and a place to answer it."""
    return _page(programme_id, [])


@room.post("/<int:programme_id>/try-out")
@guard(Guard.COORDINATION)
def go_on(programme_id: int) -> ResponseReturnValue:
    """What has been done so far, and one thing more."""
    moves = _moves()
    act = request.form.get("act", "")
    if act == AGAIN:
        return _page(programme_id, [])
    if len(moves) >= MOST_MOVES:
        return _page(programme_id, moves, problem="That is a long conversation. Start again.")
    words = " ".join(request.form.get("words", "").split())[:LONGEST_REPLY]
    if act == Act.SAYS and not words:
        return _page(programme_id, moves, problem="Write what the resident would text."), 400
    if act in list(Act):
        moves = [*moves, Move(Act(act), words if act == Act.SAYS else "")]
    return _page(programme_id, moves)


@room.post("/<int:programme_id>/try-out/own-phone")
@guard(Guard.COORDINATION)
def own_phone(programme_id: int) -> ResponseReturnValue:
    """The first text goes to the number of who asks for it."""
    wiring = wired()
    try:
        with wiring.transaction() as session:
            version = _version(session, programme_id)
            trying_out.send_to_own_phone(
                session, version, by=member(), channel=wiring.channel.name, now=said().now
            )
    except (Invalid, Refused) as refusal:
        flash(str(refusal), "problem")
    else:
        flash("On its way to your phone, marked as a trial.", "success")
    return redirect(url_for("trying_out.show", programme_id=programme_id))


def _version(session: Session, programme_id: int) -> Version:
    """The draft, or what is published. Raises `NotFound`."""
    found = versions.draft(session, programme_id) or versions.published(session, programme_id)
    if found is None:
        raise NotFound("There is no such programme.")
    return found


def _moves() -> list[Move]:
    """What has been done so far; anything that is none is left out."""
    found = []
    for written in request.form.getlist("move")[:MOST_MOVES]:
        act, _, words = written.partition(":")
        if act in list(Act):
            found.append(Move(Act(act), words[:LONGEST_REPLY]))
    return found


def _person() -> Person:
    name = " ".join(request.form.get("name", USUAL_NAME).split())[:LONGEST_NAME]
    language = request.form.get("language", "")
    return Person(name, language if language in LANGUAGES else DEFAULT_LANGUAGE, SENDER)


def _page(programme_id: int, moves: list[Move], *, problem: str = "") -> str:
    wiring, person = wired(), _person()
    with wiring.reading() as session:
        version = _version(session, programme_id)
        lines = trying_out.play(
            session,
            version.programme,
            moves,
            person=person,
            reader=wiring.reader,
            now=said().now,
        )
        trials = versions.acts_by(
            session, trying_out.TRIAL_ACT, member().id, since=said().now - trying_out.A_DAY
        )
    return render_template(
        "try_out.html",
        programme={"id": programme_id, "name": version.programme.name},
        asks=version.programme.asks,
        version_words="the draft" if version.is_draft else f"version {version.number}",
        person=person,
        languages=list(LANGUAGES.items()),
        direction="rtl" if reads_right_to_left(person.language) else "ltr",
        lines=[_line(one) for one in lines],
        moves=[f"{one.act.value}:{one.words}" for one in moves],
        moved=len(moves),
        longest=LONGEST_REPLY,
        problem=problem,
        own_number=local_number(member().number) if member().number else "",
        trials_left=max(0, trying_out.TRIALS_A_DAY - trials),
        nav_active="programmes",
    )


def _line(one: Line) -> dict[str, Any]:
    size = one.text.segments if one.text and one.ours else 0
    return {
        "words": one.text.body if one.text else "",
        "ours": one.ours,
        "notes": one.notes,
        "size": f"{size} segments" if size > 1 else "",
    }
