"""`connector watch`: an alarm by a path that needs neither broker, timetable nor worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import sessionmaker

from connector import clock
from connector.cli import cli, watch
from connector.domain.rota import Role
from connector.gateways.email import EmailError, server
from connector.services import canary
from connector.services.canary import Sign, Weight
from connector.store import heartbeat
from connector.store.base import make_engine
from tests.conftest import FIELD_KEY
from tests.makers import a_member, a_programme, number

DAY = timedelta(days=1)


@pytest.fixture
def environment(sqlite_url: str) -> dict[str, str]:
    return {
        "CONNECTOR_SECRET_KEY": "for-tests-only",
        "CONNECTOR_FIELD_KEYS": FIELD_KEY,
        "CONNECTOR_INDEX_KEY": "also-for-tests-only",
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "CONNECTOR_PUBLIC_URL": "https://connector.example",
    }


def prepared(url: str, *, beat_ago: timedelta = timedelta(0), phone: bool = False) -> None:
    """Records of a service whose timetable ran that long ago."""
    engine = make_engine(url)
    now = clock.now()
    with sessionmaker(engine.execution_options(writes=True)).begin() as session:
        heartbeat.beat(session, now=now - beat_ago)
        if phone:
            by = a_member(session, "Morag Bell", Role.COORDINATOR).id
            programme = a_programme(session)
            canary.put_up(session, number(950), [programme], zone="Europe/London", by=by, now=now)
    engine.dispose()


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["watch", *arguments], env=environment)


def test_something_to_look_at_ends_with_1(environment: dict[str, str]) -> None:
    prepared(environment["DATABASE_URL"])
    done = run(environment)
    assert done.exit_code == 1
    assert done.stdout.startswith("look: No phone of our own is enrolled")
    assert "well: The timetable ran at" in done.stdout


def test_a_stopped_timetable_is_trouble_within_the_hour(environment: dict[str, str]) -> None:
    prepared(environment["DATABASE_URL"], beat_ago=timedelta(minutes=59))
    done = run(environment)
    assert done.exit_code == 2
    assert done.stdout.startswith("TROUBLE: The timetable or its worker was last heard of at")


def test_records_that_are_away_are_told_and_end_with_2(environment: dict[str, str]) -> None:
    away = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    done = run({**environment, "DATABASE_URL": away})
    assert (done.exit_code, done.stdout) == (2, "TROUBLE: The records do not answer.\n")


def test_records_without_our_tables_are_told_and_end_with_2(
    environment: dict[str, str], tmp_path: Path
) -> None:
    done = run({**environment, "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}"})
    assert done.exit_code == 2
    assert done.stdout.startswith("TROUBLE: The records")


def test_records_that_never_answer_are_not_waited_for() -> None:
    def for_ever() -> list[Sign]:
        time.sleep(30)
        return []

    started = time.monotonic()
    assert watch.in_time(for_ever, 0.05) is None
    assert time.monotonic() - started < 5


def well(monkeypatch: pytest.MonkeyPatch, weight: Weight = Weight.WELL) -> None:
    monkeypatch.setattr(canary, "look", lambda _session, _out: [Sign(weight, "As it should be.")])


def test_all_is_well_ends_with_0_and_touches_the_file(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    well(monkeypatch)
    file = tmp_path / "well"
    done = run(environment, "--touch", str(file))
    assert (done.exit_code, done.stdout) == (0, "well: As it should be.\n")
    assert file.exists()


def test_a_file_is_not_touched_unless_all_is_well(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "well"
    assert run(environment, "--touch", str(file)).exit_code == 2
    assert not file.exists()


@pytest.mark.parametrize("span", ["soon", "0h", "26", "-1h", "99999h"])
def test_a_span_that_is_none_is_one_sentence(environment: dict[str, str], span: str) -> None:
    done = run(environment, f"--since={span}")
    assert done.exit_code == 2
    assert "26h, 90m or 3d" in done.stderr


class Mailbox(ThreadingTCPServer):
    """A small SMTP server that keeps what it is handed."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Postman)
        self.letters: list[str] = []
        self.to: list[str] = []


class Postman(StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word.startswith("DATA"):
                self._take_in()
            elif word.startswith("QUIT"):
                return self._say("221 bye")
            else:
                if word.startswith("RCPT"):
                    self.server.to.append(line)
                self._say("250 yes")
        return None

    def _take_in(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        self.server.letters.append("\n".join(lines))
        self._say("250 kept")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    made = Mailbox()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_trouble_is_written_to_everybody_named_and_holds_nothing_about_anybody(
    environment: dict[str, str], mailbox: Mailbox
) -> None:
    prepared(environment["DATABASE_URL"], beat_ago=DAY, phone=True)
    port = mailbox.server_address[1]
    smtp = {"CONNECTOR_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=no&from=watch@example.org"}
    done = run(environment | smtp, "--email", "a@example.org", "--email", "b@example.org")
    assert done.exit_code == 2
    (letter,) = mailbox.letters
    assert "Subject: Community Connector: trouble" in letter
    assert "From: watch@example.org" in letter
    assert "https://connector.example/system" in letter
    assert len(mailbox.to) == 2
    assert "900950" not in letter


def test_nothing_is_written_while_all_is_well(
    environment: dict[str, str], mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    well(monkeypatch)
    smtp = {"CONNECTOR_SMTP_URL": f"smtp://127.0.0.1:{mailbox.server_address[1]}?tls=no"}
    assert run(environment | smtp, "--email", "a@example.org").exit_code == 0
    assert mailbox.letters == []


@pytest.mark.parametrize(
    ("smtp", "sentence"),
    [
        pytest.param("", "CONNECTOR_SMTP_URL is an address such as", id="not set"),
        pytest.param("http://mail", "CONNECTOR_SMTP_URL is an address such as", id="not SMTP"),
        pytest.param("smtp://a:secret@127.0.0.1:1", "127.0.0.1 did not take", id="nobody there"),
    ],
)
def test_an_e_mail_that_cannot_go_is_trouble_by_itself_and_tells_no_password(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, smtp: str, sentence: str
) -> None:
    well(monkeypatch, Weight.LOOK)
    done = run(environment | {"CONNECTOR_SMTP_URL": smtp}, "--email", "a@example.org")
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "secret" not in done.output + done.stderr


def test_an_address_says_where_and_how_e_mails_are_handed_in() -> None:
    plain = server("smtp://me:p%40ss@mail.example.org")
    assert (plain.host, plain.port, plain.direct, plain.tls) == (
        "mail.example.org",
        587,
        False,
        True,
    )
    assert (plain.name, plain.password) == ("me", "p@ss")
    assert plain.sender == "connector@mail.example.org"
    assert server("smtps://mail.example.org").port == 465
    with pytest.raises(EmailError):
        server("smtp://mail.example.org:port")
