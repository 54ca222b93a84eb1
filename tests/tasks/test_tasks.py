"""The tasks: a name for every job, a timetable that leaves no pile, and no work at import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connector.cli import keys
from connector.services.jobs import Job
from tasks.timetable import TIMETABLE

CHECKOUT = Path(__file__).parents[2]
LOOK = """
import json, socket

def refuse(*_args, **_more):
    raise AssertionError("a task module reached out while it was imported")

socket.socket.connect = refuse
from tasks.app import app, _Process
import tasks.loops
print(json.dumps({
    "names": sorted(name for name in app.tasks if not name.startswith("celery.")),
    "wired": _Process.wiring is not None,
    "late": app.conf.task_acks_late,
    "lost": app.conf.task_reject_on_worker_lost,
    "takes": app.conf.accept_content,
    "keeps_results": not app.conf.task_ignore_result,
    "ahead": app.conf.worker_prefetch_multiplier,
    "zone": app.conf.timezone,
    "limit": app.conf.task_time_limit,
    "visible": app.conf.broker_transport_options["visibility_timeout"],
}))
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What a worker's process knows once it has imported its tasks, in an empty folder."""
    folder = tmp_path_factory.mktemp("nowhere")
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=folder,
        env={
            **os.environ,
            **keys.make(),
            "PYTHONPATH": str(CHECKOUT),
            "DATABASE_URL": f"sqlite:///{folder}/none.db",
            "REDIS_URL": "redis://127.0.0.1:1/0",
            "CONNECTOR_PUBLIC_URL": "https://connector.example",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == [], "importing the tasks wrote a file"
    seen: dict[str, object] = json.loads(done.stdout)
    return seen


def test_every_job_has_a_task_of_its_name_and_every_task_a_job(worker: dict[str, object]) -> None:
    assert worker["names"] == sorted(job.value for job in Job)


def test_importing_the_tasks_opens_nothing(worker: dict[str, object]) -> None:
    assert worker["wired"] is False


def test_a_task_that_is_lost_is_given_to_another_worker(worker: dict[str, object]) -> None:
    assert (worker["late"], worker["lost"], worker["ahead"]) == (True, True, 1)


def test_a_running_task_ends_before_it_is_given_to_another(worker: dict[str, object]) -> None:
    limit, visible = worker["limit"], worker["visible"]
    assert isinstance(limit, int)
    assert isinstance(visible, int)
    assert limit < visible


def test_only_json_is_taken_and_no_result_is_kept(worker: dict[str, object]) -> None:
    assert (worker["takes"], worker["keeps_results"], worker["zone"]) == (["json"], False, "UTC")


@pytest.mark.parametrize("name", TIMETABLE)
def test_a_tick_names_a_job_and_expires(name: str) -> None:
    entry = TIMETABLE[name]
    assert entry["task"] in {job.value for job in Job}
    assert entry["options"]["expires"] >= 5
    assert entry["schedule"] > 0
    assert "args" not in entry


def test_no_job_is_left_to_rings_alone() -> None:
    assert {entry["task"] for entry in TIMETABLE.values()} == {job.value for job in Job}
