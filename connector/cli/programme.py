"""`connector programme`: programmes as files that people read, change and keep in git.

`check` needs no database. `import` makes a draft and never publishes: a coordinator looks at it
first. What is wrong is said a sentence a line on standard error: exit code 2 for a file or name
that cannot be used, 1 for a programme that could not be published yet.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from connector import clock
from connector.cli.plain_errors import PlainGroup
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.programme import Programme
from connector.domain.publishing import Situation, language_name, problems
from connector.gateways.plain_yaml import LARGEST
from connector.gateways.programme_files import FOLDER, ProgrammeFileError, ProgrammeFiles, write
from connector.services import programmes as service
from connector.settings import load, shipped
from connector.store import texting_rules, versions
from connector.store.base import Session
from connector.store.versions import Version
from connector.wiring import DatabaseAwayError, Wiring, build


@click.group(cls=PlainGroup)
def programme() -> None:
    """Programmes as files: check, export, import."""


@programme.command("check")
@click.argument("file", metavar="FILE")
def check_command(file: str) -> None:
    """Say whether a FILE (- for standard input) could be published, and what is in it."""
    today = clock.now().date()
    with _files_in_words():
        found = _files().read(_content(file), starts_on=today)
    _tell(problems(found, Situation(on=today)))
    click.echo(_in_words(found))


@programme.command("export")
@click.argument("name", metavar="NAME")
@click.option("--version", "number", type=int, metavar="N", help="That version; if not given, "
              "the published one, or the draft of what was never published.")  # fmt: skip
def export_command(name: str, number: int | None) -> None:
    """Print a programme as a file."""
    with _wired() as wiring, wiring.reading() as session:
        version = _version(session, name, number)
    click.echo(write(version.programme), nl=False)


@programme.command("import")
@click.argument("file", metavar="FILE")
@click.option("--over-draft", is_flag=True, help="Take the place of a draft that is there.")
def import_command(file: str, over_draft: bool) -> None:
    """Make a draft of a FILE (- for standard input). Nothing is published and nobody is texted."""
    content, now = _content(file), clock.now()
    with _wired() as wiring:
        today = now.astimezone(ZoneInfo(wiring.settings.zone)).date()
        with _files_in_words(), wiring.transaction() as session:
            named = _files().read(content, starts_on=today).name
            before = _current(session, named)
            starts_on = before.programme.cadence.starts_on if before else today
            found = _files().read(content, starts_on=starts_on)
            draft = service.take_in(session, found, over_draft=over_draft, by=None, now=now)
            rules = texting_rules.load(session, wiring.calendar)
            left = service.problems(session, draft, rules, on=today, zone=wiring.settings.zone)
    click.echo(f"{found.name}: draft {draft.number} is there to look at. Nothing was published.")
    for sentence in left:
        click.echo(f"Before it can be published: {sentence}")


def _files() -> ProgrammeFiles:
    return ProgrammeFiles(shipped("templates") / FOLDER)


def _content(file: str) -> bytes:
    """What a file holds, and no more than a programme can. Raises `Invalid`."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(LARGEST + 1)
        with Path(file).open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from None


@contextmanager
def _files_in_words() -> Iterator[None]:
    try:
        yield
    except ProgrammeFileError as error:
        _tell(error.problems, code=2)


def _tell(sentences: tuple[str, ...] | list[str], *, code: int = 1) -> None:
    """Say what is wrong, a sentence a line, and end; go on when nothing is."""
    for sentence in sentences:
        click.echo(sentence, err=True)
    if sentences:
        raise SystemExit(code)


@contextmanager
def _wired() -> Iterator[Wiring]:
    wiring = build(load())
    try:
        yield wiring
    except DatabaseAwayError:
        raise click.ClickException("The database does not answer; nothing was changed.") from None
    finally:
        wiring.close()


def _version(session: Session, name: str, number: int | None) -> Version:
    programme_id = versions.named(session, name)
    if programme_id is None:
        raise NotFound("There is no programme of this name.")
    if number is not None:
        return versions.numbered(session, programme_id, number)
    found = versions.published(session, programme_id) or versions.draft(session, programme_id)
    if found is None:
        raise Refused("This programme has no version yet.")
    return found


def _current(session: Session, name: str) -> Version | None:
    programme_id = versions.named(session, name)
    return _version(session, name, None) if programme_id is not None else None


def _in_words(found: Programme) -> str:
    """'Mornings: a check-in with 2 questions, in English and Welsh. It could be published.'"""
    languages = sorted({code for item in found.items for code in item.wording}, key=_english_first)
    names = [language_name(code) for code in languages]
    spoken = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    count = len(list(found.everything_asked()))
    what = f"a check-in with {count} question{'s' * (count > 1)}" if found.asks else "a prompt"
    return f"{found.name}: {what}, in {spoken}. It could be published."


def _english_first(code: str) -> tuple[bool, str]:
    return code != "en", code
