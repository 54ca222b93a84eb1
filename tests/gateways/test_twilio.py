"""Twilio at the border: its codes and its failures become ours, and no text is sent on a guess."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from twilio.base.exceptions import TwilioRestException

from connector.domain.attempt import AttemptState, Meaning, Outcome, Outgoing, Result
from connector.gateways.twilio import (
    MEANINGS,
    TwilioChannel,
    TwilioDoor,
    meaning_of,
    refusal,
    validity,
)
from tests.conftest import NOON, free_port
from tests.makers import number

ID = UUID(int=7)
ACCOUNT, TOKEN = f"AC{'0' * 32}", "a-token-for-tests"
ACCEPTS = b'{"sid": "SM123", "status": "queued"}'


class Provider(ThreadingHTTPServer):
    """A provider on this machine that answers as it is told and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answer: tuple[int, bytes] = (201, ACCEPTS)
        self.forms: list[dict[str, list[str]]] = []
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Provider
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.forms.append(parse_qs(body))
        self.server.asked.append((self.path, self.headers["Authorization"]))
        status, answer = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing is written anywhere."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    server = Provider()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def channel(url: str, sender: str = number(999)) -> Iterator[TwilioChannel]:
    """A channel to `url`, closed afterwards."""
    made = TwilioChannel(
        account_sid=ACCOUNT,
        username=ACCOUNT,
        password=TOKEN,
        sender=sender,
        public_url="https://connector.example/",
        timeout=2.0,
        calls_in_flight=8,
        clock=lambda: NOON,
        api_url=url,
    )
    yield made
    made.close()


def send(url: str, *batch: Outgoing, sender: str = number(999)) -> list[Outcome]:
    with channel(url, sender) as line:
        return line.send(batch)


def a_text(n: int = 7, body: str = "Hello 👍") -> Outgoing:
    return Outgoing(UUID(int=n), number(1), body, NOON + timedelta(hours=4))


