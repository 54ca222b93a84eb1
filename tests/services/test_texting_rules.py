"""What a preview of the texting rules says would move is what moves once they are saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from connector.domain.cadence import Cadence, Override, Unit, Weekday
from connector.domain.calendar import NIGHT, Calendar, DayOverride, Nation, Opening, WhenClosed
from connector.domain.errors import Invalid
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.domain.rota import Role
from connector.domain.texting_rules import TextingRules
from connector.services import texting_rules
from connector.services.texting_rules import Overtaken, Preview
from connector.store import programmes
from connector.store.tables import AuditRow, CheckInRow, EnrolmentRow
from tests.makers import SCALE, Loop, a_member, a_resident, unset_rules

Planned = dict[tuple[int, int, date], datetime]

ZONES = ("Europe/London", "America/New_York", "Asia/Kathmandu")
ENGLAND = Calendar(nation=Nation.ENGLAND, quiet=NIGHT)
WEEKDAYS = tuple(Opening(weekday, time(9), time(17)) for weekday in range(5))
CASES = {
    "office hours": replace(ENGLAND, opening=WEEKDAYS),
    "mornings, or not at all": replace(
        ENGLAND,
        opening=tuple(Opening(weekday, time(9), time(12)) for weekday in (0, 1, 3)),
        on_weekday=WhenClosed.SKIP,
    ),
    "Sundays too": replace(ENGLAND, sundays=True),
    "a day of our own": replace(
        ENGLAND, overrides=(DayOverride(date(2026, 11, 27), False, "training"),)
    ),
    "St Andrew's in Scotland, skipped": replace(
        ENGLAND, nation=Nation.SCOTLAND, on_holiday=WhenClosed.SKIP
    ),
}


def a_town(loop: Loop) -> int:
    """People of three zones on two programmes, one from joining; some at a time of their own."""
    unset_rules(loop.wiring)
    shared = Cadence((Weekday.MON, Weekday.FRI), time(16, 45), date(2026, 11, 23), spread=30)
    joining = Cadence(
        (), time(10), date(2026, 11, 23), unit=Unit.DAYS_AFTER, after=(2, 7), spread=5
    )
    words = one_item(SCALE, {"en": ("Hi {name}, 0 to 10?",)})
    with loop.wiring.transaction() as session:
        kind = ProgrammeKind.CHECK_IN
        one = programmes.add(session, Programme(0, "Twice a week", kind, shared, words))
        other = programmes.add(session, Programme(0, "From joining", kind, joining, words))
        for n in range(1, 25):
            programme = other if n % 4 == 0 else one
            who = a_resident(session, programme, n=n, zone=ZONES[n % 3], now=loop.clock())
            if n % 5 == 0:
                row = session.query(EnrolmentRow).filter_by(resident_id=who).one()
                row.own = Override(time=time(12, 30)).to_text()
        return a_member(session, "Morag Bell", Role.COORDINATOR, n=901).id


def planned(loop: Loop) -> Planned:
    with loop.wiring.reading() as session:
        rows = session.query(CheckInRow).filter_by(state="planned")
        return {(row.resident_id, row.programme_id, row.occurrence): row.due_at for row in rows}


def previewed(loop: Loop, rules: TextingRules) -> Preview:
    with loop.wiring.reading() as session:
        return texting_rules.preview(
            session, rules, default=loop.wiring.calendar, zone=ZONES[0], now=loop.clock()
        )


def save(loop: Loop, rules: TextingRules, by: int, *, edits: int = 0) -> None:
    with loop.wiring.transaction() as session:
        texting_rules.save(
            session,
            rules,
            edits=edits,
            default=loop.wiring.calendar,
            zone=ZONES[0],
            by=by,
            now=loop.clock(),
        )


@pytest.mark.parametrize("calendar", CASES.values(), ids=CASES.keys())
def test_what_was_previewed_is_what_happens(loop: Loop, calendar: Calendar) -> None:
    by = a_town(loop)
    loop.plan()
    before = planned(loop)
    found = previewed(loop, TextingRules(calendar))
    assert planned(loop) == before, "a preview writes nothing"
    save(loop, TextingRules(calendar), by)
    loop.plan()
    after = planned(loop)
    in_time = {key for key, due in before.items() if due <= loop.clock() + texting_rules.AHEAD}
    assert found.texts == len(in_time)
    assert found.skipped == len(in_time - set(after))
    assert found.moved == sum(key in after and after[key] != before[key] for key in in_time)


def test_a_change_of_the_price_moves_nobody_and_is_written_down(loop: Loop) -> None:
    by = a_town(loop)
    loop.plan()
    before = planned(loop)
    rules = TextingRules(loop.wiring.calendar or Calendar(), price=TextingRules().price + 1)
    assert previewed(loop, rules).effects == ()
    save(loop, rules, by)
    assert loop.plan() == 0
    assert planned(loop) == before
    with loop.wiring.reading() as session:
        (row,) = session.query(AuditRow).filter_by(act="texting rules changed")
    assert (row.staff_id, row.why) == (by, "One segment: 5p (was 4p).")


def test_the_second_of_two_and_what_changes_nothing_are_refused(loop: Loop) -> None:
    by = a_town(loop)
    save(loop, TextingRules(ENGLAND, price=TextingRules().price + 1), by)
    with pytest.raises(Overtaken, match="Morag Bell has changed these rules"):
        save(loop, TextingRules(CASES["office hours"]), by)
    with pytest.raises(Invalid, match="Nothing was changed"):
        save(loop, TextingRules(ENGLAND, price=TextingRules().price + 1), by, edits=1)


def test_a_text_that_waits_over_a_closed_day_is_not_lost_by_a_change(loop: Loop) -> None:
    """Sunday's text waits for Monday; on Sunday the hours of another day are changed."""
    unset_rules(loop.wiring)
    with loop.wiring.transaction() as session:
        by = a_member(session, "Morag Bell", Role.COORDINATOR, n=901).id
        programme = programmes.add(
            session,
            Programme(
                0, "Sundays", ProgrammeKind.CHECK_IN,
                Cadence((Weekday.SUN,), time(11), date(2026, 11, 23), spread=0),
                one_item(SCALE, {"en": ("Hi {name}, 0 to 10?",)}),
            ),
        )  # fmt: skip
        who = a_resident(session, programme, now=loop.clock())
    loop.plan()
    loop.clock.forward(days=5)
    sunday = (who, programme, date(2026, 11, 29))
    assert planned(loop)[sunday] == datetime(2026, 11, 30, 11, tzinfo=UTC)
    save(loop, TextingRules(CASES["a day of our own"]), by)
    loop.plan()
    assert planned(loop)[sunday] == datetime(2026, 11, 30, 11, tzinfo=UTC)
