"""Bringing in a list on the pages: matched, checked, done, taken back; for coordinators alone."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient

from connector import rounds
from connector.domain.rota import Role
from connector.store.tables import ImportRowRow, ResidentRow
from tests.web.conftest import Site

HEAD = "First name,Surname,Mobile,Language"
ADA = "Ada,Begum,07700 900001,English"
BEN = "Ben,Okoro,7700900002,Welsh"
NOBODY = ",,07700 900003,"
FORMULA = '"=HYPERLINK(""x"")",Price,07700 900004,'


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


def bring(client: FlaskClient, *lines: str, name: str = "people.csv") -> str:
    """The address of the list that was brought."""
    data = {"list": (io.BytesIO("\n".join(lines).encode()), name)}
    answer = client.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text
    return answer.location


def columns(client: FlaskClient, address: str) -> dict[str, str]:
    """The columns as the page proposes them."""
    page = client.get(address).text
    found = {}
    for select in re.finditer(r'<select[^>]*name="(column-\d+)".*?</select>', page, re.DOTALL):
        chosen = re.search(r'value="(\w*)" selected', select[0])
        found[select[1]] = chosen[1] if chosen else ""
    return found


def checked(site: Site, client: FlaskClient, *lines: str) -> str:
    address = bring(client, *lines)
    assert client.post(f"{address}/check", data=columns(client, address)).status_code == 302
    rounds.bring_in(site.loop.wiring, site.loop.clock)
    return address


def people(site: Site) -> list[str]:
    with site.loop.wiring.reading() as session:
        return [row.given_name for row in session.query(ResidentRow).order_by(ResidentRow.id)]


def test_columns_are_matched_and_can_be_put_right(morag: FlaskClient) -> None:
    address = bring(morag, "First name,Surname,Tel,Whatever", "Ada,Begum,07700 900001,x")
    assert columns(morag, address) == {
        "column-0": "given_name",
        "column-1": "family_name",
        "column-2": "number",
        "column-3": "",
    }
    data = {"column-0": "given_name", "column-1": "given_name", "column-2": "number"}
    answer = morag.post(f"{address}/check", data=data)
    assert answer.status_code == 400
    assert "One thing is chosen for two columns" in answer.text
    answer = morag.post(f"{address}/check", data={"column-2": "number"})
    assert "Say which column holds the names." in answer.text


def test_a_list_is_shown_before_anything_is_changed(site: Site, morag: FlaskClient) -> None:
    address = checked(site, morag, HEAD, ADA, BEN, NOBODY)
    page = morag.get(address).text
    assert people(site) == []
    for words in (
        "What the list would do",
        "Bring in 2 people",
        "line 4",
        "The name is missing",
        "The 0 at the front was lost in the spreadsheet; it has been put back.",
        "Nobody is texted",
    ):
        assert words in page


def test_it_goes_on_in_the_background_and_the_page_asks_again(
    site: Site, morag: FlaskClient
) -> None:
    address = checked(site, morag, HEAD, ADA, BEN)
    morag.post(f"{address}/do")
    page = morag.get(address).text
    assert '<meta http-equiv="refresh" content="2">' in page
    assert "0 of 2 lines" in page
    rounds.bring_in(site.loop.wiring, site.loop.clock)
    page = morag.get(address).text
    assert 'http-equiv="refresh"' not in page
    assert "What the list did" in page
    assert people(site) == ["Ada", "Ben"]


def test_the_whole_list_is_taken_back(site: Site, morag: FlaskClient) -> None:
    address = checked(site, morag, HEAD, ADA, BEN)
    morag.post(f"{address}/do")
    rounds.bring_in(site.loop.wiring, site.loop.clock)
    site.loop.says("hello", n=1)
    morag.post(f"{address}/undo")
    rounds.bring_in(site.loop.wiring, site.loop.clock)
    page = morag.get(address).text
    assert people(site) == ["Ada"]
    assert "The list was taken back" in page
    assert "Taken out again" in page
    assert "somebody has been in touch" in page
    assert "Ada Begum" in page


def test_a_second_press_does_nothing_twice(site: Site, morag: FlaskClient) -> None:
    address = checked(site, morag, HEAD, ADA)
    assert morag.post(f"{address}/do").status_code == 302
    assert morag.post(f"{address}/do").status_code == 409
    rounds.bring_in(site.loop.wiring, site.loop.clock)
    assert "brought in already" in morag.post(f"{address}/do").text
    assert people(site) == ["Ada"]


def test_lines_to_mend_go_out_as_a_list_in_which_nothing_is_a_formula(
    site: Site, morag: FlaskClient
) -> None:
    address = checked(site, morag, HEAD, ADA, NOBODY, FORMULA)
    answer = morag.get(f"{address}/problems.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    text = answer.data.decode("utf-8-sig")
    assert (
        text.splitlines()[0] == '"Line","What to mend","First name","Surname","Mobile","Language"'
    )
    assert '"3","The name is missing' in text
    assert '''"'=HYPERLINK(""x"")"''' in text
    assert "Begum" not in text


def test_a_file_that_is_no_list_is_refused_in_words(morag: FlaskClient) -> None:
    data = {"list": (io.BytesIO(b"%PDF-1.7"), "people.pdf")}
    answer = morag.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert "This is a PDF. Ask for the list as a spreadsheet" in answer.text
    assert "Choose the file" in morag.post("/imports", data={}).text


def test_a_list_may_be_large_and_another_form_may_not(site: Site, morag: FlaskClient) -> None:
    lines = [f"Ada{'x' * 30},Begum,07700 900001,{'y' * 400}" for _ in range(1500)]
    assert bring(morag, HEAD, *lines)
    data = {"list": (io.BytesIO(b"x" * 600_000), "people.csv")}
    priya = site.as_(Role.CONNECTOR)
    answer = priya.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code in (403, 413)


def test_a_list_that_is_put_away_leaves_nothing(site: Site, morag: FlaskClient) -> None:
    address = checked(site, morag, HEAD, ADA)
    morag.post(f"{address}/put-away")
    with site.loop.wiring.reading() as session:
        assert session.query(ImportRowRow).count() == 0


def test_the_many_lines_left_out_come_by_pages(site: Site, morag: FlaskClient) -> None:
    address = checked(site, morag, HEAD, *(f",,07700 9001{n:02d}," for n in range(30)))
    page = morag.get(address).text
    more = re.search(r'href="([^"]+)" rel="next"', page)
    assert more
    assert "line 31" not in page
    assert "line 31" in morag.get(more[1].replace("&amp;", "&")).text


@pytest.mark.parametrize("role", [Role.CONNECTOR, Role.ADMINISTRATOR])
def test_only_coordinators_bring_lists(site: Site, morag: FlaskClient, role: Role) -> None:
    address = checked(site, morag, HEAD, ADA)
    other = site.as_(role)
    for answer in (
        other.get("/imports"),
        other.get(address),
        other.get(f"{address}/problems.csv"),
        other.post(f"{address}/do"),
    ):
        assert answer.status_code == 403
    assert site.anybody().get("/imports").status_code == 302
