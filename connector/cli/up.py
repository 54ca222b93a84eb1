"""`connector up`: the whole service on one machine, from one command.

It makes what is missing (a data folder, in a demo the keys, a broker, the database), starts the
parts that the Procfile names, says where to go once all are healthy, and ends everything it started
when it is told to stop. Where DATABASE_URL or REDIS_URL is set, that server is used instead. It
invents no key for a live installation.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO

import click

from connector.cli import keys
from connector.cli.supervisor import GaveUpError, Part, Supervisor, parts_of
from connector.gateways import embedded_broker, pulse
from connector.gateways.embedded_broker import BrokerError, EmbeddedBroker
from connector.settings import inherited, shipped

LONGEST_START = 90.0
PAUSE = 0.1
HEALTH_PATIENCE = 5.0
SETTINGS_ARE_WRONG = 2
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
ONLY_HERE = {"localhost", "127.0.0.1", "::1"}
ENDING_FIRST = ("beat", "web", "worker")
ENDING_LAST = ("broker",)


class CannotStartError(Exception):
    """The service cannot be started here. The message is one plain sentence for an operator."""


class StopAskedError(Exception):
    """Somebody asked for the end (Ctrl-C, a closed terminal, SIGTERM)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one copy of the service runs."""

    demo: bool
    data: Path
    host: str
    port: int

    @property
    def reachable_host(self) -> str:
        """The host to type into a browser on this machine."""
        return ANYWHERE.get(self.host, self.host)

    @property
    def url(self) -> str:
        host = self.reachable_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def is_private(self) -> bool:
        """Whether only this machine can reach it."""
        return self.reachable_host == self.host and self.host in ONLY_HERE


@click.command()
@click.option("--demo", is_flag=True, envvar="CONNECTOR_DEMO", help="Use an invented town.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    envvar="CONNECTOR_DATA",
    default=Path("data"),
    show_default=True,
    help="The folder that keeps the database, the queue, the keys of a demo and the logs.",
)
@click.option("--host", envvar="CONNECTOR_HOST", default="127.0.0.1", show_default=True)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar="CONNECTOR_PORT",
    default=8000,
    show_default=True,
)
def up(demo: bool, data: Path, host: str, port: int) -> None:
    """Run the whole service on this machine until Ctrl-C: broker, web, worker and timetable.

    Without --demo the keys and the public address must be in the environment.
    """
    os.umask(0o077)
    stop = _listen_for_the_end()
    place = Place(demo, data.absolute(), host, port)
    try:
        with claim(place.data) as lock:
            check_port_is_free(place)
            broker = None if inherited().get("REDIS_URL") else embedded_broker.in_folder(place.data)
            environment = environment_for(place, broker)
            Copy(place, environment, broker, stop, lock.fileno()).run()
    except StopAskedError:
        return
    except (CannotStartError, BrokerError, GaveUpError) as error:
        click.echo(f"connector: {error}", err=True)
        sys.exit(1)


class Copy:
    """One running copy of the service."""

    def __init__(
        self,
        place: Place,
        environment: dict[str, str],
        broker: EmbeddedBroker | None,
        stop: threading.Event,
        lock: int,
    ) -> None:
        self._place = place
        self._environment = environment
        self._broker = broker
        self._stop = stop
        self._pulse = pulse.Pulse(environment["REDIS_URL"])
        self._supervisor = Supervisor(
            environment, place.data, say=_say, ended=self._forget, keep_open=(lock,)
        )

    def run(self) -> None:
        """Start everything, stay until asked to stop, and leave nothing behind.

        Raises `StopAskedError` at the end of an ordinary life; `CannotStartError`, `BrokerError`
        or `GaveUpError` when it cannot go on.
        """
        try:
            _say("Starting Community Connector ...")
            if self._broker:
                self._supervisor.start(Part("broker", tuple(self._broker.command()), shown=False))
            notes = self._prepare()
            if self._broker:
                self._until(self._broker.answers, "the broker")
            for part in parts_of(shipped("Procfile").read_text("utf-8"), self._environment):
                self._supervisor.start(part)
            self._until(self._is_healthy, "the service")
            _say(welcome(self._place, notes))
            while True:
                self._breathe()
        finally:
            self._supervisor.stop(first=ENDING_FIRST, last=ENDING_LAST)

    def _prepare(self) -> str:
        """Run `connector prepare` beside the broker's start; returns what it printed."""
        log = self._place.data / "log" / "prepare.log"
        with (
            log.open("w", encoding="utf-8") as complaints,
            subprocess.Popen(
                [sys.executable, "-m", "connector", "prepare"],
                cwd=self._place.data,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                start_new_session=True,
                text=True,
            ) as preparing,
        ):
            try:
                while preparing.poll() is None:
                    self._breathe()
            finally:
                preparing.kill()
            said = preparing.stdout.read() if preparing.stdout else ""
        if preparing.returncode == SETTINGS_ARE_WRONG:
            click.echo(log.read_text("utf-8").strip(), err=True)
            raise SystemExit(SETTINGS_ARE_WRONG)
        if preparing.returncode:
            raise CannotStartError(f"The database could not be made ready: see {log} for why.")
        return said

    def _until(self, ready: Callable[[], bool], what: str) -> None:
        give_up = time.monotonic() + LONGEST_START
        while not ready():
            self._breathe()
            if time.monotonic() > give_up:
                raise CannotStartError(
                    f"After {LONGEST_START:.0f} s {what} was not ready: "
                    f"see {self._place.data / 'log'} for why."
                )

    def _breathe(self) -> None:
        if self._stop.wait(PAUSE):
            raise StopAskedError
        self._supervisor.tend()

    def _forget(self, name: str) -> None:
        if name in set(pulse.Part):
            self._pulse.forget(pulse.Part(name))

    def _is_healthy(self) -> bool:
        return health_of(self._place) == 200


