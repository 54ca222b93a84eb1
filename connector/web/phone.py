"""A pretended phone, in the demonstration only: anybody can be a resident and answer."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.clock import now
from connector.domain.errors import NotFound
from connector.domain.reply import Inbound
from connector.domain.resident import Resident
from connector.domain.rota import Member
from connector.gateways import simulator
from connector.services import inbound
from connector.store import residents as people
from connector.store import staff, views
from connector.store.base import blind_index
from connector.web.auth import Guard, guard
from connector.web.person import identity, local_number, thread_of
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
        team = [_member_identity(one) for one in staff.members(session) if one.number]
    return render_template("phone.html", residents=everybody, staff_phones=team, nav_active="phone")


@room.get("/<int:resident_id>")
@guard(Guard.DEMO)
def show(resident_id: int) -> ResponseReturnValue:
    return render_template(
        "phone.html",
        resident=identity(_resident(resident_id)),
        thread=_texts(_resident(resident_id).number),
        poll_url=url_for("phone.poll", resident_id=resident_id),
        send_url=url_for("phone.send", resident_id=resident_id),
        suggestions=READY,
        nav_active="phone",
    )


@room.get("/staff/<int:staff_id>")
@guard(Guard.DEMO)
def staff_phone(staff_id: int) -> ResponseReturnValue:
    """The own phone of a connector, on which they are told that something is due."""
    member = _member(staff_id)
    return render_template(
        "phone.html",
        resident=_member_identity(member),
        thread=_texts(member.number),
        poll_url=url_for("phone.staff_poll", staff_id=staff_id),
        send_url=None,
        nav_active="phone",
    )


@room.get("/staff/<int:staff_id>/texts")
@guard(Guard.DEMO)
def staff_poll(staff_id: int) -> ResponseReturnValue:
    member = _member(staff_id)
    return _fragment(_member_identity(member), _texts(member.number))


@room.get("/<int:resident_id>/texts")
@guard(Guard.DEMO)
def poll(resident_id: int) -> ResponseReturnValue:
    resident = _resident(resident_id)
    return _fragment(identity(resident), _texts(resident.number))


def _fragment(resident: dict[str, Any], thread: list[dict[str, Any]]) -> ResponseReturnValue:
    """What is on a phone, for the page that looks again: 304 while nothing has changed."""
    page = render_template("phone_thread.html", resident=resident, thread=thread)
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


def _member(staff_id: int) -> Member:
    with wired().reading() as session:
        account = staff.account(session, staff_id)
    if account is None or not account.member.number:
        raise NotFound("There is no such phone.")
    return account.member


def _member_identity(member: Member) -> dict[str, Any]:
    return {"id": member.id, "name": member.name, "number_local": local_number(member.number)}


def _texts(number: str) -> list[dict[str, Any]]:
    with wired().reading() as session:
        return thread_of(views.phone_texts(session, blind_index(number)), said())
