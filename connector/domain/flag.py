"""A flag: why a person should look at somebody, and by when.

It is never a score, a diagnosis or a decision. There is at most one open flag a person; whatever is
noticed later joins it and can only bring its due time forward. Every move is an event, and a flag
is what its events make of it.

    new ──take──► taken ──wait──► waiting ──reply or date──► taken
     │  ◄─release─  │                │
     └──────────────┴────finish──────┴──► done
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from connector.domain.errors import AlreadyTaken, Invalid, NotYours, Refused
from connector.domain.promise import Promise


class FlagState(StrEnum):
    NEW = "new"
    TAKEN = "taken"
    WAITING = "waiting"
    DONE = "done"

    @property
    def words(self) -> str:
        return {"new": "Nobody's yet", "taken": "Taken", "waiting": "Waiting", "done": "Finished"}[
            self
        ]


class FlagEventKind(StrEnum):
    RAISED = "raised"
    JOINED = "joined"
    TAKEN = "taken"
    RELEASED = "released"
    CONTACT = "contact"
    WAITING = "waiting"
    REOPENED = "reopened"
    FINISHED = "finished"

    @property
    def words(self) -> str:
        return _EVENT_WORDS[self]


_EVENT_WORDS = {
    FlagEventKind.RAISED: "Asked for a person to look",
    FlagEventKind.JOINED: "Something more was noticed",
    FlagEventKind.TAKEN: "Taken",
    FlagEventKind.RELEASED: "Put back for somebody else",
    FlagEventKind.CONTACT: "Contact",
    FlagEventKind.WAITING: "Waiting",
    FlagEventKind.REOPENED: "Came back",
    FlagEventKind.FINISHED: "Finished",
}


class Outcome(StrEnum):
    """What happened, as a required short choice."""

    SPOKE = "spoke"
    LEFT_MESSAGE = "left_message"
    TEXTED = "texted"
    VISITED = "visited"
    NO_ANSWER = "no_answer"
    PASSED_ON = "passed_on"
    SAFEGUARDING = "safeguarding"
    NOTHING_NEEDED = "nothing_needed"
    NOT_THEIRS = "not_theirs"

    @property
    def words(self) -> str:
        return _OUTCOME_WORDS[self]


_OUTCOME_WORDS = {
    Outcome.SPOKE: "Spoke to them",
    Outcome.LEFT_MESSAGE: "Left a message",
    Outcome.TEXTED: "Texted",
    Outcome.VISITED: "Visited",
    Outcome.NO_ANSWER: "No answer",
    Outcome.PASSED_ON: "Passed to another service",
    Outcome.SAFEGUARDING: "Safeguarding concern raised",
    Outcome.NOTHING_NEEDED: "Nothing needed",
    Outcome.NOT_THEIRS: "Not theirs, or the wrong person",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. `due_at` is the promise as a time; `version` grows with every event."""

    id: int
    resident_id: int
    state: FlagState
    promise: Promise
    due_at: datetime
    opened_at: datetime
    owner_id: int | None = None
    owner_name: str = ""
    taken_at: datetime | None = None
    wait_until: datetime | None = None
    finished_at: datetime | None = None
    outcome: Outcome | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.state is not FlagState.DONE


@dataclass(frozen=True, slots=True)
class FlagEvent:
    """One line of a flag's history. `by` is a staff id; None when the service did it itself."""

    kind: FlagEventKind
    at: datetime
    by: int | None = None
    by_name: str = ""
    promise: Promise = Promise.NONE
    due_at: datetime | None = None
    until: datetime | None = None
    outcome: Outcome | None = None
    note: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def raised(
    resident_id: int, promise: Promise, due_at: datetime, *, now: datetime
) -> tuple[Flag, FlagEvent]:
    """A new flag and the event that made it. Its id is given by the store."""
    flag = Flag(0, resident_id, FlagState.NEW, promise, due_at, opened_at=now)
    return flag, FlagEvent(FlagEventKind.RAISED, now, promise=promise, due_at=due_at)


def numbered(flag: Flag, id_: int) -> Flag:
    """A new flag with the id that the store gave it."""
    return replace(flag, id=id_)


def join(flag: Flag, promise: Promise, due_at: datetime, *, now: datetime) -> tuple[FlagEvent, ...]:
    """What a later reason does to an open flag: it joins, and it wakes a flag that waits."""
    joined = FlagEvent(FlagEventKind.JOINED, now, promise=promise, due_at=due_at)
    return (joined, *reopen(flag, due_at, now=now))


