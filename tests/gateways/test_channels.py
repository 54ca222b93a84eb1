"""What every channel promises, asked of each of them in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import sessionmaker

from connector.domain.attempt import AttemptState, Found, Meaning, Outgoing, Result, Sought
from connector.gateways.notify import NotifyChannel
from connector.gateways.simulator import SimulatorChannel
from connector.gateways.twilio import TwilioChannel
from connector.gateways.twilio_check import fallback_url, texts_url
from connector.services.ports import Channel, ChannelAwayError, Verdict
from connector.store.base import make_engine
from tests.conftest import NOON
from tests.fakes import FakeClock
from tests.gateways.stub import FakeNotify, FakeTwilio, Held, Mood, Provider
from tests.makers import number

HOUR = timedelta(hours=1)
PUBLIC = "https://connector.example"
SERVICE = "MG" + "1" * 32
NOTIFY_KEY = f"ours-{'1' * 8}-1111-1111-1111-{'1' * 12}-{'2' * 8}-2222-2222-2222-{'2' * 12}"
ACCOUNT = "AC" + "0" * 32


@dataclass
class Stage:
    """A channel, the provider behind it, and how that one says *queued*."""

    channel: Channel
    provider: Provider
    impatient: Channel
    waiting: str = "queued"
    gone_wrong: str = "undelivered"
    off: int | None = None

    def holds(self, sought: Sought, status: str, *, sent: bool = True, **changes: Any) -> str:
        """The provider took this attempt; gives the provider's id."""
        sid = f"SM{uuid4().hex}" if isinstance(self.provider, FakeTwilio) else str(uuid4())
        values: dict[str, Any] = {
            "at": sought.marked_at + timedelta(seconds=2),
            "body": sought.body,
            "code": self.off if status == self.gone_wrong else None,
            **changes,
        }
        self.provider.held.append(
            Held(
                sid,
                sought.to,
                "",
                status=status,
                reference=str(sought.attempt_id),
                sent=sent,
                **values,
            )
        )
        return sid

    def receives(self, body: str, at: datetime, *, n: int = 1) -> None:
        sid = f"SM{uuid4().hex}" if isinstance(self.provider, FakeTwilio) else str(uuid4())
        self.provider.held.append(
            Held(sid, number(999), number(n), body, at, "received", inbound=True)
        )


def twilio(
    provider: FakeTwilio, sender: str, clock: FakeClock, *, timeout: float = 20
) -> TwilioChannel:
    provider.sms_url, provider.fallback_url = texts_url(PUBLIC), fallback_url(PUBLIC)
    return TwilioChannel(
        account_sid=ACCOUNT,
        username=ACCOUNT,
        password="for-tests-only",
        sender=sender,
        public_url=PUBLIC,
        timeout=timeout,
        calls_in_flight=8,
        clock=clock,
        api_url=provider.url,
    )


def notify(provider: Provider, clock: FakeClock, *, timeout: float = 20) -> NotifyChannel:
    return NotifyChannel(
        api_key=NOTIFY_KEY,
        template_id=str(UUID(int=7)),
        public_url=PUBLIC,
        timeout=timeout,
        calls_in_flight=8,
        clock=clock,
        api_url=provider.url,
    )


@pytest.fixture(params=["twilio by number", "twilio by service", "notify"])
def stage(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Stage]:
    """A channel that reaches a provider over the network."""
    if request.param == "notify":
        with FakeNotify() as provider:
            usual, hasty = notify(provider, clock), notify(provider, clock, timeout=1)
            yield Stage(usual, provider, hasty, "created", "temporary-failure")
            usual.close()
            hasty.close()
        return
    sender = SERVICE if request.param == "twilio by service" else number(999)
    with FakeTwilio() as provider:
        patient, hurried = (
            twilio(provider, sender, clock),
            twilio(provider, sender, clock, timeout=1),
        )
        yield Stage(patient, provider, hurried, off=30003)
        patient.close()
        hurried.close()


@pytest.fixture(params=["twilio", "notify", "simulator"])
def channel(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Channel]:
    """Each of the three."""
    if request.param == "simulator":
        engine = make_engine(request.getfixturevalue("sqlite_url"))
        made: Channel = SimulatorChannel(sessionmaker(engine.execution_options(writes=True)), clock)
        yield made
        made.close()
        engine.dispose()
        return
    provider = FakeNotify() if request.param == "notify" else FakeTwilio()
    with provider:
        made = (
            twilio(provider, number(999), clock)
            if isinstance(provider, FakeTwilio)
            else notify(provider, clock)
        )
        yield made
        made.close()


def texts(count: int = 3, body: str = "Hello, how are things?") -> list[Outgoing]:
    return [Outgoing(uuid4(), number(n), body, NOON + HOUR) for n in range(count)]


