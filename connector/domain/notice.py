"""A one-off notice: whom it is for, when it goes, and what each person would get.

It refuses placeholders that it cannot fill, hours in which nobody is texted, and wording that the
check of wording holds back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from connector.domain.calendar import Calendar
from connector.domain.errors import Invalid
from connector.domain.plain_words import Hint, check
from connector.domain.programme import fill
from connector.domain.sms import fold
from connector.domain.word_groups import Level

LONGEST = 480
_BRACES = re.compile(r"\{[^{}]*\}|[{}]")


class GroupKind(StrEnum):
    EVERYBODY = "everybody"
    PROGRAMME = "programme"
    CONNECTOR = "connector"


@dataclass(frozen=True, slots=True)
class Group:
    """Whom a notice is for: everybody, the people of a programme, or those of a connector."""

    kind: GroupKind
    id: int = 0

    def __str__(self) -> str:
        return (
            self.kind.value if self.kind is GroupKind.EVERYBODY else f"{self.kind.value}:{self.id}"
        )

    @classmethod
    def parse(cls, text: str) -> Group:
        """The group that `str` wrote. Raises `Invalid`."""
        kind, _, id_ = text.partition(":")
        if kind == GroupKind.EVERYBODY.value and not id_:
            return cls(GroupKind.EVERYBODY)
        if kind in (GroupKind.PROGRAMME, GroupKind.CONNECTOR) and id_.isdecimal() and len(id_) < 19:
            return cls(GroupKind(kind), int(id_))
        raise Invalid("Choose who the text is for.")


def wording(text: str) -> str:
    """The words as they will be kept. Raises `Invalid` for none, too many, or a strange brace."""
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise Invalid("Write the text.")
    if len(words) > LONGEST:
        raise Invalid(f"The text is longer than {LONGEST} characters. Make it shorter.")
    if any(found != "{name}" for found in _BRACES.findall(words)):
        raise Invalid("Only {name} can stand in curly brackets: it becomes each person’s name.")
    return words


def text_for(words: str, name: str) -> str:
    """What one person gets, with the costly look-alikes folded, exactly as it leaves us."""
    return fold(fill(words, name=name, sender=""))


def hints(words: str, longest_name: str) -> tuple[Hint, ...]:
    """What the check of wording says; length is measured with the longest name filled in."""
    about_words = [hint for hint in check(words) if hint.group != "Length"]
    filled = text_for(words, longest_name)
    return (*about_words, *(hint for hint in check(filled) if hint.group == "Length"))


def why_blocked(found: tuple[Hint, ...]) -> str:
    """Why the wording may not go out, as a sentence; empty when it may."""
    if not any(hint.level is Level.BLOCK for hint in found):
        return ""
    return "Change the words that are marked “has to change”; then it can be sent."


@dataclass(frozen=True, slots=True)
class When:
    """When a notice goes, and until when it may still go: aware moments."""

    due_at: datetime
    not_after: datetime


def when(due: datetime | None, calendar: Calendar | None, *, zone_now: datetime) -> When:
    """The time of a notice: `due` in local time, or at once. `zone_now` is local, aware.

    Raises `Invalid` for a time that is over, later than tomorrow, or one at which nobody is texted.
    """
    at = due or zone_now
    if at < zone_now:
        raise Invalid("That time is over. Choose a later one, or send it now.")
    if (at.date() - zone_now.date()).days > 1:
        raise Invalid("A notice goes today or tomorrow.")
    reason = calendar.why_not(at) if calendar else None
    if reason:
        raise Invalid(f"No text goes out then, because {reason}. Choose another time.")
    return When(at, _last_moment(at, calendar))


def _last_moment(at: datetime, calendar: Calendar | None) -> datetime:
    """The end of that day, or closing time or the start of quiet hours when those come first."""
    ends = [datetime.combine(at.date() + timedelta(days=1), time(0), at.tzinfo)]
    if calendar and calendar.quiet:
        ends.append(datetime.combine(at.date(), calendar.quiet.start, at.tzinfo))
    if calendar and (closes := calendar.closes_on(at.date())):
        ends.append(datetime.combine(at.date(), closes, at.tzinfo))
    return min(end for end in ends if end > at)
