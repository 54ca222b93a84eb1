"""The `connector` command: what an operator types.

Each sub-command lives in its own module and is imported only when it is asked for, so that
`connector read` answers at once and a broken command does not take the others with it. Nothing here
may import more than `click` at the top. It decides nothing about residents.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

import click


class SubCommand(NamedTuple):
    """Where a sub-command lives (`module:attribute`), and what the list of commands says of it."""

    target: str
    summary: str
    hidden: bool = False

    @property
    def module(self) -> str:
        return self.target.partition(":")[0]


SUB_COMMANDS = {
    "bench": SubCommand("connector.cli.bench:bench", "Measure the hot paths beside their floors."),
    "cadence": SubCommand("connector.cli.cadence:cadence", "When a cadence would text, and whom."),
    "doctor": SubCommand(
        "connector.cli.doctor:doctor", "What is right and wrong with the channel."
    ),
    "health": SubCommand("connector.cli.health:health", "Whether every part is up, as JSON."),
    "keys": SubCommand("connector.cli.keys:keys", "Make a fresh set of secret keys."),
    "migrate": SubCommand("connector.cli.migrate:migrate", "Bring the database to this version."),
    "notice": SubCommand("connector.cli.notice:notice", "The reasons to look in, from a history."),
    "noticing": SubCommand("connector.cli.report:noticing", "How well noticing does, measured."),
    "pause-sending": SubCommand(
        "connector.cli.pause:pause_sending", "Stop all texts to residents at once."
    ),
    "prepare": SubCommand("connector.cli.migrate:prepare", "Make ready for a start.", True),
    "programme": SubCommand(
        "connector.cli.programme:programme", "Programmes as files: check, export, import."
    ),
    "read": SubCommand("connector.cli.read:read", "Read replies as the service would."),
    "resume-sending": SubCommand(
        "connector.cli.pause:resume_sending", "Let texts to residents go again."
    ),
    "text": SubCommand("connector.cli.text:text", "Check the wording of a text."),
    "up": SubCommand("connector.cli.up:up", "Run the whole service on this machine."),
    "watch": SubCommand("connector.cli.watch:watch", "Whether texts go out, for cron or a timer."),
}


class LazyCommands(click.Group):
    """A group whose sub-commands are imported by name, each when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for name, sub in SUB_COMMANDS.items() if find_spec(sub.module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        sub = SUB_COMMANDS.get(cmd_name)
        if sub is None or not find_spec(sub.module):
            return None
        command = getattr(import_module(sub.module), sub.target.partition(":")[2])
        if not isinstance(command, click.Command):
            raise TypeError(f"{sub.target} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above, so that asking for help imports none of them."""
        shown = [
            (name, SUB_COMMANDS[name].summary)
            for name in self.list_commands(ctx)
            if not SUB_COMMANDS[name].hidden
        ]
        with formatter.section("Commands"):
            formatter.write_dl(shown)


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="community-connector", prog_name="connector")
def cli() -> None:
    """Friendly check-in texts, and a queue that says who to look in on, why and by when."""


def main() -> None:
    """Run the command; a setting that is missing or wrong is one sentence and exit code 2."""
    try:
        cli()
    except Exception as error:
        if not _is_settings_error(error):
            raise
        sys.stderr.write(f"connector: {error}\n")
        raise SystemExit(2) from None


def _is_settings_error(error: Exception) -> bool:
    # By name, because importing the settings would slow down the commands that only calculate; and
    # an error of that class can only exist once its module has been imported.
    settings = sys.modules.get("connector.settings")
    return settings is not None and isinstance(error, settings.SettingsError)
