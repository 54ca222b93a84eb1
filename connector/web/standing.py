"""What everybody who is signed in has to know on every page: that texts are stopped, or in trouble.

Asked once a page, by whole pages only; the parts that a page fetches again never ask.
"""

from __future__ import annotations

from typing import Any

from connector.domain.about import missing_words
from connector.domain.crisis_line import expired_words
from connector.services import crisis_lines
from connector.store import about, alarms, switches
from connector.store.alarms import Alarm
from connector.store.switches import Pause
from connector.web.auth import member
from connector.web.room import said, wired
from connector.web.said import Said
from connector.wiring import DatabaseAwayError


def standing() -> dict[str, Any]:
    """The sentences of the banners; none when the records cannot be asked."""
    words = said()
    today = words.local(words.now).date()
    try:
        with wired().reading() as session:
            pause = switches.pause(session)
            troubles = alarms.now_on(session) if member().coordinates else []
            late = crisis_lines.expired(session, on=today) if member().coordinates else ()
            written = about.load(session) if member().coordinates else None
    except DatabaseAwayError:
        return {}
    return {
        "pause": pause_words(pause, words) if pause else "",
        "alarms": [alarm_words(alarm, words) for alarm in troubles],
        "crisis_lines": expired_words(late),
        "about": missing_words(written) if written else "",
    }


def pause_words(pause: Pause, words: Said) -> str:
    """'Texts to residents are stopped since 10:42 by Morag: wrong wording'."""
    by = f" by {pause.by_name.split()[0]}" if pause.by_name else ""
    return f"Texts to residents are stopped since {words.since(pause.at)}{by}: {pause.why}"


def alarm_words(alarm: Alarm, words: Said) -> str:
    return f"{alarm.kind.words}, since {words.since(alarm.since)}."
