"""The site over a real wiring, with people who sign in, and a count of what records are asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import event
from werkzeug.serving import make_server

from connector.domain.flag import Flag
from connector.domain.rota import Member, Role
from connector.store import staff
from connector.web import create_app
from tests.fakes import FakeClock
from tests.makers import Loop, a_programme, a_resident, number


class Traveller(Protocol):
    def move_to(self, destination: datetime) -> None: ...


PASSWORD = "a-password-for-tests"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
NAMES = {
    Role.CONNECTOR: "Priya Nair",
    Role.COORDINATOR: "Morag Bell",
    Role.ADMINISTRATOR: "Tomos Rees",
}


class SiteClock(FakeClock):
    """A test's clock that the site looks at as well."""

    def __init__(self, start: datetime, traveller: Traveller) -> None:
        super().__init__(start)
        self._traveller = traveller

    def forward(self, **span: float) -> datetime:
        self._traveller.move_to(super().forward(**span))
        return self.now


@dataclass
class Site:
    """The site, the loop behind it, and a way to be somebody on it."""

    app: Flask
    loop: Loop
    members: dict[Role, Member]

    def anybody(self) -> FlaskClient:
        return self.app.test_client()

    def as_(self, role: Role) -> FlaskClient:
        """A browser in which somebody of this role has signed in."""
        client = self.anybody()
        with client.session_transaction() as session:
            session["_user_id"] = f"{self.members[role].id}:key-of-{role.value}"
            session["_fresh"] = True
        return client

    def person(self, n: int = 1, **changes: Any) -> int:
        """A resident whose connector is Priya."""
        with self.loop.wiring.transaction() as session:
            programme = a_programme(session, name=f"Programme {n}")
            connector = self.members[Role.CONNECTOR].id
            now = self.loop.clock()
            return a_resident(session, programme, n=n, connector_id=connector, now=now, **changes)

    def flag_of(self, who: int, words: str = "can you ring me please", *, n: int = 1) -> Flag:
        """The open flag that a resident's words make."""
        self.loop.says(words, n=n)
        flag = self.loop.flag(who)
        assert flag is not None
        return flag

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """The statements that the records are asked meanwhile."""
        asked: list[str] = []

        def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
                asked.append(statement)

        engine = self.loop.wiring.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield asked
        finally:
            event.remove(engine, "before_cursor_execute", note)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """The pages' templates, compiled once for the whole run."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("pages")))


@pytest.fixture
def site(loop: Loop, compiled: FileSystemBytecodeCache) -> Iterator[Site]:
    """The demonstration's site at noon on a Tuesday; its forms need a token only when told so."""
    members = {}
    with loop.wiring.transaction() as session:
        for place, (role, name) in enumerate(NAMES.items()):
            email = f"{name.split()[0].lower()}@example.org"
            new = Member(0, name, email, role, number(900 + place))
            id_ = staff.add(session, new, password_hash=HASH, session_key=f"key-of-{role.value}")
            members[role] = Member(id_, name, email, role, new.number)
    app = create_app(loop.wiring)
    app.testing = True
    app.jinja_env.bytecode_cache = compiled
    app.config["WTF_CSRF_ENABLED"] = False
    with time_machine.travel(loop.clock(), tick=False) as traveller:
        loop.clock = SiteClock(loop.clock(), traveller)
        yield Site(app, loop, members)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """The site, served on this machine only."""
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(params=[360, 1280])
def page(request: pytest.FixtureRequest, chromium: str) -> Iterator[Page]:
    """A real browser's page, as wide as a phone and as a desk."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser.new_page(viewport={"width": request.param, "height": 740})
        browser.close()
