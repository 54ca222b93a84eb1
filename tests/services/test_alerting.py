"""Connectors are told that something is due: without a name, without words, at least once."""

from __future__ import annotations

import pytest

from connector.domain.attempt import Outcome, Outgoing, Result
from connector.domain.rota import Member, Role
from connector.domain.sms import SmsText
from connector.services.jobs import Job
from tests.fakes import SilentDoorbell, accepted, unknown
from tests.makers import Loop, a_member, a_resident, number

PRIYA, MORAG, TOMOS = 900, 901, 902
WORDS = "can you ring me please. The rhubarb is frightening."


@pytest.fixture
def priya(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session, n=PRIYA)


@pytest.fixture
def morag(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session, "Morag Bell", Role.COORDINATOR, n=MORAG)


def a_person(loop: Loop, connector: Member | None, n: int = 1) -> int:
    with loop.wiring.transaction() as session:
        id_ = connector.id if connector else None
        return a_resident(session, n=n, connector_id=id_, name="Zebedaia", now=loop.clock())


def test_their_connector_is_told_that_something_is_due_and_nothing_else(
    loop: Loop, priya: Member, morag: Member
) -> None:
    who = a_person(loop, priya)
    loop.says(WORDS)
    assert loop.tell() == 1
    flag = loop.flag(who)
    assert flag is not None
    assert [text.to for text in loop.channel.handed] == [number(PRIYA)]
    assert loop.channel.bodies == [
        f"Community Connector: 1 person to look in on today. http://connector.test/flags/{flag.id}"
    ]
    assert SmsText(loop.channel.bodies[0]).segments == 1
    said = loop.channel.bodies[0].lower()
    assert all(secret not in said for secret in ("zebedaia", "begum", "7700", "rhubarb", "ring"))


def test_every_coordinator_is_told_of_somebody_who_has_no_connector(
    loop: Loop, priya: Member, morag: Member
) -> None:
    a_person(loop, None)
    loop.says(WORDS)
    assert loop.tell() == 1
    assert [text.to for text in loop.channel.handed] == [number(MORAG)]


def test_it_is_rung_for_only_when_somebody_is_to_be_told(loop: Loop, priya: Member) -> None:
    a_person(loop, priya)
    doorbell = loop.wiring.doorbell
    assert isinstance(doorbell, SilentDoorbell)
    loop.says("all well, thank you")
    assert Job.ALERT not in doorbell.rung
    loop.says(WORDS)
    assert Job.ALERT in doorbell.rung


def test_it_is_tried_until_it_is_accepted_and_then_no_more(loop: Loop, priya: Member) -> None:
    a_person(loop, priya)
    loop.says(WORDS)
    for answer in (unknown, refuse, accepted):
        loop.channel.answer = answer
        assert loop.tell() == 1
        assert loop.tell() == 0, "it waits before it tries again"
        loop.clock.forward(minutes=10)
    assert loop.tell() == 0
    assert len(loop.channel.handed) == 3
    assert len({text.attempt_id for text in loop.channel.handed}) == 3


def refuse(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.REFUSED, code="30001")


def test_a_flag_that_becomes_more_urgent_is_told_again_and_one_that_does_not_is_not(
    loop: Loop, priya: Member
) -> None:
    a_person(loop, priya)
    loop.says(WORDS)
    loop.tell()
    loop.says("can you ring me please")
    assert loop.tell() == 0
    loop.says("I want to die")
    loop.tell()
    assert "look in on now" in loop.channel.bodies[-1]


def test_good_news_disturbs_nobody(loop: Loop, priya: Member) -> None:
    who = a_person(loop, priya)
    loop.says("I got the job!! so happy")
    assert loop.kinds(who) in ([], ["good"])
    assert loop.tell() == 0


def test_with_nobody_to_hear_it_the_flag_still_stands(loop: Loop) -> None:
    who = a_person(loop, None)
    loop.says(WORDS)
    assert loop.tell() == 0
    assert loop.flag(who) is not None
