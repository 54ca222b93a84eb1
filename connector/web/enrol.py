"""Enrol one person, side by side, on one page; then try it out together on their phone.

Nothing is kept before the whole page can be. A person who may be known already is shown before a
second record is made, and the words that were read out are kept as they stood on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.attempt import Purpose
from connector.domain.cadence import Override
from connector.domain.cadence_words import cadence_words
from connector.domain.consent import AgreementState, How
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.placeholders import reads_right_to_left
from connector.domain.programme import Programme
from connector.domain.resident import KNOWN_NEEDS, ContactBy, Resident
from connector.domain.rota import Member
from connector.services import enrolment, referrals
from connector.services.enrolment import Entry, MayBeKnown, Speech
from connector.store import programmes as store
from connector.store import residents as people
from connector.store import staff, stops, texting_rules, views
from connector.store.base import Session, blind_index
from connector.web import cadence_form, person_form
from connector.web.auth import Guard, guard, member
from connector.web.cadence_form import Problem, linked
from connector.web.person import LANGUAGES, identity, local_number, thread_of
from connector.web.person_form import SHOW, STEPS, Fields
from connector.web.room import said, wired
from connector.web.said import Said
from connector.web.texts import lines_of, next_texts

room = Blueprint("enrol", __name__)

HOWS = (How.IN_PERSON, How.BY_PHONE)


@room.get("/enrol")
@guard(Guard.CASEWORK)
def new() -> ResponseReturnValue:
    me = member()
    mine = str(me.id) if me.sees_residents else ""
    start = {
        "act": SHOW,
        "contact_by": "text",
        "language": "en",
        "how": "in_person",
        "connector_id": mine,
    }
    return _form_page(Fields(start | _asked()))


def _asked() -> dict[str, str]:
    """The number of somebody who asked by text to be rung; it stands in no address."""
    asked = request.args.get("request", "")
    if not _is_id(asked):
        return {}
    try:
        with wired().reading() as session:
            number = referrals.number_of(session, int(asked))
    except (NotFound, Refused) as problem:
        flash(str(problem), "notice")
        return {}
    return {"request": asked, "number": local_number(number), "how": How.BY_PHONE.value}


def _is_id(written: str) -> bool:
    return written.isdecimal() and len(written) < 19


@room.post("/enrol")
@guard(Guard.CASEWORK)
def enrol() -> ResponseReturnValue:
    """Keep one person. The form again, with every problem, when it cannot be."""
    fields = person_form.fields_of(request.form)
    if fields.get("act") == SHOW:
        return _form_page(fields)
    with wired().reading() as session:
        resident, problems = read_person(session, fields, _nobody())
        on_offer = store.active(session)
        own, wrong = _own(session, fields, on_offer)
    problems += _rung_instead(fields) + wrong + _agreed(fields, resident)
    if problems:
        return _form_page(fields, problems), 400
    try:
        id_ = _keep(fields, resident, own, on_offer)
    except MayBeKnown as known:
        return _form_page(fields, [], known=known.found), 409
    except Invalid as refusal:
        return _form_page(fields, [Problem("days", str(refusal))]), 400
    if not resident.is_texted:
        flash(f"{resident.known_as} is enrolled, and is in touch {_way(resident)}.", "success")
        return redirect(url_for("residents.show", resident_id=id_))
    flash(f"{resident.known_as} is enrolled. The welcome is on its way.", "success")
    return redirect(url_for("enrol.together", resident_id=id_))


@room.get("/enrol/<int:resident_id>/together")
@guard(Guard.CASEWORK)
def together(resident_id: int) -> ResponseReturnValue:
    """What to do on their phone, and what has come of it."""
    with wired().reading() as session:
        kept = people.kept_id(session, resident_id)
    if kept != resident_id:
        return redirect(url_for("enrol.together", resident_id=kept))
    return render_template("enrol_together.html", **_state(resident_id), nav_active="residents")


@room.get("/enrol/<int:resident_id>/together/state")
@guard(Guard.CASEWORK)
def state(resident_id: int) -> ResponseReturnValue:
    """The part that the page fetches again."""
    return render_template("enrol_state.html", **_state(resident_id))


@room.post("/enrol/<int:resident_id>/welcome")
@guard(Guard.CASEWORK)
def welcome(resident_id: int) -> ResponseReturnValue:
    """The welcome once more, for a phone that was off."""
    try:
        with wired().transaction() as session:
            went = enrolment.welcome(session, resident_id, speech(), by=member().id, now=said().now)
    except Refused as refusal:
        flash(str(refusal), "problem")
    else:
        words = "The welcome is on its way again." if went else _ENOUGH
        flash(words, "success" if went else "problem")
    return redirect(url_for("enrol.together", resident_id=resident_id))


_ENOUGH = "Three welcomes have gone to this phone in a day. Ask them to text Y, or try tomorrow."


def speech() -> Speech:
    """The words of this installation, its hours and its channel."""
    wiring = wired()
    return Speech(wiring.wording, wiring.hours, wiring.channel.name)


def read_person(session: Session, fields: Fields, base: Resident) -> tuple[Resident, list[Problem]]:
    """The person that the fields describe, and what is wrong with them."""
    team = [one.id for one in connectors(session)]
    known = [base.connector_id] if base.connector_id else []
    return person_form.read(fields, base, demo=wired().settings.demo, team=[*team, *known])


def connectors(session: Session) -> list[Member]:
    """Who may look after somebody."""
    return [one for one in staff.members(session) if one.sees_residents]


def person_choices(team: Sequence[Member], fields: Fields) -> dict[str, Any]:
    """What the fields of a person offer."""
    steps = (*fields.many["step"], *("",) * STEPS)[: max(STEPS, len(fields.many["step"]))]
    return {
        "ways": [(way.value, way.words) for way in ContactBy],
        "languages": list(LANGUAGES.items()),
        "known_needs": KNOWN_NEEDS,
        "team": [("", "Nobody yet"), *((str(one.id), one.name) for one in team)],
        "steps": steps,
        "entered": fields,
    }


def known_words(found: Sequence[Resident], number: str) -> list[dict[str, Any]]:
    """Who it may be, with what tells people apart."""
    with wired().reading() as session:
        team = {one.id: one.name for one in staff.members(session)}
        names = views.programme_names(session, [one.id for one in found])
    return [
        identity(one)
        | {
            "same_number": bool(number) and one.number == number,
            "ends_in": one.number[-2:],
            "connector_name": team.get(one.connector_id or 0, ""),
            "programme_words": ", ".join(names.get(one.id, [])),
            "state_words": one.agreement.words,
        }
        for one in found
    ]


def _nobody() -> Resident:
    zone = wired().settings.zone
    return Resident(0, "", "", "", "", "en", zone, None, AgreementState.INVITED)


def _keep(fields: Fields, resident: Resident, own: Override, on_offer: Sequence[Programme]) -> int:
    chosen = tuple(one.id for one in on_offer if str(one.id) in fields.many["programmes"])
    words = speech().read_out(resident)
    entry = Entry(resident, How(fields["how"]), words, chosen, own, fields.get("different", ""))
    asked, by, now = fields.get("request", ""), member().id, said().now
    with wired().transaction() as session:
        id_ = enrolment.take_in(session, entry, speech(), by=by, now=now)
        if _is_id(asked):
            referrals.done_by(session, int(asked), id_, by=by, now=now)
    return id_


def _own(
    session: Session, fields: Fields, on_offer: Sequence[Programme]
) -> tuple[Override, list[Problem]]:
    """Their best days and time, as far as the programmes and the texting rules allow them."""
    reading = cadence_form.Reading(cadence_form.Fields(at=fields.get("at", "")))
    reading.fields.days = fields.many["days"]
    days = reading.days() or None
    at = reading.time("at") if reading.text("at") else None
    quiet = texting_rules.load(session, wired().calendar).calendar.quiet
    if at is not None and quiet is not None and at in quiet:
        words = f"No text goes at night, from {quiet.words}. Choose another time."
        reading.refuse("at", words)
    chosen = [one for one in on_offer if str(one.id) in fields.many["programmes"]]
    if not chosen:
        reading.refuse("programmes", "Choose at least one programme.")
    own = Override(days=days, time=at)
    for one in chosen:
        try:
            own.apply_to(one.cadence)
        except Invalid as refusal:
            reading.refuse("days", f"{one.name}: {refusal}")
    return own, reading.problems


def _rung_instead(fields: Fields) -> list[Problem]:
    """That a number cannot be texted is said, since other words are read out then."""
    if request.form.get("contact_by") == fields.get("contact_by"):
        return []
    what = "A landline cannot be texted" if fields.get("number") else "Without a mobile number"
    joined = ", so" if fields.get("number") else ""
    return [Problem("number", f"{what}{joined} we ring them, as often as we would text.")]


def _agreed(fields: Fields, resident: Resident) -> list[Problem]:
    """What is missing from the agreement."""
    if fields.get("how") not in list(HOWS):
        return [Problem("how", "Say whether you asked in person or by phone.")]
    if fields.get("read_out") != _mark(speech().read_out(resident)):
        return [Problem("agreed", "The words to read out are others now. Read these out.")]
    if fields.get("agreed") != "yes":
        return [Problem("agreed", "Read the words out, and tick when they have said yes.")]
    return []


def _mark(words: str) -> str:
    return blake2b(words.encode(), digest_size=6).hexdigest()


def _form_page(
    fields: Fields, problems: Sequence[Problem] = (), known: Sequence[Resident] = ()
) -> str:
    me, wiring = member(), wired()
    with wiring.reading() as session:
        team = connectors(session)
        on_offer = store.active(session)
        resident, _ = read_person(session, fields, _nobody())
    read_out = speech().read_out(resident)
    if fields.get("read_out") != _mark(read_out):
        fields["agreed"] = ""  # they said yes to other words
    return render_template(
        "enrol.html",
        **person_choices(team, fields),
        programmes=[_programme(one) for one in on_offer],
        read_out=_read_out(resident, read_out),
        mark=_mark(read_out),
        known=known_words(known, resident.number),
        hows=[(how.value, how.words.capitalize()) for how in HOWS],
        problems=problems,
        errors=linked(problems),
        owner=me.id,
        nav_active="residents",
    )


def _programme(programme: Programme) -> dict[str, str]:
    words = cadence_words(programme.cadence)
    return {"id": str(programme.id), "name": programme.name, "cadence_words": words}


def _read_out(resident: Resident, words: str) -> dict[str, Any]:
    """The words, and what to know about them: missing in a language, or not looked at yet."""
    catalogue = wired().wording.catalogue
    name = "agreement" if resident.is_texted else "agreement_call"
    language = resident.language if resident.language in LANGUAGES else "en"
    missing = words == speech().read_out(replace(resident, language="en")) and language != "en"
    return {
        "words": words,
        "title": catalogue.texts[name].title,
        "language": "en" if missing else language,
        "direction": "rtl" if reads_right_to_left(language) and not missing else "ltr",
        "missing": LANGUAGES[language] if missing else "",
        "unreviewed": LANGUAGES[language]
        if not missing and language in catalogue.unreviewed
        else "",
    }


def _way(resident: Resident) -> str:
    return resident.contact_by.words.lower()


def _state(resident_id: int) -> dict[str, Any]:
    """Where it stands: the welcome, what they have texted, and what comes next."""
    words = said()
    with wired().reading() as session:
        resident = people.get(session, resident_id)
        texts = views.thread(session, resident_id)
        stopped = bool(stops.among(session, [blind_index(resident.number)]))
        agreed = resident.agreement is AgreementState.GIVEN
        coming = next_texts(session, resident_id, words.now) if agreed else None
    own = Said(ZoneInfo(resident.zone), words.now)
    welcomes = [line for line in texts if line.purpose is Purpose.WELCOME]
    since = texts.index(welcomes[-1]) if welcomes else len(texts)
    first = [line for line in coming.lines if line.at > words.now][:1] if coming else []
    return {
        "resident": identity(resident),
        "texted": resident.is_texted,
        "state": resident.agreement.value,
        "state_words": resident.agreement.words,
        "stopped": stopped,
        "welcome_words": welcomes[-1].state.words if welcomes and welcomes[-1].state else "",
        "thread": thread_of(texts[since:], words),
        "first_text": lines_of(first, own),
    }
