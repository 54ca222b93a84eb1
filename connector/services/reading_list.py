"""The reading list: what residents wrote reaches human eyes, and it is known whose and when.

A reply leaves the list when somebody says that they have read it, or when whoever has taken its
flag opens it. What nobody has read in time becomes a reason of its own. Marks teach nothing: no
rule, model or usual ever hears of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.rota import Member
from connector.domain.signals import not_seen
from connector.domain.working_hours import WorkingHours
from connector.services.flagging import Noticed, raise_or_join
from connector.store import audit, reading_list, residents


def seen(session: Session, reply_id: int, *, by: Member, now: datetime) -> bool:
    """`by` has read this reply. False when somebody had before, or it is not on the list."""
    return _seen(session, [reply_id], by, now) > 0


def flag_opened(session: Session, flag_id: int, *, by: Member, now: datetime) -> int:
    """Whoever has taken a flag looks at it: its evidence has been read. How many were new."""
    return _seen(session, reading_list.evidence_of(session, flag_id), by, now)


def unread_again(session: Session, reply_id: int, *, by: Member, now: datetime) -> bool:
    """`by` had not read it after all; it is back where it was. Only their own mark is undone."""
    undone = reading_list.unmark(session, reply_id, by=by.id)
    if undone:
        audit.append(session, "reply not read", "reply", reply_id, by=by.id, now=now)
    return undone


def chase(session: Session, *, limit: int, hours: WorkingHours, now: datetime) -> int:
    """What nobody has read in time raises a reason, once. Returns how many replies that were."""
    late = reading_list.claim_late(session, limit, now=now)
    people = residents.lock(session, {one.resident_id for one in late})
    noticed = []
    for one in late:
        writer = people[one.resident_id]
        zone = ZoneInfo(writer.zone)
        signal = not_seen(
            writer.known_as,
            received=one.received_at.astimezone(zone).date(),
            today=now.astimezone(zone).date(),
        )
        noticed.append(Noticed(writer.id, writer.connector_id, (signal,), one.reply_id))
    raise_or_join(session, noticed, hours=hours, now=now)
    return len(late)


def _seen(session: Session, reply_ids: Iterable[int], by: Member, now: datetime) -> int:
    marked = reading_list.mark(session, reply_ids, by=by.id, now=now)
    for reply_id in marked:
        audit.append(session, "reply read", "reply", reply_id, by=by.id, now=now)
    return len(marked)
