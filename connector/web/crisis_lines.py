"""Crisis lines: the numbers that a text may name, who keeps an eye on each, and until when.

Somebody looks a line up and says where and when. A day that has passed is said on every page.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.crisis_line import SIZES, CrisisLine
from connector.domain.errors import Invalid
from connector.services import crisis_lines as service
from connector.store import crisis_lines
from connector.web.auth import Guard, guard, member
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("crisis_lines", __name__, url_prefix="/messages/crisis-lines")

NEW = "new"
EMPTY = CrisisLine("", "")


@room.get("")
@guard(Guard.COORDINATION)
def index() -> ResponseReturnValue:
    words = said()
    with wired().reading() as session:
        lines = service.lines(session)
        changes = crisis_lines.last_changes(session)
    return render_template(
        "message_crisis_lines.html",
        lines=[_shown(line, place, changes, words) for place, line in enumerate(lines, start=1)],
        nav_active="programmes",
    )


@room.get("/edit")
@guard(Guard.COORDINATION)
def edit() -> ResponseReturnValue:
    """The form of one line, or of a new one."""
    place = request.args.get("line", NEW)
    with wired().reading() as session:
        lines = service.lines(session)
    known = place.isdecimal() and len(place) < 5 and 1 <= int(place) <= len(lines)
    line = lines[int(place) - 1] if known else EMPTY
    return _form(_entered(line), new=not known)


@room.post("")
@guard(Guard.COORDINATION)
def save() -> ResponseReturnValue:
    """Somebody has looked a line up, or says that it is not used here."""
    words = said()
    today = words.local(words.now).date()
    new = request.form.get("new") == "1"
    try:
        with wired().transaction() as session:
            if request.form.get("act") == "not_used":
                name = request.form.get("name", "")
                service.not_used(session, name, by=member(), today=today, now=words.now)
            else:
                line = _line()
                service.look_up(session, line, new=new, by=member(), today=today, now=words.now)
    except Invalid as problem:
        return _form(request.form.to_dict(), new=new, problem=str(problem)), 400
    flash("Kept. Texts may name what is listed here and in date.", "success")
    return redirect(url_for("crisis_lines.index"))


def _form(entered: dict[str, str], *, new: bool, problem: str = "") -> str:
    return render_template(
        "message_crisis_line.html",
        entered=entered,
        sizes=SIZES,
        new=new,
        problem=problem,
        nav_active="programmes",
    )


def _line() -> CrisisLine:
    """The line as it was entered. Raises `Invalid`."""
    given = {name: request.form.get(name, "") for name in SIZES}
    return CrisisLine(
        **given, checked_on=_day("checked_on", "checked"), review_by=_day("review_by", "to look at")
    )


def _day(name: str, what: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        raise Invalid(f"Give the day {what} as year, month and day.") from None


def _entered(line: CrisisLine) -> dict[str, str]:
    return {name: getattr(line, name) for name in SIZES} | {
        "checked_on": "",
        "review_by": "",
    }


def _shown(
    line: CrisisLine, place: int, changes: dict[str, tuple[datetime, str]], words: Said
) -> dict[str, Any]:
    kind, state = _state(line, words)
    at, by = changes.get(line.name, (None, ""))
    return {
        "place": place,
        "line": line,
        "kind": kind,
        "state": state,
        "checked_words": words.date(line.checked_on) if line.checked_on else "Not yet",
        "review_words": words.date(line.review_by) if line.review_by else "",
        "changed_words": f"{by or 'Somebody'}, {words.at(at)}" if at else "As shipped",
    }


def _state(line: CrisisLine, words: Said) -> tuple[str, str]:
    today = words.local(words.now).date()
    if not line.used:
        return "off", "Not used here"
    if line.expired(today):
        return "down", "Look it up again now"
    if line.checked_on is None:
        return "warn", "Not checked: no text may name it"
    if line.due_soon(today):
        return "warn", "Look it up again soon"
    return "up", "In date"
