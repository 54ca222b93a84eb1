"""The state of the machine, for people who run it. It shows no resident and no word of any."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from connector import clock
from connector.gateways.health import Watch
from connector.web.auth import Guard, guard

room = Blueprint("system", __name__)

_PARTS = (
    ("database", "Records"),
    ("broker", "Doorbell"),
    ("worker", "Worker"),
    ("beat", "Timetable"),
)


@room.get("/system")
@guard(Guard.STAFF)
def index() -> ResponseReturnValue:
    watch: Watch = current_app.extensions["watch"]
    found = watch.look(now=clock.now())
    state = found.as_json()
    parts = [(words, state[name] == "ok") for name, words in _PARTS]
    return render_template(
        "system.html", nav_active="system", parts=parts, oldest=found.oldest_due_seconds
    )
