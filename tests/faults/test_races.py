"""Two at the same rows, each stopped at the worst line: nobody waits for ever, nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, current_thread
from typing import Any

import pytest
from sqlalchemy import event, text

from connector import clock, rounds
from connector.domain.attempt import Meaning, Outcome, Outgoing, Result
from connector.domain.consent import AgreementState
from connector.domain.errors import AlreadyTaken
from connector.domain.flag import Outcome as Contact
from connector.domain.rota import Member
from connector.services import casework, inbound
from connector.settings import Settings
from connector.store import residents, usuals
from connector.store.tables import (
    AlertRow,
    CheckInRow,
    FlagRow,
    ReadingRow,
    ReasonRow,
    ReplyRow,
)
from connector.wiring import Wiring, build
from tests.conftest import wait_until
from tests.fakes import FakeChannel, SilentDoorbell, accepted
from tests.faults.around import sending_by, with_channel
from tests.faults.provider import StubProvider
from tests.faults.stage import later_on, live_settings, people_due, rows, states
from tests.makers import a_member, a_programme, a_resident, a_text

NOTHING_LEFT = 0


@pytest.fixture
def settings(database_url: str, provider: StubProvider, tmp_path: Path) -> Settings:
    return live_settings(database_url, "redis://127.0.0.1:1/0", provider.url, tmp_path)


class TestOnPostgres:
    """Locks that wait for each other exist here only: SQLite lets one writer in at a time."""

    pytestmark = pytest.mark.postgres

    @pytest.fixture
    def settings(self, postgres_url: str, provider: StubProvider, tmp_path: Path) -> Settings:
        return live_settings(postgres_url, "redis://127.0.0.1:1/0", provider.url, tmp_path)

    def test_a_stop_that_is_read_while_a_text_is_marked_waits_and_both_are_done(
        self, wiring: Wiring
    ) -> None:
        [resident_id] = people_due(wiring, 1, first=1)
        with stopped_before(wiring, "INSERT INTO attempt") as (at_line, go_on):
            sender = at_line(lambda: rounds.send(wiring, clock.now))
            arrives(wiring, "STOP")
            reader = beside(lambda: rounds.read(wiring, clock.now))
            until_somebody_waits_or(wiring, reader)
            go_on()
            assert (sender.result(timeout=10), reader.result(timeout=10)) == (1, 1)
        assert states(wiring) == {"accepted": 1}
        with wiring.reading() as session:
            assert residents.get(session, resident_id).agreement is AgreementState.WITHDRAWN

    def test_refusals_are_written_down_while_replies_of_the_same_people_are_read(
        self, wiring: Wiring
    ) -> None:
        people_due(wiring, 2, first=1)
        for n in (1, 2):
            arrives(wiring, "8", n=n, id_=f"SM{n}")
        refusing = sending_by(wiring, refuse_backwards)
        with stopped_before(wiring, "UPDATE resident") as (at_line, go_on):
            sender = at_line(lambda: rounds.send(refusing, clock.now))
            reader = beside(lambda: rounds.read(wiring, clock.now))
            until_somebody_waits_or(wiring, reader)
            go_on()
            assert (sender.result(timeout=10), reader.result(timeout=10)) == (2, 2)
        assert states(wiring) == {"refused": 2}
        assert len(rows(wiring, FlagRow)) == 2

    def test_who_comes_second_to_a_flag_is_told_who_has_it(self, wiring: Wiring) -> None:
        flag_id, priya, sam = a_flag(wiring)
        with wiring.transaction() as session:
            casework.take(session, flag_id, by=priya, now=clock.now())
            second = beside(lambda: take(wiring, flag_id, sam))
            until_somebody_waits_or(wiring, second)
        with pytest.raises(AlreadyTaken, match=priya.name):
            second.result(timeout=10)

    def test_a_reply_read_while_its_flag_is_finished_asks_again(self, wiring: Wiring) -> None:
        flag_id, priya, _sam = a_flag(wiring)
        take(wiring, flag_id, priya)
        arrives(wiring, "I want to die", id_="SM2")
        with wiring.transaction() as session:
            casework.finish(session, flag_id, Contact.SPOKE, "", by=priya, now=clock.now())
            reader = beside(lambda: rounds.read(wiring, clock.now))
            until_somebody_waits_or(wiring, reader)
        assert reader.result(timeout=10) == 1
        assert Counter(flag.state for flag in rows(wiring, FlagRow)) == {"done": 1, "new": 1}

    def test_two_replies_of_one_person_read_by_two_workers_join_one_flag(
        self, wiring: Wiring
    ) -> None:
        with wiring.transaction() as session:
            a_resident(session, n=1, now=clock.now())
        arrives(wiring, "I want to die", id_="SM1")
        with stopped_before(wiring, "INSERT INTO flag ") as (at_line, go_on):
            first = at_line(lambda: rounds.read(wiring, clock.now))
            arrives(wiring, "I want to die", id_="SM2")
            second = beside(lambda: rounds.read(wiring, clock.now))
            until_somebody_waits_or(wiring, second)
            go_on()
            assert (first.result(timeout=10), second.result(timeout=10)) == (1, 1)
        assert len(rows(wiring, FlagRow)) == 1
        assert len(rows(wiring, ReadingRow)) == 2
        assert {reason.reply_id for reason in rows(wiring, ReasonRow)} == {
            reply.id for reply in rows(wiring, ReplyRow)
        }

    def test_somebody_who_joins_while_a_programme_is_planned_is_planned_next(
        self, wiring: Wiring
    ) -> None:
        today = clock.now().date()
        with wiring.transaction() as session:
            programme_id = a_programme(session, starts_on=today)
            early = a_resident(session, programme_id, n=1, now=clock.now())
        with stopped_before(wiring, "UPDATE enrolment") as (at_line, go_on):
            planner = at_line(lambda: rounds.plan(wiring, clock.now))
            with wiring.transaction() as session:
                late = a_resident(session, programme_id, n=2, now=clock.now())
            go_on()
            planner.result(timeout=10)
        rounds.plan(wiring, clock.now)
        planned = Counter(row.resident_id for row in rows(wiring, CheckInRow))
        assert planned[late] == planned[early] > 0


def test_a_second_sender_finds_nothing_of_what_the_first_is_sending(wiring: Wiring) -> None:
    people_due(wiring, 5)
    second = FakeChannel()

    def while_sending(outgoing: Outgoing) -> Outcome:
        assert rounds.send(with_channel(wiring, second), clock.now) == NOTHING_LEFT
        return accepted(outgoing)

    first = FakeChannel(while_sending)
    rounds.send(with_channel(wiring, first), clock.now)
    assert (len(first.handed), len(second.handed)) == (5, 0)


def test_a_second_teller_finds_nothing_of_what_the_first_is_telling(wiring: Wiring) -> None:
    a_flag(wiring)
    second = FakeChannel()

    def while_telling(outgoing: Outgoing) -> Outcome:
        assert rounds.tell(with_channel(wiring, second), clock.now) == NOTHING_LEFT
        return accepted(outgoing)

    first = FakeChannel(while_telling)
    rounds.tell(with_channel(wiring, first), clock.now)
    assert len(first.handed) == len(rows(wiring, AlertRow)) > 0
    assert second.handed == []


def test_an_alert_whose_teller_died_is_told_again(wiring: Wiring) -> None:
    def dies(_batch: Sequence[Outgoing]) -> list[Outcome]:
        raise KeyboardInterrupt

    a_flag(wiring)
    with pytest.raises(KeyboardInterrupt):
        rounds.tell(sending_by(wiring, dies), clock.now)
    second = FakeChannel()
    rounds.tell(with_channel(wiring, second), later_on)
    assert len(second.handed) == len(rows(wiring, AlertRow)) > 0


def test_an_alert_that_waits_speaks_of_the_most_urgent_that_is_known(wiring: Wiring) -> None:
    a_flag(wiring)
    arrives(wiring, "I want to die", id_="SM2")
    rounds.read(wiring, clock.now)
    channel = FakeChannel()
    rounds.tell(with_channel(wiring, channel), clock.now)
    assert len(channel.bodies) == len(rows(wiring, AlertRow)) > 0
    assert all("look in on now" in body for body in channel.bodies)


def test_a_history_that_cannot_be_used_holds_up_nobody_elses_reply(wiring: Wiring) -> None:
    [broken, _other] = people_due(wiring, 2, first=1)
    rounds.send(with_channel(wiring, FakeChannel()), clock.now)
    programme_id = rows(wiring, CheckInRow)[0].programme_id
    with wiring.transaction() as session:
        usuals.save(session, {(broken, programme_id): usuals.State({"not": "a usual"}, None)})
    arrives(wiring, "7", n=1, id_="SM1")
    arrives(wiring, "I want to die", n=2, id_="SM2")
    assert rounds.read(wiring, clock.now) == 2
    assert len(rows(wiring, FlagRow)) == 2
    assert "unread" in {reason.kind for reason in rows(wiring, ReasonRow)}


def test_a_stop_at_the_door_holds_back_what_is_due_before_anybody_has_read_it(
    wiring: Wiring, provider: StubProvider
) -> None:
    people_due(wiring, 1, first=1)
    arrives(wiring, "STOP")
    rounds.send(wiring, clock.now)
    assert provider.asked == []
    assert [row.state for row in rows(wiring, CheckInRow)] == ["skipped"]


def test_on_sqlite_whoever_will_write_takes_the_lock_when_they_begin(
    sqlite_url: str, provider: StubProvider, tmp_path: Path
) -> None:
    """A reader that becomes a writer could be refused in the middle; nobody does that."""
    settings = live_settings(sqlite_url, "redis://127.0.0.1:1/0", provider.url, tmp_path)
    wiring = build(settings, doorbell=SilentDoorbell())
    written: Counter[bool] = Counter()

    @event.listens_for(wiring.engine, "before_cursor_execute")
    def _look(connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if statement.split()[0] in {"INSERT", "UPDATE", "DELETE", "WITH"}:
            written[connection.get_execution_options().get("writes", False)] += 1

    flag_id, priya, _sam = a_flag(wiring)
    take(wiring, flag_id, priya)
    people_due(wiring, 2, first=10)
    for work in (rounds.plan, rounds.send, rounds.read, rounds.tell, rounds.close):
        work(wiring, clock.now)
    rounds.settle(wiring, clock.now)
    rounds.wake(wiring, clock.now)
    wiring.close()
    assert set(written) == {True}


def refuse_backwards(batch: Sequence[Outgoing]) -> list[Outcome]:
    """Every number is refused, the last of a batch first."""
    return [
        Outcome(one.attempt_id, Result.REFUSED, code="21211", meaning=Meaning.NUMBER_DEAD)
        for one in reversed(batch)
    ]


def arrives(wiring: Wiring, body: str, *, n: int = 1, id_: str = "SM1") -> None:
    with wiring.transaction() as session:
        inbound.receive(session, a_text(body, n=n, id_=id_), now=clock.now())


def take(wiring: Wiring, flag_id: int, by: Member) -> None:
    with wiring.transaction() as session:
        casework.take(session, flag_id, by=by, now=clock.now())


def a_flag(wiring: Wiring) -> tuple[int, Member, Member]:
    """An open flag, its resident's connector, and another connector."""
    with wiring.transaction() as session:
        priya = a_member(session)
        sam = a_member(session, "Sam Reed", n=901)
        a_resident(session, n=1, connector_id=priya.id, now=clock.now() - timedelta(days=1))
    arrives(wiring, "Please can somebody ring me")
    rounds.read(wiring, clock.now)
    [flag] = rows(wiring, FlagRow)
    return flag.id, priya, sam


