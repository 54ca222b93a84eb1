"""A list with errors brought in and taken back in a real browser, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from connector import rounds
from connector.domain.rota import Role
from connector.store.tables import ResidentRow
from tests.looks import fits
from tests.makers import a_programme
from tests.web.conftest import PASSWORD, Site

pytestmark = pytest.mark.browser

LINES = (
    "First name,Surname,Phone nr,Likes",
    "Ada,Begum,07700 900001,Gardens; dominoes",
    "Ben,Okoro,7700900002,Football",
    "Cal,Price,020 7946 0123,",
    ",,07700 900003,",
    "Dee,Hale,4.47E+11,",
    "Eve,Shah,24/11/2026,",
    "Ada,Begum,07700 900001,",
)


@pytest.fixture(
    params=[(360, True), (360, False), (1280, True)], ids=["phone", "no scripts", "desk"]
)
def page(request: pytest.FixtureRequest, chromium: str) -> Iterator[Page]:
    width, scripts = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(
            viewport={"width": width, "height": 740}, java_script_enabled=scripts
        )
        yield context.new_page()
        browser.close()


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "spring list.csv"
    path.write_text("\n".join(LINES))
    return path


def names(site: Site) -> list[str]:
    with site.loop.wiring.reading() as session:
        return [row.given_name for row in session.query(ResidentRow).order_by(ResidentRow.id)]


def test_a_list_with_errors_comes_in_and_goes_back(
    site: Site, address: str, page: Page, people: Path, request: pytest.FixtureRequest
) -> None:
    looks = "no scripts" not in request.node.name
    with site.loop.wiring.transaction() as session:
        a_programme(session)
    page.goto(address)
    page.get_by_label("Email").fill(site.members[Role.COORDINATOR].email)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Residents").click()
    page.get_by_role("link", name="Bring in a list of people").click()
    if looks:
        fits(page)
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the file that holds the list.")
    page.get_by_label("The list of people").set_input_files(people)
    page.get_by_role("button", name="Look at the list").click()

    expect(page.get_by_label("First name")).to_have_value("given_name")
    page.get_by_label("Phone nr").select_option("Phone number")
    page.get_by_label("Weekly check-in").check()
    if looks:
        fits(page)
    page.get_by_role("button", name="Check every line").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Checking the list")
    if looks:
        fits(page)
    rounds.bring_in(site.loop.wiring, site.loop.clock)

    expect(page.get_by_role("heading", level=1)).to_have_text("What the list would do")
    left_out = page.get_by_role("region", name="Would be left out")
    for words in (
        "line 5",
        "The name is missing",
        "its last digits are lost",
        "There is a date where the number should be",
        "The same person stands on line 2 already.",
    ):
        expect(left_out).to_contain_text(words)
    noted = page.get_by_role("region", name="Good to know")
    expect(noted).to_contain_text("it has been put back")
    expect(noted).to_contain_text("called instead of texted")
    assert names(site) == []
    if looks:
        fits(page)
    page.get_by_role("button", name="Bring in 3 people").click()
    expect(page.get_by_role("paragraph").filter(has_text="0 of 3 lines")).to_be_visible()
    rounds.bring_in(site.loop.wiring, site.loop.clock)

    expect(page.get_by_role("heading", level=1)).to_have_text("What the list did")
    assert names(site) == ["Ada", "Ben", "Cal"]
    if looks:
        fits(page)
    page.get_by_text("Take the whole list back").click()
    page.get_by_role("button", name="Take the list back").click()
    rounds.bring_in(site.loop.wiring, site.loop.clock)
    expect(page.get_by_role("heading", level=1)).to_have_text("The list was taken back")
    if looks:
        fits(page)
    assert names(site) == []
