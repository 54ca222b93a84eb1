"""Nothing is forgotten: the ladder of each promise, by the clock or in working hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.errors import Invalid
from connector.domain.escalation import Due, Policy, Ring, Step, next_step
from connector.domain.flag import Flag, FlagState
from connector.domain.promise import Promise
from connector.domain.working_hours import WorkingHours

LONDON = ZoneInfo("Europe/London")
HOURS = WorkingHours()
POLICY = Policy()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """August 2027: Friday is the 27th, Monday the 30th is a bank holiday."""
    return datetime(2027, 8, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


def a_flag(promise: Promise, state: FlagState = FlagState.NEW) -> Flag:
    opened = at(27, 15)
    return Flag(1, 1, state, promise, HOURS.due_at(promise, opened), opened)


@pytest.mark.parametrize(
    ("promise", "done", "when", "tell"),
    [
        pytest.param(Promise.NOW, 0, at(27, 15), Ring.OWN_CONNECTOR, id="now: at once"),
        pytest.param(Promise.NOW, 2, at(27, 15, 20), Ring.LEAD, id="now: the lead after 20 min"),
        pytest.param(Promise.TODAY, 0, at(31, 9), Ring.OWN_CONNECTOR,
                     id="due when we close on Friday: first thing after the bank holiday"),
        pytest.param(Promise.TODAY, 1, at(31, 10), Ring.LEAD, id="an hour of work later"),
        pytest.param(Promise.THIS_WEEK, 0, datetime(2027, 9, 3, 8, tzinfo=UTC),
                     Ring.OWN_CONNECTOR, id="this week: when it is due"),
    ],
)  # fmt: skip
def test_nobody_has_taken_it(promise: Promise, done: int, when: datetime, tell: Ring) -> None:
    found = next_step(a_flag(promise), POLICY, HOURS, steps_done=done, act_by=None)
    assert found is not None
    assert (found.at, found.step.tell[0], found.again) == (when, tell, False)


def test_the_last_step_comes_again_until_somebody_takes_it() -> None:
    last = at(27, 15, 40)
    found = next_step(
        a_flag(Promise.NOW), POLICY, HOURS, steps_done=4, act_by=None, last_at=last
    )
    step = POLICY.untaken[Promise.NOW][-1]
    assert found == Due(last + timedelta(minutes=30), step, again=True)


@pytest.mark.parametrize(
    ("promise", "taken_at", "by"),
    [
        pytest.param(Promise.NOW, at(27, 16, 50), at(27, 17, 20), id="now by the clock"),
        pytest.param(Promise.TODAY, at(27, 16, 50), at(31, 11, 50), id="three hours of work"),
        pytest.param(Promise.GOOD_NEWS, at(27, 16, 50), None, id="good news has no clock"),
    ],
)
def test_taking_starts_a_second_clock(
    promise: Promise, taken_at: datetime, by: datetime | None
) -> None:
    assert POLICY.act_by(a_flag(promise), HOURS, now=taken_at) == by


def test_taken_and_unfinished_goes_to_its_owner_then_the_buddy_then_the_lead() -> None:
    flag = a_flag(Promise.NOW, FlagState.TAKEN)
    steps = [
        next_step(flag, POLICY, HOURS, steps_done=done, act_by=at(27, 16)) for done in range(3)
    ]
    assert [(one.at, one.step.tell[0]) for one in steps if one] == [
        (at(27, 16), Ring.OWNER), (at(27, 16, 15), Ring.BUDDY), (at(27, 16, 30), Ring.LEAD),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("promise", "state"),
    [
        (Promise.TODAY, FlagState.WAITING),
        (Promise.TODAY, FlagState.DONE),
        (Promise.GOOD_NEWS, FlagState.NEW),
        (Promise.GOOD_NEWS, FlagState.TAKEN),
    ],
)
def test_what_waits_is_finished_or_good_needs_no_ladder(
    promise: Promise, state: FlagState
) -> None:
    flag = a_flag(promise, state)
    assert next_step(flag, POLICY, HOURS, steps_done=0, act_by=at(27, 16)) is None


def test_a_policy_comes_back_from_its_plain_values() -> None:
    assert Policy.from_json(POLICY.to_json()) == POLICY


@pytest.mark.parametrize(
    "ladder",
    [
        pytest.param((), id="nobody is ever told"),
        pytest.param((Step(timedelta(hours=2), (Ring.LEAD,)),) * 2, id="twice at the same time"),
        pytest.param(
            (Step(timedelta(hours=2), (Ring.LEAD,)), Step(timedelta(hours=1), (Ring.BUDDY,))),
            id="backwards",
        ),
    ],
)
def test_a_ladder_that_loses_somebody_is_refused(ladder: tuple[Step, ...]) -> None:
    with pytest.raises(Invalid):
        Policy(untaken={**POLICY.untaken, Promise.TODAY: ladder})


moments = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(moments, st.integers(0, 60 * 100), st.integers(0, 60 * 100))
def test_working_time_adds_up(start: datetime, first: int, second: int) -> None:
    once = HOURS.after(start, timedelta(minutes=first + second))
    twice = HOURS.after(HOURS.after(start, timedelta(minutes=first)), timedelta(minutes=second))
    # At a closing time the next opening is the same moment of work.
    assert HOURS.after(once, timedelta()) == HOURS.after(twice, timedelta())
    assert once >= start
