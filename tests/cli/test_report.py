"""`connector noticing report`: the same measures for anybody who has diaries."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli import report

HEADING = "id,date,depressed,anhedonia,loneliness,left_out"


def diary(person: str, days: list[int]) -> list[str]:
    """Rows of an invented person who gives one figure, 0 to 10 (worst), for every item."""
    start = date(2026, 1, 5)
    return [
        f"{person},{start + timedelta(days=n)},{day},{day},{day},{day}"
        for n, day in enumerate(days)
    ]


def run(folder: Path, rows: list[str]) -> list[str]:
    (folder / report.DIARY).write_text("\n".join([HEADING, *rows]) + "\n", encoding="utf-8")
    result = CliRunner().invoke(report.noticing, ["report", "--data", str(folder)])
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


def test_a_week_that_is_worse_for_one_person_is_caught_without_a_false_flag(tmp_path: Path) -> None:
    worse = diary("a", [2, 1] * 20 + [5] * 14 + [2, 1] * 5)
    steady = diary("b", [2, 1] * 32)
    lines = run(tmp_path, worse + steady)
    twice = next(line for line in lines if "all reasons" in line)
    assert "100% of 1" in twice
    assert "none to catch" in twice
    assert "0.00 (0.00 to 0.00)" in twice


def test_a_bad_week_is_one_by_its_level(tmp_path: Path) -> None:
    always = diary("a", [7] * 60)
    lines = run(tmp_path, always)
    assert all("none to catch" in line for line in lines if "all reasons" in line)
    (fixed,) = [line for line in lines if "fixed" in line][:1]
    assert "100% of 1" in fixed


def test_a_diary_too_short_to_judge_is_left_out() -> None:
    short: report.Diary = dict.fromkeys(range(30), (1.0, 1.0, 1.0, 1.0))
    assert report.Truth.of(short, (0, 1)) is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(None, "cannot be read", id="no file"),
        pytest.param("id,when\n1,2\n", "needs the columns", id="other columns"),
    ],
)
def test_missing_diaries_give_one_sentence(
    tmp_path: Path, content: str | None, sentence: str
) -> None:
    if content:
        (tmp_path / report.DIARY).write_text(content, encoding="utf-8")
    result = CliRunner().invoke(report.noticing, ["report", "--data", str(tmp_path)])
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
