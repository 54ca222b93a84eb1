"""The state of the machine, for people who run it, and the one switch that stops all texts.

It shows no resident and no word of any.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector import clock
from connector.domain.errors import Invalid
from connector.gateways.health import Watch
from connector.services import switch, watching
from connector.services.watching import Condition
from connector.store import switches
from connector.store.alarms import Alarm
from connector.web.auth import Guard, guard, member
from connector.web.room import said, wired
from connector.web.said import Said
from connector.web.standing import pause_words

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
    return _page()


@room.post("/system/stop")
@guard(Guard.COORDINATION)
def stop() -> ResponseReturnValue:
    """Stop all texts to residents: first what it means, and only then the act."""
    why = request.form.get("why", "").strip()[: switch.LONGEST_REASON]
    if why and "sure" not in request.form:
        return render_template("stop_texts.html", why=why, nav_active="system")
    try:
        with wired().transaction() as session:
            switch.stop(session, why, by=member().id, now=clock.now())
    except Invalid as problem:
        return _page(problem=str(problem)), 400
    flash("Texts to residents are stopped. Everybody who signs in sees it.", "success")
    return redirect(url_for("system.index"))


@room.post("/system/lift")
@guard(Guard.COORDINATION)
def lift() -> ResponseReturnValue:
    """Let texts go again."""
    with wired().transaction() as session:
        lifted = switch.lift(session, by=member().id, now=clock.now())
    if lifted:
        flash("Texts go out again. What is too late by now is not sent, and says so.", "success")
    else:
        flash("Texts were going out already.", "notice")
    return redirect(url_for("system.index"))


def _page(problem: str = "") -> str:
    watch: Watch = current_app.extensions["watch"]
    words = said()
    found = watch.look(now=words.now)
    state = found.as_json()
    with wired().reading() as session:
        condition = watching.condition(session, wired().channel.name, now=words.now)
        waiting = switches.waiting(session, now=words.now) if condition.pause else 0
    return render_template(
        "system.html",
        nav_active="system",
        parts=[(name, state[key] == "ok") for key, name in _PARTS],
        oldest_words=_span(found.oldest_due_seconds),
        problem=problem,
        waiting=waiting,
        **_condition(condition, words),
    )


def _condition(condition: Condition, words: Said) -> dict[str, Any]:
    lists = wired().channel.capabilities.lists
    compared = words.at(condition.compared_until) if condition.compared_until else "Not yet"
    return {
        "pause_words": pause_words(condition.pause, words) if condition.pause else "",
        "alarms": [_alarm(alarm, words) for alarm in condition.alarms],
        "compared_words": compared if lists else "This channel has no list to compare with",
        "recovered": condition.recovered,
        "unknown": condition.unknown,
    }


def _alarm(alarm: Alarm, words: Said) -> dict[str, Any]:
    until = f" to {words.at(alarm.closed_at)}" if alarm.closed_at else ", still on"
    return {
        "title": alarm.kind.words,
        "sentence": alarm.sentence,
        "when_words": f"{words.at(alarm.since)}{until}",
        "on": alarm.closed_at is None,
    }


def _span(seconds: float | None) -> str:
    """How long work has waited: 'none', '40 seconds', '3 minutes', '2 hours'."""
    if seconds is None:
        return "Not known"
    for unit, name in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= unit:
            count = int(seconds // unit)
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "None"
