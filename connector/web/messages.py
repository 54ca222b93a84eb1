"""Messages: the words that the service sends by itself, in languages, and the meter beside a text.

The meter is for everybody who writes to residents; the library is for those who answer for it. What
was typed is never lost: a form that cannot be kept comes back with its words and what to change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.fixed_texts import (
    LONGEST,
    MOST_WORDINGS,
    FixedText,
    WordingState,
    cleaned,
    held_back,
    needs_a_second_person,
    problems,
)
from connector.domain.meter import Meter, measure
from connector.domain.placeholders import reads_right_to_left
from connector.domain.plain_words import Terms
from connector.domain.programme import DEFAULT_LANGUAGE, Programme
from connector.domain.publishing import texts as texts_of
from connector.domain.word_groups import TextKind
from connector.services import crisis_lines
from connector.services import wordings as service
from connector.store import programmes, texting_rules, wordings
from connector.store.base import Session
from connector.store.wordings import Wording
from connector.web.auth import Guard, guard, member
from connector.web.person import LANGUAGES
from connector.web.room import LARGEST_ID, said, wired
from connector.web.said import Said

room = Blueprint("messages", __name__, url_prefix="/messages")

LONGEST_MEASURED = 2_000
MEASURED = {kind.value: kind for kind in TextKind}
PROGRAMME_EDITOR = "question_sets.edit"
_STATES = {
    WordingState.DRAFT: "Draft",
    WordingState.APPROVED: "Goes out now",
    WordingState.REPLACED: "Replaced",
    WordingState.REFUSED: "Put aside",
}


@room.post("/meter")
@guard(Guard.STAFF)
def meter() -> ResponseReturnValue:
    """The meter of what is being written. Nothing is kept."""
    words = request.form.get("words", "")[:LONGEST_MEASURED].strip()
    kind = MEASURED.get(request.form.get("kind", ""), TextKind.AUTOMATED)
    with wired().reading() as session:
        shown = measured(
            session, words, language=request.form.get("language", "en"), kind=kind, people=_people()
        )
    return render_template("message_meter.html", m=shown)


@room.get("")
@guard(Guard.COORDINATION)
def index() -> ResponseReturnValue:
    """Every text by language, what is missing, and the texts of programmes."""
    with wired().reading() as session:
        kept = wordings.current(session)
        written = [_programme(one) for one in programmes.active(session)]
    catalogue = wired().wording.catalogue
    return render_template(
        "messages.html",
        texts=[_listed(text, kept) for text in catalogue.texts.values()],
        programmes=written,
        nav_active="programmes",
    )


@room.get("/<name>/<language>")
@guard(Guard.COORDINATION)
def text(name: str, language: str) -> ResponseReturnValue:
    return _page(_known(name, language), language)


@room.post("/<name>/<language>")
@guard(Guard.COORDINATION)
def save(name: str, language: str) -> ResponseReturnValue:
    """Keep a draft, or only measure what is written."""
    of = _known(name, language)
    typed = _typed()
    if request.form.get("act") == "check":
        return _page(of, language, typed=typed)
    if found := problems(of, cleaned(typed)):
        return _page(of, language, typed=typed, found=found), 400
    try:
        with wired().transaction() as session:
            service.save(session, of, language, typed, seen=_seen(), by=member(), now=said().now)
    except (Invalid, Refused) as problem:
        return _page(of, language, typed=typed, found=[(0, str(problem))]), 409
    flash("Kept as a draft. Nothing that goes out has changed.", "success")
    return redirect(_address(name, language))


@room.post("/<name>/<language>/decide")
@guard(Guard.COORDINATION)
def decide(name: str, language: str) -> ResponseReturnValue:
    """Approve the draft, or put it aside."""
    of, words = _known(name, language), said()
    why = request.form.get("why", "")

    def act(session: Session) -> None:
        if request.form.get("act") == "refuse":
            service.refuse(session, of, language, seen=_seen(), why=why, by=member(), now=words.now)
            return
        service.approve(
            session,
            of,
            language,
            seen=_seen(),
            why=why,
            by=member(),
            today=words.local(words.now).date(),
            now=words.now,
        )

    put_aside = request.form.get("act") == "refuse"
    done = "Put aside." if put_aside else "Approved. It goes out within ten seconds from now."
    return _after(of, language, act, done, why=why)


@room.post("/<name>/<language>/shipped")
@guard(Guard.COORDINATION)
def shipped(name: str, language: str) -> ResponseReturnValue:
    """Back to the words that came with the service."""
    of = _known(name, language)

    def act(session: Session) -> None:
        service.back_to_shipped(session, of, language, by=member(), now=said().now)

    return _after(of, language, act, "The shipped words go out again.")


def measured(
    session: Session,
    words: str,
    *,
    kind: TextKind = TextKind.AUTOMATED,
    language: str = "en",
    people: int = 1,
) -> Meter:
    """The meter of one text as pages first show it."""
    return Meters(session, kind, language).of(words, people)


def price(session: Session) -> Decimal:
    """Pence a segment, as the texting rules have it."""
    return texting_rules.load(session, wired().calendar).price


def _people() -> int:
    asked = request.form.get("people", "1")
    return min(int(asked), LARGEST_ID) if asked.isdecimal() and len(asked) < 20 else 1


def _known(name: str, language: str) -> FixedText:
    found = wired().wording.catalogue.texts.get(name)
    if found is None or language not in LANGUAGES:
        abort(404)
    return found


def _typed() -> list[str]:
    """The wordings of the form, as they were typed."""
    return [words.replace("\r\n", "\n") for words in request.form.getlist("words")][
        : MOST_WORDINGS + 1
    ]


def _seen() -> str:
    return request.form.get("seen", "")


def _address(name: str, language: str) -> str:
    return url_for("messages.text", name=name, language=language)


def _after(
    of: FixedText, language: str, act: Callable[[Session], None], done: str, *, why: str = ""
) -> ResponseReturnValue:
    try:
        with wired().transaction() as session:
            act(session)
    except (Invalid, Refused, NotFound) as refusal:
        return _page(of, language, refusal=str(refusal), why=why), 409
    flash(done, "success")
    return redirect(_address(of.name, language))


def _page(
    of: FixedText,
    language: str,
    *,
    typed: Sequence[str] | None = None,
    found: Sequence[tuple[int, str]] = (),
    refusal: str = "",
    why: str = "",
) -> str:
    """One text in one language: what goes out, the draft, who may approve it, and its history."""
    words = said()
    with wired().reading() as session:
        past = wordings.history(session, of.name, language)
        draft = _of_state(past, WordingState.DRAFT)
        own = _of_state(past, WordingState.APPROVED)
        back = wordings.taken_back(session, [one.id for one in past])
        meters = Meters(session, of.kind, language)
        shown = {
            "goes_out": _going_out(session, of, language),
            "shipped": [meters.of(one) for one in _shipped(of, language)] if own else [],
            "fields": meters.fields(_fields(of, language, typed, draft, own)),
            "draft": _draft(session, of, draft, words) if draft else None,
            "history": [_line(one, back, words) for one in past if one is not draft],
        }
    return render_template(
        "message_text.html",
        text=of,
        language=language,
        language_words=LANGUAGES[language],
        languages=list(LANGUAGES.items()),
        direction="rtl" if reads_right_to_left(language) else "ltr",
        longest=LONGEST,
        state=_state(of, language, own),
        own=own,
        theirs=_theirs(draft, typed),
        seen=draft.seen if draft else "",
        found=found,
        refusal=refusal,
        why=why,
        nav_active="programmes",
        **shown,
    )


class Meters:
    """Meters with the installation's price and the numbers that a text may name, asked once."""

    def __init__(self, session: Session, kind: TextKind, language: str) -> None:
        now = said()
        listed = crisis_lines.numbers(session, on=now.local(now.now).date())
        self._terms = Terms(kind=kind, language=language, listed_numbers=listed)
        self._pence = price(session)

    def of(self, words: str, people: int = 1) -> Meter:
        return measure(words.strip(), terms=self._terms, pence=self._pence, people=people)

    def fields(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        return [{"words": words, "meter": self.of(words)} for words in texts]


def _of_state(past: Sequence[Wording], state: WordingState) -> Wording | None:
    return next((one for one in past if one.state is state), None)


def _shipped(of: FixedText, language: str) -> tuple[str, ...]:
    return wired().wording.catalogue.shipped.get((language, of.name), ())


def _going_out(session: Session, of: FixedText, language: str) -> list[Meter]:
    """What a resident who reads this language gets, as the records have it this moment."""
    own = wordings.in_use(session)
    wording = wired().wording
    there = (language, of.name) in own.keys() | wording.catalogue.shipped.keys()
    meters = Meters(session, of.kind, language if there else DEFAULT_LANGUAGE)
    return [meters.of(words) for words in wording.chosen(own, language, of.name)]


def _fields(
    of: FixedText,
    language: str,
    typed: Sequence[str] | None,
    draft: Wording | None,
    own: Wording | None,
) -> list[str]:
    """What stands in the form: what was typed, else the draft, else what goes out; one free."""
    kept = draft or own
    texts = list(typed if typed is not None else kept.texts if kept else _shipped(of, language))
    if not of.takes_turns:
        return texts or [""]
    spare = [""] if len(texts) < MOST_WORDINGS and (not texts or texts[-1].strip()) else []
    return texts + spare


def _theirs(draft: Wording | None, typed: Sequence[str] | None) -> tuple[str, ...]:
    """The draft that somebody saved meanwhile, to be shown beside what was typed."""
    if draft is None or typed is None or draft.seen == _seen():
        return ()
    return draft.texts


def _state(of: FixedText, language: str, own: Wording | None) -> dict[str, str]:
    catalogue = wired().wording.catalogue
    if own is not None:
        return {"kind": "own", "words": "Our own words"}
    if (language, of.name) not in catalogue.shipped:
        return {"kind": "missing", "words": "Missing"}
    if language in catalogue.unreviewed:
        return {"kind": "review", "words": "Needs review by a speaker"}
    return {"kind": "shipped", "words": "As shipped"}


def _listed(of: FixedText, kept: dict[tuple[str, str], list[Wording]]) -> dict[str, Any]:
    """One text of the list, a line for each language."""
    rows = []
    for language, words in LANGUAGES.items():
        here = kept.get((language, of.name), [])
        own = _of_state(here, WordingState.APPROVED)
        rows.append(
            {
                "language": language,
                "language_words": words,
                "state": _state(of, language, own),
                "draft": _of_state(here, WordingState.DRAFT) is not None,
                "address": _address(of.name, language),
            }
        )
    return {"text": of, "rows": rows}


def _draft(session: Session, of: FixedText, draft: Wording, words: Said) -> dict[str, Any]:
    today = words.local(words.now).date()
    return {
        "texts": draft.texts,
        "by": draft.maker or "Somebody",
        "at_words": words.at(draft.made_at),
        "held_back": held_back(of, draft.texts, draft.language),
        "second": needs_a_second_person(of, draft.texts, draft.language),
        "why_not": service.why_not_yet(session, of, draft, by=member(), today=today),
    }


def _line(one: Wording, back: dict[int, wordings.TakenBack], words: Said) -> dict[str, Any]:
    """A line of history: what it said, who wrote it, who decided and why."""
    parts = [f"Written by {one.maker or 'somebody'}, {words.at(one.made_at)}."]
    if one.decided_at:
        did = "Put aside" if one.state is WordingState.REFUSED else "Approved"
        parts.append(f"{did} by {one.decider or 'somebody'}, {words.at(one.decided_at)}.")
    if one.decision:
        parts.append(f"Reason: {one.decision}")
    if taken := back.get(one.id):
        parts.append(f"Back to the shipped words: {taken.by_name}, {words.at(taken.at)}.")
    return {"state": one.state.value, "state_words": _STATES[one.state], "texts": one.texts,
            "words": " ".join(parts)}  # fmt: skip


def _programme(one: Programme) -> dict[str, Any]:
    """A programme's own texts, to read here and to change where they are written."""
    written = list(texts_of(one))
    there = {text.language for text in written}
    return {
        "name": one.name,
        "texts": [
            {
                "where": text.where,
                "language": text.language,
                "language_words": LANGUAGES.get(text.language, text.language),
                "words": text.words,
                "direction": "rtl" if reads_right_to_left(text.language) else "ltr",
            }
            for text in written
        ],
        "missing": [words for code, words in LANGUAGES.items() if code not in there],
        "address": _editor(one.id),
    }


def _editor(programme_id: int) -> str:
    """Where a programme's words are changed; empty while there is no such page."""
    if PROGRAMME_EDITOR not in current_app.view_functions:
        return ""
    return url_for(PROGRAMME_EDITOR, programme_id=programme_id)
