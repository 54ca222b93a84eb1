"""Our channel and our doors against a provider that somebody else wrote and that remembers.

It signs its webhooks with its own code, so that our check of signatures is not tested by itself. It
does not play opt-outs, retries or delays: our own fakes do.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from connector.clock import now
from connector.domain.attempt import AttemptState, Meaning, Outgoing, Result, Sought
from connector.gateways.twilio import TwilioChannel
from connector.store.tables import ReceiptRow, ReplyRow
from connector.web import create_app
from connector.wiring import Wiring, build
from tests.conftest import free_port, make_settings
from tests.contract.peers import Wire, emulate
from tests.fakes import SilentDoorbell
from tests.gateways.test_channels import ACCOUNT
from tests.makers import number

TOKEN = "emulated-auth-token"
OURS = number(999)
HOUR = timedelta(hours=1)


@dataclass
class Stage:
    """The whole site on a loopback port, and the emulated provider that calls it."""

    wiring: Wiring
    provider: str
    wire: Wire

    @property
    def channel(self) -> TwilioChannel:
        assert isinstance(self.wiring.channel, TwilioChannel)
        return self.wiring.channel

    def play(self, what: str, **form: str) -> None:
        """Have the emulator do something of its own accord."""
        basic = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        request = Request(
            f"{self.provider}/_twilio/simulate/{what}",
            data=urlencode(form).encode(),
            headers={"Authorization": f"Basic {basic}"},
        )
        with urlopen(request, timeout=20) as answer:
            assert answer.status in (200, 201)

    def replies(self) -> list[ReplyRow]:
        with self.wiring.reading() as session:
            return list(session.scalars(select(ReplyRow).order_by(ReplyRow.id)))

    def receipts(self) -> list[tuple[UUID, str]]:
        with self.wiring.reading() as session:
            rows = session.scalars(select(ReceiptRow).order_by(ReceiptRow.id))
            return [(row.attempt_id, row.status) for row in rows]


@contextmanager
def served(wiring: Wiring, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, create_app(wiring), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str]:
    """The port of the site, and its address as the provider has it: with a query of its own."""
    port = free_port()
    return port, f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def provider(
    node_24: Path, site: tuple[int, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    seed = {
        "account": {"sid": ACCOUNT, "auth_token": TOKEN},
        "phone_numbers": [
            {"phone_number": OURS, "sms_url": f"{site[1]}/hooks/twilio/sms?at=home%20%2B1"}
        ],
    }
    with emulate(seed, tmp_path_factory.mktemp("emulate")) as url:
        yield url


@pytest.fixture
def stage(provider: str, site: tuple[int, str], sqlite_url: str, tmp_path: Path) -> Iterator[Stage]:
    port, public_url = site
    with Wire({"/v1/": f"{provider}/messaging", "/": provider}) as wire:
        settings = make_settings(
            sqlite_url,
            tmp_path,
            demo=False,
            channel="twilio",
            public_url=public_url,
            twilio_account_sid=ACCOUNT,
            twilio_auth_tokens=["the-next-token", TOKEN],
            twilio_api_key=ACCOUNT,
            twilio_api_secret=TOKEN,
            twilio_sender=OURS,
            twilio_api_url=wire.url,
            provider_timeout=20,
        )
        wiring = build(settings, doorbell=SilentDoorbell())
        with served(wiring, port):
            yield Stage(wiring, provider, wire)
        wiring.channel.close()
        wiring.close()


def a_text(body: str, n: int = 1) -> Outgoing:
    return Outgoing(uuid4(), number(n), body, now() + HOUR)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("I'm fine & well, £5 + 50%", id="signs"),
        pytest.param("Dw i'n iawn, diolch 👍🏽 ŵŷ", id="Welsh and an emoji"),
        pytest.param("one\ntwo\r\nthree", id="lines"),
        pytest.param("", id="nothing"),
        pytest.param("a=b&From=%2B447700900002", id="what looks like a form"),
    ],
)
def test_a_text_that_somebody_elses_code_signed_is_stored_as_it_was_written(
    stage: Stage, body: str
) -> None:
    stage.play("inbound-message", To=OURS, From=number(1), Body=body)
    (row,) = stage.replies()
    assert (row.channel, row.sender, row.body) == ("twilio", number(1), body)
    assert row.provider_id.startswith("SM")


def test_receipts_that_somebody_elses_code_signed_are_stored_and_move_forward(
    stage: Stage,
) -> None:
    text = a_text("How are things?")
    (outcome,) = stage.channel.send([text])
    assert outcome.result is Result.ACCEPTED
    for status in ("sent", "delivered", "sent"):
        stage.play("message-status", MessageSid=outcome.provider_id, Status=status)
    kept = [status for attempt, status in stage.receipts() if attempt == text.attempt_id]
    assert kept[-2:] == ["sent", "delivered"]
    assert len(kept) == len(set(kept)), "a repeated receipt is kept once"


def test_a_signature_by_another_secret_is_turned_away(stage: Stage) -> None:
    stage.wiring.__dict__["twilio_door"] = type(stage.wiring.twilio_door)(
        ["not-this"], stage.wiring.settings.public_url
    )
    stage.play("inbound-message", To=OURS, From=number(1), Body="Hello")
    assert stage.replies() == []


def test_a_text_that_was_sent_is_found_again_by_what_it_says(stage: Stage) -> None:
    text = a_text(f"Only once: {uuid4()}", n=7)
    before = now()
    (outcome,) = stage.channel.send([text])
    sought = Sought(text.attempt_id, text.to, text.body, before)
    (receipt,) = stage.channel.find([sought]).receipts
    assert (receipt.attempt_id, receipt.provider_id) == (text.attempt_id, outcome.provider_id)
    stage.play("message-status", MessageSid=outcome.provider_id, Status="delivered")
    (receipt,) = stage.channel.find([sought]).receipts
    assert receipt.state is AttemptState.DELIVERED


def test_a_text_that_was_never_sent_is_absent(stage: Stage) -> None:
    never = Sought(uuid4(), number(55), "This one never left", now() - HOUR)
    assert stage.channel.find([never]).absent == (never.attempt_id,)


def test_what_is_listed_is_what_the_door_took_in(stage: Stage) -> None:
    for n in (1, 2, 3):
        stage.play("inbound-message", To=OURS, From=number(n), Body=f"listed {n}")
    listed = list(stage.channel.received_since(now() - HOUR))
    mine = {(text.provider_id, text.sender, text.body) for text in listed if "listed" in text.body}
    assert mine == {(row.provider_id, row.sender, row.body) for row in stage.replies()}
    assert len(mine) == 3
    moments = [text.received_at for text in listed if text.received_at]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"sender": number(998)}, "21606", id="a number that is not ours"),
        pytest.param({"password": "wrong"}, "20003", id="a wrong password"),
        pytest.param({"sender": "MG" + "9" * 32}, "", id="a service that is not ours"),
    ],
)
def test_a_set_up_that_is_wrong_is_said_to_be_ours(
    stage: Stage, changes: dict[str, str], code: str
) -> None:
    values = {"sender": OURS, "password": TOKEN, **changes}
    channel = TwilioChannel(
        account_sid=ACCOUNT,
        username=ACCOUNT,
        public_url=stage.wiring.settings.public_url,
        timeout=20,
        calls_in_flight=2,
        clock=now,
        api_url=stage.wire.url,
        **values,
    )
    (outcome,) = channel.send([a_text("Hello")])
    channel.close()
    assert outcome.result is Result.REFUSED
    if code:
        assert (outcome.code, outcome.meaning) == (code, Meaning.OUR_SET_UP)


def test_a_landline_or_nonsense_is_refused_and_nobody_else_suffers(stage: Stage) -> None:
    good, bad = a_text("Hello"), Outgoing(uuid4(), "", "Hello", now() + HOUR)
    outcomes = {outcome.attempt_id: outcome.result for outcome in stage.channel.send([good, bad])}
    assert outcomes == {good.attempt_id: Result.ACCEPTED, bad.attempt_id: Result.REFUSED}


def test_the_doctor_finds_the_missing_retries_of_the_emulated_account(stage: Stage) -> None:
    words = " ".join(finding.words for finding in stage.channel.check())
    assert f"{OURS} sends and receives texts." in words
    assert "it is not our address" in words or "its retries differ" in words
