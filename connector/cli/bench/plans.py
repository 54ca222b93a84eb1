"""Planning: check-ins of the coming days made in bulk, against the bare SQL for the same rows."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import Date, bindparam, text

from connector import clock
from connector.cli.bench import people
from connector.cli.bench.ground import Ground
from connector.cli.bench.measure import Figure, Kind, alternate, figure
from connector.domain.programme import Programme
from connector.services import planning
from connector.store.base import UtcDateTime

PLANNED = Kind(
    "planning",
    "check-ins of the next 14 days planned, rows",
    "bare INSERT .. SELECT of those rows",
    "/s",
)
BARE = text(
    "INSERT INTO check_in (resident_id, programme_id, occurrence, slot, number, due_at, "
    "expires_at, state, why) SELECT resident_id, :programme, :day, 0, 1, :due, :due, 'planned', '' "
    "FROM enrolment WHERE programme_id = :programme"
).bindparams(bindparam("day", type_=Date), bindparam("due", type_=UtcDateTime))


def plan(ground: Ground) -> list[Figure]:
    """Everybody of a programme, planned by the service and by one statement an occurrence."""
    turns = count(1)
    now = clock.now()
    with ground.wiring.transaction() as session:
        connector = people.a_connector(session)
        amount = min(ground.sizes.planned, 2000)
        people.some_residents(session, amount, connector, now=now)
    people.multiply_residents(ground.engine, ground.sizes.planned)

    def ours() -> float:
        programme = _everybody_on(ground, f"Ours {next(turns)}", now)
        start = time.perf_counter()
        with ground.wiring.transaction() as session:
            made = planning.plan_programme(
                session, programme.id, calendar=ground.wiring.calendar, now=now
            )
        return made / (time.perf_counter() - start)

    def theirs() -> float:
        programme = _everybody_on(ground, f"Bare {next(turns)}", now)
        start = time.perf_counter()
        made = 0
        with ground.engine.execution_options(writes=True).begin() as connection:
            for day in range(1, 5):
                due = now + timedelta(days=3 * day)
                values = {"programme": programme.id, "day": due.date(), "due": due}
                made += connection.execute(BARE, values).rowcount
        return made / (time.perf_counter() - start)

    theirs(), ours()
    return [figure(PLANNED, alternate(ground.sizes.rounds, theirs, ours))]


def _everybody_on(ground: Ground, name: str, now: datetime) -> Programme:
    today = now.date()
    with ground.wiring.transaction() as session:
        programme = people.a_programme(session, name=name, starts_on=today)
        people.enrol_everybody(session, programme.id, on=today)
    return programme
