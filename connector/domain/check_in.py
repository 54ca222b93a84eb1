"""A check-in: one planned text to one resident, and the decision made at the moment of sending.

Planning is only an intention. Whatever happened in between (a STOP, a pause, a flag due now, too
much time) is weighed again by `decide`, and everything but *send* leaves one plain sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from connector.domain.cadence import settle, zone_named
from connector.domain.calendar import Calendar, move_sentence
from connector.domain.consent import AgreementState
from connector.domain.mark import Mark
from connector.domain.programme import Part
from connector.domain.resident import ContactBy

TEXT, REMINDER, LAST_WORD = range(3)
"""The slots of a date: the text itself, its one reminder, the goodbye of who leaves that day."""

STOPPED = "Not sent: the resident has stopped texts."
INSTEAD = {
    ContactBy.CALL: "Not sent: a call is due that day instead.",
    ContactBy.VISIT: "Not sent: a visit is due that day instead.",
}


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
    slot: int = TEXT
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is true of a resident at the moment of sending."""

    agreement: AgreementState
    number_stopped: bool = False
    number_dead: bool = False
    flag_due_now: bool = False
    in_conversation: bool = False
    last_heard_at: datetime | None = None
    away: bool = False
    mark: Mark | None = None
    doubted: bool = False
    contact_by: ContactBy = ContactBy.TEXT


@dataclass(frozen=True, slots=True)
class First:
    """What became of the text that a reminder reminds of."""

    sent_at: datetime
    answered: bool
    arrived: bool


@dataclass(frozen=True, slots=True)
class Send:
    pass


@dataclass(frozen=True, slots=True)
class Skip:
    why: str


@dataclass(frozen=True, slots=True)
class Expire:
    why: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Not at this hour: it goes at `until`, which is still in time."""

    until: datetime
    moved: str


@dataclass(frozen=True, slots=True)
class Meet:
    """No text: a person rings or visits that day, and asks what the text would have asked."""

    by: ContactBy


Decision = Send | Skip | Expire | Wait | Meet
SEND = Send()

RECENTLY = timedelta(hours=2)
MEETS_WITHIN = timedelta(days=2)
"""So late a call or visit still goes to the queue, where a text would be worthless by then."""


AWAY = "Not sent: the resident is away."
EDITED = "Not sent: the days or times of the programme were changed after it was planned."


def decide(
    check_in: CheckIn,
    standing: Standing,
    *,
    now: datetime,
    revision: str = "",
    first: First | None = None,
    calendar: Calendar | None = None,
    zone: str = "UTC",
) -> Decision:
    """Whether this check-in goes out at `now`, and if not, why, in one sentence.

    `revision` names the programme's cadence as it is now, `first` is what a reminder reminds of,
    `zone` where the person lives. The cap is another question: it needs everybody's other texts.
    """
    if why := why_not_contact(standing) or _why_edited(check_in, revision):
        return Skip(why)
    if standing.contact_by is not ContactBy.TEXT:
        return _meet(check_in, standing, now)
    if why := _why_no_number(standing):
        return Skip(why)
    if now >= check_in.expires_at:
        return Expire(_too_late(check_in, now))
    if why := _why_no_reminder(check_in, standing, first) or why_not_now(standing, now=now):
        return Skip(why)
    if calendar is None:
        return SEND
    return _at_this_hour(check_in, now.astimezone(zone_named(zone)), calendar)


def _meet(check_in: CheckIn, standing: Standing, now: datetime) -> Decision:
    """A flag and a talk under way are no reason against: what is to be asked joins them."""
    if check_in.slot == REMINDER:
        return Skip(INSTEAD[standing.contact_by])
    if standing.away:
        return Skip(AWAY)
    if now >= check_in.due_at + MEETS_WITHIN:
        return Expire(_too_late(check_in, now))
    return Meet(standing.contact_by)


def _why_edited(check_in: CheckIn, revision: str) -> str:
    """A reminder belongs to the text that went, whatever is planned by now."""
    if check_in.slot != TEXT or not check_in.revision or not revision:
        return ""
    return EDITED if check_in.revision != revision else ""


def _why_no_reminder(check_in: CheckIn, standing: Standing, first: First | None) -> str:
    if check_in.slot != REMINDER or first is None:
        return ""
    if first.answered:
        return "Not sent: they have answered, so they need no reminder."
    if standing.last_heard_at is not None and standing.last_heard_at > first.sent_at:
        return "Not sent: they have written to us since, so they need no reminder."
    if not first.arrived:
        return "Not sent: the text that it would remind of did not arrive."
    return ""


def _at_this_hour(check_in: CheckIn, local: datetime, calendar: Calendar) -> Decision:
    """A text that was held up into closed hours waits for their end, if that is still in time."""
    why = calendar.why_not(local)
    if why is None:
        return SEND
    ruling = calendar.next_allowed(local)
    until = settle(ruling.local)[0].astimezone(UTC)
    if ruling.skipped is None and until < check_in.expires_at:
        return Wait(until, move_sentence(local, ruling.local, ruling.because))
    return Skip(f"Not sent: {why}, and by the next allowed time it would be too late.")


def why_not_now(standing: Standing, *, now: datetime) -> str:
    """Why no text that we open goes out at this moment; empty when one may."""
    if standing.flag_due_now:
        return "Not sent: a person is being asked to look now, so no automatic text goes out."
    if standing.in_conversation:
        return "Not sent: a connector is in conversation with this resident."
    if standing.away:
        return AWAY
    if standing.last_heard_at is not None and now - standing.last_heard_at < RECENTLY:
        return "Not sent: the resident wrote to us in the last two hours."
    return ""


def why_not_text(standing: Standing) -> str:
    """Why no text of any kind may go to this resident; empty when one may."""
    if why := why_not_contact(standing):
        return why
    return INSTEAD.get(standing.contact_by, "") or _why_no_number(standing)


def why_not_contact(standing: Standing) -> str:
    """Why we do not turn to this resident at all, by text or otherwise.

    STOP is a word about texts: whoever agrees to be rung after it is rung.
    """
    if standing.mark is not None:
        return standing.mark.why_no_text
    stopped = standing.number_stopped and standing.contact_by is ContactBy.TEXT
    if stopped or standing.agreement is AgreementState.WITHDRAWN:
        return STOPPED
    if standing.agreement is AgreementState.PAUSED:
        return "Not sent: texts are paused for this resident."
    if standing.agreement is AgreementState.INVITED:
        return "Not sent: the resident has not agreed to texts yet."
    return ""


def _why_no_number(standing: Standing) -> str:
    if standing.number_dead:
        return "Not sent: texts do not arrive at this number."
    if standing.doubted:
        return "Not sent: we do not know whose number this is any more."
    return ""


def _too_late(check_in: CheckIn, now: datetime) -> str:
    late = now - check_in.due_at
    hours = int(late.total_seconds() // 3600)
    span = f"{hours} hours" if hours != 1 else "1 hour"
    return f"Not sent: it was due {span} ago, too long ago to be worth sending."
