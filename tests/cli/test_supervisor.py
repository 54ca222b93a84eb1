"""The supervisor, with small scripts in place of the parts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from connector.cli.supervisor import GaveUpError, Part, Supervisor, expand, parts_of

FOREVER = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('WARNING set', flush=True); time.sleep(600)"
)
WITH_A_CHILD = (
    "import subprocess, sys, time;"
    f"child = subprocess.Popen([sys.executable, '-c', {FOREVER!r}]);"
    "print('WARNING child', child.pid, flush=True); time.sleep(600)"
)


class Heard(list[str]):
    """The lines that the supervisor showed."""

    def has(self, words: str) -> bool:
        return any(words in line for line in self)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def supervisor(tmp_path: Path, heard: Heard) -> Iterator[Supervisor]:
    made = Supervisor(dict(os.environ), tmp_path, say=heard.append)
    yield made
    made.stop()


def python(name: str, code: str) -> Part:
    return Part(name, (sys.executable, "-c", code))


@pytest.mark.parametrize(
    ("word", "filled"),
    [
        pytest.param("plain", "plain", id="no variable"),
        pytest.param("$DATA/x", "here/x", id="bare"),
        pytest.param("${DATA}x", "herex", id="in braces"),
        pytest.param("${DATA:-there}/x", "here/x", id="given, with a default"),
        pytest.param("${NONE:-there}/x", "there/x", id="not given, with a default"),
        pytest.param("${EMPTY:-there}", "there", id="empty counts as not given"),
        pytest.param("a$NONE", "a", id="not given, without a default"),
    ],
)
def test_variables_in_a_procfile_are_filled_in_as_by_a_shell(word: str, filled: str) -> None:
    assert expand(word, {"DATA": "here", "EMPTY": ""}) == filled


def test_a_folder_with_a_space_stays_one_word() -> None:
    [part] = parts_of("beat: celery --schedule ${DATA:-data}/beat", {"DATA": "/a b"})
    assert part == Part("beat", ("celery", "--schedule", "/a b/beat"))


def test_warnings_reach_the_terminal_and_everything_reaches_the_log(
    supervisor: Supervisor, heard: Heard, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    supervisor.start(
        python(
            "web", "print('[INFO] all is well'); print('[WARNING] careful', flush=True);" + FOREVER
        )
    )
    eventually(lambda: heard.has("web | [WARNING] careful"))
    assert not heard.has("all is well")
    assert (tmp_path / "log" / "web.log").read_text(
        "utf-8"
    ) == "[INFO] all is well\n[WARNING] careful\n"


def test_a_part_that_was_killed_is_started_again(
    supervisor: Supervisor, heard: Heard, eventually: Callable[..., None]
) -> None:
    supervisor.start(python("worker", FOREVER))
    first = supervisor.pids["worker"]
    os.kill(first, signal.SIGKILL)

    def is_another() -> bool:
        supervisor.tend()
        return supervisor.pids["worker"] != first

    eventually(is_another)
    assert heard.has("worker ended (signal 9); again in 1 s")
    assert psutil.pid_exists(supervisor.pids["worker"])


def test_a_part_that_cannot_live_ends_the_whole(
    tmp_path: Path, heard: Heard, eventually: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    monkeypatch.setattr("connector.cli.supervisor.LONGEST_PAUSE", 0.0)
    made = Supervisor(dict(os.environ), tmp_path, say=heard.append, ended=ended.append)
    try:
        made.start(python("beat", "raise SystemExit('no timetable')"))
        with pytest.raises(GaveUpError, match="beat ended 5 times within a minute"):
            eventually(made.tend)
    finally:
        made.stop()
    assert ended == ["beat"] * 5
    assert heard.has("beat ended (exit code 1: no timetable); again in 0 s")


def test_a_command_that_does_not_exist_is_told_in_a_sentence(supervisor: Supervisor) -> None:
    with pytest.raises(GaveUpError, match=r"web cannot be started: No such file or directory\."):
        supervisor.start(Part("web", ("no-such-command",)))


def test_the_children_of_a_part_end_with_it(
    supervisor: Supervisor, heard: Heard, eventually: Callable[..., None]
) -> None:
    supervisor.start(python("worker", WITH_A_CHILD))
    eventually(lambda: heard.has("child"))
    child = psutil.Process(int(heard[-1].rpartition(" ")[2]))
    supervisor.stop()
    eventually(lambda: not _runs(child))


def test_a_part_that_will_not_stop_is_killed(
    supervisor: Supervisor,
    heard: Heard,
    eventually: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connector.cli.supervisor.PATIENCE", 0.2)
    supervisor.start(python("web", STUBBORN))
    eventually(lambda: heard.has("set"))
    process = psutil.Process(supervisor.pids["web"])
    supervisor.stop()
    assert not _runs(process)


def test_nothing_is_left_when_the_supervisor_itself_is_killed(
    tmp_path: Path, eventually: Callable[..., None]
) -> None:
    script = textwrap.dedent(
        f"""
        import os, sys, time
        from pathlib import Path
        from connector.cli.supervisor import Part, Supervisor
        whole = Supervisor(dict(os.environ), Path(sys.argv[1]), say=print)
        for name in ("broker", "worker"):
            whole.start(Part(name, (sys.executable, "-c", {FOREVER!r})))
        print(*whole.pids.values(), whole._guard.pid, flush=True)
        time.sleep(600)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True
    ) as whole:
        assert whole.stdout is not None
        parts = [psutil.Process(int(pid)) for pid in whole.stdout.readline().split()]
        assert len(parts) == 3
        whole.kill()
    eventually(lambda: not any(_runs(part) for part in parts))


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_broker_is_asked_to_stop_after_everybody_who_needs_it(
    supervisor: Supervisor, heard: Heard, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    notes = tmp_path / "notes"
    code = (
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n"
        f"    with open({str(notes)!r}, 'a') as notes: notes.write(NAME + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('WARNING ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    for name in ("broker", "web", "worker", "beat"):
        supervisor.start(python(name, f"NAME = {name!r}\n{code}"))
    eventually(lambda: len(heard) == 4)
    supervisor.stop(first=("beat", "web", "worker"), last=("broker",))
    told = notes.read_text("utf-8").split()
    assert sorted(told[:3]) == ["beat", "web", "worker"]
    assert told[3:] == ["broker"]
