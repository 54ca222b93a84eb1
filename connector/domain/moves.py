"""How far a person's next text moves when a cadence is changed, as a size that can be counted.

It compares the next text that was coming with the next that will come, on the person's own
calendar. It says nothing about why.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class Move(StrEnum):
    """The size of a move; the order of the members is the order in which they are shown."""

    STAYS = "stays"
    SAME_DAY = "same_day"
    DAYS_EARLIER = "days_earlier"
    DAYS_LATER = "days_later"
    FEW_EARLIER = "few_earlier"
    FEW_LATER = "few_later"
    WEEK_EARLIER = "week_earlier"
    WEEK_LATER = "week_later"
    STARTS = "starts"
    STOPS = "stops"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Move.STAYS: "Do not move",
    Move.SAME_DAY: "Same day, another time",
    Move.DAYS_EARLIER: "1 to 3 days earlier",
    Move.DAYS_LATER: "1 to 3 days later",
    Move.FEW_EARLIER: "4 to 6 days earlier",
    Move.FEW_LATER: "4 to 6 days later",
    Move.WEEK_EARLIER: "A week or more earlier",
    Move.WEEK_LATER: "A week or more later",
    Move.STARTS: "Get texts again",
    Move.STOPS: "Stop getting texts",
}


def move(before: datetime | None, after: datetime | None) -> Move:
    """The move of a next text, both on the person's own clock; None where there is none."""
    if before is None or after is None:
        if before is after:
            return Move.STAYS
        return Move.STARTS if before is None else Move.STOPS
    days = (after.date() - before.date()).days
    if days == 0:
        return Move.STAYS if after == before else Move.SAME_DAY
    sizes = (Move.DAYS_EARLIER, Move.FEW_EARLIER, Move.WEEK_EARLIER)
    if days > 0:
        sizes = (Move.DAYS_LATER, Move.FEW_LATER, Move.WEEK_LATER)
    return sizes[0 if abs(days) <= 3 else 1 if abs(days) <= 6 else 2]


def moved_words(before: datetime, after: datetime) -> str:
    """'does not move', '2 days and 4 hours later', '10 minutes earlier', by the wall clock."""
    between = after.replace(tzinfo=None) - before.replace(tzinfo=None)
    if not between:
        return "does not move"
    span, way = abs(between), "later" if between > timedelta(0) else "earlier"
    days, minutes = span.days, span.seconds // 60
    parts = ((days, "day"), (minutes // 60, "hour"), (0 if days else minutes % 60, "minute"))
    said = [f"{amount} {name}{'' if amount == 1 else 's'}" for amount, name in parts if amount]
    return f"{' and '.join(said)} {way}"
