"""Signing in and out, and where it may lead."""

from __future__ import annotations

import pytest

from connector.domain.errors import Invalid
from connector.domain.rota import Member, Role
from connector.services import accounts
from connector.store.tables import StaffRow
from connector.web.auth import safe_next
from tests.web.conftest import PASSWORD, Site

PRIYA = "priya@example.org"


def sign_in(
    site: Site, email: str = PRIYA, password: str = PASSWORD, **more: str
) -> tuple[int, str]:
    """The status of signing in and where it leads."""
    data = {"email": email, "password": password, **more}
    answer = site.anybody().post("/sign-in", data=data)
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.parametrize(
    ("role", "first_page"),
    [
        (Role.CONNECTOR, "/queue"),
        (Role.COORDINATOR, "/queue"),
        (Role.ADMINISTRATOR, "/system"),
    ],
)
def test_the_first_page_of(site: Site, role: Role, first_page: str) -> None:
    assert site.as_(role).get("/").headers["Location"] == first_page


def test_the_right_password_signs_in(site: Site) -> None:
    client = site.anybody()
    client.post("/sign-in", data={"email": f" {PRIYA.upper()} ", "password": PASSWORD})
    assert client.get("/queue").status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param(PRIYA, "not-the-password", id="wrong password"),
        pytest.param("nobody@example.org", PASSWORD, id="unknown address"),
        pytest.param(PRIYA, "", id="no password"),
        pytest.param("", "", id="nothing"),
        pytest.param(PRIYA + "\0", PASSWORD, id="a character that no database takes"),
        pytest.param("x" * 10_000, "y" * 10_000, id="very long"),
    ],
)
def test_is_refused_in_the_same_words_whatever_was_wrong(
    site: Site, email: str, password: str
) -> None:
    answer = site.anybody().post("/sign-in", data={"email": email, "password": password})
    assert answer.status_code == 400
    assert "do not go together" in answer.text


def test_somebody_who_has_left_cannot_sign_in_and_is_signed_out(site: Site) -> None:
    inside = site.as_(Role.CONNECTOR)
    with site.loop.wiring.transaction() as session:
        session.query(StaffRow).filter(StaffRow.email == PRIYA).update({"active": False})
    assert sign_in(site)[0] == 400
    assert inside.get("/queue").status_code == 302


def test_a_changed_session_key_ends_every_session(site: Site) -> None:
    inside = site.as_(Role.CONNECTOR)
    with site.loop.wiring.transaction() as session:
        session.query(StaffRow).filter(StaffRow.email == PRIYA).update({"session_key": "new"})
    assert inside.get("/queue").status_code == 302


def test_signing_out_ends_it(site: Site) -> None:
    client = site.as_(Role.CONNECTOR)
    assert client.post("/sign-out").status_code == 302
    assert client.get("/queue").headers["Location"].startswith("/sign-in")


def test_a_session_ends_by_itself_after_a_working_day(site: Site) -> None:
    client = site.anybody()
    client.post("/sign-in", data={"email": PRIYA, "password": PASSWORD})
    site.loop.clock.forward(hours=11)
    assert client.get("/queue").status_code == 200
    site.loop.clock.forward(hours=13)
    assert client.get("/queue").status_code == 302


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/flags/7", "/flags/7"),
        ("/queue?view=mine", "/queue?view=mine"),
        ("", "/"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example/", "/"),
        ("\\\\elsewhere.example", "/"),
        ("/\t/elsewhere.example", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        (" /queue", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_next_never_leaves_the_site(site: Site, wanted: str, leads_to: str) -> None:
    assert sign_in(site, next=wanted) == (302, leads_to)
    assert safe_next(wanted) == (leads_to if leads_to != "/" else None)


def test_the_page_that_was_asked_for_comes_after_signing_in(site: Site) -> None:
    asked = site.anybody().get("/queue?view=mine")
    assert asked.headers["Location"] == "/sign-in?next=/queue?view%3Dmine"


def test_passwords_are_kept_as_argon2id_and_short_ones_are_refused(site: Site) -> None:
    member = site.members[Role.CONNECTOR]
    with site.loop.wiring.transaction() as session:
        with pytest.raises(Invalid, match="at least 12 characters"):
            accounts.add(session, member, "too short")
        new = accounts.DEMO_SIGN_INS[0]
        accounts.add(session, Member(0, new.name, new.email, new.role), new.password)
        row = session.query(StaffRow).filter(StaffRow.email == new.email).one()
    assert row.password_hash.startswith("$argon2id$")
    assert sign_in(site, new.email, new.password)[0] == 302
