"""A provider in a storm: it holds messages, lists them in pages, and says late, twice or never.

Every fault is decided by a seed, by whom it is for and by how often that was asked, so that a storm
can be had again. What it holds is the truth that a storm is judged by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import blake2b
from threading import Lock
from urllib.parse import urlencode

from aiohttp import web

from tests.faults.provider import MESSAGES, TAKEN, Does, StubProvider, Text, sid_of

PAGE = 50
ONE = "/2010-04-01/Accounts/{account}/Messages/{sid}.json"


@dataclass
class Message:
    """One message as the provider holds it. `path` is where it says what became of it."""

    sid: str
    sender: str
    to: str
    body: str
    at: datetime
    inbound: bool
    status: str
    code: int | None = None
    path: str = ""

    def as_json(self) -> dict[str, object]:
        at = format_datetime(self.at)
        return {
            "sid": self.sid,
            "from": self.sender,
            "to": self.to,
            "body": self.body,
            "direction": "inbound" if self.inbound else "outbound-api",
            "status": self.status,
            "error_code": self.code,
            "num_media": "0",
            "date_created": at,
            "date_sent": at,
        }


class Dice:
    """Chances by a hash: the same seed, the same storm."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __call__(self, *about: object) -> float:
        """A number from 0 to 1 that depends on nothing but the seed and what it is about."""
        said = "|".join(map(str, (self.seed, *about))).encode()
        return int.from_bytes(blake2b(said, digest_size=6).digest(), "big") / 2**48


Fate = tuple[str, int | None]
DELIVERED: Fate = ("delivered", None)


class StormProvider(StubProvider):
    """It takes, lists and remembers; `due` are the requests it wants to make of us."""

    def __init__(self, dice: Dice, clock: Callable[[], datetime], *, faults: float) -> None:
        super().__init__()
        self.dice, self.clock, self.faults = dice, clock, faults
        self.held: list[Message] = []
        self.fates: list[Fate] = [DELIVERED]
        self.blocked: set[str] = set()
        self._asked_before: Counter[str] = Counter()
        self._lock = Lock()
        self.behaviour = self._weather

    def routes(self, router: web.UrlDispatcher) -> None:
        super().routes(router)
        router.add_get(MESSAGES, self._list)
        router.add_get(ONE, self._one)

    def receives(self, sender: str, to: str, body: str) -> Message:
        """A resident has texted us; whether we hear of it is another matter."""
        with self._lock:
            sid = f"SM{len(self.held):032d}"
            message = Message(sid, sender, to, body, self.clock(), True, "received")
            self.held.append(message)
        return message

    def _weather(self, text: Text) -> Does:
        self._asked_before[text.to] += 1
        if text.to in self.blocked:
            return Does.BLOCK
        chance = self.dice("send", text.to, self._asked_before[text.to])
        does = self._fault(chance / self.faults) if chance < self.faults else Does.ACCEPT
        if does in TAKEN:
            self._take(text)
        elif does is Does.BLOCK:
            self.blocked.add(text.to)
        return does

    @staticmethod
    def _fault(chance: float) -> Does:
        """Bursts of 429, answers lost after acceptance, requests nobody heard, refusals."""
        return next(
            does
            for most, does in (
                (0.35, Does.THROTTLE),
                (0.50, Does.DROP),
                (0.60, Does.WITHHOLD),
                (0.75, Does.BREAK),
                (0.85, Does.SWALLOW),
                (0.92, Does.BLOCK),
                (1.01, Does.REFUSE),
            )
            if chance < most
        )

    def _take(self, text: Text) -> None:
        n = self._asked_before[text.to]
        chance = self.dice("fate", text.to, n)
        status, code = DELIVERED
        if chance < self.faults:
            status, code = (("undelivered", 30003), ("undelivered", 30008), ("failed", 30005))[
                int(self.dice("which", text.to, n) * 3)
            ]
        path = f"/hooks/twilio/status/{text.attempt_id}"
        now = self.clock()
        taken = Message(sid_of(text), "", text.to, text.body, now, False, status, code, path)
        with self._lock:
            self.held.append(taken)

    async def _one(self, request: web.Request) -> web.Response:
        found = [one for one in self.held if one.sid == request.match_info["sid"]]
        if not found:
            return web.json_response({"code": 20404, "message": "gone"}, status=404)
        return web.json_response(found[0].as_json())

    async def _list(self, request: web.Request) -> web.Response:
        """A page of what is held, the newest first; one in twenty times it is away."""
        query = dict(request.query)
        self._asked_before["list"] += 1
        if self.dice("list", self._asked_before["list"]) < self.faults / 2:
            return self._error(503, 20503)
        after = query.get("DateSent>")
        since = datetime.fromisoformat(after) if after else None
        with self._lock:
            rows = [
                one
                for one in reversed(self.held)
                if one.to == query.get("To", one.to) and (since is None or one.at >= since)
            ]
        size = min(PAGE, int(query.get("PageSize", PAGE)))
        page = int(query.get("Page", 0))
        shown = rows[page * size : (page + 1) * size]
        more = {**query, "Page": str(page + 1)}
        last = (page + 1) * size >= len(rows)
        return web.json_response(
            {
                "messages": [one.as_json() for one in shown],
                "next_page_uri": None if last else f"{request.path}?{urlencode(more)}",
                "page_size": size,
            }
        )
