"""Writing to a group: previewed with nothing written, sent once, decided again when it goes."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.rota import Role
from connector.store import residents
from connector.store.tables import AttemptRow, AuditRow, NoticeRow
from tests.makers import a_resident, unset_rules
from tests.web.conftest import Site

WORDS = "Hi {name}, the office is closed tomorrow. Morag"


@pytest.fixture(autouse=True)
def as_it_came(site: Site) -> None:
    """The usual cap holds."""
    unset_rules(site.loop.wiring)


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


@pytest.fixture
def ada(site: Site) -> int:
    return site.person(1, name="Ada")


def form(**changes: str) -> dict[str, str]:
    return {"group": "everybody", "words": WORDS, "day": "now", "at": "10:00", **changes}


def preview(client: FlaskClient, **changes: str) -> str:
    return client.post("/notices/preview", data=form(**changes)).text


def send(client: FlaskClient, page: str = "", **changes: str) -> str:
    """The last button of a preview."""
    page = page or preview(client, **changes)
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found, page
    data = form(**changes) | {"key": found[1]}
    return client.post("/notices", data=data, follow_redirects=True).text


def rows(site: Site) -> tuple[int, int]:
    with site.loop.wiring.reading() as session:
        return session.query(AttemptRow).count(), session.query(NoticeRow).count()


def whys(site: Site) -> list[str]:
    with site.loop.wiring.reading() as session:
        return [row.why for row in session.query(AttemptRow).filter_by(state="skipped")]


def test_the_preview_says_everything_and_writes_nothing(
    site: Site, morag: FlaskClient, ada: int
) -> None:
    with site.loop.wiring.transaction() as session:
        now = site.loop.clock()
        a_resident(session, n=2, name="Bea", state=AgreementState.PAUSED, now=now)
        a_resident(session, n=3, name="Wendy-Anne", language="cy", now=now)
        residents.number_dead(session, a_resident(session, n=4, name="Cal", now=now))
    page = preview(morag, rate="5")
    for words in (
        "Everybody: 2 people",
        "Hi Wendy-Anne, the office is closed tomorrow. Morag",
        "Hi Ada, the office is closed tomorrow. Morag",
        "51 characters, 1 segment",
        "Plain alphabet",
        "£0.10 for 2 segments at 5p",
        "1 person reads Welsh",
        "Texts are paused for this resident.",
        "Bea Begum",
        "Texts do not arrive at this number.",
        "Cal Begum",
        "Send to 2 people",
    ):
        assert words in page
    assert rows(site) == (0, 0)


def test_a_second_press_of_the_same_form_sends_nothing_twice(
    site: Site, morag: FlaskClient, ada: int
) -> None:
    page = preview(morag)
    assert "On its way to 1 person." in send(morag, page)
    assert "sent already" in send(morag, page)
    assert rows(site) == (1, 1)
    site.loop.send()
    assert site.loop.bodies_to(1) == ["Hi Ada, the office is closed tomorrow. Morag"]
    with site.loop.wiring.reading() as session:
        acts = [(row.act, row.staff_id) for row in session.query(AuditRow)]
    assert acts == [("notice sent", site.members[Role.COORDINATOR].id)]
    assert "Hi {name}, the office" in morag.get("/notices").text


def test_whoever_has_had_enough_is_left_out_and_it_says_why(
    site: Site, morag: FlaskClient, ada: int
) -> None:
    send(morag)
    site.loop.send()
    page = preview(morag, words="One more thing, {name}. Morag")
    assert "They have had 1 text from us that day already." in page
    assert "Nobody in this group would get it." in page
    assert 'action="/notices"' not in page


def test_each_is_decided_again_when_it_goes(site: Site, morag: FlaskClient, ada: int) -> None:
    site.person(2, name="Bea")
    send(morag, day="tomorrow", at="15:00")
    assert site.loop.send() == 0
    with site.loop.wiring.transaction() as session:
        event = AgreementEvent(AgreementState.PAUSED, site.loop.clock(), How.BY_PHONE)
        residents.agree(session, ada, event)
    site.loop.plan()
    site.loop.clock.forward(days=1)  # both have a check-in at ten; Ada's is paused
    site.loop.send()
    site.loop.clock.forward(hours=3)
    site.loop.send()
    assert [WORDS.format(name="Bea") in site.loop.bodies_to(n) for n in (1, 2)] == [False, False]
    assert sorted(why.split(":")[1][:18] for why in whys(site)) == [
        " texts are paused ",
        " they have had 1 t",
    ]


def test_two_notices_of_one_moment_are_one_text(site: Site, morag: FlaskClient, ada: int) -> None:
    first, second = preview(morag, day="today", at="15:00"), preview(morag, day="today", at="15:00")
    send(morag, first, day="today", at="15:00")
    answer = send(morag, second, day="today", at="15:00")
    assert "Nobody in this group would get it" in answer
    assert rows(site) == (1, 1)


def test_words_that_have_to_change_are_not_sent(site: Site, morag: FlaskClient, ada: int) -> None:
    words = "You must attend or lose your benefits, {name}."
    page = preview(morag, words=words)
    assert "Has to change" in page
    assert "Send to" not in page
    answer = morag.post("/notices", data=form(words=words, key="forged"))
    assert answer.status_code == 400
    assert rows(site) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"words": " "}, "Write the text."),
        ({"words": "Hi {sender}"}, "Only {name}"),
        ({"group": "nobody"}, "Choose who"),
        ({"day": "someday"}, "Choose when"),
        ({"day": "today", "at": "late"}, "Write the time"),
        ({"day": "today", "at": "09:00"}, "That time is over"),
        ({"day": "today", "at": "23:00"}, "quiet hours"),
        ({"rate": "-1"}, "price of one text"),
    ],
)
def test_a_slip_is_one_sentence_and_keeps_what_was_written(
    morag: FlaskClient, changes: dict[str, str], problem: str
) -> None:
    answer = morag.post("/notices/preview", data=form(**changes))
    assert answer.status_code == 400
    assert problem in answer.text
    assert changes.get("words", WORDS).strip() in answer.text


def test_groups_are_everybody_a_programme_or_a_connectors_people(
    site: Site, morag: FlaskClient, ada: int
) -> None:
    site.person(2, name="Bea")
    with site.loop.wiring.transaction() as session:
        a_resident(session, n=3, name="Cal", now=site.loop.clock())
    options = re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)<', morag.get("/notices").text)
    offered = {name: value for value, name in options}
    counts = {name: preview(morag, group=value) for name, value in offered.items()}
    assert {name: re.search(r"Send to (\d+)", page)[1] for name, page in counts.items()} == {  # type: ignore[index]
        "Everybody": "3",
        "On Programme 1": "1",
        "On Programme 2": "1",
        "Priya Nair’s people": "2",
    }


def test_an_administrator_sees_how_many_and_no_name(site: Site, ada: int) -> None:
    rees = site.as_(Role.ADMINISTRATOR)
    page = preview(rees)
    assert "Send to 1 person" in page
    assert "Ada" not in page


def test_a_connector_may_not_write_to_a_group(site: Site) -> None:
    priya = site.as_(Role.CONNECTOR)
    assert priya.get("/notices").status_code == 403
    assert priya.post("/notices", data=form(key="x")).status_code == 403


def test_without_a_preview_nothing_goes(site: Site, morag: FlaskClient, ada: int) -> None:
    assert morag.post("/notices", data=form()).status_code == 400
    assert rows(site) == (0, 0)
