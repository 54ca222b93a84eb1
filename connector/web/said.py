"""How pages say things: times in local words, due times, and a resident's words with marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.domain.promise import Promise

WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of somebody's words, marked when a rule spoke about it."""

    text: str
    marked: bool


def marked(text: str, spans: Iterable[tuple[int, int]]) -> list[Part]:
    """`text` cut at `spans` (characters, start and end), overlapping ones made one."""
    parts: list[Part] = []
    done = 0
    for start, end in sorted(spans):
        start, end = max(start, done), min(end, len(text))  # noqa: PLW2901
        if start >= end:
            continue
        if start > done:
            parts.append(Part(text[done:start], False))
        parts.append(Part(text[start:end], True))
        done = end
    if done < len(text):
        parts.append(Part(text[done:], False))
    return parts


@dataclass(frozen=True, slots=True)
class Said:
    """Times as people here say them: in `zone`, seen from `now`, the moment of the page."""

    zone: ZoneInfo
    now: datetime

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def clock(self, moment: datetime) -> str:
        """'10:42'."""
        return f"{self.local(moment):%H:%M}"

    def at(self, moment: datetime) -> str:
        """'Mon 23 Nov, 10:42'; the year is said when it is another one."""
        return f"{self.day(moment)}, {self.clock(moment)}"

    def day(self, moment: datetime) -> str:
        return self.date(self.local(moment).date())

    def date(self, day: date) -> str:
        year = f" {day.year}" if day.year != self.local(self.now).year else ""
        return f"{day:%a} {day.day} {day:%b}{year}"

    def hour(self, moment: datetime) -> str:
        """'5pm', '9:30am'."""
        return f"{self.local(moment):%I:%M%p}".lstrip("0").replace(":00", "").lower()

    def due(self, promise: Promise, due_at: datetime) -> str:
        """'Due now', 'By 5pm today', 'By 5pm Friday', 'Overdue since 10:40'."""
        if promise is Promise.GOOD_NEWS:
            return "Good news"
        if promise is Promise.NOW and due_at <= self.now:
            return "Due now"
        if due_at <= self.now:
            return f"Overdue since {self.since(due_at)}"
        days = (self.local(due_at).date() - self.local(self.now).date()).days
        near = {0: "today", 1: "tomorrow"}.get(days)
        return f"By {self.hour(due_at)} {near or self._weekday(due_at)}"

    def overdue(self, promise: Promise, due_at: datetime) -> bool:
        return promise not in (Promise.NOW, Promise.GOOD_NEWS) and due_at <= self.now

    def since(self, moment: datetime) -> str:
        """'10:42' for today; the day for any other."""
        today = self.local(moment).date() == self.local(self.now).date()
        return self.clock(moment) if today else self.day(moment)

    def _weekday(self, moment: datetime) -> str:
        return f"{self.local(moment):%A}" if moment - self.now < WEEK else self.day(moment)
