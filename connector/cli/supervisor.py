"""Runs a handful of processes as one: starts them, keeps them running, and ends all of them.

Every process leads a group of its own, so that its children can be ended with it and Ctrl-C reaches
only the supervisor. A process that ends is started again after a pause that doubles; too many ends
within a minute end everything. It knows nothing of what the processes do.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from logging import Formatter, LogRecord, makeLogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from honcho.environ import parse_procfile

from connector.cli import guard

MOST_RESTARTS = 5
WITHIN = 60.0
LONGEST_PAUSE = 8.0
PATIENCE = 7.0
LAST_PATIENCE = 2.0
LOG_BYTES = 5_000_000

VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
# The terminal shows warnings and errors; the rest (banners, tracebacks) is in the log files.
WORTH_A_LOOK = re.compile(
    r"(?<!%)\b(?:WARNING|ERROR|CRITICAL)\b|\[(?:warning|error|critical)\b"
    r"|\"level\": ?\"(?:warning|error|critical)\""
)


@dataclass(frozen=True, slots=True)
class Part:
    """One process to run: its name, its command (no shell), and whether the terminal shows it."""

    name: str
    command: tuple[str, ...]
    shown: bool = True


class GaveUpError(Exception):
    """A part ended too often to go on. The message is one sentence for an operator."""


def parts_of(procfile: str, environment: Mapping[str, str]) -> list[Part]:
    """The parts a Procfile names, in its order, with `$NAME` and `${NAME:-default}` filled in."""
    lines = parse_procfile(procfile).processes  # type: ignore[no-untyped-call]
    return [
        Part(name, tuple(expand(word, environment) for word in shlex.split(command)))
        for name, command in lines.items()
    ]


def expand(word: str, environment: Mapping[str, str]) -> str:
    """`word` with its variables filled in as a shell would within double quotes."""

    def value(match: re.Match[str]) -> str:
        return environment.get(match[1] or match[3]) or match[2] or ""

    return VARIABLE.sub(value, word)


@dataclass(slots=True)
class _Running:
    part: Part
    process: subprocess.Popen[bytes]
    reader: threading.Thread
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_RESTARTS))
    again_at: float | None = None


class Supervisor:
    """The processes of one `connector up`."""

    def __init__(
        self,
        environment: Mapping[str, str],
        folder: Path,
        *,
        say: Callable[[str], None],
        ended: Callable[[str], None] = lambda _name: None,
        keep_open: tuple[int, ...] = (),
    ) -> None:
        """`folder` is where processes run and logs go; `say` shows a line; `ended` hears of an end.

        The files in `keep_open` stay open until the last process is gone, even if this one is
        killed.
        """
        self._environment = dict(environment)
        self._folder = folder
        self._logs = folder / "log"
        self._logs.mkdir(exist_ok=True)
        self._say = say
        self._ended = ended
        self._running: dict[str, _Running] = {}
        self._last_words: dict[str, str] = {}
        self._guard = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-E", "-S", guard.__file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            pass_fds=keep_open,
        )

    @property
    def pids(self) -> dict[str, int]:
        return {name: running.process.pid for name, running in self._running.items()}

    def start(self, part: Part) -> None:
        """Start a part. Raises `GaveUpError` when there is no such command."""
        self._running[part.name] = _Running(part, *self._spawn(part))

    def tend(self) -> None:
        """Notice what has ended and start it again. Raises `GaveUpError` when that is hopeless."""
        now = time.monotonic()
        for running in self._running.values():
            if running.again_at is None and running.process.poll() is not None:
                self._notice_end(running, now)
            if running.again_at is not None and running.again_at <= now:
                running.process, running.reader = self._spawn(running.part)
                running.again_at = None

    def stop(self, *, first: tuple[str, ...] = (), last: tuple[str, ...] = ()) -> None:
        """End every part, asking in the order of `first`, and those in `last` after all others."""
        names = sorted(self._running, key=lambda name: (name not in first, *_place(name, first)))
        self._end([self._running[name] for name in names if name not in last], PATIENCE)
        self._end([self._running[name] for name in names if name in last], LAST_PATIENCE)
        for running in self._running.values():
            running.reader.join(timeout=1)
        self._running.clear()
        if self._guard.stdin:
            self._guard.stdin.close()
        self._guard.wait()

    def _spawn(self, part: Part) -> tuple[subprocess.Popen[bytes], threading.Thread]:
        try:
            process = subprocess.Popen(  # noqa: S603 - commands from our own Procfile
                part.command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise GaveUpError(f"{part.name} cannot be started: {error.strerror}.") from error
        self._tell_guard("began", part.name, process.pid)
        reader = threading.Thread(target=self._pass_on, args=(part, process.stdout), daemon=True)
        reader.start()
        return process, reader

    def _notice_end(self, running: _Running, now: float) -> None:
        name, ends = running.part.name, running.ends
        self._clear_group(running)
        self._ended(name)
        ends.append(now)
        if len(ends) == MOST_RESTARTS and now - ends[0] < WITHIN:
            raise GaveUpError(
                f"{name} ended {MOST_RESTARTS} times within a minute: "
                f"see {self._logs / name}.log for why."
            )
        recent = sum(now - end < WITHIN for end in ends)
        pause = min(2.0 ** (recent - 1), LONGEST_PAUSE)
        running.again_at = now + pause
        self._say(f"{name} ended ({self._why(running)}); again in {pause:.0f} s")

    def _why(self, running: _Running) -> str:
        """Why a part ended: a signal, or its exit code and the last thing it said."""
        code = running.process.returncode
        if code < 0:
            return f"signal {-code}"
        running.reader.join(timeout=1)
        said = self._last_words.get(running.part.name, "")
        return ": ".join(filter(None, (f"exit code {code}", said)))

    def _end(self, leaving: list[_Running], patience: float) -> None:
        for running in leaving:
            if running.process.poll() is None:
                running.process.terminate()
        give_up = time.monotonic() + patience
        for running in leaving:
            with suppress(subprocess.TimeoutExpired):
                running.process.wait(timeout=max(0.0, give_up - time.monotonic()))
        for running in leaving:
            self._clear_group(running)

    def _clear_group(self, running: _Running) -> None:
        """Kill what is left of a part's group, its leader too, and take it off the guard's list."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()
        self._tell_guard("ended", running.part.name, running.process.pid)

    def _tell_guard(self, word: str, name: str, group: int) -> None:
        if self._guard.stdin and not self._guard.stdin.closed:
            with suppress(BrokenPipeError):
                self._guard.stdin.write(f"{word} {name} {group}\n".encode())
                self._guard.stdin.flush()

    def _pass_on(self, part: Part, output: IO[bytes]) -> None:
        """Copy a process's lines to its log file, and those worth a look to the terminal."""
        log = RotatingFileHandler(
            self._logs / f"{part.name}.log", maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8"
        )
        log.setFormatter(Formatter("%(message)s"))
        for line in output:
            text = line.decode("utf-8", "replace").rstrip()
            log.emit(_record(text))
            self._last_words[part.name] = text.strip() or self._last_words.get(part.name, "")
            if part.shown and WORTH_A_LOOK.search(text):
                self._say(f"{part.name} | {text}")
        log.close()


def _record(text: str) -> LogRecord:
    return makeLogRecord({"msg": text})


def _place(name: str, order: tuple[str, ...]) -> tuple[int, ...]:
    return (order.index(name),) if name in order else ()
