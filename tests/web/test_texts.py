"""One person's texts on the site: any day explained, the timeline, and who may look."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.rota import Role
from connector.store import residents
from connector.store.tables import AuditRow
from tests.web.conftest import Site


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


def test_a_day_on_which_a_text_went(site: Site) -> None:
    who = site.person()
    site.loop.asks()
    page = site.as_(Role.COORDINATOR).get(f"/residents/{who}/texts/2026-11-25").text
    for words in (
        "Wednesday 25 November 2026",
        "Yes: 1 text went to Sara, a check-in.",
        "Hi Sara, how have things been, 0 to 10? Priya",
        "45 characters, 1 segment",
        "Programme 1, text 3",
        "This is text 3 of it, in the words of version 1.",
        f"/residents/{who}/texts/2026-11-24",
        f"/residents/{who}/texts/2026-11-26",
    ):
        assert words in page


def test_a_day_to_come_shows_the_text_as_it_will_read(site: Site, morag: FlaskClient) -> None:
    who = site.person(language="cy", name="Siân")
    site.loop.plan()
    page = morag.get(f"/residents/{who}/texts/2026-11-25").text
    assert "Yes: as things stand now, a text goes to Siân at 10:00." in page
    assert "Hi Siân, how have things been, 0 to 10? Priya" in page


def test_a_day_without_a_text_says_why(site: Site, morag: FlaskClient) -> None:
    who = site.person()
    with site.loop.wiring.transaction() as session:
        paused = AgreementEvent(AgreementState.PAUSED, site.loop.clock(), How.BY_PHONE)
        residents.agree(session, who, paused)
    page = morag.get(f"/residents/{who}/texts/2026-11-24").text
    assert "No: no text has gone to Sara." in page
    assert "Texts to Sara have been paused since Tuesday 24 November 2026 at 12:00" in page


def test_what_somebody_wrote_stands_there_with_its_marks(site: Site, morag: FlaskClient) -> None:
    who = site.person()
    site.loop.says("can you ring me please")
    page = morag.get(f"/residents/{who}/texts/2026-11-24").text
    assert re.search("<mark>[^<]*ring me[^<]*</mark>", page)
    assert "Sara wrote" in page


def test_the_timeline_has_both_sides_of_now(site: Site) -> None:
    who = site.person()
    site.loop.asks()
    site.loop.plan()
    page = site.as_(Role.COORDINATOR).get(f"/residents/{who}/texts").text
    assert "To come, until Wed 17 Feb 2027" in page
    assert "Since Wed 28 Oct, newest first" in page
    assert "Worked out" in page


def test_what_would_not_go_says_so_in_the_list(site: Site, morag: FlaskClient) -> None:
    who = site.person()
    site.loop.plan()
    with site.loop.wiring.transaction() as session:
        paused = AgreementEvent(AgreementState.PAUSED, site.loop.clock(), How.BY_PHONE)
        residents.agree(session, who, paused)
    page = morag.get(f"/residents/{who}/texts").text
    assert "Would not go" in page
    assert "texts are paused for this resident." in page
    assert "Texts to Sara have been paused since Tuesday 24 November 2026 at 12:00" in page


def test_the_times_are_by_the_clock_of_where_somebody_lives(site: Site, morag: FlaskClient) -> None:
    who = site.person(zone="Asia/Kolkata")
    site.loop.plan()
    page = morag.get(f"/residents/{who}/texts/2026-11-25").text
    assert "own clock (Asia/Kolkata)" in page
    assert ">10:00</time>" in page


@pytest.mark.parametrize(
    "written", ["2026-11-27", "27/11/2026", " 27 November 2026 ", "27 Nov 2026"]
)
def test_a_day_can_be_written_in_several_ways(site: Site, morag: FlaskClient, written: str) -> None:
    who = site.person()
    answer = morag.get(f"/residents/{who}/texts", query_string={"day": written})
    assert answer.location == f"/residents/{who}/texts/2026-11-27"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("soon", "Write the day as day, month and year"),
        ("31/02/2026", "Write the day as day, month and year"),
        ("", "Write the day as day, month and year"),
        ("<b>", "Write the day as day, month and year"),
    ],
)
def test_a_day_that_is_none_gets_a_sentence_and_stays_in_the_field(
    site: Site, morag: FlaskClient, written: str, sentence: str
) -> None:
    who = site.person()
    answer = morag.get(f"/residents/{who}/texts", query_string={"day": written})
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "<b>" not in answer.text
    if written and written != "<b>":
        assert f'value="{written}"' in answer.text


@pytest.mark.parametrize("day", ["2199-01-01", "1066-10-14", "9999-12-31", "0001-01-01", "never"])
def test_a_day_nobody_can_speak_of_gets_a_sentence(
    site: Site, morag: FlaskClient, day: str
) -> None:
    answer = morag.get(f"/residents/{site.person()}/texts/{day}")
    assert answer.status_code == 400
    assert "Error:" in answer.text


@pytest.mark.parametrize("address", ["texts", "texts/2026-11-25", "texts?day=soon"])
def test_only_those_who_work_with_residents_come_here(site: Site, address: str) -> None:
    who = site.person()
    assert site.as_(Role.ADMINISTRATOR).get(f"/residents/{who}/{address}").status_code == 403
    assert site.anybody().get(f"/residents/{who}/{address}").status_code == 302
    assert site.as_(Role.CONNECTOR).get(f"/residents/{who}/texts").status_code == 200


@pytest.mark.parametrize("address", ["texts", "texts/2026-11-25"])
def test_looking_is_written_down(site: Site, morag: FlaskClient, address: str) -> None:
    who = site.person()
    morag.get(f"/residents/{who}/{address}")
    with site.loop.wiring.reading() as session:
        rows = [(row.act, row.subject_id, row.staff_id) for row in session.query(AuditRow)]
    assert rows == [("resident seen", who, site.members[Role.COORDINATOR].id)]


@pytest.mark.parametrize("address", ["texts", "texts/2026-11-25", "texts/never"])
def test_somebody_who_is_not_there(morag: FlaskClient, address: str) -> None:
    assert morag.get(f"/residents/999/{address}").status_code == 404


def test_the_page_of_a_person_leads_to_their_next_texts(site: Site, morag: FlaskClient) -> None:
    who = site.person()
    site.loop.plan()
    page = morag.get(f"/residents/{who}").text
    assert "Next texts" in page
    assert "Wed 25 Nov, 10:00" in page
    assert f'href="/residents/{who}/texts/2026-11-25"' in page
    assert f'href="/residents/{who}/texts"' in page
    assert "Every day at 10:00" in page
    assert re.search(rf'href="/residents/{who}/programmes/\d+/pace"', page)
