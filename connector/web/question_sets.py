"""The texts of a programme: its questions and words, as a form, as a file, and side by side.

What was typed is never lost: a page that comes back holds all of it. Nothing here goes out: saving
makes a draft, and publishing is a page of its own where all that would change is seen first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import DomainError, NotFound, Refused
from connector.domain.placeholders import reads_right_to_left
from connector.domain.programme import DEFAULT_LANGUAGE, Programme
from connector.domain.what_changed import Change, changes
from connector.domain.word_groups import TextKind
from connector.gateways.plain_yaml import LARGEST
from connector.gateways.programme_files import FOLDER, ProgrammeFileError, ProgrammeFiles, write
from connector.services import programmes as service
from connector.settings import shipped
from connector.store import staff, texting_rules, versions
from connector.store.base import Session
from connector.store.versions import Version
from connector.web import question_form
from connector.web.auth import Guard, guard, member
from connector.web.messages import Meters
from connector.web.person import LANGUAGES
from connector.web.question_form import Problem, Typed
from connector.web.room import said, wired

room = Blueprint("question_sets", __name__, url_prefix="/programmes")

KINDS = (
    ("scale", "A number"),
    ("yes_no", "Yes or no"),
    ("choice", "One of two or three"),
    ("step", "Did it, part way, not this time"),
    ("open", "Any words"),
)
PARTS = {
    "opening": ("Before the first question", "Stands in the same text, before its words."),
    "closing": ("After the last answer", "A text of its own, once everything is answered."),
    "reminder": ("The reminder", "Once, to who has not answered."),
    "go_on": ("Asking whether to go on", "Once the texts have slowed down. Answered YES or NO."),
    "goodbye": ("The goodbye", "The last text."),
}


@room.get("/<int:programme_id>/questions")
@guard(Guard.COORDINATION)
def edit(programme_id: int) -> ResponseReturnValue:
    """The form, filled with the draft or with what is published."""
    with wired().reading() as session:
        base = _base(session, programme_id)
    typed = question_form.of_programme(base.programme)
    return _page(programme_id, typed, edits=base.edits if base.is_draft else 0)


@room.post("/<int:programme_id>/questions")
@guard(Guard.COORDINATION)
def change(programme_id: int) -> ResponseReturnValue:
    """Save what was typed, or only do to it what a button says."""
    typed, act = question_form.of_form(request.form), request.form.get("act", "save")
    if act != "save":
        language, taken = _language(), _names_taken(programme_id)
        typed = question_form.done(typed, act, language=language, taken=taken)
        return _page(programme_id, typed, edits=_edits(), unsaved=True)
    try:
        with wired().transaction() as session:
            problems = _save(session, programme_id, typed)
    except Refused as refusal:
        return _page(programme_id, typed, [Problem("theirs", str(refusal))], edits=_edits()), 409
    if problems:
        return _page(programme_id, typed, problems, edits=_edits()), 400
    flash("Saved as a draft. Nothing that goes out has changed.", "success")
    return redirect(url_for("question_sets.edit", programme_id=programme_id, language=_language()))


@room.post("/<int:programme_id>/questions/file")
@guard(Guard.COORDINATION)
def take_in(programme_id: int) -> ResponseReturnValue:
    """A file becomes the draft; every problem in it is named by its line."""
    sent = request.files.get("file")
    content = sent.read(LARGEST + 1) if sent else b""
    with wired().reading() as session:
        base = _base(session, programme_id)
    typed = question_form.of_programme(base.programme)
    if not content:
        missing = [Problem("file", "Choose a file of a programme.")]
        return _page(programme_id, typed, missing, edits=_edits()), 400
    try:
        found = _files().read(content, starts_on=base.programme.cadence.starts_on)
        with wired().transaction() as session:
            programme = replace(found, name=base.programme.name)
            _keep(session, programme_id, programme, edits=_edits())
    except ProgrammeFileError as error:
        named = [Problem("file", sentence) for sentence in error.problems]
        return _page(programme_id, typed, named, edits=_edits()), 400
    except DomainError as refusal:
        return _page(programme_id, typed, [Problem("file", str(refusal))], edits=_edits()), 409
    flash("The file is the draft now. Nothing that goes out has changed.", "success")
    return redirect(url_for("question_sets.edit", programme_id=programme_id))


@room.post("/<int:programme_id>/questions/discard")
@guard(Guard.COORDINATION)
def discard(programme_id: int) -> ResponseReturnValue:
    """Throw the draft away; what is published stays."""
    try:
        with wired().transaction() as session:
            service.discard_draft(
                session, programme_id, edits=_edits(), by=member(), now=said().now
            )
    except Refused as refusal:
        flash(str(refusal), "problem")
        return redirect(url_for("question_sets.edit", programme_id=programme_id))
    flash("The draft is gone. What goes out has not changed.", "success")
    return redirect(url_for("programmes.show", programme_id=programme_id))


@room.get("/<int:programme_id>/file")
@guard(Guard.COORDINATION)
def export(programme_id: int) -> ResponseReturnValue:
    """A version as a file: the one that is asked for, else what is published, else the draft."""
    with wired().reading() as session:
        version = _numbered(session, programme_id, "version") or (
            versions.published(session, programme_id) or _base(session, programme_id)
        )
    name = f"programme-{programme_id}-version-{version.number}.yaml"
    answer = Response(write(version.programme), mimetype="application/yaml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@room.get("/<int:programme_id>/changes")
@guard(Guard.COORDINATION)
def compare(programme_id: int) -> ResponseReturnValue:
    """What is different between two versions, in plain words."""
    with wired().reading() as session:
        history = versions.history(session, programme_id)
        if not history:
            raise NotFound("There is no such programme.")
        newest = history[0]
        after = _numbered(session, programme_id, "to") or newest
        before = _numbered(session, programme_id, "from") or _before(history, after)
    return render_template(
        "question_set_changes.html",
        programme={"id": programme_id, "name": newest.programme.name},
        choices=[(one.number, _version_words(one)) for one in history],
        before=before.number,
        after=after.number,
        changes=changes(before.programme, after.programme),
        nav_active="programmes",
    )


@room.get("/programme.schema.json")
@guard(Guard.PUBLIC)
def schema() -> ResponseReturnValue:
    """What may stand in a file of a programme; the same for every installation."""
    answer = Response(_files().schema_text, mimetype="application/schema+json")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


def _files() -> ProgrammeFiles:
    return ProgrammeFiles(shipped("templates") / FOLDER)


def _edits() -> int:
    written = request.form.get("edits", "")
    return int(written) if written.isdecimal() and len(written) < 9 else 0


def _language() -> str:
    """The language whose words are on the page."""
    act = request.form.get("act", "")
    wanted = act.removeprefix("language-") if act.startswith("language-") else ""
    wanted = wanted or request.values.get("language", "")
    return wanted if wanted in LANGUAGES else DEFAULT_LANGUAGE


def _base(session: Session, programme_id: int) -> Version:
    """What a change starts from: the draft, or what is published. Raises `NotFound`."""
    found = versions.draft(session, programme_id) or versions.published(session, programme_id)
    if found is None:
        raise NotFound("There is no such programme.")
    return found


def _numbered(session: Session, programme_id: int, name: str) -> Version | None:
    """The version that the address names. Raises `NotFound` for one there is not."""
    written = request.args.get(name, "")
    if not (written.isdecimal() and len(written) < 9):
        return None
    return versions.numbered(session, programme_id, int(written))


def _before(history: Sequence[Version], after: Version) -> Version:
    """The version before: for a draft what is published, else the one that it replaced."""
    earlier = [one for one in history if one.number < after.number]
    return earlier[0] if earlier else after


def _names_taken(programme_id: int) -> set[str]:
    """The names of all questions there have been: answers are tied to them for ever."""
    with wired().reading() as session:
        history = versions.history(session, programme_id)
    return {item.key for one in history for item in one.programme.everything_asked()}


def _save(session: Session, programme_id: int, typed: Typed) -> list[Problem]:
    """Save what was typed to the draft; what is wrong with it, if anything. Raises `Refused`."""
    programme, problems = question_form.read(typed, _base(session, programme_id).programme)
    if programme is not None:
        _keep(session, programme_id, programme, edits=_edits())
    return problems


def _keep(session: Session, programme_id: int, programme: Programme, *, edits: int) -> None:
    """Save the draft, begun now where there was none. Raises `Refused` for somebody else's."""
    by, now, there = member(), said().now, versions.draft(session, programme_id)
    if there is None and edits:
        raise Refused("There is no draft any more: somebody has published it or thrown it away.")
    draft = there or service.start_draft(session, programme_id, by=by, now=now)
    seen = edits if there else draft.edits
    service.save_draft(session, programme_id, programme, edits=seen, by=by, now=now)


