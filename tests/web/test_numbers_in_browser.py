"""The tray, numbers to sort out and two records side by side, on a small phone and on a desk."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from connector.domain.rota import Role
from tests.makers import a_resident
from tests.web.conftest import Site

pytestmark = pytest.mark.browser

WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
SHOTS = os.environ.get("CONNECTOR_SHOTS", "")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def browser(site: Site, address: str, chromium: str) -> Iterator[BrowserContext]:
    """A browser in which Morag, a coordinator, has signed in."""
    signed = site.app.session_interface.get_signing_serializer(site.app)  # type: ignore[attr-defined]
    who = f"{site.members[Role.COORDINATOR].id}:key-of-coordinator"
    cookie = {"name": "connector", "value": signed.dumps({"_user_id": who, "_fresh": True})}
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = chrome.new_context()
        context.add_cookies([{**cookie, "url": address}])  # type: ignore[typeddict-item]
        yield context
        chrome.close()


def test_nothing_is_wider_than_the_screen_and_one_press_says_whose_text_it_is(
    site: Site, address: str, browser: BrowserContext
) -> None:
    ada = site.person(1, name="Ada", needs=("Large print",))
    with site.loop.wiring.transaction() as session:
        ben = a_resident(session, n=1, name="Ben", family="Okafor", now=site.loop.clock())
    cal = site.person(2, name="Cal")
    for words in ("what a nice day", "and a cold one"):
        site.loop.says(words, n=1)
        site.loop.clock.forward(minutes=5)
    site.loop.says("STOP", n=1)
    site.loop.says("wrong number mate", n=2)
    pages = {
        "tray": "/unclaimed",
        "stop": f"/unclaimed/numbers/{ada}",
        "doubt": f"/unclaimed/numbers/{cal}",
        "find": f"/residents/{ada}/merge",
        "merge": f"/residents/{ada}/merge/{ben}",
    }
    page = browser.new_page()
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for name, path in pages.items():
            page.goto(f"{address}{path}")
            assert not page.evaluate(WIDER), (name, width)
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
    page.goto(f"{address}/unclaimed")
    page.get_by_role("button", name="Ben Okafor").first.click()
    expect(page.get_by_text("1 text is on this thread now.")).to_be_visible()
