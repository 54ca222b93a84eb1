"""The pages in a real browser: sizes, the list that looks again, drafts, and no JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.looks import faults, needs_axe, too_small, too_wide

from .conftest import TOKEN, Stage, queue_item
from .test_pages import PATHS

pytestmark = pytest.mark.browser

WIDTHS = [320, 360, 1280]


def look_again(page: Page) -> None:
    """Let the page's own clock run past its next look."""
    page.clock.run_for(3_100)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_every_target_takes_a_thumb(
    chromium: Browser, stage: Stage, width: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 640})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name, path in PATHS.items():
        page.goto(stage.url + path)
        assert too_wide(page) == 0, name
        assert too_small(page) == [], name
    page.close()
    assert said == []


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(chromium: Browser, stage: Stage, width: int) -> None:
    needs_axe()
    page = chromium.new_page(viewport={"width": width, "height": 640})
    found = {}
    for name, path in PATHS.items():
        page.goto(stage.url + path)
        found[name] = faults(page)
    assert {name: each for name, each in found.items() if each} == {}
    page.close()


@pytest.mark.parametrize("path", ["/flags/1", "/flags/1?mine=1"], ids=["to take", "to ring"])
def test_the_evidence_and_the_next_act_are_in_the_first_screen(
    page: Page, stage: Stage, path: str
) -> None:
    page.goto(stage.url + path)
    for seen in (".said__words mark", ".strip__picture", ".needs", ".app-button--wide"):
        box = page.locator(seen).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 640, seen


def test_the_list_looks_again_and_an_unchanged_one_is_not_sent_again(
    page: Page, stage: Stage
) -> None:
    page.clock.install()
    page.goto(stage.url)
    for count in (1, 2, 3):
        with page.expect_response("**/queue/poll*"):
            look_again(page)
        assert len(stage.polls) == count
    assert stage.polls == [200, 304, 304]


def test_a_new_card_arrives_without_taking_the_focus_or_the_place(page: Page, stage: Stage) -> None:
    page.clock.install()
    page.goto(stage.url)
    page.focus("#flag-2-act")
    page.evaluate("window.before = document.getElementById('flag-2-act')")
    stage.items.insert(0, queue_item(9, "Newly C", promise="now", due_words="Due now"))
    page.clock.run_for(3_100)
    expect(page.locator(".cards > li").first).to_contain_text("Newly C")
    expect(page.locator("[data-news]")).to_have_text("New: 1 thing due now")
    assert page.evaluate("document.activeElement === window.before")
    assert "(6)" in page.title()


def test_a_card_that_goes_hands_the_focus_to_its_neighbour(page: Page, stage: Stage) -> None:
    page.clock.install()
    page.goto(stage.url)
    page.focus("#flag-1-act")
    page.clock.run_for(800)
    del stage.items[0]
    page.clock.run_for(3_100)
    expect(page.locator("#flag-1-name")).to_have_count(0)
    expect(page.locator("#flag-2-name")).to_be_focused()


def test_the_list_does_not_move_under_a_moving_hand(page: Page, stage: Stage) -> None:
    page.clock.install()
    page.goto(stage.url)
    stage.items.insert(0, queue_item(9, "Newly C"))
    page.clock.run_for(2_900)
    page.mouse.move(100, 200)
    with page.expect_response("**/queue/poll*"):
        page.clock.run_for(200)
    expect(page.locator(".cards > li").first).to_contain_text("Sara B")
    page.clock.run_for(1_500)
    expect(page.locator(".cards > li").first).to_contain_text("Newly C")


def test_without_a_line_nothing_is_sent_and_the_page_says_so(
    page: Page, phone_sized: BrowserContext, stage: Stage
) -> None:
    page.goto(stage.url)
    phone_sized.set_offline(True)
    page.click("#flag-1-act")
    expect(page.locator("[data-offline]")).to_contain_text("nothing was sent")
    assert stage.posts == []


def test_a_list_that_may_no_longer_look_says_so_and_stops(page: Page, stage: Stage) -> None:
    page.clock.install()
    page.goto(stage.url)
    stage.signed_out = True
    look_again(page)
    expect(page.locator("[data-offline]")).to_contain_text("signed out")
    expect(page.locator(".cards > li").first).to_contain_text("Sara B")


def test_a_half_written_note_is_still_there_and_goes_once_it_is_sent(
    page: Page, stage: Stage
) -> None:
    page.goto(stage.url + "/flags/1?mine=1")
    page.check("#outcome-2")
    page.fill("#note", "Spoke to a neighbour")
    expect(page.locator("[data-draft-words]")).to_contain_text("Kept on this device")
    page.goto(stage.url)
    page.goto(stage.url + "/flags/1?mine=1")
    expect(page.locator("#note")).to_have_value("Spoke to a neighbour")
    expect(page.locator("#outcome-2")).to_be_checked()
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url(stage.url + "/")
    assert stage.posts[-1][1]["note"] == "Spoke to a neighbour"
    assert page.evaluate("sessionStorage.length") == 0


