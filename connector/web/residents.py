"""Residents: who is looked after, and one person's path in a minute."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.consent import AgreementEvent, AgreementState
from connector.domain.errors import Invalid
from connector.domain.usual import Floor
from connector.domain.why import Joined, rhythm_of
from connector.services import noticing
from connector.services.explaining import Kind, Line, Timeline
from connector.store import audit, canary, flags, floors, staff, views
from connector.store import residents as people
from connector.store.base import Session
from connector.store.views import ResidentLine
from connector.web.auth import Guard, guard, member
from connector.web.person import chart_of, identity, state_words, thread_of
from connector.web.room import said, wired
from connector.web.said import Said
from connector.web.texts import lines_of, next_texts
from connector.web.wishes import of_resident as wishes_of

room = Blueprint("residents", __name__, url_prefix="/residents")

A_PAGE = 25
LONGEST_REASON = 200
NEXT_TEXTS = 3
TO_COME = (Kind.COMING, Kind.WOULD_NOT_GO, Kind.WAITS)


@room.get("")
@guard(Guard.CASEWORK)
def index() -> ResponseReturnValue:
    after = request.args.get("after", "0")
    start = int(after) if after.isdecimal() and len(after) < 19 else 0
    words = said()
    with wired().reading() as session:
        lines = views.residents(session, limit=A_PAGE + 1, after=start)
        names = views.programme_names(session, [line.id for line in lines])
        ours = canary.among(session, [line.id for line in lines])
    shown = lines[:A_PAGE]
    more = url_for("residents.index", after=shown[-1].id) if len(lines) > A_PAGE else None
    return render_template(
        "residents.html",
        residents=[_line(line, names, words) | {"ours": line.id in ours} for line in shown],
        prev_page_url=url_for("residents.index") if start else None,
        next_page_url=more,
        nav_active="residents",
    )


@room.get("/<int:resident_id>")
@guard(Guard.CASEWORK)
def show(resident_id: int) -> ResponseReturnValue:
    """Somebody's page; of a record that was merged into another, that other one."""
    with wired().reading() as session:
        kept = people.kept_id(session, resident_id)
    if kept != resident_id:
        return redirect(url_for("residents.show", resident_id=kept))
    return _page(resident_id)


@room.post("/<int:resident_id>/level")
@guard(Guard.CASEWORK)
def lower_floor(resident_id: int) -> ResponseReturnValue:
    """Lower somebody's own level until a day, under one's own name."""
    words = said()
    try:
        until = _day(request.form.get("until", ""))
        why = request.form.get("why", "")[:LONGEST_REASON]
        with wired().transaction() as session:
            people.get(session, resident_id)
            noticing.lower_floor(
                session, resident_id, until, why, by=member(), today=_today(words), now=words.now
            )
    except Invalid as problem:
        return _page(resident_id, floor_problem=str(problem)), 400
    flash(f"Lowered until {words.date(until)}.", "success")
    return redirect(url_for("residents.show", resident_id=resident_id))


@room.post("/<int:resident_id>/level/end")
@guard(Guard.CASEWORK)
def end_floor(resident_id: int) -> ResponseReturnValue:
    words = said()
    with wired().transaction() as session:
        people.get(session, resident_id)
        noticing.end_floor(session, resident_id, by=member(), today=_today(words), now=words.now)
    flash("The level is again as for everybody.", "success")
    return redirect(url_for("residents.show", resident_id=resident_id))


def _today(words: Said) -> date:
    return words.local(words.now).date()


