"""Messages: the words that the service sends by itself, in languages, and the meter beside a text.

The meter is for everybody who writes to residents; the library is for those who answer for it.
"""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from connector.domain.meter import Meter, measure
from connector.domain.plain_words import Terms
from connector.domain.word_groups import TextKind
from connector.store import texting_rules
from connector.store.base import Session
from connector.web.auth import Guard, guard
from connector.web.room import LARGEST_ID, wired

room = Blueprint("messages", __name__, url_prefix="/messages")

LONGEST_MEASURED = 2_000
MEASURED = {kind.value: kind for kind in TextKind if kind is not TextKind.CRISIS}


@room.post("/meter")
@guard(Guard.STAFF)
def meter() -> ResponseReturnValue:
    """The meter of what is being written. Nothing is kept."""
    words = request.form.get("words", "")[:LONGEST_MEASURED].strip()
    terms = Terms(
        kind=MEASURED.get(request.form.get("kind", ""), TextKind.AUTOMATED),
        language=request.form.get("language", "en"),
    )
    with wired().reading() as session:
        shown = measure(words, terms=terms, pence=price(session), people=_people())
    return render_template("message_meter.html", m=shown)


def measured(
    session: Session, words: str, *, language: str = "en", kind: TextKind, people: int = 1
) -> Meter:
    """The meter of one text as pages first show it."""
    terms = Terms(kind=kind, language=language)
    return measure(words, terms=terms, pence=price(session), people=people)


def price(session: Session) -> Decimal:
    """Pence a segment, as the texting rules have it."""
    return texting_rules.load(session, wired().calendar).price


def _people() -> int:
    asked = request.form.get("people", "1")
    return min(int(asked), LARGEST_ID) if asked.isdecimal() and len(asked) < 20 else 1
