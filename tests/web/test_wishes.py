"""Wishes for texts: on the list and the person's page, and one press makes them so."""

from __future__ import annotations

import re
from datetime import time

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from connector.store import programmes
from tests.makers import a_programme, a_resident
from tests.web.conftest import Site


@pytest.fixture
def sara(site: Site) -> int:
    with site.loop.wiring.transaction() as session:
        programme = a_programme(session, at=time(10))
        return a_resident(session, programme, now=site.loop.clock())


def press(client: FlaskClient, page: str, act: str) -> str:
    found = re.search(
        rf'action="(/wishes/\d+/{act})".*?name="csrf_token" value="([^"]+)"', page, re.DOTALL
    )
    assert found
    answer = client.post(found[1], data={"csrf_token": found[2]}, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def own(site: Site, who: int) -> str:
    with site.loop.wiring.reading() as session:
        programme = programmes.of_resident(session, who)[0]
        enrolment = programmes.enrolment(session, programme.id, who)
    assert enrolment is not None
    return enrolment.own


def test_no_wish_is_not_mentioned(site: Site, sara: int) -> None:
    priya = site.as_(Role.CONNECTOR)
    assert "wish" not in priya.get("/queue").text
    assert "No wishes are waiting." in priya.get("/wishes").text
    assert "differently" not in priya.get(f"/residents/{sara}").text


def test_one_press_makes_it_their_pace(site: Site, sara: int) -> None:
    site.loop.says("only Mondays please")
    priya = site.as_(Role.CONNECTOR)
    assert "1 wish for other days" in priya.get("/queue").text
    page = priya.get("/wishes").text
    assert "Monday" in page
    assert "only Mondays please" in page
    assert own(site, sara) == ""
    assert "Accepted" in press(priya, page, "accept")
    assert own(site, sara) == "MON"
    assert "No wishes are waiting." in priya.get("/wishes").text


def test_not_now_changes_nothing(site: Site, sara: int) -> None:
    site.loop.says("not on weds")
    priya = site.as_(Role.CONNECTOR)
    page = priya.get(f"/residents/{sara}").text
    assert "Would like the texts differently" in page
    assert "stay as they are" in press(priya, page, "not-now")
    assert own(site, sara) == ""


def test_a_later_wish_overtakes_and_nobody_accepts_the_first(site: Site, sara: int) -> None:
    site.loop.says("only Mondays please")
    priya = site.as_(Role.CONNECTOR)
    before = priya.get("/wishes").text
    site.loop.says("only Fridays please")
    assert "asked for another" in press(priya, before, "accept")
    assert own(site, sara) == ""
    assert "Friday" in priya.get("/wishes").text


def test_nobody_without_residents_sees_the_list(site: Site) -> None:
    assert site.as_(Role.ADMINISTRATOR).get("/wishes").status_code in (403, 404)
