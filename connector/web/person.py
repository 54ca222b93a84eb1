"""A resident as pages show them: identity, thread and chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.domain.attempt import Purpose
from connector.domain.consent import AgreementState
from connector.domain.phone_number import PhoneNumber
from connector.domain.resident import NO_MESSAGE, ContactBy, Resident
from connector.services.noticing import leading, usual_range
from connector.store import programmes, views
from connector.store.base import Session
from connector.store.views import ThreadLine
from connector.web.said import Said, marked

LANGUAGES = {"en": "English", "cy": "Welsh", "pl": "Polish", "ar": "Arabic"}
MESSAGES = {
    True: "A message may be left with whoever answers.",
    False: "Not safe to leave a message.",
    None: "Not asked yet whether a message may be left.",
}
AGREED_TO = {
    ContactBy.CALL: "Has agreed to be rung",
    ContactBy.VISIT: "Has agreed to visits",
}
BY = {
    Purpose.CHECK_IN: "Check-in",
    Purpose.PROMPT: "Prompt",
    Purpose.NOTICE: "Notice",
    Purpose.ANSWER: "Automatic",
    Purpose.FOLLOW_UP: "Next question",
    Purpose.WELCOME: "Welcome",
    Purpose.AGAIN: "Asked again",
}


def identity(resident: Resident) -> dict[str, Any]:
    """Who somebody is and how to reach them."""
    return {
        "id": resident.id,
        "name": f"{resident.given_name} {resident.family_name}".strip(),
        "known_as": resident.known_as,
        "number_local": local_number(resident.number),
        "tel": resident.number,
        "needs": resident.needs,
        "likes": resident.likes,
        "no_answer": resident.no_answer,
        "contact_words": "" if resident.is_texted else resident.contact_by.words,
        "shared_phone": resident.shared_phone,
        "message_words": MESSAGES[False if NO_MESSAGE in resident.needs else resident.message_ok],
        "language_words": LANGUAGES.get(resident.language, resident.language),
        "zone": resident.zone,
    }


def state_words(resident: Resident) -> str:
    """Where somebody's agreement stands, by whichever way they are in touch."""
    if resident.agreement is AgreementState.GIVEN:
        return AGREED_TO.get(resident.contact_by, resident.agreement.words)
    return resident.agreement.words


def local_number(number: str) -> str:
    """An E.164 number as people here read it: '07700 900123'."""
    return PhoneNumber(number).local


def thread_of(lines: Sequence[ThreadLine], words: Said, *, limit: int = 60) -> list[dict[str, Any]]:
    """Texts in the order they went and came, with a divider at each new day."""
    shown, day = [], ""
    for line in lines[-limit:]:
        today = words.day(line.at)
        shown.append(_text(line, words, today if today != day else None))
        day = today
    return shown


def _text(line: ThreadLine, words: Said, day_words: str | None) -> dict[str, Any]:
    return {
        "direction": "in" if line.incoming else "out",
        "parts": marked(line.text, line.spans) if line.incoming else None,
        "text": line.text or ("(a picture or a recording)" if line.media else "(an empty text)"),
        "at_iso": line.at.isoformat(),
        "at_words": words.clock(line.at),
        "day_words": day_words,
        "by": "" if line.purpose is None else BY.get(line.purpose, ""),
        "state_words": _state_words(line),
        "state": line.state.value if line.state else "",
        "how_words": _how_words(line, words),
        "mark": bool(line.spans),
    }


def _how_words(line: ThreadLine, words: Said) -> str:
    """By which way a text came, and which question it answers when it is late."""
    asked = words.local(line.late_for) if line.late_for else None
    late = f"late: answers the question of {asked:%A} {asked.day} {asked:%B}" if asked else ""
    doubt = "from their number, whose it is is not known yet" if line.in_doubt else ""
    return ", ".join(part for part in (line.source.words, late, doubt) if part)


def _state_words(line: ThreadLine) -> str:
    if line.state is None:
        return ""
    return f"{line.state.words}: {line.why}" if line.why else line.state.words


def chart_of(session: Session, resident_id: int, words: Said) -> dict[str, Any] | None:
    """The latest answers on their scale with the person's own usual; None before two answers."""
    chart = views.chart(session, resident_id)
    if chart is None or sum(point.answer is not None for point in chart.points) < 2:
        return None
    programme = programmes.by_id(session, [chart.programme_id])[chart.programme_id]
    question = leading(programme)
    usual_low, usual_high = _rounded(usual_range(chart.usual, programme))
    return {
        "points": [
            {"date_words": words.date(point.on), "value": point.answer} for point in chart.points
        ],
        "usual_low": usual_low,
        "usual_high": usual_high,
        "low": question.low,
        "high": question.high,
    }


def _rounded(ends: tuple[float, float] | None) -> tuple[int | None, int | None]:
    """A usual range as people say it: '6 to 7', never with decimals."""
    return (None, None) if ends is None else (round(ends[0]), round(ends[1]))
