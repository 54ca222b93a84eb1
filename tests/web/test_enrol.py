"""Enrolling one person: everything on one page, nothing typed lost, nobody written down twice."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from connector.domain.consent import AgreementState, How
from connector.domain.resident import NO_MESSAGE, ContactBy, Resident
from connector.domain.rota import Role
from connector.store import programmes, residents
from connector.store.tables import AuditRow, ResidentRow
from tests.makers import a_programme
from tests.web.conftest import Site

READ_OUT = 'name="read_out" value="'


@pytest.fixture
def priya(site: Site) -> FlaskClient:
    return site.as_(Role.CONNECTOR)


def programme(site: Site, name: str = "Weekly check-in") -> int:
    with site.loop.wiring.transaction() as session:
        return a_programme(session, name=name)


def form(client: FlaskClient, programme_id: int, **changes: Any) -> dict[str, Any]:
    """The form as somebody fills it in, with the words that the page shows them."""
    shown = client.post("/enrol", data=changes | {"act": "words"}).text
    given = {
        "known_as": "Ada",
        "given_name": "Adaline",
        "family_name": "Okafor",
        "contact_by": "text",
        "number": "07700 900050",
        "language": "en",
        "programmes": str(programme_id),
        "how": "in_person",
        "agreed": "yes",
    } | changes
    return given | {"read_out": shown.split(READ_OUT)[1].split('"')[0]}


def everybody(site: Site) -> list[Resident]:
    with site.loop.wiring.reading() as session:
        ids = session.scalars(select(ResidentRow.id).order_by(ResidentRow.id)).all()
        return [residents.get(session, id_) for id_ in ids]


def only(site: Site) -> Resident:
    (one,) = everybody(site)
    return one


def test_five_minutes_beside_somebody_and_a_y_later_the_first_text_is_planned(
    site: Site, priya: FlaskClient
) -> None:
    id_ = programme(site)
    data = form(
        priya,
        id_,
        likes="Allotment\nTea with Jean",
        needs=["Large print"],
        needs_other="Interpreter: Igbo",
        message_ok="no",
        step=["Ring Ada", "Ring Jean next door", ""],
        days=["THU"],
        at="14:00",
        connector_id=str(site.members[Role.CONNECTOR].id),
    )
    answer = priya.post("/enrol", data=data)
    ada = only(site)
    assert (answer.status_code, answer.location) == (302, f"/enrol/{ada.id}/together")
    assert ada.needs == (NO_MESSAGE, "Large print", "Interpreter: Igbo")
    assert ada.likes == ("Allotment", "Tea with Jean")
    assert ada.no_answer == ("Ring Ada", "Ring Jean next door")
    assert ada.agreement is AgreementState.INVITED
    site.loop.send()
    assert site.loop.bodies_to(50) == [
        "Hi Ada, Priya here. I read texts Monday to Friday, 9am to 5pm. Not for emergencies: "
        "call 999. Text Y to begin, or STOP for no more."
    ]
    page = priya.get(f"/enrol/{only(site).id}/together").text
    assert "Waiting for a Y from Ada" in page
    site.loop.clock.forward(minutes=1)
    site.loop.says("Y", n=50)
    site.loop.plan()
    page = priya.get(f"/enrol/{only(site).id}/together").text
    assert "Ada has said yes" in page
    assert "Thu 26 Nov, 14:00" in page


def test_the_words_that_were_read_out_are_kept(site: Site, priya: FlaskClient) -> None:
    priya.post("/enrol", data=form(priya, programme(site), language="cy"))
    with site.loop.wiring.reading() as session:
        (event,) = residents.agreement_history(session, only(site).id)
    assert event.words.startswith("Gawn ni decstio i ofyn sut ydych chi? Rydym yn darllen Llun i")
    assert (event.how, event.by_staff) == (How.IN_PERSON, site.members[Role.CONNECTOR].id)


def test_words_that_changed_while_the_page_was_open_are_read_out_again(
    site: Site, priya: FlaskClient
) -> None:
    data = form(priya, programme(site)) | {"language": "cy"}
    answer = priya.post("/enrol", data=data)
    assert answer.status_code == 400
    assert "The words to read out are others now" in answer.text
    assert "Gawn ni decstio" in answer.text
    assert everybody(site) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"known_as": "", "given_name": ""}, "Write what they like", id="no name"),
        pytest.param({"number": "0770"}, "too short", id="a short number"),
        pytest.param({"number": "+33 6 12 34 56 78"}, "from abroad", id="abroad"),
        pytest.param({"number": "07911 123456"}, "invented people", id="real in a demonstration"),
        pytest.param({"programmes": []}, "Choose at least one programme", id="no programme"),
        pytest.param({"at": "23:30"}, "No text goes at night", id="at night"),
        pytest.param({"at": "half ten"}, "hours and minutes", id="no time"),
        pytest.param({"agreed": ""}, "tick when they have said yes", id="not agreed"),
        pytest.param({"how": ""}, "in person or by phone", id="not said how"),
        pytest.param({"language": "xx"}, "Choose a language", id="no such language"),
        pytest.param({"connector_id": "77"}, "from the list", id="no such connector"),
        pytest.param({"step": ["x" * 121]}, "longer than 120 letters", id="a step too long"),
        pytest.param({"contact_by": "pigeon"}, "Choose how we keep", id="no such way"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    site: Site, priya: FlaskClient, changes: dict[str, Any], sentence: str
) -> None:
    data = form(priya, programme(site), likes="Her <allotment>") | changes
    answer = priya.post("/enrol", data=data)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "Her &lt;allotment&gt;" in answer.text
    assert everybody(site) == []


@pytest.mark.parametrize(
    ("typed", "kept", "because"),
    [
        ("01632 960123", "+441632960123", "A landline cannot be texted, so we ring them"),
        ("", "", "Without a mobile number we ring them"),
    ],
    ids=["a landline", "no phone"],
)
def test_without_a_mobile_they_are_rung_at_the_same_pace(
    site: Site, priya: FlaskClient, typed: str, kept: str, because: str
) -> None:
    id_ = programme(site)
    first = priya.post("/enrol", data=form(priya, id_) | {"number": typed})
    assert first.status_code == 400
    assert "May we ring you or call by" in first.text
    assert because in first.text
    assert 'value="yes" checked' not in first.text
    answer = priya.post("/enrol", data=form(priya, id_, number=typed, contact_by="call"))
    ada = only(site)
    assert answer.location == f"/residents/{ada.id}"
    assert (ada.contact_by, ada.number) == (ContactBy.CALL, kept)
    assert ada.agreement is AgreementState.GIVEN
    with site.loop.wiring.reading() as session:
        assert [one.id for one in programmes.of_resident(session, ada.id)] == [id_]
    site.loop.send()
    assert site.loop.channel.handed == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"number": "07700 900001"}, "The same number"),
        ({"known_as": "Sarah", "given_name": "Sarah", "family_name": "Begam"}, "Nearly the same"),
    ],
    ids=["number", "name"],
)
def test_somebody_who_may_be_known_is_shown_first(
    site: Site, priya: FlaskClient, changes: dict[str, Any], why: str
) -> None:
    site.person()
    data = form(priya, programme(site), **changes)
    shown = priya.post("/enrol", data=data)
    assert shown.status_code == 409
    assert "Sara Begum" in shown.text
    assert why in shown.text
    assert "Same person: open the record" in shown.text
    assert len(everybody(site)) == 1
    priya.post("/enrol", data=data | {"different": "Her sister, I know them both"})
    assert len(everybody(site)) == 2
    shares = "number" in changes
    assert [one.shared_phone for one in everybody(site)] == [shares, shares]
    with site.loop.wiring.reading() as session:
        (row,) = session.query(AuditRow).filter_by(act="resident enrolled")
        assert (row.subject_id, row.why) == (everybody(site)[1].id, "Her sister, I know them both")


def test_a_double_press_makes_one_record(site: Site, priya: FlaskClient) -> None:
    data = form(priya, programme(site))
    assert [priya.post("/enrol", data=data).status_code for _ in range(2)] == [302, 409]
    assert len(everybody(site)) == 1


def test_somebody_who_shared_no_number_is_nobody_s_double(site: Site, priya: FlaskClient) -> None:
    id_ = programme(site)
    for name in ("Ada", "Steve"):
        data = form(priya, id_, known_as=name, given_name=name, number="", contact_by="visit")
        assert priya.post("/enrol", data=data).status_code == 302
    assert [one.shared_phone for one in everybody(site)] == [False, False]


def test_the_welcome_can_go_again_three_times_a_day(site: Site, priya: FlaskClient) -> None:
    priya.post("/enrol", data=form(priya, programme(site)))
    again = f"/enrol/{only(site).id}/welcome"
    for _ in range(2):
        priya.post(again)
    assert "Three welcomes" in priya.post(again, follow_redirects=True).text
    site.loop.send()
    assert len(site.loop.bodies_to(50)) == 3


def test_a_number_that_has_said_stop_is_told_and_gets_no_welcome(
    site: Site, priya: FlaskClient
) -> None:
    site.loop.says("STOP", n=50)
    priya.post("/enrol", data=form(priya, programme(site)))
    site.loop.send()
    assert not any("Text Y" in body for body in site.loop.bodies_to(50))
    assert "This number has texted STOP" in priya.get(f"/enrol/{only(site).id}/together").text


def test_trying_out_stop_and_start_shows_on_the_page(site: Site, priya: FlaskClient) -> None:
    priya.post("/enrol", data=form(priya, programme(site)))
    site.loop.send()
    for words, shown in (("Y", "has said yes"), ("STOP", "Texts are stopped"), ("START", "yes")):
        site.loop.clock.forward(minutes=1)
        site.loop.says(words, n=50)
        assert shown in priya.get(f"/enrol/{only(site).id}/together/state").text


def test_only_those_who_see_residents_may_enrol(site: Site) -> None:
    assert site.as_(Role.ADMINISTRATOR).get("/enrol").status_code == 403
    assert site.anybody().get("/enrol").status_code == 302
