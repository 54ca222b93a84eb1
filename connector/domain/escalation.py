"""Who is told next about a flag that nobody has taken, or that was taken and left unfinished.

Nothing is forgotten: each promise has a ladder of steps, and the last one repeats. *Now* counts by
the clock; the others count in working hours, so that nobody is woken about what can wait till
morning. It decides whom to tell and when; it never takes a flag from anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from connector.domain.errors import Invalid
from connector.domain.flag import Flag, FlagState
from connector.domain.promise import Promise
from connector.domain.working_hours import WorkingHours

LONGEST_LADDER = 8


class Ring(StrEnum):
    """A circle of people to tell."""

    OWNER = "owner"
    OWN_CONNECTOR = "own_connector"
    COVERING = "covering"
    ON_CALL = "on_call"
    BUDDY = "buddy"
    LEAD = "lead"
    COORDINATORS = "coordinators"

    @property
    def words(self) -> str:
        return {
            "owner": "who has it",
            "own_connector": "the resident's own connector",
            "covering": "who covers today",
            "on_call": "who is on call",
            "buddy": "their buddy",
            "lead": "the duty lead",
            "coordinators": "the coordinators",
        }[self]


@dataclass(frozen=True, slots=True)
class Step:
    """`after` so long, tell these people. Raises `Invalid` when nobody is told, or too late."""

    after: timedelta
    tell: tuple[Ring, ...]

    def __post_init__(self) -> None:
        if not self.tell:
            raise Invalid("A step tells somebody.")
        if not timedelta() <= self.after <= timedelta(days=28):
            raise Invalid("A step comes within four weeks.")

    def to_json(self) -> dict[str, Any]:
        return {
            "minutes": int(self.after.total_seconds() // 60),
            "tell": [ring.value for ring in self.tell],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Step:
        return cls(timedelta(minutes=value["minutes"]), tuple(map(Ring, value["tell"])))


def _minutes(amount: int, *tell: Ring) -> Step:
    return Step(timedelta(minutes=amount), tell)


def _hours(amount: int, *tell: Ring) -> Step:
    return Step(timedelta(hours=amount), tell)


Ladder = tuple[Step, ...]

_UNTAKEN: Mapping[Promise, Ladder] = {
    Promise.NOW: (
        _minutes(0, Ring.OWN_CONNECTOR, Ring.ON_CALL),
        _minutes(10, Ring.COVERING, Ring.BUDDY),
        _minutes(20, Ring.LEAD),
        _minutes(40, Ring.COORDINATORS),
    ),
    Promise.TODAY: (
        _hours(0, Ring.OWN_CONNECTOR, Ring.COVERING),
        _hours(1, Ring.LEAD),
        _hours(2, Ring.COORDINATORS),
    ),
    Promise.THIS_WEEK: (
        _hours(0, Ring.OWN_CONNECTOR),
        _hours(4, Ring.COVERING),
        _hours(8, Ring.COORDINATORS),
    ),
}
_UNFINISHED: Mapping[Promise, Ladder] = {
    Promise.NOW: (_minutes(0, Ring.OWNER), _minutes(15, Ring.BUDDY), _minutes(30, Ring.LEAD)),
    Promise.TODAY: (_hours(0, Ring.OWNER), _hours(1, Ring.BUDDY), _hours(2, Ring.LEAD)),
    Promise.THIS_WEEK: (_hours(0, Ring.OWNER), _hours(8, Ring.BUDDY), _hours(16, Ring.LEAD)),
}
_TO_FINISH = {
    Promise.NOW: timedelta(minutes=30),
    Promise.TODAY: timedelta(hours=3),
    Promise.THIS_WEEK: timedelta(hours=16),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """The ladders of an installation.

    `untaken` is counted from the start for *now* and from the due time for the others;
    `unfinished` from the second clock, which runs for `to_finish` from the taking. Good news has no
    ladder. Raises `Invalid` when a promise has no step or its steps are out of order.
    """

    untaken: Mapping[Promise, Ladder] = field(default_factory=lambda: dict(_UNTAKEN))
    unfinished: Mapping[Promise, Ladder] = field(default_factory=lambda: dict(_UNFINISHED))
    to_finish: Mapping[Promise, timedelta] = field(default_factory=lambda: dict(_TO_FINISH))

    def __post_init__(self) -> None:
        for promise in _UNTAKEN:
            for ladder in (self.untaken.get(promise, ()), self.unfinished.get(promise, ())):
                _refuse_bad_ladder(promise, ladder)

    def act_by(self, flag: Flag, hours: WorkingHours, *, now: datetime) -> datetime | None:
        """By when a flag taken at `now` should be finished, or come back: the second clock."""
        span = self.to_finish.get(flag.promise)
        if span is None:
            return None
        if flag.promise is Promise.NOW:
            return now + span
        return max(hours.after(now, span), flag.due_at)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a settings row; `from_json` reads them back."""
        return {
            "untaken": {p.value: [s.to_json() for s in steps] for p, steps in self.untaken.items()},
            "unfinished": {
                p.value: [s.to_json() for s in steps] for p, steps in self.unfinished.items()
            },
            "to_finish": {
                p.value: int(span.total_seconds() // 60) for p, span in self.to_finish.items()
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Policy:
        return cls(
            untaken=_ladders(value["untaken"]),
            unfinished=_ladders(value["unfinished"]),
            to_finish={Promise(p): timedelta(minutes=m) for p, m in value["to_finish"].items()},
        )


def _ladders(value: Mapping[str, Any]) -> dict[Promise, Ladder]:
    return {Promise(p): tuple(map(Step.from_json, steps)) for p, steps in value.items()}


@dataclass(frozen=True, slots=True)
class Due:
    """The step that comes next, when, and whether it is one more round of the last."""

    at: datetime
    step: Step
    again: bool = False


def next_step(
    flag: Flag,
    policy: Policy,
    hours: WorkingHours,
    *,
    steps_done: int,
    act_by: datetime | None,
    last_at: datetime | None = None,
) -> Due | None:
    """The next step of a flag's ladder; None when it waits, is finished, or is good news.

    Once all steps are done the last one repeats, counted from `last_at`, each time after as long as
    it came after the one before it: a flag that nobody takes is not forgotten on any day.
    """
    ladder, start = _ladder(flag, policy, act_by)
    if not ladder or start is None:
        return None
    by_clock = flag.promise is Promise.NOW
    if steps_done < len(ladder):
        step = ladder[steps_done]
        return Due(_later(start, step.after, hours, by_clock=by_clock), step)
    before = ladder[-2].after if len(ladder) > 1 else timedelta()
    pause = max(ladder[-1].after - before, timedelta(minutes=30 if by_clock else 240))
    at = _later(last_at or start, pause, hours, by_clock=by_clock)
    return Due(at, ladder[-1], again=True)


def _ladder(flag: Flag, policy: Policy, act_by: datetime | None) -> tuple[Ladder, datetime | None]:
    if flag.state is FlagState.NEW:
        start = flag.opened_at if flag.promise is Promise.NOW else flag.due_at
        return policy.untaken.get(flag.promise, ()), start
    if flag.state is FlagState.TAKEN:
        return policy.unfinished.get(flag.promise, ()), act_by
    return (), None


def _later(start: datetime, span: timedelta, hours: WorkingHours, *, by_clock: bool) -> datetime:
    return start + span if by_clock else hours.after(start, span)


def _refuse_bad_ladder(promise: Promise, ladder: Ladder) -> None:
    if not 1 <= len(ladder) <= LONGEST_LADDER:
        raise Invalid(f"'{promise.words}' needs one to {LONGEST_LADDER} steps, so nobody is lost.")
    waits = [step.after for step in ladder]
    if waits != sorted(set(waits)):
        raise Invalid(f"Each step of '{promise.words}' has to come later than the one before it.")
