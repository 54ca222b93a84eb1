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
from connector.domain.reading import Reading
from connector.domain.reading import read as read_reply
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


def read_lines(lines: Iterable[bytes], rules: Rulebook) -> Iterator[dict[str, Any]]:
    """A reading, or an error with its line number, for every line that is not blank."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            reply = _reply(line)
            reading = read_reply(reply["text"], _question(reply.get("question")), rules)
        except LineError as error:
            yield {"error": str(error), "line": number}
        else:
            yield as_json(reply.get("id"), reading)


def explain(text: str, rules: Rulebook) -> Iterator[str]:
    """What matched in `text` and why, in plain words."""
    reading = read_reply(text, OPEN, rules)
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
    if not reading.concerns and not reading.asked:
        yield "No rule spoke about this. That does not mean all is well: a person reads it."


@click.command("read")
@click.option("--explain", "text", metavar="TEXT", help="Show what matched in TEXT, and why.")
@click.argument("source", type=click.File("rb"), default="-")
def read(text: str | None, source: BinaryIO) -> None:
    """Read replies (JSON Lines, from SOURCE or standard input) and write readings."""
    rules = phrase_book()
    if text is not None:
        for line in explain(text, rules):
            click.echo(line)
        return
    for result in read_lines(source, rules):
        click.echo(json.dumps(result))
