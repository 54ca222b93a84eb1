"""Writing once to a whole group: the words, a full preview, and one press that sends.

An administrator sees how many and why, and no resident's name.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import Invalid
from connector.domain.notice import LONGEST, Group, When, text_for, when, wording
from connector.domain.plain_words import Hint
from connector.domain.sms import SmsText
from connector.domain.texting_rules import TextingRules
from connector.domain.word_groups import Level
from connector.services import notices
from connector.services.notices import Draft, Preview
from connector.store import notices as kept
from connector.store import texting_rules
from connector.store.notices import Sent
from connector.web.auth import Guard, guard, member
from connector.web.person import LANGUAGES
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("notices", __name__, url_prefix="/notices")

LONGEST_KEY = 40
DAYS = {"now": None, "today": 0, "tomorrow": 1}
LEVELS = {Level.BLOCK: "Has to change", Level.WARN: "Think about", Level.INFO: "To know"}


@room.get("")
@guard(Guard.COORDINATION)
def index() -> ResponseReturnValue:
    return _form()


@room.post("/preview")
@guard(Guard.COORDINATION)
def preview() -> ResponseReturnValue:
    """Everything that sending would do. Nothing is written."""
    try:
        draft, rate = _draft(), _rate()
    except Invalid as problem:
        return _form(str(problem)), 400
    with wired().reading() as session:
        found = notices.preview(session, draft)
        names = kept.groups(session)
    return render_template(
        "notice_preview.html",
        **_shown(draft, found, rate, said()),
        group_words=names.get(draft.group, "This group"),
        key=uuid4().hex,
        entered=request.form,
        nav_active="system",
    )


@room.post("/change")
@guard(Guard.COORDINATION)
def change() -> ResponseReturnValue:
    """Back to the form, with what was written."""
    return _form()


@room.post("")
@guard(Guard.COORDINATION)
def send() -> ResponseReturnValue:
    """Send it once: a second press of the same form finds that it has gone."""
    key = _key()
    if not key:
        return _form("Look at what each person will get before sending."), 400
    wiring = wired()
    try:
        draft = _draft()
        with wiring.transaction() as session:
            people = notices.send(
                session,
                draft,
                key=key,
                channel=wiring.channel.name,
                by=member().id,
                now=said().now,
            )
    except Invalid as problem:
        return _form(str(problem)), 400
    if people is None:
        flash("This one was sent already, so nothing went twice.", "notice")
    else:
        whom = "1 person" if people == 1 else f"{people} people"
        flash(f"On its way to {whom}. Each is looked at again when it goes.", "success")
    return redirect(url_for("notices.index"))


def _form(problem: str = "") -> str:
    words = said()
    with wired().reading() as session:
        names = kept.groups(session)
        sent = kept.recent(session)
        price = texting_rules.load(session, wired().calendar).price
    return render_template(
        "notices.html",
        groups=[(str(group), name) for group, name in names.items()],
        sent=[_sent(one, names, words) for one in sent],
        problem=problem,
        entered=request.form,
        usual_rate=f"{price:f}",
        longest=LONGEST,
        nav_active="system",
    )


def _draft() -> Draft:
    """What the form asks for. Raises `Invalid`."""
    group = Group.parse(request.form.get("group", ""))
    return Draft(group, wording(request.form.get("words", "")), _when())


def _when() -> When:
    day = request.form.get("day", "")
    if day not in DAYS:
        raise Invalid("Choose when it goes.")
    local_now = said().local(said().now)
    ahead = DAYS[day]
    if ahead is None:
        return when(None, _rules().calendar, zone_now=local_now)
    try:
        at = time.fromisoformat(request.form.get("at", ""))
    except ValueError:
        raise Invalid("Write the time as hours and minutes, such as 10:30.") from None
    due = _local(local_now.date() + timedelta(days=ahead), at)
    return when(due, _rules().calendar, zone_now=local_now)


def _rules() -> TextingRules:
    """The texting rules that hold now."""
    with wired().reading() as session:
        return texting_rules.load(session, wired().calendar)


def _local(day: date, at: time) -> datetime:
    return datetime.combine(day, at.replace(tzinfo=None), ZoneInfo(wired().settings.zone))


def _rate() -> Decimal:
    """Pence a segment: the one of the rules, unless another was written. Raises `Invalid`."""
    written = request.form.get("rate", "").strip()
    if not written:
        return _rules().price
    try:
        rate = Decimal(written)
    except InvalidOperation:
        rate = Decimal(-1)
    if not (rate.is_finite() and 0 <= rate <= 100):
        raise Invalid("Write the price of one text in pence, such as 4.")
    return rate


def _key() -> str:
    """The form's own key; empty for one that no preview made."""
    key = request.form.get("key", "")
    return key if key.isalnum() and len(key) <= LONGEST_KEY else ""


