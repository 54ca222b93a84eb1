"""What a measurement is: a figure beside a floor of the same run, and their ratio.

Machines drift, so seconds are never compared between runs. Floor and path take turns in short
rounds, each round gives a ratio, and the median of the ratios is what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

LEAST_OF_LAST = 0.8
"""A ratio under this share of the last one is a regression."""

Pair = tuple[float, float]


class Better(StrEnum):
    """Which way a figure is good: a rate is better when it is more, a wait when it is less."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is measured: a name that stays, the path and its floor in words, and the unit."""

    name: str
    path: str
    floor: str
    unit: str
    better: Better = Better.MORE


@dataclass(frozen=True, slots=True)
class Figure:
    """A path's figure, its floor's, and how near it comes: 1 is the floor itself, less is worse."""

    kind: Kind
    figure: float
    floor: float
    ratio: float
    rounds: tuple[float, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.kind.name,
            "path": self.kind.path,
            "floor_is": self.kind.floor,
            "unit": self.kind.unit,
            "better": self.kind.better.value,
            "figure": round(self.figure, 3),
            "floor": round(self.floor, 3),
            "ratio": round(self.ratio, 4),
            "rounds": [round(ratio, 4) for ratio in self.rounds],
        }


def alternate(rounds: int, floor: Callable[[], float], path: Callable[[], float]) -> list[Pair]:
    """Measure floor and path in turns, `rounds` times each; (floor, figure) of every round."""
    return [(floor(), path()) for _round in range(rounds)]


def figure(kind: Kind, pairs: Sequence[Pair]) -> Figure:
    """The medians of some rounds, each a (floor, figure) of the same moment."""
    ratios = tuple(_ratio(kind.better, floor, found) for floor, found in pairs)
    return Figure(
        kind,
        figure=median(found for _floor, found in pairs),
        floor=median(floor for floor, _found in pairs),
        ratio=median(ratios),
        rounds=ratios,
    )


def _ratio(better: Better, floor: float, found: float) -> float:
    over, under = (found, floor) if better is Better.MORE else (floor, found)
    return over / under if under else 0.0


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest of `values` that at least `share` of them (0 to 1) do not exceed."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def worse_than(before: Mapping[str, float], now: Iterable[Figure]) -> list[str]:
    """A sentence for every figure whose ratio fell under `LEAST_OF_LAST` of its last one."""
    return [
        f"{found.kind.name}: {found.ratio:.2f} of its floor, {before[found.kind.name]:.2f} before"
        for found in now
        if found.ratio < LEAST_OF_LAST * before.get(found.kind.name, 0.0)
    ]
