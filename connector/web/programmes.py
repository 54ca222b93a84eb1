"""Programmes: what is sent, to whom and when; and changing when, with all of it seen first.

Nothing is written before somebody saves or publishes. Of two people who change one programme at
once the second is told, and loses nothing that was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from typing import Any

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from connector.domain.cadence import Cadence, Override, Unit, Weekday
from connector.domain.cadence_words import cadence_rows, cadence_words, own_words
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.moves import Move
from connector.domain.phone_number import PhoneNumber
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.domain.publishing import needs_approval
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.texting_rules import TextingRules
from connector.services import cadences, enrolment
from connector.services import programmes as service
from connector.services.cadences import Pair
from connector.services.timetable import Dates
from connector.store import cadence_people, residents, staff, texting_rules, versions
from connector.store import programmes as store
from connector.store.base import Session
from connector.store.versions import Version
from connector.web import cadence_form, programme_page
from connector.web.auth import Guard, guard, member
from connector.web.cadence_form import Fields, Problem
from connector.web.cadence_preview import at_words, pair_words, people_words, shown
from connector.web.room import LARGEST_ID, said, wired
from connector.web.said import Said

room = Blueprint("programmes", __name__)

MOST_NAMES = 200
MOST_TO_PICK = 100
FIRST_WORDS = {
    ProgrammeKind.CHECK_IN: (
        "Hi {name}, how has this week been? Text a number from 0 (really hard) "
        "to 10 (really good). {sender}"
    ),
    ProgrammeKind.PROMPT: "Hi {name}, something small to look forward to this week? {sender}",
}


@room.get("/programmes")
@guard(Guard.COORDINATION)
def index() -> ResponseReturnValue:
    with wired().reading() as session:
        people = cadence_people.counts(session)
        newest = versions.newest(session)
    return render_template(
        "programmes.html",
        programmes=[programme_page.line(one, people) for one in newest],
        nav_active="programmes",
    )


@room.get("/programmes/new")
@guard(Guard.COORDINATION)
def new() -> ResponseReturnValue:
    return _new_page(Fields(), [])


@room.post("/programmes")
@guard(Guard.COORDINATION)
def create() -> ResponseReturnValue:
    """A draft of a new programme; nobody is texted by it."""
    fields = cadence_form.fields_of(request.form)
    try:
        with wired().transaction() as session:
            made = _begun(session, fields)
            id_ = service.create(session, made, by=member(), now=said().now)
    except Invalid as refusal:
        return _new_page(fields, [Problem("name", str(refusal))]), 400
    flash("A draft. Say when its texts go, and look at its words.", "success")
    return redirect(url_for("programmes.show", programme_id=id_))


@room.get("/programmes/<int:programme_id>")
@guard(Guard.COORDINATION)
def show(programme_id: int) -> ResponseReturnValue:
    return _programme_page(programme_id)


@room.get("/programmes/<int:programme_id>/cadence")
@guard(Guard.COORDINATION)
def cadence(programme_id: int) -> ResponseReturnValue:
    """The form, filled with the draft or with what is published."""
    with wired().reading() as session:
        base, edits = _base(session, programme_id)
    return _form_page(base, cadence_form.filled(base), [], edits=edits)


@room.get("/programmes/<int:programme_id>/draft")
@guard(Guard.COORDINATION)
def review(programme_id: int) -> ResponseReturnValue:
    """What publishing the draft as it stands would do."""
    with wired().reading() as session:
        base, edits = _base(session, programme_id)
    fields = cadence_form.filled(base)
    fields["edits"] = str(edits)
    return _preview_page(programme_id, fields)


@room.post("/programmes/<int:programme_id>/cadence/preview")
@guard(Guard.COORDINATION)
def preview(programme_id: int) -> ResponseReturnValue:
    """Everything that publishing would do. Nothing is written."""
    return _preview_page(programme_id, cadence_form.fields_of(request.form))


@room.post("/programmes/<int:programme_id>/cadence/change")
@guard(Guard.COORDINATION)
def change(programme_id: int) -> ResponseReturnValue:
    """Back to the form, with what was typed."""
    fields = cadence_form.fields_of(request.form)
    with wired().reading() as session:
        base, _ = _base(session, programme_id)
    return _form_page(base, fields, [])


@room.post("/programmes/<int:programme_id>/cadence/names")
@guard(Guard.COORDINATION)
def names(programme_id: int) -> ResponseReturnValue:
    """Who makes a move of one size, by name; for those who may see residents."""
    if not member().sees_residents:
        abort(403)
    fields, words = cadence_form.fields_of(request.form), said()
    wanted = request.form.get("move", "")
    if wanted not in list(Move):
        abort(404)
    size = Move(wanted)
    with wired().reading() as session:
        base, _ = _base(session, programme_id)
        draft, problems = cadence_form.read(fields, base)
        if draft is None:
            return _form_page(base, fields, problems), 400
        people, found = cadences.movers(
            session,
            programme_id,
            draft,
            size,
            rules=_rules(session),
            zone=wired().settings.zone,
            now=words.now,
            most=MOST_NAMES,
        )
    return render_template(
        "cadence_names.html",
        programme=_name(base),
        words=size.words,
        people=people_words(people),
        names=[{"id": id_, "name": name} for id_, name in found.items()],
        more=people - len(found),
        entered=fields,
        nav_active="programmes",
    )


@room.post("/programmes/<int:programme_id>/cadence/save")
@guard(Guard.COORDINATION)
def save(programme_id: int) -> ResponseReturnValue:
    """Keep it as the draft; nothing changes for anybody."""
    fields = cadence_form.fields_of(request.form)
    try:
        with wired().transaction() as session:
            kept = _save(session, programme_id, fields)
    except Refused as refusal:
        return _preview_page(programme_id, fields, [Problem("why", str(refusal))], 409)
    if kept is None:
        return _preview_page(programme_id, fields)
    flash("Saved as a draft. Nothing has changed for anybody yet.", "success")
    return redirect(url_for("programmes.show", programme_id=programme_id))


@room.post("/programmes/<int:programme_id>/cadence/publish")
@guard(Guard.COORDINATION)
def publish(programme_id: int) -> ResponseReturnValue:
    """Make it what goes out from now on, with the reason for the change."""
    fields, words, wiring = cadence_form.fields_of(request.form), said(), wired()
    why = request.form.get("why", "").strip()
    if not why:
        missing = Problem("why", "Say in a few words why you make this change.")
        return _preview_page(programme_id, fields, [missing], 400)
    try:
        with wiring.transaction() as session:
            kept = _save(session, programme_id, fields)
            if kept is None:
                return _preview_page(programme_id, fields)
            version = service.publish(
                session,
                programme_id,
                _rules(session),
                edits=kept.edits,
                why=why,
                by=member(),
                on=words.local(words.now).date(),
                now=words.now,
                zone=wiring.settings.zone,
            )
    except Refused as refusal:
        return _preview_page(programme_id, fields, [Problem("why", str(refusal))], 409)
    flash(
        f"Published as version {version.number}. What has not been sent is planned again "
        "in the next minute.",
        "success",
    )
    return redirect(url_for("programmes.show", programme_id=programme_id))


@room.post("/programmes/<int:programme_id>/approve")
@guard(Guard.COORDINATION)
def approve(programme_id: int) -> ResponseReturnValue:
    """A second person agrees to words that are held back."""
    edits = request.form.get("edits", "")
    try:
        with wired().transaction() as session:
            service.approve(
                session,
                programme_id,
                request.form.get("why", ""),
                edits=int(edits) if edits.isdecimal() and len(edits) < 9 else 0,
                by=member(),
                now=said().now,
            )
    except (Invalid, Refused) as refusal:
        return _programme_page(programme_id, Problem("approve-why", str(refusal))), 400
    flash("Approved. The draft can be published now.", "success")
    return redirect(url_for("programmes.show", programme_id=programme_id))


@room.get("/residents/<int:resident_id>/programmes/<int:programme_id>/pace")
@guard(Guard.CASEWORK)
def pace(resident_id: int, programme_id: int) -> ResponseReturnValue:
    """One person's own days, time and pace."""
    return _pace_page(resident_id, programme_id)


