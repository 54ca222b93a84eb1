"""A provider that is slow, busy or silent: every text goes once, or is known not to be known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from connector import clock, rounds
from connector.domain.attempt import Outcome, Outgoing
from connector.settings import Settings
from connector.store.tables import AttemptRow
from connector.web import create_app
from connector.wiring import Wiring, build
from tests.fakes import FakeClock, SilentDoorbell
from tests.faults.around import sending_by
from tests.faults.provider import Does, StubProvider, Text, sid_of
from tests.faults.stage import (
    later_on,
    live_settings,
    people_due,
    planned,
    rows,
    signed,
    states,
)
from tests.makers import number


@pytest.fixture
def settings(database_url: str, provider: StubProvider, tmp_path: Path) -> Settings:
    """A live installation that does not wait long for its provider; no broker is needed here."""
    return live_settings(
        database_url, "redis://127.0.0.1:1/0", provider.url, tmp_path, provider_timeout=0.5
    )


@pytest.fixture
def client(wiring: Wiring) -> FlaskClient:
    return create_app(wiring).test_client()


def status_comes(client: FlaskClient, wiring: Wiring, text: Text, status: str) -> int:
    """The provider says what became of a text; returns the answer's status."""
    path = f"/hooks/twilio/status/{text.attempt_id}"
    form = {"MessageSid": sid_of(text), "MessageStatus": status}
    headers = signed(wiring.settings.public_url, path, form)
    return client.post(path, data=form, headers=headers).status_code


def test_throttled_in_bursts_every_text_goes_once_in_the_end(
    wiring: Wiring, provider: StubProvider
) -> None:
    seen: Counter[str] = Counter()

    def in_bursts(text: Text) -> Does:
        seen[text.to] += 1
        busy = int(text.to[-1]) % 4  # nobody, once, twice or three times
        return Does.THROTTLE if seen[text.to] <= busy else Does.ACCEPT

    provider.behaviour = in_bursts
    people_due(wiring, 60)
    later = FakeClock(clock.now())
    tries = 0
    while states(wiring) != {"accepted": 60} and tries < 12:
        rounds.send(wiring, later)
        later.forward(seconds=30)
        tries += 1
    assert states(wiring) == {"accepted": 60}
    assert (len(provider.ledger), provider.twice) == (60, [])
    assert max(seen.values()) == 4


@pytest.mark.parametrize(
    "does",
    [
        pytest.param(Does.WITHHOLD, id="the answer never comes"),
        pytest.param(Does.DROP, id="the line drops"),
        pytest.param(Does.BREAK, id="the answer is 503"),
        pytest.param(Does.SWALLOW, id="nobody heard it"),
    ],
)
def test_a_text_that_may_have_left_is_unknown_and_does_not_go_again(
    does: Does, wiring: Wiring, provider: StubProvider
) -> None:
    people_due(wiring, 5)
    provider.behaviour = lambda text: does if text.to.endswith(("1", "3")) else Does.ACCEPT
    assert rounds.send(wiring, clock.now) == 5
    assert states(wiring) == {"accepted": 3, "unknown": 2}

    provider.behave(Does.ACCEPT)
    assert rounds.send(wiring, later_on) == 0
    assert rounds.settle(wiring, later_on) == 0
    assert (len(provider.asked), provider.twice) == (5, [])


@pytest.mark.parametrize(
    ("heard", "stands"),
    [
        pytest.param(["delivered"], "delivered", id="delivered"),
        pytest.param(["sent", "delivered"], "delivered", id="sent, then delivered"),
        pytest.param(["delivered", "sent", "queued"], "delivered", id="in the wrong order"),
        pytest.param(["undelivered"], "undelivered", id="did not arrive"),
        pytest.param(["queued", "queued"], "accepted", id="the same word twice"),
    ],
)
def test_a_late_callback_finds_an_unknown_text_and_moves_it_forward(
    heard: list[str],
    stands: str,
    wiring: Wiring,
    provider: StubProvider,
    client: FlaskClient,
) -> None:
    people_due(wiring, 1)
    provider.behave(Does.WITHHOLD)
    rounds.send(wiring, clock.now)
    assert states(wiring) == {"unknown": 1}

    text = provider.ledger[0]
    assert [status_comes(client, wiring, text, word) for word in heard] == [204] * len(heard)
    [attempt] = rows(wiring, AttemptRow)
    assert (attempt.state, attempt.provider_id) == (stands, sid_of(text))


def test_a_callback_that_overtakes_the_answer_is_not_undone(
    wiring: Wiring, provider: StubProvider, client: FlaskClient
) -> None:
    def overtaken(batch: Sequence[Outgoing]) -> list[Outcome]:
        """The phone confirms before the provider's answer is written down."""
        outcomes = wiring.channel.send(batch)
        for text in provider.ledger:
            assert status_comes(client, wiring, text, "delivered") == 204
        return outcomes

    people_due(wiring, 3)
    rounds.send(sending_by(wiring, overtaken), clock.now)
    assert states(wiring) == {"delivered": 3}


def test_a_provider_that_cannot_be_reached_costs_nothing_but_time(
    settings: Settings, wiring: Wiring, provider: StubProvider, tmp_path: Path
) -> None:
    people_due(wiring, 3)
    nowhere = live_settings(
        settings.database_url, settings.redis_url, "http://127.0.0.1:1", tmp_path
    )
    unlucky = build(nowhere, doorbell=SilentDoorbell())
    rounds.send(unlucky, clock.now)
    unlucky.close()
    assert states(wiring) == {"queued": 3}
    rounds.send(wiring, later_on)
    assert states(wiring) == {"accepted": 3}
    assert provider.twice == []


def test_after_an_outage_what_has_grown_stale_delays_nobody(
    settings: Settings, wiring: Wiring, provider: StubProvider
) -> None:
    people_due(wiring, 60)
    people_due(wiring, 1, first=100, name="Another", timely_for=timedelta(hours=8))
    slowly = replace(wiring, settings=settings.model_copy(update={"segments_per_second": 5}))
    rounds.send(slowly, FakeClock(clock.now() + timedelta(hours=6)))
    assert [text.to for text in provider.ledger] == [number(100)]
    assert planned(wiring) == 0


def test_lines_that_the_provider_closed_meanwhile_lose_no_text(
    wiring: Wiring, provider: StubProvider
) -> None:
    people_due(wiring, 5)
    rounds.send(wiring, clock.now)
    provider.hang_up()
    people_due(wiring, 5, first=100, name="Another")
    rounds.send(wiring, clock.now)
    assert states(wiring) == {"accepted": 10}
    assert provider.twice == []


@pytest.mark.parametrize("problem_details", [False, True], ids=["as it was", "as RFC 9457"])
def test_a_refusal_is_a_refusal_in_either_of_the_providers_forms(
    problem_details: bool, wiring: Wiring, provider: StubProvider
) -> None:
    provider.problem_details = problem_details
    provider.behaviour = lambda text: Does.REFUSE if text.to.endswith("1") else Does.THROTTLE
    people_due(wiring, 2)
    rounds.send(wiring, clock.now)
    assert states(wiring) == {"refused": 1, "queued": 1}
    with wiring.reading() as session:
        codes = session.scalars(select(AttemptRow.code).where(AttemptRow.state == "refused"))
        assert codes.all() == ["21211"]
