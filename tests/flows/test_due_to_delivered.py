"""Flow (a): a cadence becomes a check-in, goes out when it is due, and is known to have arrived."""

from __future__ import annotations

from connector.domain.attempt import AttemptState
from connector.domain.rota import Role
from connector.store import check_ins
from tests.flows.conftest import Door
from tests.web.conftest import Site


def test_due_sent_delivered(site: Site, door: Door) -> None:
    who, loop = site.person(), site.loop
    assert loop.plan() == 12, "two weeks to come, without the Sundays"
    with loop.wiring.reading() as session:
        (coming,) = check_ins.next_due(session, who).values()

    loop.clock.forward(days=1)
    assert loop.send() == 1
    assert coming.due_at <= loop.clock()
    assert loop.bodies_to(1) == ["Hi Sara, how have things been, 0 to 10? Priya"]

    assert [door.status(word) for word in ("sent", "delivered", "sent")] == [204, 204, 204]
    assert [line.state for line in loop.thread(who)] == [AttemptState.DELIVERED]
    page = site.as_(Role.CONNECTOR).get(f"/residents/{who}").text
    assert "how have things been" in page
    assert "Delivered" in page
    assert [loop.plan(), loop.send()] == [1, 0], "nothing goes out twice"


def test_a_number_that_is_dead_is_for_a_person(site: Site, door: Door) -> None:
    who = site.person()
    site.loop.asks()
    assert door.status("undelivered", ErrorCode="30005") == 204
    assert site.loop.tell() == 1
    page = site.as_(Role.CONNECTOR).get("/queue").text
    assert "did not arrive" in page
    assert "Sara B" in page
    assert site.loop.kinds(who) == ["undelivered"]


def test_a_silence_of_weeks_is_for_a_person(site: Site, door: Door) -> None:
    who, loop = site.person(), site.loop
    for _ in range(10):
        loop.asks()
        door.status("delivered")
        door.text("7")
        loop.read()
    for _ in range(12):
        if loop.asks():
            door.status("delivered")
        loop.close()
    assert loop.kinds(who) == ["quiet"]
    assert "Sara has been quiet" in site.as_(Role.CONNECTOR).get("/queue").text
