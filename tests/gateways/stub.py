"""Providers on loopback that we own: what they hold is data, how they behave is one word.

Each speaks as much of its provider's language as our channel asks for. They are here to test what
our channels make of an answer; whether the requests are right is asked of other people's programs,
in `tests/contract`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4


class Mood(StrEnum):
    """How the provider takes a request to send."""

    WELL = "accepts it"
    REFUSES = "refuses the number"
    THROTTLES = "answers 429"
    BREAKS = "answers 503"
    DROPS = "takes it and drops the line"
    HANGS = "takes it and never answers"
    BABBLES = "answers with something that is no answer"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    data: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A message the provider holds, ours or a resident's. `sent` False: still in its queue."""

    sid: str
    to: str
    sender: str
    body: str
    at: datetime
    status: str = "delivered"
    inbound: bool = False
    reference: str = ""
    code: int | None = None
    sent: bool = True


Answer = tuple[int, Any]


class Handler(BaseHTTPRequestHandler):
    """Hands every request to the provider it stands for."""

    provider: Provider
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        is_json = "json" in self.headers.get("Content-Type", "")
        data = json.loads(body) if body and is_json else _flat(body)
        asked = Asked(self.command, parts.path, _flat(parts.query), data, dict(self.headers))
        answer = self.provider.hear(asked)
        if answer is None:
            self.close_connection = True
            self.connection.close()
            return
        status, said = answer
        out = said.encode() if isinstance(said, str) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(out)))
        self.end_headers()
        self.wfile.write(out)


