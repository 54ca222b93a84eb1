"""`connector read` as an operator runs it: JSON Lines in, JSON Lines out, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli.read import read, read_lines
from connector.gateways.phrase_book import phrase_book

SCALE = {"kind": "scale", "low": 0, "high": 10}


def run(*lines: object) -> list[dict[str, Any]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    result = CliRunner().invoke(read, input=text)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_a_reply_becomes_a_reading_with_every_key_of_the_contract() -> None:
    (reading,) = run({"id": "r1", "text": "2. I want to die", "question": SCALE})
    assert 0 < reading.pop("weight") <= 1
    assert reading == {
        "id": "r1",
        "answer": 2,
        "intents": [],
        "concerns": [
            {
                "kind": "danger_to_life",
                "promise": "now",
                "rule": "wants-to-die@2",
                "start": 3,
                "end": 16,
            }
        ],
        "promise": "now",
        "read_first": False,
    }


def test_readings_come_in_the_order_of_the_replies_and_keep_any_id() -> None:
    readings = run(*({"id": number, "text": "7", "question": SCALE} for number in (3, 1, 2)))
    assert [reading["id"] for reading in readings] == [3, 1, 2]


QUESTIONS = [
    pytest.param({"kind": "yes_no"}, "yes thanks", 1, id="yes"),
    pytest.param({"kind": "yes_no"}, "nah", 0, id="no"),
    pytest.param({"kind": "choice", "options": ["Walk", "Coffee"]}, "coffee", 2, id="choice"),
    pytest.param({"kind": "scale", "low": 1, "high": 5}, "7", None, id="off the scale"),
    pytest.param({"kind": "open"}, "7", None, id="open"),
    pytest.param({"kind": "scale"}, "4-5", 4.5, id="a half"),
    pytest.param(None, "7", None, id="no question"),
]


@pytest.mark.parametrize(("question", "text", "answer"), QUESTIONS)
def test_a_reply_is_read_against_its_question(
    question: object, text: str, answer: float | None
) -> None:
    (reading,) = run({"id": 1, "text": text, "question": question})
    assert reading["answer"] == answer


BROKEN = [
    pytest.param("{not json", id="not JSON"),
    pytest.param("[1, 2]", id="not an object"),
    pytest.param('{"id": 1}', id="no text"),
    pytest.param('{"id": 1, "text": 7}', id="text is a number"),
    pytest.param('{"id": 1, "text": "7", "question": {"kind": "mood"}}', id="unknown kind"),
    pytest.param(
        '{"id": 1, "text": "7", "question": {"kind": "scale", "low": 9, "high": 1}}',
        id="empty scale",
    ),
    pytest.param('{"id": 1, "text": "7", "question": "how are you"}', id="question is text"),
    pytest.param(
        '{"id": 1, "text": "7", "question": {"kind": "scale", "low": "x"}}', id="low is a word"
    ),
    pytest.param(
        '{"id": 1, "text": "7", "question": {"kind": "scale", "high": 1e999}}', id="endless"
    ),
    pytest.param("[" * 100_000, id="nested without end"),
]


@pytest.mark.parametrize("line", BROKEN)
def test_a_broken_line_is_said_with_its_number_and_the_run_goes_on(line: str) -> None:
    first, broken, last = run({"id": "a", "text": "ok"}, line, {"id": "b", "text": "ok"})
    assert (first["id"], last["id"]) == ("a", "b")
    assert broken["line"] == 2
    assert set(broken) == {"error", "line"}


def test_an_error_never_repeats_the_words_of_the_line() -> None:
    (error,) = run('{"id": 1, "text": "secret words", "question": 3}')
    assert "secret" not in json.dumps(error)


def test_bytes_that_are_no_text_are_a_broken_line() -> None:
    (error,) = read_lines([b'{"text": "\xff\xfe"}'], phrase_book())
    assert error["line"] == 1


def test_lines_are_read_one_at_a_time() -> None:
    asked_for: list[int] = []

    def replies() -> Iterator[bytes]:
        for number in range(1000):
            asked_for.append(number)
            yield b'{"id": 1, "text": "ok"}'

    readings = read_lines(replies(), phrase_book())
    next(readings)
    next(readings)
    assert asked_for == [0, 1]


def test_a_lone_surrogate_is_written_without_failing() -> None:
    (reading,) = run('{"id": "\\ud83d", "text": "I want to die \\ud83d"}')
    assert reading["promise"] == "now"


def test_explain_shows_the_words_the_rule_and_its_reason() -> None:
    result = CliRunner().invoke(read, ["--explain", "I wanna die. call me"])
    assert result.exit_code == 0
    assert "Now: “I wanna die”" in result.output
    assert "Rule wants-to-die, version 2." in result.output
    assert "Asks (call_me): “call me”" in result.output


def test_explain_never_says_that_all_is_well() -> None:
    result = CliRunner().invoke(read, ["--explain", "went to the shops"])
    assert "That does not mean all is well" in result.output


HEAVY = "I feel so alone and I hate everyone and I am so tired"


def test_the_model_says_what_to_read_first_and_the_rules_can_do_without_it() -> None:
    line = json.dumps({"id": 1, "text": HEAVY})
    with_model = json.loads(CliRunner().invoke(read, input=line).output)
    without = json.loads(CliRunner().invoke(read, ["--rules-only"], input=line).output)
    assert (with_model["read_first"], without["read_first"]) == (True, False)
    assert (without["weight"], without["promise"]) == (0, with_model["promise"])


def test_explain_shows_the_words_that_weighed_most() -> None:
    result = CliRunner().invoke(read, ["--explain", HEAVY])
    assert "To be read first" in result.output
    assert "“tired”" in result.output