def _page(
    programme_id: int,
    typed: Typed,
    problems: Sequence[Problem] = (),
    *,
    edits: int,
    unsaved: bool = False,
) -> str:
    wiring, words, language = wired(), said(), _language()
    with wiring.reading() as session:
        base = _base(session, programme_id)
        draft = base if base.is_draft else None
        readers = versions.languages(session, programme_id)
        meters = Meters(session, TextKind.AUTOMATED, language)
        shown = _shown(typed, base.programme, language, meters, readers)
        hinder = service.problems(
            session,
            base,
            texting_rules.load(session, wiring.calendar),
            readers,
            on=words.local(words.now).date(),
            zone=wiring.settings.zone,
        )
        who = staff.account(session, base.made_by) if draft and base.made_by else None
        published = versions.published(session, programme_id)
    theirs = _theirs(typed, base) if draft and draft.edits != edits else None
    return render_template(
        "question_set.html",
        programme={
            "id": programme_id,
            "name": base.programme.name,
            "asks": base.programme.asks,
            "source": base.programme.source,
        },
        unsaved=unsaved or bool(problems),
        draft=_draft_words(draft, who.member.name if who else "") if draft else None,
        is_published=published is not None,
        edits=draft.edits if draft and theirs is not None else edits,
        theirs=theirs,
        language=language,
        language_words=LANGUAGES[language],
        direction="rtl" if reads_right_to_left(language) else "ltr",
        languages=_languages(typed, base.programme, readers),
        hidden=[code for code in _codes(typed) if code != language],
        kinds=KINDS,
        hinder=hinder if draft else [],
        old_keys=_old_keys(published),
        problems=problems,
        errors={one.field: one.words for one in problems},
        longest=question_form.LONGEST,
        nav_active="programmes",
        **shown,
    )


