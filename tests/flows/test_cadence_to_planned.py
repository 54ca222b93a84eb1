"""Flow (d): what a coordinator previews of a cadence is what gets planned, and then sent.

The form that changes a cadence comes later; here is the joint that it will rest on.
"""

from __future__ import annotations

from datetime import time

from connector.domain.cadence import Weekday, occurrences
from connector.domain.rota import Role
from connector.store import programmes
from connector.store.tables import CheckInRow
from tests.makers import a_programme, a_resident
from tests.web.conftest import Site


def test_previewed_planned_shown_and_sent(site: Site) -> None:
    loop = site.loop
    with loop.wiring.transaction() as session:
        days = (Weekday.TUE, Weekday.FRI)
        id_ = a_programme(session, name="Twice a week", days=days, at=time(15), spread=20)
        who = a_resident(session, id_, now=loop.clock())
        programme = programmes.by_id(session, [id_])[id_]
    previewed = [
        one.due
        for one in occurrences(
            programme.cadence,
            zone="Europe/London",
            since=loop.clock().date(),
            calendar=loop.wiring.calendar,
            spread_for=who,
            until=loop.clock().date().replace(month=12, day=8),
        )
        if one.skipped is None
    ]
    assert loop.plan() == len(previewed) == 5
    with loop.wiring.reading() as session:
        rows = session.query(CheckInRow).order_by(CheckInRow.due_at).all()
    assert [row.due_at for row in rows] == previewed
    page = site.as_(Role.COORDINATOR).get(f"/residents/{who}").text
    assert "Every Tuesday and Friday at about 15:00" in page
    assert f"{previewed[0]:%H:%M}" in page

    sent = []
    for due in previewed[:3]:
        loop.clock.forward(seconds=(due - loop.clock()).total_seconds() - 1)
        assert loop.send() == 0
        loop.clock.forward(seconds=2)
        sent.append(loop.send())
    assert sent == [1, 1, 1]
