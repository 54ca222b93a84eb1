"""`connector pause-sending` and `connector resume-sending`: the one switch, for an operator.

What waits is kept and decided again when it is lifted. Texts to staff go on. Everybody who is
signed in sees the reason, so it holds no resident's name.
"""

from __future__ import annotations

import click

from connector import clock
from connector.cli.plain_errors import PlainCommand
from connector.services import switch
from connector.settings import load
from connector.store import switches
from connector.wiring import DatabaseAwayError, build


@click.command("pause-sending", cls=PlainCommand)
@click.option("--why", required=True, metavar="TEXT", help="The reason, which all staff see.")
def pause_sending(why: str) -> None:
    """Stop all texts to residents at once, on every worker, until they are resumed."""
    wiring = build(load())
    try:
        with wiring.transaction() as session:
            switch.stop(session, why, by=None, now=clock.now())
            waiting = switches.waiting(session, now=clock.now())
    except DatabaseAwayError:
        raise click.ClickException("The database does not answer; nothing was changed.") from None
    finally:
        wiring.close()
    click.echo(f"Texts to residents are stopped. Waiting: {waiting}.")


@click.command("resume-sending", cls=PlainCommand)
def resume_sending() -> None:
    """Let texts to residents go again; what is too late by now is skipped and says so."""
    wiring = build(load())
    try:
        with wiring.transaction() as session:
            lifted = switch.lift(session, by=None, now=clock.now())
    except DatabaseAwayError:
        raise click.ClickException("The database does not answer; nothing was changed.") from None
    finally:
        wiring.close()
    click.echo("Texts go out again." if lifted else "Texts were going out already.")
