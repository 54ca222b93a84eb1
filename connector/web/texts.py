"""One person's texts: what went and is to come in one list, and any day of it explained.

Times are those of the person's own clock. Bodies are a resident's data, so only those who work with
residents come here, and looking is written down.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.calendar import ONE_DAY
from connector.domain.calendar import said as day_said
from connector.domain.errors import Invalid
from connector.domain.programme import Part
from connector.domain.why import Tense
from connector.services import explaining
from connector.services.explaining import Day, Kind, Line, Timeline
from connector.store import audit, residents, texting_rules
from connector.store.base import Session
from connector.web.auth import Guard, guard, member
from connector.web.person import BY, identity
from connector.web.room import said, wired
from connector.web.said import Said, marked

room = Blueprint("texts", __name__, url_prefix="/residents/<int:resident_id>/texts")

LONGEST_DATE = 20
KINDS = {
    Kind.WENT: "Went",
    Kind.NOT_SENT: "Not sent",
    Kind.WAITS: "Waits",
    Kind.COMING: "To come",
    Kind.WOULD_NOT_GO: "Would not go",
    Kind.DATE_SKIPPED: "No text",
    Kind.CAME: "Came in",
}
PARTS = {Part.REMINDER: "Reminder", Part.GO_ON: "Whether to go on", Part.GOODBYE: "Goodbye"}


@room.get("")
@guard(Guard.CASEWORK)
def index(resident_id: int) -> ResponseReturnValue:
    """The timeline; with a date in the address, that day."""
    written = request.args.get("day")
    if written is None:
        return _timeline(resident_id)
    try:
        day = _day(written)
    except Invalid as problem:
        return _timeline(resident_id, written, str(problem)), 400
    return redirect(url_for("texts.day", resident_id=resident_id, on=day.isoformat()))


@room.get("/<on>")
@guard(Guard.CASEWORK)
def day(resident_id: int, on: str) -> ResponseReturnValue:
    """Why this person was, or was not, or is to be texted that day."""
    try:
        return _explained(resident_id, _day(on))
    except Invalid as problem:
        return _timeline(resident_id, on, str(problem)), 400


def next_texts(session: Session, resident_id: int, now: datetime) -> Timeline:
    """The texts of the next weeks, for a resident's page."""
    rules = texting_rules.load(session, wired().calendar)
    return explaining.timeline(
        session, resident_id, rules=rules, now=now, weeks_back=0, weeks_ahead=6
    )


def _day(written: str) -> date:
    """A date as a date field sends it, or as people here write it. Raises `Invalid`."""
    text = written.strip()[:LONGEST_DATE]
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 a day, no moment
        except ValueError:
            continue
    raise Invalid("Write the day as day, month and year, such as 27/11/2026.")


def _explained(resident_id: int, on: date) -> str:
    now = said().now
    with wired().transaction() as session:
        resident = residents.get(session, resident_id)
        rules = texting_rules.load(session, wired().calendar)
        found = explaining.explain(session, resident_id, on, rules=rules, now=now)
        _looked_at(session, resident_id, now)
    words = Said(found.person.zone, now)
    return render_template(
        "texts_day.html",
        resident=identity(resident),
        day_words=day_said(on),
        day_iso=on.isoformat(),
        answer=found.answer,
        reasons=found.reasons,
        coming=found.tense is Tense.COMING,
        lines=lines_of(found.lines, words),
        before_url=_url(resident_id, on - ONE_DAY) if on > explaining.EARLIEST else "",
        after_url=_url(resident_id, on + ONE_DAY) if _has_more(found, words) else "",
        today_url=_url(resident_id, words.local(now).date()),
        zone_words=_zone_words(found.person.zone.key),
        nav_active="residents",
    )


def _has_more(found: Day, words: Said) -> bool:
    return found.day < words.local(words.now).date() + explaining.FURTHEST


def _timeline(resident_id: int, written: str = "", problem: str = "") -> str:
    now = said().now
    with wired().transaction() as session:
        resident = residents.get(session, resident_id)
        rules = texting_rules.load(session, wired().calendar)
        found = explaining.timeline(session, resident_id, rules=rules, now=now)
        _looked_at(session, resident_id, now)
    words = Said(found.person.zone, now)
    today = words.local(now).date()
    past = [line for line in found.lines if line.at <= now]
    coming = [line for line in found.lines if line.at > now]
    return render_template(
        "texts.html",
        resident=identity(resident),
        past=lines_of(reversed(past), words),
        coming=lines_of(coming, words),
        reasons=found.reasons,
        first_words=words.date(found.first),
        last_words=words.date(found.last),
        today_url=_url(resident_id, today),
        day_iso=written[:LONGEST_DATE] or today.isoformat(),
        problem=problem,
        zone_words=_zone_words(found.person.zone.key),
        nav_active="residents",
    )


def _looked_at(session: Session, resident_id: int, now: datetime) -> None:
    audit.append(session, "resident seen", "resident", resident_id, by=member().id, now=now)


def _zone_words(zone: str) -> str:
    """Whose clock the times are by, where it is not the one of this house."""
    return "" if zone == wired().settings.zone else zone.replace("_", " ")


def _url(resident_id: int, day: date) -> str:
    return url_for("texts.day", resident_id=resident_id, on=day.isoformat())


def lines_of(lines: Iterable[Line], words: Said) -> list[dict[str, Any]]:
    """Texts as pages show them: the words exactly as they read, and every sentence."""
    return [_line(line, words) for line in lines]


def _line(line: Line, words: Said) -> dict[str, Any]:
    said_line = line.said
    return {
        "kind": line.kind.value,
        "kind_words": "Worked out" if line.goes and line.projected else KINDS[line.kind],
        "title": line.title,
        "part_words": PARTS.get(line.part, "") if line.part else "",
        "at_words": words.clock(line.at),
        "when_words": words.at(line.at),
        "at_iso": line.at.isoformat(),
        "day_iso": words.local(line.at).date().isoformat(),
        "sentences": line.sentences,
        "parts": marked(said_line.text, said_line.spans) if said_line else None,
        "body": line.body or ("(a picture or a recording)" if said_line else ""),
        "size_words": _size(line) if line.body and line.kind is not Kind.CAME else "",
        "by": BY.get(line.purpose, "") if line.purpose else "",
    }


def _size(line: Line) -> str:
    """'84 characters, 1 segment'."""
    segments = line.text.segments
    unit = "segment" if segments == 1 else "segments"
    return f"{line.text.characters} characters, {segments} {unit}"
