"""The pages on which texts are planned, side by side, so that the menu stays short on a phone."""

from __future__ import annotations

from flask import current_app

PAGES = (
    ("programmes", "Programmes", "programmes.index"),
    ("messages", "Messages", "messages.index"),
    ("texting_rules", "Texting rules", "texting_rules.index"),
)


def planning_pages() -> list[tuple[str, str, str]]:
    """(key, words, endpoint) of each; the first is what the menu leads to."""
    return [page for page in PAGES if page[2] in current_app.view_functions]
