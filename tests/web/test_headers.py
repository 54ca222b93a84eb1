"""What holds for every page: who may see it, its headers, its tokens, its errors."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.domain.rota import Role
from tests.web.conftest import Site

CASEWORK = ["/queue", "/queue/list", "/flags/{flag}", "/residents", "/residents/{resident}"]
ACTS = [f"/flags/{{flag}}/{act}" for act in ("take", "release", "finish", "contact", "wait")]
PAGES = [*CASEWORK, "/system", "/sign-in", "/phone", "/phone/{resident}", "/nowhere"]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough here: nothing asks it for anything new."""
    return sqlite_url


@pytest.fixture
def addresses(site: Site) -> dict[str, int]:
    who = site.person()
    return {"resident": who, "flag": site.flag_of(who).id}


def ask(client: FlaskClient, address: str, names: dict[str, int]) -> TestResponse:
    return client.get(address.format(**names))


@pytest.mark.parametrize("address", CASEWORK)
class TestPagesAboutPeople:
    @pytest.mark.parametrize("role", [Role.CONNECTOR, Role.COORDINATOR])
    def test_are_for_connectors_and_coordinators(
        self, site: Site, addresses: dict[str, int], address: str, role: Role
    ) -> None:
        assert ask(site.as_(role), address, addresses).status_code == 200

    def test_are_not_for_administrators(
        self, site: Site, addresses: dict[str, int], address: str
    ) -> None:
        answer = ask(site.as_(Role.ADMINISTRATOR), address, addresses)
        assert answer.status_code == 403
        assert "Not for this account" in answer.text
        assert "Sara" not in answer.text

    def test_are_not_for_anybody_else(
        self, site: Site, addresses: dict[str, int], address: str
    ) -> None:
        answer = ask(site.anybody(), address, addresses)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("address", ACTS)
def test_an_administrator_cannot_act_on_a_flag(
    site: Site, addresses: dict[str, int], address: str
) -> None:
    answer = site.as_(Role.ADMINISTRATOR).post(address.format(**addresses))
    assert answer.status_code == 403


@pytest.mark.parametrize("address", [*ACTS, "/sign-in", "/sign-out", "/phone/{resident}"])
def test_a_form_without_a_token_does_nothing(
    site: Site, addresses: dict[str, int], address: str
) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    client = site.as_(Role.CONNECTOR)
    before = site.loop.flag(addresses["resident"])
    form = {"outcome": "spoke", "until": "2026-11-26", "text": "hello"}
    answer = client.post(address.format(**addresses), data=form)
    assert answer.status_code == 400
    assert "open for too long" in answer.text
    assert site.loop.flag(addresses["resident"]) == before
    assert client.get("/queue").status_code == 200, "still signed in"


def test_a_form_with_the_page_s_token_works(site: Site, addresses: dict[str, int]) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    client = site.as_(Role.CONNECTOR)
    page = ask(client, "/flags/{flag}", addresses).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    client.post(f"/flags/{addresses['flag']}/take", data={"csrf_token": token[1]})
    flag = site.loop.flag(addresses["resident"])
    assert flag is not None
    assert flag.owner_name == "Priya Nair"


@pytest.mark.parametrize("address", PAGES)
class TestEveryPage:
    def test_lets_only_its_own_scripts_run(
        self, site: Site, addresses: dict[str, int], address: str
    ) -> None:
        client = site.as_(Role.CONNECTOR)
        answer = ask(client, address, addresses)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce is not None
        again = ask(client, address, addresses).headers["Content-Security-Policy"]
        assert nonce[1] not in again, "a nonce is used once"
        for script in re.findall(r"<script\b[^>]*>", answer.text):
            assert f'nonce="{nonce[1]}"' in script
        assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", answer.text)

    def test_is_kept_by_nobody_and_framed_by_nobody(
        self, site: Site, addresses: dict[str, int], address: str
    ) -> None:
        headers = ask(site.as_(Role.CONNECTOR), address, addresses).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        assert re.search("no-store|no-cache", headers["Cache-Control"])


def test_the_session_cookie_is_for_this_site_alone(site: Site) -> None:
    answer = site.anybody().post(
        "/sign-in", data={"email": "priya@example.org", "password": "a-password-for-tests"}
    )
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/flags/9", 404),
        ("DELETE", "/queue", 405),
        ("GET", "/flags/1/take", 405),
    ],
)
def test_an_error_is_a_page_that_says_what_to_do(
    site: Site, method: str, address: str, status: int
) -> None:
    answer = site.as_(Role.CONNECTOR).open(address, method=method)
    assert answer.status_code == status
    assert "Community Connector" in answer.text


def test_too_much_at_once_is_refused(site: Site) -> None:
    answer = site.anybody().post("/sign-in", data={"email": "x" * 300_000})
    assert answer.status_code == 413
