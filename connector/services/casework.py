"""What connectors do with a flag: take it, put it back, log a contact, wait, finish.

Each act is one sentence: lock the flag, let the domain decide, write the state and the event
together, and keep a line in the audit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from connector.domain import flag as flags_of
from connector.domain.flag import Flag, FlagEvent, Outcome
from connector.domain.rota import Member
from connector.store import audit, flags

WAKE_BATCH = 200


def take(session: Session, flag_id: int, *, by: Member, now: datetime) -> Flag:
    """`by` takes the flag. Raises `AlreadyTaken` with the name of who has it."""
    return _act(
        session,
        flag_id,
        by,
        now,
        lambda flag: flags_of.take(flag, by=by.id, name=by.name, now=now),
    )


def release(session: Session, flag_id: int, *, by: Member, now: datetime) -> Flag:
    """The owner puts the flag back for somebody else."""
    return _act(session, flag_id, by, now, lambda flag: flags_of.release(flag, by=by.id, now=now))


def log_contact(
    session: Session, flag_id: int, outcome: Outcome, note: str, *, by: Member, now: datetime
) -> Flag:
    return _act(
        session,
        flag_id,
        by,
        now,
        lambda flag: flags_of.contact(flag, outcome, note, by=by.id, now=now),
    )


def wait(
    session: Session, flag_id: int, until: datetime, note: str, *, by: Member, now: datetime
) -> Flag:
    return _act(
        session,
        flag_id,
        by,
        now,
        lambda flag: flags_of.wait(flag, until, note, by=by.id, now=now),
    )


def finish(
    session: Session, flag_id: int, outcome: Outcome, note: str, *, by: Member, now: datetime
) -> Flag:
    return _act(
        session,
        flag_id,
        by,
        now,
        lambda flag: flags_of.finish(flag, outcome, note, by=by.id, now=now),
    )


def wake(session: Session, *, now: datetime) -> int:
    """Waiting flags whose day has come are back in the queue. Returns how many."""
    woken = flags.due_to_wake(session, WAKE_BATCH, now=now)
    for flag in woken:
        for event in flags_of.reopen(flag, now, now=now):
            flags.act(session, flags_of.evolve(flag, event), event)
    return len(woken)


def _act(
    session: Session, flag_id: int, by: Member, now: datetime, decide: Callable[[Flag], FlagEvent]
) -> Flag:
    flag = flags.lock(session, flag_id)
    event = decide(flag)
    changed = flags_of.evolve(flag, event)
    flags.act(session, changed, event)
    audit.append(session, f"flag {event.kind.value}", "flag", flag_id, by=by.id, now=now)
    return changed