def claim(data: Path) -> IO[str]:
    """Make the data folder and hold it; it is held until the file returned is closed everywhere.

    Raises `CannotStartError` when it cannot be written to, or another copy holds it.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (data / "lock").open("a+", encoding="utf-8")  # held by the caller
    except OSError as error:
        raise CannotStartError(
            f"The data folder {data} cannot be written to ({error.strerror})."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise CannotStartError(f"The data folder {data} is in use by another copy.") from error
    return lock


def check_port_is_free(place: Place) -> None:
    """Raises `CannotStartError` when nobody could listen at the place's address."""
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    with closing(socket.socket(family)) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((place.host, place.port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise CannotStartError(
                f"Port {place.port} on {place.host} cannot be used ({reason}): "
                "choose another with --port."
            ) from error


def environment_for(place: Place, broker: EmbeddedBroker | None) -> dict[str, str]:
    """The environment of every part: what is given, over what a copy on one machine can supply."""
    given = inherited()
    defaults = {"DATABASE_URL": f"sqlite:///{place.data / 'connector.db'}"}
    if place.demo:
        defaults |= {
            **keys.kept(place.data / "keys.json"),
            "CONNECTOR_PUBLIC_URL": place.url,
            "CONNECTOR_SECURE_COOKIES": "false",
        }
    environment = defaults | {name: value for name, value in given.items() if value}
    environment |= {
        "CONNECTOR_DEMO": "1" if place.demo else "0",
        "CONNECTOR_DATA": str(place.data),
        "CONNECTOR_HOST": place.host,
        "CONNECTOR_PORT": str(place.port),
        "CONNECTOR_ACCESS_LOG": str(place.data / "log" / "access.log"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), given.get("PATH", os.defpath)]),
        "PYTHONUNBUFFERED": "1",
    }
    if broker:
        environment["REDIS_URL"] = broker.url
    return environment


def health_of(place: Place) -> int | None:
    """The status that /health answers; None while nothing answers."""
    with closing(HTTPConnection(place.reachable_host, place.port, timeout=HEALTH_PATIENCE)) as web:
        try:
            web.request("GET", "/health")
            return web.getresponse().status
        except (OSError, HTTPException):
            return None


def welcome(place: Place, notes: str) -> str:
    """What is printed once all is well: where to go, and in a demo how to sign in."""
    lines = ["", f"Community Connector is running: {place.url}/"]
    if place.demo:
        lines += [f"Be a resident, and answer a text:  {place.url}/phone"]
        lines += ["", "Sign in as:", *(f"  {line}" for line in notes.splitlines())]
        if not place.is_private:
            lines += ["", "Careful: other machines can reach this demo, and anyone may sign in."]
    return "\n".join([*lines, "", f"Data and logs: {place.data}. Ctrl-C ends it.", ""])


def _say(line: str) -> None:
    with suppress(OSError):  # the terminal may have gone
        click.echo(line)


def _listen_for_the_end() -> threading.Event:
    """An event that is set by Ctrl-C, SIGTERM or (unless under nohup) a closed terminal."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: stop.set())
    return stop
