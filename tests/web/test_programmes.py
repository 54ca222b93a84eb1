"""Programmes and their cadences on the site: seen first, published with a reason, nothing lost."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from connector.domain.cadence import Weekday
from connector.domain.rota import Role
from connector.store import programmes, versions
from connector.store.tables import (
    AuditRow,
    CheckInRow,
    EnrolmentRow,
    ProgrammeRow,
    ProgrammeVersionRow,
)
from tests.makers import a_programme, a_resident
from tests.web.conftest import Site

THURSDAY = {"days": ["THU"], "at": "14:00"}


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


@pytest.fixture
def weekly(site: Site) -> int:
    """Every Tuesday at 10:00 for Ada and Bea, planned."""
    with site.loop.wiring.transaction() as session:
        id_ = a_programme(session, days=(Weekday.TUE,))
        for n, name in enumerate(("Ada", "Bea"), start=1):
            a_resident(session, id_, n=n, name=name, now=site.loop.clock())
    site.loop.plan()
    return id_


class Form(HTMLParser):
    """What a browser would send of the last form of a page: its fields as they stand."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        kind = found.get("type", "text")
        if tag == "form":
            self.fields = {}
        if tag == "select":
            self._select = found["name"]
        if tag == "option" and "selected" in found:
            self.fields[self._select] = [found.get("value", "")]
        if tag != "input" or "name" not in found:
            return
        if kind in ("radio", "checkbox") and "checked" not in found:
            return
        several = self.fields.setdefault(found["name"], [])
        if kind == "checkbox" or found["name"] == "days" or not several:
            several.append(found.get("value", ""))


def entered(client: FlaskClient, id_: int, **changes: Any) -> dict[str, Any]:
    """The form of a cadence as it comes, with some of it changed."""
    fields = Form(client.get(f"/programmes/{id_}/cadence").text).fields
    return {**fields, **changes}


def look(client: FlaskClient, id_: int, **changes: Any) -> str:
    data = entered(client, id_, **changes)
    return client.post(f"/programmes/{id_}/cadence/preview", data=data).text


def publish(client: FlaskClient, id_: int, why: str = "People asked", **changes: Any) -> Any:
    """From the form over the preview to the last button, as a browser without scripts would."""
    page = look(client, id_, **changes)
    data = Form(page).fields | {"why": why}
    return client.post(f"/programmes/{id_}/cadence/publish", data=data)


def counts(site: Site) -> list[int]:
    kinds = (AuditRow, CheckInRow, EnrolmentRow, ProgrammeRow, ProgrammeVersionRow)
    with site.loop.wiring.reading() as session:
        return [session.query(kind).count() for kind in kinds]


def due(site: Site) -> set[str]:
    with site.loop.wiring.reading() as session:
        return {f"{row.due_at:%a %H:%M}" for row in session.query(CheckInRow)}


@pytest.mark.parametrize("path", ["/programmes", "/programmes/new"])
def test_programmes_are_for_those_who_coordinate(site: Site, path: str) -> None:
    assert site.as_(Role.CONNECTOR).get(path).status_code == 403
    assert site.as_(Role.COORDINATOR).get(path).status_code == 200
    assert site.as_(Role.ADMINISTRATOR).get(path).status_code == 200


def test_the_list_says_each_programme_in_a_sentence(morag: FlaskClient, weekly: int) -> None:
    page = morag.get("/programmes").text
    assert "Every Tuesday at 10:00." in page
    assert "2 people on it" in page
    assert "Version 1." in page
    assert "Draft waiting" not in page


def test_one_programme_in_plain_words(morag: FlaskClient, weekly: int) -> None:
    page = morag.get(f"/programmes/{weekly}").text
    for words in ("Every Tuesday at 10:00.", "how have things been", "At least every 6 weeks"):
        assert words in page
    assert morag.get("/programmes/999").status_code == 404


def test_a_preview_shows_everything_and_writes_nothing(
    site: Site, morag: FlaskClient, weekly: int
) -> None:
    before = counts(site)
    page = look(morag, weekly, **THURSDAY)
    assert counts(site) == before
    for words in (
        "Every Tuesday at 10:00.",
        "Every Thursday at 14:00.",
        "Thu 26 Nov, 14:00",
        "Ada Begum",
        "Hi Ada, how have things been, 0 to 10?",
        "4 to 6 days earlier",
        "The next text moves for 2 of 2 people.",
        "1 segment, 4p",
        "Nobody meets that",
        "Nothing is changed yet.",
    ):
        assert words in page, words


def test_publishing_moves_what_is_planned_and_says_who_when_and_why(
    site: Site, morag: FlaskClient, weekly: int
) -> None:
    assert due(site) == {"Tue 10:00"}
    answer = publish(morag, weekly, **THURSDAY)
    assert answer.status_code == 302
    site.loop.plan()
    assert due(site) == {"Thu 14:00"}
    page = morag.get(f"/programmes/{weekly}").text
    for words in ("Version 2", "Morag Bell", "People asked", "Every Thursday at 14:00."):
        assert words in page
    with site.loop.wiring.reading() as session:
        acts = [row.act for row in session.query(AuditRow).order_by(AuditRow.id)]
    assert acts[-1] == "version published"


