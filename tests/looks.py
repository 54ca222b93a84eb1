"""How a page looks to a browser: it fits, every target takes a thumb, and axe finds nothing."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.conftest import without

AXE = Path(__file__).parents[1] / ".contract" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOO_SMALL = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')]
  .filter(it => it.checkVisibility() && it.type !== 'hidden' && !it.matches('.govuk-skip-link'))
  .filter(it => !it.closest('.govuk-error-summary'))
  .map(it => [it.getBoundingClientRect().height, it.outerHTML.slice(0, 80)])
  .filter(([height]) => height > 0 && height < 43.5)"""


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)")
    return width


def too_small(page: Page) -> list[object]:
    """What could be pressed and is lower than a thumb needs."""
    found: list[object] = page.evaluate(TOO_SMALL)
    return found


def faults(page: Page) -> list[str]:
    """What axe finds on the page, as the names of its rules and the first place of each.

    Where axe is not installed it is nothing, and `needs_axe` says so for a whole test.
    """
    if not AXE.exists():
        return []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run({runOnly: rules})", AXE_RULES)
    return [f"{each['id']} {each['nodes'][0]['target']}" for each in found["violations"]]


def needs_axe() -> None:
    """Skip a test that is nothing without axe; fail where the contract tools are required."""
    if not AXE.exists():
        without("contract", "run `make contract` once, which needs Node and npm")


def fits(page: Page) -> None:
    """No sideways scroll, every target takes a thumb, and axe finds nothing where it is there."""
    assert too_wide(page) == 0
    assert too_small(page) == []
    assert faults(page) == []
