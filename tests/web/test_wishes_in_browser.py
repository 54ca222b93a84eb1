"""Wishes for texts in a real browser, on a phone and on a desk: seen, accepted, gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.looks import fits
from tests.web.conftest import Site
from tests.web.test_enrol_in_browser import sign_in

pytestmark = pytest.mark.browser


def test_a_wish_is_seen_and_accepted_with_one_press(site: Site, address: str, page: Page) -> None:
    who = site.person()
    site.loop.says("only Mondays at 2 please, mornings are hard for me")
    site.loop.says("only Mondays please")
    sign_in(page, address, site)
    page.goto(f"{address}/residents/{who}")
    expect(page.get_by_role("heading", name="Would like the texts differently")).to_be_visible()
    fits(page)
    page.goto(f"{address}/queue")
    page.get_by_role("link", name="1 wish for other days").click()
    fits(page)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Accepted. Their texts go by it from now on.")).to_be_visible()
    expect(page.get_by_text("No wishes are waiting.")).to_be_visible()
    fits(page)
