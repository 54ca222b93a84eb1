"""The public page: for anybody, the same for everybody, honest about what is not written yet."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connector.domain.rota import Role
from connector.store import about
from tests.web.conftest import Site

ENGLISH, WELSH, EDIT = "/about-these-texts", "/am-y-negeseuon-hyn", "/about-these-texts/edit"
WRITTEN = {
    "organisation": "Valley Neighbours",
    "number": "07700 900100",
    "phone": "0300 111 0000",
    "email": "office@example.org",
    "address": "The Library, High Street",
    "keyword": "JOINME",
    "who_reads_en": "Priya and Dan read every reply.",
    "hours_en": "We read them on weekdays, 9am to 5pm.",
    "hours_cy": "Byddwn yn eu darllen yn ystod yr wythnos.",
    "keeps_en": "We keep texts for two years.",
    "complaints_en": "Write to Morag Bell at the office.",
}


def write(site: Site, **changes: str) -> Any:
    with site.loop.wiring.reading() as session:
        edits = about.kept(session).edits
    data = {**WRITTEN, "edits": str(edits), **changes}
    return site.as_(Role.COORDINATOR).post(EDIT, data=data)


@pytest.mark.parametrize("address", [ENGLISH, WELSH])
def test_it_needs_no_sign_in_sets_no_cookie_runs_no_script_and_may_be_kept(
    site: Site, address: str
) -> None:
    answer = site.anybody().get(address)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_it_is_the_same_for_staff_and_for_everybody_so_that_a_cache_gives_nobody_away(
    site: Site,
) -> None:
    staff = site.as_(Role.COORDINATOR).get(ENGLISH)
    assert staff.text == site.anybody().get(ENGLISH).text
    assert "Morag" not in staff.text


def test_what_nobody_has_written_is_said_with_another_way_to_reach_us(site: Site) -> None:
    page = site.anybody().get(ENGLISH).text
    assert "is not on this page yet" in page
    assert "ask the person who signed you up" in page
    assert "STOP" in page
    assert "999" in page
    assert "HELLO" in page


def test_what_a_coordinator_writes_is_told_in_both_languages(site: Site) -> None:
    assert write(site).status_code == 302
    page, welsh = site.anybody().get(ENGLISH).text, site.anybody().get(WELSH).text
    for words in ("Valley Neighbours", "07700 900100", "tel:03001110000", "JOINME", "two years"):
        assert words in page
    assert "is not on this page yet" not in page
    assert "Byddwn yn eu darllen" in welsh
    assert '<p class="govuk-body" lang="en">We keep texts for two years.</p>' in welsh


def test_what_is_written_is_text_and_never_a_part_of_the_page(site: Site) -> None:
    write(site, organisation="<b>Us</b>")
    assert "&lt;b&gt;Us&lt;/b&gt;" in site.anybody().get(ENGLISH).text


def test_crisis_lines_are_told_only_while_they_are_in_date(site: Site) -> None:
    assert "116 123" in site.anybody().get(ENGLISH).text
    site.loop.clock.forward(days=800)
    assert "116 123" not in site.anybody().get(ENGLISH).text


def test_no_number_can_be_asked_for_and_a_resident_changes_nothing(site: Site) -> None:
    before = site.anybody().get(ENGLISH).text
    site.person()
    page = site.anybody().get(f"{ENGLISH}?number=07700900001").text
    assert page == before
    assert "<form" not in page


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.CONNECTOR, 403), (Role.COORDINATOR, 200), (Role.ADMINISTRATOR, 200)],
)
def test_only_who_coordinates_may_write_it(site: Site, role: Role, status: int) -> None:
    assert site.as_(role).get(EDIT).status_code == status
    assert site.anybody().get(EDIT).status_code == 302


def test_coordinators_are_reminded_until_it_is_written_and_nobody_else(site: Site) -> None:
    hint = "The public page about these texts is not written yet."
    assert hint in site.as_(Role.COORDINATOR).get("/queue").text
    assert hint not in site.as_(Role.CONNECTOR).get("/queue").text
    write(site)
    assert "The public page about these texts" not in site.as_(Role.COORDINATOR).get("/queue").text


def test_what_is_refused_says_why_and_loses_nothing(site: Site) -> None:
    answer = write(site, keyword="STOP", organisation="Typed with care")
    assert answer.status_code == 400
    assert "STOP means something else by text" in answer.text
    assert "Typed with care" in answer.text


def test_of_two_who_change_it_at_once_the_second_is_told(site: Site) -> None:
    write(site)
    answer = write(site, organisation="Mine", edits="0")
    assert answer.status_code == 400
    assert "Morag Bell has changed this page since you opened it" in answer.text
    assert 'value="Mine"' in answer.text


def test_while_the_records_are_away_it_still_says_how_to_stop_and_nothing_keeps_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> Session:
        raise OperationalError("SELECT 1", None, Exception("connection refused"))

    monkeypatch.setattr(site.loop.wiring, "readers", away)
    answer = site.anybody().get(ENGLISH)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert "cannot be shown just now" in answer.text
    assert "STOP" in answer.text
