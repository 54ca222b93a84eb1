"""A send of which we saw no answer: settled by a callback or the provider's list, never twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connector import rounds
from connector.domain.attempt import (
    AttemptState,
    Found,
    Meaning,
    Outcome,
    Outgoing,
    Receipt,
    Result,
    Sought,
)
from connector.services import receipts, settling
from connector.store.tables import AttemptRow, CheckInRow, ProgrammeRow
from tests.fakes import arrived, knows_nothing, unknown
from tests.makers import Loop, a_member, a_programme, a_resident, number

S = AttemptState
Finds = Callable[[Sequence[Sought]], Found]
PEOPLE = count(1)


def found(state: AttemptState, meaning: Meaning = Meaning.NONE) -> Finds:
    return lambda sought: Found(
        tuple(Receipt(one.attempt_id, state, "SMheld", "30005", meaning) for one in sought)
    )


def absent(sought: Sequence[Sought]) -> Found:
    return Found(absent=tuple(one.attempt_id for one in sought))


@pytest.fixture
def loop(loop: Loop) -> Loop:
    loop.channel.capabilities = replace(loop.channel.capabilities, lists=True)
    return loop


@pytest.fixture
def sara(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        return a_resident(session, a_programme(session), connector_id=priya.id, now=loop.clock())


def lose_one(loop: Loop) -> None:
    loop.channel.answer = unknown
    loop.plan()
    loop.clock.now = loop.clock().replace(hour=10) + timedelta(days=1)
    assert loop.send() == 1
    loop.channel.answer = arrived


def settle(loop: Loop) -> int:
    return rounds.settle(loop.wiring, loop.clock)


def attempts(loop: Loop) -> list[AttemptRow]:
    with loop.wiring.reading() as session:
        return session.query(AttemptRow).order_by(AttemptRow.made_at).all()


def states(loop: Loop) -> list[str]:
    return [attempt.state for attempt in attempts(loop)]


@pytest.mark.parametrize(
    ("finds", "state", "sent_again"),
    [
        pytest.param(found(S.ACCEPTED), S.ACCEPTED, 0, id="it waits at the provider"),
        pytest.param(found(S.DELIVERED), S.DELIVERED, 0, id="it has arrived"),
        pytest.param(found(S.UNDELIVERED), S.UNDELIVERED, 0, id="it left and did not arrive"),
        pytest.param(absent, S.DELIVERED, 1, id="it surely never left"),
        pytest.param(knows_nothing, S.UNKNOWN, 0, id="it could be either"),
    ],
)
@pytest.mark.usefixtures("sara")
def test_the_provider_is_asked_after_a_few_minutes(
    loop: Loop, finds: Finds, state: AttemptState, sent_again: int
) -> None:
    lose_one(loop)
    loop.channel.finds = finds
    loop.clock.forward(minutes=3)
    settle(loop)
    assert loop.channel.sought == [], "an answer may still come"
    loop.clock.forward(minutes=2)
    settle(loop)
    (sought,) = loop.channel.sought
    assert (sought.to, sought.body) == (number(1), loop.channel.bodies[0])
    assert loop.send() == sent_again
    assert states(loop) == [state.value]
    assert len(loop.channel.handed) == 1 + sent_again
    assert len({text.attempt_id for text in loop.channel.handed}) == 1


@pytest.mark.usefixtures("sara")
def test_a_provider_that_is_away_is_asked_again(loop: Loop) -> None:
    lose_one(loop)
    loop.channel.away = True
    loop.clock.forward(minutes=5)
    settle(loop)
    loop.channel.away, loop.channel.finds = False, found(S.DELIVERED)
    loop.clock.forward(minutes=1)
    settle(loop)
    settle(loop)
    assert states(loop) == ["delivered"]


@pytest.mark.usefixtures("sara")
def test_what_can_never_be_decided_is_not_asked_for_ever(loop: Loop) -> None:
    lose_one(loop)
    for _time in range(30):
        loop.clock.forward(minutes=20)
        settle(loop)
    assert len(loop.channel.sought) == len(settling.ASK_AFTER)
    assert states(loop) == ["unknown"]
    assert loop.send() == 0


@pytest.mark.usefixtures("sara")
def test_what_never_left_and_is_too_late_by_now_says_so(loop: Loop) -> None:
    lose_one(loop)
    loop.channel.finds = absent
    loop.clock.forward(hours=4)
    settle(loop)
    assert loop.send() == 0
    assert [(one.state, one.why) for one in attempts(loop)] == [
        ("skipped", "Not sent: it never left, and is too late by now.")
    ]


@pytest.mark.usefixtures("sara")
def test_a_callback_settles_it_before_anybody_asks(loop: Loop) -> None:
    lose_one(loop)
    receipt = Receipt(loop.channel.handed[0].attempt_id, S.SENT, "SMheld")
    with loop.wiring.transaction() as session:
        receipts.record(session, receipt, now=loop.clock())
    loop.channel.finds = absent
    loop.clock.forward(minutes=5)
    settle(loop)
    assert (loop.channel.sought, loop.send(), states(loop)) == ([], 0, ["sent"])


@pytest.mark.usefixtures("sara")
def test_a_callback_that_comes_while_the_provider_is_asked_wins(loop: Loop) -> None:
    """The list did not show it yet, and its receipt says that it left: it does not go again."""

    def meanwhile(sought: Sequence[Sought]) -> Found:
        with loop.wiring.transaction() as session:
            for one in sought:
                receipts.record(session, Receipt(one.attempt_id, S.SENT), now=loop.clock())
        return absent(sought)

    lose_one(loop)
    loop.channel.finds = meanwhile
    loop.clock.forward(minutes=5)
    settle(loop)
    assert (loop.send(), states(loop)) == (0, ["sent"])


def test_what_was_stopped_meanwhile_does_not_go_again(loop: Loop, sara: int) -> None:
    lose_one(loop)
    loop.says("STOP")
    loop.channel.finds = absent
    loop.clock.forward(minutes=5)
    settle(loop)
    assert (loop.send(), states(loop)) == (0, ["skipped"])
    assert loop.kinds(sara) == ["stopped"]


def test_a_dead_number_found_in_the_list_is_for_a_person(loop: Loop, sara: int) -> None:
    lose_one(loop)
    loop.channel.finds = found(S.UNDELIVERED, Meaning.NUMBER_DEAD)
    loop.clock.forward(minutes=5)
    settle(loop)
    assert loop.kinds(sara) == ["undelivered"]


@pytest.mark.usefixtures("sara")
def test_a_receipt_that_was_lost_is_fetched(loop: Loop) -> None:
    loop.asks()
    loop.channel.finds = found(S.DELIVERED)
    loop.clock.forward(minutes=11)
    rounds.reconcile(loop.wiring, loop.clock)
    assert states(loop) == ["delivered"]


HISTORIES = st.lists(
    st.sampled_from(["send", "send", "settle", "settle", "reconcile", "callback", "minutes"]),
    min_size=6,
    max_size=20,
)


@hypothesis_settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    history=HISTORIES,
    lost=st.lists(st.sampled_from(["taken", "not heard", "answered"]), min_size=1, max_size=4),
    lag=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_in_any_order_of_things_a_phone_gets_it_once_at_most(
    loop: Loop, history: list[str], lost: list[str], lag: list[bool]
) -> None:
    """The provider's truth is played beside us: what it took, and whether it told us."""
    held: list[Outgoing] = []
    fates, lags = iter(lost), iter(lag)

    def hand_over(text: Outgoing) -> Outcome:
        fate = next(fates, "answered")
        if fate != "not heard":
            held.append(text)
        told = fate == "answered"
        result = Result.ACCEPTED if told else Result.UNKNOWN
        return Outcome(text.attempt_id, result, text.attempt_id.hex if told else "")

    def look(sought: Sequence[Sought]) -> Found:
        if next(lags, False):
            return Found()
        there = {text.attempt_id for text in held}
        return Found(
            tuple(
                Receipt(one.attempt_id, S.DELIVERED) for one in sought if one.attempt_id in there
            ),
            tuple(one.attempt_id for one in sought if one.attempt_id not in there),
        )

    n = one_more_person(loop)
    loop.channel.answer, loop.channel.finds = hand_over, look
    loop.clock.now = loop.clock().replace(hour=10) + timedelta(days=1)
    before = {attempt.id for attempt in attempts(loop)}
    loop.send()
    for event in history:
        happens(loop, event, held)
    reached = [text for text in held if text.to == number(n)]
    assert len(reached) <= 1
    for wait in settling.ASK_AFTER * 3:
        loop.clock.forward(seconds=wait.total_seconds())
        settle(loop)
        loop.send()
        rounds.reconcile(loop.wiring, loop.clock)
    mine = [attempt for attempt in attempts(loop) if attempt.id not in before]
    assert [text.to for text in held].count(number(n)) <= 1
    assert {attempt.state for attempt in mine} <= {"delivered", "accepted", "sent", "skipped"}


def one_more_person(loop: Loop) -> int:
    """Somebody new, alone on a programme of their own; nobody else is due any more."""
    n = next(PEOPLE)
    with loop.wiring.transaction() as session:
        session.query(ProgrammeRow).update({"active": False})
        session.query(CheckInRow).filter(CheckInRow.state == "planned").delete()
        programme = a_programme(session, name=f"Daily {n}", starts_on=loop.clock().date())
        a_resident(session, programme, n=n, now=loop.clock())
    loop.plan()
    return n


def happens(loop: Loop, event: str, held: list[Outgoing]) -> Any:
    match event:
        case "send":
            return loop.send()
        case "settle":
            return settle(loop)
        case "reconcile":
            return rounds.reconcile(loop.wiring, loop.clock)
        case "minutes":
            return loop.clock.forward(minutes=5)
    with loop.wiring.transaction() as session:
        for text in held[-1:]:
            receipt = Receipt(text.attempt_id, S.SENT, text.attempt_id.hex)
            receipts.record(session, receipt, now=loop.clock())
    return None
