"""Staff set and end a time without texts, and write down what stops them for good."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from connector.domain.rota import Role
from connector.store.tables import AbsenceRow, AuditRow, ResidentRow
from tests.makers import a_programme, a_resident
from tests.web.conftest import Site

AWAY = {"kind": "hospital", "starts_on": "2026-11-24", "until": "day", "ends_on": "2026-12-01"}
DIED = {"mark": "died", "told_by": "family", "on": "2026-11-20"}


@pytest.fixture
def priya(site: Site) -> FlaskClient:
    return site.as_(Role.CONNECTOR)


@pytest.fixture
def sara(site: Site) -> int:
    with site.loop.wiring.transaction() as session:
        return a_resident(session, a_programme(session), now=site.loop.clock())


def absences_of(site: Site) -> list[tuple[str, bool]]:
    with site.loop.wiring.reading() as session:
        return [(row.kind, row.ended_at is None) for row in session.query(AbsenceRow)]


def standing_of(site: Site, who: int) -> str:
    with site.loop.wiring.reading() as session:
        return session.get_one(ResidentRow, who).standing


def test_a_stay_in_hospital_is_written_down_by_phone_and_ended(
    site: Site, priya: FlaskClient, sara: int
) -> None:
    page = priya.post(f"/residents/{sara}/away", data=AWAY, follow_redirects=True).text
    assert "In hospital now" in page
    assert "From 24 November; texts start again on 1 December." in page
    assert "Written down by Priya" in page
    assert absences_of(site) == [("hospital", True)]

    page = priya.post(f"/residents/{sara}/away/end", follow_redirects=True).text
    assert "Texts go on as before." in page
    assert "Earlier times without texts (1)" in page
    assert absences_of(site) == [("hospital", False)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": ""}, "Choose whether they are away, in hospital or having a pause."),
        ({"until": ""}, "Say when texts start again, or that nobody knows yet."),
        ({"ends_on": ""}, "Enter the day texts start again."),
        ({"ends_on": "soon"}, "Enter a day such as 24/11/2026."),
        ({"ends_on": "2026-11-23"}, "has to be after the first day without"),
        ({"starts_on": "2026-11-01", "ends_on": "2026-11-09"}, "has to be still to come"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_entered_stays(
    site: Site, priya: FlaskClient, sara: int, change: dict[str, str], problem: str
) -> None:
    answer = priya.post(f"/residents/{sara}/away", data={**AWAY, **change})
    assert answer.status_code == 400
    assert problem in answer.text
    assert f'value="{({**AWAY, **change})["ends_on"]}"' in answer.text
    assert absences_of(site) == []


def test_who_has_died_is_asked_about_once_more_and_written_down(
    site: Site, priya: FlaskClient, sara: int
) -> None:
    page = priya.post(f"/residents/{sara}/mark", data=DIED).text
    assert "Sara has died?" in page
    assert "Warning" in page
    assert standing_of(site, sara) == ""

    page = priya.post(
        f"/residents/{sara}/mark", data={**DIED, "sure": "yes"}, follow_redirects=True
    ).text
    assert "Has died" in page
    assert "Family or a friend told us, 20 November. Written down" in page
    assert "A time without texts" not in page
    assert standing_of(site, sara) == "died"
    with site.loop.wiring.reading() as session:
        assert session.query(AuditRow).filter_by(act="marked died").one().staff_id is not None


def test_a_slip_is_taken_away(site: Site, priya: FlaskClient, sara: int) -> None:
    left = {"mark": "left", "told_by": "themselves", "sure": "yes"}
    assert (
        "Has moved away"
        in priya.post(f"/residents/{sara}/mark", data=left, follow_redirects=True).text
    )
    page = priya.post(f"/residents/{sara}/mark/take-away", follow_redirects=True).text
    assert "Texts are planned again" in page
    assert standing_of(site, sara) == ""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"mark": ""}, "Choose what has happened."),
        ({"mark": "held"}, "Choose what has happened."),
        ({"told_by": "text"}, "Choose how we know."),
        ({"on": "2026-11-30"}, "cannot be still to come"),
    ],
)
def test_a_mark_needs_what_and_how_we_know(
    priya: FlaskClient, sara: int, change: dict[str, str], problem: str
) -> None:
    answer = priya.post(f"/residents/{sara}/mark", data={**DIED, **change})
    assert answer.status_code == 400
    assert problem in answer.text


def test_the_record_leads_there(priya: FlaskClient, sara: int) -> None:
    assert f"/residents/{sara}/away" in priya.get(f"/residents/{sara}").text
    assert priya.get("/residents/999999/away").status_code == 404
