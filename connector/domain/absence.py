"""A time without texts that ends by itself: away, a pause, a stay in hospital.

It holds texts and nothing else: it is no silence, says nothing about how somebody is, and leaves
what they answered before and after side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.domain.promise import Promise
from connector.domain.signals import Signal, SignalKind, day_in_words
from connector.domain.steering import AbsenceKind, AbsenceWish

LOOK_AFTER = timedelta(days=14)
"""Where nobody knows an end, a person is asked to look after so long; nothing is sent instead."""
NO_END_KNOWN = "away without an end"


@dataclass(frozen=True, slots=True)
class Absence:
    """One time without texts, kept. `ends_on` is the first day of texts again."""

    id: int
    resident_id: int
    kind: AbsenceKind
    starts_on: date
    ends_on: date | None
    made_at: datetime
    ended_at: datetime | None = None
    by_staff: int | None = None
    by_name: str = ""

    def covers(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    def touches(self, first: date, last: date) -> bool:
        """Whether any day of a span is without texts."""
        return self.starts_on <= last and (self.ends_on is None or self.ends_on > first)

    @property
    def span(self) -> str:
        return span_in_words(self.starts_on, self.ends_on)


def span_in_words(starts_on: date, ends_on: date | None) -> str:
    """ "from 4 May until 11 May; texts start again that day"."""
    since = f"from {day_in_words(starts_on, starts_on)}"
    if ends_on is None:
        return f"{since}, with no end known"
    return f"{since}; texts start again on {day_in_words(ends_on, starts_on)}"


def after_word(known: Absence, wish: AbsenceWish, today: date) -> AbsenceWish | None:
    """The latest word beside one that stands: what it becomes, or None when both stand.

    Two times with days of texts between them both stand. Somebody who is away already and speaks
    of a later day without a break between stays away, until the day that was said last.
    """
    first, last = sorted((_span(known), (wish.starts_on, wish.ends_on or date.max)))
    if first[1] < last[0]:
        return None
    starts_on = today if known.covers(today) else wish.starts_on
    return AbsenceWish(wish.kind, min(starts_on, wish.starts_on), wish.ends_on)


def _span(absence: Absence) -> tuple[date, date]:
    return absence.starts_on, absence.ends_on or date.max


def no_end_known(name: str, since: date, today: date) -> Signal:
    """Somebody is away and nobody has heard when texts may start again."""
    return Signal(
        kind=SignalKind.QUIET,
        promise=Promise.THIS_WEEK,
        sentence=f"{name} has been away since {day_in_words(since, today)}. We have not heard when "
        "texts may start again.",
        rule=NO_END_KNOWN,
        figures={"since": since.isoformat()},
    )
