"""`connector notice`: a table of answers in, one line for each reason out."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector.cli.notice import notice

MONDAY = date(2026, 5, 4)


def table(*moods: str, person: str = "ada", every: int = 7) -> list[str]:
    """Rows of one person, one mood a week."""
    return [f"{person},{MONDAY + timedelta(days=every * n)},{mood}" for n, mood in enumerate(moods)]


def run(rows: list[str], *options: str, heading: str = "person,date,mood") -> Result:
    return CliRunner().invoke(notice, list(options), input="\n".join([heading, *rows]) + "\n")


def raised(rows: list[str], *options: str) -> list[dict[str, object]]:
    result = run(rows, *options)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_line_says_who_when_why_by_when_and_by_which_rule() -> None:
    (line,) = raised(table("7", "6", "7", "6", "6", "4"))
    assert line == {
        "person": "ada",
        "date": "2026-06-08",
        "reason": "below",
        "promise": "this_week",
        "sentence": "Mood 4 this week and 6 last; usually 6 to 7 (5 replies since 4 May).",
        "rule": "lower than usual v1",
        "figures": line["figures"],
    }


def test_the_same_answers_are_a_reason_for_one_person_and_not_for_another() -> None:
    always = table("4", "5", "4", "4", "5", "4", "4", "5", "4", person="always")
    newly = table("8", "8", "8", "7", "8", "8", "4", "5", "4", person="newly")
    assert {line["person"] for line in raised(always + newly)} == {"newly"}


@pytest.mark.parametrize(
    ("moods", "reasons"),
    [
        pytest.param(["7"] * 6 + ["", ""], [], id="two misses"),
        pytest.param(["7"] * 9 + ["", "", ""], ["quiet"], id="quiet"),
        pytest.param(["7", "", "6", "", "7", "", "7", "", ""], [], id="answers half the time"),
        pytest.param(["7", "undelivered", "Undelivered"], ["undelivered"], id="undelivered"),
        pytest.param(["7", "away", "away", "away", "away"], [], id="away"),
        pytest.param(["7", " "], [], id="a blank is an empty cell"),
    ],
)
def test_silence_delivery_and_absence(moods: list[str], reasons: list[str]) -> None:
    assert [line["reason"] for line in raised(table(*moods))] == reasons


def test_rows_may_come_in_any_order_and_twice() -> None:
    rows = table("7", "6", "7", "", "7", "2", "3", "", "", "")
    assert raised(rows) == raised(rows[::-1] + rows[::2])


def test_a_table_from_a_spreadsheet_is_read_too() -> None:
    rows = ["\ufeffPerson,Date,mood", '"ada, of number 4",2026-05-04,"2"', ""]
    result = CliRunner().invoke(notice, [], input="\r\n".join(rows).encode())
    assert json.loads(result.stdout)["person"] == "ada, of number 4"


def test_a_large_table_gives_everybody_in_the_order_of_the_table() -> None:
    people = [f"p{n}" for n in range(1100)]
    lines = raised([f"{person},2026-05-04,1" for person in people])
    assert [line["person"] for line in lines] == people


def test_low_can_be_the_better_end() -> None:
    (line,) = raised(table("2", "9"), "--better", "low")
    assert line["reason"] == "low"
    assert raised(table("2", "1"), "--better", "low") == []


def test_a_scale_of_one_to_five() -> None:
    (line,) = raised(table("4", "1"), "--low", "1", "--high", "5")
    assert (line["reason"], line["promise"]) == ("low", "today")


def test_levels_speak_of_the_first_item() -> None:
    result = run(["ada,2026-05-04,7,1"], heading="person,date,mood,sleep")
    assert result.stdout == ""


def test_how_many_answers_a_week_chooses_the_threshold(tmp_path: Path) -> None:
    rows = table("7", "7", "6", "7", "6", "7", "6", "5", "5", "5", "5", every=3)
    often = raised(rows, "--about", "day", "--per-week", "7")
    twice = raised(rows, "--about", "day", "--per-week", "2")
    assert len(twice) > len(often)


def test_settings_change_the_figures(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("limit = 99.0\n[silence]\nmaximum = 7\n", encoding="utf-8")
    rows = table("7", "7", "7", "7", "4", "", "")
    assert [line["reason"] for line in raised(rows)] == ["below"]
    assert [line["reason"] for line in raised(rows, "--settings", str(settings))] == ["quiet"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        pytest.param(["ada,2026-05-04,11"], "Line 2 cannot be used: mood holds neither", id="out"),
        pytest.param(["ada,2026-05-04,nan"], "Line 2 cannot be used: mood holds", id="nan"),
        pytest.param(["ada,2026-05-04,low"], "Line 2 cannot be used: mood holds", id="a word"),
        pytest.param(["ada,4 May,7"], "Line 2 cannot be used: the date", id="the date"),
        pytest.param([",2026-05-04,7"], "Line 2 cannot be used: the person", id="nobody"),
        pytest.param(["ada,2026-05-04"], "Line 2 cannot be used: it has 2 cells", id="cells"),
    ],
)
def test_wrong_rows_give_one_sentence_without_what_was_written(
    rows: list[str], sentence: str
) -> None:
    result = run(rows)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(sentence)
    assert result.stderr.count("\n") == 1
    assert "ada" not in result.stderr


@pytest.mark.parametrize(
    ("heading", "options"),
    [
        pytest.param("who,when,mood", [], id="another heading"),
        pytest.param("person,date", [], id="no item"),
        pytest.param("person,date,mood,mood", [], id="two items of one name"),
        pytest.param("person,date," + "m" * 200_000, [], id="a heading without end"),
        pytest.param("person,date,mood", ["--low", "10"], id="an empty scale"),
        pytest.param("person,date,mood", ["--high", "inf"], id="a scale without end"),
        pytest.param("person,date,mood", ["--per-week", "0"], id="no answers a week"),
        pytest.param("person,date,mood", ["--settings", "nowhere.toml"], id="no settings"),
        pytest.param("person,date,mood", ["nowhere.csv"], id="no file"),
    ],
)
def test_wrong_calls_give_one_sentence(heading: str, options: list[str]) -> None:
    result = run([], *options, heading=heading)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("colour = 1", id="an unknown figure"),
        pytest.param('limit = "high"', id="a word"),
        pytest.param("limit = -1", id="a figure that makes no sense"),
        pytest.param("limit", id="not TOML"),
        pytest.param("silence = 3", id="no table"),
    ],
)
def test_wrong_settings_give_one_sentence(tmp_path: Path, text: str) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(text, encoding="utf-8")
    result = run([], "--settings", str(settings))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_it_starts_without_the_server() -> None:
    heavy = "{'sqlalchemy', 'flask', 'celery', 'twilio'} & set(sys.modules)"
    code = f"import sys, connector.cli.notice; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
