"""`connector bench` runs every path on tiny data, on what comes with the package. Never timed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connector.cli.bench import PATHS

NAMES = {
    "webhook": {"webhook", "webhook p99", "webhook p99, sending"},
    "receipts": {"receipt"},
    "visible": {"visible p50", "visible p99"},
    "backlog": {"backlog, 1 process", "backlog, 2 processes"},
    "dispatch": {"dispatch, 1 process", "dispatch, 2 processes", "dispatch, 100 ms"},
    "planning": {"planning"},
    "deciding": {"deciding"},
    "preview": {"preview", "preview wait"},
    "queue": {"queue page p50", "queue page p99", "queue page", "queue poll"},
    "rings": {"rings"},
    "memory": {"memory"},
}


def bench(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "connector", "bench", "--tiny", *options],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def figures(done: subprocess.CompletedProcess[str]) -> Mapping[str, dict[str, Any]]:
    assert done.returncode == 0, done.stderr[-3000:]
    return {one["name"]: one for one in json.loads(done.stdout)["figures"]}


def test_every_path_has_its_names_here() -> None:
    assert set(NAMES) == set(PATHS)


@pytest.mark.slow
@pytest.mark.parametrize("path", NAMES)
def test_a_path_tells_its_figure_its_floor_and_their_ratio(path: str) -> None:
    found = figures(bench("--json", "--only", path))
    assert set(found) == NAMES[path]
    for one in found.values():
        assert one["figure"] > 0
        assert one["floor"] > 0
        assert one["ratio"] > 0
        assert one["better"] in ("more", "less")


@pytest.mark.slow
@pytest.mark.postgres
def test_it_measures_on_a_given_server_and_leaves_nothing_there(postgres_server: str) -> None:
    found = figures(bench("--json", "--only", "planning", "--database", postgres_server))
    assert found["planning"]["figure"] > 0
    assert _databases(postgres_server) == []


@pytest.mark.slow
def test_a_run_is_held_to_an_earlier_one(tmp_path: Path) -> None:
    last = tmp_path / "last.json"
    last.write_text(json.dumps({"figures": [{"name": "planning", "ratio": 1000}]}), "utf-8")
    done = bench("--only", "planning", "--against", str(last))
    assert done.returncode == 1
    assert "planning" in done.stderr
    assert "1000.00 before" in done.stderr


@pytest.mark.slow
@pytest.mark.redis
def test_a_redis_database_that_holds_anything_is_refused(redis_url: str) -> None:
    from redis import Redis

    with Redis.from_url(redis_url) as redis:
        redis.set("somebody's", "work")
        try:
            done = bench("--only", "planning", "--broker", redis_url)
            assert redis.get("somebody's") == b"work"
        finally:
            redis.delete("somebody's")
    assert done.returncode == 1
    assert "not empty" in done.stderr


def _databases(server: str) -> list[str]:
    import psycopg
    from sqlalchemy import make_url

    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'connector_bench_%'"
        )
        return [name for (name,) in rows]