def _day(written: str) -> date:
    """The day of a date field. Raises `Invalid` for none."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Invalid("Choose a last day.") from None


def _page(resident_id: int, floor_problem: str = "") -> str:
    words = said()
    today = _today(words)
    with wired().transaction() as session:
        resident = people.get(session, resident_id)
        audit.append(
            session, "resident seen", "resident", resident_id, by=member().id, now=words.now
        )
        team = {one.id: one.name for one in staff.members(session)}
        coming = next_texts(session, resident_id, words.now)
        lowered = floors.standing(session, [resident_id], on=today).get(resident_id)
        context = {
            "resident": identity(resident)
            | {
                "connector_name": team.get(resident.connector_id or 0, ""),
                "state_words": state_words(resident),
                "ours": resident.canary,
            },
            "open_flag": _open_flag(session, resident_id, words),
            "thread": thread_of(views.thread(session, resident_id), words),
            "chart": chart_of(session, resident_id, words),
            "next_texts": _next_texts(coming, words),
            "next_reasons": coming.reasons,
            "programmes": [
                _programme(one, resident_id)
                for one in coming.joined
                if one.ended_on is None or one.ended_on > today
            ],
            "wishes": wishes_of(session, resident_id, words),
            "agreement": _agreement(people.agreement_history(session, resident_id), team, words),
        }
    return render_template(
        "resident.html",
        **context,
        floor=_floor(lowered, words) if lowered else None,
        floor_from=today.isoformat(),
        floor_to=(today + noticing.LONGEST_FLOOR).isoformat(),
        floor_problem=floor_problem,
        entered=request.form,
        nav_active="residents",
    )


def _floor(floor: Floor, words: Said) -> dict[str, str]:
    return {
        "once_words": f"{floor.once:g} or less out of 10",
        "until_words": words.date(floor.until),
        "by": floor.by,
    }


def _line(line: ResidentLine, names: dict[int, list[str]], words: Said) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "connector_name": line.connector_name,
        "programme_words": ", ".join(names.get(line.id, [])) or "None",
        "last_heard_words": words.day(line.heard_at) if line.heard_at else "Not yet",
        "state_words": AgreementState(line.agreement).words,
        "open_flag_id": line.open_flag_id,
    }


def _open_flag(session: Session, resident_id: int, words: Said) -> dict[str, Any] | None:
    flag_id = views.open_flag_id(session, resident_id)
    if flag_id is None:
        return None
    flag = flags.get(session, flag_id)
    reasons = views.reasons(session, flag_id)
    return {
        "id": flag_id,
        "sentence": reasons[0].sentence if reasons else flag.promise.words,
        "promise": flag.promise.value,
        "due_words": words.due(flag.promise, flag.due_at),
        "overdue": words.overdue(flag.promise, flag.due_at),
    }


def _next_texts(coming: Timeline, words: Said) -> list[dict[str, Any]]:
    """The next few texts, whether or not they would go, by the person's own clock."""
    own = Said(coming.person.zone, words.now)
    return lines_of([line for line in coming.lines if _is_next(line, words)][:NEXT_TEXTS], own)


def _is_next(line: Line, words: Said) -> bool:
    return line.kind in TO_COME and (line.at > words.now or line.kind is Kind.WAITS)


def _programme(joined: Joined, resident_id: int) -> dict[str, str]:
    return {
        "name": joined.name,
        "cadence_words": rhythm_of(joined),
        "pace_url": url_for(
            "programmes.pace", resident_id=resident_id, programme_id=joined.programme_id
        ),
    }


def _agreement(
    history: list[AgreementEvent], team: dict[int, str], words: Said
) -> dict[str, Any] | None:
    if not history:
        return None
    last = history[-1]
    asked = next((event for event in reversed(history) if event.words), last)
    return {
        "state_words": last.state.words,
        "asked_by": team.get(asked.by_staff or 0, "The service"),
        "at_words": f"{words.at(asked.at)}, {asked.how.words}",
        "words": asked.words,
        "history": [
            {
                "title": event.state.words,
                "by": team.get(event.by_staff or 0, ""),
                "at_words": f"{words.at(event.at)}, {event.how.words}",
                "at_iso": event.at.isoformat(),
                "text": event.words,
            }
            for event in reversed(history)
        ],
        "waits": last.state is AgreementState.INVITED,
    }
