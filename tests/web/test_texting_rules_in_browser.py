"""Changing opening hours in a real browser, on a phone and on a laptop: seen first, then saved."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import time

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from connector.domain.cadence import Weekday
from connector.domain.rota import Role
from connector.store import texting_rules
from tests.makers import Loop, a_programme, a_resident, unset_rules
from tests.web.conftest import Site

pytestmark = pytest.mark.browser

TOO_SMALL = """() => [...document.querySelectorAll('a, button, input, select, summary')]
  .filter(it => it.checkVisibility() && it.type !== 'hidden' && !it.matches('.govuk-skip-link'))
  .map(it => [it.getBoundingClientRect().height, it.outerHTML.slice(0, 80)])
  .filter(([height]) => height > 0 && height < 43.5)"""


@pytest.fixture(autouse=True)
def as_it_came(loop: Loop) -> None:
    """Nobody has set any rules yet."""
    unset_rules(loop.wiring)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """The real site behind a real socket, with tokens asked for."""
    site.app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(params=[360, 1280])
def morag(
    request: pytest.FixtureRequest, site: Site, address: str, chromium: str
) -> Iterator[Page]:
    """A coordinator's browser, without JavaScript on the phone."""
    client = site.as_(Role.COORDINATOR)
    cookie = client.get_cookie("connector")
    assert cookie is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": request.param, "height": 740},
            java_script_enabled=request.param > 360,
        )
        context.add_cookies([{"name": "connector", "value": cookie.value, "url": address}])
        yield context.new_page()
        browser.close()


def fits(page: Page) -> None:
    """Nothing is wider than the window, and every target takes a thumb."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(TOO_SMALL) == []


def test_opening_hours_are_changed_after_seeing_what_would_move(
    site: Site, address: str, morag: Page
) -> None:
    with site.loop.wiring.transaction() as session:
        programme = a_programme(session, name="Fridays", days=(Weekday.FRI,), at=time(18))
        a_resident(session, programme, now=site.loop.clock())
    site.loop.plan()
    page = morag
    page.goto(f"{address}/system")
    page.get_by_role("link", name="Texting rules").click()
    fits(page)
    page.get_by_label("Friday, to").fill("17:00")
    page.get_by_role("checkbox", name="Saturday").uncheck()
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_text("Friday: 09:00 to 17:00")).to_be_visible()
    expect(page.get_by_text("Saturday: closed")).to_be_visible()
    expect(page.get_by_text("2 would move and none be skipped")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Friday, to")).to_have_value("17:00")
    expect(page.get_by_role("checkbox", name="Saturday")).not_to_be_checked()
    page.get_by_role("button", name="See what would change").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("Last changed")).to_be_visible()
    fits(page)
    with site.loop.wiring.reading() as session:
        kept = texting_rules.load(session, site.loop.wiring.calendar).calendar
    assert [hours.weekday for hours in kept.opening] == [0, 1, 2, 3, 4]


def test_a_slip_is_said_and_a_day_of_our_own_is_added(
    site: Site, address: str, morag: Page
) -> None:
    page = morag
    page.goto(f"{address}/texting-rules")
    page.get_by_label("A day", exact=True).fill("0")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("link", name="A cap of nought")).to_be_visible()
    expect(page.get_by_label("A day", exact=True)).to_have_value("0")
    fits(page)
    page.goto(f"{address}/texting-rules")
    page.get_by_text("Show 20 days").click()
    page.get_by_role("link", name="Let texts go out on Christmas Day, Friday").click()
    page.get_by_label("Why, in a few words").fill("nobody should be alone")
    page.get_by_role("button", name="See what it would change").click()
    expect(page.get_by_text("Friday 25 December 2026 is open")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Texts go out: nobody should be alone").first).to_be_visible()
    page.get_by_text("Show 20 days").click()
    fits(page)
