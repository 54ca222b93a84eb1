"""How soon a person should look: a promise about time, never a measure of somebody.

A promise orders the queue through the due time it leads to. It says nothing about how ill, needy
or risky anybody is, and it refuses to be compared with a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Promise(StrEnum):
    """By when a person looks. The order of the members is the order of urgency."""

    NOW = "now"
    TODAY = "today"
    THIS_WEEK = "this_week"
    GOOD_NEWS = "good_news"
    NONE = "none"

    @property
    def words(self) -> str:
        """The promise as staff read it."""
        return _WORDS[self]

    @property
    def rank(self) -> int:
        """0 for the most urgent; for ordering only."""
        return _RANK[self]

    @property
    def sooner(self) -> Promise:
        """The promise one step more urgent; *now* stays as it is."""
        return list(Promise)[max(self.rank - 1, 0)]

    def at_least(self, other: Promise) -> bool:
        """Whether this promise is as urgent as `other`, or more."""
        return self.rank <= other.rank


_WORDS = {
    Promise.NOW: "Now",
    Promise.TODAY: "Today",
    Promise.THIS_WEEK: "This week",
    Promise.GOOD_NEWS: "Good news",
    Promise.NONE: "None",
}
_RANK = {promise: rank for rank, promise in enumerate(Promise)}


def most_urgent(promises: Iterable[Promise]) -> Promise:
    """The most urgent of `promises`; `Promise.NONE` when there are none."""
    return min(promises, key=lambda promise: promise.rank, default=Promise.NONE)
