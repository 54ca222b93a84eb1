"""`connector up`: what it refuses, what it hands to its parts, and a whole life on real parts."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet

from connector.cli import SUB_COMMANDS, cli, keys
from connector.cli.up import (
    CannotStartError,
    Place,
    check_port_is_free,
    claim,
    environment_for,
    welcome,
)
from connector.gateways import embedded_broker
from connector.gateways.embedded_broker import EmbeddedBroker

CLEARED = ("CONNECTOR_", "DATABASE_URL", "REDIS_URL", "TWILIO_")


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """This process's environment with no setting of the service in it."""
    for name in list(os.environ):
        if name.startswith(CLEARED):
            monkeypatch.delenv(name)
    return dict(os.environ)


def free_port() -> int:
    with closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def a_place(data: Path, **given: object) -> Place:
    return Place(**{"demo": True, "data": data, "host": "127.0.0.1", "port": 8000} | given)  # type: ignore[arg-type]


# Refusals, each one sentence


def test_a_folder_in_use_is_refused_until_it_is_let_go(tmp_path: Path) -> None:
    with claim(tmp_path), pytest.raises(CannotStartError, match="is in use by another copy"):
        claim(tmp_path)
    claim(tmp_path).close()


UNWRITABLE = r"file/data cannot be written to \(Not a directory\)"


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(CannotStartError, match=UNWRITABLE):
        claim(in_the_way / "data")


def test_a_port_in_use_is_refused(tmp_path: Path) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        place = a_place(tmp_path, port=other.getsockname()[1])
        with pytest.raises(
            CannotStartError, match=f"Port {place.port} on 127.0.0.1 cannot be used"
        ):
            check_port_is_free(place)


def test_a_host_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match=r"on 192\.0\.2\.1 cannot be used"):
        check_port_is_free(a_place(tmp_path, host="192.0.2.1", port=free_port()))


# What the parts are handed


@pytest.mark.usefixtures("bare_environment")
def test_a_demo_makes_its_keys_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    first = environment_for(a_place(tmp_path), None)
    again = environment_for(a_place(tmp_path), None)
    assert [first[name] for name in keys.make()] == [again[name] for name in keys.make()]
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert first["CONNECTOR_PUBLIC_URL"] == "http://127.0.0.1:8000"


@pytest.mark.usefixtures("bare_environment")
def test_no_key_is_invented_for_a_live_installation(tmp_path: Path) -> None:
    environment = environment_for(a_place(tmp_path, demo=False), None)
    assert not set(keys.make()) & set(environment)
    assert environment["CONNECTOR_DEMO"] == "0"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("bare_environment")
def test_servers_that_the_environment_names_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://db/connector")
    monkeypatch.setenv("REDIS_URL", "redis://broker/0")
    environment = environment_for(a_place(tmp_path), None)
    assert environment["DATABASE_URL"] == "postgresql+psycopg://db/connector"
    assert environment["REDIS_URL"] == "redis://broker/0"


@pytest.mark.usefixtures("bare_environment")
def test_the_parts_find_the_commands_of_this_environment_first(tmp_path: Path) -> None:
    path = environment_for(a_place(tmp_path), None)["PATH"]
    assert path.split(os.pathsep)[0] == str(Path(sys.executable).parent)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        pytest.param("127.0.0.1", "http://127.0.0.1:8000", id="this machine"),
        pytest.param("0.0.0.0", "http://127.0.0.1:8000", id="every address"),
        pytest.param("::", "http://[::1]:8000", id="every address, version 6"),
        pytest.param("localhost", "http://localhost:8000", id="a name"),
    ],
)
def test_the_address_told_is_one_that_a_browser_here_can_open(
    tmp_path: Path, host: str, url: str
) -> None:
    assert a_place(tmp_path, host=host).url == url


@pytest.mark.parametrize(
    ("host", "warned"),
    [pytest.param("127.0.0.1", False, id="here"), pytest.param("0.0.0.0", True, id="everywhere")],
)
def test_a_demo_that_others_can_reach_says_so(tmp_path: Path, host: str, warned: bool) -> None:
    said = welcome(a_place(tmp_path, host=host), "somebody@example.org")
    assert ("other machines can reach" in said) is warned
    assert "somebody@example.org" in said


def test_keys_are_made_afresh_and_fit_their_use() -> None:
    lines = [CliRunner().invoke(cli, ["keys"]).stdout for _ in range(2)]
    assert lines[0] != lines[1]
    made = dict(line.split("=", 1) for line in lines[0].splitlines())
    assert set(made) == set(keys.make())
    assert Fernet(made["CONNECTOR_FIELD_KEYS"])


# The broker that comes with the package


def test_the_broker_opens_no_port_and_keeps_what_it_is_told(tmp_path: Path) -> None:
    command = embedded_broker.in_folder(tmp_path).command()
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--appendonly"] == "yes"
    assert options["--unixsocketperm"] == "600"


