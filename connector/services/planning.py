"""Planning: cadences become check-ins ahead of time, in bulk, once per occurrence.

Plans nothing for a person by itself and never a row at a time: the people of a programme who get
their texts at the same moments are a group, and all groups are planned by one statement. Running it
twice changes nothing. After a change of cadence or of somebody's pace what was not yet sent is
planned again, nobody twice and nobody in a burst (`cadence.clear_since`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from connector.domain.cadence import Cadence, Override, clear_since, occurrences, zone_named
from connector.domain.calendar import Calendar
from connector.domain.errors import Invalid
from connector.domain.programme import Programme
from connector.services.jobs import Job, later
from connector.store import check_ins, programmes
from connector.store.check_ins import Slot
from connector.store.programmes import Group

AHEAD = timedelta(days=14)
LOOK_BACK = timedelta(days=14)
"""How long ago a date may lie whose text was moved to a day that is still to come."""
log = structlog.get_logger()


def plan_programme(
    session: Session, programme_id: int, *, calendar: Calendar | None, now: datetime
) -> int:
    """Plan the next days of one programme. Returns how many check-ins are new.

    The programme is read under its lock, so that a change made meanwhile counts.
    """
    programmes.lock(session, programme_id)
    programme = programmes.by_id(session, [programme_id])[programme_id]
    planned_to = programmes.planned_to(session, programme.id)
    newcomers = programmes.newcomers(session, programme.id)
    if not newcomers and planned_to and all(_ahead(planned_to, zone, now) for zone in planned_to):
        return 0
    by_joining = programme.cadence.needs_joining
    groups = programmes.groups(session, programme.id, by_joining=by_joining)
    planner = _Planner(programme, calendar, now)
    made = 0
    for fresh in (False, True):
        slots = list(planner.slots(groups, planned_to, fresh=fresh))
        made += check_ins.plan(
            session,
            programme.id,
            slots,
            revision=programme.cadence.revision(),
            by_joining=by_joining,
            fresh=fresh,
            spaced=fresh or any(slot.due_at - slot.clear_since > AHEAD for slot in slots),
        )
    for zone in {*planned_to, *(group.zone for group in groups)}:
        if not planner.knows(zone):
            continue
        programmes.set_planned_to(session, programme.id, zone, _last(zone, now))
    programmes.settled(session, newcomers)
    return made


def plan_afresh(session: Session, programme_id: int, *, now: datetime) -> None:
    """What of a programme has not been sent is planned again, by its new cadence, at once."""
    programmes.lock(session, programme_id)
    programme = programmes.by_id(session, [programme_id])[programme_id]
    check_ins.forget_unsent(session, programme_id=programme_id, now=now)
    programmes.spread_again(session, programme_id, programme.cadence.spread)
    programmes.fresh_again(session, programme_id=programme_id)
    later(session, Job.PLAN)


def plan_people_afresh(
    session: Session,
    resident_ids: Iterable[int],
    programme_id: int | None = None,
    *,
    now: datetime,
) -> None:
    """What these residents have not been sent is planned again, of one programme or of all."""
    people = list(resident_ids)
    wanted = programmes.active_ids(session) if programme_id is None else [programme_id]
    for one in wanted:
        programmes.lock(session, one)
    check_ins.forget_unsent(session, programme_id=programme_id, resident_ids=people, now=now)
    programmes.fresh_again(session, programme_id=programme_id, resident_ids=people)
    later(session, Job.PLAN)


def plan_everything_afresh(session: Session, *, now: datetime) -> None:
    """What has not been sent is planned again, such as after a change of the opening hours."""
    for programme_id in programmes.active_ids(session):
        plan_afresh(session, programme_id, now=now)


@dataclass(frozen=True, slots=True)
class _Planner:
    """Works out the slots of groups, each group's cadence once."""

    programme: Programme
    calendar: Calendar | None
    now: datetime
    _cadences: dict[tuple[str, date | None], Cadence | None] = field(default_factory=dict)

    def slots(
        self, groups: Iterable[Group], planned_to: Mapping[str, date], *, fresh: bool
    ) -> Iterator[Slot]:
        """The slots that the groups of newcomers, or all other groups, still lack."""
        for group in groups:
            if group.fresh is not fresh or not self.knows(group.zone):
                continue
            today = self.now.astimezone(ZoneInfo(group.zone)).date()
            since = today - LOOK_BACK if fresh else max(_next(planned_to, group.zone, today), today)
            cadence = self._cadence(group)
            if cadence is not None and since <= today + AHEAD:
                yield from self._of_group(group, cadence, since, today + AHEAD)

    def knows(self, zone: str) -> bool:
        try:
            zone_named(zone)
        except Invalid:
            log.error("people of an unknown zone", programme=self.programme.id)
            return False
        return True

    def _of_group(self, group: Group, cadence: Cadence, since: date, until: date) -> Iterator[Slot]:
        for one in occurrences(
            cadence,
            zone=group.zone,
            since=since,
            until=until,
            calendar=self.calendar,
            spread=group.spread,
        ):
            if one.skipped is not None or one.due <= self.now:
                continue
            yield Slot(
                zone=group.zone,
                own=group.own,
                joined=group.joined,
                spread=group.spread,
                occurrence=one.date,
                number=one.number,
                due_at=one.due,
                expires_at=one.due + self.programme.timely_for,
                clear_since=clear_since(cadence, one.date, one.due),
                part=self.programme.part_on(cadence, one.date),
                moved=one.moved or "",
            )

    def _cadence(self, group: Group) -> Cadence | None:
        """The group's own cadence; None when it never asks for a text (any more)."""
        key = (group.own, group.joined)
        if key not in self._cadences:
            self._cadences[key] = self._personal(group)
        return self._cadences[key]

    def _personal(self, group: Group) -> Cadence | None:
        cadence = self.programme.cadence
        joined = group.joined or cadence.starts_on
        try:
            return cadence.personal(joined, Override.from_text(group.own))
        except Invalid as error:
            log.info("people without dates", programme=self.programme.id, why=str(error))
            return None


def _last(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date() + AHEAD


def _next(planned_to: Mapping[str, date], zone: str, today: date) -> date:
    """The first date of a zone that has not been planned."""
    return planned_to[zone] + timedelta(days=1) if zone in planned_to else today


def _ahead(planned_to: Mapping[str, date], zone: str, now: datetime) -> bool:
    """Whether a zone has been planned as far as it can be."""
    return planned_to[zone] >= _last(zone, now)
