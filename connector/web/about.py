"""What coordinators write for the public page. Nothing typed is lost when something is refused."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.about import FACTS, LANGUAGES, LONGEST_FACT, LONGEST_SENTENCE, SENTENCES
from connector.domain.about import About as Written
from connector.domain.errors import Invalid
from connector.services import about as service
from connector.services.about import Overtaken
from connector.store import about as store
from connector.store.about import Kept
from connector.web.auth import Guard, guard, member
from connector.web.person import LANGUAGES as LANGUAGE_WORDS
from connector.web.room import said, wired

room = Blueprint("about", __name__, url_prefix="/about-these-texts/edit")


@room.get("")
@guard(Guard.COORDINATION)
def index() -> ResponseReturnValue:
    kept = _kept()
    return _form(_entered(kept.about), kept)


@room.post("")
@guard(Guard.COORDINATION)
def save() -> ResponseReturnValue:
    edits = request.form.get("edits", "")
    try:
        with wired().transaction() as session:
            service.save(
                session,
                _written(request.form),
                edits=int(edits) if edits.isdecimal() and len(edits) < 9 else 0,
                by=member().id,
                now=said().now,
            )
    except (Invalid, Overtaken) as problem:
        return _form(request.form, _kept(), problem=str(problem)), 400
    flash("Saved. The public page says so within five minutes.", "success")
    return redirect(url_for("about.index"))


def _kept() -> Kept:
    with wired().reading() as session:
        return store.kept(session)


def _form(entered: Mapping[str, str], kept: Kept, *, problem: str = "") -> str:
    words = said()
    by = f" by {kept.changed_by}" if kept.changed_by else ""
    return render_template(
        "public_edit.html",
        entered=entered,
        edits=kept.edits,
        missing=kept.about.missing,
        problem=problem,
        languages=[(one, LANGUAGE_WORDS[one]) for one in LANGUAGES],
        longest_fact=LONGEST_FACT,
        longest_sentence=LONGEST_SENTENCE,
        changed_words=f"Changed {words.at(kept.changed_at)}{by}." if kept.changed_at else "",
        nav_active="system",
    )


def _entered(about: Written) -> dict[str, str]:
    sentences = {f"{name}_{language}": words for (name, language), words in about.sentences.items()}
    return {**about.facts, **sentences, "keyword": about.keyword}


def _written(form: Mapping[str, str]) -> Written:
    return Written(
        {name: form.get(name, "") for name in FACTS},
        {
            (name, language): form.get(f"{name}_{language}", "")
            for name in SENTENCES
            for language in LANGUAGES
        },
        form.get("keyword", ""),
    )
