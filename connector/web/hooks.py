"""The providers' door: verify, store, answer. Nothing else happens in these requests.

A request that does not prove to be the provider's gets 403, one that brings no message 400. A
database that is away gets 503, so that the provider comes again.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from connector.clock import now
from connector.domain.attempt import Receipt
from connector.domain.reply import Inbound
from connector.services import inbound, receipts
from connector.web.auth import Guard, guard
from connector.web.room import wired

room = Blueprint("hooks", __name__, url_prefix="/hooks")

STORED = ("", 204)
NOT_THEIRS = ("", 403)
NOT_UNDERSTOOD = ("", 400)
AT_SECOND_DOOR = ("", 204, {"X-Connector-Door": "fallback"})
LARGEST_JSON = 64 * 1024


@room.post("/twilio/sms")
@guard(Guard.PROVIDER)
def sms() -> ResponseReturnValue:
    """A text from a resident. Stored once, whatever is repeated; read afterwards."""
    return _twilio_text(STORED)


@room.post("/twilio/fallback")
@guard(Guard.PROVIDER)
def fallback() -> ResponseReturnValue:
    """The same text, brought here because the first door did not answer the provider."""
    return _twilio_text(AT_SECOND_DOOR)


@room.post("/twilio/status/<uuid:attempt>")
@guard(Guard.PROVIDER)
def status(attempt: UUID) -> ResponseReturnValue:
    """What became of a text we sent. The attempt's own id is in the address."""
    door = wired().twilio_door
    if not door.verify(_path(), request.form, request.headers.get):
        return NOT_THEIRS
    return _recorded(door.receipt(attempt, request.form))


@room.post("/notify/sms")
@guard(Guard.PROVIDER)
def notify_sms() -> ResponseReturnValue:
    """A text from a resident, by way of GOV.UK Notify."""
    door = wired().notify_door
    if not door.verify(request.headers.get("Authorization")):
        return NOT_THEIRS
    said = door.read(_json())
    text = door.inbound(said) if said else None
    return _stored(text, STORED) if text else NOT_UNDERSTOOD


@room.post("/notify/receipt")
@guard(Guard.PROVIDER)
def notify_receipt() -> ResponseReturnValue:
    """What became of a text we sent through GOV.UK Notify; texts that are not ours are let go."""
    door = wired().notify_door
    if not door.verify(request.headers.get("Authorization")):
        return NOT_THEIRS
    said = door.read(_json())
    return _recorded(door.receipt(said)) if said and "status" in said else NOT_UNDERSTOOD


def _twilio_text(answer: ResponseReturnValue) -> ResponseReturnValue:
    door = wired().twilio_door
    if not door.verify(_path(), request.form, request.headers.get):
        return NOT_THEIRS
    text = door.inbound(request.form)
    return _stored(text, answer) if text else NOT_UNDERSTOOD


def _stored(text: Inbound, answer: ResponseReturnValue) -> ResponseReturnValue:
    """Store a text, in one round trip where storing it is all there is to do."""
    wiring = wired()
    work = wiring.one_statement if inbound.is_plain(text) else wiring.transaction
    with work() as session:
        inbound.receive(session, text, now=now())
    return answer


def _recorded(receipt: Receipt | None) -> ResponseReturnValue:
    """Record a receipt; what says nothing new is answered the same."""
    if receipt is not None:
        wiring = wired()
        work = wiring.one_statement if receipts.is_plain(receipt) else wiring.transaction
        with work() as session:
            receipts.record(session, receipt, hours=wiring.hours, now=now())
    return STORED


def _json() -> bytes:
    """The body of this request. One that is larger than any text ever is answered with 413."""
    request.max_content_length = LARGEST_JSON
    return request.get_data(cache=False)


def _path() -> str:
    """The path and query exactly as they were asked for: the signature covers every character."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if isinstance(raw, str) and raw.startswith("/"):
        return raw
    query = request.query_string.decode("ascii", "replace")
    return f"{request.path}?{query}" if query else request.path
