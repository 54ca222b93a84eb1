"""A record on the site: changed, refused in words, overtaken; and a person's word about texts."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from connector.domain.consent import AgreementState
from connector.domain.resident import Resident
from connector.domain.rota import Role
from connector.store import residents
from connector.store.tables import AuditRow, ResidentRow
from tests.web.conftest import Site


@pytest.fixture
def priya(site: Site) -> FlaskClient:
    return site.as_(Role.CONNECTOR)


def version(client: FlaskClient, who: int) -> str:
    return client.get(f"/residents/{who}/record").text.split('name="version" value="')[1][:16]


def form(client: FlaskClient, who: int, **changes: Any) -> dict[str, Any]:
    """The form as it is filled in, with some of it changed."""
    return {
        "version": version(client, who),
        "known_as": "Sara",
        "given_name": "Sara",
        "family_name": "Begum",
        "contact_by": "text",
        "number": "07700 900001",
        "language": "en",
        "connector_id": "",
    } | changes


def get(site: Site, who: int) -> Resident:
    with site.loop.wiring.reading() as session:
        return residents.get(session, who)


def test_everything_on_the_form_is_kept_and_shown(site: Site, priya: FlaskClient) -> None:
    who = site.person(needs=("Prefers calls",))
    page = priya.get(f"/residents/{who}/record").text
    assert 'value="07700 900001"' in page
    data = form(
        priya,
        who,
        known_as="Sal",
        likes="Choir on Mondays",
        needs=["Large print"],
        needs_other="Has a dog",
        message_ok="no",
        shared_phone="yes",
        step=["Ring Sal", "Knock"],
        language="cy",
    )
    page = priya.post(f"/residents/{who}/record", data=data, follow_redirects=True).text
    for words in ("Likes to be called Sal", "Choir on Mondays", "Has a dog", "Welsh", "Knock"):
        assert words in page
    assert page.index("Choir on Mondays") < page.index("Has a dog")
    assert "Not safe to leave a message." in page
    assert "Somebody else uses the phone as well." in page


def test_nothing_on_the_form_moves_by_itself(site: Site, priya: FlaskClient) -> None:
    who = site.person(needs=("Prefers calls", "Interpreter: Somali"))
    before = get(site, who)
    data = form(
        priya,
        who,
        needs=["Prefers calls"],
        needs_other="Interpreter: Somali",
        connector_id=str(before.connector_id),
    )
    page = priya.post(f"/residents/{who}/record", data=data, follow_redirects=True).text
    assert "Nothing was changed" in page
    assert get(site, who) == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"known_as": "", "given_name": ""}, "Write what they like to be called"),
        ({"number": "12"}, "too short"),
        ({"likes": "x" * 121}, "longer than 120"),
        ({"likes": "\n".join(f"thing {n}" for n in range(13))}, "at most 12"),
        ({"known_as": "x" * 61}, "longer than 60"),
    ],
    ids=["no name", "no number", "a long line", "many lines", "a long name"],
)
def test_what_cannot_be_kept_is_said(
    site: Site, priya: FlaskClient, changes: dict[str, Any], sentence: str
) -> None:
    who = site.person()
    answer = priya.post(
        f"/residents/{who}/record", data=form(priya, who, needs_other="Has a dog") | changes
    )
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "Has a dog" in answer.text
    assert get(site, who).needs == ()


def test_the_second_of_two_sees_what_the_first_wrote_and_loses_nothing(
    site: Site, priya: FlaskClient
) -> None:
    who = site.person()
    mine, theirs = form(priya, who, likes="Tea"), form(priya, who, likes="Coffee")
    priya.post(f"/residents/{who}/record", data=theirs)
    answer = priya.post(f"/residents/{who}/record", data=mine)
    assert answer.status_code == 409
    assert "Somebody has changed this record" in answer.text
    assert "<dd>Coffee</dd>" in answer.text
    assert ">Tea</textarea>" in answer.text
    again = mine | {"version": answer.text.split('name="version" value="')[1][:16]}
    assert priya.post(f"/residents/{who}/record", data=again).status_code == 302
    assert get(site, who).likes == ("Tea",)


def test_a_number_that_somebody_has_is_shown_with_who_has_it(
    site: Site, priya: FlaskClient
) -> None:
    who = site.person()
    site.person(2, name="Jean", family="Hill")
    data = form(priya, who, number="07700 900002")
    answer = priya.post(f"/residents/{who}/record", data=data)
    assert answer.status_code == 409
    assert "Jean Hill" in answer.text
    assert get(site, who).number == "+447700900001"
    data["different"] = "Jean is her mother"
    assert priya.post(f"/residents/{who}/record", data=data).status_code == 302
    assert get(site, who).number == "+447700900002"


@pytest.mark.parametrize(
    ("act", "state", "said"),
    [
        ("pause", AgreementState.PAUSED, "Nothing more until they say so"),
        ("stop", AgreementState.WITHDRAWN, "Nothing more from us"),
    ],
)
def test_a_word_about_texts_is_written_down(
    site: Site, priya: FlaskClient, act: str, state: AgreementState, said: str
) -> None:
    who = site.person()
    data = {"act": act, "how": "by_phone", "words": "Too much just now"}
    page = priya.post(f"/residents/{who}/agreement", data=data, follow_redirects=True).text
    assert said in page
    assert "Too much just now" in page
    assert "All that was agreed" in page
    assert get(site, who).agreement is state


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        ({}, 400, "Choose what they want"),
        ({"act": "pause"}, 400, "in person or by phone"),
        ({"act": "pause", "how": "by_text"}, 400, "in person or by phone"),
        ({"act": "pause", "how": "by_phone", "words": "x" * 301}, 400, "under 300"),
        ({"act": "go_on", "how": "by_phone"}, 409, "ask them to text START"),
    ],
    ids=["nothing", "not how", "not by staff", "a book", "after a texted STOP"],
)
def test_a_word_that_cannot_be_written_down(
    site: Site, priya: FlaskClient, data: dict[str, str], status: int, sentence: str
) -> None:
    who = site.person()
    site.loop.says("STOP")
    answer = priya.post(f"/residents/{who}/agreement", data=data)
    assert answer.status_code == status
    assert sentence in answer.text


@pytest.mark.parametrize("page", ["", "/record", "/agreement"])
def test_a_merged_record_leads_to_the_one_that_was_kept(
    site: Site, priya: FlaskClient, page: str
) -> None:
    gone, kept = site.person(), site.person(2, name="Ada")
    with site.loop.wiring.transaction() as session:
        session.get_one(ResidentRow, gone).merged_into = kept
    answer = priya.get(f"/residents/{gone}{page}")
    assert (answer.status_code, answer.location) == (302, f"/residents/{kept}{page}")


def test_who_is_not_there_and_who_may_not_look(site: Site, priya: FlaskClient) -> None:
    who = site.person()
    for page in ("record", "agreement"):
        assert priya.get(f"/residents/{10**6}/{page}").status_code == 404
        assert site.as_(Role.ADMINISTRATOR).get(f"/residents/{who}/{page}").status_code == 403
    priya.get(f"/residents/{who}/record")
    with site.loop.wiring.reading() as session:
        assert [row.act for row in session.query(AuditRow)] == ["resident seen"]
