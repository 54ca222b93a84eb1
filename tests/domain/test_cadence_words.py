"""A cadence is said as a coordinator would say it, and every cadence can be said."""

from __future__ import annotations

from datetime import date, time

import pytest

from connector.domain.cadence import Cadence, Override, Taper, Unit, Weekday
from connector.domain.cadence_words import cadence_rows, cadence_words, own_words

MONDAY = date(2026, 11, 23)
TUE, FRI = Weekday.TUE, Weekday.FRI


def a_cadence(**changes: object) -> Cadence:
    given = {"days": (TUE,), "time": time(10), "starts_on": MONDAY, "spread": 0} | changes
    return Cadence(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({}, "Every Tuesday at 10:00.", id="one day"),
        pytest.param({"spread": 10}, "Every Tuesday at about 10:00.", id="with a spread"),
        pytest.param({"days": (FRI, TUE)}, "Every Tuesday and Friday at 10:00.", id="two days"),
        pytest.param({"days": tuple(Weekday)}, "Every day at 10:00.", id="all days"),
        pytest.param(
            {"days": tuple(Weekday)[:5]}, "Every day from Monday to Friday at 10:00.", id="workdays"
        ),
        pytest.param({"every": 2}, "Every two weeks on Tuesday at 10:00.", id="every two weeks"),
        pytest.param({"every": 12}, "Every 12 weeks on Tuesday at 10:00.", id="every twelve weeks"),
        pytest.param(
            {"taper": Taper(12, (2, 4)), "spread": 10},
            "Every Tuesday at about 10:00; every two weeks after 12 weeks, "
            "then every four weeks after 24 weeks.",
            id="slowing down",
        ),
        pytest.param(
            {"unit": Unit.MONTHS, "week_of_month": -1},
            "On the last Tuesday of the month at 10:00.",
            id="monthly",
        ),
        pytest.param(
            {"unit": Unit.MONTHS, "every": 3},
            "On the first Tuesday of every three months at 10:00.",
            id="every three months",
        ),
        pytest.param(
            {"unit": Unit.DAYS_AFTER, "days": (), "after": (0, 3, 7), "from_joining": True},
            "On the day of joining and 3 and 7 days after it at 10:00.",
            id="days after joining",
        ),
        pytest.param(
            {"unit": Unit.DAYS_AFTER, "days": (), "after": (1,), "from_joining": True},
            "1 day after joining at 10:00.",
            id="the day after joining",
        ),
        pytest.param(
            {"ends_on": date(2027, 3, 26)},
            "Every Tuesday at 10:00; until Friday 26 March 2027.",
            id="with an end",
        ),
        pytest.param(
            {"from_joining": True, "lasts_weeks": 24},
            "Every Tuesday at 10:00; for 24 weeks.",
            id="for some weeks",
        ),
    ],
)
def test_a_cadence_in_one_sentence(changes: dict[str, object], words: str) -> None:
    assert cadence_words(a_cadence(**changes)) == words


def test_rows_say_where_it_starts_and_how_far_people_are_spread() -> None:
    rows = dict(cadence_rows(a_cadence(spread=10)))
    assert rows["Starts"] == "On Monday 23 November 2026, for everybody"
    assert rows["Spread"] == "Up to 10 minutes earlier or later, always the same for one person"
    assert rows["Ends"] == "It has no end"


@pytest.mark.parametrize(
    ("own", "words"),
    [
        pytest.param(Override(), "", id="nothing"),
        pytest.param(Override(time=time(14)), "At 14:00", id="a time"),
        pytest.param(Override((FRI,), time(14), 2), "Friday at 14:00, every two weeks", id="all"),
    ],
)
def test_what_one_person_changed(own: Override, words: str) -> None:
    assert own_words(own) == words
