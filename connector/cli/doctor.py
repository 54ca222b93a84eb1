"""`connector doctor`: the channel and the crisis lines, point by point; exit 1 if one is wrong.

It asks the provider and the records and changes nothing. What no provider tells is printed as it
has to be set by hand. It prints no secret.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import ProgrammingError

from connector import clock
from connector.services import crisis_lines
from connector.services.ports import Capabilities, Finding, Verdict
from connector.settings import load
from connector.wiring import DatabaseAwayError, Wiring, build


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for another program.")
def doctor(as_json: bool) -> None:
    """What is right and wrong with the channel's account and the crisis lines.

    Exit code 1 when something is wrong or could not be checked.
    """
    wiring = build(load())
    channel = wiring.channel
    findings = (*channel.check(), *_crisis_lines(wiring))
    wiring.close()
    click.echo(_json(findings) if as_json else _words(channel.name, channel.capabilities, findings))
    sys.exit(1 if any(_fails(finding) for finding in findings) else 0)


def _crisis_lines(wiring: Wiring) -> tuple[Finding, ...]:
    """What is to be said of the crisis lines; of the shipped ones when no records answer."""
    today = clock.now().astimezone(ZoneInfo(wiring.settings.zone)).date()
    try:
        with wiring.reading() as session:
            return crisis_lines.findings(crisis_lines.lines(session), on=today)
    except (DatabaseAwayError, ProgrammingError):
        words = "the records do not answer, so the shipped lines are looked at"
        asked = Finding("Crisis lines", Verdict.BY_HAND, words)
        return (asked, *crisis_lines.findings(crisis_lines.shipped(), on=today))


def _fails(finding: Finding) -> bool:
    return finding.verdict in (Verdict.WRONG, Verdict.NOT_KNOWN)


def _json(findings: Sequence[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False)


def _words(name: str, able: Capabilities, findings: Sequence[Finding]) -> str:
    """Findings under the word that says what is known of them, the worst first."""
    lines = [f"Channel: {name}. {_promises(able)}"]
    for verdict in (Verdict.WRONG, Verdict.NOT_KNOWN, Verdict.BY_HAND, Verdict.OK):
        these = [finding for finding in findings if finding.verdict is verdict]
        if these:
            lines += ["", f"{verdict.value.capitalize()}:"]
        for finding in these:
            lines.append(f"  {finding.about}: {finding.words}")
            lines += [f"      {finding.value}"] if finding.value else []
    return "\n".join(lines)


def _promises(able: Capabilities) -> str:
    stop = "keeps its own list of STOP" if able.provider_opt_out else "keeps no list of STOP"
    if able.waits_up_to == timedelta(0):
        return f"It delivers at once and {stop}."
    hours = able.waits_up_to.total_seconds() / 3600
    return f"It tries for up to {hours:g} hours and {stop}."
