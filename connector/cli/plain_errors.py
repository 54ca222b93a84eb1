"""Commands whose wrong arguments are one sentence on standard error and exit code 2.

It refuses to print a usage screen at somebody who made a slip; `--help` is there for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from connector.domain.errors import DomainError


class PlainUsageError(click.UsageError):
    """A wrong argument, told in one sentence."""

    def show(self, file: IO[Any] | None = None) -> None:
        sentence = " ".join(self.format_message().split())
        click.echo(sentence if sentence[-1:] in ".!?" else f"{sentence}.", file=file, err=True)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn a refusal of click or of the domain into one sentence and exit code 2."""
    try:
        yield
    except (PlainUsageError, click.exceptions.NoArgsIsHelpError):
        raise
    except click.UsageError as error:
        raise PlainUsageError(error.format_message()) from None
    except DomainError as error:
        raise PlainUsageError(str(error)) from None


class PlainCommand(click.Command):
    """A command that tells a wrong argument plainly."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with told_plainly():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with told_plainly():
            return super().invoke(ctx)


class PlainGroup(click.Group):
    """A group of such commands, which also tells a sub-command that does not exist plainly."""

    command_class = PlainCommand

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with told_plainly():
            return super().make_context(*args, **kwargs)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        with told_plainly():
            return super().resolve_command(ctx, args)
