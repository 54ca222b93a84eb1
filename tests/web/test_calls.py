"""A call that is due: what to ask on a page, and a place to write down what was said."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from connector.store.tables import FlagRow, ResidentRow
from tests.makers import a_programme, a_resident
from tests.web.conftest import Site


@pytest.fixture
def call(site: Site) -> str:
    """The address of a call to Sara that is due, found from the queue as a connector finds it."""
    with site.loop.wiring.transaction() as session:
        who = a_resident(session, a_programme(session), now=site.loop.clock())
        session.get_one(ResidentRow, who).contact_by = "call"
    site.loop.asks()
    priya = site.as_(Role.CONNECTOR)
    queue = priya.get("/queue").text
    assert "Ring Sara: Weekly check-in." in queue
    flag = re.search(r'"(/flags/\d+)"', queue)
    assert flag
    found = re.search(r'"(/calls/\d+)"', priya.get(flag[1]).text)
    assert found
    return found[1]


@pytest.fixture
def priya(site: Site, call: str) -> FlaskClient:
    """Signed in on the day of the call."""
    assert call
    return site.as_(Role.CONNECTOR)


def state(site: Site) -> str:
    with site.loop.wiring.reading() as session:
        return session.query(FlagRow).one().state


def test_the_page_has_the_question_in_its_words(priya: FlaskClient, call: str) -> None:
    page = priya.get(call).text
    assert "Hi Sara, how have things been, 0 to 10?" in page
    assert "A number from 0 to 10." in page
    assert 'href="tel:+447700900001"' in page


def test_what_was_said_finishes_it(site: Site, priya: FlaskClient, call: str) -> None:
    data = {"went": "reached", "answer-first": "6", "note": "Her knee is better."}
    page = priya.post(call, data=data, follow_redirects=True).text
    assert "Written down. Thank you." in page
    assert state(site) == "done"
    assert "Written down" in priya.get(call).text
    assert "What to ask" not in priya.get(call).text


def test_nobody_answered_and_it_stays_to_do(site: Site, priya: FlaskClient, call: str) -> None:
    page = priya.post(call, data={"went": "not_in"}, follow_redirects=True).text
    assert "There is still something to do here." in page
    assert state(site) == "taken"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"went": "", "answer-first": "6 or so"}, "Choose how it went."),
        ({"went": "reached", "answer-first": "hmm, so-so"}, "We could not read the answer to"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    site: Site, priya: FlaskClient, call: str, data: dict[str, str], problem: str
) -> None:
    answer = priya.post(call, data={**data, "note": "Rang twice"})
    assert answer.status_code == 400
    assert problem in answer.text
    assert data["answer-first"] in answer.text
    assert "Rang twice" in answer.text
    assert state(site) == "new"


def test_who_is_texted_by_now_has_no_call_to_make(
    site: Site, priya: FlaskClient, call: str
) -> None:
    with site.loop.wiring.transaction() as session:
        session.query(ResidentRow).one().contact_by = "text"
    assert "gets texts now" in priya.get(call, follow_redirects=True).text
    assert priya.get("/calls/999999").status_code == 404
