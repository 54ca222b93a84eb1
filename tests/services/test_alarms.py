"""When it is us: one alarm, coordinators are told without a name, and nobody is called quiet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector import rounds
from connector.domain.attempt import Meaning, Outcome, Outgoing, Result
from connector.domain.rota import Role
from connector.store import alarms
from connector.store.alarms import Alarm
from connector.store.tables import AlarmRow
from tests.fakes import accepted, arrived
from tests.makers import Loop, a_member, a_programme, a_resident, number

PEOPLE = range(1, 8)


def our_fault(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.REFUSED, code="20003", meaning=Meaning.OUR_SET_UP)


@pytest.fixture
def town(loop: Loop) -> list[int]:
    """Seven people who are texted every day, a connector, a coordinator and an administrator."""
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        a_member(session, "Morag Bell", Role.COORDINATOR, n=901)
        a_member(session, "Tomos Rees", Role.ADMINISTRATOR, n=902)
        programme = a_programme(session)
        return [
            a_resident(session, programme, n=n, connector_id=priya.id, now=loop.clock())
            for n in PEOPLE
        ]


def watch(loop: Loop) -> int:
    return rounds.watch(loop.wiring, loop.clock)


def kept(loop: Loop) -> list[AlarmRow]:
    with loop.wiring.reading() as session:
        return session.query(AlarmRow).order_by(AlarmRow.id).all()


def test_while_texts_arrive_there_is_no_alarm(loop: Loop, town: list[int]) -> None:
    loop.channel.answer = arrived
    loop.asks()
    assert (watch(loop), kept(loop)) == (0, [])


def test_many_failures_at_once_are_one_alarm_told_to_those_who_run_the_service(
    loop: Loop, town: list[int]
) -> None:
    loop.channel.answer = our_fault
    loop.asks()
    assert [watch(loop), watch(loop)] == [1, 1]
    (alarm,) = kept(loop)
    assert (alarm.closed_at, alarm.sentence[:13]) == (None, "7 of the last")
    loop.channel.answer, loop.channel.handed = accepted, []
    assert loop.tell() == 2
    assert {text.to for text in loop.channel.handed} == {number(901), number(902)}
    for body in loop.channel.bodies:
        assert "texts may not be getting through" in body
        assert "Sara" not in body
    assert loop.tell() == 0, "told once"


def test_it_closes_when_texts_arrive_again_and_a_second_time_is_a_second_alarm(
    loop: Loop, town: list[int]
) -> None:
    for answer in (our_fault, arrived, our_fault):
        loop.channel.answer = answer
        loop.asks()
        watch(loop)
    first, second = kept(loop)
    assert first.closed_at is not None
    assert second.closed_at is None


def test_nobody_is_called_quiet_for_what_was_asked_in_that_time(
    loop: Loop, town: list[int]
) -> None:
    """Answers, then silence, of which the first half was asked while we were in trouble."""
    for _day in range(10):
        loop.channel.answer = arrived
        loop.asks()
        for n in PEOPLE:
            loop.says("7", n=n)
        loop.close()
    with loop.wiring.transaction() as session:
        now = loop.clock()
        alarms.open_(session, alarms.AlarmKind.DELIVERIES, since=now, sentence="Trouble.", now=now)
    for _day in range(12):
        loop.asks()
        loop.close()
    assert [loop.kinds(who) for who in town] == [[]] * len(town)
    with loop.wiring.transaction() as session:
        alarms.close(session, alarms.AlarmKind.DELIVERIES, now=loop.clock())
    for _day in range(12):
        loop.asks()
        loop.close()
    assert [loop.kinds(who) for who in town] == [["quiet"]] * len(town), "silence after it counts"


@pytest.mark.parametrize(("hours", "covered"), [(-1, False), (0, True), (2, True), (3, False)])
def test_an_alarm_covers_its_own_time_and_no_other(loop: Loop, hours: int, covered: bool) -> None:
    now = loop.clock()
    over = Alarm(alarms.AlarmKind.DELIVERIES, now, now + timedelta(hours=2), "Trouble.")
    lasting = Alarm(alarms.AlarmKind.DELIVERIES, now, None, "Trouble.")
    moment = now + timedelta(hours=hours)
    assert over.covers(moment) is covered
    assert lasting.covers(moment) is (hours >= 0)
