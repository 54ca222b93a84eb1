"""The list of those who asked to be rung: how long they wait, who they are, what came of it."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from connector.store.tables import AuditRow
from tests.makers import a_programme
from tests.web.conftest import Site

STRANGER = 321


@pytest.fixture
def priya(site: Site) -> FlaskClient:
    return site.as_(Role.CONNECTOR)


def put_away(page: str) -> str:
    found = re.search(r'action="(/requests/\d+/put-away)"', page)
    assert found
    return found[1]


def test_nobody_waiting_is_not_mentioned_and_the_list_says_so(priya: FlaskClient) -> None:
    assert "asked to be rung" not in priya.get("/queue").text
    assert "Nobody is waiting to be rung." in priya.get("/requests").text


def test_the_queue_leads_there_and_the_longest_waiting_stands_first(site: Site) -> None:
    site.loop.says("HELLO", n=STRANGER + 1)
    site.loop.clock.forward(days=1)
    site.loop.says("join", n=STRANGER)
    priya = site.as_(Role.CONNECTOR)
    assert "2 people have asked to be rung" in priya.get("/queue").text
    page = priya.get("/requests").text
    assert page.index("07700 900322") < page.index("07700 900321")
    assert "Waiting for 1 day." in page
    assert "Waiting since today." in page
    assert "By 5pm Friday" in page


def test_after_three_working_days_it_is_overdue(site: Site) -> None:
    site.loop.says("HELLO", n=STRANGER)
    site.loop.clock.forward(days=6)
    assert "Overdue since" in site.as_(Role.CONNECTOR).get("/requests").text


def test_no_number_stands_in_an_address(site: Site, priya: FlaskClient) -> None:
    site.loop.says("HELLO", n=STRANGER)
    page = priya.get("/requests").text
    addresses = re.findall(r'(?:href|action)="(/[^"]*)"', page)
    assert not any("900321" in address for address in addresses)
    assert 'href="tel:+447700900321"' in page


def test_somebody_known_is_named_with_their_record_and_is_not_enrolled_twice(site: Site) -> None:
    who = site.person()
    site.loop.says("STOP")
    site.loop.clock.forward(days=30)
    site.loop.says("hello")
    page = site.as_(Role.CONNECTOR).get("/requests").text
    assert f'href="/residents/{who}"' in page
    assert "has this number and is known to us" in page
    assert "Enrol them" not in page


def test_putting_away_needs_a_reason_and_can_be_undone(site: Site, priya: FlaskClient) -> None:
    site.loop.says("HELLO", n=STRANGER)
    address = put_away(priya.get("/requests").text)
    refused = priya.post(address)
    assert (refused.status_code, "Choose why it is put away." in refused.text) == (400, True)
    done = priya.post(address, data={"why": "TRIED"}, follow_redirects=True).text
    assert "Nobody is waiting to be rung." in done
    assert "we have tried several times" in done
    back = re.search(r'action="(/requests/\d+/bring-back)"', done)
    assert back
    assert "Back on the list." in priya.post(back[1], follow_redirects=True).text
    assert "07700 900321" in priya.get("/requests").text


def test_the_second_of_two_people_is_told(site: Site, priya: FlaskClient) -> None:
    site.loop.says("HELLO", n=STRANGER)
    address = put_away(priya.get("/requests").text)
    priya.post(address, data={"why": "SPOKE"})
    again = priya.post(address, data={"why": "SPOKE"}, follow_redirects=True).text
    assert "Somebody has already dealt with this request." in again
    assert priya.post("/requests/999/put-away", data={"why": "SPOKE"}).status_code == 404


def test_a_stop_is_shown_and_is_not_for_staff_to_undo(site: Site, priya: FlaskClient) -> None:
    site.loop.says("HELLO", n=STRANGER)
    site.loop.clock.forward(minutes=1)
    site.loop.says("STOP", n=STRANGER)
    page = priya.get("/requests").text
    assert "they texted STOP" in page
    assert "bring-back" not in page


def test_only_those_who_see_residents_see_it_and_looking_is_written_down(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("HELLO", n=STRANGER)
    assert site.as_(Role.ADMINISTRATOR).get("/requests").status_code == 403
    assert site.anybody().get("/requests").status_code == 302
    priya.get("/requests")
    with site.loop.wiring.reading() as session:
        assert "requests seen" in [row.act for row in session.query(AuditRow)]


def test_enrolling_them_fills_the_number_in_and_the_request_is_done(
    site: Site, priya: FlaskClient
) -> None:
    with site.loop.wiring.transaction() as session:
        programme = a_programme(session)
    site.loop.says("HELLO", n=STRANGER)
    link = re.search(r'href="(/enrol\?request=\d+)"', priya.get("/requests").text)
    assert link
    form = priya.get(link[1]).text
    assert 'value="07700 900321"' in form
    hidden = dict(
        re.findall(r'<input type="hidden" name="(request|read_out)" value="([^"]*)"', form)
    )
    answers = {
        "given_name": "Ann",
        "family_name": "Lloyd",
        "known_as": "Ann",
        "number": "07700 900321",
        "contact_by": "text",
        "language": "en",
        "programmes": str(programme),
        "connector_id": str(site.members[Role.CONNECTOR].id),
        "how": "by_phone",
        "message_ok": "yes",
        "agreed": "yes",
        "act": "keep",
    }
    done = priya.post("/enrol", data=answers | hidden)
    assert done.status_code == 302, re.findall(r'href="#[^"]*">([^<]*)', done.text)
    assert "Nobody is waiting to be rung." in priya.get("/requests").text
    who = re.search(r"/enrol/(\d+)/", done.headers["Location"])
    assert who
    assert "HELLO" in priya.get(f"/residents/{who[1]}").text


def test_a_request_that_is_done_fills_nothing_in_and_says_so(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("HELLO", n=STRANGER)
    address = put_away(priya.get("/requests").text)
    priya.post(address, data={"why": "SPOKE"})
    page = priya.get(f"/enrol?request={address.split('/')[2]}").text
    assert "Somebody has already dealt with this request." in page
    assert "07700 900321" not in page
    for asked in ("999", "x", "-1", "9" * 30):
        assert priya.get(f"/enrol?request={asked}").status_code == 200
