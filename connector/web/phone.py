"""A pretended phone, in the demonstration only: anybody can be a resident and answer."""

from __future__ import annotations

from hashlib import sha256
from uuid import uuid4

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.clock import now
from connector.domain.reply import Inbound
from connector.domain.resident import Resident
from connector.gateways import simulator
from connector.services import inbound
from connector.store import residents as people
from connector.store import views
from connector.store.base import blind_index
from connector.web.auth import Guard, guard
from connector.web.person import identity, thread_of
from connector.web.room import said, wired

room = Blueprint("phone", __name__, url_prefix="/phone")

LONGEST = 1600
SHOWN = 100
READY = ("7", "3, not a great week", "Can you ring me?", "I don't want to be here any more")


@room.get("")
@guard(Guard.DEMO)
def index() -> ResponseReturnValue:
    with wired().reading() as session:
        everybody = [
            identity(people.get(session, line.id)) for line in views.residents(session, limit=SHOWN)
        ]
    return render_template("phone.html", residents=everybody, nav_active="phone")


@room.get("/<int:resident_id>")
@guard(Guard.DEMO)
def show(resident_id: int) -> ResponseReturnValue:
    return render_template(
        "phone.html",
        resident=identity(_resident(resident_id)),
        thread=_texts(resident_id),
        suggestions=READY,
        nav_active="phone",
    )


@room.get("/<int:resident_id>/texts")
@guard(Guard.DEMO)
def poll(resident_id: int) -> ResponseReturnValue:
    page = render_template(
        "phone_thread.html", resident=identity(_resident(resident_id)), thread=_texts(resident_id)
    )
    answer = make_response(page)
    answer.set_etag(sha256(page.encode()).hexdigest()[:16])
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


@room.post("/<int:resident_id>")
@guard(Guard.DEMO)
def send(resident_id: int) -> ResponseReturnValue:
    """A text from this phone, through the same door as any other."""
    words = request.form.get("text", "").strip()[:LONGEST]
    if not words:
        abort(400)
    text = Inbound(
        simulator.NAME, f"SIM{uuid4().hex}", _resident(resident_id).number, "simulator", words
    )
    with wired().transaction() as session:
        inbound.receive(session, text, now=now())
    return redirect(url_for("phone.show", resident_id=resident_id))


def _resident(resident_id: int) -> Resident:
    with wired().reading() as session:
        return people.get(session, resident_id)


def _texts(resident_id: int) -> list[dict[str, object]]:
    number = _resident(resident_id).number
    with wired().reading() as session:
        return thread_of(views.phone_texts(session, blind_index(number)), said())
