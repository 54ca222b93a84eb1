"""Two records side by side, made one and taken apart by somebody who has looked at both."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from tests.web.conftest import Site


@pytest.fixture
def priya(site: Site) -> FlaskClient:
    return site.as_(Role.CONNECTOR)


@pytest.fixture
def two(site: Site) -> tuple[int, int]:
    return site.person(1, name="Ada", needs=("Large print",)), site.person(2, name="Adah")


def test_both_stand_side_by_side_with_what_will_be(
    priya: FlaskClient, two: tuple[int, int]
) -> None:
    one, other = two
    page = priya.get(f"/residents/{other}/merge/{one}").text
    for words in ("Ada Begum", "Adah Begum", "07700 900001", "07700 900002", "Large print"):
        assert words in page
    assert "Programme 2, Programme 1" in page


def test_only_who_has_made_sure_makes_them_one_and_it_can_be_taken_apart(
    priya: FlaskClient, two: tuple[int, int]
) -> None:
    one, other = two
    address = f"/residents/{one}/merge/{other}"
    assert priya.post(address).status_code == 400
    page = priya.post(address, data={"sure": "yes"}, follow_redirects=True).text
    assert "They are one record now." in page
    assert "Adah" not in priya.get("/residents").text
    [undo] = re.findall(r'action="(/residents/merges/\d+/undo)"', page)
    assert "They are two records again." in priya.post(undo, follow_redirects=True).text
    assert "Adah" in priya.get("/residents").text
    assert "apart already" in priya.post(undo, follow_redirects=True).text


def test_the_other_record_is_found_by_name(priya: FlaskClient, two: tuple[int, int]) -> None:
    one, other = two
    page = priya.post(f"/residents/{one}/merge", data={"find": "adah"}).text
    assert f'href="/residents/{one}/merge/{other}"' in page
    assert "Nobody else" in priya.post(f"/residents/{one}/merge", data={"find": "zed"}).text