def _draft_words(draft: Version, name: str) -> dict[str, Any]:
    at = said().at(draft.made_at)
    return {
        "number": draft.number,
        "edits": draft.edits,
        "words": f"Saved by {name}, {at}." if name else f"Saved {at}.",
    }


def _theirs(typed: Typed, draft: Version) -> list[Change] | None:
    """What saving now would change of the draft that somebody else has saved meanwhile."""
    mine, _ = question_form.read(typed, draft.programme)
    return changes(draft.programme, mine) if mine else []


def _old_keys(published: Version | None) -> set[str]:
    """Questions that have been asked: their names stay."""
    return {item.key for item in published.programme.everything_asked()} if published else set()


def _codes(typed: Typed) -> list[str]:
    """Every language in which something is written, and those of the installation."""
    texts = [one.texts for item in typed.items for one in item.everything()]
    found = {code for some in (*texts, *typed.parts.values()) for code in some}
    return [*LANGUAGES, *sorted(found - set(LANGUAGES))]


def _languages(typed: Typed, programme: Programme, readers: dict[str, int]) -> list[dict[str, Any]]:
    """Each language, how many texts it lacks and how many people on the programme read it."""
    written = [one.texts for item in typed.items for one in item.everything()]
    others = (typed.parts.get(part, {}) for part in _part_names(programme) if _filled(typed, part))
    texts = [*written, *others]
    return [
        {
            "code": code,
            "words": words,
            "missing": sum(not any(map(str.strip, one.get(code, []))) for one in texts),
            "readers": readers.get(code, 0),
        }
        for code, words in LANGUAGES.items()
    ]


def _filled(typed: Typed, part: str) -> bool:
    english = typed.parts.get(part, {}).get(DEFAULT_LANGUAGE, [])
    return any(map(str.strip, english))


def _part_names(programme: Programme) -> tuple[str, ...]:
    return question_form.PARTS if programme.asks else question_form.PARTS_OF_PROMPT


def _shown(
    typed: Typed, programme: Programme, language: str, meters: Meters, readers: dict[str, int]
) -> dict[str, Any]:
    """The questions and the other texts as the page shows them, each text with its meter."""

    def fields(texts: dict[str, list[str]], people: int) -> dict[str, Any]:
        written = texts.get(language) or [""]
        english = [one for one in texts.get(DEFAULT_LANGUAGE, []) if one.strip()]
        return {
            "fields": [{"words": one, "meter": meters.of(one, people)} for one in written],
            "english": english if language != DEFAULT_LANGUAGE else [],
            "hidden": texts,
        }

    people = max(1, readers.get(language, 0))
    items = [
        {
            "typed": item,
            "at": f"q{place}",
            "texts": fields(item.texts, people),
            "follow_ups": [
                {"typed": one, "at": f"q{place}f{nth}", "texts": fields(one.texts, people)}
                for nth, one in enumerate(item.follow_ups)
            ],
        }
        for place, item in enumerate(typed.items)
    ]
    parts = [
        {"name": part, "title": PARTS[part][0], "hint": PARTS[part][1],
         "texts": fields(typed.parts.get(part, {}), people)}
        for part in _part_names(programme)
    ]  # fmt: skip
    unseen = [part for part in question_form.PARTS if part not in _part_names(programme)]
    kept = {part: typed.parts.get(part, {}) for part in unseen}
    return {"items": items, "parts": parts, "kept": kept, "people": people}


def _version_words(one: Version) -> str:
    if one.is_draft:
        return f"Draft {one.number}"
    at = f", {said().at(one.published_at)}" if one.published_at else ""
    return f"Version {one.number}{at}"
