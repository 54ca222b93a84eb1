"""The texting rules as they are kept: defaults while nothing is set, and one editor at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest

from connector.domain.calendar import NIGHT, Calendar, DayOverride, Nation, Opening, WhenClosed
from connector.domain.caps import Cap
from connector.domain.rota import Role
from connector.domain.texting_rules import TextingRules
from connector.store import texting_rules
from connector.store.tables import SpecialDayRow
from tests.makers import Loop, a_member, unset_rules

DEFAULT = Calendar(nation=Nation.ENGLAND, quiet=NIGHT)
TRAINING = DayOverride(date(2027, 3, 23), False, "everybody is training")
MARKET = DayOverride(date(2027, 8, 30), True, "the market is on", Nation.ENGLAND)
RULES = TextingRules(
    Calendar(
        Nation.SCOTLAND,
        (TRAINING, MARKET),
        True,
        NIGHT,
        (Opening(0, time(10), time(16)),),
        WhenClosed.SKIP,
        WhenClosed.NEXT,
        WhenClosed.SKIP,
    ),
    Cap(2, 3, 9),
    Decimal("3.25"),
)


@pytest.fixture(autouse=True)
def as_it_came(loop: Loop) -> None:
    """Nobody has set any rules yet."""
    unset_rules(loop.wiring)


def keep(loop: Loop, rules: TextingRules, *, edits: int, by: int | None = None) -> bool:
    with loop.wiring.transaction() as session:
        return texting_rules.save(session, rules, edits=edits, by=by, now=loop.clock())


def test_absent_rows_are_the_defaults(loop: Loop) -> None:
    with loop.wiring.reading() as session:
        assert texting_rules.load(session, DEFAULT) == TextingRules(DEFAULT, Cap(), Decimal(4))
        assert texting_rules.kept(session, DEFAULT).edits == 0
        nothing = texting_rules.load(session, None).calendar
    assert nothing == Calendar(sundays=True), "where there is no calendar, nothing is closed"


def test_what_was_set_comes_back_whole_and_says_who_set_it(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        morag = a_member(session, "Morag Bell", Role.COORDINATOR)
    assert keep(loop, RULES, edits=0, by=morag.id)
    with loop.wiring.reading() as session:
        kept = texting_rules.kept(session, DEFAULT)
        assert texting_rules.load(session, DEFAULT) == RULES == kept.rules
    assert (kept.edits, kept.changed_at, kept.changed_by) == (1, loop.clock(), "Morag Bell")


def test_of_two_editors_the_second_changes_nothing(loop: Loop) -> None:
    assert keep(loop, RULES, edits=0)
    assert not keep(loop, TextingRules(DEFAULT), edits=0)
    assert keep(loop, replace(RULES, price=Decimal(5)), edits=1)
    assert not keep(loop, TextingRules(DEFAULT), edits=1)
    with loop.wiring.reading() as session:
        kept = texting_rules.kept(session, DEFAULT)
    assert (kept.edits, kept.rules) == (2, replace(RULES, price=Decimal(5)))


def test_a_day_that_stays_keeps_who_made_it_and_one_that_goes_is_gone(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        morag = a_member(session, "Morag Bell", Role.COORDINATOR)
    keep(loop, RULES, edits=0, by=morag.id)
    loop.clock.forward(days=1)
    other = replace(MARKET, why="the market has moved")
    calendar = replace(RULES.calendar, overrides=(TRAINING, other))
    keep(loop, replace(RULES, calendar=calendar), edits=1)
    with loop.wiring.reading() as session:
        rows = session.query(SpecialDayRow).order_by(SpecialDayRow.day).all()
    assert [(row.day, row.why, row.made_by) for row in rows] == [
        (TRAINING.day, TRAINING.why, morag.id),
        (other.day, other.why, None),
    ]