@dataclass
class Provider:
    """The part that both have: a server in a thread, what was asked, what is held, how it feels."""

    mood: Mood = Mood.WELL
    asked: list[Asked] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    page: int = 2
    _over: Event = field(default_factory=Event)

    def __enter__(self) -> Self:
        handler = type("Bound", (Handler,), {"provider": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def sent(self) -> list[Mapping[str, Any]]:
        """What was asked to be sent."""
        return [asked.data for asked in self.asked if asked.method == "POST"]

    def hear(self, asked: Asked) -> Answer | None:
        self.asked.append(asked)
        if asked.method == "POST" or self.mood is Mood.BREAKS:
            if self.mood is Mood.DROPS:
                return None
            if self.mood is Mood.HANGS:
                self._over.wait(30)
                return None
            if self.mood is Mood.BABBLES:
                return 201, "<html>splendid</html>"
            if self.mood is not Mood.WELL:
                return self.complain()
        return self.answer(asked)

    def complain(self) -> Answer:
        raise NotImplementedError

    def answer(self, asked: Asked) -> Answer:
        raise NotImplementedError


class FakeTwilio(Provider):
    """Messages, one number, one service with that number."""

    number = "+447700900999"
    sms_url = ""
    fallback_url = ""
    owns = True
    by_service = True

    def complain(self) -> Answer:
        status, code = {
            Mood.REFUSES: (400, 21211),
            Mood.THROTTLES: (429, 20429),
            Mood.BREAKS: (503, 20503),
        }[self.mood]
        return status, {"status": status, "code": code, "message": "no", "more_info": ""}

    def answer(self, asked: Asked) -> Answer:
        routes: dict[str, Callable[[Asked], Answer]] = {
            "/Messages.json": self._list if asked.method == "GET" else self._create,
            "/IncomingPhoneNumbers.json": self._numbers,
            "/PhoneNumbers": self._service_numbers,
        }
        for end, route in routes.items():
            if asked.path.endswith(end):
                return route(asked)
        if "/Messages/" in asked.path:
            sid = asked.path.rsplit("/", 1)[-1].removesuffix(".json")
            found = [self._message(held) for held in self.held if held.sid == sid]
            return (200, found[0]) if found else (404, {"code": 20404, "message": "gone"})
        return 200, {
            "sid": "MG" + "1" * 32,
            "inbound_request_url": self.sms_url,
            "fallback_url": self.fallback_url,
            "use_inbound_webhook_on_number": not self.by_service,
        }

    def _create(self, asked: Asked) -> Answer:
        held = Held(f"SM{uuid4().hex}", asked.data["To"], "", asked.data["Body"], _now(), "queued")
        return 201, self._message(held)

    def _list(self, asked: Asked) -> Answer:
        after = asked.query.get("DateSent>")
        since = datetime.fromisoformat(after) if after else None
        rows = [
            held
            for held in sorted(self.held, key=lambda held: held.at)[::-1]
            if held.to == asked.query["To"] and (since is None or (held.sent and held.at >= since))
        ]
        size = min(self.page, int(asked.query.get("PageSize", 50)))
        start = int(asked.query.get("Page", 0)) * size
        more = {**asked.query, "Page": int(asked.query.get("Page", 0)) + 1}
        last = start + size >= len(rows)
        return 200, {
            "messages": [self._message(held) for held in rows[start : start + size]],
            "next_page_uri": None if last else f"{asked.path}?{urlencode(more)}",
            "page_size": size,
        }

    def _message(self, held: Held) -> Mapping[str, Any]:
        at = format_datetime(held.at.astimezone(UTC))
        return {
            "sid": held.sid,
            "to": held.to,
            "from": held.sender,
            "body": held.body,
            "direction": "inbound" if held.inbound else "outbound-api",
            "status": held.status,
            "error_code": held.code,
            "num_media": "0",
            "date_created": at,
            "date_sent": at if held.sent else None,
        }

    def _numbers(self, _: Asked) -> Answer:
        number = {
            "phone_number": self.number,
            "sms_url": self.sms_url,
            "sms_fallback_url": self.fallback_url,
            "sms_application_sid": "",
            "capabilities": {"sms": True, "mms": False, "voice": True, "fax": False},
        }
        return 200, {"incoming_phone_numbers": [number] if self.owns else []}

    def _service_numbers(self, _: Asked) -> Answer:
        number = {"phone_number": self.number, "capabilities": ["SMS"]}
        meta = {"key": "phone_numbers", "next_page_url": None}
        return 200, {"phone_numbers": [number] if self.owns else [], "meta": meta}


class FakeNotify(Provider):
    """Notifications by reference, received texts by page, one template."""

    number = "+447700900999"
    template = "((body))"

    def complain(self) -> Answer:
        status, kind, words = {
            Mood.REFUSES: (400, "ValidationError", "phone_number Not enough digits"),
            Mood.THROTTLES: (429, "RateLimitError", "Exceeded rate limit for key type LIVE"),
            Mood.BREAKS: (503, "Exception", "Internal server error"),
        }[self.mood]
        return status, {"status_code": status, "errors": [{"error": kind, "message": words}]}

    def answer(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return 201, {"id": str(uuid4()), "reference": asked.data["reference"]}
        if asked.path == "/v2/notifications":
            mine = [held for held in self.held if held.reference == asked.query["reference"]]
            notes = [{"id": held.sid, "status": held.status} for held in mine]
            return 200, {"notifications": notes, "links": {"current": ""}}
        if asked.path == "/v2/received-text-messages":
            return self._received(asked)
        return 200, {"type": "sms", "body": self.template}

    def _received(self, asked: Asked) -> Answer:
        rows = sorted((h for h in self.held if h.inbound), key=lambda h: h.at, reverse=True)
        start = next(
            (n + 1 for n, h in enumerate(rows) if h.sid == asked.query.get("older_than")), 0
        )
        texts = [
            {
                "id": held.sid,
                "created_at": held.at.strftime("%Y-%m-%d %H:%M:%S.%f"),
                "notify_number": "0" + held.to.removeprefix("+44"),
                "user_number": held.sender.removeprefix("+"),
                "content": held.body,
            }
            for held in rows[start : start + self.page]
        ]
        return 200, {"received_text_messages": texts, "links": {"current": ""}}


def _flat(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query, True).items()}


def _now() -> datetime:
    return datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
