"""What the provider's own list of messages says, read without guessing.

A listed message carries neither our attempt's id nor its address for receipts, so an attempt is
known again only by number, words and time. Several equal texts to one number, or anything else that
could be meant, stay not known; and only an empty window says that a text never left. It calls
nobody: `twilio` fetches the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from connector.domain.attempt import Sought
from connector.domain.reply import Inbound

CLOCKS_DIFFER = timedelta(minutes=1)
LISTED_AFTER = timedelta(minutes=5)
"""How old an attempt must be before its absence means anything: a list may lag behind a send."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One message of the provider's list. `at` is when the provider made it, aware UTC."""

    sid: str
    to: str
    sender: str
    body: str
    inbound: bool
    status: str
    error_code: str
    media: int
    at: datetime
    received_at: datetime


def listed(message: Any) -> Listed:
    """A message of the vendor's client as a value of ours."""
    made = message.date_created or message.date_sent or datetime.min.replace(tzinfo=UTC)
    media = str(message.num_media or "0")
    return Listed(
        sid=str(message.sid or ""),
        to=str(message.to or ""),
        sender=str(message.from_ or ""),
        body=str(message.body or ""),
        inbound=_word(message.direction) == "inbound",
        status=_word(message.status),
        error_code=str(message.error_code or ""),
        media=int(media) if media.isdecimal() else 0,
        at=made,
        received_at=message.date_sent or made,
    )


def inbound_of(message: Listed, *, channel: str) -> Inbound:
    """A listed text from a resident, as the webhook would have brought it."""
    return Inbound(
        channel,
        message.sid[:64],
        message.sender[:64],
        message.to[:64],
        message.body,
        message.media,
        message.received_at,
    )


def window(sought: Sequence[Sought]) -> datetime:
    """The moment from which messages to one number may be what is sought."""
    return min(one.marked_at for one in sought) - CLOCKS_DIFFER


def match(sought: Sequence[Sought], held: Iterable[Listed]) -> dict[UUID, Listed]:
    """Which attempts are which messages: one attempt, one message, same number, same words."""
    held = tuple(held)
    found = {}
    for one in sought:
        candidates = [message for message in _in_window(one, held) if message.body == one.body]
        if len(candidates) == 1 and not _twins(one, sought):
            found[one.attempt_id] = candidates[0]
    return found


def absent(
    sought: Sequence[Sought], held: Iterable[Listed], found: dict[UUID, Listed], *, now: datetime
) -> tuple[UUID, ...]:
    """The attempts that surely never left, given everything the provider holds for their number.

    Any message in an attempt's window that nobody accounts for may be that attempt, whatever it
    says: the provider may have changed its words.
    """
    held = tuple(held)
    explained = {message.sid for message in found.values()}
    return tuple(
        one.attempt_id
        for one in sought
        if one.attempt_id not in found
        and now - one.marked_at >= LISTED_AFTER
        and not [message for message in _in_window(one, held) if message.sid not in explained]
    )


def _in_window(one: Sought, held: Iterable[Listed]) -> list[Listed]:
    return [
        message
        for message in held
        if not message.inbound
        and message.to == one.to
        and message.at >= one.marked_at - CLOCKS_DIFFER
        and message.sid not in one.taken
    ]


def _twins(one: Sought, sought: Sequence[Sought]) -> bool:
    return any(
        other.attempt_id != one.attempt_id and (other.to, other.body) == (one.to, one.body)
        for other in sought
    )


def _word(value: Any) -> str:
    """The vendor's enums and plain strings alike, as a word in small letters."""
    return str(getattr(value, "value", value) or "").lower()
