"""Away, in hospital, died, moved: what stops the texts to one person, set and ended by staff.

What holds texts for good is confirmed on a page of its own; nothing here closes what is to do.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.absence import Absence
from connector.domain.cadence import zone_named
from connector.domain.errors import Invalid, Refused
from connector.domain.mark import Mark, ToldBy
from connector.domain.resident import Resident
from connector.domain.steering import AbsenceKind, AbsenceWish
from connector.services import absences as service
from connector.services import standing as marks
from connector.store import absences, audit, standing
from connector.store import residents as people
from connector.web.auth import Guard, guard, member
from connector.web.person import identity
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("absences", __name__, url_prefix="/residents")

CHOICES = (Mark.LEFT, Mark.PRISON, Mark.DIED)
TOLD_BY = tuple(one for one in ToldBy if one is not ToldBy.TEXT)
OPEN_END = "open"


@room.get("/<int:resident_id>/away")
@guard(Guard.CASEWORK)
def show(resident_id: int) -> ResponseReturnValue:
    return _page(resident_id)


@room.post("/<int:resident_id>/away")
@guard(Guard.CASEWORK)
def begin(resident_id: int) -> ResponseReturnValue:
    """Somebody told us that they are away."""
    try:
        wish = _wish(_today(resident_id))
        with wired().transaction() as session:
            service.begin(session, resident_id, wish, by=member().id, now=said().now)
    except Invalid as problem:
        return _page(resident_id, problem=str(problem), about="away"), 400
    flash("Written down. Texts wait, and start again by themselves on their day.", "success")
    return redirect(url_for("absences.show", resident_id=resident_id))


@room.post("/<int:resident_id>/away/end")
@guard(Guard.CASEWORK)
def end(resident_id: int) -> ResponseReturnValue:
    with wired().transaction() as session:
        ended = service.end(session, resident_id, by=member().id, now=said().now)
    flash("Texts go on as before." if ended else "There was nothing to end.", "success")
    return redirect(url_for("absences.show", resident_id=resident_id))


@room.post("/<int:resident_id>/mark")
@guard(Guard.CASEWORK)
def mark(resident_id: int) -> ResponseReturnValue:
    """What stops texts for good: shown once more, then written down."""
    try:
        chosen, told_by, on = _mark(), _told_by(), _day("on")
        if request.form.get("sure") != "yes":
            return _confirm(resident_id, chosen, told_by, on)
        with wired().transaction() as session:
            marks.set_mark(
                session, resident_id, chosen, told_by, on=on, by=member().id, now=said().now
            )
    except Invalid as problem:
        return _page(resident_id, problem=str(problem), about="mark"), 400
    except Refused as refusal:
        flash(str(refusal), "notice")
        return redirect(url_for("absences.show", resident_id=resident_id))
    flash("Written down. Nothing goes to them any more.", "success")
    return redirect(url_for("absences.show", resident_id=resident_id))


@room.post("/<int:resident_id>/mark/take-away")
@guard(Guard.CASEWORK)
def take_away(resident_id: int) -> ResponseReturnValue:
    try:
        with wired().transaction() as session:
            marks.take_away(session, resident_id, by=member().id, now=said().now)
    except Refused as refusal:
        flash(str(refusal), "notice")
    else:
        flash("Taken away. Texts are planned again from now on.", "success")
    return redirect(url_for("absences.show", resident_id=resident_id))


def _today(resident_id: int) -> date:
    with wired().reading() as session:
        return _local_day(people.get(session, resident_id))


def _local_day(resident: Resident) -> date:
    return said().now.astimezone(zone_named(resident.zone)).date()


def _wish(today: date) -> AbsenceWish:
    try:
        kind = AbsenceKind(request.form.get("kind", ""))
    except ValueError:
        raise Invalid("Choose whether they are away, in hospital or having a pause.") from None
    until = request.form.get("until", "")
    if until not in ("day", OPEN_END):
        raise Invalid("Say when texts start again, or that nobody knows yet.")
    ends_on = _day("ends_on") if until == "day" else None
    if until == "day" and ends_on is None:
        raise Invalid("Enter the day texts start again.")
    return AbsenceWish(kind, _day("starts_on") or today, ends_on)


def _mark() -> Mark:
    chosen = request.form.get("mark", "")
    if chosen not in [one.value for one in CHOICES]:
        raise Invalid("Choose what has happened.")
    return Mark(chosen)


def _told_by() -> ToldBy:
    chosen = request.form.get("told_by", "")
    if chosen not in [one.value for one in TOLD_BY]:
        raise Invalid("Choose how we know.")
    return ToldBy(chosen)


def _day(name: str) -> date | None:
    entered = request.form.get(name, "").strip()
    if not entered:
        return None
    try:
        return date.fromisoformat(entered)
    except ValueError:
        raise Invalid("Enter a day such as 24/11/2026.") from None


def _confirm(
    resident_id: int, chosen: Mark, told_by: ToldBy, on: date | None
) -> ResponseReturnValue:
    with wired().reading() as session:
        resident = people.get(session, resident_id)
    if on is not None and on > _local_day(resident):
        raise Invalid("The day cannot be still to come.")
    return render_template(
        "absence_mark.html",
        resident=identity(resident),
        mark=chosen.value,
        mark_words=_happened(chosen, resident.known_as),
        told_by=told_by.value,
        told_words=told_by.words,
        on=on.isoformat() if on else "",
        on_words=said().date(on) if on else "",
        nav_active="residents",
    )


def _happened(mark: Mark, name: str) -> str:
    return f"{name} {mark.words[:1].lower()}{mark.words[1:]}".replace(" in prison", " is in prison")


def _page(resident_id: int, problem: str = "", about: str = "") -> str:
    words = said()
    with wired().transaction() as session:
        resident = people.get(session, resident_id)
        today = _local_day(resident)
        known = absences.standing(session, [resident_id], now=words.now).get(resident_id, [])
        earlier = [one for one in absences.history(session, resident_id) if one not in known]
        mark = standing.marked(session, [resident_id]).get(resident_id)
        how = standing.last_set(session, resident_id, marks.act_of(mark)) if mark else None
        audit.append(
            session, "absences seen", "resident", resident_id, by=member().id, now=words.now
        )
    return render_template(
        "absences.html",
        resident=identity(resident),
        known=[_absence(one, words, today) for one in known],
        earlier=[_absence(one, words, today) for one in earlier],
        mark=mark.value if mark else "",
        mark_words=mark.words if mark else "",
        how_words=f"{how.why}. Written down {words.at(how.at)}"
        + (f" by {how.by_name}" if how and how.by_name else "")
        + "."
        if how
        else "",
        kinds=[(one.value, one.words) for one in AbsenceKind],
        marks=[(one.value, one.words) for one in CHOICES],
        told=[(one.value, one.words) for one in TOLD_BY],
        texted=resident.is_texted,
        entered=request.form,
        today=today.isoformat(),
        problem=problem,
        about=about,
        nav_active="residents",
    )


def _absence(one: Absence, words: Said, today: date) -> dict[str, Any]:
    by = f"Written down by {one.by_name}" if one.by_name else "By their own text"
    return {
        "kind_words": one.kind.words,
        "span_words": f"{one.span[:1].upper()}{one.span[1:]}.",
        "by_words": f"{by}, {words.at(one.made_at)}.",
        "ended_words": f"Ended {words.at(one.ended_at)}." if one.ended_at else "",
        "on_now": one.covers(today),
    }
