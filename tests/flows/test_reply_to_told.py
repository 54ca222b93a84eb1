"""Flow (b): a reply is stored, read, made a flag with its reason, and a connector is told."""

from __future__ import annotations

from connector.domain.consent import AgreementState
from connector.domain.rota import Role
from connector.services.jobs import Job
from tests.fakes import SilentDoorbell
from tests.flows.conftest import Door
from tests.makers import number
from tests.web.conftest import Site


def test_a_cry_for_help_is_on_the_queue_and_on_a_connector_s_phone(site: Site, door: Door) -> None:
    who, loop = site.person(), site.loop
    priya = site.as_(Role.CONNECTOR)
    tag = {"If-None-Match": priya.get("/queue/list").headers["ETag"]}
    loop.asks()
    priya = site.as_(Role.CONNECTOR)

    assert door.text("I don't want to be here any more") == 204
    doorbell = loop.wiring.doorbell
    assert isinstance(doorbell, SilentDoorbell)
    assert doorbell.rung[-1] is Job.TRIAGE
    assert loop.read() == 1
    assert {Job.ALERT, Job.DISPATCH} <= set(doorbell.rung)

    card = priya.get("/queue/list", headers=tag)
    assert card.status_code == 200
    assert "Sara wrote about danger to life" in card.text
    assert "<mark" in card.text
    assert "Due now" in card.text

    assert loop.send() == 1
    assert "Call 999" in loop.bodies_to(1)[-1]
    assert loop.tell() == 1
    told = loop.channel.handed[-1]
    flag = loop.flag(who)
    assert flag is not None
    assert told.to == number(900)
    assert told.body.endswith(f"/flags/{flag.id}")
    assert "Sara" not in told.body

    assert door.text("I mean it") == 204
    assert loop.read() == 1
    assert [loop.send(), loop.tell()] == [0, 0], "one answer an episode, and nobody is told twice"
    assert loop.asks() == 0, "no cheery question while somebody is asked to look now"


def test_an_ordinary_answer_disturbs_nobody(site: Site, door: Door) -> None:
    who, loop = site.person(), site.loop
    loop.asks()
    assert door.text("8 thanks") == 204
    assert loop.read() == 1
    assert loop.flag(who) is None
    assert loop.tell() == 0
    assert "8 thanks" in site.as_(Role.COORDINATOR).get(f"/residents/{who}").text


def test_a_stop_ends_the_texts_and_asks_for_one_human_check(site: Site, door: Door) -> None:
    who, loop = site.person(), site.loop
    loop.plan()
    assert door.text("STOP") == 204
    loop.clock.forward(days=1)
    assert loop.send() == 0, "before anybody has read it"
    assert loop.read() == 1
    assert loop.agreement(who) is AgreementState.WITHDRAWN
    assert "stopped the texts" in site.as_(Role.CONNECTOR).get("/queue").text
    assert door.text("START") == 204
    loop.read()
    assert loop.asks() == 1