def test_without_a_reason_nothing_is_published_and_nothing_is_lost(
    site: Site, morag: FlaskClient, weekly: int
) -> None:
    answer = publish(morag, weekly, why=" ", **THURSDAY)
    assert answer.status_code == 400
    assert "Say in a few words why you make this change." in answer.text
    assert Form(answer.text).fields["days"] == ["THU"]
    assert Form(answer.text).fields["at"] == ["14:00"]
    with site.loop.wiring.reading() as session:
        assert versions.draft(session, weekly) is None


def test_a_draft_waits_and_changes_nothing(site: Site, morag: FlaskClient, weekly: int) -> None:
    data = Form(look(morag, weekly, **THURSDAY)).fields
    morag.post(f"/programmes/{weekly}/cadence/save", data=data)
    site.loop.plan()
    assert due(site) == {"Tue 10:00"}
    assert "Draft waiting" in morag.get("/programmes").text
    page = morag.get(f"/programmes/{weekly}").text
    assert "A draft is waiting" in page
    assert "Every Thursday at 14:00." in page
    assert "Every Thursday at 14:00." in morag.get(f"/programmes/{weekly}/draft").text


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"days": []}, "days", "Choose at least one day of the week."),
        ({"at": "noon"}, "at", "Write the time as hours and minutes, such as 10:30."),
        ({"every_weeks": "0"}, "every_weeks", "is a whole number from 1 to 52"),
        ({"repeat": "years"}, "repeat-weeks", "Choose how often texts go out."),
        ({"repeat": "after", "after": "one"}, "after", "Days after joining: write whole numbers"),
        ({"slows": "yes", "paces": "4, 2"}, "paces", "slower than the one before"),
        ({"ends": "date", "ends_on": ""}, "ends_on", "The end needs a date."),
        ({"ends": "date", "ends_on": "2020-01-01"}, "ends_on", "cannot end before it starts"),
        ({"ends": "weeks", "lasts_weeks": "x"}, "lasts_weeks", "How many weeks it lasts is"),
        ({"starts": "date", "starts_on": "soon"}, "starts_on", "The start needs a date."),
        ({"floor_weeks": "0"}, "why_none", "Nobody may be left without human contact for good"),
        ({"timely": "abc"}, "timely", "How late a text may go is a whole number"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field_and_nothing_is_lost(
    morag: FlaskClient, weekly: int, changes: dict[str, Any], field: str, words: str
) -> None:
    data = entered(morag, weekly, remind="2160", **changes)
    answer = morag.post(f"/programmes/{weekly}/cadence/preview", data=data)
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert words in answer.text
    assert Form(answer.text).fields["remind"] == ["2160"]


def test_all_problems_are_told_at_once(morag: FlaskClient, weekly: int) -> None:
    page = look(morag, weekly, days=[], at="", floor_weeks="x")
    assert page.count('<li><a href="#') == 3


def test_what_cannot_be_published_says_why_and_can_still_be_a_draft(
    morag: FlaskClient, weekly: int
) -> None:
    page = look(morag, weekly, ends="date", ends_on="2027-01-05")
    assert "It ends at full pace" in page
    assert "It ends without a word" in page
    assert "Publish it now" not in page
    assert "Save as a draft" in page


def test_of_two_who_change_it_the_second_is_told_and_loses_nothing(
    site: Site, morag: FlaskClient, weekly: int
) -> None:
    mine = Form(look(morag, weekly, **THURSDAY)).fields
    tomos = site.as_(Role.ADMINISTRATOR)
    theirs = Form(look(tomos, weekly, days=["WED"])).fields
    tomos.post(f"/programmes/{weekly}/cadence/save", data=theirs)
    answer = morag.post(f"/programmes/{weekly}/cadence/publish", data=mine | {"why": "x"})
    assert answer.status_code == 409
    assert "Tomos Rees has begun a draft" in answer.text
    assert Form(answer.text).fields["days"] == ["THU"]
    with site.loop.wiring.reading() as session:
        assert programmes.by_id(session, [weekly])[weekly].number == 1


def test_names_of_those_who_move_are_for_those_who_see_residents(
    site: Site, morag: FlaskClient, weekly: int
) -> None:
    data = Form(look(morag, weekly, **THURSDAY)).fields | {"move": "few_earlier"}
    page = morag.post(f"/programmes/{weekly}/cadence/names", data=data)
    assert "Ada Begum" in page.text
    tomos = site.as_(Role.ADMINISTRATOR)
    assert tomos.post(f"/programmes/{weekly}/cadence/names", data=data).status_code == 403
    seen = tomos.post(f"/programmes/{weekly}/cadence/preview", data=data).text
    assert "Ada" not in seen
    assert "Hi Name, how have things been" in seen


def test_somebody_can_be_picked_by_name(site: Site, morag: FlaskClient, weekly: int) -> None:
    with site.loop.wiring.transaction() as session:
        for n in range(3, 8):
            a_resident(session, weekly, n=n, name=f"P{n}", now=site.loop.clock())
    page = look(morag, weekly, **THURSDAY)
    assert "P5 Begum</a></h3>" not in page
    wanted = page.partition(">P5 Begum</option>")[0].rpartition('value="')[2].strip('"')
    data = Form(page).fields | {"pick": wanted}
    again = morag.post(f"/programmes/{weekly}/cadence/preview", data=data).text
    assert "P5 Begum</a></h3>" in again
    assert "The person you chose" in again


def test_back_to_the_form_keeps_what_was_typed(morag: FlaskClient, weekly: int) -> None:
    data = Form(look(morag, weekly, **THURSDAY)).fields
    page = morag.post(f"/programmes/{weekly}/cadence/change", data=data).text
    assert Form(page).fields["days"] == ["THU"]


def test_a_new_programme_is_a_draft(site: Site, morag: FlaskClient, weekly: int) -> None:
    data = {"name": "Tuesdays with Priya", "begin": "prompt"}
    page = morag.post("/programmes", data=data, follow_redirects=True).text
    assert "Not published yet" in page
    copy = {"name": "Another", "begin": "copy", "copy": str(weekly)}
    assert (
        "how have things been" in morag.post("/programmes", data=copy, follow_redirects=True).text
    )
    again = morag.post("/programmes", data=copy)
    assert again.status_code == 400
    assert "There is a programme called Another already" in again.text
    assert Form(again.text).fields["name"] == ["Another"]
    site.loop.plan()
    assert due(site) == {"Tue 10:00"}


def test_a_new_programme_is_published_once_it_has_been_seen(
    site: Site, morag: FlaskClient, weekly: int
) -> None:
    data = {"name": "Afternoons", "begin": "check_in"}
    where = morag.post("/programmes", data=data).location
    page = morag.get(f"{where}/draft").text
    done = morag.post(
        f"{where}/cadence/publish", data=Form(page).fields | {"why": "New"}, follow_redirects=True
    )
    assert "Published as version 1." in done.text


def test_one_person_has_a_pace_of_their_own(site: Site, weekly: int) -> None:
    priya = site.as_(Role.CONNECTOR)
    with site.loop.wiring.reading() as session:
        ada = session.query(EnrolmentRow).order_by(EnrolmentRow.id).first()
        assert ada
        who = ada.resident_id
    path = f"/residents/{who}/programmes/{weekly}/pace"
    assert "Tue 1 Dec, 10:00" in priya.get(path).text
    data = {"days": ["FRI"], "at": "15:30", "every": "2"}
    before = counts(site)
    seen = priya.post(f"{path}/preview", data=data).text
    assert counts(site) == before
    assert "Fri 4 Dec, 15:30" in seen or "Fri 27 Nov, 15:30" in seen
    assert "Keep this pace" in seen
    assert priya.post(path, data=data).status_code == 302
    site.loop.plan()
    assert due(site) == {"Tue 10:00", "Fri 15:30"}
    kept = priya.get(path).text
    assert "For Ada: Friday at 15:30, every two weeks." in kept
    assert site.as_(Role.COORDINATOR).get(f"/programmes/{weekly}").text.count("Ada Begum") == 1
    priya.post(path, data={"back": "yes"})
    site.loop.plan()
    assert due(site) == {"Tue 10:00"}


def test_a_pace_that_cannot_be_read_is_told_and_kept(site: Site, weekly: int) -> None:
    priya = site.as_(Role.CONNECTOR)
    with site.loop.wiring.reading() as session:
        who = session.query(EnrolmentRow).first().resident_id  # type: ignore[union-attr]
    path = f"/residents/{who}/programmes/{weekly}/pace"
    answer = priya.post(path, data={"days": ["FRI"], "at": "late", "every": "2"})
    assert answer.status_code == 400
    assert "Write the time as hours and minutes" in answer.text
    assert Form(answer.text).fields["at"] == ["late"]
    assert priya.get(f"/residents/{who}/programmes/999/pace").status_code == 404
    assert site.as_(Role.ADMINISTRATOR).get(path).status_code == 403


def test_a_preview_asks_the_records_no_more_for_more_people(
    site: Site, morag: FlaskClient, weekly: int
) -> None:
    data = entered(morag, weekly, **THURSDAY)
    path = f"/programmes/{weekly}/cadence/preview"
    with site.counted() as few:
        morag.post(path, data=data)
    with site.loop.wiring.transaction() as session:
        for n in range(3, 40):
            a_resident(session, weekly, n=n, name=f"P{n}", now=site.loop.clock())
    with site.counted() as many:
        morag.post(path, data=data)
    assert len(many) == len(few)
