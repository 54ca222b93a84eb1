"""The house stands as it was drawn: imports, names, guards and tasks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
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
