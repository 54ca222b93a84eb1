"""The queue's page, signed in, with many flags open; and the poll that finds nothing new."""

from __future__ import annotations

import re
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

from connector import clock, rounds
from connector.cli.bench import people
from connector.cli.bench.ground import CannotMeasureError, Ground, Load
from connector.cli.bench.measure import Better, Figure, Kind, alternate, figure, percentile

BARE = "bare Flask route"
HALF = Kind(
    "queue page p50", "50 of many open flags, 1 connection, p50", f"{BARE}, p50", "ms", Better.LESS
)
SLOWEST = Kind(
    "queue page p99", "50 of many open flags, 1 connection, p99", f"{BARE}, p99", "ms", Better.LESS
)
MANY = Kind("queue page", "50 of many open flags, 8 connections", f"{BARE}, 8 connections", "/s")
POLL = Kind(
    "queue poll", "the poll that finds nothing new, 8 connections", f"{BARE}, 8 connections", "/s"
)
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TRIES = 5


def queue(ground: Ground) -> list[Figure]:
    """The page at one connection and at eight, beside a route that says only ok."""
    sizes = ground.sizes
    _fill(ground)
    web, bare = ground.web(), ground.floor_web()
    cookie = sign_in(web)
    page, ok = get("/queue", cookie), get("/floor/ok")

    def rate(port: int, request: bytes) -> float:
        return _load(ground, port, request, 8).only(200).rate

    def waits(port: int, request: bytes) -> list[float]:
        return _load(ground, port, request, 1).only(200).waits

    waits(bare, ok), waits(web, page)
    pairs = [(waits(bare, ok), waits(web, page)) for _ in range(sizes.rounds)]
    return [
        figure(HALF, [(percentile(a, 0.5), percentile(b, 0.5)) for a, b in pairs]),
        figure(SLOWEST, [(percentile(a, 0.99), percentile(b, 0.99)) for a, b in pairs]),
        figure(MANY, alternate(sizes.rounds, lambda: rate(bare, ok), lambda: rate(web, page))),
        figure(
            POLL,
            alternate(sizes.rounds, lambda: rate(bare, ok), lambda: _polls(ground, web, cookie)),
        ),
    ]


def _fill(ground: Ground) -> None:
    """Open flags by the service's own reading of as many worried replies, in a larger crowd."""
    sizes, now = ground.sizes, clock.now()
    with ground.wiring.transaction() as session:
        connector = people.a_connector(session)
        people.some_residents(session, sizes.flags, connector, now=now)
        texts = ((n, people.worry(n)) for n in range(1, sizes.flags + 1))
        people.write(session, texts, batch="page", now=now)
    rounds.read(ground.wiring, clock.now)
    people.multiply_residents(ground.engine, sizes.residents)
    ground.settle()


def _load(ground: Ground, port: int, request: bytes, connections: int) -> Load:
    amount = int(ground.sizes.seconds * (6000 if connections > 1 else 3000))
    options = {"connections": connections, "seconds": ground.sizes.seconds}
    return ground.load(port, [request] * amount, **options)


def _polls(ground: Ground, port: int, cookie: str) -> float:
    """Polls a second that were answered by 304; the tag turns every 20 s, so more than one try."""
    for _ in range(TRIES):
        tag = _ask(port, "GET", "/queue/list", {"Cookie": cookie}).getheader("ETag") or ""
        request = get("/queue/list", cookie, f"If-None-Match: {tag}\r\n")
        load = _load(ground, port, request, 8)
        if set(load.statuses) == {"304"}:
            return load.rate
    raise CannotMeasureError("The queue changed while it was polled.")


def get(path: str, cookie: str = "", more: str = "") -> bytes:
    """A GET, ready to be put on a connection."""
    signed_in = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{signed_in}{more}\r\n".encode()


def sign_in(port: int) -> str:
    """The cookie of a connector who has signed in by the form."""
    form = _ask(port, "GET", "/sign-in", {})
    token = TOKEN.search(form.read().decode())
    before = _cookie(form)
    if token is None:
        raise CannotMeasureError("The sign-in page has no token.")
    fields = {"email": people.EMAIL, "password": people.PASSWORD, "csrf_token": token[1]}
    headers = {"Cookie": before, "Content-Type": "application/x-www-form-urlencoded"}
    return _cookie(_ask(port, "POST", "/sign-in", headers, urlencode(fields)))


def _ask(
    port: int, method: str, path: str, headers: dict[str, str], body: str = ""
) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body or None, headers)
    return connection.getresponse()


def _cookie(answer: HTTPResponse) -> str:
    cookie = answer.getheader("Set-Cookie")
    if not cookie:
        raise CannotMeasureError("Signing in did not work.")
    return cookie.partition(";")[0]
