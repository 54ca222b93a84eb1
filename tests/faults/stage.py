"""The stage of the fault tests: real processes from the Procfile, and people whose texts are due.

Every process is started in a group of its own and ended by its own id.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from redis import Redis
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from connector import clock
from connector.cli.supervisor import parts_of
from connector.domain.consent import AgreementState
from connector.domain.resident import Resident
from connector.gateways.embedded_broker import EmbeddedBroker, in_folder
from connector.gateways.pulse import Part, Pulse
from connector.settings import Settings, shipped
from connector.store import programmes, residents
from connector.store.base import Base
from connector.store.tables import AttemptRow, CheckInRow
from connector.wiring import Wiring
from tests.conftest import free_port, make_settings, wait_until
from tests.makers import a_programme, at_any_hour, number, one_planned

CHECKOUT = Path(__file__).parents[2]
ACCOUNT = f"AC{'0' * 32}"
TOKEN = "a-token-for-tests-only"
NEVER = datetime(2099, 1, 1).date()  # noqa: DTZ001
AFTER_A_WHILE = timedelta(minutes=3)


def live_settings(
    database_url: str, redis_url: str, provider_url: str, folder: Path, **changes: object
) -> Settings:
    """Settings of a live installation whose provider is ours."""
    values: dict[str, object] = {
        "demo": False,
        "redis_url": redis_url,
        "channel": "twilio",
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_tokens": [TOKEN],
        "twilio_sender": number(999),
        "twilio_api_url": provider_url,
        "provider_timeout": 10,
    }
    return make_settings(database_url, folder, **{**values, **changes})


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """The environment that gives a process these settings, and nothing of the tester's own."""
    here = str(Path(sys.executable).parent)
    return {
        "PATH": os.pathsep.join([here, os.environ.get("PATH", "")]),
        "PYTHONPATH": str(CHECKOUT),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "CONNECTOR_DATA": str(settings.data),
        "CONNECTOR_SECRET_KEY": settings.secret_key.get_secret_value(),
        "CONNECTOR_FIELD_KEYS": ",".join(key.get_secret_value() for key in settings.field_keys),
        "CONNECTOR_INDEX_KEY": settings.index_key.get_secret_value(),
        "CONNECTOR_PUBLIC_URL": settings.public_url,
        "CONNECTOR_CHANNEL": settings.channel.value,
        "CONNECTOR_SEGMENTS_PER_SECOND": str(settings.segments_per_second),
        "CONNECTOR_PROVIDER_TIMEOUT": str(settings.provider_timeout),
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKENS": TOKEN,
        "TWILIO_SENDER": settings.twilio_sender,
        "TWILIO_API_URL": settings.twilio_api_url,
        **more,
    }


