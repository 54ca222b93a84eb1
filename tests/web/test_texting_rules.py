"""Texting rules on the site: seen first with nothing written, saved once, planned again."""

from __future__ import annotations

import re
from datetime import date, time

import pytest
from flask.testing import FlaskClient

from connector.domain.cadence import Weekday
from connector.domain.calendar import NIGHT
from connector.domain.rota import Role
from connector.domain.texting_rules import TextingRules
from connector.store import texting_rules
from connector.store.tables import AttemptRow, AuditRow, CheckInRow, SettingRow, SpecialDayRow
from tests.makers import Loop, a_programme, a_resident, unset_rules
from tests.web.conftest import Site


@pytest.fixture(autouse=True)
def as_it_came(loop: Loop) -> None:
    """Nobody has set any rules yet."""
    unset_rules(loop.wiring)


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


def form(client: FlaskClient, **changes: str) -> dict[str, str]:
    """The form as the page shows it, with some fields changed; an empty one is left out."""
    page = client.get("/texting-rules").text
    rules = page[page.index('id="rules"') : page.index('id="days-title"')]
    fields = {}
    for tag in re.findall(r"<input[^>]+>", rules):
        kept = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        unchecked = kept["type"] in ("checkbox", "radio") if "type" in kept else False
        if kept["name"] != "csrf_token" and (not unchecked or " checked" in tag):
            fields[kept["name"]] = kept["value"]
    chosen = re.search(r'<option value="(\w*)" selected', rules)
    fields["nation"] = chosen[1] if chosen else ""
    return {name: value for name, value in (fields | changes).items() if value}


def preview(client: FlaskClient, **changes: str) -> str:
    return client.post("/texting-rules/preview", data=form(client, **changes)).text


def save(client: FlaskClient, **changes: str) -> str:
    data = form(client, **changes)
    return client.post("/texting-rules", data=data, follow_redirects=True).text


def rules(site: Site) -> TextingRules:
    with site.loop.wiring.reading() as session:
        return texting_rules.load(session, site.loop.wiring.calendar)


def rows(site: Site) -> tuple[int, int, int]:
    with site.loop.wiring.reading() as session:
        return tuple(session.query(row).count() for row in (SettingRow, SpecialDayRow, AuditRow))


def due(site: Site) -> list[tuple[date, str]]:
    """What is planned: the date that names it, and when it is due in UTC."""
    with site.loop.wiring.reading() as session:
        planned = session.query(CheckInRow).filter_by(state="planned").order_by(CheckInRow.due_at)
        return [(row.occurrence, f"{row.due_at:%d %H:%M}") for row in planned]


def on_fridays(site: Site, *days: Weekday, at: time = time(18), n: int = 1) -> int:
    with site.loop.wiring.transaction() as session:
        programme = a_programme(session, name="Friday check-in", days=days or (Weekday.FRI,), at=at)
        return a_resident(session, programme, n=n, now=site.loop.clock())


def test_the_page_shows_what_holds_and_saving_it_unchanged_is_nothing(
    site: Site, morag: FlaskClient
) -> None:
    page = morag.get("/texting-rules").text
    assert "Nobody has changed them yet" in page
    assert "Nothing is different" in preview(morag)
    assert "Nothing was changed" in save(morag)
    assert rows(site) == (0, 0, 0)
    assert rules(site) == TextingRules(site.loop.wiring.calendar)


def test_a_preview_says_what_would_move_and_writes_nothing(site: Site, morag: FlaskClient) -> None:
    on_fridays(site)
    site.loop.plan()
    before = due(site)
    page = preview(morag, to_4="17:00")
    assert "Friday: 09:00 to 17:00 (was 09:00 to 20:00)." in page
    assert "Of 2 texts planned for the next 14 days, 2 would move and none be skipped." in page
    assert "Friday check-in</strong>: 2 of 2 would move" in page
    assert "we are open from 09:00 to 17:00 on Fridays" in page
    assert ">Save</button>" in page
    assert rows(site) == (0, 0, 0)
    assert due(site) == before


def test_saving_plans_again_what_has_not_gone_and_says_who_did_it(
    site: Site, morag: FlaskClient
) -> None:
    on_fridays(site)
    site.loop.plan()
    assert "Saved." in save(morag, to_4="17:00")
    site.loop.plan()
    assert due(site) == [(date(2026, 11, 27), "28 09:00"), (date(2026, 12, 4), "05 09:00")]
    assert "Last changed Tue 24 Nov, 12:00 by Morag Bell." in morag.get("/texting-rules").text
    with site.loop.wiring.reading() as session:
        (row,) = session.query(AuditRow)
    assert (row.act, row.staff_id) == ("texting rules changed", site.members[Role.COORDINATOR].id)
    assert "Friday: 09:00 to 17:00" in row.why