@room.post("/residents/<int:resident_id>/programmes/<int:programme_id>/pace/preview")
@guard(Guard.CASEWORK)
def pace_preview(resident_id: int, programme_id: int) -> ResponseReturnValue:
    """The next six dates as they are and as they would be. Nothing is written."""
    return _pace_page(resident_id, programme_id, cadence_form.fields_of(request.form))


@room.post("/residents/<int:resident_id>/programmes/<int:programme_id>/pace")
@guard(Guard.CASEWORK)
def keep_pace(resident_id: int, programme_id: int) -> ResponseReturnValue:
    fields, words = cadence_form.fields_of(request.form), said()
    try:
        with wired().transaction() as session:
            programme = _of_person(session, resident_id, programme_id)
            own, problems = _own(request.form.get("back", ""), fields, programme.cadence)
            if own is None:
                return _pace_page(resident_id, programme_id, fields, problems)
            enrolment.change_pace(
                session,
                resident_id,
                programme_id,
                own,
                by=member().id,
                now=words.now,
            )
    except (Invalid, Refused) as refusal:
        found = [Problem("days", str(refusal))]
        return _pace_page(resident_id, programme_id, fields, found)
    flash("Kept. Their coming texts are planned again in the next minute.", "success")
    return redirect(url_for("residents.show", resident_id=resident_id))


