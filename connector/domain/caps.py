"""The one contact cap: how many texts of ours a person gets, over all programmes together.

Only texts that we open count; an answer to what somebody wrote never does. The figures are the
design's defaults: one a local day, two in seven days, eight in twenty-eight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)
MONTH = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Cap:
    """Texts at most: `day` on one local date, `week` in any 7 days, `month` in any 28."""

    day: int = 1
    week: int = 2
    month: int = 8

    def why_capped(self, sent_at: Sequence[datetime], zone: str, now: datetime) -> str:
        """Why one more text at `now` would be too many, as a sentence; empty when it would not.

        `sent_at` are the moments of earlier texts, in any order; later ones than `now` count as
        well, so that what is already promised is not crowded.
        """
        local = ZoneInfo(zone)
        today = now.astimezone(local).date()
        on_the_day = sum(at.astimezone(local).date() == today for at in sent_at)
        if on_the_day >= self.day:
            return f"Not sent: {_had(on_the_day)} from us that day already."
        for most, span, words in ((self.week, WEEK, "7"), (self.month, MONTH, "28")):
            near = sum(abs(now - at) < span for at in sent_at)
            if near >= most:
                return f"Not sent: {_had(near)} from us within {words} days already."
        return ""


def _had(count: int) -> str:
    return "they have had 1 text" if count == 1 else f"they have had {count} texts"


CAP = Cap()
