"""An attempt to send one text, from the moment it is marked until its last receipt.

States only move forward: a late *sent* never undoes *delivered*. *Unknown* is a state of its own,
for a send whose answer we never saw; it is never sent again blindly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from uuid import UUID
from zoneinfo import ZoneInfo

from connector.domain.calendar import QuietHours


class Purpose(StrEnum):
    """Why a text goes. A follow-up is what an answer brings: the next question, or the closing.

    A welcome asks for the Y without which nothing else goes. *Again* is the open question once
    more, because they asked to be asked later.
    """

    CHECK_IN = "check_in"
    PROMPT = "prompt"
    NOTICE = "notice"
    ANSWER = "answer"
    FOLLOW_UP = "follow_up"
    WELCOME = "welcome"
    AGAIN = "again"
    STAFF = "staff"


class AttemptState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    SKIPPED = "skipped"

    @property
    def words(self) -> str:
        """The state as staff read it beside a text."""
        return _WORDS[self]

    @property
    def rank(self) -> int:
        return _RANK[self]


_WORDS = {
    AttemptState.QUEUED: "Waiting to go",
    AttemptState.SENDING: "Going out",
    AttemptState.UNKNOWN: "Not known whether it left; it will not be sent again by itself",
    AttemptState.ACCEPTED: "With the network",
    AttemptState.SENT: "Sent, not yet confirmed by the phone",
    AttemptState.DELIVERED: "Delivered",
    AttemptState.UNDELIVERED: "Did not arrive",
    AttemptState.REFUSED: "Could not be sent",
    AttemptState.SKIPPED: "Not sent",
}
_RANK = {
    AttemptState.QUEUED: 0,
    AttemptState.SENDING: 1,
    AttemptState.UNKNOWN: 2,
    AttemptState.ACCEPTED: 3,
    AttemptState.SENT: 4,
    AttemptState.REFUSED: 5,
    AttemptState.SKIPPED: 5,
    AttemptState.UNDELIVERED: 5,
    AttemptState.DELIVERED: 6,
}


SOONEST_AGAIN = timedelta(minutes=30)
LATEST_AGAIN = timedelta(minutes=60)


def again_at(
    attempt_id: UUID, zone: str, *, not_after: datetime, quiet: QuietHours, now: datetime
) -> datetime | None:
    """When a text that found a phone off is tried once more; None when it is not worth it.

    Within the hour, later on the same day of the person's own clock, before the text is worthless
    and outside quiet hours. Nothing is random: the minute comes from a hash of the attempt's id.
    """
    digest = blake2b(attempt_id.bytes + b"again", digest_size=2).digest()
    part = int.from_bytes(digest, "big") / 0xFFFF
    at = now + SOONEST_AGAIN + part * (LATEST_AGAIN - SOONEST_AGAIN)
    local = at.astimezone(ZoneInfo(zone))
    same_day = local.date() == now.astimezone(ZoneInfo(zone)).date()
    return at if same_day and at < not_after and local.time() not in quiet else None


def earlier_than(state: AttemptState) -> tuple[AttemptState, ...]:
    """The states from which an attempt may still move on to `state`."""
    return tuple(other for other in AttemptState if other.rank < state.rank)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text that is about to be handed to a channel, decided and marked."""

    attempt_id: UUID
    to: str
    body: str
    not_after: datetime


class Result(StrEnum):
    """What became of handing a text over. A closed set: vendors' codes stay at the border."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"


class Meaning(StrEnum):
    """What a refusal or a failed delivery says about the person's phone, or about us."""

    NONE = ""
    NUMBER_DEAD = "number_dead"
    LANDLINE = "landline"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    PHONE_OFF = "phone_off"
    NO_REASON = "no_reason"
    TOO_LATE = "too_late"
    OUR_SET_UP = "our_set_up"
    NOT_KNOWN = "not_known"

    @property
    def words(self) -> str:
        return _MEANINGS[self]

    def words_with(self, code: str) -> str:
        """The same beside a text; of a reason that nobody has mapped the raw code is shown."""
        return f"{self.words} (code {code})" if self is Meaning.NOT_KNOWN and code else self.words


_MEANINGS = {
    Meaning.NONE: "",
    Meaning.NUMBER_DEAD: "The network does not know this number",
    Meaning.LANDLINE: "This number is not a mobile",
    Meaning.OPTED_OUT: "The resident has stopped texts at the provider",
    Meaning.BLOCKED: "The phone or its network refuses our texts",
    Meaning.PHONE_OFF: "The phone was off or out of reach",
    Meaning.NO_REASON: "The network did not say why it did not arrive",
    Meaning.TOO_LATE: "The text waited too long and was dropped",
    Meaning.OUR_SET_UP: "Our own set-up is at fault",
    Meaning.NOT_KNOWN: "The provider gave a reason we do not know",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a channel for one attempt. `code` is the provider's own, kept as it came.

    `arrived` is set only by a channel that knows at once that the text is on the phone.
    """

    attempt_id: UUID
    result: Result
    provider_id: str = ""
    code: str = ""
    meaning: Meaning = Meaning.NONE
    retry_after: float | None = None
    arrived: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """A later word about an attempt, from the provider. `said` is its own word for the state."""

    attempt_id: UUID
    state: AttemptState
    provider_id: str = ""
    code: str = ""
    meaning: Meaning = Meaning.NONE
    said: str = ""

    @property
    def event(self) -> str:
        """What makes this word one of its kind: the same said again is no news."""
        return self.said or self.state.value


@dataclass(frozen=True, slots=True)
class Sought:
    """An attempt whose sending nobody saw, as a provider's own list is searched for it.

    `provider_id` is set where we know it. `taken` are the provider's ids that other attempts to the
    same number hold already; the more of them are known, the more can be said of this one.
    """

    attempt_id: UUID
    to: str
    body: str
    marked_at: datetime
    provider_id: str = ""
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What a provider's list says. Whoever was sought and is in neither is still not known.

    `absent` are the attempts that the provider surely never took.
    """

    receipts: tuple[Receipt, ...] = ()
    absent: tuple[UUID, ...] = ()
