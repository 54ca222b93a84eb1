"""The provider's list is read without guessing: nobody is texted twice on a resemblance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from connector.domain.attempt import Found, Sought
from connector.gateways.twilio import TwilioChannel
from connector.gateways.twilio_check import (
    addresses,
    by_hand,
    fallback_url,
    number_finding,
    service_finding,
    texts_url,
)
from connector.services.ports import Finding, Verdict
from tests.conftest import NOON
from tests.fakes import FakeClock
from tests.gateways.stub import FakeTwilio, Held
from tests.gateways.test_channels import PUBLIC, SERVICE, twilio
from tests.makers import number

AGO = timedelta(minutes=10)
WORDS = "How are things?"


@pytest.fixture
def provider() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def channel(provider: FakeTwilio, clock: FakeClock) -> Iterator[TwilioChannel]:
    made = twilio(provider, number(999), clock)
    yield made
    made.close()


def sought(body: str = WORDS, ago: timedelta = AGO, **known: object) -> Sought:
    return Sought(uuid4(), number(1), body, NOON - ago, **known)  # type: ignore[arg-type]


def held(
    body: str = WORDS, ago: timedelta = AGO, *, sid: str = "", to: int = 1, inbound: bool = False
) -> Held:
    return Held(sid or f"SM{uuid4().hex}", number(to), "", body, NOON - ago, inbound=inbound)


@pytest.mark.parametrize(
    "there",
    [
        pytest.param([held(), held()], id="two equal texts, either of which it may be"),
        pytest.param([held("Something else")], id="another text in those minutes"),
        pytest.param([held(), held("Something else"), held()], id="a little of both"),
        pytest.param([held("How are things? ")], id="nearly the same words"),
    ],
)
def test_what_could_be_meant_by_it_leaves_it_unknown(
    channel: TwilioChannel, provider: FakeTwilio, there: list[Held]
) -> None:
    provider.held += there
    assert channel.find([sought()]) == Found()


@pytest.mark.parametrize(
    "there",
    [
        pytest.param([], id="nothing"),
        pytest.param([held(ago=timedelta(days=7))], id="the same words a week before"),
        pytest.param([held(to=2)], id="the same words to somebody else"),
        pytest.param([held(inbound=True)], id="the same words from the resident"),
        pytest.param([held(sid="SMknown")], id="a text that another attempt holds"),
    ],
)
def test_what_cannot_be_meant_by_it_leaves_it_absent(
    channel: TwilioChannel, provider: FakeTwilio, there: list[Held]
) -> None:
    provider.held += there
    one = sought(taken=frozenset({"SMknown"}))
    assert channel.find([one]) == Found(absent=(one.attempt_id,))


def test_a_text_that_another_attempt_holds_is_not_taken_for_this_one(
    channel: TwilioChannel, provider: FakeTwilio
) -> None:
    provider.held += [held(sid="SMknown"), held(sid="SMours")]
    (receipt,) = channel.find([sought(taken=frozenset({"SMknown"}))]).receipts
    assert receipt.provider_id == "SMours"


@pytest.mark.parametrize("count", [1, 2], ids=["one of them left", "both left"])
def test_two_equal_attempts_are_never_told_apart_by_a_guess(
    channel: TwilioChannel, provider: FakeTwilio, count: int
) -> None:
    provider.held += [held() for _ in range(count)]
    assert channel.find([sought(), sought()]) == Found()


def test_two_equal_attempts_of_which_none_left_are_both_absent(channel: TwilioChannel) -> None:
    pair = [sought(), sought()]
    assert set(channel.find(pair).absent) == {one.attempt_id for one in pair}


def test_two_different_attempts_to_one_number_are_told_apart(
    channel: TwilioChannel, provider: FakeTwilio
) -> None:
    first, second = sought("The first"), sought("The second")
    provider.held += [held("The first")]
    found = channel.find([first, second])
    assert [receipt.attempt_id for receipt in found.receipts] == [first.attempt_id]
    assert found.absent == (second.attempt_id,)


def test_an_attempt_whose_message_is_known_is_asked_for_by_its_id(
    channel: TwilioChannel, provider: FakeTwilio
) -> None:
    provider.held += [held(sid="SMours"), held()]
    (receipt,) = channel.find([sought(provider_id="SMours")]).receipts
    assert receipt.provider_id == "SMours"
    assert [asked.path.rsplit("/", 1)[-1] for asked in provider.asked] == ["SMours.json"]


def test_every_list_is_asked_for_with_a_size(channel: TwilioChannel, provider: FakeTwilio) -> None:
    channel.find([sought()])
    list(channel.received_since(NOON - AGO))
    channel.check()
    assert len(provider.asked) == 4
    assert all(1 <= int(asked.query["PageSize"]) <= 1000 for asked in provider.asked)


# --- the account ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sms_url", "fallback", "texts", "second"),
    [
        pytest.param(texts_url(PUBLIC), fallback_url(PUBLIC), "ok", "ok", id="as it should be"),
        pytest.param(
            f"{PUBLIC}/hooks/twilio/sms#rp=ct,rt,5xx&ct=2000&rt=4000&rc=3&e=dublin,frankfurt",
            "https://elsewhere.example/sms",
            "ok",
            "ok",
            id="retries in another order, a second address elsewhere",
        ),
        pytest.param(f"{PUBLIC}/hooks/twilio/sms", "", "wrong", "wrong", id="no retries"),
        pytest.param("https://demo.example/", texts_url(PUBLIC), "wrong", "ok", id="not ours"),
        pytest.param(
            texts_url(PUBLIC), texts_url(PUBLIC), "ok", "wrong", id="the second is the first"
        ),
    ],
)
def test_the_addresses_of_an_account(sms_url: str, fallback: str, texts: str, second: str) -> None:
    found = addresses("The service", sms_url, fallback, PUBLIC)
    assert [finding.verdict.value for finding in found] == [texts, second]
    assert all(finding.value for finding in found if finding.verdict is Verdict.WRONG)


def test_the_exact_address_to_set_is_given() -> None:
    texts, second = addresses("The service", "", "", PUBLIC)
    assert texts.value == (
        "https://connector.example/hooks/twilio/sms"
        "#ct=2000&rt=4000&rc=3&rp=ct,rt,5xx&e=dublin,frankfurt"
    )
    assert second.value == "https://connector.example/hooks/twilio/fallback"


WELL = SimpleNamespace(
    sms_url=texts_url(PUBLIC),
    sms_fallback_url=fallback_url(PUBLIC),
    sms_application_sid="",
    capabilities={"sms": True},
)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param({"capabilities": {"sms": False}}, "cannot receive", id="a number for calls"),
        pytest.param({"sms_application_sid": "AP1"}, "TwiML App", id="an app wins"),
    ],
)
def test_what_a_number_may_lack(changes: dict[str, object], says: str) -> None:
    found = number_finding("+44", SimpleNamespace(**{**vars(WELL), **changes}), PUBLIC)
    assert says in " ".join(wrong(found))
    assert wrong(number_finding("+44", WELL, PUBLIC)) == []


def test_a_number_of_somebody_else_is_said_to_be_so() -> None:
    assert "does not own" in wrong(number_finding("+44", None, PUBLIC))[0]


def test_a_service_without_a_number_or_with_its_own_addresses_off_is_wrong() -> None:
    service = SimpleNamespace(
        inbound_request_url=texts_url(PUBLIC),
        fallback_url=fallback_url(PUBLIC),
        use_inbound_webhook_on_number=False,
    )
    hears = SimpleNamespace(phone_number="+44", capabilities=["SMS", "MMS"])
    deaf = SimpleNamespace(phone_number="+45", capabilities=["Voice"])
    assert wrong(service_finding(service, [hears], PUBLIC)) == []
    assert "no number" in wrong(service_finding(service, [], PUBLIC))[0]
    assert "+45" in wrong(service_finding(service, [hears, deaf], PUBLIC))[0]
    service.use_inbound_webhook_on_number = True
    assert "leaves texts to its numbers" in wrong(service_finding(service, [hears], PUBLIC))[0]


def test_a_sender_that_is_a_name_can_not_be_answered(
    provider: FakeTwilio, clock: FakeClock
) -> None:
    channel = twilio(provider, "Hello", clock)
    assert "nobody can answer" in " ".join(wrong(channel.check()))
    assert list(channel.received_since(NOON - AGO)) == []
    channel.close()


def test_a_bare_number_is_told_to_go_into_a_service() -> None:
    assert len(list(by_hand(service=False))) == len(list(by_hand(service=True))) + 1


def test_a_service_is_listened_to_at_each_of_its_numbers(
    provider: FakeTwilio, clock: FakeClock
) -> None:
    channel = twilio(provider, SERVICE, clock)
    provider.held.append(replace(held("Hello"), to=number(999), inbound=True))
    assert [text.body for text in channel.received_since(NOON - 2 * AGO)] == ["Hello"]
    channel.close()


def test_a_text_of_ours_to_our_own_number_was_not_received(
    channel: TwilioChannel, provider: FakeTwilio
) -> None:
    provider.held.append(held("To ourselves", to=999))
    assert list(channel.received_since(NOON - 2 * AGO)) == []


def wrong(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.words for finding in findings if finding.verdict is Verdict.WRONG]