def reopen(flag: Flag, due_at: datetime, *, now: datetime) -> tuple[FlagEvent, ...]:
    """A waiting flag comes back, to its owner, when the resident writes or its day has come."""
    if flag.state is not FlagState.WAITING:
        return ()
    return (FlagEvent(FlagEventKind.REOPENED, now, due_at=due_at),)


def take(flag: Flag, *, by: int, name: str, now: datetime) -> FlagEvent:
    """Somebody takes the flag. Raises `AlreadyTaken` with the owner's name, `Refused` when done."""
    _must_be_open(flag)
    if flag.owner_id is not None and flag.owner_id != by:
        raise AlreadyTaken(flag.owner_name or "Somebody else")
    if flag.state is FlagState.TAKEN:
        raise Refused("You have this one already.")
    return FlagEvent(FlagEventKind.TAKEN, now, by=by, by_name=name)


def release(flag: Flag, *, by: int, now: datetime) -> FlagEvent:
    """The owner puts the flag back. Raises `NotYours` for anybody else."""
    _must_be_owner(flag, by)
    return FlagEvent(FlagEventKind.RELEASED, now, by=by)


def contact(flag: Flag, outcome: Outcome, note: str, *, by: int, now: datetime) -> FlagEvent:
    """A contact is logged; the flag stays with its owner."""
    _must_be_owner(flag, by)
    return FlagEvent(FlagEventKind.CONTACT, now, by=by, outcome=outcome, note=note)


def wait(flag: Flag, until: datetime, note: str, *, by: int, now: datetime) -> FlagEvent:
    """The flag sleeps until `until` or a reply. Raises `Invalid` for a time that has passed."""
    _must_be_owner(flag, by)
    if until <= now:
        raise Invalid("Choose a day that is still to come.")
    return FlagEvent(FlagEventKind.WAITING, now, by=by, until=until, note=note)


def finish(flag: Flag, outcome: Outcome, note: str, *, by: int, now: datetime) -> FlagEvent:
    """The owner says what happened and the flag is done."""
    _must_be_owner(flag, by)
    return FlagEvent(FlagEventKind.FINISHED, now, by=by, outcome=outcome, note=note)


def evolve(flag: Flag, event: FlagEvent) -> Flag:
    """`flag` as it is after `event`. A due time never moves back, except by a person's wait."""
    changed = _CHANGES[event.kind](flag, event)
    return replace(changed, version=flag.version + 1)


def _joined(flag: Flag, event: FlagEvent) -> Flag:
    sooner = min(flag.due_at, event.due_at) if event.due_at else flag.due_at
    more_urgent = event.promise if event.promise.at_least(flag.promise) else flag.promise
    return replace(flag, due_at=sooner, promise=more_urgent)


def _taken(flag: Flag, event: FlagEvent) -> Flag:
    return replace(
        flag,
        state=FlagState.TAKEN,
        owner_id=event.by,
        owner_name=event.by_name,
        taken_at=event.at,
        wait_until=None,
    )


def _released(flag: Flag, _event: FlagEvent) -> Flag:
    return replace(
        flag, state=FlagState.NEW, owner_id=None, owner_name="", taken_at=None, wait_until=None
    )


def _same(flag: Flag, _event: FlagEvent) -> Flag:
    return flag


def _waiting(flag: Flag, event: FlagEvent) -> Flag:
    until = event.until or flag.due_at
    return replace(flag, state=FlagState.WAITING, wait_until=until, due_at=until)


def _reopened(flag: Flag, event: FlagEvent) -> Flag:
    state = FlagState.TAKEN if flag.owner_id is not None else FlagState.NEW
    due_at = min(flag.due_at, event.due_at or event.at)
    return replace(flag, state=state, wait_until=None, due_at=due_at)


def _finished(flag: Flag, event: FlagEvent) -> Flag:
    return replace(
        flag, state=FlagState.DONE, finished_at=event.at, outcome=event.outcome, wait_until=None
    )


_CHANGES = {
    FlagEventKind.RAISED: _same,
    FlagEventKind.JOINED: _joined,
    FlagEventKind.TAKEN: _taken,
    FlagEventKind.RELEASED: _released,
    FlagEventKind.CONTACT: _same,
    FlagEventKind.WAITING: _waiting,
    FlagEventKind.REOPENED: _reopened,
    FlagEventKind.FINISHED: _finished,
}


def _must_be_open(flag: Flag) -> None:
    if not flag.is_open:
        raise Refused("This one is finished already.")


def _must_be_owner(flag: Flag, by: int) -> None:
    _must_be_open(flag)
    if flag.owner_id is None:
        raise NotYours("Take this one first, so that everybody can see who has it.")
    if flag.owner_id != by:
        raise NotYours(f"{flag.owner_name or 'Somebody else'} has this one.")
