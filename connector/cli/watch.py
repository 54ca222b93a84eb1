"""`connector watch`: whether texts go out and come in, told by the records alone.

For cron or a systemd timer, best on another machine: it needs neither broker nor timetable nor
worker. It changes nothing, and prints, mails and writes nothing about any resident.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import SQLAlchemyError

from connector import clock
from connector.cli.plain_errors import PlainCommand
from connector.gateways import email
from connector.gateways.email import EmailError
from connector.services import canary
from connector.services.canary import Lookout, Sign, Weight
from connector.settings import Settings, load
from connector.wiring import DatabaseAwayError, Wiring, build

PATIENCE = 30.0
"""Seconds after which records that say nothing are away."""
AWAY = Sign(Weight.TROUBLE, "The records do not answer.")
_SPAN = re.compile(r"(\d{1,4})\s*(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_WORDS = {Weight.WELL: "well", Weight.LOOK: "look", Weight.TROUBLE: "TROUBLE"}


def _span(_ctx: click.Context, _param: click.Parameter, written: str) -> timedelta:
    """'26h', '90m' or '3d'."""
    found = _SPAN.fullmatch(written.strip().lower())
    if found is None or int(found[1]) == 0:
        raise click.BadParameter("Write how far to look back as 26h, 90m or 3d.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command(cls=PlainCommand)
@click.option(
    "--since",
    "back",
    callback=_span,
    default="26h",
    show_default=True,
    metavar="SPAN",
    help="How far back the last text to our own phone may lie.",
)
@click.option("--email", "people", multiple=True, metavar="ADDRESS", help="Write when not well.")
@click.option(
    "--touch",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Touch this file when all is well, for a monitor that looks at its age.",
)
def watch(back: timedelta, people: tuple[str, ...], touch: Path | None) -> None:
    """Whether texts go out and come in: a sentence a finding.

    Exit code 0 when all is well, 1 when there is something to look at, 2 in trouble.
    """
    settings = load()
    signs = signs_of(settings, back)
    worst = max(sign.weight for sign in signs)
    report = "\n".join(f"{_WORDS[sign.weight]}: {sign.sentence}" for sign in signs)
    click.echo(report)
    if worst is Weight.WELL and touch is not None:
        worst = _touched(touch)
    if worst is not Weight.WELL and people:
        worst = max(worst, _mailed(settings, people, worst, report))
    sys.exit(int(worst))


def signs_of(settings: Settings, back: timedelta) -> Sequence[Sign]:
    """What the records say; one sign when they say nothing in time."""
    wiring = build(settings)
    try:
        found = in_time(lambda: _asked(wiring, back), PATIENCE)
    finally:
        wiring.close()
    return found if found is not None else [AWAY]


def _asked(wiring: Wiring, back: timedelta) -> list[Sign]:
    out = Lookout(
        back,
        wiring.channel.capabilities.receipts,
        ZoneInfo(wiring.settings.zone),
        clock.now(),
    )
    try:
        with wiring.reading() as session:
            return canary.look(session, out)
    except DatabaseAwayError:
        return [AWAY]
    except SQLAlchemyError as error:
        return [Sign(Weight.TROUBLE, f"The records cannot be read ({type(error).__name__}).")]


def in_time(ask: Callable[[], list[Sign]], seconds: float) -> list[Sign] | None:
    """The answer, or None when it does not come in time: a driver may wait longer than we may."""
    answers: list[list[Sign]] = []
    thread = Thread(target=lambda: answers.append(ask()), daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else None


def _touched(path: Path) -> Weight:
    try:
        path.touch()
    except OSError as error:
        click.echo(f"The file cannot be touched: {error.strerror}.", err=True)
        return Weight.LOOK
    return Weight.WELL


def _mailed(settings: Settings, people: Sequence[str], worst: Weight, report: str) -> Weight:
    """Write to these people. Trouble when that cannot be done: then nobody would know."""
    subject = (
        "Community Connector: trouble"
        if worst is Weight.TROUBLE
        else ("Community Connector: something to look at")
    )
    body = f"{report}\n\nMore: {settings.public_url}/system\n"
    try:
        email.send(email.server(settings.smtp_url.get_secret_value()), people, subject, body)
    except EmailError as error:
        click.echo(f"The e-mail could not be sent: {error}", err=True)
        return Weight.TROUBLE
    return Weight.WELL