def _own(back: str, fields: Fields, cadence: Cadence) -> tuple[Override | None, Sequence[Problem]]:
    """What the person changes; nothing at all when they go back to the programme's pace."""
    return (Override(), ()) if back else cadence_form.read_own(fields, cadence)


def _rules(session: Session) -> TextingRules:
    return texting_rules.load(session, wired().calendar)


def _base(session: Session, programme_id: int) -> tuple[Programme, int]:
    """What a change starts from, the draft or what is published, and the draft's count of edits."""
    draft = versions.draft(session, programme_id)
    if draft is not None:
        return draft.programme, draft.edits
    published = versions.published(session, programme_id)
    if published is None:
        raise NotFound("There is no such programme.")
    return published.programme, 0


def _edits(fields: Fields) -> int:
    written = fields.get("edits", "")
    return int(written) if written.isdecimal() and len(written) < 9 else 0


def _save(session: Session, programme_id: int, fields: Fields) -> Version | None:
    """Save the fields to the draft; None when they cannot be used. Raises `Refused`."""
    by, now, edits = member(), said().now, _edits(fields)
    there = versions.draft(session, programme_id)
    if there is None and edits:
        raise Refused("There is no draft any more: somebody has published it or thrown it away.")
    if there is not None and not edits:
        who = _who(session, there.made_by)
        raise Refused(
            f"{who} has begun a draft of this programme meanwhile. Nothing you typed is lost: "
            "open the programme to see theirs, then make your change in it."
        )
    draft = there or service.start_draft(session, programme_id, by=by, now=now)
    programme, _ = cadence_form.read(fields, draft.programme)
    if programme is None:
        return None
    seen = edits or draft.edits
    return service.save_draft(session, programme_id, programme, edits=seen, by=by, now=now)


def _who(session: Session, staff_id: int | None) -> str:
    account = staff.account(session, staff_id) if staff_id else None
    return account.member.name if account else "Somebody"


def _form_page(
    base: Programme, fields: Fields, problems: Sequence[Problem], *, edits: int | None = None
) -> str:
    return render_template(
        "cadence.html",
        programme=_name(base) | {"asks": base.asks, "reminds": base.reminds},
        now_words=cadence_words(base.cadence),
        entered=fields,
        edits=_edits(fields) if edits is None else edits,
        problems=problems,
        errors=cadence_form.linked(problems),
        timely=cadence_form.span_choices(cadence_form.TIMELY, fields.get("timely", "")),
        answers=cadence_form.span_choices(cadence_form.ANSWER, fields.get("answer", "")),
        reminds=cadence_form.span_choices(cadence_form.REMIND, fields.get("remind", "")),
        spreads=_spreads(fields.get("spread", "")),
        notice="",
        nav_active="programmes",
    )


def _spreads(now: str) -> list[tuple[str, str]]:
    present = [int(now)] if now.isdecimal() and len(now) < 3 else []
    return [
        (str(minutes), f"{minutes} minutes" if minutes else "Nothing: all at the same minute")
        for minutes in sorted({*cadence_form.SPREADS, *present})
    ]


