"""Flow (c): somebody takes it, gets in touch, puts it off, is called back to it, and finishes."""

from __future__ import annotations

from flask.testing import FlaskClient

from connector import rounds
from connector.domain.flag import FlagState
from connector.domain.rota import Role
from tests.flows.conftest import Door
from tests.web.conftest import Site


def act(client: FlaskClient, flag_id: int, name: str, **form: str) -> str:
    return client.post(f"/flags/{flag_id}/{name}", data=form, follow_redirects=True).text


def test_taken_contacted_put_off_come_back_finished(site: Site, door: Door) -> None:
    who, loop = site.person(), site.loop
    priya, morag = site.as_(Role.CONNECTOR), site.as_(Role.COORDINATOR)
    door.text("can you ring me please")
    loop.read()
    flag = loop.flag(who)
    assert flag is not None

    act(priya, flag.id, "take")
    assert "Priya Nair has this one already" in act(morag, flag.id, "take")
    assert "still yours" in act(priya, flag.id, "contact", outcome="no_answer")
    act(priya, flag.id, "wait", until="2026-11-27")
    assert "Sara B" not in priya.get("/queue").text

    loop.clock.forward(hours=2)
    door.text("I am home now")
    loop.read()
    assert "Sara B" in priya.get("/queue?view=mine").text
    act(priya, flag.id, "wait", until="2026-11-27")
    loop.clock.forward(days=3)
    assert rounds.wake(loop.wiring, loop.clock) == 1
    back = loop.flag(who)
    assert back is not None
    assert (back.state, back.owner_name) == (FlagState.TAKEN, "Priya Nair")

    priya = site.as_(Role.CONNECTOR)
    assert "Choose what happened" in act(priya, flag.id, "finish", outcome="")
    assert "Finished. Thank you." in act(priya, flag.id, "finish", outcome="spoke")
    assert loop.flag(who) is None
    story = priya.get(f"/flags/{flag.id}").text
    order = ["Finished", "Came back", "Waiting", "No answer", "Taken", "Asked for a person to look"]
    places = [story.rindex(words) for words in order]
    assert len(set(places)) == len(order)