def test_a_note_that_was_kept_does_not_come_back_as_a_draft(page: Page, stage: Stage) -> None:
    page.goto(stage.url + "/flags/1?mine=1")
    page.check("#outcome-2")
    page.fill("#note", "Left word with a neighbour")
    page.get_by_role("button", name="Note it and keep this").click()
    page.wait_for_function("document.querySelector('[name=version]').value === '2'")
    expect(page.locator("#note")).to_have_value("")


def test_a_note_that_was_sent_but_did_not_take_is_still_there(page: Page, stage: Stage) -> None:
    page.goto(stage.url + "/flags/1?mine=1")
    page.fill("#note", "Left word with a neighbour")
    page.route("**/finish", lambda route: route.fulfill(status=204))
    with page.expect_request("**/finish"):
        page.get_by_role("button", name="Finish").click()
    page.goto(stage.url + "/flags/1?mine=1")
    expect(page.locator("#note")).to_have_value("Left word with a neighbour")


def test_signing_out_takes_every_draft_along(page: Page, stage: Stage) -> None:
    page.goto(stage.url + "/flags/1?mine=1")
    page.fill("#note", "Spoke to a neighbour")
    expect(page.locator("[data-draft-words]")).to_contain_text("Kept on this device")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(stage.url + "/")
    assert page.evaluate("sessionStorage.length") == 0


def test_coming_back_from_a_call_asks_how_it_went(page: Page, stage: Stage) -> None:
    page.goto(stage.url + "/flags/1?mine=1")
    page.evaluate("document.querySelector('[data-ring]').removeAttribute('href')")
    page.click("[data-ring]")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.locator("#what-happened")).to_be_focused()


def test_the_phone_shows_what_comes_in_by_itself(page: Page, stage: Stage) -> None:
    page.clock.install()
    page.goto(stage.url + "/phone/1")
    stage.thread.append(stage.thread[0] | {"text": "A new text", "day_words": None})
    page.clock.run_for(2_100)
    expect(page.locator(".thread__words").last).to_contain_text("A new text")


def test_everything_works_without_javascript(chromium: Browser, stage: Stage) -> None:
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    page.goto(stage.url)
    page.click("#flag-1-act")
    expect(page.locator("h1")).to_have_text("Sara B")
    page.check("#outcome-1")
    page.get_by_role("button", name="Finish").click()
    page.goto(stage.url + "/phone/1")
    page.fill("#text", "Hello")
    page.get_by_role("button", name="Send").click()
    assert [path for path, _ in stage.posts] == ["/flags/1/take", "/flags/1/finish", "/phone/1"]
    context.close()


def test_one_tap_marks_as_read_and_the_next_takes_its_place(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/to-read")
    expect(page.locator(".cards > li")).to_have_count(4)
    page.evaluate("window.stays = document.querySelector('[data-key=reply-3]')")
    page.click("#reply-2-act")
    expect(page.locator(".cards > li")).to_have_count(3)
    expect(page.locator("#reply-3-act")).to_be_focused()
    expect(page.locator(".app-nav__count")).to_have_text("3")
    expect(page).to_have_title("To read (3) – Community Connector")
    expect(page.locator(".undo")).to_contain_text("Marked as read.")
    assert page.evaluate("window.stays.isConnected"), "what stays is the very same card"
    assert stage.posts == [("/to-read/2/read", {"csrf_token": TOKEN})]
    page.click("#reply-3-act")
    expect(page.locator(".cards > li")).to_have_count(2)


def test_when_a_mark_does_not_go_through_the_text_stays(page: Page, stage: Stage) -> None:
    page.goto(f"{stage.url}/to-read")
    page.route("**/to-read/*/read", lambda route: route.abort())
    page.click("#reply-2-act")
    expect(page.locator("[data-offline]")).to_contain_text("It is still to be read")
    expect(page.locator(".cards > li")).to_have_count(4)
    expect(page.locator("#reply-2-act")).to_be_enabled()


def test_without_javascript_a_mark_is_a_form(chromium: Browser, stage: Stage) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{stage.url}/to-read")
    page.click("#reply-2-act")
    expect(page.locator(".cards > li")).to_have_count(3)
    expect(page.locator(".undo")).to_contain_text("Marked as read.")
    page.click(".undo button")
    assert [path for path, _form in stage.posts] == ["/to-read/2/read", "/to-read/2/unread"]
    context.close()
