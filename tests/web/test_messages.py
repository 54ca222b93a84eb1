"""Messages: the meter for everybody who writes, the library for those who answer for it."""

from __future__ import annotations

from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.domain.rota import Role
from tests.web.conftest import Site


@pytest.mark.parametrize("role", list(Role))
def test_everybody_of_staff_has_their_words_measured(site: Site, role: Role) -> None:
    answer = site.as_(role).post(
        "/messages/meter", data={"words": "You must come, {name}.", "people": "310"}
    )
    assert answer.status_code == 200
    assert "You must come, Christopher-John." in answer.text
    assert "4p each, £12.40 to 310 people" in answer.text
    assert "It sounds like an order" in answer.text


def test_nobody_else_has(site: Site) -> None:
    assert site.anybody().post("/messages/meter", data={"words": "Hi"}).status_code == 302


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"words": "x" * 9000},
        {"words": "Hi", "people": "-1"},
        {"words": "Hi", "people": "9" * 30, "kind": "song", "language": "tlh"},
    ],
    ids=["nothing", "a book", "nobody", "nonsense"],
)
def test_anything_can_be_measured(site: Site, form: dict[str, str]) -> None:
    assert site.as_(Role.CONNECTOR).post("/messages/meter", data=form).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/messages",
        "/messages/crisis_closed/en",
        "/messages/crisis_closed/cy",
        "/messages/unknown_number/ar",
        "/messages/crisis-lines",
        "/messages/crisis-lines/edit",
        "/messages/crisis-lines/edit?line=3",
    ],
)
@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.CONNECTOR, 403), (Role.COORDINATOR, 200), (Role.ADMINISTRATOR, 200)],
)
def test_the_library_is_for_those_who_answer_for_it(
    site: Site, role: Role, status: int, address: str
) -> None:
    assert site.as_(role).get(address).status_code == status


CRISIS = "/messages/crisis_closed/en"
UNKNOWN = "/messages/unknown_number/en"
OWN = "Read by {read_by}. In danger? Call 999. To talk: Samaritans 116 123."


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


@pytest.fixture
def tomos(site: Site) -> FlaskClient:
    return site.as_(Role.ADMINISTRATOR)


def seen(page: str) -> str:
    return unescape(page.split('name="seen" value="')[1].split('"')[0])


def kept(client: FlaskClient, address: str, *words: str, act: str = "save") -> TestResponse:
    """Fill in the form that is on the page and press a button of it."""
    form = {"words": list(words), "act": act, "seen": seen(client.get(address).text)}
    return client.post(address, data=form, follow_redirects=True)


def decided(client: FlaskClient, address: str, act: str, why: str = "") -> TestResponse:
    form = {"act": act, "why": why, "seen": seen(client.get(address).text)}
    return client.post(f"{address}/decide", data=form, follow_redirects=True)


def test_every_text_stands_by_language_and_missing_ones_are_named(
    site: Site, morag: FlaskClient
) -> None:
    page = morag.get("/messages").text
    catalogue = site.loop.wiring.wording.catalogue
    there = {(language, name) for language, name in catalogue.shipped if language != "en"}
    assert page.count(">Missing</span>") == 3 * len(catalogue.texts) - len(there)
    assert page.count("Needs review by a speaker") == len(there)
    assert all(text.title in unescape(page) for text in catalogue.texts.values())


def test_a_crisis_text_goes_out_only_after_a_second_person_has_approved(
    morag: FlaskClient, tomos: FlaskClient
) -> None:
    page = kept(morag, CRISIS, OWN).text
    assert "Kept as a draft" in page
    assert "somebody else has to approve them" in page
    assert "Approve: this goes out" not in page
    assert decided(morag, CRISIS, "approve").status_code == 409
    assert "Draft waiting" in tomos.get("/messages").text
    page = decided(tomos, CRISIS, "approve").text
    assert "Approved. It goes out within ten seconds" in page
    assert "Our own words" in page
    assert "Approved by Tomos Rees" in page
    goes_out = page.split("What goes out now")[1].split("The shipped words")[0]
    assert "Read by 11:30am Wednesday" in goes_out
    back = tomos.post(f"{CRISIS}/shipped", follow_redirects=True).text
    assert "The shipped words go out again" in back
    assert "Back to the shipped words: Tomos Rees" in back


def test_words_that_are_held_back_need_a_reason_which_is_shown(
    morag: FlaskClient, tomos: FlaskClient
) -> None:
    page = kept(morag, UNKNOWN, "You must ring 999.").text
    waiting = page.split("A draft is waiting")[1].split("Change the draft")[0]
    assert "You must ring 999." in waiting
    assert "It needs a second person, with a reason" in page
    refused = decided(tomos, UNKNOWN, "approve")
    assert refused.status_code == 409
    assert "say why they are right here" in refused.text
    assert "Reason: A joke" in decided(tomos, UNKNOWN, "approve", "A joke").text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "Write the text."),
        ("Call 999, {nmae}. {read_by}", "{nmae} cannot be filled"),
        ("Call 999.", "It needs {read_by}: when somebody is next there to read"),
    ],
    ids=["nothing", "unknown", "missing"],
)
def test_what_cannot_be_kept_is_said_and_nothing_typed_is_lost(
    morag: FlaskClient, words: str, sentence: str
) -> None:
    answer = kept(morag, CRISIS, words)
    assert answer.status_code == 400
    assert sentence in unescape(answer.text)
    assert f">{words}</textarea>" in answer.text
    assert "A draft is waiting" not in morag.get(CRISIS).text


