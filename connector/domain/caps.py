"""The one contact cap: how many texts of ours a person gets, over all programmes together.

Only texts that we open count; an answer to what somebody wrote never does, nor the next question of
an open set. The figures are the design's defaults: one a local day, two in seven days, eight in
twenty-eight. Days are those of the person's calendar: a text that goes every Tuesday at ten is
seven days after the last one, however many seconds either took to leave.
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
    """Texts at most: `day` on one local date, `week` on any 7 dates in a row, `month` on any 28."""

    day: int = 1
    week: int = 2
    month: int = 8

    def why_capped(self, sent_at: Sequence[datetime], zone: str, now: datetime) -> str:
        """Why one more text at `now` would be too many, as a sentence; empty when it would not.

        `sent_at` are the moments of earlier texts, in any order; later ones than `now` count as
        well, so that what is already promised is not crowded.
        """
        if not sent_at:
            return ""
        local = ZoneInfo(zone)
        today = now.astimezone(local).date()
        apart = [abs((at.astimezone(local).date() - today).days) for at in sent_at]
        if (on_the_day := apart.count(0)) >= self.day:
            return f"Not sent: {_had(on_the_day)} from us that day already."
        for most, days in ((self.week, WEEK.days), (self.month, MONTH.days)):
            near = sum(gap < days for gap in apart)
            if near >= most:
                return f"Not sent: {_had(near)} from us within {days} days already."
        return ""


def _had(count: int) -> str:
    return "they have had 1 text" if count == 1 else f"they have had {count} texts"


CAP = Cap()
