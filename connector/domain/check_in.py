"""A check-in: one planned text to one resident, and the decision made at the moment of sending.

Planning is only an intention. Whatever happened in between (a STOP, a pause, a flag due now, too
much time) is weighed again by `decide`, and everything but *send* leaves one plain sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from connector.domain.consent import AgreementState
from connector.domain.programme import Part

TEXT, REMINDER, LAST_WORD = range(3)
"""The slots of a date: the text itself, its one reminder, the goodbye of who leaves that day."""

STOPPED = "Not sent: the resident has stopped texts."


class CheckInState(StrEnum):
    PLANNED = "planned"
    ATTEMPTED = "attempted"
    SKIPPED = "skipped"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One occurrence for one resident, due at `due_at` and worthless after `expires_at`."""

    id: int
    resident_id: int
    programme_id: int
    occurrence: date
    number: int
    due_at: datetime
    expires_at: datetime
    part: Part = Part.CHECK_IN


@dataclass(frozen=True, slots=True)
class Standing:
    """What is true of a resident at the moment of sending."""

    agreement: AgreementState
    number_stopped: bool = False
    number_dead: bool = False
    flag_due_now: bool = False
    in_conversation: bool = False
    last_heard_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Send:
    pass


@dataclass(frozen=True, slots=True)
class Skip:
    why: str


@dataclass(frozen=True, slots=True)
class Expire:
    why: str


Decision = Send | Skip | Expire
SEND = Send()

RECENTLY = timedelta(hours=2)


def decide(check_in: CheckIn, standing: Standing, *, now: datetime) -> Decision:
    """Whether this check-in goes out at `now`, and if not, why, in one sentence."""
    if why := why_not_text(standing):
        return Skip(why)
    if now >= check_in.expires_at:
        return Expire(_too_late(check_in, now))
    if why := why_not_now(standing, now=now):
        return Skip(why)
    return SEND


def why_not_now(standing: Standing, *, now: datetime) -> str:
    """Why no text that we open goes out at this moment; empty when one may."""
    if standing.flag_due_now:
        return "Not sent: a person is being asked to look now, so no automatic text goes out."
    if standing.in_conversation:
        return "Not sent: a connector is in conversation with this resident."
    if standing.last_heard_at is not None and now - standing.last_heard_at < RECENTLY:
        return "Not sent: the resident wrote to us in the last two hours."
    return ""


def why_not_text(standing: Standing) -> str:
    """Why no text of any kind may go to this resident; empty when one may."""
    if standing.number_stopped or standing.agreement is AgreementState.WITHDRAWN:
        return STOPPED
    if standing.agreement is AgreementState.PAUSED:
        return "Not sent: texts are paused for this resident."
    if standing.agreement is AgreementState.INVITED:
        return "Not sent: the resident has not agreed to texts yet."
    if standing.number_dead:
        return "Not sent: texts do not arrive at this number."
    return ""


def _too_late(check_in: CheckIn, now: datetime) -> str:
    late = now - check_in.due_at
    hours = int(late.total_seconds() // 3600)
    span = f"{hours} hours" if hours != 1 else "1 hour"
    return f"Not sent: it was due {span} ago, too long ago to be worth sending."
