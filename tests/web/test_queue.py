"""The queue: who, why, by when, whose; and a poll that costs next to nothing."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from tests.web.conftest import Site

DANGER = "Thanks. I don't want to be here any more."


@pytest.fixture
def priya(site: Site) -> FlaskClient:
    return site.as_(Role.CONNECTOR)


def test_an_empty_queue_says_so(priya: FlaskClient) -> None:
    assert "Nothing to do just now." in priya.get("/queue").text


def test_a_card_says_who_why_by_when_and_marks_the_words(site: Site, priya: FlaskClient) -> None:
    site.flag_of(site.person(needs=("Prefers calls",)), DANGER)
    page = priya.get("/queue").text
    assert "Sara B" in page
    assert "Begum" not in page, "a card shows an initial, not the family name"
    assert "wrote about danger to life" in page
    assert "Due now" in page
    assert "<mark" in page
    assert "Prefers calls" in page


def test_words_of_a_resident_are_never_markup(site: Site, priya: FlaskClient) -> None:
    who = site.person()
    site.flag_of(who, "<script>alert(1)</script> I want to die <b>now</b>")
    for address in ("/queue", "/queue/list", f"/residents/{who}", f"/phone/{who}"):
        page = priya.get(address).text
        assert "alert(1)" in page or address == "/phone"
        assert "<script>alert" not in page


def test_the_three_views(site: Site, priya: FlaskClient) -> None:
    mine = site.flag_of(site.person(1, name="Ada"), n=1)
    site.flag_of(site.person(2, name="Bea"), n=2)
    priya.post(f"/flags/{mine.id}/take")
    shown = {
        view: [name for name in ("Ada B", "Bea B") if name in priya.get(f"/queue?view={view}").text]
        for view in ("mine", "nobody", "everyone")
    }
    assert shown == {"mine": ["Ada B"], "nobody": ["Bea B"], "everyone": ["Ada B", "Bea B"]}


@pytest.mark.parametrize(
    "address",
    ["?view=nonsense", "?after=nonsense", "?after=1e999_1", "?after=nan_1", "?after=1_" + "9" * 30],
)
def test_a_meddled_address_shows_a_page(priya: FlaskClient, address: str) -> None:
    assert priya.get(f"/queue{address}").status_code == 200


def test_more_than_a_page_leads_on_without_a_gap(site: Site, priya: FlaskClient) -> None:
    people = [site.person(n, name=f"Ada{n:03}") for n in range(1, 54)]
    for n in range(1, 54):
        site.loop.arrives("can you ring me please", n=n)
    site.loop.read()
    first = priya.get("/queue").text
    more = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = priya.get(more).text
    on_first = [n for n in range(1, 54) if f"Ada{n:03} B" in first]
    on_second = [n for n in range(1, 54) if f"Ada{n:03} B" in second]
    assert len(people) == 53
    assert (len(on_first), len(on_second)) == (50, 3)
    assert sorted(on_first + on_second) == list(range(1, 54))


class TestThePoll:
    def test_says_304_while_nothing_changes_and_200_after_a_new_flag(
        self, site: Site, priya: FlaskClient
    ) -> None:
        first = priya.get("/queue/list")
        tag = {"If-None-Match": first.headers["ETag"]}
        assert priya.get("/queue/list", headers=tag).status_code == 304
        site.flag_of(site.person(), DANGER)
        again = priya.get("/queue/list", headers=tag)
        assert again.status_code == 200
        assert "Sara B" in again.text
        assert again.headers["ETag"] != first.headers["ETag"]

    def test_looks_again_when_somebody_takes_one(self, site: Site, priya: FlaskClient) -> None:
        flag = site.flag_of(site.person())
        tag = {"If-None-Match": priya.get("/queue/list").headers["ETag"]}
        site.as_(Role.COORDINATOR).post(f"/flags/{flag.id}/take")
        assert priya.get("/queue/list", headers=tag).status_code == 200

    def test_looks_again_when_time_makes_something_due(
        self, site: Site, priya: FlaskClient
    ) -> None:
        site.flag_of(site.person())
        tag = {"If-None-Match": priya.get("/queue/list").headers["ETag"]}
        site.loop.clock.forward(hours=6)
        again = priya.get("/queue/list", headers=tag)
        assert again.status_code == 200
        assert "Overdue since 17:00" in again.text

    def test_asks_the_records_twice_at_most(self, site: Site, priya: FlaskClient) -> None:
        tag = {"If-None-Match": priya.get("/queue/list").headers["ETag"]}
        with site.counted() as asked:
            assert priya.get("/queue/list", headers=tag).status_code == 304
        assert len(asked) <= 2, asked

    def test_is_for_one_person_and_one_view(self, site: Site, priya: FlaskClient) -> None:
        tag = {"If-None-Match": priya.get("/queue/list").headers["ETag"]}
        assert priya.get("/queue/list?view=mine", headers=tag).status_code == 200
        morag = site.as_(Role.COORDINATOR)
        assert morag.get("/queue/list", headers=tag).status_code == 200


def test_the_page_asks_the_records_as_often_for_one_flag_as_for_many(
    site: Site, priya: FlaskClient
) -> None:
    counts = []
    for n in (1, 2, 3, 4, 5):
        site.flag_of(site.person(n), n=n)
        with site.counted() as asked:
            priya.get("/queue")
        counts.append(len(asked))
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 12
