"""A later word about a text: kept once, forward only, followed up where it is about a person."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from connector.domain.attempt import AttemptState, Meaning, Outcome, Outgoing, Receipt
from connector.domain.consent import AgreementState
from connector.services import receipts
from connector.store.tables import AttemptRow, ReceiptRow
from tests.fakes import accepted
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
    # A phone that is off has a second try beside it, made at the same moment.
    failed = [line for line in loop.thread(sara) if line.state is S.UNDELIVERED]
    assert [line.why for line in failed] == [meaning.words]


def test_a_late_word_about_a_text_that_has_arrived_says_nothing_about_its_number(
    loop: Loop, sara: int
) -> None:
    loop.asks()
    word(loop, S.DELIVERED)
    word(loop, S.UNDELIVERED, Meaning.NUMBER_DEAD)
    assert state(loop, sara) is S.DELIVERED
    assert loop.flag(sara) is None
    loop.clock.forward(days=1)
    assert loop.send() == 1


def test_a_word_that_overtakes_the_answer_to_its_sending_is_kept(loop: Loop, sara: int) -> None:
    def overtaken(text: Outgoing) -> Outcome:
        receipt = Receipt(text.attempt_id, S.DELIVERED, "SM1")
        with loop.wiring.transaction() as session:
            assert receipts.record(session, receipt, now=loop.clock())
        return accepted(text)

    loop.channel.answer = overtaken
    loop.asks()
    assert state(loop, sara) is S.DELIVERED


class TestAPhoneThatIsOff:
    """Tried once more on the same day, as a text of its own; then it is for the count."""

    def off(self, loop: Loop) -> None:
        word(loop, S.UNDELIVERED, Meaning.PHONE_OFF)

    def states(self, loop: Loop) -> list[str]:
        with loop.wiring.reading() as session:
            rows = session.query(AttemptRow).order_by(AttemptRow.made_at, AttemptRow.due_at)
            return [row.state for row in rows]

    @pytest.mark.usefixtures("sara")
    def test_is_tried_again_within_the_hour_and_only_once(self, loop: Loop) -> None:
        loop.asks()
        self.off(loop)
        loop.clock.forward(minutes=29)
        assert loop.send() == 0
        loop.clock.forward(minutes=31)
        assert loop.send() == 1
        first, second = loop.channel.handed
        assert first.body == second.body
        assert first.attempt_id != second.attempt_id
        self.off(loop)
        loop.clock.forward(hours=2)
        assert loop.send() == 0
        assert self.states(loop) == ["undelivered", "undelivered"]

    @pytest.mark.usefixtures("sara")
    def test_that_is_on_again_counts_as_reached(self, loop: Loop) -> None:
        loop.asks()
        self.off(loop)
        loop.clock.forward(hours=1)
        loop.send()
        word(loop, S.DELIVERED)
        assert self.states(loop) == ["undelivered", "delivered"]

    @pytest.mark.usefixtures("sara")
    def test_and_had_the_text_after_all_gets_no_second(self, loop: Loop) -> None:
        loop.asks()
        self.off(loop)
        word(loop, S.DELIVERED)
        loop.clock.forward(hours=1)
        assert loop.send() == 0
        assert self.states(loop) == ["delivered", "skipped"]

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            pytest.param("STOP", "stopped", id="a stop in between"),
            pytest.param("can you ring me", "asked", id="a text in between"),
        ],
    )
    def test_is_left_in_peace_after(self, loop: Loop, sara: int, body: str, kind: str) -> None:
        loop.asks()
        self.off(loop)
        loop.says(body)
        loop.clock.forward(hours=1)
        assert loop.send() == 0
        assert loop.kinds(sara) == [kind]

    @pytest.mark.parametrize(
        ("at", "timely", "again"),
        [
            pytest.param(time(10), 4, True, id="in the morning"),
            pytest.param(time(10), 0.4, False, id="of little use in half an hour"),
            pytest.param(time(18, 40), 12, True, id="in the early evening"),
            pytest.param(time(19, 35), 12, False, id="with the night at hand"),
        ],
    )
    def test_is_tried_again_only_while_it_is_worth_it(
        self, loop: Loop, at: time, timely: float, again: bool
    ) -> None:
        with loop.wiring.transaction() as session:
            programme = a_programme(session, at=at, timely_for=timedelta(hours=timely))
            a_resident(session, programme, now=loop.clock())
        loop.plan()
        loop.clock.now = loop.clock().replace(hour=at.hour, minute=at.minute) + timedelta(days=1)
        loop.send()
        self.off(loop)
        assert len(self.states(loop)) == (2 if again else 1)

    def test_twice_a_day_for_days_is_a_matter_of_the_number(self, loop: Loop, sara: int) -> None:
        loop.plan()
        for _day in range(7):
            loop.clock.now = loop.clock().replace(hour=10) + timedelta(days=1)
            for _try in range(2):
                if loop.send():
                    self.off(loop)
                loop.clock.forward(hours=1)
            loop.close()
        assert loop.kinds(sara) == ["undelivered"]


def test_each_word_of_the_provider_is_kept_once_even_where_two_mean_the_same(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        a_resident(session, programme, now=loop.clock())
    loop.asks()
    with loop.wiring.reading() as session:
        id_ = session.query(AttemptRow).one().id
    words = [("queued", AttemptState.ACCEPTED), ("sending", AttemptState.ACCEPTED)]
    for said, state in [*words, *words, ("sent", AttemptState.SENT)]:
        with loop.wiring.transaction() as session:
            receipts.record(session, Receipt(id_, state, said=said), now=loop.clock())
    with loop.wiring.reading() as session:
        assert [row.status for row in session.query(ReceiptRow).order_by(ReceiptRow.id)] == [
            "queued",
            "sending",
            "sent",
        ]
