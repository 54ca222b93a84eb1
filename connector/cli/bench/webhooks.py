"""The providers' door: a signed text stored once, and a delivery receipt applied to its row."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid5

from sqlalchemy import insert, text
from twilio.request_validator import RequestValidator

from connector import clock
from connector.cli.bench import floor_tables, people
from connector.cli.bench.floor_tables import SENT
from connector.cli.bench.ground import ACCOUNT, AUTH_TOKEN, PUBLIC_URL, SENDER, Ground, until
from connector.cli.bench.measure import Better, Figure, Kind, alternate, figure, percentile
from connector.cli.bench.sending import make_due
from connector.domain.attempt import AttemptState, Purpose
from connector.store import attempts
from connector.store.attempts import NewAttempt

CONNECTIONS = 8
OURS, FLOOR = "/hooks/twilio/sms", "/floor/sms"
SIGNED_INSERT = "bare Flask route, signature checked, one insert"
STORED = Kind("webhook", "a signed text stored once, 8 connections", SIGNED_INSERT, "/s")
STEADY = Kind(
    "webhook p99", "the same at 200/s, p99", f"{SIGNED_INSERT}, at 200/s", "ms", Better.LESS
)
BUSY = Kind(
    "webhook p99, sending", "the same at 200/s while sending flat out, p99",
    f"{SIGNED_INSERT}, beside the same sending", "ms", Better.LESS,
)  # fmt: skip
APPLIED = Kind(
    "receipt", "a signed delivery receipt applied to its row, 8 connections",
    "bare Flask route, signature checked, one update", "/s",
)  # fmt: skip
NAMESPACE = UUID(int=0)
HANDED_OVER = text("SELECT 1 FROM attempt WHERE provider_id IS NOT NULL LIMIT 1")

_sign: Any = RequestValidator(AUTH_TOKEN).compute_signature  # type: ignore[no-untyped-call]


class Post:
    """Signed requests, each with an id of its own, as the provider would send them."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def texts(self, path: str, amount: int) -> list[bytes]:
        return [self.text(path, n, people.ordinary(n)) for n in self._some(amount)]

    def text(self, path: str, n: int, body: str) -> bytes:
        """The n-th text, from the n-th number."""
        form = {
            "ToCountry": "GB", "ToState": "", "SmsMessageSid": name(n), "NumMedia": "0",
            "ToCity": "", "FromZip": "", "SmsSid": name(n), "FromState": "",
            "SmsStatus": "received", "FromCity": "", "Body": body, "FromCountry": "GB",
            "To": SENDER, "ToZip": "", "NumSegments": "1", "MessageSid": name(n),
            "AccountSid": ACCOUNT, "From": people.number(n), "ApiVersion": "2010-04-01",
        }  # fmt: skip
        return signed(path, form)

    def _some(self, amount: int) -> Iterator[int]:
        return (next(self._numbers) for _ in range(amount))


def name(n: int) -> str:
    """The provider's name of the n-th text."""
    return f"SM{n:032x}"


def signed(path: str, form: dict[str, str]) -> bytes:
    """One POST with the provider's signature, ready to be put on a connection."""
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: TwilioProxy/1.1\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Twilio-Signature: {_sign(PUBLIC_URL + path, form)}\r\n\r\n"
    )
    return head.encode() + body


def receipt(path: str, attempt: UUID) -> bytes:
    form = {
        "SmsSid": f"SM{attempt.hex}", "SmsStatus": "delivered", "MessageStatus": "delivered",
        "To": people.number(1), "MessageSid": f"SM{attempt.hex}", "AccountSid": ACCOUNT,
        "From": SENDER, "ApiVersion": "2010-04-01",
    }  # fmt: skip
    return signed(f"{path}/{attempt}", form)


def inbound(ground: Ground) -> list[Figure]:
    """The webhook flat out, and its p99 at a steady rate, alone and while sending flat out."""
    sizes, post = ground.sizes, Post()
    floor_tables.make(ground.engine)
    web, bare = ground.web(), ground.floor_web()

    def flat_out(port: int, path: str) -> float:
        requests = post.texts(path, sizes.texts)
        load = ground.load(port, requests, connections=CONNECTIONS, seconds=sizes.seconds)
        return load.only(204).rate

    def steady(port: int, path: str) -> float:
        requests = post.texts(path, int(sizes.steady_seconds * sizes.steady_rate))
        options = {"connections": CONNECTIONS, "seconds": sizes.steady_seconds}
        load = ground.load(port, requests, rate=sizes.steady_rate, **options)
        return percentile(load.only(204).waits, 0.99)

    flat_out(bare, FLOOR), flat_out(web, OURS)
    at_a_rate = (lambda: steady(bare, FLOOR), lambda: steady(web, OURS))
    found = [
        figure(
            STORED,
            alternate(sizes.rounds, lambda: flat_out(bare, FLOOR), lambda: flat_out(web, OURS)),
        ),
        figure(STEADY, alternate(sizes.rounds, *at_a_rate)),
    ]
    with _sending(ground):
        found.append(figure(BUSY, alternate(sizes.rounds, *at_a_rate)))
    return found


@contextmanager
def _sending(ground: Ground) -> Iterator[None]:
    """One process that sends flat out beside whatever is measured, until the ground is closed."""
    make_due(ground, ground.sizes.sends)
    url = ground.provider()
    command = (sys.executable, "-m", "connector.cli.bench.drain", "endless", "0")
    ground.start("sender", *command, TWILIO_API_URL=url)
    until(lambda: _has_sent(ground), "the sending")
    yield


def _has_sent(ground: Ground) -> bool:
    with ground.engine.connect() as connection:
        return connection.scalar(HANDED_OVER) is not None


def receipts(ground: Ground) -> list[Figure]:
    """Receipts for texts that were handed over, each once."""
    sizes = ground.sizes
    floor_tables.make(ground.engine)
    web, bare = ground.web(), ground.floor_web()
    turns = count(1)

    def theirs() -> float:
        ids = [uuid5(NAMESPACE, f"{next(turns)}") for _ in range(sizes.texts)]
        with ground.engine.execution_options(writes=True).begin() as connection:
            connection.execute(insert(SENT), [{"id": str(id_), "state": "accepted"} for id_ in ids])
        return _rate(ground, bare, [receipt("/floor/status", id_) for id_ in ids])

    def ours() -> float:
        ids = _handed_over(ground, sizes.texts)
        return _rate(ground, web, [receipt("/hooks/twilio/status", id_) for id_ in ids])

    theirs(), ours()
    return [figure(APPLIED, alternate(sizes.rounds, theirs, ours))]


def _rate(ground: Ground, port: int, requests: list[bytes]) -> float:
    options = {"connections": CONNECTIONS, "seconds": ground.sizes.seconds}
    return ground.load(port, requests, **options).only(204).rate


def _handed_over(ground: Ground, amount: int) -> list[UUID]:
    now = clock.now()
    with ground.wiring.transaction() as session:
        who = people.some_residents(session, 1, None, now=now)[0]
        handed = NewAttempt(
            who, Purpose.CHECK_IN, people.ordinary(0), now, now + timedelta(hours=4),
            AttemptState.SENDING,
        )  # fmt: skip
        return attempts.add_many(session, [handed] * amount, channel="twilio", now=now)
