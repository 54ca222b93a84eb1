"""`connector health`: what /health says, asked from a shell; exit code 1 unless all is well."""

from __future__ import annotations

import json
import sys

import click

from connector import clock
from connector.gateways.health import Status, Watch
from connector.gateways.pulse import Pulse
from connector.settings import load
from connector.wiring import build


@click.command()
def health() -> None:
    """Whether every part is up, as JSON; exit code 1 unless all is well."""
    settings = load()
    found = Watch(build(settings).readers, Pulse(settings.redis_url)).look(now=clock.now())
    click.echo(json.dumps(found.as_json(), indent=2))
    sys.exit(0 if found.status is Status.OK else 1)
