"""A line between the service and its database that can be cut, by us and for this test only."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from enum import StrEnum
from threading import Thread
from typing import Self


class Is(StrEnum):
    OPEN = "open"
    CUT = "cut"  # whoever calls is refused
    MUTE = "mute"  # whoever calls hears nothing


class Line:
    """A port on loopback that leads to `host`:`port`. Use it as a context manager."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._state = Is.OPEN
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="line", daemon=True)
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self.port = 0

    def turn(self, state: Is) -> None:
        """Hang up every call, and answer new ones as `state` says."""
        self._on_loop(self._turn(state))

    def __enter__(self) -> Self:
        self._thread.start()
        self.turn(Is.OPEN)
        return self

    def __exit__(self, *_: object) -> None:
        self.turn(Is.CUT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def _on_loop(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _turn(self, state: Is) -> None:
        self._state = state
        if self._server is not None:
            self._server.close()
            self._server = None
        for call in list(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        if state is not Is.CUT:
            self._server = await asyncio.start_server(self._call, "127.0.0.1", self.port)
            self.port = int(self._server.sockets[0].getsockname()[1])

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.current_task()
        assert call is not None
        self._calls.add(call)
        try:
            await self._through(reader, writer)
        except (asyncio.CancelledError, OSError):
            pass
        finally:
            self._calls.discard(call)
            writer.transport.abort()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._state is Is.MUTE:
            await asyncio.Event().wait()
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        ways = {
            asyncio.ensure_future(_pump(reader, far_writer)),
            asyncio.ensure_future(_pump(far_reader, writer)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            far_writer.transport.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
