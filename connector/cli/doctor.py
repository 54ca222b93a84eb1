"""`connector doctor`: the channel's account, point by point; exit code 1 when one of them is wrong.

It asks the provider and changes nothing. What no provider tells is printed as it has to be set by
hand. It prints no secret.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import click

from connector.services.ports import Capabilities, Finding, Verdict
from connector.settings import load
from connector.wiring import build


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for another program.")
def doctor(as_json: bool) -> None:
    """What is right and wrong with the channel's account, and what to set by hand.

    Exit code 1 when something is wrong or could not be checked.
    """
    channel = build(load()).channel
    findings = channel.check()
    channel.close()
    click.echo(_json(findings) if as_json else _words(channel.name, channel.capabilities, findings))
    sys.exit(1 if any(_fails(finding) for finding in findings) else 0)


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