def test_a_text_is_handed_over_with_a_callback_that_carries_our_own_id(
    provider: Provider,
) -> None:
    (outcome,) = send(provider.url, a_text())
    assert (outcome.attempt_id, outcome.result, outcome.provider_id) == (
        ID,
        Result.ACCEPTED,
        "SM123",
    )
    assert provider.forms == [
        {
            "To": [number(1)],
            "From": [number(999)],
            "Body": ["Hello 👍"],
            "StatusCallback": [f"https://connector.example/hooks/twilio/status/{ID}"],
            "ValidityPeriod": ["14400"],
        }
    ]
    credentials = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert provider.asked == [
        (f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", f"Basic {credentials}")
    ]


def test_a_messaging_service_is_named_as_one(provider: Provider) -> None:
    service = f"MG{'1' * 32}"
    send(provider.url, a_text(), sender=service)
    assert provider.forms[0]["MessagingServiceSid"] == [service]
    assert "From" not in provider.forms[0]


def test_every_text_of_a_batch_has_its_own_outcome(provider: Provider) -> None:
    batch = [a_text(n, f"text {n}") for n in range(1, 31)]
    outcomes = send(provider.url, *batch)
    assert {one.attempt_id for one in outcomes} == {one.attempt_id for one in batch}
    assert len(provider.forms) == 30


def test_a_second_batch_goes_by_the_same_channel(provider: Provider) -> None:
    with channel(provider.url) as line:
        outcomes = [line.send([a_text(n)])[0].result for n in (1, 2)]
    assert outcomes == [Result.ACCEPTED] * 2


@pytest.mark.parametrize(
    ("status", "answer", "result", "meaning"),
    [
        pytest.param(429, b'{"code": 20429}', Result.THROTTLED, Meaning.NONE, id="too many"),
        pytest.param(500, b'{"code": 20500}', Result.UNKNOWN, Meaning.NONE, id="broken there"),
        pytest.param(503, b"busy", Result.UNKNOWN, Meaning.NONE, id="busy, in no JSON"),
        pytest.param(201, b"not JSON", Result.UNKNOWN, Meaning.NONE, id="accepted, unreadably"),
        pytest.param(400, b'{"code": 21610}', Result.REFUSED, Meaning.OPTED_OUT, id="opted out"),
        pytest.param(400, b'{"code": 21211}', Result.REFUSED, Meaning.NUMBER_DEAD, id="no number"),
        pytest.param(
            401, b'{"code": 20003}', Result.REFUSED, Meaning.OUR_SET_UP, id="our password"
        ),
        pytest.param(400, b'{"code": 29999}', Result.REFUSED, Meaning.NOT_KNOWN, id="a new code"),
    ],
)
def test_an_answer_becomes_an_outcome(
    provider: Provider, status: int, answer: bytes, result: Result, meaning: Meaning
) -> None:
    provider.answer = (status, answer)
    (outcome,) = send(provider.url, a_text())
    assert (outcome.result, outcome.meaning) == (result, meaning)
    assert result is Result.ACCEPTED or outcome.code


def test_where_nobody_answers_nothing_was_sent_and_it_goes_again() -> None:
    (outcome,) = send(f"http://127.0.0.1:{free_port()}", a_text())
    assert (outcome.result, outcome.code) == (Result.THROTTLED, "no-connection")


@pytest.mark.parametrize(
    ("left", "seconds"),
    [
        pytest.param(timedelta(hours=4), 14_400, id="as long as it is worth sending"),
        pytest.param(timedelta(days=2), 36_000, id="no longer than the provider allows"),
        pytest.param(timedelta(seconds=1), 10, id="no shorter than a phone needs"),
        pytest.param(timedelta(hours=-1), 10, id="even when it is late"),
    ],
)
def test_how_long_the_provider_may_keep_it(left: timedelta, seconds: int) -> None:
    assert validity(NOON + left, NOON) == seconds


@pytest.mark.parametrize(
    ("status", "code", "result"),
    [
        (429, None, Result.THROTTLED),
        (400, 20429, Result.THROTTLED),
        (500, None, Result.UNKNOWN),
        (504, 20500, Result.UNKNOWN),
        (400, 21610, Result.REFUSED),
        (404, None, Result.REFUSED),
    ],
)
def test_only_429_is_surely_unsent(status: int, code: int | None, result: Result) -> None:
    outcome = refusal(ID, TwilioRestException(status, "/", code=code))
    assert outcome.result is result
    assert outcome.code == str(code or status)


def test_a_code_that_nobody_has_mapped_is_shown_as_not_known() -> None:
    assert meaning_of(98_765) is meaning_of(None) is Meaning.NOT_KNOWN
    assert {meaning_of(code) for code in MEANINGS} == set(MEANINGS.values())


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", AttemptState.ACCEPTED),
        ("sent", AttemptState.SENT),
        ("delivered", AttemptState.DELIVERED),
        ("undelivered", AttemptState.UNDELIVERED),
        ("failed", AttemptState.REFUSED),
    ],
)
def test_a_status_word_becomes_a_state(status: str, state: AttemptState) -> None:
    receipt = TwilioDoor.receipt(ID, {"MessageStatus": status, "MessageSid": "SM1"})
    assert receipt is not None
    assert (receipt.state, receipt.provider_id) == (state, "SM1")


def test_only_a_failure_has_a_meaning() -> None:
    failed = TwilioDoor.receipt(ID, {"MessageStatus": "undelivered", "ErrorCode": "30003"})
    arrived = TwilioDoor.receipt(ID, {"MessageStatus": "delivered", "ErrorCode": "30003"})
    assert failed is not None
    assert arrived is not None
    assert (failed.meaning, failed.code) == (Meaning.PHONE_OFF, "30003")
    assert arrived.meaning is Meaning.NONE


def test_a_word_that_says_nothing_new_is_no_receipt() -> None:
    assert TwilioDoor.receipt(ID, {"MessageStatus": "read"}) is None
    assert TwilioDoor.receipt(ID, {}) is None
