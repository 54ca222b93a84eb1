"""Every call we make to Twilio fits the interface that Twilio publishes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from connector.clock import now
from connector.domain.attempt import Outgoing, Result, Sought
from connector.gateways.twilio import TwilioChannel
from connector.services.ports import Verdict
from tests.contract.peers import Wire
from tests.gateways.test_channels import ACCOUNT, PUBLIC, SERVICE
from tests.makers import number

MESSAGES = "/2010-04-01/Accounts/*/Messages.json"
HOUR = timedelta(hours=1)


@pytest.fixture
def wire(twilio_api: str, twilio_services: str) -> Iterator[Wire]:
    with Wire({"/v1/": twilio_services, "/": twilio_api}) as line:
        yield line


def channel(wire: Wire, sender: str = number(999), **changes: object) -> TwilioChannel:
    values: dict[str, object] = {
        "account_sid": ACCOUNT,
        "username": ACCOUNT,
        "password": "for-tests-only",
        "sender": sender,
        "public_url": PUBLIC,
        "timeout": 20,
        "calls_in_flight": 4,
        "clock": now,
        "api_url": wire.url,
        "most_listed": 3,
        **changes,
    }
    return TwilioChannel(**values)  # type: ignore[arg-type]


def a_text(to: str = number(1)) -> Outgoing:
    return Outgoing(uuid4(), to, "How have things been, 0 to 10? £ & é", now() + HOUR)


def a_sought(provider_id: str = "") -> Sought:
    return Sought(uuid4(), number(1), "How have things been?", now() - HOUR, provider_id)


SENDERS = pytest.mark.parametrize("sender", [number(999), SERVICE], ids=["a number", "a service"])


@SENDERS
def test_a_text_is_sent_as_it_is_published(wire: Wire, sender: str) -> None:
    line = channel(wire, sender)
    (outcome,) = line.send([a_text()])
    line.close()
    assert outcome.result is Result.ACCEPTED
    assert outcome.provider_id.startswith("SM")
    (call,) = wire.calls
    assert (call.method, call.status) == ("POST", 201)
    for name in ("To=", "Body=", "StatusCallback=", "ValidityPeriod="):
        assert name in call.body
    assert ("MessagingServiceSid=" if sender == SERVICE else "From=") in call.body


@SENDERS
def test_everything_else_is_asked_as_it_is_published(wire: Wire, sender: str) -> None:
    line = channel(wire, sender)
    line.find([a_sought(), a_sought(provider_id="SM" + "0" * 32)])
    list(line.received_since(now() - HOUR))
    findings = line.check()
    line.close()
    assert wire.refused == []
    kinds = {
        ("GET", MESSAGES),
        ("GET", MESSAGES.replace(".json", "/*.json")),
    }
    if sender == SERVICE:
        kinds |= {("GET", "/v1/Services/*"), ("GET", "/v1/Services/*/PhoneNumbers")}
    else:
        kinds |= {("GET", "/2010-04-01/Accounts/*/IncomingPhoneNumbers.json")}
    assert wire.asked() == kinds
    assert Verdict.NOT_KNOWN not in {finding.verdict for finding in findings}


def test_lists_are_asked_for_by_number_and_time_and_never_without_a_size(wire: Wire) -> None:
    line = channel(wire)
    line.find([a_sought()])
    list(line.received_since(now() - HOUR))
    line.close()
    lists = [call.query for call in wire.calls if call.path.endswith("Messages.json")]
    ours = [query for query in lists if "PageToken" not in query]  # the rest is theirs: next pages
    assert len(ours) == 3
    assert all("To=+447700900" in query for query in ours)
    assert len([query for query in ours if "DateSent>=" in query]) == 2
    assert all("PageSize=" in query for query in ours)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"sender": "MGnot-a-sid"}, id="a service that is no sid"),
        pytest.param({"account_sid": "AC1"}, id="an account that is no sid"),
    ],
)
def test_the_description_does_refuse_what_does_not_fit(
    wire: Wire, changes: dict[str, object]
) -> None:
    line = channel(wire, **changes)
    (outcome,) = line.send([a_text()])
    line.close()
    assert outcome.result is Result.REFUSED
    assert [call.status for call in wire.calls] in ([422], [404])
