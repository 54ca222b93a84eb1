"""The work that can be asked for, by name, and the note that asks for it.

A ring says *that* there is work, never which: rows in the database are the queue. A job noted on a
session is rung only after that session's transaction has committed.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Session

_NOTED = "jobs"


class Job(StrEnum):
    PLAN = "connector.plan"
    DISPATCH = "connector.dispatch"
    TRIAGE = "connector.triage"
    ALERT = "connector.alert"
    SILENCE = "connector.silence"
    SETTLE = "connector.settle"
    WAKE = "connector.wake"
    RECONCILE = "connector.reconcile"
    WATCH = "connector.watch"
    CHASE = "connector.chase"
    NOTICING = "connector.noticing"
    IMPORT = "connector.import"
    WELCOME = "connector.welcome"


def later(session: Session, job: Job) -> None:
    """Ask for `job` once this session's transaction has committed."""
    session.info.setdefault(_NOTED, set()).add(job)


def noted(session: Session) -> frozenset[Job]:
    """The jobs noted so far; noting is over for this session."""
    return frozenset(session.info.pop(_NOTED, ()))
