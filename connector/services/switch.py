"""The one switch: stop all texts to residents at once, and let them go again.

Nothing is lost while it is on. What is too late by the time it is lifted is skipped and says so.
Texts to staff go on, because somebody has to hear that it is on.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from connector.domain.errors import Invalid
from connector.services.jobs import Job, later
from connector.store import audit, switches

LONGEST_REASON = 200


def stop(session: Session, why: str, *, by: int | None, now: datetime) -> None:
    """Stop all texts to residents. Raises `Invalid` without a reason."""
    reason = why.strip()[:LONGEST_REASON]
    if not reason:
        raise Invalid("Say in a few words why texts are being stopped.")
    switches.turn(session, paused=True, by=by, why=reason, now=now)
    audit.append(session, "sending stopped", "service", None, by=by, now=now, why=reason)


def lift(session: Session, *, by: int | None, now: datetime) -> bool:
    """Let texts go again; what is still timely goes at once. False when they were not stopped."""
    if switches.pause(session) is None:
        return False
    switches.turn(session, paused=False, by=by, why="", now=now)
    audit.append(session, "sending lifted", "service", None, by=by, now=now)
    later(session, Job.DISPATCH)
    return True