def test_nobody_is_texted_twice_for_one_day(site: Site, morag: FlaskClient) -> None:
    """The text of the day has gone; a change of hours then brings no second one."""
    on_fridays(site, Weekday.TUE, Weekday.FRI, at=time(13))
    site.loop.plan()
    site.loop.clock.forward(hours=1)
    assert site.loop.send() == 1
    assert "Saved." in save(morag, from_1="15:00", from_4="15:00")
    site.loop.plan()
    site.loop.clock.forward(hours=3)
    assert site.loop.send() == 0
    with site.loop.wiring.reading() as session:
        assert session.query(AttemptRow).count() == 1
    assert due(site)[0] == (date(2026, 11, 27), "27 15:00")


def test_of_two_editors_the_second_is_told_and_loses_nothing(
    site: Site, morag: FlaskClient
) -> None:
    tomos = site.as_(Role.ADMINISTRATOR)
    his = form(tomos, price="6", to_0="16:00")
    assert "Saved." in save(morag, price="5")
    answer = tomos.post("/texting-rules", data=his)
    assert answer.status_code == 409
    assert "Morag Bell has changed these rules since you opened them" in answer.text
    assert 'value="16:00"' in answer.text
    assert str(rules(site).price) == "5"
    again = his | {"edits": "1"}
    assert "Saved." in tomos.post("/texting-rules", data=again, follow_redirects=True).text
    assert str(rules(site).price) == "6"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({f"open_{n}": "" for n in range(7)}, "at least one weekday"),
        ({"from_2": "17:00", "to_2": "09:00"}, "Wednesday: opening hours need to close later"),
        ({"from_2": "morning"}, "Wednesday: write both times"),
        ({"quiet_to": ""}, "Quiet hours: write when they start and when they end"),
        ({"quiet_from": "09:00", "quiet_to": "09:00"}, "a whole day of quiet"),
        (
            {
                f"{end}_{n}": at
                for n in range(6)
                for end, at in (("from", "21:00"), ("to", "23:00"))
            },
            "These hours never open",
        ),
        ({"cap_day": "0"}, "A cap of nought"),
        ({"cap_week": "two"}, "three whole numbers"),
        ({"price": "free"}, "price of one segment"),
        ({"price": "-1"}, "price of one segment"),
        ({"nation": "FRA"}, "whose bank holidays"),
        ({"on_holiday": "hope"}, "what happens to a text on a closed day"),
    ],
)
def test_a_slip_is_one_sentence_and_keeps_what_was_chosen(
    morag: FlaskClient, changes: dict[str, str], problem: str
) -> None:
    data = form(morag, cap_month="7", **changes)
    for address in ("/texting-rules/preview", "/texting-rules"):
        answer = morag.post(address, data=data)
        assert answer.status_code == 400
        assert problem in answer.text
        assert 'name="cap_month" inputmode="numeric" autocomplete="off" value="7"' in answer.text


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"cap_week": "1", "cap_month": "8"},
            "Friday check-in asks for 2 texts within 7 days, and the cap allows 1.",
        ),
        (
            {"open_1": "", "open_4": "", "on_weekday": "skip"},
            "Friday check-in could never send a text: all of its days would be skipped.",
        ),
    ],
)
def test_rules_that_a_published_programme_cannot_live_with_are_refused_and_name_it(
    site: Site, morag: FlaskClient, changes: dict[str, str], problem: str
) -> None:
    on_fridays(site, Weekday.TUE, Weekday.FRI)
    page = preview(morag, **changes)
    assert "This cannot be saved" in page
    assert problem in page
    assert ">Save</button>" not in page
    answer = morag.post("/texting-rules", data=form(morag, **changes))
    assert (answer.status_code, problem in answer.text) == (400, True)
    assert rows(site) == (0, 0, 0)


def test_programmes_that_together_ask_too_much_of_somebody_are_named(
    site: Site, morag: FlaskClient
) -> None:
    with site.loop.wiring.transaction() as session:
        one = a_programme(session, name="Mondays", days=(Weekday.MON, Weekday.WED))
        other = a_programme(session, name="Thursdays", days=(Weekday.THU,))
        a_resident(session, one, other, now=site.loop.clock())
    page = preview(morag, price="5")
    assert "Mondays and Thursdays together ask for 3 texts within 7 days" in page
    assert "For 1 person who is on both" in page
    assert "More than the cap allows" not in preview(morag, cap_week="3", cap_month="12")


