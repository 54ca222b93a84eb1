"""What the pages say and do not say, read as HTML; no browser needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import STOPPED, TOKEN, WELL, parts, queue_item, text

Read = Callable[..., str]

PATHS = {
    "to do": "/",
    "to do, nothing of mine": "/?view=mine",
    "a flag nobody has": "/flags/1",
    "a flag of mine": "/flags/1?mine=1",
    "to read": "/to-read",
    "to read, nothing": "/to-read?none=1",
    "noticing": "/noticing",
    "noticing, nothing": "/noticing?none=1",
    "residents": "/residents",
    "a resident": "/residents/1",
    "a resident with a lowered level": "/residents/1?lowered=1",
    "a resident, a level not lowered": "/residents/1?problem=Choose+a+last+day",
    "somebody's texts": "/residents/1/texts",
    "somebody's texts, a wrong day": "/residents/1/texts?day=soon&problem=Write+the+day",
    "a day of somebody's": "/residents/1/texts/2026-09-30",
    "phones": "/phone",
    "a phone": "/phone/1",
    "system": "/system",
    "stop texts?": "/stop",
    "write to a group": "/notices",
    "write to a group, a problem": "/notices?problem=Write+the+text.",
    "what each person gets": "/notices/shown",
    "words that have to change": "/notices/shown?blocked=1",
    "texting rules": "/texting-rules",
    "texting rules, a problem": "/texting-rules?problem=Choose+a+weekday.",
    "what would change": "/texting-rules/shown",
    "what cannot be saved": "/texting-rules/shown?problem=It+could+never+send.",
    "unknown numbers": "/unclaimed",
    "whose text, not put away": "/unclaimed/7?away=Choose+why",
    "whose text, of a few people": "/unclaimed/7?few=1",
    "whose text, looked for": "/unclaimed/7?find=ada",
    "whose text, a problem": "/unclaimed/7?problem=Choose+the+resident",
    "sign in": "/sign-in",
    "sign in again": "/sign-in?error=Those+do+not+match",
    "an error": "/error",
    "our own parts": "/components",
}
every_page = pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())


@every_page
def test_a_page_needs_no_inline_style_and_no_inline_handler(read_page: Read, path: str) -> None:
    assert not re.findall(r"<[^>]+\s(style|on[a-z]+)=", read_page(path))


@every_page
def test_every_script_of_a_page_carries_the_nonce(read_page: Read, path: str) -> None:
    scripts = re.findall(r"<script[^>]*>", read_page(path))
    assert scripts
    assert all('nonce="stage"' in script for script in scripts)


@every_page
def test_every_form_that_posts_carries_a_token(read_page: Read, path: str) -> None:
    forms = re.findall(r"<form[^>]*post.*?</form>", read_page(path), re.DOTALL)
    assert all(TOKEN in form for form in forms)


@every_page
def test_a_page_names_itself_and_has_one_first_heading(read_page: Read, path: str) -> None:
    html = read_page(path)
    assert "GOV.UK" not in html
    assert re.search(r"<title>\s*\S.* – Community Connector</title>", html)
    assert html.count("<h1") == 1


@every_page
@pytest.mark.parametrize("word", ["high risk", "low risk", "failed", "missed", "non-responder"])
def test_a_page_never_labels_a_person(read_page: Read, path: str, word: str) -> None:
    assert word not in read_page(path).lower()


@every_page
def test_help_in_an_emergency_stands_on_every_page(read_page: Read, path: str) -> None:
    assert "Not for emergencies" in read_page(path)


@every_page
def test_a_demonstration_says_that_it_is_one(read_page: Read, path: str) -> None:
    assert "Invented people, no real texts" in read_page(path, mode="demo")
    assert "Invented people, no real texts" not in read_page(path, mode="live")


def test_the_phone_is_not_offered_outside_a_demonstration(read_page: Read) -> None:
    assert 'href="/phone"' in read_page("/", mode="demo")
    assert 'href="/phone"' not in read_page("/", mode="live")


HOSTILE = "<script>alert(1)</script>"
SPOKEN: dict[str, tuple[str, dict[str, Any]]] = {
    "a card": ("/", {"items": [queue_item(1, "Sara B", evidence=parts("*" + HOSTILE))]}),
    "a name": ("/", {"items": [queue_item(1, HOSTILE)]}),
    "a thread": ("/flags/1", {"thread": [text("in", text=HOSTILE)]}),
    "a phone": ("/phone/1", {"thread": [text("in", text=HOSTILE)]}),
    "a message after an act": (f"/flags/1?said={HOSTILE}", {}),
}


@pytest.mark.parametrize(("path", "changes"), SPOKEN.values(), ids=SPOKEN.keys())
def test_words_from_outside_are_shown_and_never_run(
    read_page: Read, path: str, changes: dict[str, Any]
) -> None:
    html = read_page(path, **changes)
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_the_deciding_words_are_marked_and_only_those(read_page: Read) -> None:
    html = read_page("/", items=[queue_item(1, "Sara B", evidence=parts("no ", "*ring me", " x"))])
    assert "no <mark>ring me</mark> x" in html


def test_a_card_of_somebody_else_offers_nothing_to_take(read_page: Read) -> None:
    html = read_page("/", items=[queue_item(1, "Amina K", owner_name="Tom", state_words="Taken")])
    assert "Tom has this" in html
    assert "Take this" not in html


def test_the_part_fetched_again_holds_no_token_so_that_it_stays_the_same(read_page: Read) -> None:
    assert TOKEN not in read_page("/queue/poll?view=everyone")


def test_fifty_cards_are_a_page_under_60_kilobytes(read_page: Read) -> None:
    words = parts("A week with rain in it. ", "*Can somebody ring me about the boiler", ", please?")
    cards = [
        queue_item(number, "Sara B", evidence=words, needs=["Prefers calls", "Large print"])
        for number in range(1_000_000, 1_000_050)
    ]
    assert len(read_page("/", items=cards).encode()) < 60_000


def test_an_answer_not_given_is_an_open_ring_and_breaks_the_line(read_page: Read) -> None:
    html = read_page("/flags/1")
    picture = html[
        html.index('<svg class="strip__picture') : html.index(
            "</svg>", html.index("strip__picture")
        )
    ]
    assert picture.count("strip__none") == 1
    assert (
        re.search(r'd="(M[^"]*)"', picture[picture.index("strip__line") :]).group(1).count("M") == 2
    )  # type: ignore[union-attr]


def test_the_chart_is_told_in_words_and_as_a_table(read_page: Read) -> None:
    html = read_page("/flags/1")
    assert "Usually 6 to 7. Last answer 3, 23 Nov." in html
    assert "<caption" in html
    assert "No answer" in html


@every_page
def test_everybody_who_is_signed_in_sees_that_texts_are_stopped(read_page: Read, path: str) -> None:
    html = read_page(path, standing={"pause": STOPPED, "alarms": []})
    assert (STOPPED in html) is not path.startswith("/sign-in")


def test_the_switch_is_offered_either_way_and_asks_once_more(read_page: Read) -> None:
    assert "Stop all texts to residents" in read_page("/system")
    stopped = read_page("/system", system=WELL | {"pause_words": STOPPED, "waiting": 3})
    assert "Let texts go again" in stopped
    assert "3 texts are waiting to go." in stopped
    assert 'name="sure"' in read_page("/stop")


def test_two_who_share_a_number_are_two_buttons(read_page: Read) -> None:
    html = read_page("/unclaimed")
    assert re.findall(r'<button[^>]*name="resident" value="(\d)"', html) == ["1", "2"]


def test_a_text_says_by_which_way_it_came_and_that_it_may_not_have_left(read_page: Read) -> None:
    lost = text("out", state="unknown", state_words="Not known whether it left")
    found = text("in", text="Hello", how_words="came by the provider's own list")
    html = read_page("/flags/1", thread=[lost, found])
    assert "thread__text--unknown" in html
    assert "came by the provider" in html
    resident = read_page("/phone/1", thread=[lost, found])
    assert "thread__text--unknown" not in resident
    assert "came by the provider" not in resident


def test_the_queue_leads_to_texts_from_numbers_we_do_not_know(read_page: Read) -> None:
    html = read_page("/", tray={"texts": 1, "pressing": True})
    assert "1 text from a number we do not know" in html
    assert "To read now" in html
    assert "tray-link" not in read_page("/", tray={"texts": 0, "pressing": False})
