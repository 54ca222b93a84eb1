"""`connector text check` keeps its contract."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.cli.text import text


def run(*args: str, given: str | bytes = "") -> Result:
    return CliRunner().invoke(text, ["check", *args], input=given)


def report(*args: str, given: str | bytes = "") -> dict[str, Any]:
    result = run(*args, "--json", given=given)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def test_figures_and_cost_of_a_text() -> None:
    found = report("Hi, how are you?", "--rate", "0.04")
    assert (found["characters"], found["alphabet"], found["segments"]) == (16, "GSM-7", 1)
    assert found["cost"] == 0.04
    assert (found["blocked"], found["hints"]) == (False, [])


def test_the_cost_is_that_of_all_segments_and_none_without_a_rate() -> None:
    assert report("ŵ" * 71, "--rate", "0.05")["cost"] == 0.1
    assert report("Hi")["cost"] is None


def test_figures_before_and_after_folding() -> None:
    found = report("a" * 80 + "’")
    assert (found["alphabet"], found["segments"]) == ("UCS-2", 2)
    assert (found["folded"]["alphabet"], found["folded"]["segments"]) == ("GSM-7", 1)


@pytest.mark.parametrize("args", [[], ["-"]], ids=["no argument", "a dash"])
def test_the_text_may_come_from_standard_input(args: list[str]) -> None:
    assert report(*args, given="Siân\n")["characters"] == 4


def test_bytes_that_are_no_text_do_not_break_it() -> None:
    assert report(given=b"Hi \xff you")["characters"] == 8


def test_a_hint_has_group_level_span_why_and_other_words() -> None:
    assert report("You must come.")["hints"] == [
        {
            "group": "Coercion",
            "level": "block",
            "start": 4,
            "end": 8,
            "words": "must",
            "why": "It sounds like an order or a threat; everything here is by choice.",
            "instead": ["can", "could"],
        }
    ]


def test_people_read_lines() -> None:
    result = run("You must come.", "--rate", "0.04")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "14 characters, GSM-7, 1 segment, £0.04"
    assert "block  Coercion: “must”" in result.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [("You must come.", 1), ("Well done you.", 0), ("Hello.", 0)],
    ids=["blocks", "only warns", "fine"],
)
def test_strict_fails_on_what_blocks(words: str, code: int) -> None:
    assert run(words, "--strict").exit_code == code


def test_who_says_it_and_what_was_agreed_matter() -> None:
    assert report("Thinking of you.")["blocked"]
    assert not report("Thinking of you.", "--kind", "by_hand")["blocked"]
    assert not report("See example.org.", "--allow-link", "Example.org")["blocked"]
    assert report("About that job.")["hints"]
    assert not report("About that job.", "--work-raised")["hints"]
    assert not report("You must come.", "--language", "cy")["hints"]


@pytest.mark.parametrize(
    "args",
    [
        pytest.param([], id="nothing at all"),
        pytest.param(["   "], id="blank"),
        pytest.param(["Hi", "--rate", "much"], id="no price"),
        pytest.param(["Hi", "--rate", "-1"], id="less than nothing"),
        pytest.param(["Hi", "--rate", "NaN"], id="not a number"),
        pytest.param(["Hi", "--kind", "song"], id="not a kind"),
        pytest.param(["Hi", "there"], id="two texts"),
        pytest.param(["Hi", "--loud"], id="not an option"),
        pytest.param(["a" * 10_001], id="a book"),
    ],
)
def test_wrong_arguments_are_one_sentence_and_exit_2(args: list[str]) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1


def test_checking_a_text_loads_no_tables_of_numbers_or_holidays() -> None:
    program = (
        "import sys, connector.cli.text\n"
        "heavy = {'phonenumbers', 'holidays', 'sqlalchemy', 'flask', 'pydantic', 'dateutil'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
