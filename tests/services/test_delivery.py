"""What follows when a text does not get through counts in the working hours of where we are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from connector.domain.attempt import Meaning
from connector.domain.working_hours import WorkingHours
from connector.services import delivery
from connector.store.tables import AttemptRow
from tests.makers import Loop, a_programme, a_resident


@pytest.mark.parametrize(
    ("nation", "due"),
    [("ENG", date(2027, 1, 7)), ("SCT", date(2027, 1, 8))],
    ids=["England", "Scotland, where the second of January is kept on Monday the fourth"],
)
def test_a_dead_number_is_due_by_the_bank_holidays_of_the_nation(
    loop: Loop, nation: str, due: date
) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        who = a_resident(session, programme, now=loop.clock())
    loop.asks()
    new_year = datetime(2027, 1, 1, 18, 0, tzinfo=UTC)
    with loop.wiring.transaction() as session:
        attempt = session.query(AttemptRow).first()
        assert attempt is not None
        attempt.state = "refused"
        session.flush()
        hours = WorkingHours(nation=nation)
        delivery.refused(session, attempt.id, Meaning.NUMBER_DEAD, hours=hours, now=new_year)
    flag = loop.flag(who)
    assert flag is not None
    assert flag.due_at.astimezone(ZoneInfo("Europe/London")).date() == due
