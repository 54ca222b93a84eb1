"""What is usual for most people of one service, estimated from its own residents.

A person's usual is pulled towards these figures while there are few replies: where most people's
usual lies (`centre`), how much one person's answers vary (`spread`), and how many replies each of
the two is worth (`weight`, `freedom`). It refuses to speak before enough people have a history, and
it refuses to apply itself: what comes out is a proposal with its figures, for a person to decide.

Method of moments, on each person's first answers (so that later bad weeks do not widen anything):

- `centre` is the mean of the people's own means. `weight` is the variance within people over the
  variance between them, from the one-way analysis of variance with unequal groups (Searle, Casella
  & McCulloch, *Variance Components*, 1992, section 3.6). It is what shrinks a mean best.
- `spread` and `freedom` are fitted to the logarithms of the people's own variances by their mean
  and variance, as for a scaled inverse chi-squared (Smyth 2004, *Statistical Applications in
  Genetics and Molecular Biology* 3(1), article 3, section 6.2). A variance counts as at least that
  of rounding to whole answers, 1/12 of a step.

`weight` and `freedom` are kept between bounds, since 20 people say little about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import fmean, variance
from typing import Final

LEAST_PEOPLE: Final = 20
LEAST_ANSWERS: Final = 8
FIRST_ANSWERS: Final = 12
LEAST_VARIANCE: Final = 1 / 12
WEIGHTS: Final = (0.2, 5.0)
FREEDOMS: Final = (2.0, 20.0)


@dataclass(frozen=True, slots=True)
class MostPeople:
    """The four figures, on 0 (best) to 10 (worst), and what they rest on."""

    centre: float
    spread: float
    weight: float
    freedom: float
    people: int
    answers: int

    def figures(self) -> dict[str, float]:
        """The figures by the names that `usual.Tuning` has for them."""
        return {
            "centre": self.centre,
            "spread": self.spread,
            "weight": self.weight,
            "freedom": self.freedom,
        }


def estimate(histories: Iterable[Sequence[float]]) -> MostPeople | None:
    """The figures from people's answers (0 best, 10 worst), each in order of time.

    None until `LEAST_PEOPLE` of them have `LEAST_ANSWERS`; all others are left out.
    """
    told = [list(one[:FIRST_ANSWERS]) for one in histories if len(one) >= LEAST_ANSWERS]
    if len(told) < LEAST_PEOPLE:
        return None
    spread, freedom = _spread(told)
    return MostPeople(
        centre=round(fmean(fmean(one) for one in told), 2),
        spread=round(spread, 2),
        weight=round(_weight(told), 2),
        freedom=round(freedom, 1),
        people=len(told),
        answers=sum(len(one) for one in told),
    )


def _weight(told: Sequence[Sequence[float]]) -> float:
    """The variance within people over that between them."""
    total = sum(len(one) for one in told)
    overall = fmean(answer for one in told for answer in one)
    within = sum(variance(one) * (len(one) - 1) for one in told) / (total - len(told))
    between = sum(len(one) * (fmean(one) - overall) ** 2 for one in told) / (len(told) - 1)
    size = (total - sum(len(one) ** 2 for one in told) / total) / (len(told) - 1)
    apart = (between - within) / size
    return _kept(within / apart, WEIGHTS) if apart > 0 else WEIGHTS[1]


def _spread(told: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The spread that is usual within one person, and how many replies it is worth."""
    halves = [(len(one) - 1) / 2 for one in told]
    logs = [
        log(max(variance(one), LEAST_VARIANCE)) - _digamma(half) + log(half)
        for one, half in zip(told, halves, strict=True)
    ]
    left = variance(logs) - fmean(_trigamma(half) for half in halves)
    freedom = _kept(2 * _inverse_trigamma(left), FREEDOMS) if left > 0 else FREEDOMS[1]
    half = freedom / 2
    return sqrt(exp(fmean(logs) + _digamma(half) - log(half))), freedom


def _kept(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])


def _digamma(x: float) -> float:
    """The derivative of the logarithm of the gamma function, for x > 0, to nine digits.

    Abramowitz & Stegun (1964), 6.3.5 and 6.3.18.
    """
    below = 0.0
    while x < 8:
        below += 1 / x
        x += 1
    r = 1 / (x * x)
    return log(x) - 1 / (2 * x) - r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r / 240))) - below


def _trigamma(x: float) -> float:
    """The derivative of `_digamma`. Abramowitz & Stegun (1964), 6.4.6 and 6.4.12."""
    below = 0.0
    while x < 8:
        below += 1 / (x * x)
        x += 1
    r = 1 / (x * x)
    return 1 / x + r / 2 + r / x * (1 / 6 - r * (1 / 30 - r * (1 / 42 - r / 30))) + below


def _inverse_trigamma(value: float) -> float:
    """The x at which `_trigamma` is `value`; it falls everywhere, so halving finds it."""
    low, high = 1e-3, 1e3
    for _ in range(80):
        middle = sqrt(low * high)
        low, high = (middle, high) if _trigamma(middle) > value else (low, middle)
    return sqrt(low * high)