def test_checking_keeps_nothing(morag: FlaskClient) -> None:
    page = kept(morag, CRISIS, "You must call {read_by}.", act="check").text
    assert "It sounds like an order" in page
    assert ">You must call {read_by}.</textarea>" in page
    assert "A draft is waiting" not in morag.get(CRISIS).text


def test_of_two_drafts_at_once_the_second_is_shown_the_first(
    morag: FlaskClient, tomos: FlaskClient
) -> None:
    before = seen(morag.get(CRISIS).text)
    kept(tomos, CRISIS, OWN)
    form = {"words": "My words, {read_by} 999.", "act": "save", "seen": before}
    answer = morag.post(CRISIS, data=form)
    assert answer.status_code == 409
    assert "What they have saved" in answer.text
    assert ">My words, {read_by} 999.</textarea>" in answer.text
    form["seen"] = seen(answer.text)
    assert "Kept as a draft" in morag.post(CRISIS, data=form, follow_redirects=True).text


def test_a_draft_put_aside_leaves_the_shipped_words(morag: FlaskClient) -> None:
    kept(morag, UNKNOWN, "Thank you.")
    page = decided(morag, UNKNOWN, "refuse", "Too short").text
    assert "Put aside by Morag Bell" in page
    assert "As shipped" in page


@pytest.mark.parametrize(
    "address", ["/messages/nothing/en", "/messages/crisis_open/xx", "/messages/crisis_open/EN"]
)
def test_there_is_no_page_for_what_there_is_not(morag: FlaskClient, address: str) -> None:
    assert morag.get(address).status_code == 404


def test_texts_of_programmes_are_read_here(site: Site, morag: FlaskClient) -> None:
    site.person()
    page = morag.get("/messages").text
    assert "Hi {name}, how have things been, 0 to 10? {sender}" in page
    assert "Missing: Welsh, Polish, Arabic." in page


def test_arabic_is_written_from_right_to_left_and_its_english_stand_in_is_not(
    morag: FlaskClient,
) -> None:
    goes_out, form = morag.get("/messages/crisis_open/ar").text.split("Write other words")
    assert 'dir="rtl"' not in goes_out
    assert "English goes instead." in goes_out
    assert 'lang="ar" dir="rtl"' in form


GOOD_LINE = {
    "name": "Shout",
    "contact": "85258",
    "detail": "By text",
    "owner": "Morag Bell",
    "source": "giveusashout.org",
    "checked_on": "2026-11-24",
    "review_by": "2027-05-24",
    "act": "save",
}


def test_a_line_that_was_looked_up_has_an_owner(morag: FlaskClient) -> None:
    assert "nobody yet" in morag.get("/messages/crisis-lines").text
    page = morag.post("/messages/crisis-lines", data=GOOD_LINE, follow_redirects=True).text
    assert "<dd>Morag Bell</dd>" in page
    assert "Morag Bell, Tue 24 Nov, 12:00" in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"owner": ""}, "Say who keeps an eye"),
        ({"checked_on": "yesterday"}, "Give the day checked as year, month and day."),
        ({"review_by": ""}, "Give the day to look at"),
        ({"review_by": "2026-11-24"}, "still to come"),
        ({"new": "1"}, "on the list already"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_line_that_cannot_be_kept_comes_back_as_it_was_typed(
    morag: FlaskClient, change: dict[str, str], sentence: str
) -> None:
    answer = morag.post("/messages/crisis-lines", data=GOOD_LINE | change)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert 'value="giveusashout.org"' in answer.text


def test_a_line_may_be_of_no_use_here(morag: FlaskClient) -> None:
    form = {"name": "CALM", "act": "not_used"}
    page = morag.post("/messages/crisis-lines", data=form, follow_redirects=True).text
    assert "Not used here" in page


def test_a_line_past_its_day_is_said_on_every_page_to_those_who_answer_for_it(site: Site) -> None:
    def page(role: Role) -> str:
        answer = site.as_(role).get("/queue")
        assert answer.status_code == 200
        return answer.text

    late = "Crisis lines have to be checked again: Shout and PAPYRUS HOPELINE247 are past"
    assert "Crisis lines" not in page(Role.COORDINATOR)
    site.loop.clock.forward(days=92)
    assert late in page(Role.COORDINATOR)
    assert "Crisis lines" not in page(Role.CONNECTOR)
