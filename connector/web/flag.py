"""One flag: read what was said beside how things usually are, act, and say what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import AlreadyTaken, Invalid, Refused
from connector.domain.flag import Flag, FlagState, Outcome
from connector.services import casework, reading_list
from connector.store import audit, calling, flags, views
from connector.store import residents as people
from connector.store.views import EventLine, ReasonLine
from connector.web.auth import Guard, guard, member
from connector.web.person import chart_of, identity, thread_of
from connector.web.room import said, wired
from connector.web.said import Said, marked

room = Blueprint("flag", __name__, url_prefix="/flags")

LONGEST_NOTE = 2000
LONGEST_WAIT = timedelta(days=90)
MORNING = time(9)
GUIDANCE = (
    "Say who you are and that you read their text. Ask how things are today, and then listen.",
    "You do not have to put it right. Ask what would help, and who else they would like to know.",
    "If somebody may be in danger, stay on the line and ring 999 from another phone.",
)
_FIGURES = {"about": "About", "answer": "Answer", "texts": "Texts without an answer"}


@room.get("/<int:flag_id>")
@guard(Guard.CASEWORK)
def show(flag_id: int) -> ResponseReturnValue:
    return _page(flag_id)


@room.post("/<int:flag_id>/take")
@guard(Guard.CASEWORK)
def take(flag_id: int) -> ResponseReturnValue:
    """Take it. Somebody a moment quicker is said kindly, and nothing is lost."""
    try:
        with wired().transaction() as session:
            casework.take(session, flag_id, by=member(), now=said().now)
    except AlreadyTaken as refusal:
        flash(str(refusal), "notice")
        return redirect(url_for("queue.index"))
    except Refused as refusal:
        flash(str(refusal), "notice")
    return redirect(url_for("flag.show", flag_id=flag_id))


@room.post("/<int:flag_id>/release")
@guard(Guard.CASEWORK)
def release(flag_id: int) -> ResponseReturnValue:
    def act() -> None:
        with wired().transaction() as session:
            casework.release(session, flag_id, by=member(), now=said().now)

    return _after(flag_id, act, "You have given it back. It is there for anybody to take.")


@room.post("/<int:flag_id>/finish")
@guard(Guard.CASEWORK)
def finish(flag_id: int) -> ResponseReturnValue:
    """Say what happened. A flag that nobody was reached for stays open and waits."""
    outcome = _outcome()
    if outcome is None:
        return _page(flag_id, problem="Choose what happened."), 400

    def act() -> None:
        with wired().transaction() as session:
            casework.finish(session, flag_id, outcome, _note(), by=member(), now=said().now)

    return _after(flag_id, act, "Finished. Thank you.", done=True)


@room.post("/<int:flag_id>/contact")
@guard(Guard.CASEWORK)
def contact(flag_id: int) -> ResponseReturnValue:
    """Log a contact and keep the flag."""
    outcome = _outcome()
    if outcome is None:
        return _page(flag_id, problem="Choose what happened."), 400

    def act() -> None:
        with wired().transaction() as session:
            casework.log_contact(session, flag_id, outcome, _note(), by=member(), now=said().now)

    return _after(flag_id, act, "Noted. It is still yours.")


@room.post("/<int:flag_id>/wait")
@guard(Guard.CASEWORK)
def wait(flag_id: int) -> ResponseReturnValue:
    """Come back to it on a day. A reply brings it back sooner."""

    def act() -> None:
        until = _until()
        with wired().transaction() as session:
            casework.wait(session, flag_id, until, _note(), by=member(), now=said().now)

    return _after(flag_id, act, "It will come back by itself, or sooner if they reply.", done=True)


def _after(
    flag_id: int, act: Callable[[], None], done_words: str, *, done: bool = False
) -> ResponseReturnValue:
    """Act, say what came of it, and go on: to the list when this one is done."""
    try:
        act()
    except Invalid as problem:
        return _page(flag_id, problem=str(problem)), 400
    except Refused as refusal:
        flash(str(refusal), "problem")
        return redirect(url_for("flag.show", flag_id=flag_id))
    flash(done_words, "success")
    return redirect(url_for("queue.index") if done else url_for("flag.show", flag_id=flag_id))


def _outcome() -> Outcome | None:
    try:
        return Outcome(request.form.get("outcome", ""))
    except ValueError:
        return None


def _note() -> str:
    return request.form.get("note", "").strip()[:LONGEST_NOTE]


def _until() -> datetime:
    """The morning of the chosen day. Raises `Invalid` for no day or one too far away."""
    zone = ZoneInfo(wired().settings.zone)
    try:
        chosen = date.fromisoformat(request.form.get("until", ""))
    except ValueError:
        raise Invalid("Choose a day to come back to this.") from None
    until = datetime.combine(chosen, MORNING, zone)
    if until - said().now > LONGEST_WAIT:
        raise Invalid("Choose a day in the next three months.")
    return until


def _page(flag_id: int, problem: str | None = None) -> str:
    words, now = said(), said().now
    with wired().transaction() as session:
        flag = flags.get(session, flag_id)
        resident = people.get(session, flag.resident_id)
        audit.append(session, "flag seen", "flag", flag_id, by=member().id, now=now)
        if flag.owner_id == member().id:
            reading_list.flag_opened(session, flag_id, by=member(), now=now)
        context = {
            "flag": _flag(flag, words),
            "resident": identity(resident),
            "reasons": [_reason(line, words) for line in views.reasons(session, flag_id)],
            "thread": thread_of(views.thread(session, flag.resident_id, limit=20), words),
            "chart": chart_of(session, flag.resident_id, words),
            "calls": calling.due_of_flag(session, flag_id) if flag.is_open else [],
            "events": [_event(line, words) for line in views.events(session, flag_id)],
        }
    return render_template(
        "flag.html",
        **context,
        problem=problem,
        entered=request.form,
        nav_active="queue",
        outcomes=[(outcome.value, outcome.words) for outcome in Outcome],
        guidance=GUIDANCE,
        wait_choices=_wait_choices(words),
        wait_from=(words.local(now).date() + timedelta(days=1)).isoformat(),
        wait_to=(words.local(now).date() + LONGEST_WAIT).isoformat(),
    )


def _flag(flag: Flag, words: Said) -> dict[str, Any]:
    mine = flag.owner_id == member().id
    return {
        "id": flag.id,
        "state": flag.state.value,
        "state_words": _state_words(flag, words, mine=mine),
        "promise": flag.promise.value,
        "promise_words": flag.promise.words,
        "due_words": words.due(flag.promise, flag.due_at),
        "overdue": words.overdue(flag.promise, flag.due_at),
        "owner_name": flag.owner_name,
        "mine": mine and flag.is_open,
        "can_take": flag.is_open and flag.owner_id is None,
        "can_finish": flag.is_open and mine,
        "can_release": flag.is_open and mine,
        "version": flag.version,
    }


def _state_words(flag: Flag, words: Said, *, mine: bool) -> str:
    if flag.state is FlagState.DONE and flag.finished_at:
        outcome = f": {flag.outcome.words}" if flag.outcome else ""
        return f"Finished {words.at(flag.finished_at)}{outcome}."
    if flag.state is FlagState.WAITING and flag.wait_until:
        return f"Waiting until {words.day(flag.wait_until)}."
    if flag.owner_id is None or flag.taken_at is None:
        return "Nobody has this yet."
    who = "You took this" if mine else f"{flag.owner_name} took this"
    return f"{who} {words.at(flag.taken_at)}."


def _reason(line: ReasonLine, words: Said) -> dict[str, Any]:
    return {
        "sentence": line.sentence,
        "promise_words": line.promise.words,
        "rule": line.rule,
        "version": line.version,
        "at_words": words.at(line.at),
        "figures": [
            (_FIGURES[key], value) for key, value in line.figures.items() if key in _FIGURES
        ],
        "evidence": marked(line.words, line.spans),
        "note": "",
    }


def _event(line: EventLine, words: Said) -> dict[str, Any]:
    text = line.outcome.words if line.outcome else ""
    if line.until:
        text = f"Until {words.day(line.until)}"
    return {
        "title": line.kind.words,
        "by": line.by_name or "Automatic",
        "at_words": words.at(line.at),
        "at_iso": line.at.isoformat(),
        "text": ". ".join(part for part in (text, line.note) if part),
    }


def _wait_choices(words: Said) -> list[dict[str, str]]:
    """The next working day, and the Mondays and Fridays that come after it."""
    hours = wired().hours
    today = words.local(words.now).date()
    soon = hours.next_working_day(today)
    friday = today + timedelta(days=(4 - today.weekday()) % 7 or 7)
    monday = today + timedelta(days=7 - today.weekday())
    named = {soon: _near(soon, today, words), friday: "Friday", monday: "Next week"}
    return [
        {"value": day.isoformat(), "words": name}
        for day, name in sorted(named.items())
        if hours.works_on(day)
    ]


def _near(day: date, today: date, words: Said) -> str:
    return "Tomorrow" if (day - today).days == 1 else words.date(day)
