"""Whether less comes in than usual: the same hours of the same weekday, over some weeks.

It says so only where chance would hardly bring so few: with enough weeks behind it, enough replies
in each, and about as many texts sent now as then. It never guesses from little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import erfc, exp, sqrt
from statistics import median

WEEKS_BACK = 6
WEEKS_NEEDED = 4
CHANCE = 0.001
MANY = 100
"""From here on the bell curve is close enough, and its arithmetic does not run out."""


class Verdict(StrEnum):
    """What a comparison says."""

    USUAL = "usual"
    TOO_FEW = "too_few"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Band:
    """Some hours of one day: how many texts went out for them, and how many replies came in."""

    sent: int
    replies: int


def verdict(now: Band, earlier: Sequence[Band]) -> Verdict:
    """What these hours are beside the same hours of earlier weeks."""
    weeks = [band for band in earlier if band.sent]
    if len(weeks) < WEEKS_NEEDED:
        return Verdict.UNKNOWN
    usual = usual_replies(now, weeks)
    if at_most(0, usual / 2) >= CHANCE:
        return Verdict.UNKNOWN  # so few are usual that none at all would prove nothing
    few = at_most(now.replies, usual / 2) < CHANCE
    fewest = min(band.replies for band in weeks)
    return Verdict.TOO_FEW if few and now.replies < fewest else Verdict.USUAL


def usual_replies(now: Band, earlier: Sequence[Band]) -> float:
    """How many replies these hours would usually bring, for as many texts as were sent now."""
    sent = median(band.sent for band in earlier)
    share = min(1.0, now.sent / sent) if sent else 0.0
    return median(band.replies for band in earlier) * share


def at_most(count: int, expected: float) -> float:
    """How likely so few or fewer are by chance where `expected` are (Poisson)."""
    if expected > MANY:
        return erfc((expected - count - 0.5) / sqrt(2 * expected)) / 2
    term = total = exp(-expected)
    for n in range(1, count + 1):
        term *= expected / n
        total += term
    return total
