"""Noticing: what is proposed, what is chosen, and who may."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from connector.store import programmes, tunings
from connector.web.noticing import load_words
from tests.web.conftest import Site

FIGURES = {"centre": 3.1, "spread": 1.4, "weight": 0.5, "freedom": 4.0}


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


def programme_of(site: Site) -> int:
    """The programme of the one resident there is."""
    with site.loop.wiring.reading() as session:
        return programmes.active(session)[0].id


@pytest.fixture
def proposed(site: Site) -> int:
    site.person()
    programme, now = programme_of(site), site.loop.clock()
    with site.loop.wiring.transaction() as session:
        tunings.propose(session, programme, FIGURES, people=24, answers=240, now=now)
    with site.loop.wiring.reading() as session:
        return tunings.of_programmes(session)[programme][0].id


@pytest.mark.usefixtures("proposed")
def test_a_proposal_shows_what_it_rests_on_beside_what_holds(morag: FlaskClient) -> None:
    page = morag.get("/noticing").text
    assert "24 residents (240 answers), worked out on Tue 24 Nov" in page
    assert "Starting values" in page
    assert "<strong>6.9</strong>" in page
    assert "1 person on this programme" in page


@pytest.mark.parametrize(
    ("act", "words"), [("approve", "Approved."), ("refuse", "Everything stays as it was.")]
)
def test_a_coordinator_decides_once(
    morag: FlaskClient, proposed: int, act: str, words: str
) -> None:
    assert words in morag.post(f"/noticing/{proposed}/{act}", follow_redirects=True).text
    again = morag.post(f"/noticing/{proposed}/{act}", follow_redirects=True).text
    assert "Somebody has decided this already." in again
    assert "New values are proposed" not in again
    assert "Morag Bell" in again


def test_how_soon_to_be_told_is_chosen_from_what_is_offered(site: Site, morag: FlaskClient) -> None:
    site.person()
    page = morag.get("/noticing").text
    offered = [part.split('"')[0] for part in page.split('type="radio" value="')[1:]]
    assert len(offered) == 5
    address = f"/noticing/programmes/{programme_of(site)}/limit"
    kept = morag.post(address, data={"limit": offered[0]}, follow_redirects=True)
    assert "It holds for answers from now on." in kept.text
    assert f'value="{offered[0]}" checked' in kept.text


@pytest.mark.parametrize("limit", ["", "soon", "nan", "1e99", "0.0001"])
def test_anything_else_is_refused(site: Site, morag: FlaskClient, limit: str) -> None:
    site.person()
    address = f"/noticing/programmes/{programme_of(site)}/limit"
    answer = morag.post(address, data={"limit": limit}, follow_redirects=True)
    assert "There is a problem" in answer.text


def test_it_asks_the_records_as_often_for_one_person_as_for_many(
    site: Site, morag: FlaskClient
) -> None:
    site.person()
    counts = []
    for _ in range(3):
        site.loop.asks()
        site.loop.says("7")
        with site.counted() as asked:
            morag.get("/noticing")
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts


@pytest.mark.parametrize(
    "address", ["/noticing/999999/approve", "/noticing/programmes/999999/limit"]
)
def test_what_is_not_there_is_no_page(morag: FlaskClient, address: str) -> None:
    assert morag.post(address, data={"limit": "1"}).status_code == 404


def test_a_connector_decides_nothing_here(site: Site, proposed: int) -> None:
    priya = site.as_(Role.CONNECTOR)
    assert priya.get("/noticing").status_code == 403
    assert priya.post(f"/noticing/{proposed}/approve").status_code == 403
    assert "Noticing" not in priya.get("/queue").text


@pytest.mark.parametrize(
    ("a_month", "words"),
    [
        (12.4, "about 12 flags a month"),
        (1.2, "about 1 flag a month"),
        (0.5, "about 1 flag in 2 months"),
        (0.0, "hardly ever a flag"),
    ],
)
def test_a_load_is_said_as_people_would(a_month: float, words: str) -> None:
    assert load_words(a_month) == words


class TestALoweredLevel:
    def test_is_lowered_and_put_back_on_the_residents_page(self, site: Site) -> None:
        who, priya = site.person(), site.as_(Role.CONNECTOR)
        form = {"until": "2026-12-01", "why": "seen every day"}
        page = priya.post(f"/residents/{who}/level", data=form, follow_redirects=True).text
        assert "An answer of 1 or less out of 10, until Tue 1 Dec. Lowered by Priya Nair." in page
        page = priya.post(f"/residents/{who}/level/end", follow_redirects=True).text
        assert "2 or less out of 10" in page

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"until": "soon", "why": "x"},
            {"until": "2026-12-01"},
            {"until": "9999-12-31", "why": "x"},
        ],
        ids=["nothing", "no day", "no reason", "no end"],
    )
    def test_a_wrong_form_comes_back_with_a_sentence(
        self, site: Site, form: dict[str, str]
    ) -> None:
        answer = site.as_(Role.CONNECTOR).post(f"/residents/{site.person()}/level", data=form)
        assert answer.status_code == 400
        assert "floor-problem" in answer.text

    def test_nobody_is_no_page(self, site: Site) -> None:
        form = {"until": "2026-12-01", "why": "x"}
        assert (
            site.as_(Role.CONNECTOR).post("/residents/999999/level", data=form).status_code == 404
        )