class Parts:
    """The processes of one installation, started from the Procfile. Use it as a context manager."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: list[subprocess.Popen[bytes]] = []
        self._pulse = Pulse(settings.redis_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            self.kill(process)

    def worker(self, name: str = "worker", *, ready: bool = True) -> subprocess.Popen[bytes]:
        if ready:
            self._pulse.forget(Part.WORKER)
        started = self._start("worker", "--hostname", f"{name}@%h")
        if ready:
            self.until_up(Part.WORKER)
        return started

    def beat(self, name: str = "beat") -> subprocess.Popen[bytes]:
        return self._start("beat", "--schedule", str(self._settings.data / f"{name}-schedule"))

    def web(self) -> Web:
        port = free_port()
        self._start("web", CONNECTOR_PORT=str(port), CONNECTOR_ACCESS_LOG="/dev/null")
        web = Web(port, self._settings.public_url)
        wait_until(web.answers, "the site answers")
        return web

    def until_up(self, *parts: Part) -> None:
        wait_until(lambda: set(parts) <= (self._pulse.seen() or set()), f"{parts} are up")

    @staticmethod
    def kill(process: subprocess.Popen[bytes]) -> None:
        """End a process and its children at once, as a machine that runs out of memory does."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=5)

    def _start(self, part: str, *more: str, **variables: str) -> subprocess.Popen[bytes]:
        given = environment(self._settings, **variables)
        found = {one.name: one for one in parts_of(shipped("Procfile").read_text("utf-8"), given)}
        log = (self._settings.data / f"{part}.log").open("ab")
        process = subprocess.Popen(
            [*found[part].command, *more],
            cwd=self._settings.data,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self._running.append(process)
        return process


class Web:
    """The provider's side of the site's door."""

    def __init__(self, port: int, public_url: str) -> None:
        self._port = port
        self._public_url = public_url

    def answers(self) -> bool:
        try:
            return bool(self._ask("GET", "/health", {}, {}))
        except OSError:
            return False

    def text(self, body: str, *, n: int = 1, id_: str = "SM1") -> int:
        """A signed text arrives; returns the status it was answered with."""
        return self._post("/hooks/twilio/sms", a_form(body, n=n, id_=id_))

    def status(self, attempt_id: UUID, status: str, **more: str) -> int:
        """A signed status callback arrives; returns the status it was answered with."""
        form = {"MessageSid": f"SM{attempt_id.hex}", "MessageStatus": status, **more}
        return self._post(f"/hooks/twilio/status/{attempt_id}", form)

    def _post(self, path: str, form: dict[str, str]) -> int:
        return self._ask("POST", path, form, signed(self._public_url, path, form))

    def _ask(self, method: str, path: str, form: dict[str, str], headers: dict[str, str]) -> int:
        line = HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            line.request(method, path, urlencode(form), headers | kind)
            return line.getresponse().status
        except HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            line.close()


def a_form(body: str, *, n: int = 1, id_: str = "SM1") -> dict[str, str]:
    """What the provider posts when a text has come from the n-th number."""
    return {"MessageSid": id_, "From": number(n), "To": number(999), "Body": body, "NumMedia": "0"}


def signed(public_url: str, path: str, form: Mapping[str, str]) -> dict[str, str]:
    """The headers with which the provider signs a request."""
    make: Any = RequestValidator
    return {"X-Twilio-Signature": make(TOKEN).compute_signature(public_url + path, form)}


class Broker:
    """The embedded broker, to be emptied and killed at will."""

    def __init__(self, folder: Path) -> None:
        self._broker: EmbeddedBroker = in_folder(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return self._broker.url

    def start(self) -> None:
        self._process = subprocess.Popen(self._broker.command(), stdout=subprocess.DEVNULL)
        wait_until(self._broker.answers, "the embedded broker answers")

    def empty(self) -> None:
        """Forget everything, as FLUSHALL does."""
        Redis(unix_socket_path=self.url.removeprefix("unix://")).flushall()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=5)


def people_due(
    wiring: Wiring,
    count: int,
    *,
    first: int = 0,
    name: str = "Weekly check-in",
    timely_for: timedelta = timedelta(hours=4),
) -> list[int]:
    """So many residents whose check-in is due now; returns their ids. Nothing else gets planned."""
    now = clock.now()
    at_any_hour(wiring)
    with wiring.transaction() as session:
        programme_id = a_programme(session, name=name, starts_on=NEVER)
        everybody = [
            Resident(
                0,
                "Sara",
                "Begum",
                "Sara",
                number(first + n),
                "en",
                "Europe/London",
                None,
                AgreementState.GIVEN,
            )
            for n in range(count)
        ]
        ids = residents.add_many(session, everybody, now=now)
        programmes.enrol(session, programme_id, ids, on=now.date() - timedelta(days=1))
        until = now + timely_for
        one_planned(session, programme_id, on=now.date(), due_at=now, expires_at=until)
        programmes.settled(session, programmes.newcomers(session, programme_id))
    return ids


def later_on() -> datetime:
    """A time at which every answer that was waited for counts as lost."""
    return clock.now() + AFTER_A_WHILE


def states(wiring: Wiring) -> dict[str, int]:
    """How many attempts stand in each state."""
    query = select(AttemptRow.state, func.count()).group_by(AttemptRow.state)
    with wiring.reading() as session:
        return dict(session.execute(query).tuples().all())


def planned(wiring: Wiring) -> int:
    """How many check-ins have not become an attempt yet."""
    query = select(func.count()).select_from(CheckInRow).where(CheckInRow.state == "planned")
    with wiring.reading() as session:
        return session.scalar(query) or 0


def rows(wiring: Wiring, table: type[Base]) -> list[Any]:
    """Every row of a table."""
    with wiring.reading() as session:
        return list(session.scalars(select(table)))
