"""An hour in which our host was down: every text that was sent in it is on its thread, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connector import clock as real_clock
from connector import rounds
from connector.domain.consent import AgreementState
from connector.domain.reply import Source
from connector.gateways.simulator import SimulatorChannel
from connector.services import inbound
from connector.store import listings
from connector.store.tables import ReplyRow
from tests.conftest import make_reader
from tests.fakes import SilentDoorbell
from tests.gateways.stub import FakeTwilio, Held, Mood
from tests.gateways.test_channels import twilio
from tests.makers import Loop, a_member, a_programme, a_resident, a_text, number

US = number(999)
PEOPLE = 9


@pytest.fixture
def provider() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        fake.page = 4
        yield fake


@pytest.fixture
def loop(loop: Loop, provider: FakeTwilio) -> Iterator[Loop]:
    """The loop with the real channel, whose provider lists what it holds in pages of four."""
    channel = twilio(provider, US, loop.clock)
    loop.wiring.channel = channel
    with loop.wiring.transaction() as session:
        a_member(session)
        programme = a_programme(session)
        for n in range(1, PEOPLE + 1):
            a_resident(session, programme, n=n, now=loop.clock())
    yield loop
    channel.close()


def texts_us(loop: Loop, provider: FakeTwilio, body: str, *, n: int, heard: bool) -> None:
    """A resident texts; the provider holds it, and our door hears of it or is down."""
    sid = f"SM{len(provider.held):032d}"
    provider.held.append(
        Held(sid, US, number(n), body, loop.clock(), status="received", inbound=True)
    )
    if heard:
        with loop.wiring.transaction() as session:
            text = a_text(body, n=n, id_=sid, channel="twilio")
            inbound.receive(session, text, now=loop.clock())


def reconcile(loop: Loop) -> int:
    return rounds.reconcile(loop.wiring, loop.clock)


def kept(loop: Loop) -> list[tuple[str, str]]:
    with loop.wiring.reading() as session:
        rows = session.query(ReplyRow).order_by(ReplyRow.provider_id).all()
    return [(row.provider_id, row.source) for row in rows]


def test_after_an_hour_of_silence_each_text_is_on_its_thread_once(
    loop: Loop, provider: FakeTwilio
) -> None:
    texts_us(loop, provider, "7 before", n=1, heard=True)
    assert reconcile(loop) == 0
    for minute in range(60):
        loop.clock.forward(minutes=1)
        texts_us(loop, provider, f"text {minute}", n=1 + minute % PEOPLE, heard=False)
    loop.clock.forward(minutes=1)
    texts_us(loop, provider, "8 after", n=2, heard=True)
    assert reconcile(loop) == 60
    assert reconcile(loop) == 0, "once and no more"
    loop.read()
    sources = [source for _sid, source in kept(loop)]
    assert (sources.count(Source.WEBHOOK), sources.count(Source.RECOVERED)) == (2, 60)
    assert len({sid for sid, _source in kept(loop)}) == 62
    on_threads = [line.text for who in people(loop) for line in loop.thread(who)]
    assert sorted(on_threads) == sorted(held.body for held in provider.held)
    with loop.wiring.reading() as session:
        assert listings.recovered(session) == 60, "and it is counted"


def people(loop: Loop) -> list[int]:
    with loop.wiring.reading() as session:
        return sorted({row.resident_id or 0 for row in session.query(ReplyRow)})


def test_what_the_door_brings_late_was_there_already(loop: Loop, provider: FakeTwilio) -> None:
    texts_us(loop, provider, "7", n=1, heard=False)
    assert reconcile(loop) == 1
    with loop.wiring.transaction() as session:
        late = a_text("7", n=1, id_=provider.held[0].sid, channel="twilio")
        assert not inbound.receive(session, late, now=loop.clock())
    assert len(kept(loop)) == 1


def test_a_provider_that_does_not_list_loses_nothing_but_time(
    loop: Loop, provider: FakeTwilio
) -> None:
    assert reconcile(loop) == 0
    loop.clock.forward(minutes=1)
    texts_us(loop, provider, "7", n=1, heard=False)
    provider.mood = Mood.BREAKS
    for _hour in range(3):
        loop.clock.forward(hours=1)
        assert reconcile(loop) == 0
    provider.mood = Mood.WELL
    assert reconcile(loop) == 1, "it looks back to the last good comparison"


def test_a_stop_that_was_lost_holds_from_when_it_is_found(loop: Loop, provider: FakeTwilio) -> None:
    loop.plan()
    texts_us(loop, provider, "STOP", n=1, heard=False)
    assert reconcile(loop) == 1
    loop.read()
    loop.clock.now = loop.clock().replace(hour=10) + timedelta(days=1)
    loop.send()
    assert number(1) not in {sent["To"] for sent in provider.sent}
    assert len(provider.sent) == PEOPLE - 1
    assert loop.agreement(people(loop)[0]) is AgreementState.WITHDRAWN


def test_over_the_simulator_a_text_is_at_the_door_or_was_never_sent(loop: Loop) -> None:
    """Its phones live in our own database: an hour without a host is an hour without phones."""
    phones = SimulatorChannel(loop.wiring.sessions, real_clock.now)
    simulated = replace(loop.wiring, channel=phones, doorbell=SilentDoorbell())
    simulated.reader = make_reader(simulated, loop.wiring.reader.rules)
    with simulated.transaction() as session:
        inbound.receive(session, a_text("7", channel=phones.name), now=loop.clock())
    loop.clock.forward(hours=1)
    assert rounds.reconcile(simulated, loop.clock) == 0
    assert len(kept(loop)) == 1
