"""`connector bench`: the loop's hot paths, each beside a floor that is measured in the same run.

It works on throw-away databases that it makes and drops, on invented people, on loopback, and ends
what it starts. Only the ratio of a figure to its floor means anything from one day or machine to
another; `--against` holds a run's ratios to an earlier run's.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import psutil

from connector.cli.bench import deciding, pages, plans, previews, replies, sending, webhooks, whole
from connector.cli.bench.ground import TINY, Ground, Grounds, Sizes, grounds
from connector.cli.bench.measure import Figure, worse_than

PATHS: dict[str, Callable[[Ground], list[Figure]]] = {
    "webhook": webhooks.inbound,
    "receipts": webhooks.receipts,
    "visible": replies.visible,
    "backlog": replies.backlog,
    "dispatch": sending.dispatch,
    "planning": plans.plan,
    "deciding": deciding.decide,
    "preview": previews.preview,
    "queue": pages.queue,
    "rings": whole.rings,
    "memory": whole.memory,
}
MIB = 1024 * 1024


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option("--only", type=click.Choice(list(PATHS)), multiple=True, help="Only this path.")
@click.option("--database", default="", help="A PostgreSQL server's URL; SQLite otherwise.")
@click.option("--broker", default="", help="An empty Redis database's URL; Valkey otherwise.")
@click.option(
    "--residents", type=click.IntRange(1), default=Sizes().residents, show_default=True,
    help="How many people stand behind the queue's page.",
)  # fmt: skip
@click.option("--rounds", type=click.IntRange(1, 50), help="Turns of floor and path (default 3).")
@click.option("--tiny", is_flag=True, help="Show that every path runs; says nothing about speed.")
@click.option(
    "--against", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An earlier run's JSON: fail when a ratio is under 0.8 of what it was.",
)  # fmt: skip
def bench(
    as_json: bool,
    only: tuple[str, ...],
    database: str,
    broker: str,
    residents: int,
    rounds: int | None,
    tiny: bool,
    against: Path | None,
) -> None:
    """Measure the hot paths beside their floors, on throw-away data.

    Every figure is the median of some rounds in which floor and path take turns. A ratio of 1 is
    the floor itself.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.umask(0o077)
    sizes = TINY if tiny else replace(Sizes(), residents=residents)
    sizes = replace(sizes, rounds=rounds) if rounds else sizes
    before = _ratios(against) if against else {}
    told = _quietly if as_json else _aloud
    told(_headline(database, broker))
    found: list[Figure] = []
    with grounds(database, broker, sizes) as place:
        for name in only or PATHS:
            figures = _measured(place, name)
            found += figures
            for one in figures:
                told(_line(one))
    if as_json:
        figures_json = [one.as_json() for one in found]
        click.echo(json.dumps({"machine": machine(), "figures": figures_json}, indent=2))
    if slower := worse_than(before, found):
        raise click.ClickException("Slower than before: " + "; ".join(slower))


def _measured(place: Grounds, name: str) -> list[Figure]:
    with place.fresh(name) as ground:
        return PATHS[name](ground)


def _ratios(file: Path) -> dict[str, float]:
    figures = json.loads(file.read_text("utf-8"))["figures"]
    return {figure["name"]: float(figure["ratio"]) for figure in figures}


def machine() -> dict[str, object]:
    """The size of this machine, without its name."""
    return {
        "cores": os.cpu_count() or 0,
        "memory_mib": psutil.virtual_memory().total // MIB,
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _headline(database: str, broker: str) -> str:
    size = machine()
    servers = f"{'PostgreSQL' if database else 'SQLite'} and {'Redis' if broker else 'Valkey'}"
    return (
        f"{size['cores']} cores, {size['memory_mib']} MiB, {size['system']}, "
        f"Python {size['python']}, {servers}, all on this machine\n"
        f"{'':24}{'figure':>14}{'floor':>14}{'ratio':>8}"
    )


def _line(one: Figure) -> str:
    unit = one.kind.unit
    return (
        f"{one.kind.name:24}{_said(one.figure):>10} {unit:3}{_said(one.floor):>10} {unit:3}"
        f"{one.ratio:8.2f}   {one.kind.path}; floor: {one.kind.floor}"
    )


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _aloud(line: str) -> None:
    click.echo(line)


def _quietly(line: str) -> None:
    click.echo(line, err=True)
