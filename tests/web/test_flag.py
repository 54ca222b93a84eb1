"""One flag on the site: seen, taken, given back, put off, finished; each with its refusals."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient

from connector.domain.flag import Flag, FlagState
from connector.domain.rota import Role
from connector.store.tables import AuditRow
from tests.web.conftest import Site


@pytest.fixture
def flag(site: Site) -> Flag:
    return site.flag_of(site.person(), "can you ring me please")


@pytest.fixture
def priya(site: Site) -> FlaskClient:
    return site.as_(Role.CONNECTOR)


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


def standing(site: Site, flag: Flag) -> Flag | None:
    return site.loop.flag(flag.resident_id)


def follow(client: FlaskClient, address: str, **form: str) -> str:
    """The page that a form leads to."""
    return client.post(address, data=form, follow_redirects=True).text


def test_the_page_shows_what_was_said_and_why(priya: FlaskClient, flag: Flag) -> None:
    page = priya.get(f"/flags/{flag.id}").text
    assert "Sara asked for a call." in page
    assert "ring me" in page
    assert "By 5pm today" in page
    assert "07700 900001" in page or "Take this" in page


def test_looking_is_written_down(site: Site, priya: FlaskClient, flag: Flag) -> None:
    priya.get(f"/flags/{flag.id}")
    with site.loop.wiring.reading() as session:
        row = session.query(AuditRow).one()
    assert (row.act, row.subject_id, row.staff_id) == (
        "flag seen",
        flag.id,
        site.members[Role.CONNECTOR].id,
    )


def test_the_one_who_comes_second_is_told_kindly_who_has_it(
    site: Site, priya: FlaskClient, morag: FlaskClient, flag: Flag
) -> None:
    follow(priya, f"/flags/{flag.id}/take")
    page = follow(morag, f"/flags/{flag.id}/take")
    assert "Priya Nair has this one already. Thank you for reaching for it." in page
    now = standing(site, flag)
    assert now is not None
    assert now.owner_name == "Priya Nair"


def test_of_many_who_reach_for_it_at_once_one_gets_it(site: Site, flag: Flag) -> None:
    browsers = [site.as_(role) for role in (Role.CONNECTOR, Role.COORDINATOR) for _ in range(4)]
    with ThreadPoolExecutor(len(browsers)) as threads:
        pages = list(threads.map(lambda one: follow(one, f"/flags/{flag.id}/take"), browsers))
    taken = standing(site, flag)
    assert taken is not None
    assert taken.version == flag.version + 1
    kindly = f"{taken.owner_name} has this one already. Thank you for reaching for it."
    assert sum(kindly in page for page in pages) == 4
    assert sum("You have this one already." in page for page in pages) == 3


def test_taking_it_twice_is_said_and_harms_nothing(priya: FlaskClient, flag: Flag) -> None:
    follow(priya, f"/flags/{flag.id}/take")
    assert "You have this one already." in follow(priya, f"/flags/{flag.id}/take")


def test_the_owner_sees_the_number_to_ring(priya: FlaskClient, flag: Flag) -> None:
    page = follow(priya, f"/flags/{flag.id}/take")
    assert 'href="tel:+447700900001"' in page
    assert "07700 900001" in page


def test_given_back_it_is_anybody_s(site: Site, priya: FlaskClient, flag: Flag) -> None:
    follow(priya, f"/flags/{flag.id}/take")
    assert "anybody to take" in follow(priya, f"/flags/{flag.id}/release")
    now = standing(site, flag)
    assert now is not None
    assert now.state is FlagState.NEW


@pytest.mark.parametrize("act", ["finish", "contact"])
@pytest.mark.parametrize("outcome", ["", "nonsense"], ids=["none", "one that is none"])
def test_an_outcome_must_be_chosen(
    site: Site, priya: FlaskClient, flag: Flag, act: str, outcome: str
) -> None:
    follow(priya, f"/flags/{flag.id}/take")
    form = {"outcome": outcome, "note": "a note not to be lost"}
    answer = priya.post(f"/flags/{flag.id}/{act}", data=form)
    assert answer.status_code == 400
    assert "Choose what happened." in answer.text
    assert "a note not to be lost" in answer.text
    assert standing(site, flag) is not None


def test_finished_with_an_outcome_it_leaves_the_queue_and_keeps_its_story(
    site: Site, priya: FlaskClient, flag: Flag
) -> None:
    follow(priya, f"/flags/{flag.id}/take")
    page = follow(priya, f"/flags/{flag.id}/finish", outcome="spoke", note="Tea on Thursday")
    assert "Finished. Thank you." in page
    assert standing(site, flag) is None
    story = priya.get(f"/flags/{flag.id}").text
    assert "Spoke to them" in story
    assert "Tea on Thursday" in story


def test_a_logged_contact_keeps_it(site: Site, priya: FlaskClient, flag: Flag) -> None:
    follow(priya, f"/flags/{flag.id}/take")
    assert "still yours" in follow(priya, f"/flags/{flag.id}/contact", outcome="no_answer")
    now = standing(site, flag)
    assert now is not None
    assert now.state is FlagState.TAKEN


@pytest.mark.parametrize(
    ("until", "problem"),
    [
        ("", "Choose a day to come back to this."),
        ("nonsense", "Choose a day to come back to this."),
        ("2026-11-24", "Choose a day that is still to come."),
        ("2027-11-24", "Choose a day in the next three months."),
    ],
    ids=["no day", "no such day", "this morning", "next year"],
)
def test_a_day_that_cannot_be_waited_for(
    priya: FlaskClient, flag: Flag, until: str, problem: str
) -> None:
    follow(priya, f"/flags/{flag.id}/take")
    answer = priya.post(f"/flags/{flag.id}/wait", data={"until": until})
    assert answer.status_code == 400
    assert problem in answer.text


def test_put_off_it_leaves_the_queue_until_its_day(
    site: Site, priya: FlaskClient, flag: Flag
) -> None:
    follow(priya, f"/flags/{flag.id}/take")
    page = follow(priya, f"/flags/{flag.id}/wait", until="2026-11-26")
    assert "It will come back by itself" in page
    assert "Sara B" not in page
    site.loop.clock.forward(days=2)
    assert "Sara B" in site.as_(Role.CONNECTOR).get("/queue").text


@pytest.mark.parametrize("act", ["release", "finish", "contact", "wait"])
def test_only_the_owner_acts(
    site: Site, priya: FlaskClient, morag: FlaskClient, flag: Flag, act: str
) -> None:
    follow(priya, f"/flags/{flag.id}/take")
    page = follow(morag, f"/flags/{flag.id}/{act}", outcome="spoke", until="2026-11-26")
    assert "Priya Nair has this one." in page
    now = standing(site, flag)
    assert now is not None
    assert (now.state, now.owner_name) == (FlagState.TAKEN, "Priya Nair")


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("post", "/take"), ("post", "/release"), ("post", "/finish"), ("post", "/wait")],
)
@pytest.mark.parametrize("flag_id", ["999", "9" * 30], ids=["unknown", "larger than any id"])
def test_a_flag_that_is_not_there_is_a_404(
    priya: FlaskClient, method: str, path: str, flag_id: str
) -> None:
    form = {"outcome": "spoke", "until": "2026-11-26"}
    answer = priya.open(f"/flags/{flag_id}{path}", method=method, data=form)
    assert answer.status_code == 404
