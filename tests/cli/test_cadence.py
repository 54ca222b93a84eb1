"""`connector cadence preview` keeps its contract."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.cli.cadence import cadence
from connector.domain.cadence import Cadence, Weekday, preview, spread_minutes

WEEKLY = ["--days", "TUE,FRI", "--time", "10:00", "--start", "2027-03-20"]


def run(*args: str) -> Result:
    return CliRunner().invoke(cadence, ["preview", *args])


def rows(*args: str) -> list[dict[str, str | None]]:
    result = run(*args, "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert isinstance(found, list)
    return found


def test_the_whole_command_over_a_clock_change() -> None:
    found = rows(*WEEKLY, "--every", "1", "--zone", "Europe/London", "--count", "3")
    assert found == [
        {
            "due": "2027-03-23T10:00:00Z",
            "local": "2027-03-23T10:00:00+00:00",
            "moved": None,
            "skipped": None,
        },
        {
            "due": "2027-03-26T10:00:00Z",
            "local": "2027-03-26T10:00:00+00:00",
            "moved": None,
            "skipped": None,
        },
        {
            "due": "2027-03-30T09:00:00Z",
            "local": "2027-03-30T10:00:00+01:00",
            "moved": None,
            "skipped": None,
        },
    ]


def test_options_that_are_not_given_are_off() -> None:
    sunday_night = rows("--days", "SUN", "--time", "03:00", "--start", "2027-12-26", "--count", "1")
    assert sunday_night[0]["due"] == "2027-12-26T03:00:00Z"
    assert sunday_night[0]["moved"] is None


def test_a_bank_holiday_moves_or_is_skipped_and_says_so() -> None:
    moved = rows(*WEEKLY, "--nation", "ENG", "--holidays", "next", "--count", "2")
    assert [row["due"] for row in moved] == ["2027-03-23T10:00:00Z", "2027-03-27T10:00:00Z"]
    assert "Good Friday" in (moved[1]["moved"] or "")
    skipped = rows(*WEEKLY, "--nation", "ENG", "--holidays", "skip", "--count", "2")
    assert [row["skipped"] is None for row in skipped] == [True, False, True]
    assert "Good Friday" in (skipped[1]["skipped"] or "")


def test_quiet_hours_and_sundays_move_a_text() -> None:
    night = ["--days", "SAT", "--time", "21:00", "--start", "2027-03-20", "--count", "1"]
    found = rows(*night, "--quiet", "20:00-09:00", "--no-sunday")
    assert found[0]["local"] == "2027-03-22T09:00:00+00:00"


def test_a_spread_is_that_of_the_person() -> None:
    found = rows(*WEEKLY, "--count", "1", "--spread-for", "resident-7")
    due = datetime(2027, 3, 23, 10, tzinfo=UTC) + timedelta(minutes=spread_minutes("resident-7"))
    assert found[0]["due"] == f"{due:%Y-%m-%dT%H:%M:%SZ}"
    assert found == rows(*WEEKLY, "--count", "1", "--spread-for", "resident-7")


def test_a_taper_slows_the_texts_down() -> None:
    found = rows(
        "--days", "MON", "--time", "10:00", "--start", "2027-04-05", "--taper", "3,2,4",
        "--count", "6", "--zone", "UTC",
    )  # fmt: skip
    due = [datetime.fromisoformat(str(row["due"])) for row in found]
    assert [(later - one).days for one, later in pairwise(due)] == [
        7,
        7,
        14,
        28,
        28,
    ]


def test_months_days_after_joining_and_an_end_can_be_previewed() -> None:
    monthly = rows(*WEEKLY[:4], "--start", "2027-03-20", "--unit", "months", "--count", "2")
    assert [row["due"] for row in monthly] == ["2027-04-02T09:00:00Z", "2027-04-06T09:00:00Z"]
    joined = rows("--after", "3,10", "--time", "10:00", "--start", "2027-03-20")
    assert [row["due"] for row in joined] == ["2027-03-23T10:00:00Z", "2027-03-30T09:00:00Z"]
    assert len(rows(*WEEKLY, "--end", "2027-03-26", "--count", "50")) == 2


def test_people_read_lines() -> None:
    result = run(*WEEKLY, "--nation", "ENG", "--count", "2")
    assert "Tue 23 Mar 2027 10:00" in result.stdout
    assert "Good Friday" in result.stdout
    assert len(result.stdout.splitlines()) == 2


@pytest.mark.parametrize(
    "args",
    [
        pytest.param([], id="nothing"),
        pytest.param(["--time", "10:00", "--start", "2027-03-20"], id="no days"),
        pytest.param(["--days", "TUE", "--start", "2027-03-20"], id="no time"),
        pytest.param(["--days", "TUE", "--time", "10:00"], id="no start"),
        pytest.param([*WEEKLY, "--days", "TUE,NEVER"], id="not a day"),
        pytest.param([*WEEKLY, "--days", ""], id="empty days"),
        pytest.param([*WEEKLY, "--time", "25:00"], id="not a time"),
        pytest.param([*WEEKLY, "--time", "10"], id="half a time"),
        pytest.param([*WEEKLY, "--start", "2027-02-30"], id="not a date"),
        pytest.param([*WEEKLY, "--start", "20270320"], id="a date run together"),
        pytest.param([*WEEKLY, "--every", "0"], id="every nought weeks"),
        pytest.param([*WEEKLY, "--every", "often"], id="every often"),
        pytest.param([*WEEKLY, "--zone", "Mars/Olympus"], id="not a zone"),
        pytest.param([*WEEKLY, "--count", "0"], id="none"),
        pytest.param([*WEEKLY, "--count", "-3"], id="fewer than none"),
        pytest.param([*WEEKLY, "--count"], id="count of what"),
        pytest.param([*WEEKLY, "--nation", "FR"], id="not a nation"),
        pytest.param([*WEEKLY, "--holidays", "dance"], id="not a way with holidays"),
        pytest.param([*WEEKLY, "--quiet", "20:00"], id="half of quiet hours"),
        pytest.param([*WEEKLY, "--quiet", "09:00-09:00"], id="quiet of no length"),
        pytest.param([*WEEKLY, "--quiet", "00:00-24:00"], id="quiet all day"),
        pytest.param([*WEEKLY, "--taper", "12"], id="half a taper"),
        pytest.param([*WEEKLY, "--taper", "12,4,2"], id="a taper that speeds up"),
        pytest.param([*WEEKLY, "--taper", "a,b"], id="a taper of letters"),
        pytest.param([*WEEKLY, "--end", "2027-03-01"], id="ends first"),
        pytest.param([*WEEKLY, "--colour", "blue"], id="not an option"),
        pytest.param([*WEEKLY, "again"], id="one too many"),
    ],
)
def test_wrong_arguments_are_one_sentence_and_exit_2(args: list[str]) -> None:
    result = run(*args, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.rstrip().endswith((".", "?", "!"))


def test_an_unknown_sub_command_is_one_sentence_and_exit_2() -> None:
    result = CliRunner().invoke(cadence, ["guess"])
    assert result.exit_code == 2
    assert result.stderr == "No such command 'guess'.\n"


@settings(max_examples=40)
@given(
    st.sets(st.sampled_from(list(Weekday)), min_size=1).map(tuple),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    st.dates(date(2020, 1, 1), date(2035, 1, 1)),
    st.sampled_from(["Europe/London", "America/New_York", "Pacific/Chatham"]),
)
def test_it_prints_what_the_domain_gives(
    days: tuple[Weekday, ...], clock: time, start: date, zone: str
) -> None:
    found = rows(
        "--days", ",".join(days), "--time", f"{clock:%H:%M}", "--start", start.isoformat(),
        "--zone", zone, "--count", "5",
    )  # fmt: skip
    expected = preview(Cadence(days, clock, start), zone=zone, count=5)
    assert [datetime.fromisoformat(str(row["due"])) for row in found] == [
        one.due for one in expected
    ]
    assert [datetime.fromisoformat(str(row["local"])) for row in found] == [
        one.due for one in expected
    ]
