"""A person enrolled in a real browser, on a phone and on a desk: noticed, welcomed, tried out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from connector.domain.rota import Role
from connector.store import residents
from tests.looks import fits
from tests.makers import a_programme
from tests.web.conftest import PASSWORD, Site

pytestmark = pytest.mark.browser



def sign_in(page: Page, address: str, site: Site) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("input[name=email]", site.members[Role.CONNECTOR].email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")


def test_somebody_is_enrolled_side_by_side(site: Site, address: str, page: Page) -> None:
    sara = site.person()
    with site.loop.wiring.transaction() as session:
        a_programme(session)
    sign_in(page, address, site)
    page.get_by_role("link", name="Residents").click()
    page.get_by_role("link", name="Enrol somebody").click()
    fits(page)
    page.get_by_label("What do they like to be called?").fill("Sarah")
    page.get_by_label("Family name").fill("Begam")
    page.get_by_label("What do they like, and").fill("Allotment\nTea with Jean")
    page.get_by_label("Phone number").fill("01632 960123")
    page.get_by_label("Weekly check-in").check()
    page.get_by_label("Thursday").check()
    page.get_by_label("What time suits them best?").fill("14:00")
    page.get_by_label("Large print").check()
    page.get_by_label("Step 1").fill("Ring Sarah")
    page.get_by_label("Step 2").fill("Ring Jean next door")
    page.get_by_label("I read these words out").check()
    page.get_by_role("button", name="Enrol them").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("A landline cannot be texted")
    expect(page.get_by_label("I read these words out")).not_to_be_checked()
    expect(page.locator(".read-out")).to_contain_text("May we ring you")
    expect(page.get_by_label("By phone call")).to_be_checked()
    fits(page)
    page.get_by_label("Phone number").fill("07700 900050")
    page.get_by_label("By text").check()
    page.get_by_role("button", name="Show the words").click()
    expect(page.locator(".read-out")).to_contain_text("May we text you")
    expect(page.get_by_label("Thursday")).to_be_checked()
    page.get_by_label("I read these words out").check()
    page.get_by_role("button", name="Enrol them").click()
    expect(page.locator(".may-be")).to_contain_text("Nearly the same name")
    fits(page)
    page.get_by_label("Different person?").fill("Two neighbours, I know them both")
    page.get_by_role("button", name="Different person: go on").click()
    expect(page.locator("#together-state")).to_contain_text("Waiting for a Y")
    fits(page)
    site.loop.send()
    site.loop.says("Y", n=50)
    expect(page.locator("#together-state")).to_contain_text("Sarah has said yes", timeout=15_000)
    page.get_by_role("link", name="Done: open the record").click()
    expect(page.locator(".strip-head__likes")).to_contain_text("Allotment")
    fits(page)
    page.get_by_role("link", name="Change the record").click()
    fits(page)
    page.get_by_label("Large print").uncheck()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Kept: needs.")).to_be_visible()
    page.get_by_role("link", name="told me something").click()
    page.get_by_label("They want a pause").check()
    fits(page)
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("Texts are paused").first).to_be_visible()
    with site.loop.wiring.reading() as session:
        alike = residents.alike(session, residents.get(session, sara), most=5)
        sarah = max(alike, key=lambda one: one.id)
    assert sarah.needs == ()
    assert sarah.no_answer == ("Ring Sarah", "Ring Jean next door")


def test_what_was_typed_is_there_after_a_lost_line(site: Site, address: str, page: Page) -> None:
    with site.loop.wiring.transaction() as session:
        a_programme(session)
    sign_in(page, address, site)
    page.goto(f"{address}/enrol")
    page.get_by_label("What do they like to be called?").fill("Ada")
    page.get_by_label("Weekly check-in").check()
    page.get_by_label("Thursday").check()
    page.get_by_label("Friday").check()
    page.get_by_label("Step 2").fill("Knock")
    page.context.set_offline(True)
    page.get_by_role("button", name="Enrol them").click()
    expect(page.locator("[data-offline]")).to_contain_text("nothing was sent")
    page.wait_for_timeout(500)
    page.context.set_offline(False)
    page.goto(f"{address}/residents")
    page.goto(f"{address}/enrol")
    expect(page.get_by_label("What do they like to be called?")).to_have_value("Ada")
    for ticked in ("Weekly check-in", "Thursday", "Friday"):
        expect(page.get_by_label(ticked)).to_be_checked()
    expect(page.get_by_label("Monday")).not_to_be_checked()
    expect(page.get_by_label("Step 2")).to_have_value("Knock")
