"""`connector text check`: what a text takes and costs, and whether its words are plain and kind.

It uses standard input and output only: no settings, no database. It never changes the text.
"""

from __future__ import annotations

import json
import sys
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from connector.cli.plain_errors import PlainGroup
from connector.domain.errors import Invalid
from connector.domain.meter import Meter, as_written
from connector.domain.plain_words import Hint, Terms
from connector.domain.sms import fold
from connector.domain.word_groups import TextKind

LONGEST_INPUT = 10_000


def read_rate(text: str) -> Decimal:
    """Pounds a segment, such as 0.04."""
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(-1)
    if not (rate.is_finite() and 0 <= rate <= 100):
        raise Invalid("--rate is the price of one segment in pounds, such as 0.04.")
    return rate


@click.group(cls=PlainGroup)
def text() -> None:
    """The words of a text."""


@text.command("check")
@click.argument("words", required=False, metavar="[TEXT]")
@click.option(
    "--rate", type=read_rate, metavar="POUNDS", help="Price of one segment, such as 0.04."
)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in TextKind], case_sensitive=False),
    default=TextKind.AUTOMATED.value,
    help="Who says it; automated if not given.",
)
@click.option(
    "--language", default="en", metavar="CODE", help="Language of the text; en if not given."
)
@click.option("--work-raised", is_flag=True, help="The resident spoke of work first.")
@click.option("--allow-link", multiple=True, metavar="HOST", help="A host that may be linked to.")
@click.option("--strict", is_flag=True, help="Exit code 1 when something blocks.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check_command(
    words: str | None,
    rate: Decimal | None,
    kind: str,
    language: str,
    work_raised: bool,
    allow_link: tuple[str, ...],
    strict: bool,
    as_json: bool,
) -> None:
    """Check TEXT, or standard input without it (or with -): length, price, plain words."""
    body = the_text(words)
    terms = Terms(
        kind=TextKind(kind),
        language=language,
        work_raised=work_raised,
        allowed_links=frozenset(host.lower() for host in allow_link),
    )
    pence = None if rate is None else rate * 100
    meter = as_written(body, terms=terms, pence=pence)
    folded = as_written(fold(body), terms=terms, pence=pence)
    report = as_report(meter, folded, rate)
    click.echo(json.dumps(report, indent=2) if as_json else as_lines(meter, folded, rate))
    if strict and meter.blocked:
        sys.exit(1)


def the_text(words: str | None) -> str:
    """The argument, or standard input less the line end that shells add."""
    if words is None or words == "-":
        stream = sys.stdin.buffer
        raw = b"" if stream.isatty() else stream.read(4 * LONGEST_INPUT + 4)
        words = raw.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
    words = words.encode("utf-8", "replace").decode("utf-8")  # bytes that were no text at all
    if not words.strip():
        raise Invalid("There is no text; give it as an argument or on standard input.")
    if len(words) > LONGEST_INPUT:
        raise Invalid(f"The text is longer than {LONGEST_INPUT} characters.")
    return words


def as_report(meter: Meter, folded: Meter, rate: Decimal | None) -> dict[str, Any]:
    """Figures of the text as it stands and as it would be sent after folding look-alikes."""
    return {
        "characters": meter.text.characters,
        "units": meter.text.units,
        "alphabet": meter.text.alphabet.value,
        "segments": meter.text.segments,
        "cost": _pounds(meter, rate),
        "folded": {
            "characters": folded.text.characters,
            "alphabet": folded.text.alphabet.value,
            "segments": folded.text.segments,
            "cost": _pounds(folded, rate),
        },
        "blocked": meter.blocked,
        "hints": [hint.to_json() for hint in meter.hints],
    }


def _pounds(meter: Meter, rate: Decimal | None) -> float | None:
    return None if rate is None else float(rate * meter.text.segments)


def as_lines(meter: Meter, folded: Meter, rate: Decimal | None) -> str:
    """The meter as a person reads it on a terminal."""
    cost = _pounds(meter, rate)
    price = "" if cost is None else f", £{cost:.4g}"
    segments = meter.text.segments
    lines = [
        f"{meter.characters_words}, {meter.text.alphabet.value}, "
        f"{segments} segment{'s' if segments > 1 else ''}{price}"
    ]
    if folded.text.segments < segments:
        lines.append(f"With plain quotes and dashes: {folded.text.segments} of these")
    if meter.beyond:
        lines.append(f"A locked phone shows: “{' '.join(meter.lock_screen.split())}”")
    return "\n".join([*lines, *map(as_line, meter.hints)])


def as_line(hint: Hint) -> str:
    words = hint.words if len(hint.words) <= 40 else f"{hint.words[:39].rstrip()}…"
    other = f" Other words: {', '.join(hint.instead)}." if hint.instead else ""
    return f"{hint.level.value:<5}  {hint.group}: “{words}”. {hint.why}{other}"
