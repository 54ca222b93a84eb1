"""The package installs whole: what it needs is in the wheel, and is found from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from connector.cli import keys

CHECKOUT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--quiet")
NEVER = (".pyc", ".sqlite3", ".db", "keys.json")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    [made] = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment with nothing of this project but the wheel.

    The libraries are those of this environment, put on its path, so that nothing is downloaded.
    """
    home = tmp_path_factory.mktemp("installed")
    venv.create(home, with_pip=False)
    subprocess.run(
        [*PIP, "--python", home / "bin" / "python", "install", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
    )
    [site_packages] = home.glob("lib/python*/site-packages")
    libraries = sysconfig.get_paths()["purelib"]
    (site_packages / "libraries.pth").write_text(f"{libraries}\n", "utf-8")
    return home / "bin"


def run(bin_folder: Path, name: str, *words: str, folder: Path, **settings: str) -> str:
    """What an installed command prints, run from `folder` with these settings only."""
    bare = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [bin_folder / name, *words],
        cwd=folder,
        env=bare | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_no_leavings(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if name.endswith(NEVER) or "/tests/" in name] == []


@pytest.mark.parametrize(
    "name",
    [
        "connector/shipped/Procfile",
        "connector/shipped/migrations/env.py",
        "connector/shipped/templates/layout.html",
        "connector/web/static/vendor/govuk-frontend.min.css",
        "tasks/app.py",
        "tasks/timetable.py",
    ],
)
def test_the_wheel_holds(wheel: Path, name: str) -> None:
    assert name in zipfile.ZipFile(wheel).namelist()


@pytest.mark.parametrize("folder", ["connector", "tasks", "templates", "migrations"])
def test_every_file_of_a_shipped_folder_is_in_the_wheel(wheel: Path, folder: str) -> None:
    listed = subprocess.run(
        ["git", "ls-files", folder], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("needs a git checkout, to know which files belong to it")
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = "connector/shipped/" if folder in {"templates", "migrations"} else ""
    there = [name for name in listed.stdout.splitlines() if (CHECKOUT / name).exists()]
    assert there
    assert [name for name in there if f"{inside}{name}" not in names] == []


def test_the_command_and_the_tasks_are_found_from_any_folder(
    bin_folder: Path, tmp_path: Path
) -> None:
    assert "up " in run(bin_folder, "connector", "--help", folder=tmp_path)
    where = "import connector, tasks; print(connector.__file__, tasks.__path__)"
    assert str(CHECKOUT) not in run(bin_folder, "python", "-c", where, folder=tmp_path)


def test_it_migrates_a_database_from_any_folder(bin_folder: Path, tmp_path: Path) -> None:
    said = run(
        bin_folder,
        "connector",
        "migrate",
        folder=tmp_path,
        DATABASE_URL=f"sqlite:///{tmp_path / 'connector.db'}",
        REDIS_URL="redis://127.0.0.1:1/0",
        CONNECTOR_PUBLIC_URL="https://connector.example",
        **keys.make(),
    )
    assert said == "The database is up to date.\n"


def test_its_processes_can_load_the_site_and_the_tasks(bin_folder: Path, tmp_path: Path) -> None:
    load = (
        "from connector.web.wsgi import app; from tasks.app import app as celery;"
        "from connector.settings import shipped;"
        "print(app.name, celery.main, shipped('templates'))"
    )
    said = run(
        bin_folder,
        "python",
        "-c",
        load,
        folder=tmp_path,
        DATABASE_URL=f"sqlite:///{tmp_path / 'connector.db'}",
        REDIS_URL="redis://127.0.0.1:1/0",
        CONNECTOR_PUBLIC_URL="https://connector.example",
        **keys.make(),
    )
    assert str(CHECKOUT) not in said
