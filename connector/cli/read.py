"""`connector read`: replies in, readings out, one JSON object a line.

For checking the reading on somebody's own texts before going live, and for whoever wants to know
why. It keeps nothing, sends nothing and needs neither database nor settings. Lines are read one by
one, so that any number of them takes the same memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import click

from connector.domain.phrases import Rulebook
from connector.domain.promise import Promise
from connector.domain.question import OPEN, Better, Question, QuestionKind
from connector.domain.reading import Reading, Scorer
from connector.domain.reading import read as read_reply
from connector.gateways.frozen_model import FrozenModelError, frozen_model
from connector.gateways.phrase_book import phrase_book


class LineError(ValueError):
    """A line that is not a reply; the message says why, without the words in it."""


def _question(data: object) -> Question:
    if data is None:
        return OPEN
    if not isinstance(data, dict):
        raise LineError("The question is not an object.")
    try:
        return Question(
            kind=QuestionKind(data.get("kind", "open")),
            low=int(data.get("low", 0)),
            high=int(data.get("high", 10)),
            better=Better(data.get("better", "high")),
            options=tuple(str(option) for option in data.get("options") or ()),
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise LineError("The question is not one that can be asked.") from error


def _reply(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise LineError("This line is not JSON.") from error
    if not isinstance(data, dict):
        raise LineError("This line is not a JSON object.")
    if not isinstance(data.get("text"), str):
        raise LineError("This line has no text.")
    return data


def _promise(promise: Promise) -> str:
    return "none" if promise is Promise.GOOD_NEWS else promise.value


def _number(answer: float | None) -> float | int | None:
    return int(answer) if answer is not None and answer == int(answer) else answer


def as_json(reply_id: object, reading: Reading) -> dict[str, Any]:
    """A reading as `connector read` writes it."""
    return {
        "id": reply_id,
        "answer": _number(reading.answer),
        "intents": [intent.value for intent in reading.intents],
        "concerns": [
            {
                "kind": concern.kind.value,
                "promise": concern.promise.value,
                "rule": f"{concern.rule}@{concern.version}",
                "start": concern.span.start,
                "end": concern.span.end,
            }
            for concern in reading.concerns
        ],
        "promise": _promise(reading.promise),
        "read_first": reading.read_first,
        "weight": round(reading.weight, 4),
    }


def _model() -> Scorer | None:
    """The frozen model, or nothing when it cannot be read: the rules do without."""
    try:
        return frozen_model()
    except (FrozenModelError, OSError) as error:
        click.echo(f"Reading by rules alone: {error}", err=True)
        return None


def read_lines(
    lines: Iterable[bytes], rules: Rulebook, scorer: Scorer | None = None
) -> Iterator[dict[str, Any]]:
    """A reading, or an error with its line number, for every line that is not blank."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            reply = _reply(line)
            question = _question(reply.get("question"))
            reading = read_reply(reply["text"], question, rules, scorer)
        except LineError as error:
            yield {"error": str(error), "line": number}
        else:
            yield as_json(reply.get("id"), reading)


def explain(text: str, rules: Rulebook, scorer: Scorer | None = None) -> Iterator[str]:
    """What matched in `text` and why, in plain words."""
    reading = read_reply(text, OPEN, rules, scorer)
    reasons = {rule.id: rule.reason for rule in rules.rules}
    yield f"By when: {reading.promise.words}"
    for concern in reading.concerns:
        words = text[concern.span.start : concern.span.end]
        note = f" ({concern.note})" if concern.note else ""
        yield f"{concern.promise.words}: “{words}”{note}"
        yield f"    {reasons[concern.rule]} Rule {concern.rule}, version {concern.version}."
    for asked in reading.asked:
        words = text[asked.span.start : asked.span.end]
        yield f"Asks ({asked.intent.value}): “{words}”"
        yield f"    {reasons[asked.rule]} Rule {asked.rule}, version {asked.version}."
    if reading.read_first:
        words = ", ".join(f"“{word}”" for word in reading.because)
        yield f"To be read first: the frozen model gave most weight to {words}."
    if not reading.concerns and not reading.asked:
        yield "No rule spoke about this. That does not mean all is well: a person reads it."


@click.command("read")
@click.option("--explain", "text", metavar="TEXT", help="Show what matched in TEXT, and why.")
@click.option("--rules-only", is_flag=True, help="Leave the frozen model out.")
@click.argument("source", type=click.File("rb"), default="-")
def read(text: str | None, rules_only: bool, source: BinaryIO) -> None:
    """Read replies (JSON Lines, from SOURCE or standard input) and write readings."""
    rules = phrase_book()
    scorer = None if rules_only else _model()
    if text is not None:
        for line in explain(text, rules, scorer):
            click.echo(line)
        return
    for result in read_lines(source, rules, scorer):
        click.echo(json.dumps(result))
