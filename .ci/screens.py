"""Photograph the pages of a running demonstration for `docs/screens/`.

`python .ci/screens.py URL [FOLDER]`, with `make run` up and Debian's `chromium` installed. It signs
in by the first demo account, at 360 and at 1280 px, and changes nothing: it only opens pages.
Invented people only, because it finds its way in by the demonstration's own button.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

SIZES = {360: 640, 1280: 860}
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
STEPS = {
    "queue": ("queue?view=everyone", None),
    "flag": ("queue?view=everyone", ".card__name a"),
    "residents": ("residents", None),
    "resident": ("residents", ".people__name a"),
    "phones": ("phone", None),
    "phone": ("phone", ".phones__link"),
}


def photograph(page: Page, folder: Path, name: str, width: int) -> None:
    """One picture of what is on the screen, without a blinking caret or a half-run movement."""
    page.screenshot(path=folder / f"{name}-{width}.png", animations="disabled", caret="hide")


def follow(page: Page, link: str) -> None:
    """Press the first of these and wait for the page it leads to."""
    with page.expect_navigation():
        page.locator(link).first.click()


def walk(browser: Browser, url: str, folder: Path, width: int, height: int) -> None:
    """Sign in and photograph each page at one width."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{url}/")
    photograph(page, folder, "sign-in", width)
    follow(page, ".accounts__button")
    for name, (path, link) in STEPS.items():
        page.goto(f"{url}/{path}")
        if link:
            follow(page, link)
        photograph(page, folder, name, width)
    page.close()


def main(url: str, folder: Path) -> None:
    """Every page at both widths."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for width, height in SIZES.items():
            walk(browser, url.rstrip("/"), folder, width, height)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else "docs/screens"))
