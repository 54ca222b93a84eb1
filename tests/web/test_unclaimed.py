"""Texts from numbers nobody is known by: seen, ordered, and given to the right person."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from connector.store.tables import AuditRow
from connector.web import unclaimed as tray_room
from tests.makers import a_resident
from tests.web.conftest import Site

DANGER = "I don't want to be here any more"
STRANGER = 321


@pytest.fixture
def priya(site: Site) -> FlaskClient:
    return site.as_(Role.CONNECTOR)


def number_in(page: str) -> str:
    """The address of the first number's own page."""
    found = re.search(r'href="(/unclaimed/\d+)"', page)
    assert found
    return found[1]


def test_an_empty_tray_is_not_mentioned_and_says_so_itself(priya: FlaskClient) -> None:
    assert "do not know" not in priya.get("/queue").text
    assert "Every text belongs to somebody." in priya.get("/unclaimed").text


def test_the_most_urgent_stands_first_with_number_and_marked_words(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("what a nice day", n=322)
    site.loop.says(DANGER, n=STRANGER)
    page = priya.get("/unclaimed").text
    assert page.index("07700 900321") < page.index("07700 900322")
    assert "<mark" in page
    assert "One automatic answer was written" in page


@pytest.mark.parametrize(
    ("words", "pressing"),
    [(DANGER, True), ("can you ring me please", True), ("what a nice day", False)],
    ids=["danger", "asks for a call", "no hurry"],
)
def test_the_queue_leads_there_and_says_when_it_cannot_wait(
    site: Site, priya: FlaskClient, words: str, pressing: bool
) -> None:
    site.loop.says(words, n=STRANGER)
    page = priya.get("/queue").text
    assert "1 text from a number we do not know" in page
    assert ("To read now" in page) is pressing


def test_the_poll_sees_the_tray_change_and_asks_twice_at_most(
    site: Site, priya: FlaskClient
) -> None:
    tag = {"If-None-Match": priya.get("/queue/list").headers["ETag"]}
    site.loop.says("what a nice day", n=STRANGER)
    changed = priya.get("/queue/list", headers=tag)
    assert changed.status_code == 200
    with site.counted() as asked:
        same = priya.get("/queue/list", headers={"If-None-Match": changed.headers["ETag"]})
    assert (same.status_code, len(asked)) == (304, 2)


def test_saying_whose_it_is_moves_the_whole_thread(site: Site, priya: FlaskClient) -> None:
    who = site.person()
    for words in ("it is Sara on my daughter's phone", "can you ring me please"):
        site.loop.says(words, n=STRANGER)
        site.loop.clock.forward(minutes=1)
    address = number_in(priya.get("/unclaimed").text)
    page = priya.get(address).text
    assert f'<option value="{who}">Sara Begum' in page
    after = priya.post(address, data={"resident": str(who)}, follow_redirects=True).text
    assert "2 texts are on this thread now." in after
    assert "daughter" in after
    assert site.loop.kinds(who) == ["asked"]
    assert "Every text belongs to somebody." in priya.get("/unclaimed").text
    with site.loop.wiring.reading() as session:
        rows = session.query(AuditRow).filter_by(act="text attached")
        assert [(row.subject_id, row.staff_id) for row in rows] == [
            (who, site.members[Role.CONNECTOR].id)
        ]


def test_two_who_share_a_number_are_offered_and_nobody_else(site: Site, priya: FlaskClient) -> None:
    ada = site.person(1, name="Ada")
    with site.loop.wiring.transaction() as session:
        bea = a_resident(session, n=1, name="Bea", family="Okafor", now=site.loop.clock())
    site.person(2, name="Cal")
    site.loop.says("can you ring me please", n=1)
    assert site.loop.kinds(ada) == site.loop.kinds(bea) == ["asked"]
    page = priya.get("/unclaimed").text
    offered = re.findall(r'name="resident" value="(\d+)">([^<]+)<', page)
    assert offered == [(str(ada), "Ada Begum"), (str(bea), "Bea Okafor")]


@pytest.mark.parametrize(
    ("look_for", "found"),
    [
        ("begum", ["Ada Begum", "Bea Begum"]),
        ("BEG ada", ["Ada Begum"]),
        ("07700 900002", ["Bea Begum"]),
        ("nobody", []),
        ("07700 900555", []),
    ],
)
def test_somebody_is_found_by_name_or_number_when_there_are_many(
    site: Site, priya: FlaskClient, monkeypatch: pytest.MonkeyPatch, look_for: str, found: list[str]
) -> None:
    monkeypatch.setattr(tray_room, "SELECT_AT_MOST", 1)
    site.person(1, name="Ada")
    site.person(2, name="Bea")
    site.loop.says("hello", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    assert "<option" not in priya.get(address).text
    page = priya.post(f"{address}/find", data={"find": look_for}).text
    assert re.findall(r"<strong>([A-Z]\w+ Begum)</strong>", page) == found


def test_a_choice_is_asked_for_and_one_who_is_not_there_is_refused(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("hello", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    for chosen in ("", "x", "9" * 30):
        answer = priya.post(address, data={"resident": chosen})
        assert answer.status_code == 400
        assert "Choose the resident" in answer.text
    assert priya.post(address, data={"resident": "99999"}).status_code == 404


def test_somebody_a_moment_quicker_is_said_kindly(site: Site, priya: FlaskClient) -> None:
    who = site.person()
    site.loop.says("hello", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    priya.post(address, data={"resident": str(who)})
    again = priya.post(address, data={"resident": str(who)}, follow_redirects=True)
    assert "Somebody has already said whose text this is." in again.text
    assert priya.get(address).status_code == 404


def test_looking_is_written_down_and_an_administrator_may_not(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("hello", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    priya.get(address)
    with site.loop.wiring.reading() as session:
        seen = [row.act for row in session.query(AuditRow).order_by(AuditRow.id)]
    assert seen == ["tray seen", "text seen"]
    rees = site.as_(Role.ADMINISTRATOR)
    assert (rees.get("/unclaimed").status_code, rees.get(address).status_code) == (403, 403)