def _shown(draft: Draft, found: Preview, rate: Decimal, words: Said) -> dict[str, Any]:
    names = member().sees_residents
    longest = found.longest
    example = longest.text if longest and names else SmsText(text_for(draft.words, "Name"))
    measured = longest.text if longest else example
    return {
        "example": example.body,
        "example_name": longest.person.known_as if longest and names else "",
        "characters": measured.characters,
        "alphabet": _alphabet(measured),
        "segments": measured.segments,
        "left": measured.left,
        "total": found.segments,
        "cost": f"£{found.segments * rate / 100:.2f}",
        "rate": f"{rate.normalize():f}",
        "people": len(found.copies),
        "copies": [(copy.person.name, copy.text.body, copy.text.segments) for copy in found.copies]
        if names
        else [],
        "left_out": _left_out(found, with_names=names),
        "languages": _languages(found),
        "hints": [_hint(hint) for hint in found.hints],
        "blocked": found.blocked,
        "when_words": _when_words(draft.when, words),
    }


def _alphabet(text: SmsText) -> str:
    costly = ", ".join(text.costly)
    return f"Dear alphabet, because of {costly}" if costly else "Plain alphabet"


def _left_out(found: Preview, *, with_names: bool) -> list[dict[str, Any]]:
    """Who gets nothing, by the reason in one sentence."""
    by_reason: dict[str, list[str]] = {}
    for one in found.left_out:
        by_reason.setdefault(_reason(one.why), []).append(one.person.name)
    return [
        {"why": why, "people": len(names), "names": names if with_names else []}
        for why, names in by_reason.items()
    ]


def _reason(why: str) -> str:
    said_so = why.removeprefix("Not sent: ")
    return said_so[:1].upper() + said_so[1:]


def _languages(found: Preview) -> list[str]:
    """'3 people read Welsh', for everybody who would get words in another language than theirs."""
    others = Counter(copy.person.language for copy in found.copies if copy.person.language != "en")
    return [
        f"{count} {'person reads' if count == 1 else 'people read'} {LANGUAGES.get(code, code)}"
        for code, count in others.most_common()
    ]


def _hint(hint: Hint) -> dict[str, str]:
    return {
        "level": hint.level.value,
        "level_words": LEVELS[hint.level],
        "words": "" if hint.group == "Length" else hint.words,
        "why": hint.why,
        "instead": ", ".join(hint.instead),
    }


def _when_words(at: When, words: Said) -> str:
    if at.due_at <= words.now:
        return f"At once. After {words.clock(at.not_after)} it is not sent any more."
    return f"{words.at(at.due_at)}. After {words.clock(at.not_after)} it is not sent any more."


def _sent(one: Sent, names: Any, words: Said) -> dict[str, str]:
    people = "1 person" if one.people == 1 else f"{one.people} people"
    return {
        "body": one.body,
        "by": one.by_name,
        "whom": f"{names.get(one.group, 'A group')}, {people}",
        "at_words": words.at(one.due_at),
        "at_iso": one.due_at.isoformat(),
    }
