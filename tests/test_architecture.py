"""The house stands as it was drawn: imports, names, guards and tasks."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from connector.cli import keys
from connector.services.jobs import Job
from connector.web import create_app
from connector.web.auth import Guard
from connector.wiring import build
from tasks.timetable import TIMETABLE
from tests.conftest import make_settings

CHECKOUT = Path(__file__).parents[1]
ADDRESSES = {
    "DATABASE_URL": "sqlite://",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CONNECTOR_PUBLIC_URL": "https://connector.example",
}
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def modules() -> list[Path]:
    """Every Python file of the project, as a path in the checkout."""
    folders = ("connector", "tasks", "migrations", "tests")
    return sorted(
        path.relative_to(CHECKOUT)
        for folder in folders
        for path in (CHECKOUT / folder).rglob("*.py")
    )


def test_imports_go_one_way_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_no_module_has_a_name_that_says_nothing() -> None:
    found = modules()
    assert len(found) > 50
    assert [path for path in found if SAYS_NOTHING & set(re.split(r"[/_.]", str(path)))] == []


@pytest.mark.parametrize("folder", ["connector", "tasks"])
def test_every_module_says_what_it_is_for(folder: str) -> None:
    silent = [
        path
        for path in modules()
        if path.parts[0] == folder
        and path.name != "__init__.py"
        and not (CHECKOUT / path).read_text("utf-8").startswith('"""')
    ]
    assert silent == []


PRINT_TASKS = """
import json
from tasks.app import app
app.loader.import_default_modules()
print(json.dumps(sorted(name for name in app.tasks if not name.startswith("celery."))))
"""


@pytest.fixture(scope="module")
def task_names() -> list[str]:
    """The names of the tasks that a worker would offer, asked of a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT_TASKS],
        cwd=CHECKOUT,
        env={**os.environ, **keys.make(), **ADDRESSES},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def test_every_job_name_has_a_task_and_every_task_a_job_name(task_names: list[str]) -> None:
    assert task_names == sorted(job.value for job in Job)


def test_the_timetable_asks_for_every_job_by_its_name() -> None:
    asked = {entry["task"] for entry in TIMETABLE.values()}
    assert asked == {job.value for job in Job}


def test_every_tick_expires_so_that_a_stopped_worker_finds_no_pile() -> None:
    assert [name for name, entry in TIMETABLE.items() if not entry["options"].get("expires")] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The whole site, with the demo's pages, on an empty database that nobody asks."""
    return create_app(build(make_settings("sqlite://", tmp_path_factory.mktemp("site"))))


def test_every_route_names_its_guard(site: Flask) -> None:
    routes = list(site.url_map.iter_rules())
    assert len(routes) > 5
    bare = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in routes
        if not isinstance(getattr(site.view_functions[rule.endpoint], "guard", None), Guard)
    ]
    assert bare == []
