"""The floor of the web: bare Flask routes, a signature, and one statement. Served by gunicorn.

No guards, no sessions, no sealing, no log: what is left is what any signed webhook costs here.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from twilio.request_validator import RequestValidator

from connector import clock
from connector.cli.bench.floor_tables import INBOUND, SENT
from connector.settings import load
from connector.store.base import make_engine

_settings = load()
_engine = make_engine(_settings.database_url, autocommit=True)
_validator: Any = RequestValidator(_settings.twilio_auth_tokens[0].get_secret_value())  # type: ignore[no-untyped-call]
_insert = (sqlite if _settings.is_sqlite else postgresql).insert(INBOUND).on_conflict_do_nothing()
_move = update(SENT).where(SENT.c.id == bindparam("key")).values(state=bindparam("new_state"))
NOTHING = ("", 204)
NOT_THEIRS = ("", 403)

app = Flask(__name__)


@app.get("/floor/ok")
def ok() -> ResponseReturnValue:
    return "ok"


@app.post("/floor/sms")
def sms() -> ResponseReturnValue:
    if not _signed():
        return NOT_THEIRS
    form = request.form
    row = {"provider_id": form["MessageSid"], "sender": form["From"], "body": form["Body"]}
    with _engine.connect() as connection:
        connection.execute(_insert, row | {"at": clock.now()})
    return NOTHING


@app.post("/floor/status/<attempt>")
def status(attempt: str) -> ResponseReturnValue:
    if not _signed():
        return NOT_THEIRS
    with _engine.connect() as connection:
        connection.execute(_move, {"key": attempt, "new_state": request.form["MessageStatus"]})
    return NOTHING


def _signed() -> bool:
    url = _settings.public_url + request.path
    signature = request.headers["X-Twilio-Signature"]
    return bool(_validator.validate(url, request.form, signature))
