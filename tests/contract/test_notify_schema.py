"""Every call we make to GOV.UK Notify fits its published interface, and its errors are ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from connector.clock import now
from connector.domain.attempt import Meaning, Outgoing, Result, Sought
from connector.gateways.notify import NotifyChannel
from connector.services.ports import ChannelAwayError, Verdict
from tests.contract.peers import Wire
from tests.gateways.test_channels import NOTIFY_KEY, PUBLIC
from tests.makers import number

HOUR = timedelta(hours=1)


@pytest.fixture
def wire(notify_api: str) -> Iterator[Wire]:
    with Wire({"/": notify_api}) as line:
        yield line


@pytest.fixture
def channel(wire: Wire) -> Iterator[NotifyChannel]:
    made = NotifyChannel(
        api_key=NOTIFY_KEY,
        template_id=str(UUID(int=7)),
        public_url=PUBLIC,
        timeout=20,
        calls_in_flight=4,
        clock=now,
        api_url=wire.url,
    )
    yield made
    made.close()


def a_text(to: str = number(1)) -> Outgoing:
    return Outgoing(uuid4(), to, "How have things been, 0 to 10? £ & é", now() + HOUR)


def test_a_text_is_sent_as_it_is_published(channel: NotifyChannel, wire: Wire) -> None:
    (outcome,) = channel.send([a_text()])
    assert outcome.result is Result.ACCEPTED
    assert UUID(outcome.provider_id)
    assert [(call.method, call.path, call.status) for call in wire.calls] == [
        ("POST", "/v2/notifications/sms", 201)
    ]


def test_everything_else_is_asked_as_it_is_published(channel: NotifyChannel, wire: Wire) -> None:
    channel.find([Sought(uuid4(), number(1), "Hello", now() - HOUR)])
    list(channel.received_since(now() - HOUR))
    findings = channel.check()
    assert wire.refused == []
    assert wire.asked() == {
        ("GET", "/v2/notifications"),
        ("GET", "/v2/received-text-messages"),
        ("GET", "/v2/template/*"),
    }
    assert Verdict.NOT_KNOWN not in {finding.verdict for finding in findings}


def test_a_received_text_is_read_from_the_published_example(channel: NotifyChannel) -> None:
    first = next(iter(channel.received_since(now() - timedelta(days=10_000))))
    assert (first.sender, first.to) == ("+447700900123", "+447700900456")
    assert first.body
    assert first.received_at is not None


def test_the_description_does_refuse_what_does_not_fit(channel: NotifyChannel, wire: Wire) -> None:
    (outcome,) = channel.send([a_text("+44")])
    assert outcome.result is Result.REFUSED
    assert [call.status for call in wire.calls] in ([400], [422])


@pytest.mark.parametrize(
    ("prefer", "result", "meaning"),
    [
        pytest.param("code=429", Result.THROTTLED, Meaning.NONE, id="429"),
        pytest.param("code=403", Result.REFUSED, Meaning.OUR_SET_UP, id="403"),
        pytest.param("code=500", Result.UNKNOWN, Meaning.NONE, id="500"),
        pytest.param(
            "code=400, example=Too Many Digits", Result.REFUSED, Meaning.NUMBER_DEAD, id="too long"
        ),
        pytest.param(
            "code=400, example=Not Enough Digits",
            Result.REFUSED,
            Meaning.NUMBER_DEAD,
            id="too short",
        ),
        pytest.param(
            "code=400, example=Must not contain letters",
            Result.REFUSED,
            Meaning.NUMBER_DEAD,
            id="letters",
        ),
        pytest.param(
            "code=400, example=Not a valid country prefix",
            Result.REFUSED,
            Meaning.NUMBER_DEAD,
            id="no such country",
        ),
        pytest.param(
            "code=400, example=Not a UK mobile number",
            Result.REFUSED,
            Meaning.LANDLINE,
            id="no mobile",
        ),
        pytest.param(
            "code=400, example=Trial mode", Result.REFUSED, Meaning.OUR_SET_UP, id="trial mode"
        ),
        pytest.param(
            "code=400, example=Cannot send to international",
            Result.REFUSED,
            Meaning.OUR_SET_UP,
            id="abroad",
        ),
        pytest.param(
            "code=400, example=Sender ID does not exist",
            Result.REFUSED,
            Meaning.OUR_SET_UP,
            id="no such sender",
        ),
    ],
)
def test_the_published_errors_mean_what_we_say(
    channel: NotifyChannel, wire: Wire, prefer: str, result: Result, meaning: Meaning
) -> None:
    wire.headers["Prefer"] = prefer
    (outcome,) = channel.send([a_text()])
    assert [call.status for call in wire.calls] == [int(prefer[5:8])]
    assert (outcome.result, outcome.meaning) == (result, meaning)
    assert outcome.code.startswith(prefer[5:8])


@pytest.mark.parametrize("code", [400, 403])
def test_a_published_refusal_to_list_is_said_to_be_so(
    channel: NotifyChannel, wire: Wire, code: int
) -> None:
    wire.headers["Prefer"] = f"code={code}"
    with pytest.raises(ChannelAwayError):
        channel.received_since(now() - HOUR)
    assert channel.find([Sought(uuid4(), number(1), "Hello", now() - HOUR)]).absent == ()
    assert Verdict.WRONG in {finding.verdict for finding in channel.check()}
