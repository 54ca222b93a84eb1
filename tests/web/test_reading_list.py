"""To read: beside the queue, one tap each, with a count that never grows long."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from connector.domain.phrases import Rulebook
from connector.domain.reading import Weight
from connector.domain.rota import Role
from tests.conftest import make_reader
from tests.web.conftest import Site


class Worried:
    """A model that reads everything first, for its first word."""

    def weigh(self, text: str) -> Weight:
        return Weight(read_first=True, weight=0.87, because=(text.split()[0],))


def first_of(page: str) -> str:
    """The address that marks the first text of the page as read."""
    found = re.search(r'formaction="(/to-read/\d+/read)"', page)
    assert found
    return found[1]


@pytest.fixture
def priya(site: Site) -> FlaskClient:
    return site.as_(Role.CONNECTOR)


def test_nothing_to_read_says_so_and_shows_no_count(site: Site, priya: FlaskClient) -> None:
    site.person()
    site.loop.says("7")
    page = priya.get("/to-read").text
    assert "Everything has been read." in page
    assert "app-nav__count" not in page


def test_a_text_waits_with_its_words_until_it_is_marked(site: Site, priya: FlaskClient) -> None:
    site.person()
    site.loop.says("the beans are up")
    page = priya.get("/to-read").text
    assert "the beans are up" in page
    assert "Sara B" in page
    assert '<span class="app-nav__count">1</span>' in priya.get("/residents").text
    mark = first_of(page)
    answer = priya.post(mark, follow_redirects=True)
    assert "Marked as read." in answer.text
    assert "Everything has been read." in answer.text
    undo = f"{mark.removesuffix('read')}unread"
    assert "the beans are up" in priya.post(undo, follow_redirects=True).text


def test_a_second_tap_is_quiet(site: Site, priya: FlaskClient) -> None:
    site.person()
    site.loop.says("the beans are up")
    mark = first_of(priya.get("/to-read").text)
    priya.post(mark)
    again = site.as_(Role.COORDINATOR).post(mark, follow_redirects=True)
    assert again.status_code == 200
    assert "Marked as read." not in again.text
    assert priya.post("/to-read/999999/read").status_code == 302


def test_what_is_read_first_shows_the_words_and_never_a_figure(
    site: Site, priya: FlaskClient, rules: Rulebook
) -> None:
    site.person()
    site.loop.wiring.reader = make_reader(site.loop.wiring, rules, scorer=Worried())
    site.loop.says("beans are up")
    page = priya.get("/to-read").text
    assert "Read first because of: <q>beans</q>" in page
    assert "0.87" not in page


def test_opening_a_flag_of_ones_own_is_reading_it(site: Site, priya: FlaskClient) -> None:
    flag = site.flag_of(site.person())
    site.as_(Role.COORDINATOR).get(f"/flags/{flag.id}")
    priya.get(f"/flags/{flag.id}")
    assert "can you ring me please" in priya.get("/to-read").text, "looking is not taking it on"
    priya.post(f"/flags/{flag.id}/take", follow_redirects=True)
    assert "Everything has been read." in priya.get("/to-read").text


def test_the_count_stops_at_fifty_and_the_page_at_twenty(site: Site, priya: FlaskClient) -> None:
    site.person()
    for n in range(51):
        site.loop.arrives(f"bean number {n} is up")
    site.loop.read()
    page = priya.get("/to-read").text
    assert "50+" in page
    assert page.count(">I’ve read this<") == 20
    assert "More follow as these are read." in page


def test_it_asks_the_records_as_often_for_one_text_as_for_many(
    site: Site, priya: FlaskClient
) -> None:
    counts = []
    for n in (1, 2, 3):
        site.person(n)
        site.loop.says("the beans are up", n=n)
        with site.counted() as asked:
            priya.get("/to-read")
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts


def test_a_text_is_never_markup(site: Site, priya: FlaskClient) -> None:
    site.person()
    site.loop.says("<script>alert(1)</script> hello")
    assert "<script>alert" not in priya.get("/to-read").text


def test_it_is_for_people_who_see_residents(site: Site) -> None:
    outsider = site.as_(Role.ADMINISTRATOR)
    assert outsider.get("/to-read").status_code == 403
    assert outsider.post("/to-read/1/read").status_code == 403
    assert site.anybody().get("/to-read").status_code == 302
