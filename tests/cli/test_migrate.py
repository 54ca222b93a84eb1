"""`connector migrate`: a database is a demo or live from its first day, and stays that."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from connector.cli.migrate import make_ready
from connector.settings import SettingsError
from connector.store import installation
from connector.store.base import make_engine
from tests.conftest import make_settings

DEMO, LIVE = {"demo": True}, {"demo": False}


@pytest.mark.parametrize("kind", [DEMO, LIVE], ids=["demo", "live"])
def test_a_new_database_is_marked_and_opens_again(tmp_path: Path, kind: dict[str, object]) -> None:
    settings = make_settings(f"sqlite:///{tmp_path / 'new.db'}", tmp_path, **kind)
    make_ready(settings).close()
    wiring = make_ready(settings)
    with wiring.reading() as session:
        assert installation.kind(session) == ("demo" if kind["demo"] else "live")
    wiring.close()


@pytest.mark.parametrize(
    ("made_as", "started_as", "words"),
    [
        pytest.param(DEMO, LIVE, "holds the demo town", id="demo started as live"),
        pytest.param(LIVE, DEMO, "was made for real people", id="live started as demo"),
    ],
)
def test_a_database_of_the_other_kind_is_refused(
    database_url: str,
    tmp_path: Path,
    made_as: dict[str, object],
    started_as: dict[str, object],
    words: str,
) -> None:
    make_ready(make_settings(database_url, tmp_path, **made_as)).close()
    with pytest.raises(SettingsError, match=words):
        make_ready(make_settings(database_url, tmp_path, **started_as))


def test_a_refused_database_is_not_migrated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    make_ready(make_settings(url, tmp_path, **LIVE)).close()
    engine = make_engine(url)
    _forget_the_revision(engine)
    with pytest.raises(SettingsError):
        make_ready(make_settings(url, tmp_path, **DEMO))
    assert not inspect(engine).has_table("alembic_version")
    engine.dispose()


def test_the_file_of_a_new_database_is_its_owners_only(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    make_ready(make_settings(f"sqlite:///{path}", tmp_path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def _forget_the_revision(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