POOL = ThreadPoolExecutor(4, thread_name_prefix="beside")


def beside(work: Callable[[], Any]) -> Future[Any]:
    """`work`, begun in another thread."""
    return POOL.submit(work)


@contextmanager
def stopped_before(
    wiring: Wiring, statement: str
) -> Iterator[tuple[Callable[[Callable[[], Any]], Future[Any]], Callable[[], None]]]:
    """Gives two functions: one begins work that stops before `statement`, the other lets it go."""
    there, go, threads = Event(), Event(), set()

    def stop(*given: Any) -> None:
        mine = current_thread() in threads
        if mine and not there.is_set() and given[2].startswith(statement):
            there.set()
            go.wait(timeout=20)

    def at_line(work: Callable[[], Any]) -> Future[Any]:
        def marked() -> Any:
            threads.add(current_thread())
            try:
                return work()
            finally:
                threads.discard(current_thread())

        begun = beside(marked)
        wait_until(lambda: there.is_set() or begun.done(), f"somebody is at {statement}")
        assert there.is_set(), f"nobody came to {statement}"
        return begun

    event.listen(wiring.engine, "before_cursor_execute", stop)
    try:
        yield at_line, go.set
    finally:
        go.set()
        event.remove(wiring.engine, "before_cursor_execute", stop)


WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def until_somebody_waits_or(wiring: Wiring, done: Future[Any]) -> None:
    """Until a statement waits for another transaction, or `done` did not need to."""

    def waits() -> bool:
        with wiring.reading() as session:
            return done.done() or bool(session.scalar(WAITING))

    wait_until(waits, "somebody waits for a lock")
