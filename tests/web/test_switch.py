"""The one switch on the site: asked twice, seen by everybody, lifted by a coordinator."""

from __future__ import annotations

import pytest

from connector.domain.rota import Role
from connector.store import switches
from connector.store.tables import AuditRow
from tests.web.conftest import Site

WHY = "the wrong words went out"


def stop(site: Site, **form: str) -> str:
    morag = site.as_(Role.COORDINATOR)
    return morag.post("/system/stop", data={"why": WHY, **form}, follow_redirects=True).text


def is_stopped(site: Site) -> bool:
    with site.loop.wiring.reading() as session:
        return switches.pause(session) is not None


def acts(site: Site) -> list[tuple[str, int | None, str]]:
    with site.loop.wiring.reading() as session:
        rows = session.query(AuditRow).filter(AuditRow.act.like("sending %"))
        return [(row.act, row.staff_id, row.why) for row in rows]


def test_stopping_asks_once_more_and_only_then_stops(site: Site) -> None:
    assert "Stop all texts to residents?" in stop(site)
    assert not is_stopped(site)
    assert "Texts to residents are stopped." in stop(site, sure="yes")
    assert is_stopped(site)
    assert acts(site) == [("sending stopped", site.members[Role.COORDINATOR].id, WHY)]


@pytest.mark.parametrize("sure", [{}, {"sure": "yes"}], ids=["first question", "forged"])
def test_without_a_reason_nothing_stops(site: Site, sure: dict[str, str]) -> None:
    answer = site.as_(Role.COORDINATOR).post("/system/stop", data={"why": "  ", **sure})
    assert answer.status_code == 400
    assert "Say in a few words why" in answer.text
    assert not is_stopped(site)


@pytest.mark.parametrize("role", Role)
def test_everybody_who_is_signed_in_sees_it_and_who_and_why(site: Site, role: Role) -> None:
    stop(site, sure="yes")
    page = site.as_(role).get("/system").text
    assert f"Texts to residents are stopped since 12:00 by Morag: {WHY}" in page
    assert WHY not in site.anybody().get("/sign-in").text


def test_what_was_due_waits_and_goes_when_it_is_lifted(site: Site) -> None:
    site.person()
    site.loop.plan()
    stop(site, sure="yes")
    site.loop.clock.forward(days=1)
    assert site.loop.send() == 0
    assert "1 text is waiting to go." in site.as_(Role.COORDINATOR).get("/system").text
    page = site.as_(Role.ADMINISTRATOR).post("/system/lift", follow_redirects=True).text
    assert "Texts go out again." in page
    assert site.loop.send() == 1
    assert [act for act, _by, _why in acts(site)] == ["sending stopped", "sending lifted"]


def test_lifting_what_is_not_stopped_changes_nothing(site: Site) -> None:
    page = site.as_(Role.COORDINATOR).post("/system/lift", follow_redirects=True).text
    assert "Texts were going out already." in page
    assert acts(site) == []


@pytest.mark.parametrize("address", ["/system/stop", "/system/lift"])
def test_a_connector_may_neither_stop_nor_lift(site: Site, address: str) -> None:
    answer = site.as_(Role.CONNECTOR).post(address, data={"why": WHY, "sure": "yes"})
    assert answer.status_code == 403
    assert not is_stopped(site)


def test_a_page_asks_once_for_it_and_the_poll_never(site: Site) -> None:
    priya = site.as_(Role.CONNECTOR)
    with site.counted() as asked:
        priya.get("/queue")
    assert sum(" switch" in statement for statement in asked) == 1
    with site.counted() as asked:
        priya.get("/queue/list")
    assert not any(" switch" in statement for statement in asked)