def _preview_page(
    programme_id: int, fields: Fields, problems: Sequence[Problem] = (), status: int = 200
) -> tuple[str, int]:
    """What the fields would do; the form again when they cannot be used."""
    wiring, words = wired(), said()
    sees = member().sees_residents
    with wiring.reading() as session:
        base, edits = _base(session, programme_id)
        draft, wrong = cadence_form.read(fields, base)
        if draft is None:
            return _form_page(base, fields, wrong), 400
        rules = _rules(session)
        published = versions.published(session, programme_id)
        pick, lost = _picked(session, programme_id) if sees else (None, "")
        found = cadences.preview(
            session,
            programme_id,
            draft,
            rules=rules,
            hours=wiring.hours,
            now=words.now,
            pick=pick,
            names=sees,
        )
        version = versions.draft(session, programme_id) or published
        stops = service.problems(
            session,
            _as_draft(version, draft),
            rules,
            on=words.local(words.now).date(),
            zone=wiring.settings.zone,
        )
        pickable = _pickable(session, programme_id) if sees else []
    page = render_template(
        "cadence_preview.html",
        **shown(found, rules, wiring.hours, words, names=sees),
        programme=_name(base),
        before_words=cadence_words(published.programme.cadence) if published else "",
        after_words=cadence_words(draft.cadence),
        moves_dates=found.moves_dates,
        stops=stops,
        has_draft=bool(edits),
        pickable=pickable,
        pick=str(pick or ""),
        can_pick=sees,
        lost=lost,
        entered=fields,
        why=fields.get("why", ""),
        problems=problems,
        errors=cadence_form.linked(problems),
        texts_url=_room_url("question_sets.edit", programme_id),
        nav_active="programmes",
    )
    return page, status


def _as_draft(version: Version | None, programme: Programme) -> Version:
    """The version as it would be published; what was approved stays so only in a draft."""
    assert version is not None
    approved_by = version.approved_by if version.is_draft else None
    return replace(version, programme=programme, approved_by=approved_by)


def _picked(session: Session, programme_id: int) -> tuple[int | None, str]:
    """Who is to be shown as well, and what to say when nobody is found."""
    chosen = request.form.get("pick", "")
    if chosen.isdecimal() and len(chosen) < 19 and int(chosen) <= LARGEST_ID:
        return int(chosen), ""
    written = request.form.get("find", "").strip()
    if not written:
        return None, ""
    try:
        number = str(PhoneNumber.parse(written, drama=True, loopback=True))
    except Invalid:
        return None, "Write their whole number, such as 07700 900123."
    found = cadence_people.with_number(session, programme_id, number)
    return found, "" if found else "Nobody with this number is on the programme."


def _pickable(session: Session, programme_id: int) -> list[tuple[int, str]]:
    """People to choose from, where there are few enough for a list."""
    ids = cadence_people.of_programme(session, programme_id, MOST_TO_PICK + 1)
    if len(ids) > MOST_TO_PICK:
        return []
    return sorted(cadence_people.names(session, ids).items(), key=lambda one: one[1])


def _name(programme: Programme) -> dict[str, Any]:
    return {"id": programme.id, "name": programme.name}


def _room_url(endpoint: str, programme_id: int) -> str:
    """The address of a page of another room, where this site has it."""
    if endpoint not in current_app.view_functions:
        return ""
    return url_for(endpoint, programme_id=programme_id)


def _new_page(fields: Fields, problems: Sequence[Problem]) -> str:
    with wired().reading() as session:
        copies = [
            ((published or draft).programme_id, (published or draft).programme.name)  # type: ignore[union-attr]
            for published, draft in versions.newest(session)
        ]
    return render_template(
        "programme_new.html",
        copies=copies,
        entered=fields,
        problems=problems,
        errors=cadence_form.linked(problems),
        nav_active="programmes",
    )


def _begun(session: Session, fields: Fields) -> Programme:
    """A new programme under its name: a plain one, or a copy. Raises `Invalid`."""
    name, begin = fields.get("name", ""), fields.get("begin", "")
    if begin == "copy":
        copied = fields.get("copy", "")
        if not copied.isdecimal() or len(copied) > 18:
            raise Invalid("Choose the programme to copy.")
        base, _ = _base(session, int(copied))
        return replace(base, id=0, name=name, noticing={})
    if begin not in list(ProgrammeKind):
        raise Invalid("Choose how it begins.")
    kind, words = ProgrammeKind(begin), said()
    today = words.local(words.now).date()
    asked = Question(QuestionKind.SCALE, 0, 10) if kind is ProgrammeKind.CHECK_IN else OPEN
    return Programme(
        0,
        name,
        kind,
        Cadence((Weekday.TUE,), time(10), today, spread=10),
        one_item(asked, {"en": (FIRST_WORDS[kind],)}),
    )


