"""A resident's record, changed by whoever looks after them; and their own word about their texts.

Of two people who change one record at once the second is told what it says by now, and loses
nothing that was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.consent import How
from connector.domain.errors import Refused
from connector.domain.resident import Resident
from connector.services import record
from connector.services.enrolment import MayBeKnown
from connector.services.record import LABELS, Act, Overtaken, Told
from connector.store import audit
from connector.store import residents as people
from connector.web import person_form
from connector.web.auth import Guard, guard, member
from connector.web.cadence_form import Problem, linked
from connector.web.enrol import (
    HOWS,
    connectors,
    known_words,
    person_choices,
    read_person,
    speech,
)
from connector.web.person import LANGUAGES, identity, local_number, state_words
from connector.web.person_form import Fields
from connector.web.room import said, wired

room = Blueprint("record", __name__, url_prefix="/residents")

LONGEST_WORDS = 300
ACTS = {
    Act.GO_ON: ("They want texts", "They have said yes, or that texts may go on."),
    Act.PAUSE: ("They want a pause", "No texts until they say so. For some days, set an absence."),
    Act.STOP: ("They want no more texts", "At once, and until they ask for texts again."),
}
ACTS_WITHOUT_TEXTS = {
    Act.GO_ON: ("They want to go on", "They have said yes, or that it may go on."),
    Act.PAUSE: ("They want a pause", "Nothing until they say so. For some days, set an absence."),
    Act.STOP: ("They want no more of it", "At once, and until they ask for it again."),
}
DONE = {
    "invited": "Written down. The welcome is on its way: nothing else goes before they text Y.",
    "given": "Written down. They are in touch again as before.",
    "paused": "Written down. Nothing more until they say so.",
    "withdrawn": "Written down. Nothing more from us.",
}


@room.get("/<int:resident_id>/record")
@guard(Guard.CASEWORK)
def show(resident_id: int) -> ResponseReturnValue:
    """The form, filled with what the record says."""
    words = said()
    with wired().transaction() as session:
        if (kept := people.kept_id(session, resident_id)) != resident_id:
            return redirect(url_for("record.show", resident_id=kept))
        resident = people.get(session, resident_id)
        audit.append(
            session, "resident seen", "resident", resident_id, by=member().id, now=words.now
        )
    return _page(resident, person_form.filled(resident), mark=record.seen(resident))


@room.post("/<int:resident_id>/record")
@guard(Guard.CASEWORK)
def change(resident_id: int) -> ResponseReturnValue:
    fields = person_form.fields_of(request.form)
    mark = fields.get("version", "")
    with wired().reading() as session:
        base = people.get(session, resident_id)
        new, problems = read_person(session, fields, base)
    if problems:
        return _page(base, fields, problems, mark=mark), 400
    try:
        with wired().transaction() as session:
            changed = record.change(
                session,
                new,
                speech(),
                mark=mark,
                different=fields.get("different", ""),
                by=member().id,
                now=said().now,
            )
    except Overtaken as overtaken:
        now = overtaken.now
        return _page(now, fields, mark=record.seen(now), theirs=_theirs(now, new)), 409
    except MayBeKnown as known:
        return _page(base, fields, mark=mark, known=known_words(known.found, new.number)), 409
    flash(f"Kept: {', '.join(changed)}." if changed else "Nothing was changed.", "success")
    return redirect(url_for("residents.show", resident_id=resident_id))


@room.get("/<int:resident_id>/agreement")
@guard(Guard.CASEWORK)
def agreement(resident_id: int) -> ResponseReturnValue:
    """What somebody has told us about their texts, in person or by phone."""
    with wired().reading() as session:
        kept = people.kept_id(session, resident_id)
    if kept != resident_id:
        return redirect(url_for("record.agreement", resident_id=kept))
    return _agreement_page(resident_id, Fields({"how": "by_phone"}))


@room.post("/<int:resident_id>/agreement")
@guard(Guard.CASEWORK)
def tell(resident_id: int) -> ResponseReturnValue:
    fields = person_form.fields_of(request.form)
    if problems := _told_problems(fields):
        return _agreement_page(resident_id, fields, problems), 400
    told = Told(Act(fields["act"]), How(fields["how"]), fields.get("words", "").strip())
    try:
        with wired().transaction() as session:
            state = record.tell(
                session, resident_id, told, speech(), by=member().id, now=said().now
            )
    except Refused as refusal:
        return _agreement_page(resident_id, fields, [Problem("act", str(refusal))]), 409
    flash(DONE[state.value], "success")
    return redirect(url_for("residents.show", resident_id=resident_id))


def _told_problems(fields: Fields) -> list[Problem]:
    found = []
    if fields.get("act") not in list(Act):
        found.append(Problem("act", "Choose what they want."))
    if fields.get("how") not in list(HOWS):
        found.append(Problem("how", "Say whether they told you in person or by phone."))
    if len(fields.get("words", "")) > LONGEST_WORDS:
        found.append(Problem("words", f"Keep it under {LONGEST_WORDS} letters."))
    return found


def _theirs(now: Resident, typed: Resident) -> list[tuple[str, str]]:
    """What the record says by now where it differs from what was typed."""
    with wired().reading() as session:
        team = {one.id: one.name for one in connectors(session)}
    return [
        (words, _said(getattr(now, name), name, team))
        for name, words in LABELS.items()
        if getattr(now, name) != getattr(typed, name)
    ]


def _said(value: Any, name: str, team: dict[int, str]) -> str:
    """A value of a record as a page says it."""
    if name == "connector_id":
        value = team.get(value, "nobody")
    elif name == "language":
        value = LANGUAGES.get(value, value)
    elif name == "number":
        value = local_number(value)
    elif name == "contact_by":
        value = value.words
    elif isinstance(value, tuple):
        value = "; ".join(value)
    return _PLAIN.get(value) or str(value) or "nothing"


_PLAIN: dict[Any, str] = {True: "yes", False: "no", None: "not asked"}


def _page(
    resident: Resident,
    fields: Fields,
    problems: Sequence[Problem] = (),
    *,
    mark: str,
    theirs: Sequence[tuple[str, str]] = (),
    known: Sequence[dict[str, Any]] = (),
) -> str:
    with wired().reading() as session:
        team = connectors(session)
    return render_template(
        "record.html",
        **person_choices(team, fields),
        resident=identity(resident),
        mark=mark,
        theirs=theirs,
        known=known,
        problems=problems,
        errors=linked(problems),
        owner=member().id,
        nav_active="residents",
    )


def _agreement_page(resident_id: int, fields: Fields, problems: Sequence[Problem] = ()) -> str:
    with wired().reading() as session:
        resident = people.get(session, resident_id)
    acts = ACTS if resident.is_texted else ACTS_WITHOUT_TEXTS
    return render_template(
        "record_agreement.html",
        resident=identity(resident),
        state_words=state_words(resident),
        read_out=speech().read_out(resident),
        language=resident.language,
        acts=[(act.value, *words) for act, words in acts.items()],
        texted=resident.is_texted,
        hows=[(how.value, how.words.capitalize()) for how in HOWS],
        longest=LONGEST_WORDS,
        entered=fields,
        problems=problems,
        errors=linked(problems),
        nav_active="residents",
    )
