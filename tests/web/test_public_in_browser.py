"""The public page in a real browser, without a script, as wide as a phone and as a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("script", [False, True], ids=["no script", "with script"])
def test_it_reads_well_leaves_no_cookie_and_leads_to_the_other_language(
    address: str, chromium: str, width: int, script: bool
) -> None:
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        context = browser.new_context(
            viewport={"width": width, "height": 800}, java_script_enabled=script
        )
        page = context.new_page()
        page.on("console", lambda said: problems.append(said.text))
        page.goto(f"{address}/about-these-texts")
        assert page.get_by_role("heading", level=1).inner_text() == "About these texts"
        body = page.locator("main").bounding_box()
        assert body is not None
        assert body["width"] <= width
        page.get_by_role("link", name="Cymraeg").click()
        assert page.url == f"{address}/am-y-negeseuon-hyn"
        assert page.locator("html").get_attribute("lang") == "cy"
        assert page.get_by_role("link", name="Ffoniwch 999").is_visible()
        assert context.cookies() == []
        browser.close()
    assert problems == []
