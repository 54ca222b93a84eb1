"""What is still to happen, in the order of its time. It decides nothing and knows no clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

Act = Callable[[datetime], None]


class Agenda:
    """Acts by their moments; of the same moment, the one that was put down first comes first."""

    def __init__(self) -> None:
        self._ahead: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._known: set[tuple[datetime, Act]] = set()

    @property
    def first(self) -> datetime | None:
        """The next moment at which something happens; None when nothing is left."""
        return self._ahead[0][0] if self._ahead else None

    def on(self, at: datetime, act: Act) -> None:
        heappush(self._ahead, (at, next(self._order), act))

    def once(self, at: datetime, act: Act) -> None:
        """Put down `act` for a moment at which it is not put down yet."""
        if (at, act) not in self._known:
            self._known.add((at, act))
            self.on(at, act)

    def step(self) -> None:
        """Do what comes first. Raises `IndexError` when nothing is left."""
        at, _order, act = heappop(self._ahead)
        act(at)
