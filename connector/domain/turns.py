"""Whose turn it is when there is less room than work: evenly, and nobody waits for ever.

It knows nothing of what is shared out. It refuses to let a large queue take the place of a small
one: each gets the same, and only what one does not need goes to the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from typing import TypeVar

Key = TypeVar("Key", bound=int)
Item = TypeVar("Item")


def shares(waiting: Mapping[Key, int], room: int, *, turn: int = 0) -> dict[Key, int]:
    """How many of `room` places each queue gets, in the order in which they are to be served.

    `waiting` says how many there are in each. Places that cannot be divided go to those whose turn
    it is: the order begins at another queue for every other `turn`.
    """
    given = dict.fromkeys(_from(turn, sorted(waiting)), 0)
    hungry = [key for key in given if waiting[key] > 0]
    while room > 0 and hungry:
        each = room // len(hungry)
        if not each:
            return given | {key: given[key] + 1 for key in hungry[:room]}
        for key in hungry:
            more = min(each, waiting[key] - given[key])
            given[key] += more
            room -= more
        hungry = [key for key in hungry if given[key] < waiting[key]]
    return given


def in_turn(queues: Iterable[Sequence[Item]]) -> list[Item]:
    """One of each queue, then the next of each: wherever the list is cut, nobody is left out."""
    rows = zip_longest(*([(item,) for item in queue] for queue in queues), fillvalue=())
    return list(chain.from_iterable(chain.from_iterable(rows)))


def _from(turn: int, keys: Sequence[Key]) -> list[Key]:
    start = turn % len(keys) if keys else 0
    return [*keys[start:], *keys[:start]]
