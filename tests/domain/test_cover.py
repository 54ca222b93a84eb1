"""Who covers when, and where nobody does, over swaps, leave, midnight and clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.cover import Duty, Hole, Needed, Override, Rota, Shift
from connector.domain.errors import Invalid
from connector.domain.working_hours import WorkingHours

LONDON = ZoneInfo("Europe/London")
HOURS = WorkingHours()
PRIYA, SAM = 1, 2
WEEK = tuple(Shift(PRIYA, Duty.DAY, day, time(9), time(17)) for day in range(5))
NIGHT = Shift(SAM, Duty.ON_CALL, 5, time(18), time(8))


def at(day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
    """June 2027: the 7th is a Monday."""
    return datetime(2027, month, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


SWAP = Override(at(8, 9), at(8, 17), Duty.DAY, out=PRIYA, instead=SAM)
LEAVE = Override(at(9, 0), at(11, 0), out=PRIYA)
EXTRA = Override(at(12, 10), at(12, 12), Duty.DAY, instead=SAM)
ROTA = Rota("Europe/London", (*WEEK, NIGHT), (SWAP, LEAVE, EXTRA))


@pytest.mark.parametrize(
    ("duty", "moment", "who"),
    [
        pytest.param(Duty.DAY, at(7, 9), (PRIYA,), id="from the first minute"),
        pytest.param(Duty.DAY, at(7, 17), (), id="not at the last"),
        pytest.param(Duty.DAY, at(8, 12), (SAM,), id="swapped"),
        pytest.param(Duty.DAY, at(9, 12), (), id="on leave"),
        pytest.param(Duty.DAY, at(11, 12), (PRIYA,), id="back from leave"),
        pytest.param(Duty.DAY, at(12, 11), (SAM,), id="an extra Saturday"),
        pytest.param(Duty.ON_CALL, at(12, 23), (SAM,), id="Saturday night"),
        pytest.param(Duty.ON_CALL, at(13, 7, 59), (SAM,), id="past midnight"),
        pytest.param(Duty.ON_CALL, at(13, 8), (), id="until morning"),
        pytest.param(Duty.LEAD, at(7, 12), (), id="nobody leads"),
    ],
)
def test_who_is_covering(duty: Duty, moment: datetime, who: tuple[int, ...]) -> None:
    assert ROTA.covering(duty, moment) == who


def test_a_swap_out_of_somebody_who_does_not_cover_puts_nobody_in() -> None:
    late = Override(at(7, 0), at(8, 0), Duty.DAY, out=SAM, instead=3)
    assert Rota("Europe/London", WEEK, (late,)).covering(Duty.DAY, at(7, 12)) == (PRIYA,)


def test_the_holes_of_a_week_in_working_hours() -> None:
    found = ROTA.holes(
        Duty.DAY, Needed.WORKING_HOURS, HOURS, since=at(7, 0), until=at(14, 0)
    )
    assert found == (Hole(Duty.DAY, at(9, 9), at(9, 17)), Hole(Duty.DAY, at(10, 9), at(10, 17)))


def test_out_of_hours_is_everything_else() -> None:
    found = ROTA.holes(Duty.ON_CALL, Needed.OUT_OF_HOURS, HOURS, since=at(12, 12), until=at(13, 12))
    assert found == (
        Hole(Duty.ON_CALL, at(12, 12), at(12, 18)), Hole(Duty.ON_CALL, at(13, 8), at(13, 12)),
    )  # fmt: skip


def test_what_is_never_needed_has_no_holes() -> None:
    assert ROTA.holes(Duty.LEAD, Needed.NEVER, HOURS, since=at(7, 0), until=at(14, 0)) == ()


def test_a_shift_keeps_its_clock_when_the_clocks_change() -> None:
    sunday = Shift(SAM, Duty.ON_CALL, 6, time(0), time(6))
    rota = Rota("Europe/London", (sunday,))
    assert rota.covering(Duty.ON_CALL, datetime(2027, 10, 31, 5, 30, tzinfo=UTC)) == (SAM,)
    assert rota.covering(Duty.ON_CALL, datetime(2027, 10, 31, 6, 0, tzinfo=UTC)) == ()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Shift(PRIYA, Duty.DAY, 7, time(9), time(17)),
        lambda: Shift(PRIYA, Duty.DAY, 0, time(9), time(9)),
        lambda: Override(at(8, 9), at(8, 9), out=PRIYA),
        lambda: Override(at(8, 9), at(8, 10)),
        lambda: Override(at(8, 9), at(8, 10), instead=SAM),
    ],
)
def test_what_makes_no_sense_is_refused(make: object) -> None:
    with pytest.raises(Invalid):
        make()  # type: ignore[operator]


shifts = st.builds(
    Shift, st.sampled_from((1, 2, 3)), st.just(Duty.DAY), st.integers(0, 6),
    st.sampled_from([time(hour) for hour in range(12)]),
    st.sampled_from([time(hour, 30) for hour in range(12, 24)]),
)  # fmt: skip


@given(st.lists(shifts, max_size=6), st.integers(0, 6 * 24 * 4))
def test_a_moment_is_covered_or_in_a_hole(pattern: list[Shift], quarter: int) -> None:
    rota = Rota("Europe/London", tuple(pattern))
    since = datetime(2027, 3, 25, tzinfo=UTC)  # over the change to summer time
    moment = since + timedelta(minutes=15 * quarter)
    found = rota.holes(
        Duty.DAY, Needed.ALWAYS, HOURS, since=since, until=since + timedelta(days=7)
    )
    in_a_hole = any(hole.starts_at <= moment < hole.ends_at for hole in found)
    assert in_a_hole is not bool(rota.covering(Duty.DAY, moment))