def sought(
    body: str = "How are things?", *, n: int = 1, ago: timedelta = timedelta(minutes=10)
) -> Sought:
    return Sought(uuid4(), number(n), body, NOON - ago)


# --- all three -------------------------------------------------------------------------------


def test_every_text_of_a_batch_has_one_outcome_with_its_own_id(channel: Channel) -> None:
    batch = texts(20)
    outcomes = channel.send(batch)
    assert {outcome.attempt_id for outcome in outcomes} == {text.attempt_id for text in batch}
    assert len(outcomes) == 20
    assert {outcome.result for outcome in outcomes} == {Result.ACCEPTED}
    assert len({outcome.provider_id for outcome in outcomes} - {""}) == 20


def test_a_channel_that_was_closed_opens_again(channel: Channel) -> None:
    channel.close()
    assert [outcome.result for outcome in channel.send(texts(1))] == [Result.ACCEPTED]
    channel.close()
    channel.close()


def test_nothing_to_send_or_to_find_is_no_trouble(channel: Channel) -> None:
    assert channel.send([]) == []
    assert channel.find([]) == Found()


def test_what_was_never_sent_is_surely_absent(channel: Channel) -> None:
    one = sought()
    assert channel.find([one]) == Found(absent=(one.attempt_id,))


def test_nothing_was_received_before_anybody_wrote(channel: Channel) -> None:
    assert list(channel.received_since(NOON - HOUR)) == []


def test_the_set_up_of_a_well_kept_account_has_nothing_wrong(channel: Channel) -> None:
    findings = channel.check()
    assert findings
    assert [finding for finding in findings if finding.verdict is Verdict.WRONG] == []


def test_every_channel_says_what_it_can_do(channel: Channel) -> None:
    assert channel.name in {"twilio", "notify", "simulator"}
    assert channel.capabilities.longest >= 918
    assert channel.capabilities.lists
    waits = {"twilio": 10, "notify": 72, "simulator": 0}[channel.name]
    assert channel.capabilities.waits_up_to == timedelta(hours=waits)


def test_a_text_on_a_simulated_phone_is_found_there(sqlite_url: str, clock: FakeClock) -> None:
    engine = make_engine(sqlite_url)
    channel = SimulatorChannel(sessionmaker(engine.execution_options(writes=True)), clock)
    (text,) = texts(1)
    channel.send([text])
    (receipt,) = channel.find([Sought(text.attempt_id, text.to, text.body, NOON)]).receipts
    assert (receipt.attempt_id, receipt.state) == (text.attempt_id, AttemptState.DELIVERED)
    engine.dispose()


# --- sending, over a network ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mood", "result", "meaning"),
    [
        pytest.param(Mood.REFUSES, Result.REFUSED, Meaning.NUMBER_DEAD, id="a number that is none"),
        pytest.param(Mood.THROTTLES, Result.THROTTLED, Meaning.NONE, id="429"),
        pytest.param(Mood.BREAKS, Result.UNKNOWN, Meaning.NONE, id="503"),
        pytest.param(Mood.DROPS, Result.UNKNOWN, Meaning.NONE, id="the line drops"),
        pytest.param(Mood.HANGS, Result.UNKNOWN, Meaning.NONE, id="no answer in time"),
        pytest.param(Mood.BABBLES, Result.UNKNOWN, Meaning.NONE, id="an answer that is none"),
    ],
)
def test_what_the_provider_does_has_one_outcome(
    stage: Stage, mood: Mood, result: Result, meaning: Meaning
) -> None:
    stage.provider.mood = mood
    channel = stage.impatient if mood is Mood.HANGS else stage.channel
    (outcome,) = channel.send(texts(1))
    assert (outcome.result, outcome.meaning) == (result, meaning)
    assert len(stage.provider.sent) == 1, "asked once, and not again by itself"


def test_a_provider_that_nobody_reaches_never_had_the_text(stage: Stage) -> None:
    stage.provider.__exit__()
    (outcome,) = stage.channel.send(texts(1))
    assert outcome.result is Result.THROTTLED


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("Tea & cake, £3 + 50% off? #1 = yes", id="signs"),
        pytest.param("Sut wyt ti, Siân? Tŷ bach 😀", id="letters and an emoji"),
        pytest.param("One\nTwo\n\nThree", id="lines"),
        pytest.param("((name)) {name}", id="somebody's brackets"),
    ],
)
def test_the_words_and_the_number_reach_the_provider_as_they_are(stage: Stage, body: str) -> None:
    (text,) = texts(1, body)
    stage.channel.send([text])
    (said,) = stage.provider.sent
    assert said.get("Body") == body or said["personalisation"] == {"body": body}
    assert text.to in (said.get("To"), said.get("phone_number"))
    assert str(text.attempt_id) in str(said), "the attempt is known again by what we sent"


