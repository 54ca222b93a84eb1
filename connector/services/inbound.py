"""A text at the door: stored first and once, read later.

An exact STOP takes effect here, in the same transaction; nothing else is decided in the request.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from connector.domain.reading import is_exact_start, is_exact_stop
from connector.domain.reply import Inbound, Source
from connector.services.jobs import Job, later
from connector.store import numbers, replies, stops
from connector.store.base import blind_index


def is_plain(inbound: Inbound) -> bool:
    """Whether storing the text is all there is to do, so that one statement is enough."""
    return not (is_exact_stop(inbound.body) or is_exact_start(inbound.body))


def receive(
    session: Session, inbound: Inbound, *, now: datetime, source: Source = Source.WEBHOOK
) -> bool:
    """Keep a text from outside. False when it was here already; then nothing else happens.

    It counts from when the provider had it, where that is known: a recovered START never undoes a
    STOP that came after it, nor a recovered STOP the START after it.
    """
    at = min(inbound.received_at or now, now)
    stopping = is_exact_stop(inbound.body)
    if not replies.receive(session, inbound, stops=stopping, source=source, now=at):
        return False
    if stopping:
        stop(session, blind_index(inbound.sender), inbound.channel, at=at)
    elif is_exact_start(inbound.body):
        _start(session, blind_index(inbound.sender), at)
    later(session, Job.TRIAGE)
    return True


def _start(session: Session, sender_index: bytes, at: datetime) -> None:
    """On a shared number nobody knows yet whose word it is, so the stop stays for now."""
    if len(numbers.sharing(session, sender_index)) < 2:
        stops.lift(session, sender_index, until=at)


def stop(session: Session, sender_index: bytes, channel: str, *, at: datetime) -> bool:
    """No text goes to this number any more. False when it has sent a START since `at`."""
    if any(is_exact_start(body) for body in replies.since(session, sender_index, at)):
        return False
    stops.add(session, sender_index, channel, now=at)
    return True
