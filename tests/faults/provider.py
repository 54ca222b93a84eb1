"""A provider of texts that we own: it speaks the real one's language and keeps a ledger.

The ledger is the truth of these tests: what stands in it would have reached a phone. How it behaves
is decided a text at a time, so that it is slow, drops a line or refuses just where a test asks.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from threading import Thread
from typing import Self
from uuid import UUID

from aiohttp import web


class Does(StrEnum):
    """What the provider does with one text. The first four take it; the others do not."""

    ACCEPT = "accepts it"
    WITHHOLD = "accepts it and never answers"
    DROP = "accepts it and drops the line"
    BREAK = "accepts it and answers 503"
    SWALLOW = "never hears it and never answers"
    THROTTLE = "answers 429"
    REFUSE = "refuses the number"
    BLOCK = "refuses it: the resident has said STOP there"


MESSAGES = "/2010-04-01/Accounts/{account}/Messages.json"
TAKEN = {Does.ACCEPT, Does.WITHHOLD, Does.DROP, Does.BREAK}


@dataclass(frozen=True, slots=True)
class Text:
    """One request to send, as the provider read it."""

    attempt_id: UUID
    to: str
    body: str


Behaviour = Callable[[Text], Does]


def always(does: Does) -> Behaviour:
    return lambda _text: does


class StubProvider:
    """The provider, in a thread of its own. Use it as a context manager."""

    def __init__(self) -> None:
        self.behaviour: Behaviour = always(Does.ACCEPT)
        self.seconds = 0.0
        self.problem_details = False
        self.asked: list[Text] = []
        self.ledger: list[Text] = []
        self._socket = _listening_at(0)
        self._port = int(self._socket.getsockname()[1])
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="provider", daemon=True)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def numbers(self) -> Counter[str]:
        """How many texts each number has been sent."""
        return Counter(text.to for text in list(self.ledger))

    @property
    def twice(self) -> list[str]:
        """The numbers that were sent more than one text."""
        return [to for to, texts in self.numbers.items() if texts > 1]

    def behave(self, does: Does) -> None:
        self.behaviour = always(does)

    def hang_up(self) -> None:
        """Close every line that is open, as a provider does with idle ones."""
        self._on_loop(self._stop())
        self._socket = _listening_at(self._port)
        self._on_loop(self._start())

    def __enter__(self) -> Self:
        self._thread.start()
        self._on_loop(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._on_loop(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()
        self._socket.close()

    def _on_loop(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _start(self) -> None:
        app = web.Application()
        self.routes(app.router)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True
        )
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()

    def routes(self, router: web.UrlDispatcher) -> None:
        """What this provider can be asked. Whoever builds on it adds to it."""
        router.add_post(MESSAGES, self._message)

    async def _stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _message(self, request: web.Request) -> web.Response:
        form = await request.post()
        attempt_id = UUID(str(form["StatusCallback"]).rsplit("/", 1)[1])
        text = Text(attempt_id, str(form["To"]), str(form["Body"]))
        self.asked.append(text)
        does = self.behaviour(text)
        if does in TAKEN:
            self.ledger.append(text)
        if self.seconds:
            await asyncio.sleep(self.seconds)
        return await self._answer(request, text, does)

    async def _answer(self, request: web.Request, text: Text, does: Does) -> web.Response:
        match does:
            case Does.WITHHOLD | Does.SWALLOW:
                await asyncio.Event().wait()
            case Does.DROP:
                assert request.transport is not None
                request.transport.abort()
            case Does.BREAK:
                return self._error(503, 20500)
            case Does.THROTTLE:
                return self._error(429, 20429)
            case Does.REFUSE:
                return self._error(400, 21211)
            case Does.BLOCK:
                return self._error(400, 21610)
            case Does.ACCEPT:
                pass
        return web.json_response({"sid": sid_of(text), "status": "queued"}, status=201)

    def _error(self, status: int, code: int) -> web.Response:
        said: dict[str, object] = {"code": code, "message": "no", "status": status}
        if self.problem_details:
            said |= {"type": "about:blank", "title": "no"}
        return web.json_response(said, status=status)


def sid_of(text: Text) -> str:
    """The provider's own name for a text."""
    return f"SM{text.attempt_id.hex}"


def _listening_at(port: int) -> socket.socket:
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.bind(("127.0.0.1", port))
    return found
