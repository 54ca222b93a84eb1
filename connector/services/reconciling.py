"""Reconciling: what the provider lists and we do not have is taken in through the same door.

A provider tells us once. If our host was down, its own list is the only place where a reply still
is, so it is compared every few minutes, always from an hour before the last good comparison.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from connector.domain.reply import Inbound, Source
from connector.services import inbound
from connector.store import listings

log = structlog.get_logger()

OVERLAP = timedelta(hours=1)
FIRST_LOOK = timedelta(hours=24)


def since(session: Session, channel: str, *, now: datetime) -> datetime:
    """From when the list is to be compared."""
    good_until = listings.good_until(session, channel)
    return (good_until or now - FIRST_LOOK + OVERLAP) - OVERLAP


def take_in(session: Session, texts: Iterable[Inbound], *, now: datetime) -> int:
    """Take in what the list holds. Returns how many had never come."""
    return sum(inbound.receive(session, text, now=now, source=Source.RECOVERED) for text in texts)


def compared(session: Session, channel: str, *, until: datetime, recovered: int) -> None:
    """The list is compared up to `until`; texts that had never come are counted and logged."""
    listings.compared(session, channel, until=until, recovered=recovered)
    if recovered:
        log.warning("texts recovered from the provider's list", channel=channel, count=recovered)
