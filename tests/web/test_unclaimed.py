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
    assert sorted(offered) == [(str(ada), "Ada Begum"), (str(bea), "Bea Okafor")]


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
    site.loop.says("what a nice day", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    assert "<option" not in priya.get(address).text
    page = priya.post(f"{address}/find", data={"find": look_for}).text
    assert re.findall(r"<strong>([A-Z]\w+ Begum)</strong>", page) == found


def test_a_choice_is_asked_for_and_one_who_is_not_there_is_refused(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("what a nice day", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    for chosen in ("", "x", "9" * 30):
        answer = priya.post(address, data={"resident": chosen})
        assert answer.status_code == 400
        assert "Choose the resident" in answer.text
    assert priya.post(address, data={"resident": "99999"}).status_code == 404


def test_somebody_a_moment_quicker_is_said_kindly(site: Site, priya: FlaskClient) -> None:
    who = site.person()
    site.loop.says("what a nice day", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    priya.post(address, data={"resident": str(who)})
    again = priya.post(address, data={"resident": str(who)}, follow_redirects=True)
    assert "Somebody has already said whose text this is." in again.text
    assert priya.get(address).status_code == 404


def test_looking_is_written_down_and_an_administrator_may_not(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("what a nice day", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    priya.get(address)
    with site.loop.wiring.reading() as session:
        seen = [row.act for row in session.query(AuditRow).order_by(AuditRow.id)]
    assert seen == ["tray seen", "text seen"]
    rees = site.as_(Role.ADMINISTRATOR)
    assert (rees.get("/unclaimed").status_code, rees.get(address).status_code) == (403, 403)


def put_away(client: FlaskClient, address: str, **form: str) -> str:
    """The form of a number's own page, as it was shown."""
    found = re.search(r'name="up_to" value="(\d+)"', client.get(address).text)
    assert found
    data = {"why": "SELLING", "up_to": found[1]} | form
    return client.post(f"{address}/put-away", data=data, follow_redirects=True).text


def test_a_number_that_is_nobodys_is_put_away_with_a_reason_and_brought_back(
    site: Site, priya: FlaskClient
) -> None:
    for words in ("Your parcel is waiting", "Last call for your parcel"):
        site.loop.says(words, n=STRANGER)
        site.loop.clock.forward(minutes=1)
    address = number_in(priya.get("/unclaimed").text)
    page = put_away(priya, address)
    assert "Put away." in page
    assert "Every text belongs to somebody." in page
    assert "2 texts, put away Tue 24 Nov, 12:02 by Priya Nair: somebody selling" in page
    assert "do not know" not in priya.get("/queue").text
    back = re.search(r'action="(/unclaimed/\d+/bring-back)"', page)
    assert back
    assert "Back in the tray." in priya.post(back[1], follow_redirects=True).text
    page = priya.get("/unclaimed").text
    assert "Last call for your parcel" in page
    assert "Put away in the last" not in page
    assert "by now" in priya.post(back[1], follow_redirects=True).text
    with site.loop.wiring.reading() as session:
        rows = session.query(AuditRow).filter(
            AuditRow.act.in_(["text put away", "text brought back"])
        )
        assert [(row.act, row.why[:8], row.staff_id) for row in rows] == [
            ("text put away", "somebody", site.members[Role.CONNECTOR].id),
            ("text brought back", "", site.members[Role.CONNECTOR].id),
        ]


def test_it_comes_back_when_that_number_writes_again_with_all_it_has_sent(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("Your parcel is waiting", n=STRANGER)
    put_away(priya, number_in(priya.get("/unclaimed").text))
    site.loop.clock.forward(hours=6)
    site.loop.says("can you ring me please", n=STRANGER)
    page = priya.get("/unclaimed").text
    assert "Your parcel is waiting" in page
    assert "can you ring me please" in page
    assert "Put away in the last" not in page
    assert "1 text from a number we do not know" in priya.get("/queue").text


def test_what_came_while_somebody_looked_is_not_put_away_unseen(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("Your parcel is waiting", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    seen = re.search(r'name="up_to" value="(\d+)"', priya.get(address).text)
    assert seen
    site.loop.clock.forward(hours=1)
    site.loop.says("it is Sara, on a new phone", n=STRANGER)
    form = {"why": "SELLING", "up_to": seen[1]}
    page = priya.post(f"{address}/put-away", data=form, follow_redirects=True).text
    assert "on a new phone" in page


def test_putting_away_asks_why_and_whether_what_is_urgent_was_read(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says(DANGER, n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    assert "Choose why it is nobody we know." in put_away(priya, address, why="")
    assert "Look at what this number sent first." in put_away(priya, address, up_to="")
    assert "Tick that you have read it all." in put_away(priya, address)
    assert "Put away." in put_away(priya, address, sure="yes")
    gone = priya.post(f"{address}/put-away", data={"why": "RANG", "up_to": "999"})
    assert gone.status_code == 302
    assert (
        priya.post("/unclaimed/999/put-away", data={"why": "RANG", "up_to": "1"}).status_code == 404
    )


def test_a_number_that_residents_share_is_not_nobodys(site: Site, priya: FlaskClient) -> None:
    site.person(1, name="Ada")
    with site.loop.wiring.transaction() as session:
        a_resident(session, n=1, name="Bea", family="Okafor", now=site.loop.clock())
    site.loop.says("can you ring me please", n=1)
    reply = re.search(r'action="(/unclaimed/\d+)"', priya.get("/unclaimed").text)
    assert reply
    assert "Nobody we know" not in priya.get(reply[1]).text
    answer = priya.post(f"{reply[1]}/put-away", data={"why": "RANG", "up_to": "9", "sure": "yes"})
    assert (answer.status_code, "Residents share this number" in answer.text) == (400, True)


def test_given_to_somebody_later_it_is_read_by_a_person_again(
    site: Site, priya: FlaskClient
) -> None:
    who = site.person()
    site.loop.says("it is Sara on my daughter's phone", n=STRANGER)
    address = number_in(priya.get("/unclaimed").text)
    put_away(priya, address, why="ELSEWHERE")
    site.loop.clock.forward(hours=3)
    site.loop.says("can you ring me please", n=STRANGER)
    priya.post(number_in(priya.get("/unclaimed").text), data={"resident": str(who)})
    assert "daughter" in priya.get("/to-read").text


def shared(site: Site) -> tuple[int, int]:
    """Ada and Ben on one phone."""
    ada = site.person(1, name="Ada")
    with site.loop.wiring.transaction() as session:
        return ada, a_resident(session, n=1, name="Ben", family="Okafor", now=site.loop.clock())


def test_one_text_of_a_shared_number_is_given_with_one_press(
    site: Site, priya: FlaskClient
) -> None:
    ada, _ben = shared(site)
    for words in ("what a nice day", "and a cold one"):
        site.loop.says(words, n=1)
        site.loop.clock.forward(minutes=5)
    page = priya.get("/unclaimed").text
    [address] = set(re.findall(r'action="(/unclaimed/\d+)"', page))
    first, second = re.findall(r'name="texts" value="([\d,]+)"', page)
    priya.post(address, data={"resident": str(ada), "texts": first})
    page = priya.get("/unclaimed").text
    assert re.findall(r'name="texts" value="([\d,]+)"', page) == [second]
    assert "not known yet" in priya.get(f"/residents/{ada}").text


def test_a_shared_stop_is_sorted_out_by_each_ones_own_word(site: Site, priya: FlaskClient) -> None:
    ada, ben = shared(site)
    site.loop.says("STOP", n=1)
    site.loop.clock.forward(minutes=5)
    page = priya.get("/unclaimed").text
    assert "Numbers to sort out (2)" in page
    priya.post(f"/unclaimed/numbers/{ada}", data={"act": "stopped"})
    address = f"/unclaimed/numbers/{ben}"
    refused = priya.post(address, data={"act": "goes_on", "how": "by_phone", "words": " "})
    assert (refused.status_code, "their own words" in refused.text) == (400, True)
    data = {"act": "goes_on", "how": "by_phone", "words": "I like them"}
    assert "Their texts go on." in priya.post(address, data=data, follow_redirects=True).text
    assert "sort out" not in priya.get("/unclaimed").text


@pytest.mark.parametrize(
    ("act", "then"), [("confirm", "Texts go on"), ("give_up", "Find a new number")]
)
def test_a_doubted_number_is_theirs_or_somebody_elses(
    site: Site, priya: FlaskClient, act: str, then: str
) -> None:
    who = site.person(1, name="Ada")
    site.loop.says("wrong number mate", n=1)
    address = f"/unclaimed/numbers/{who}"
    assert "not sure whose number" in priya.get(address).text
    after = priya.post(address, data={"act": act}, follow_redirects=True).text
    assert then in after
    assert priya.post(address, data={"act": ""}).status_code == 400


def test_the_number_somebody_had_is_named_in_the_tray(site: Site, priya: FlaskClient) -> None:
    who = site.person(1, name="Ada")
    site.loop.says("wrong number mate", n=1)
    priya.post(f"/unclaimed/numbers/{who}", data={"act": "give_up"})
    site.loop.says("what a nice day", n=1)
    assert "This was the number of Ada Begum, until" in priya.get("/unclaimed").text


def test_a_coordinator_says_how_long_a_number_may_be_silent(site: Site, priya: FlaskClient) -> None:
    morag = site.as_(Role.COORDINATOR)
    assert 'value="4"' in morag.get("/unclaimed").text
    morag.post("/unclaimed/silence", data={"months": "6"})
    assert 'value="6"' in morag.get("/unclaimed").text
    page = morag.post("/unclaimed/silence", data={"months": "99"}, follow_redirects=True).text
    assert "from 1 to 24" in page
    assert "Months without a word" not in priya.get("/unclaimed").text
    assert priya.post("/unclaimed/silence", data={"months": "6"}).status_code == 403
