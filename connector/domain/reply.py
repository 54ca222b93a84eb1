"""A reply: the words as they arrived. Never edited, never answered with an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """How somebody's words found their way here."""

    WEBHOOK = "webhook"
    FALLBACK = "fallback"
    RECOVERED = "recovered"
    BY_PHONE = "by_phone"
    BY_VISIT = "by_visit"

    @property
    def words(self) -> str:
        return _WAYS[self]


@dataclass(frozen=True, slots=True)
class Inbound:
    """One text at the door, as a channel understood it. `sender` is E.164 where it can be.

    `received_at` is when the provider had it, where the provider says so.
    """

    channel: str
    provider_id: str
    sender: str
    to: str
    body: str
    media: int = 0
    received_at: datetime | None = None


_WAYS = {
    Source.WEBHOOK: "",
    Source.FALLBACK: "came by the fallback address",
    Source.RECOVERED: "came by the provider's own list",
    Source.BY_PHONE: "said on the phone",
    Source.BY_VISIT: "said on a visit",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A stored reply. `resident_id` is None until a person is found for its number."""

    id: int
    sender_index: bytes
    body: str
    media: int
    received_at: datetime
