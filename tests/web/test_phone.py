"""The simulated phone: in the demonstration only, and through the same door as any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.domain.reading import is_exact_stop
from connector.gateways.simulator import SimulatorChannel
from connector.store import staff, stops
from connector.store.base import blind_index
from connector.store.tables import ReplyRow
from connector.web import create_app
from connector.wiring import build
from tests.conftest import make_settings
from tests.fakes import SilentDoorbell
from tests.makers import number
from tests.web.conftest import Site


def test_anybody_can_pick_up_a_phone_and_answer(site: Site) -> None:
    who = site.person()
    client = site.anybody()
    assert "Sara Begum" in client.get("/phone").text
    assert client.post(f"/phone/{who}", data={"text": "  7, thanks  "}).status_code == 302
    assert "7, thanks" in client.get(f"/phone/{who}").text
    with site.loop.wiring.reading() as session:
        assert [row.body for row in session.query(ReplyRow)] == ["7, thanks"]


def test_a_stop_from_a_phone_takes_effect_at_the_door(site: Site) -> None:
    who = site.person()
    site.anybody().post(f"/phone/{who}", data={"text": "STOP"})
    assert is_exact_stop("STOP")
    index = blind_index(number(1))
    with site.loop.wiring.reading() as session:
        assert stops.among(session, [index]) == {index}


def test_a_connector_is_told_on_their_own_phone_with_no_name_and_no_words(site: Site) -> None:
    wiring = site.loop.wiring
    wiring.channel = SimulatorChannel(wiring.sessions, site.loop.clock)
    who = site.person()
    site.anybody().post(f"/phone/{who}", data={"text": "Please call me. marmalade"})
    site.loop.read()
    site.loop.tell()
    with site.loop.wiring.reading() as session:
        priya = next(one for one in staff.members(session) if one.name == "Priya Nair")
    page = site.anybody().get(f"/phone/staff/{priya.id}").text
    assert "1 person to look in on today" in page
    assert "marmalade" not in page
    assert "Sara" not in page
    assert site.anybody().get(f"/phone/staff/{priya.id}/texts").status_code == 200
    assert site.anybody().get("/phone/staff/999").status_code == 404


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_is_sent_when_nothing_was_written(site: Site, text: str) -> None:
    who = site.person()
    assert site.anybody().post(f"/phone/{who}", data={"text": text}).status_code == 400


def test_the_thread_is_sent_again_only_when_it_has_changed(site: Site) -> None:
    who = site.person()
    client = site.anybody()
    tag = {"If-None-Match": client.get(f"/phone/{who}/texts").headers["ETag"]}
    assert client.get(f"/phone/{who}/texts", headers=tag).status_code == 304
    client.post(f"/phone/{who}", data={"text": "hello"})
    again = client.get(f"/phone/{who}/texts", headers=tag)
    assert again.status_code == 200
    assert "hello" in again.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/phone"), ("GET", "/phone/1"), ("GET", "/phone/1/texts"), ("POST", "/phone/1")],
)
def test_outside_the_demonstration_there_is_no_phone(
    sqlite_url: str, tmp_path: Path, method: str, path: str
) -> None:
    live = build(make_settings(sqlite_url, tmp_path, demo=False), doorbell=SilentDoorbell())
    app = create_app(live)
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().open(path, method=method, data={"text": "7"})
    assert answer.status_code == 404
    live.close()
