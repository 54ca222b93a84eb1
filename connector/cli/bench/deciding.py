"""Deciding: what is due in one minute among a million people, claimed, weighed and marked.

Beside it the bare SQL that claims and marks as many rows in as many batches, and weighs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import Engine, Integer, bindparam, column, insert, literal, select, text

from connector import clock, rounds
from connector.cli.bench import people
from connector.cli.bench.ground import CannotMeasureError, Ground
from connector.cli.bench.measure import Figure, Kind, alternate, figure
from connector.services import dispatch
from connector.store import check_ins, texting_rules
from connector.store.base import UtcDateTime
from connector.store.bulk import given
from connector.store.tables import CheckInRow, ResidentRow

DECIDED = Kind(
    "deciding",
    "due check-ins of one minute among 1,000,000 residents claimed, decided, marked",
    "bare UPDATE of those rows, SKIP LOCKED, in batches",
    "/s",
)
MINUTE = timedelta(minutes=1)
MOST_ON_SQLITE = 50_000
TEXTS_BEFORE = 4  # what everybody had in the last weeks, which the cap looks at

_DUE = (column("minute", Integer), column("due", UtcDateTime), column("expires", UtcDateTime))
TEXTED = (
    "INSERT INTO attempt (id, resident_id, number, purpose, state, body, channel, code, why, "
    "made_at, due_at, not_after, marked_at, tries, asked_after) SELECT {id}, id, '', 'check_in', "
    "'delivered', '', 'twilio', '', '', :at, :at, :at, :at, 1, 0 FROM resident "
    "WHERE id % :minutes < :used"
)
NEW_ID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}
BARE = (
    "UPDATE check_in SET state = 'attempted', attempted_at = :now WHERE id IN (SELECT id FROM "
    "check_in WHERE programme_id = :programme AND state = 'planned' AND due_at <= :now "
    "ORDER BY due_at LIMIT :batch {lock}) RETURNING id, resident_id"
)
LOCK = {"postgresql": "FOR UPDATE SKIP LOCKED", "sqlite": ""}


class Minutes:
    """Everybody has one text due, each minute some thousands; a turn takes the next minute."""

    def __init__(self, ground: Ground) -> None:
        sizes = ground.sizes
        amount = min(sizes.decided, MOST_ON_SQLITE) if ground.is_sqlite else sizes.decided
        self.ground = ground
        self.start = clock.now()
        self._turns = count()
        self._minutes = max(1, amount // sizes.due)
        with ground.wiring.transaction() as session:
            people.text_at_all_hours(session, now=self.start)
            connector = people.a_connector(session)
            self.programme = people.a_programme(session, starts_on=self.start.date())
            people.some_residents(session, min(amount, 2000), connector, now=self.start)
        people.multiply_residents(ground.engine, amount)
        self._plan(ground.engine)
        ground.settle()

    def _plan(self, engine: Engine) -> None:
        """In the order of the people, as planning does it: a minute's rows lie far apart."""
        span = [(nth, self.start + nth * MINUTE) for nth in range(self._minutes)]
        with self.ground.wiring.transaction() as session:
            rows = [(nth, due, due + timedelta(hours=4)) for nth, due in span]
            minutes = given(session, _DUE, rows)
            columns = {
                "resident_id": ResidentRow.id,
                "programme_id": literal(self.programme.id),
                "occurrence": literal(self.start.date()),
                "slot": literal(0),
                "number": literal(1),
                "due_at": minutes.c.due,
                "expires_at": minutes.c.expires,
                "state": literal("planned"),
                "why": literal(""),
            }
            texts = select(*columns.values()).join(
                minutes, minutes.c.minute == ResidentRow.id % self._minutes
            )
            planned = insert(CheckInRow).from_select(
                list(columns), texts.order_by(ResidentRow.id), include_defaults=False
            )
            session.execute(planned)
        texted = text(TEXTED.format(id=NEW_ID[engine.dialect.name]))
        texted = texted.bindparams(bindparam("at", type_=UtcDateTime))
        with engine.execution_options(writes=True).begin() as connection:
            for weeks in range(1, TEXTS_BEFORE):
                at = self.start - timedelta(weeks=weeks)
                used = {"at": at, "used": 2 * (self.ground.sizes.rounds + 1)}
                connection.execute(texted, {"minutes": self._minutes, **used})

    def next(self, work: Callable[[datetime], int]) -> float:
        """What `work` does of the next minute, a second."""
        now = self.start + next(self._turns) * MINUTE
        began = time.perf_counter()
        done = 0
        while some := work(now):
            done += some
        if not done:
            raise CannotMeasureError("Nothing was due in this minute.")
        return done / (time.perf_counter() - began)

    def ours(self, now: datetime) -> int:
        """A batch as the service takes it: claimed, decided, marked."""
        with self.ground.wiring.transaction() as session:
            rules = texting_rules.load(session, None)
            share = {self.programme.id: rounds.SEND_BATCH}
            (claimed,) = dispatch.decided(session, share, rules, now)
            ids = [one.due.check_in.id for one in claimed.ready]
            check_ins.mark_attempted(session, {(now, None): ids}, now=now)
        return len(ids)

    def theirs(self, now: datetime) -> int:
        engine = self.ground.engine
        bare = text(BARE.format(lock=LOCK[engine.dialect.name]))
        bare = bare.bindparams(bindparam("now", type_=UtcDateTime))
        given = {"now": now, "programme": self.programme.id, "batch": rounds.SEND_BATCH}
        with engine.execution_options(writes=True).begin() as connection:
            return len(connection.execute(bare, given).all())


def decide(ground: Ground) -> list[Figure]:
    """One minute after another, in turns by the bare SQL and by the service."""
    minutes = Minutes(ground)
    minutes.next(minutes.theirs), minutes.next(minutes.ours)
    pairs = alternate(
        ground.sizes.rounds,
        lambda: minutes.next(minutes.theirs),
        lambda: minutes.next(minutes.ours),
    )
    return [figure(DECIDED, pairs)]
