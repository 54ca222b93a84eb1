"""Writing questions in a real browser, on a phone without scripts and on a laptop; then trying."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from connector.domain.cadence import Weekday
from connector.domain.rota import Role
from connector.store import versions
from tests.makers import a_programme
from tests.web.conftest import Site

pytestmark = pytest.mark.browser

TOO_SMALL = """() => [...document.querySelectorAll('a, button, input, select, summary, textarea')]
  .filter(it => it.checkVisibility() && it.type !== 'hidden' && it.type !== 'checkbox'
    && !it.matches('.govuk-skip-link, .govuk-visually-hidden, .govuk-file-upload'))
  .map(it => [it.getBoundingClientRect().height, it.outerHTML.slice(0, 80)])
  .filter(([height]) => height > 0 && height < 43.5)"""


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
    cookie = site.as_(Role.COORDINATOR).get_cookie("connector")
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
    page.wait_for_load_state()
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(TOO_SMALL) == []


def test_a_question_is_added_in_two_languages_and_tried_out(
    site: Site, address: str, morag: Page
) -> None:
    with site.loop.wiring.transaction() as session:
        id_ = a_programme(session, days=(Weekday.TUE,))
    page = morag
    page.goto(f"{address}/programmes/{id_}")
    page.get_by_role("link", name="Change the texts").click()
    fits(page)
    page.get_by_role("button", name="Add a question").click()
    expect(page.get_by_text("not saved yet")).to_be_visible()
    page.get_by_role("textbox", name="Question 2", exact=True).fill("Been out this week, {name}?")
    page.locator("#q1-kind").select_option("yes_no")
    page.get_by_role("button", name="Welsh").click()
    page.get_by_role("textbox", name="Question 2", exact=True).fill("Wedi bod allan, {name}?")
    expect(page.get_by_text("Been out this week, {name}?")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    with site.loop.wiring.reading() as session:
        draft = versions.draft(session, id_)
    assert draft
    assert draft.programme.items[1].wording == {
        "en": ("Been out this week, {name}?",), "cy": ("Wedi bod allan, {name}?",),
    }
    page.get_by_role("link", name="Try it out").click()
    page.get_by_label("Text back as Sara").fill("7")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Been out this week, Sara?")).to_be_visible()
    expect(page.get_by_text("Read as 7.")).to_be_visible()
    fits(page)
    page.goto(f"{address}/programmes/{id_}/changes")
    expect(page.get_by_role("heading", name="Question 'question_2' added")).to_be_visible()
    fits(page)
