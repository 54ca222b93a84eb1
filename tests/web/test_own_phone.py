"""The page on which the team enrols a phone of its own."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from connector.store import canary
from tests.makers import a_programme
from tests.web.conftest import Site

PAGE, NUMBER = "/system/own-phone", "07700 900950"


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


@pytest.fixture
def programme(site: Site) -> int:
    with site.loop.wiring.transaction() as session:
        return a_programme(session, name="Every morning")


def test_it_is_enrolled_with_a_number_and_a_programme_and_taken_out_again(
    morag: FlaskClient, programme: int
) -> None:
    done = morag.post(
        PAGE, data={"number": NUMBER, "programme": str(programme)}, follow_redirects=True
    )
    assert NUMBER in done.text
    assert done.request.path == PAGE
    down = re.search(r'action="(/system/own-phone/\d+/down)"', done.text)
    assert down
    assert "It gets no texts any more." in morag.post(down[1], follow_redirects=True).text
    assert NUMBER not in morag.get(PAGE).text


@pytest.mark.parametrize(
    ("number", "chosen", "sentence"),
    [
        pytest.param("", True, "The number is missing", id="nothing"),
        pytest.param("0161 496 0000", True, "landline", id="a landline"),
        pytest.param(NUMBER, False, "Choose a programme", id="no programme"),
        pytest.param("07700 900001", True, "Somebody has this number", id="a resident"),
    ],
)
def test_what_is_refused_says_why_and_loses_nothing(
    site: Site, morag: FlaskClient, programme: int, number: str, chosen: bool, sentence: str
) -> None:
    site.person()
    data = {"number": number, "programme": str(programme) if chosen else ""}
    answer = morag.post(PAGE, data=data)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert f'value="{number}"' in answer.text
    with site.loop.wiring.reading() as session:
        assert canary.phones(session) == []


def test_a_resident_cannot_be_taken_out_by_it(site: Site, morag: FlaskClient) -> None:
    who = site.person()
    answer = morag.post(f"{PAGE}/{who}/down")
    assert (answer.status_code, "not a phone of our own" in answer.text) == (400, True)


def test_only_who_coordinates_may(site: Site) -> None:
    assert site.as_(Role.CONNECTOR).get(PAGE).status_code == 403
    assert site.anybody().get(PAGE).status_code == 302


def test_it_is_marked_on_the_list_and_on_its_record(
    site: Site, morag: FlaskClient, programme: int
) -> None:
    site.person()
    morag.post(PAGE, data={"number": NUMBER, "programme": str(programme)})
    with site.loop.wiring.reading() as session:
        (phone,) = canary.phones(session)
    listed = morag.get("/residents").text
    assert listed.count("Our own phone</span>") == 1
    assert "It counts in no figure" in morag.get(f"/residents/{phone.resident_id}").text
