"""A call or a visit that is due: what to ask, and a place to write down what was said."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import Invalid, Refused
from connector.domain.meeting import Said, Sheet, Went
from connector.domain.resident import Resident
from connector.services import calling as service
from connector.store import audit, calling
from connector.web.auth import Guard, guard, member
from connector.web.person import identity
from connector.web.room import said, wired

room = Blueprint("calls", __name__, url_prefix="/calls")

LONGEST_NOTE = 2000


@room.get("/<int:check_in_id>")
@guard(Guard.CASEWORK)
def show(check_in_id: int) -> ResponseReturnValue:
    try:
        return _page(check_in_id)
    except Refused as refusal:
        flash(str(refusal), "notice")
        return redirect(url_for("queue.index"))


@room.post("/<int:check_in_id>")
@guard(Guard.CASEWORK)
def record(check_in_id: int) -> ResponseReturnValue:
    """Write down how it went. What cannot be read is said, and nothing typed is lost."""
    try:
        with wired().transaction() as session:
            finished = service.record(
                session,
                check_in_id,
                _said(),
                rules=wired().reader.rules,
                by=member(),
                hours=wired().hours,
                now=said().now,
            )
            who = calling.planned(session, check_in_id).resident_id
            flag_id = calling.open_flag(session, who)
    except Invalid as problem:
        return _page(check_in_id, problem=str(problem)), 400
    except Refused as refusal:
        flash(str(refusal), "problem")
        return redirect(url_for("queue.index"))
    if finished or flag_id is None:
        flash("Written down. Thank you.", "success")
        return redirect(url_for("queue.index"))
    flash("Written down. There is still something to do here.", "success")
    return redirect(url_for("flag.show", flag_id=flag_id))


def _said() -> Said:
    try:
        went = Went(request.form.get("went", ""))
    except ValueError:
        raise Invalid("Choose how it went.") from None
    answers = {
        name.removeprefix("answer-"): words
        for name, words in request.form.items()
        if name.startswith("answer-")
    }
    return Said(went, answers, request.form.get("note", "").strip()[:LONGEST_NOTE])


def _page(check_in_id: int, problem: str = "") -> str:
    words = said()
    with wired().transaction() as session:
        sheet, resident = service.sheet(session, check_in_id)
        audit.append(session, "call seen", "resident", resident.id, by=member().id, now=words.now)
    return render_template(
        "call.html",
        **_sheet(sheet, resident),
        due_words=words.at(sheet.due_at),
        said_words=words.at(sheet.said_at) if sheet.said_at else "",
        entered=request.form,
        problem=problem,
        nav_active="queue",
    )


def _sheet(sheet: Sheet, resident: Resident) -> dict[str, object]:
    return {
        "check_in_id": sheet.check_in_id,
        "resident": identity(resident),
        "likes": resident.likes,
        "programme": sheet.programme.name,
        "visit": sheet.by.value == "visit",
        "opening": sheet.opening,
        "questions": [
            {
                "key": one.key,
                "words": one.words,
                "hint": one.hint,
                "after": bool(one.only_after),
                "long": one.hint == "In their own words.",
            }
            for one in sheet.questions
        ],
        "went": [(one.value, one.words(sheet.by)) for one in Went],
    }
