"""A later word about a text: kept once, forward only, followed up where it is about a person."""

from __future__ import annotations

import pytest

from connector.domain.attempt import AttemptState, Meaning, Receipt
from connector.domain.consent import AgreementState
from connector.services import receipts
from connector.store.tables import ReceiptRow
from tests.makers import Loop, a_member, a_programme, a_resident

S = AttemptState


@pytest.fixture
def sara(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        return a_resident(session, a_programme(session), connector_id=priya.id, now=loop.clock())


def word(loop: Loop, state: AttemptState, meaning: Meaning = Meaning.NONE) -> bool:
    """A status callback for the last text that was handed over."""
    receipt = Receipt(loop.channel.handed[-1].attempt_id, state, "SM1", "30000", meaning)
    with loop.wiring.transaction() as session:
        return receipts.record(session, receipt, now=loop.clock())


def state(loop: Loop, who: int) -> AttemptState | None:
    return loop.thread(who)[-1].state


def test_sent_then_delivered(loop: Loop, sara: int) -> None:
    loop.asks()
    assert [word(loop, S.SENT), word(loop, S.DELIVERED)] == [True, True]
    assert state(loop, sara) is S.DELIVERED


def test_delivered_then_a_late_sent_stays_delivered(loop: Loop, sara: int) -> None:
    loop.asks()
    assert [word(loop, S.DELIVERED), word(loop, S.SENT)] == [True, True]
    assert state(loop, sara) is S.DELIVERED


def test_the_same_word_twice_is_followed_up_once(loop: Loop, sara: int) -> None:
    loop.asks()
    twice = [word(loop, S.UNDELIVERED, Meaning.NUMBER_DEAD) for _ in range(2)]
    assert twice == [True, False]
    assert loop.kinds(sara) == ["undelivered"]
    with loop.wiring.reading() as session:
        assert session.query(ReceiptRow).count() == 1


@pytest.mark.parametrize(
    ("meaning", "kinds", "agreement"),
    [
        pytest.param(Meaning.NUMBER_DEAD, ["undelivered"], AgreementState.GIVEN, id="dead"),
        pytest.param(Meaning.BLOCKED, ["undelivered"], AgreementState.GIVEN, id="blocked"),
        pytest.param(Meaning.OPTED_OUT, ["stopped"], AgreementState.WITHDRAWN, id="opted out"),
        pytest.param(Meaning.PHONE_OFF, [], AgreementState.GIVEN, id="phone off, once"),
        pytest.param(Meaning.OUR_SET_UP, [], AgreementState.GIVEN, id="our own fault"),
    ],
)
def test_a_failed_delivery(
    loop: Loop, sara: int, meaning: Meaning, kinds: list[str], agreement: AgreementState
) -> None:
    loop.asks()
    word(loop, S.UNDELIVERED, meaning)
    assert loop.kinds(sara) == kinds
    assert loop.agreement(sara) is agreement
    assert loop.thread(sara)[-1].why == meaning.words
