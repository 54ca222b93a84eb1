"""The preview of a cadence: everybody's dates before and after, against reading the same rows."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Date, bindparam, text
from sqlalchemy.orm import Session

from connector import clock
from connector.cli.bench import people
from connector.cli.bench.ground import Ground
from connector.cli.bench.measure import Better, Figure, Kind, alternate, figure
from connector.domain.cadence import Weekday
from connector.domain.programme import Programme
from connector.domain.working_hours import WorkingHours
from connector.services import cadences, planning
from connector.store import programmes, texting_rules
from connector.store.base import UtcDateTime

PREVIEWED = Kind(
    "preview",
    "a change for everybody of a programme previewed, people",
    "bare SELECTs of the same rows, fetched",
    "/s",
)
WAIT = Kind("preview wait", "the same preview", "the same SELECTs", "ms", Better.LESS)
SENT_WEEKS = 4
ENROLLED = text(
    "SELECT e.resident_id, r.zone, e.own, e.started_on, e.spread, p.at FROM enrolment e "
    "JOIN resident r ON r.id = e.resident_id LEFT JOIN "
    "(SELECT resident_id, max(attempted_at) AS at "
    "FROM check_in WHERE programme_id = :programme AND slot = 0 GROUP BY resident_id) p "
    "ON p.resident_id = e.resident_id WHERE e.programme_id = :programme AND e.ended_on IS NULL"
)
RECENT = text(
    "SELECT resident_id, due_at FROM check_in WHERE state = 'attempted' AND due_at > :since "
    "AND resident_id IN (SELECT resident_id FROM enrolment WHERE programme_id = :programme)"
).bindparams(bindparam("since", type_=UtcDateTime))
SENT = text(
    "INSERT INTO check_in (resident_id, programme_id, occurrence, slot, part, revision, number, "
    "due_at, expires_at, state, moved, why, attempted_at) SELECT resident_id, programme_id, "
    ":day, 0, 'check_in', '', 1, :due, :due, 'attempted', '', '', :due FROM enrolment"
).bindparams(bindparam("day", type_=Date), bindparam("due", type_=UtcDateTime))
OWN = text("UPDATE enrolment SET own = 'WED 14:00' WHERE resident_id % 10 = 3")
AWAY = text("UPDATE resident SET zone = 'Europe/Warsaw' WHERE id % 20 = 7")
JOINED = text("UPDATE enrolment SET started_on = :day WHERE resident_id % 100 = :nth").bindparams(
    bindparam("day", type_=Date)
)


def preview(ground: Ground) -> list[Figure]:
    """From Tuesdays and Fridays to Thursdays, for people who have had four weeks of texts."""
    amount = ground.sizes.previewed
    programme = _everybody_on(ground, amount)
    draft = replace(
        programme, cadence=replace(programme.cadence, days=(Weekday.THU,), from_joining=True)
    )

    def ours() -> float:
        start = time.perf_counter()
        with ground.wiring.reading() as session:
            found = _previewed(ground, session, draft)
        assert found.people == amount
        return time.perf_counter() - start

    def theirs() -> float:
        start = time.perf_counter()
        since = clock.now() - timedelta(days=28)
        with ground.engine.connect() as connection:
            connection.execute(ENROLLED, {"programme": programme.id}).all()
            connection.execute(RECENT, {"programme": programme.id, "since": since}).all()
        return time.perf_counter() - start

    theirs(), ours()
    pairs = alternate(ground.sizes.rounds, theirs, ours)
    rates = [(amount / floor, amount / found) for floor, found in pairs]
    waits = [(1000 * floor, 1000 * found) for floor, found in pairs]
    return [figure(PREVIEWED, rates), figure(WAIT, waits)]


def _previewed(ground: Ground, session: Session, draft: Programme) -> cadences.Preview:
    return cadences.preview(
        session,
        draft.id,
        draft,
        rules=texting_rules.load(session, ground.wiring.calendar),
        hours=WorkingHours(),
        now=clock.now(),
    )


def _everybody_on(ground: Ground, amount: int) -> Programme:
    """Everybody on one programme, planned, with their texts of the last weeks."""
    now = clock.now()
    with ground.wiring.transaction() as session:
        connector = people.a_connector(session)
        people.some_residents(session, min(amount, 2000), connector, now=now)
    people.multiply_residents(ground.engine, amount)
    with ground.wiring.transaction() as session:
        started = now.date() - timedelta(weeks=SENT_WEEKS)
        programme = people.a_programme(session, starts_on=started)
        people.enrol_everybody(session, programme.id, on=started)
        programmes.spread_again(session, programme.id, programme.cadence.spread)
        _let_them_differ(session, started)
        for week in range(1, SENT_WEEKS + 1):
            due = now - timedelta(weeks=week)
            session.execute(SENT, {"day": due.date(), "due": due})
        planning.plan_programme(session, programme.id, calendar=ground.wiring.calendar, now=now)
    ground.settle()
    return programme


def _let_them_differ(session: Session, last: date) -> None:
    """Some have a pace of their own or live elsewhere, and they joined on a hundred days."""
    session.execute(OWN)
    session.execute(AWAY)
    for nth in range(100):
        session.execute(JOINED, {"day": last - timedelta(days=3 * nth), "nth": nth})
