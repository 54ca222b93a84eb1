"""Away, a last question, and a call that is due, in a real browser on a phone and on a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from connector.store.tables import ResidentRow
from tests.looks import fits
from tests.web.conftest import Site
from tests.web.test_enrol_in_browser import sign_in

pytestmark = pytest.mark.browser


def test_a_stay_in_hospital_is_written_down_and_a_death_is_asked_about(
    site: Site, address: str, page: Page
) -> None:
    who = site.person()
    sign_in(page, address, site)
    page.goto(f"{address}/residents/{who}")
    page.get_by_role("link", name="Away, in hospital, moved or died").click()
    fits(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose whether")
    page.get_by_label("In hospital").check()
    page.get_by_label("Nobody knows yet").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="In hospital now")).to_be_visible()
    fits(page)

    page.get_by_text("Stop all texts to Sara").click()
    page.get_by_role("radio", name="Has died").check()
    page.get_by_label("Family or a friend told us").check()
    fits(page)
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_role("heading", name="Sara has died?")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Yes, write it down").click()
    expect(page.get_by_role("heading", name="Has died")).to_be_visible()
    fits(page)


def test_a_call_is_made_and_written_down(site: Site, address: str, page: Page) -> None:
    who = site.person()
    with site.loop.wiring.transaction() as session:
        session.get_one(ResidentRow, who).contact_by = "call"
    site.loop.asks()
    sign_in(page, address, site)
    expect(page.get_by_text("Ring Sara: Programme 1.").first).to_be_visible()
    page.get_by_role("link", name="Sara B").first.click()
    page.get_by_role("link", name="What to ask").click()
    fits(page)
    page.get_by_label("Hi Sara, how have things been").fill("so-so")
    page.get_by_label("We spoke").check()
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("alert")).to_contain_text("We could not read the answer")
    fits(page)
    page.get_by_label("Hi Sara, how have things been").fill("6")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("Written down. Thank you.")).to_be_visible()
