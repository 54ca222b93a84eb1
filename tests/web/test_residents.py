"""Residents on the site: the list, one person's page, and who may see them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from connector.store.tables import AuditRow
from tests.web.conftest import Site


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


def test_the_page_of_somebody_who_has_been_texted_and_has_answered(site: Site) -> None:
    who = site.person(needs=("Prefers calls",))
    for words in ("7", "can you ring me please"):
        site.loop.asks()
        site.loop.says(words)
    site.loop.clock.forward(minutes=1)
    page = site.as_(Role.COORDINATOR).get(f"/residents/{who}").text
    for words in (
        "Sara Begum",
        "how have things been, 0 to 10? Priya",
        "ring me",
        "Priya Nair",
        "Has agreed to texts",
        "May we text you once a week?",
        "Programme 1",
        "Prefers calls",
    ):
        assert words in page


def test_looking_is_written_down(site: Site, morag: FlaskClient) -> None:
    who = site.person()
    morag.get(f"/residents/{who}")
    with site.loop.wiring.reading() as session:
        rows = [(row.act, row.subject_id, row.staff_id) for row in session.query(AuditRow)]
    assert rows == [("resident seen", who, site.members[Role.COORDINATOR].id)]


@pytest.mark.parametrize("who", ["999", "9" * 30], ids=["unknown", "larger than any id"])
def test_somebody_who_is_not_there(morag: FlaskClient, who: str) -> None:
    assert morag.get(f"/residents/{who}").status_code == 404


def test_the_list_leads_on(site: Site, morag: FlaskClient) -> None:
    for n in range(1, 28):
        site.person(n, name=f"Ada{n:03}")
    first = morag.get("/residents").text
    last = max(n for n in range(1, 28) if f"Ada{n:03}" in first)
    assert last == 25
    assert "after=" in first


@pytest.mark.parametrize("after", ["nonsense", "-1", "9" * 40, ""])
def test_a_meddled_address_shows_the_list(site: Site, morag: FlaskClient, after: str) -> None:
    site.person()
    assert "Sara B" in morag.get(f"/residents?after={after}").text