def test_a_closed_day_of_our_own_is_added_seen_first_and_taken_away_again(
    site: Site, morag: FlaskClient
) -> None:
    on_fridays(site, at=time(10))
    site.loop.plan()
    day = {"act": "add", "day": "2026-11-27", "kind": "closed", "where": "", "edits": "0"}
    day["why"] = "everybody is training."
    page = morag.post("/texting-rules/days/preview", data=day).text
    assert "New: Friday 27 November 2026 is closed (everybody is training)." in page
    assert "Of 2 texts planned for the next 14 days, 1 would move" in page
    assert rows(site) == (0, 0, 0)
    assert "Saved." in morag.post("/texting-rules/days", data=day, follow_redirects=True).text
    site.loop.plan()
    assert due(site)[0] == (date(2026, 11, 27), "28 10:00")
    page = morag.get("/texting-rules").text
    assert "No texts: everybody is training" in page
    gone = {"act": "remove", "day": "2026-11-27", "where": "", "edits": "1"}
    assert "No longer: Friday 27" in morag.post("/texting-rules/days/preview", data=gone).text
    assert "Saved." in morag.post("/texting-rules/days", data=gone, follow_redirects=True).text
    site.loop.plan()
    assert due(site)[0] == (date(2026, 11, 27), "27 10:00")
    assert rows(site) == (1, 0, 2)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"day": ""}, "Choose the day."),
        ({"day": "2026-11-23"}, "from today to two years ahead"),
        ({"day": "2030-01-01"}, "from today to two years ahead"),
        ({"kind": ""}, "Choose whether"),
        ({"why": " "}, "Write in a few words why"),
        ({"kind": "open"}, "Texts go out on Friday 27 November 2026 as it is."),
        ({"day": "2026-12-25"}, "as it is: Christmas Day is a bank holiday in England."),
        ({"act": "remove"}, "not in the list any more"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused_in_words(
    site: Site, morag: FlaskClient, changes: dict[str, str], problem: str
) -> None:
    day = {"act": "add", "day": "2026-11-27", "kind": "closed", "where": "", "edits": "0"}
    data = day | {"why": "training"} | changes
    for address in ("/texting-rules/days/preview", "/texting-rules/days"):
        answer = morag.post(address, data=data)
        assert (answer.status_code, problem in answer.text) == (400, True), answer.text
    assert rows(site) == (0, 0, 0)


def test_holidays_are_listed_by_name_with_what_becomes_of_a_text(
    site: Site, morag: FlaskClient
) -> None:
    page = morag.get("/texting-rules").text
    assert "Christmas Day</strong>, Friday 25 December 2026" in page
    assert "Moves on to Tuesday 29 December 2026" in page
    open_it = {"act": "add", "day": "2026-12-25", "kind": "open", "where": "ENG", "edits": "0"}
    morag.post("/texting-rules/days", data=open_it | {"why": "nobody should be alone"})
    page = morag.get("/texting-rules").text
    assert "Texts go out: nobody should be alone" in page
    assert "Texts go out in England alone: nobody should be alone" in page
    save(morag, nation="SCT", on_holiday="skip")
    page = morag.get("/texting-rules").text
    assert "St Andrew" in page or "Saint Andrew" in page
    assert "Skipped" in page
    assert "Texts go out: nobody" not in page, "that day is England's"


def test_the_list_of_holidays_says_when_it_is_about_to_end(site: Site, morag: FlaskClient) -> None:
    assert "was checked up to" not in morag.get("/texting-rules").text
    site.loop.clock.forward(days=500)
    page = site.as_(Role.COORDINATOR).get("/texting-rules").text
    assert "was checked up to Sunday 31 December 2028" in page


def test_a_notice_and_its_price_go_by_the_rules(site: Site, morag: FlaskClient) -> None:
    on_fridays(site)
    save(morag, to_1="11:00", to_2="11:00", price="6.5")
    draft = {"group": "everybody", "words": "Hi {name}. Morag", "day": "now"}
    answer = morag.post("/notices/preview", data=draft)
    assert answer.status_code == 400
    assert "we are open from 09:00 to 11:00 on Tuesdays" in answer.text
    page = morag.post("/notices/preview", data=draft | {"day": "tomorrow", "at": "10:00"}).text
    assert "1 segment at 6.5p" in page


@pytest.mark.parametrize("address", ["", "/preview", "/change", "/days", "/days/preview"])
def test_a_connector_may_not_change_them(site: Site, address: str) -> None:
    priya = site.as_(Role.CONNECTOR)
    assert priya.post(f"/texting-rules{address}", data={}).status_code == 403
    assert priya.get("/texting-rules").status_code == 403
    assert rules(site).calendar.quiet == NIGHT
