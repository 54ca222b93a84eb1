"""Planning: cadences become check-ins ahead of time, in bulk, once per occurrence.

Plans nothing for a person by itself and never a row at a time: the people of a programme who share
a time zone are planned by one statement an occurrence. Running it twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.cadence import Occurrence, occurrences
from connector.domain.calendar import Calendar
from connector.domain.programme import Programme
from connector.services.jobs import Job, later
from connector.store import check_ins, programmes

AHEAD = timedelta(days=14)


def plan_programme(
    session: Session, programme: Programme, *, calendar: Calendar | None, now: datetime
) -> int:
    """Plan the next days of one programme. Returns how many check-ins are new."""
    planned_to = programmes.planned_to(session, programme.id)
    newcomers = programmes.newcomers(session, programme.id)
    made = 0
    for zone in programmes.zones(session, programme.id, fresh=False):
        today = now.astimezone(ZoneInfo(zone)).date()
        last = today + AHEAD
        since = max(planned_to.get(zone, today - timedelta(days=1)) + timedelta(days=1), today)
        if since <= last:
            made += _plan(session, programme, zone, since, last, calendar, now, fresh_only=False)
            programmes.set_planned_to(session, programme.id, zone, last)
    for zone in programmes.zones(session, programme.id, fresh=True):
        today = now.astimezone(ZoneInfo(zone)).date()
        made += _plan(
            session, programme, zone, today, today + AHEAD, calendar, now, fresh_only=True
        )
    programmes.settled(session, newcomers)
    return made


def plan_afresh(session: Session, programme_id: int, *, now: datetime) -> None:
    """What of a programme has not been sent is planned again, by its new cadence, at once."""
    check_ins.forget_planned(session, programme_id, now=now)
    programmes.forget_plan(session, programme_id)
    later(session, Job.PLAN)


def _plan(
    session: Session,
    programme: Programme,
    zone: str,
    since: date,
    until: date,
    calendar: Calendar | None,
    now: datetime,
    *,
    fresh_only: bool,
) -> int:
    """Every occurrence from `since` to `until`, with its times for each spread that is in use."""
    by_occurrence: dict[tuple[date, int], list[check_ins.Slot]] = {}
    widest = programme.cadence.spread
    for spread in range(-widest, widest + 1):
        found = occurrences(
            programme.cadence, zone=zone, since=since, until=until, calendar=calendar, spread=spread
        )
        for occurrence in _still_ahead(found, now):
            slot = check_ins.Slot(spread, occurrence.due, occurrence.due + programme.timely_for)
            by_occurrence.setdefault((occurrence.date, occurrence.number), []).append(slot)
    return sum(
        check_ins.plan(session, programme.id, zone, day, number, slots, fresh_only=fresh_only)
        for (day, number), slots in by_occurrence.items()
    )


def _still_ahead(found: Iterable[Occurrence], now: datetime) -> Iterable[Occurrence]:
    return (one for one in found if one.skipped is None and one.due > now)
