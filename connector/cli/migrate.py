"""`connector migrate`: brings the database to the shape this version expects.

Alembic is driven from here, with no settings file of its own. A database is marked once, as a
demonstration or as live, and is never opened as the other. `connector prepare` is what `up` runs
before its parts start: the same, and the demo town on a first start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import click
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, make_url, text

from connector import clock
from connector.settings import Settings, SettingsError, load, shipped
from connector.store import installation
from connector.store.installation import Kind
from connector.wiring import Wiring, build

# Any number does, as long as two migrations of this service use the same one.
ADVISORY_LOCK = 7_700_900
MARK = "installation"
TOWN = "connector.town.demo"


def configuration() -> Config:
    """Alembic's settings: where the migrations stand, in the wheel or in the checkout."""
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """Migrate the database behind `engine` up to a revision, in one transaction."""
    with _alone(engine) as connection:
        command.upgrade(_on(connection), to)


def downgrade(engine: Engine, *, to: str = "base") -> None:
    """Migrate the database behind `engine` down to a revision, in one transaction."""
    with _alone(engine) as connection:
        command.downgrade(_on(connection), to)


def _on(connection: Connection) -> Config:
    config = configuration()
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that no other migration shares."""
    with engine.connect().execution_options(writes=True) as connection:
        if connection.dialect.name == "sqlite":
            # SQLite alters a table by making it anew, which would fire the foreign keys; the
            # pragma has no effect within a transaction, so it is set on the bare connection.
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
            finally:
                driver.execute("PRAGMA foreign_keys=ON")
        else:
            with connection.begin():
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
                yield connection


def make_private(settings: Settings) -> None:
    """Make an SQLite database's file, when there is none yet, readable by its owner only."""
    file = make_url(settings.database_url).database if settings.is_sqlite else None
    if file and file != ":memory:":
        with open(file, "ab", opener=_owner_only):
            pass


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def keep_apart(wiring: Wiring) -> None:
    """Mark a new database as demo or live. Raises `SettingsError` when it was made as the other."""
    kind = Kind.DEMO if wiring.settings.demo else Kind.LIVE
    with wiring.transaction() as session:
        installation.mark(session, kind, now=clock.now())
        found = installation.kind(session)
    if found is Kind.DEMO and kind is Kind.LIVE:
        raise SettingsError(
            "This database holds the demo town, so it cannot be started as live: "
            "use another database or data folder."
        )
    if found is Kind.LIVE and kind is Kind.DEMO:
        raise SettingsError(
            "This database was made for real people, so the demo cannot be started on it: "
            "use another database or data folder."
        )


def make_ready(settings: Settings) -> Wiring:
    """The wiring of a database brought up to date.

    Raises `SettingsError` for a database of the other kind, before anything in it is changed.
    """
    make_private(settings)
    wiring = build(settings)
    if inspect(wiring.engine).has_table(MARK):
        keep_apart(wiring)
    upgrade(wiring.engine)
    keep_apart(wiring)
    return wiring


@click.command()
def migrate() -> None:
    """Bring the database named by DATABASE_URL to the shape this version expects.

    Safe to run again, and from several machines at once: one does the work, the others wait.
    """
    make_ready(load()).close()
    click.echo("The database is up to date.")


@click.command()
def prepare() -> None:
    """Migrate; in a demo, fill the town on a first start and print the sign-ins."""
    wiring = make_ready(load())
    if not wiring.settings.demo:
        return
    # By name: nothing of the simulated town is even imported in a live installation.
    town = import_module(TOWN)
    with wiring.transaction() as session:
        town.fill(session, wiring, clock.now())
    for line in town.SIGN_INS:
        click.echo(line)
