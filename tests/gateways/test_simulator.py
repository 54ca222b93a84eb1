"""The simulated channel: reaches a page and nobody else; a text is there at once, and once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from connector.domain.attempt import Outgoing, Result
from connector.gateways.simulator import SimulatorChannel
from connector.store import views
from connector.store.base import blind_index
from connector.wiring import Wiring
from tests.conftest import NOON
from tests.fakes import FakeClock
from tests.makers import number


def text(n: int, body: str = "Hello") -> Outgoing:
    return Outgoing(UUID(int=n), number(n), body, NOON + timedelta(hours=1))


def on_phone(wiring: Wiring, n: int) -> list[str]:
    with wiring.reading() as session:
        return [line.text for line in views.phone_texts(session, blind_index(number(n)))]


def test_a_demonstration_sends_by_the_simulator(wiring: Wiring) -> None:
    assert isinstance(wiring.channel, SimulatorChannel)


def test_a_text_lies_on_its_phone_at_once_and_on_no_other(wiring: Wiring, clock: FakeClock) -> None:
    channel = SimulatorChannel(wiring.sessions, clock)
    outcomes = channel.send([text(1, "for one"), text(2, "for two")])
    assert [(one.result, one.arrived) for one in outcomes] == [(Result.ACCEPTED, True)] * 2
    assert len({one.provider_id for one in outcomes}) == 2
    assert (on_phone(wiring, 1), on_phone(wiring, 2)) == (["for one"], ["for two"])


def test_a_text_that_is_handed_over_twice_is_there_once(wiring: Wiring, clock: FakeClock) -> None:
    channel = SimulatorChannel(wiring.sessions, clock)
    for _ in range(2):
        channel.send([text(1)])
    assert on_phone(wiring, 1) == ["Hello"]


def test_nothing_to_send_is_no_trouble(wiring: Wiring, clock: FakeClock) -> None:
    assert SimulatorChannel(wiring.sessions, clock).send([]) == []