# --- finding, over a network ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state", "meaning"),
    [
        pytest.param("delivered", AttemptState.DELIVERED, Meaning.NONE, id="delivered"),
        pytest.param("sent", AttemptState.SENT, Meaning.NONE, id="sent"),
        pytest.param("gone wrong", AttemptState.UNDELIVERED, Meaning.PHONE_OFF, id="phone off"),
    ],
)
def test_a_text_the_provider_has_is_found(
    stage: Stage, status: str, state: AttemptState, meaning: Meaning
) -> None:
    one = sought()
    sid = stage.holds(one, stage.gone_wrong if status == "gone wrong" else status)
    found = stage.channel.find([one])
    assert found.absent == ()
    (receipt,) = found.receipts
    assert (receipt.attempt_id, receipt.provider_id) == (one.attempt_id, sid)
    assert (receipt.state, receipt.meaning) == (state, meaning)


def test_a_text_in_the_providers_queue_is_found_and_not_called_absent(stage: Stage) -> None:
    one = sought()
    stage.holds(one, stage.waiting, sent=False)
    found = stage.channel.find([one])
    assert [receipt.state for receipt in found.receipts] == [AttemptState.ACCEPTED]
    assert found.absent == ()


def test_a_text_of_this_minute_is_not_called_absent_yet(stage: Stage) -> None:
    assert stage.channel.find([sought(ago=timedelta(minutes=2))]) == Found()


def test_many_are_looked_up_at_once_and_each_is_answered_for_itself(stage: Stage) -> None:
    many = [sought(f"Text {n}", n=n) for n in range(12)]
    for one in many[::2]:
        stage.holds(one, "delivered")
    found = stage.channel.find(many)
    assert {receipt.attempt_id for receipt in found.receipts} == {
        one.attempt_id for one in many[::2]
    }
    assert set(found.absent) == {one.attempt_id for one in many[1::2]}


def broken(stage: Stage) -> None:
    stage.provider.mood = Mood.BREAKS


def away(stage: Stage) -> None:
    stage.provider.__exit__()


@pytest.mark.parametrize("trouble", [broken, away], ids=lambda trouble: str(trouble.__name__))
def test_a_provider_that_does_not_answer_leaves_everything_unknown(
    stage: Stage, trouble: Callable[[Stage], None]
) -> None:
    trouble(stage)
    assert stage.channel.find([sought()]) == Found()


# --- what was received, over a network --------------------------------------------------------


def test_received_texts_come_oldest_first_with_their_time_and_nothing_is_left_out(
    stage: Stage,
) -> None:
    stage.receives("too old", NOON - 2 * HOUR)
    for minute in (5, 3, 1, 4, 2):
        stage.receives(f"text {minute}", NOON - HOUR + timedelta(minutes=minute), n=minute)
    listed = list(stage.channel.received_since(NOON - HOUR))
    assert [text.body for text in listed] == [f"text {n}" for n in range(1, 6)]
    assert [text.sender for text in listed] == [number(n) for n in range(1, 6)]
    assert [text.received_at for text in listed] == [
        NOON - HOUR + timedelta(minutes=n) for n in range(1, 6)
    ]
    assert {text.channel for text in listed} == {stage.channel.name}
    assert {text.to for text in listed} == {number(999)}


def test_texts_of_one_second_keep_the_order_in_which_they_came(stage: Stage) -> None:
    for part in range(5):
        stage.receives(f"part {part}", NOON + timedelta(milliseconds=100 * part))
    listed = stage.channel.received_since(NOON - HOUR)
    assert [text.body for text in listed] == [f"part {part}" for part in range(5)]


def test_a_text_received_at_the_very_moment_is_listed(stage: Stage) -> None:
    stage.receives("on the minute", NOON - HOUR)
    assert [text.body for text in stage.channel.received_since(NOON - HOUR)] == ["on the minute"]


@pytest.mark.parametrize("trouble", [broken, away], ids=lambda trouble: str(trouble.__name__))
def test_a_list_that_cannot_be_had_is_said_to_be_so(
    stage: Stage, trouble: Callable[[Stage], None]
) -> None:
    trouble(stage)
    with pytest.raises(ChannelAwayError):
        stage.channel.received_since(NOON - HOUR)


@pytest.mark.parametrize("trouble", [broken, away], ids=lambda trouble: str(trouble.__name__))
def test_a_set_up_that_cannot_be_checked_is_not_called_well(
    stage: Stage, trouble: Callable[[Stage], None]
) -> None:
    trouble(stage)
    verdicts = {finding.verdict for finding in stage.channel.check()}
    assert verdicts & {Verdict.NOT_KNOWN, Verdict.WRONG}
