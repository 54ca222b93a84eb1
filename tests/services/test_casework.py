"""What connectors do with a flag: the state, the event and the audit are one act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector import rounds
from connector.domain.errors import AlreadyTaken, NotFound, NotYours
from connector.domain.flag import Flag, FlagEventKind, FlagState, Outcome
from connector.domain.rota import Member
from connector.services import casework
from connector.store import views
from connector.store.tables import AuditRow
from tests.makers import Loop, a_member, a_resident


@pytest.fixture
def priya(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session)


@pytest.fixture
def morag(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session, "Morag Bell", n=901)


@pytest.fixture
def flag(loop: Loop, priya: Member) -> Flag:
    with loop.wiring.transaction() as session:
        who = a_resident(session, connector_id=priya.id, now=loop.clock())
    loop.says("can you ring me please")
    found = loop.flag(who)
    assert found is not None
    return found


def history(loop: Loop, flag: Flag) -> list[FlagEventKind]:
    with loop.wiring.reading() as session:
        return [event.kind for event in views.events(session, flag.id)][::-1]


def test_taken_contacted_finished(loop: Loop, flag: Flag, priya: Member) -> None:
    now = loop.clock()
    with loop.wiring.transaction() as session:
        casework.take(session, flag.id, by=priya, now=now)
        casework.log_contact(session, flag.id, Outcome.NO_ANSWER, "", by=priya, now=now)
        done = casework.finish(session, flag.id, Outcome.SPOKE, "well again", by=priya, now=now)
    assert (done.state, done.outcome, done.version) == (FlagState.DONE, Outcome.SPOKE, 4)
    assert loop.flag(flag.resident_id) is None
    assert [kind.value for kind in history(loop, flag)] == [
        "raised",
        "taken",
        "contact",
        "finished",
    ]


def test_every_act_leaves_a_line_in_the_audit(loop: Loop, flag: Flag, priya: Member) -> None:
    with loop.wiring.transaction() as session:
        casework.take(session, flag.id, by=priya, now=loop.clock())
        casework.release(session, flag.id, by=priya, now=loop.clock())
    with loop.wiring.reading() as session:
        acts = [(row.act, row.staff_id, row.subject_id) for row in session.query(AuditRow)]
    assert acts == [
        ("flag taken", priya.id, flag.id),
        ("flag released", priya.id, flag.id),
    ]


def test_two_people_reach_for_one_and_one_of_them_gets_it(
    loop: Loop, flag: Flag, priya: Member, morag: Member
) -> None:
    with loop.wiring.transaction() as session:
        casework.take(session, flag.id, by=priya, now=loop.clock())
    with (
        pytest.raises(AlreadyTaken, match="Priya Nair has this one already"),
        loop.wiring.transaction() as session,
    ):
        casework.take(session, flag.id, by=morag, now=loop.clock())
    assert [kind.value for kind in history(loop, flag)] == ["raised", "taken"]


def test_only_the_owner_may_finish(loop: Loop, flag: Flag, priya: Member, morag: Member) -> None:
    with loop.wiring.transaction() as session:
        casework.take(session, flag.id, by=priya, now=loop.clock())
    with pytest.raises(NotYours), loop.wiring.transaction() as session:
        casework.finish(session, flag.id, Outcome.SPOKE, "", by=morag, now=loop.clock())


def test_a_flag_that_is_not_there(loop: Loop, priya: Member) -> None:
    with pytest.raises(NotFound), loop.wiring.transaction() as session:
        casework.take(session, 404, by=priya, now=loop.clock())


def test_what_waits_comes_back_on_its_day_to_whom_it_belongs(
    loop: Loop, flag: Flag, priya: Member
) -> None:
    with loop.wiring.transaction() as session:
        casework.take(session, flag.id, by=priya, now=loop.clock())
        until = loop.clock() + timedelta(days=2)
        casework.wait(session, flag.id, until, "", by=priya, now=loop.clock())
    assert rounds.wake(loop.wiring, loop.clock) == 0
    loop.clock.forward(days=2)
    assert [rounds.wake(loop.wiring, loop.clock) for _ in range(2)] == [1, 0]
    woken = loop.flag(flag.resident_id)
    assert woken is not None
    assert (woken.state, woken.owner_id, woken.due_at) == (
        FlagState.TAKEN,
        priya.id,
        loop.clock(),
    )


def test_waiting_flags_are_not_in_the_queue_until_they_are_due(
    loop: Loop, flag: Flag, priya: Member
) -> None:
    with loop.wiring.transaction() as session:
        casework.take(session, flag.id, by=priya, now=loop.clock())
        until = loop.clock() + timedelta(days=2)
        casework.wait(session, flag.id, until, "", by=priya, now=loop.clock())
    seen = []
    for days in (0, 2):
        with loop.wiring.reading() as session:
            at = loop.clock() + timedelta(days=days)
            seen.append(len(views.queue(session, views.Whose.MINE, priya.id, now=at)))
    assert seen == [0, 1]
