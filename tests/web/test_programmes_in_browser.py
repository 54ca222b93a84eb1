"""A cadence changed in a real browser, on a phone and on a desk: seen, published, planned."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from connector.domain.cadence import Weekday
from connector.domain.rota import Role
from connector.store.tables import CheckInRow
from tests.looks import fits
from tests.makers import a_programme, a_resident
from tests.web.conftest import PASSWORD, Site

pytestmark = pytest.mark.browser



def due(site: Site) -> set[str]:
    with site.loop.wiring.reading() as session:
        return {f"{row.due_at:%a %H:%M}" for row in session.query(CheckInRow)}


def test_tuesday_at_ten_becomes_thursday_at_two(site: Site, address: str, page: Page) -> None:
    with site.loop.wiring.transaction() as session:
        id_ = a_programme(session, days=(Weekday.TUE,))
        for n, name in enumerate(("Ada", "Bea", "Cal"), start=1):
            a_resident(session, id_, n=n, name=name, now=site.loop.clock())
    site.loop.plan()
    assert due(site) == {"Tue 10:00"}
    page.goto(f"{address}/sign-in")
    page.fill("input[name=email]", site.members[Role.COORDINATOR].email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.get_by_role("link", name="Programmes").click()
    fits(page)
    page.get_by_role("link", name="Weekly check-in").click()
    fits(page)
    page.get_by_role("link", name="Change when texts go out").click()
    fits(page)
    expect(page.get_by_label("How many days after joining?")).to_be_hidden()
    page.get_by_label("Tuesday").uncheck()
    page.get_by_label("Thursday").check()
    page.get_by_label("At what time?").fill("14:00")
    page.get_by_role("button", name="See what would change").click()
    fits(page)
    expect(page.locator(".preview__change")).to_contain_text("Every Thursday at 14:00.")
    expect(page.locator(".person").first).to_contain_text("Thu 26 Nov, 14:00")
    page.get_by_role("button", name="Names").first.click()
    expect(page.locator(".names")).to_contain_text("Cal Begum")
    fits(page)
    page.get_by_role("button", name="Back to what would change").click()
    page.get_by_role("button", name="Publish it now").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("why you make this change")
    page.get_by_label("Why this change?").fill("Mornings are busy")
    page.get_by_role("button", name="Publish it now").click()
    expect(page.get_by_text("Published as version 2.")).to_be_visible()
    fits(page)
    site.loop.plan()
    assert due(site) == {"Thu 14:00"}