def test_its_folder_is_closed_to_others(tmp_path: Path) -> None:
    broker = embedded_broker.in_folder(tmp_path)
    assert broker.socket_path.parent == broker.folder
    assert stat.S_IMODE(broker.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "name",
    [pytest.param("x" * 100, id="too long"), pytest.param("a folder", id="with a space")],
)
def test_a_path_no_socket_can_have_is_replaced_and_remembered(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = tmp_path / "t"
    short.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(short))
    monkeypatch.setattr(embedded_broker, "LONGEST_SOCKET_PATH", len(str(short)) + 40)
    data = tmp_path / name
    data.mkdir()
    first = embedded_broker.in_folder(data)
    assert first.socket_path.is_relative_to(short)
    assert stat.S_IMODE(first.socket_path.parent.stat().st_mode) == 0o700
    assert embedded_broker.in_folder(data) == first


def test_a_remembered_folder_that_others_may_enter_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(embedded_broker, "LONGEST_SOCKET_PATH", len(str(tmp_path)) + 40)
    data = tmp_path / ("x" * 100)
    data.mkdir()
    first = embedded_broker.in_folder(data)
    first.socket_path.parent.chmod(0o777)
    assert embedded_broker.in_folder(data) != first


def test_a_broker_that_is_not_there_does_not_answer(tmp_path: Path) -> None:
    assert not EmbeddedBroker(tmp_path, tmp_path / "broker.sock").answers()


# The command itself


def test_help_imports_no_command() -> None:
    seen = "import sys; from connector.cli import cli; cli(['--help'], standalone_mode=False);"
    heavy = "print(sorted({'sqlalchemy', 'celery', 'flask', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{seen} {heavy}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert "up " in done.stdout


@pytest.mark.parametrize("name", SUB_COMMANDS)
def test_each_command_explains_itself(name: str) -> None:
    if name not in cli.list_commands(None):  # type: ignore[arg-type]
        pytest.skip(f"connector {name} is not built yet")
    done = CliRunner().invoke(cli, [name, "--help"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"Usage: cli {name}")


def test_a_missing_setting_is_one_sentence_that_names_it(
    tmp_path: Path, bare_environment: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "connector", "up", "--data", tmp_path / "data"],
        env=bare_environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert re.fullmatch(
        r"connector: These settings are missing: CONNECTOR_SECRET_KEY, CONNECTOR_FIELD_KEYS, "
        r"CONNECTOR_INDEX_KEY, CONNECTOR_PUBLIC_URL .*\n",
        done.stderr,
    )


# A whole life


@contextmanager
def a_demo(data: Path, port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """`connector up --demo`, ended with all it started whatever happens."""
    command = [sys.executable, "-m", "connector", "up", "--demo", "--port", str(port)]
    with subprocess.Popen(
        [*command, "--data", data],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.terminate()
                running.wait(timeout=30)


def ask(port: int, path: str) -> tuple[int, bytes]:
    """The status and body of a page; status 0 while nothing answers."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as web:
        try:
            web.request("GET", path)
            answer = web.getresponse()
            return answer.status, answer.read()
        except (OSError, HTTPException):
            return 0, b""


def told(running: subprocess.Popen[str], words: str) -> str:
    """What a copy printed up to the line with these words."""
    assert running.stdout is not None
    lines: list[str] = []
    for line in running.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    pytest.fail(f"It ended without saying {words!r}:\n{''.join(lines)}")


def family(running: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(running.pid).children(recursive=True)


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.slow
def test_a_whole_life(
    tmp_path: Path, bare_environment: dict[str, str], eventually: Callable[..., None]
) -> None:
    data, port = tmp_path / "town", free_port()
    with a_demo(data, port, bare_environment) as running:
        said = told(running, "Ctrl-C ends it")
        assert f"http://127.0.0.1:{port}/phone" in said
        status, body = ask(port, "/health")
        assert (status, json.loads(body)["status"]) == (200, "ok")
        assert ask(port, "/phone")[0] == 200
        assert stat.S_IMODE((data / "connector.db").stat().st_mode) == 0o600

        second = subprocess.run(
            [sys.executable, "-m", "connector", "up", "--demo", "--data", data, "--port", "1"],
            env=bare_environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert second.returncode == 1
        assert second.stderr == f"connector: The data folder {data} is in use by another copy.\n"

        beat = next(one for one in family(running) if "beat" in one.cmdline())
        beat.kill()
        eventually(lambda: ask(port, "/health")[0] == 503)
        eventually(lambda: ask(port, "/health")[0] == 200)

        everyone = family(running)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=10) == 0
        eventually(lambda: all(is_gone(one) for one in everyone), within=1)

    with a_demo(data, port, bare_environment) as running:
        assert told(running, "Ctrl-C ends it")
        everyone = family(running)
        running.kill()
        eventually(lambda: all(is_gone(one) for one in everyone), within=15)
