"""Every revision goes up from empty and down again, and makes the shape of the tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from connector.cli.migrate import configuration, downgrade, upgrade
from connector.store.base import make_engine
from connector.store.tables import Base

REVISIONS = [
    revision.revision
    for revision in reversed(list(ScriptDirectory.from_config(configuration()).walk_revisions()))
]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database, once of each kind."""
    made = make_engine(database_url)
    downgrade(made)
    yield made
    made.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_line_of_revisions() -> None:
    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_goes_up_and_down_again(engine: Engine, revision: str) -> None:
    upgrade(engine, to=revision)
    assert tables(engine)
    downgrade(engine, to="base")
    assert tables(engine) == set()
    upgrade(engine)
    assert tables(engine) == set(Base.metadata.tables)


def test_the_migrated_database_has_the_shape_of_the_tables(engine: Engine) -> None:
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_migration_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    upgrade(engine)
    assert tables(engine) == set(Base.metadata.tables)


def test_foreign_keys_hold_again_after_a_migration(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    downgrade(engine)
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()
