"""Two records side by side, what each brings, and one press to make them one or two again.

Nothing is chosen by the machine: a person looks at both and says that they are one.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.consent import AgreementState
from connector.domain.errors import Refused
from connector.domain.resident import Resident
from connector.services import merging
from connector.store import audit, merges, residents, staff, unclaimed, views
from connector.store.base import Session
from connector.web.auth import Guard, guard, member
from connector.web.person import LANGUAGES, local_number
from connector.web.room import said, wired

room = Blueprint("merging", __name__, url_prefix="/residents")

LONGEST_SEARCH = 80


@room.get("/<int:resident_id>/merge")
@guard(Guard.CASEWORK)
def choose(resident_id: int) -> ResponseReturnValue:
    """Whose second record it may be, and what was merged into this one."""
    return _choice(resident_id)


@room.post("/<int:resident_id>/merge")
@guard(Guard.CASEWORK)
def find(resident_id: int) -> ResponseReturnValue:
    """Look for the other record. A form that posts: no name stands in an address."""
    return _choice(resident_id, request.form.get("find", "").strip()[:LONGEST_SEARCH])


@room.get("/<int:resident_id>/merge/<int:other_id>")
@guard(Guard.CASEWORK)
def compare(resident_id: int, other_id: int) -> ResponseReturnValue:
    return _comparison(resident_id, other_id)


@room.post("/<int:resident_id>/merge/<int:other_id>")
@guard(Guard.CASEWORK)
def merge(resident_id: int, other_id: int) -> ResponseReturnValue:
    """Make them one. Only somebody who says that they are the same person may."""
    if "sure" not in request.form:
        problem = "Tick that you have made sure that they are one person."
        return _comparison(resident_id, other_id, problem), 400
    try:
        with wired().transaction() as session:
            merging.merge(session, resident_id, other_id, by=member().id, now=said().now)
    except Refused as refused:
        flash(str(refused), "notice")
        return redirect(url_for("merging.choose", resident_id=resident_id))
    flash("They are one record now. It can be taken apart again on this page.", "success")
    return redirect(url_for("merging.choose", resident_id=resident_id))


@room.post("/merges/<int:merge_id>/undo")
@guard(Guard.CASEWORK)
def undo(merge_id: int) -> ResponseReturnValue:
    """Take two records apart again."""
    try:
        with wired().transaction() as session:
            undone = merging.unmerge(session, merge_id, by=member().id, now=said().now)
    except Refused as refused:
        flash(str(refused), "notice")
        return redirect(url_for("residents.index"))
    flash("They are two records again.", "success")
    return redirect(url_for("merging.choose", resident_id=undone.kept_id))


def _choice(resident_id: int, look_for: str = "") -> str:
    words = said()
    with wired().transaction() as session:
        resident = residents.get(session, residents.kept_id(session, resident_id))
        audit.append(session, "record seen", "resident", resident.id, by=member().id, now=words.now)
        alike = [_line(one) for one in residents.alike(session, resident, most=10)]
        found = unclaimed.named(session, look_for) if look_for else []
        before = [
            {"id": one.id, "name": _name(session, one.gone_id), "words": words.at(one.made_at)}
            for one in merges.of_record(session, resident.id)
        ]
    return render_template(
        "merge_find.html",
        resident=_line(resident),
        alike=alike,
        found=[
            {"id": one.id, "name": one.name, "number_local": local_number(one.number)}
            for one in found
            if one.id != resident.id
        ],
        find=look_for,
        merges=before,
        nav_active="residents",
    )


def _comparison(kept_id: int, gone_id: int, problem: str = "") -> str:
    words = said()
    with wired().transaction() as session:
        pair = merging.look(session, kept_id, gone_id)
        kept, gone = (residents.get(session, id_) for id_ in (kept_id, gone_id))
        for id_ in (kept_id, gone_id):
            audit.append(session, "record seen", "resident", id_, by=member().id, now=words.now)
        team = {one.id: one.name for one in staff.members(session)}
        then = merging.together(pair)
        rows = _rows(kept, gone, then, team, takes_number=pair.takes_number)
        names = views.programme_names(session, [kept_id, gone_id])
        texts = [len(views.thread(session, id_)) for id_ in (kept_id, gone_id)]
    mine, theirs = names.get(kept_id, []), names.get(gone_id, [])
    both = ", ".join(dict.fromkeys([*mine, *theirs]))
    rows.append(("Programmes", ", ".join(mine), ", ".join(theirs), both))
    rows.append(("Latest texts", f"{texts[0]}", f"{texts[1]}", "All of both, in one thread"))
    return render_template(
        "merge.html",
        kept=_line(kept),
        gone=_line(gone),
        rows=rows,
        problem=problem,
        nav_active="residents",
    )


def _rows(
    kept: Resident,
    gone: Resident,
    then: dict[str, Any],
    team: dict[int, str],
    *,
    takes_number: bool,
) -> list[tuple[str, str, str, str]]:
    """What each record says, and what the kept one will say: a row a thing."""
    number = _number(gone.number if takes_number else kept.number)
    needs, likes = (merges.opened(then[name]).replace("\n", ", ") for name in ("needs", "likes"))
    mine, theirs = (team.get(one.connector_id or 0, "Nobody yet") for one in (kept, gone))
    connector = team.get(then["connector_id"] or 0, "Nobody yet")
    spoken, other = (LANGUAGES.get(one.language, one.language) for one in (kept, gone))
    agreement = AgreementState(then["agreement"]).words
    steps, others = ", ".join(kept.no_answer), ", ".join(gone.no_answer)
    stays = "" if kept.number == gone.number else "; the other stays in the history"
    return [
        ("Name", _full(kept), _full(gone), _full(kept)),
        ("Number", _number(kept.number), _number(gone.number), number + stays),
        ("Texts", kept.agreement.words, gone.agreement.words, agreement),
        ("Language", spoken, other, spoken),
        ("Connector", mine, theirs, connector),
        ("Needs", ", ".join(kept.needs), ", ".join(gone.needs), needs),
        ("Likes", ", ".join(kept.likes), ", ".join(gone.likes), likes),
        ("When they do not answer", steps, others, steps or others),
    ]


def _number(number: str) -> str:
    return local_number(number) if number else "None"


def _full(resident: Resident) -> str:
    return f"{resident.given_name} {resident.family_name}".strip() or resident.known_as


def _line(resident: Resident) -> dict[str, Any]:
    return {
        "id": resident.id,
        "name": _full(resident),
        "number_local": local_number(resident.number) if resident.number else "No number",
    }


def _name(session: Session, resident_id: int) -> str:
    return _full(residents.get(session, resident_id))