def _programme_page(programme_id: int, problem: Problem | None = None) -> str:
    words = said()
    with wired().reading() as session:
        history = versions.history(session, programme_id)
        if not history:
            raise NotFound("There is no such programme.")
        draft = next((one for one in history if one.is_draft), None)
        published = versions.published(session, programme_id)
        team = {one.id: one.name for one in staff.members(session)}
        people = cadence_people.counts(session).get(programme_id, 0)
        own = programme_page.with_own(session, programme_id) if member().sees_residents else []
        silent = cadence_people.silent(session, programme_id)
    version = published or draft
    assert version is not None
    one = version.programme
    held = draft is not None and draft.approved_by is None and needs_approval(draft.programme)
    problems = [problem] if problem else []
    return render_template(
        "programme.html",
        programme=_name(one) | {"meant_for": one.meant_for},
        kind_words=programme_page.KINDS[one.kind],
        cadence_words=cadence_words(one.cadence),
        rows=cadence_rows(one.cadence) + programme_page.limits(one, words),
        texts=programme_page.texts(one),
        is_published=published is not None,
        draft=programme_page.draft_words(draft, team, words) if draft else None,
        held=held,
        people_words=programme_page.on_it(people),
        silent=silent,
        own=own,
        versions=[
            programme_page.version_event(one, team, words) for one in history if not one.is_draft
        ],
        edit_url=_room_url("question_sets.edit", programme_id),
        try_url=_room_url("trying_out.show", programme_id),
        export_url=_room_url("question_sets.export", programme_id),
        problems=problems,
        errors=cadence_form.linked(problems),
        why=request.form.get("why", ""),
        nav_active="programmes",
    )


def _of_person(session: Session, resident_id: int, programme_id: int) -> Programme:
    """The programme somebody is on. Raises `NotFound`."""
    on = {one.id: one for one in store.of_resident(session, resident_id)}
    if programme_id not in on:
        raise NotFound("They are not on this programme.")
    return on[programme_id]


def _pace_page(
    resident_id: int,
    programme_id: int,
    fields: Fields | None = None,
    problems: Sequence[Problem] = (),
) -> tuple[str, int]:
    words, wiring = said(), wired()
    with wiring.reading() as session:
        programme = _of_person(session, resident_id, programme_id)
        person = residents.get(session, resident_id)
        kept = cadence_people.own_of(session, programme_id, resident_id)
        now_own = Override.from_text(kept)
        entered = fields or cadence_form.filled_own(now_own, programme.cadence)
        own, found = cadence_form.read_own(entered, programme.cadence)
        problems = problems or found
        dates = (
            cadences.dates_of(
                session,
                programme_id,
                resident_id,
                own,
                rules=_rules(session),
                zone=wiring.settings.zone,
                now=words.now,
            )
            if own is not None and not problems
            else None
        )
    page = render_template(
        "cadence_pace.html",
        resident={"id": person.id, "name": person.short_name, "known_as": person.known_as},
        programme=_name(programme),
        usual_words=cadence_words(programme.cadence),
        own_words=own_words(now_own),
        weekly=programme.cadence.unit is not Unit.DAYS_AFTER,
        unit="months" if programme.cadence.unit is Unit.MONTHS else "weeks",
        entered=entered,
        asked=fields is not None,
        changes=own is not None and own != now_own,
        before=[at_words(one, words) for one in dates[0] if not one.skipped] if dates else [],
        pairs=_side_by_side(dates, words) if dates else [],
        problems=problems,
        errors=cadence_form.linked(problems),
        nav_active="residents",
    )
    return page, 400 if problems else 200


def _side_by_side(dates: tuple[Dates, Dates], words: Said) -> list[dict[str, str]]:
    pairs = [Pair(*pair) for pair in zip(*dates, strict=False)]
    return [pair_words(pair, words) for pair in pairs]
