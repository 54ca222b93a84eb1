"""Editing one text on a small phone, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from connector.domain.rota import Role
from tests.web.conftest import Site

pytestmark = pytest.mark.browser

TEXT = "/messages/crisis_closed/en"
OWN = "Read by {read_by}. In danger? Call 999. To talk: Samaritans 116 123."
TOO_SMALL = """() => [...document.querySelectorAll('main :is(a, button, input, textarea)')]
  .filter(it => it.checkVisibility() && it.type !== 'hidden')
  .filter(it => it.getBoundingClientRect().height < 43.5).map(it => it.outerHTML.slice(0, 80))"""
PAGES = (
    "/messages",
    TEXT,
    "/messages/unknown_number/ar",
    "/messages/crisis-lines",
    "/messages/crisis-lines/edit?line=4",
)


@pytest.fixture
def browser(site: Site, address: str, chromium: str) -> Iterator[BrowserContext]:
    """A browser in which Morag, a coordinator, has signed in."""
    signed = site.app.session_interface.get_signing_serializer(site.app)  # type: ignore[attr-defined]
    who = f"{site.members[Role.COORDINATOR].id}:key-of-coordinator"
    cookie = {"name": "connector", "value": signed.dumps({"_user_id": who, "_fresh": True})}
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = chrome.new_context(viewport={"width": 360, "height": 640})
        context.add_cookies([{**cookie, "url": address}])  # type: ignore[typeddict-item]
        yield context
        chrome.close()


@pytest.fixture
def page(browser: BrowserContext) -> Page:
    return browser.new_page()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_and_every_target_takes_a_thumb(
    page: Page, address: str, width: int
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": width, "height": 640})
    for path in PAGES:
        answer = page.goto(address + path)
        assert answer is not None
        assert answer.status == 200
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(TOO_SMALL) == [], path
    assert said == []


def test_the_meter_follows_what_is_written_and_the_draft_is_kept(page: Page, address: str) -> None:
    page.goto(address + TEXT)
    expect(page.get_by_role("button", name="Check the words")).to_be_hidden()
    words = page.get_by_label("The text")
    words.fill("You must call.")
    meter = page.locator(".meter-box")
    expect(meter.get_by_text("It sounds like an order")).to_be_visible()
    expect(page.locator("[data-meter-said]")).to_contain_text("1 has to change")
    words.fill(OWN)
    expect(meter.locator(".meter__bubble")).to_contain_text("Read by 11:30am Wednesday.")
    expect(meter.locator(".meter__lock")).to_have_text(
        OWN.replace("{read_by}", "11:30am Wednesday")[:60]
    )
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_text("Kept as a draft.")).to_be_visible()
    expect(page.get_by_text("somebody else has to approve")).to_be_visible()
    expect(page.get_by_label("The text")).to_have_value(OWN)


def test_what_the_form_refuses_is_still_there(page: Page, address: str) -> None:
    page.goto(address + TEXT)
    page.get_by_label("The text").fill("Call 999, {nmae}.")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("alert")).to_contain_text("{nmae} cannot be filled")
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.get_by_label("The text")).to_be_focused()
    expect(page.get_by_label("The text")).to_have_value("Call 999, {nmae}.")


def test_without_scripts_a_button_checks_the_words(browser: BrowserContext, address: str) -> None:
    chrome = browser.browser
    assert chrome is not None
    plain = chrome.new_context(viewport={"width": 360, "height": 640}, java_script_enabled=False)
    plain.add_cookies(browser.cookies())  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(address + TEXT)
    page.get_by_label("The text").fill("You must call {read_by}.")
    page.get_by_role("button", name="Check the words").click()
    expect(page.locator(".meter-box").get_by_text("It sounds like an order")).to_be_visible()
    expect(page.get_by_label("The text")).to_have_value("You must call {read_by}.")
