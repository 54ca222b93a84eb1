"""The providers' door: verify, store, answer. Nothing else happens in these requests.

A request whose signature is not the provider's gets 403. A database that is away gets 503, so that
the provider comes again.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from connector.clock import now
from connector.services import inbound, receipts
from connector.web.auth import Guard, guard
from connector.web.room import wired

room = Blueprint("hooks", __name__, url_prefix="/hooks")

STORED = ("", 204)
NOT_THEIRS = ("", 403)
NOT_UNDERSTOOD = ("", 400)


@room.post("/twilio/sms")
@guard(Guard.PROVIDER)
def sms() -> ResponseReturnValue:
    """A text from a resident. Stored once, whatever is repeated; read afterwards."""
    wiring = wired()
    door = wiring.twilio_door
    if not door.verify(_path(), request.form, request.headers.get):
        return NOT_THEIRS
    text = door.inbound(request.form)
    if text is None:
        return NOT_UNDERSTOOD
    work = wiring.one_statement if inbound.is_plain(text) else wiring.transaction
    with work() as session:
        inbound.receive(session, text, now=now())
    return STORED


@room.post("/twilio/status/<uuid:attempt>")
@guard(Guard.PROVIDER)
def status(attempt: UUID) -> ResponseReturnValue:
    """What became of a text we sent. The attempt's own id is in the address."""
    wiring = wired()
    door = wiring.twilio_door
    if not door.verify(_path(), request.form, request.headers.get):
        return NOT_THEIRS
    receipt = door.receipt(attempt, request.form)
    if receipt is None:
        return STORED
    with wiring.transaction() as session:
        receipts.record(session, receipt, now=now())
    return STORED


def _path() -> str:
    """The path and query exactly as they were asked for: the signature covers every character."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if isinstance(raw, str) and raw.startswith("/"):
        return raw
    query = request.query_string.decode("ascii", "replace")
    return f"{request.path}?{query}" if query else request.path
