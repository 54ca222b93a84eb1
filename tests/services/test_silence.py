"""Silence over weeks: only what arrived can go unanswered, and nobody is missed for nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connector.domain.attempt import Meaning, Outcome, Outgoing, Result
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.promise import Promise
from connector.store import residents
from connector.store.tables import CheckInRow, UsualRow
from tests.fakes import accepted, arrived, unknown
from tests.makers import Loop, a_member, a_programme, a_resident

Answer = Callable[[Outgoing], Outcome]


def phone_off(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.REFUSED, code="30003", meaning=Meaning.PHONE_OFF)


@pytest.fixture
def sara(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        return a_resident(session, a_programme(session), connector_id=priya.id, now=loop.clock())


def weeks_pass(loop: Loop, days: int, answer: Answer, says: str = "") -> None:
    """Day after day a text goes out, and perhaps an answer comes back."""
    loop.channel.answer = answer
    for _ in range(days):
        loop.asks()
        if says:
            loop.says(says)
        loop.close()


def test_a_text_that_arrived_and_had_no_answer_for_days_is_noticed_once(
    loop: Loop, sara: int
) -> None:
    weeks_pass(loop, 10, arrived, says="7")
    weeks_pass(loop, 12, arrived)
    assert loop.kinds(sara) == ["quiet"]
    flag = loop.flag(sara)
    assert flag is not None
    assert flag.promise is Promise.THIS_WEEK
    (reason,) = loop.reasons(sara)
    assert reason.sentence.startswith("Sara has been quiet for")
    assert reason.rule


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        pytest.param(unknown, [], id="not known whether they left"),
        pytest.param(phone_off, ["undelivered"], id="did not arrive: a matter of the number"),
    ],
)
def test_what_did_not_arrive_is_not_silence(
    loop: Loop, sara: int, answer: Answer, kinds: list[str]
) -> None:
    weeks_pass(loop, 10, arrived, says="7")
    weeks_pass(loop, 12, answer)
    assert sorted(set(loop.kinds(sara))) == kinds


def test_with_no_word_either_way_silence_counts_half(loop: Loop, sara: int) -> None:
    weeks_pass(loop, 10, arrived, says="7")
    weeks_pass(loop, 6, accepted)
    with loop.wiring.reading() as session:
        rhythm = session.query(UsualRow).one().rhythm
    assert rhythm is not None
    assert rhythm["run"] == 0.5 * 2, "none goes on the Sunday, and three are still open"


@pytest.mark.parametrize("state", [AgreementState.PAUSED, AgreementState.WITHDRAWN])
def test_nobody_is_missed_who_is_away_or_has_stopped(
    loop: Loop, sara: int, state: AgreementState
) -> None:
    weeks_pass(loop, 10, arrived, says="7")
    weeks_pass(loop, 3, arrived)
    with loop.wiring.transaction() as session:
        residents.agree(session, sara, AgreementEvent(state, loop.clock(), How.BY_PHONE))
    weeks_pass(loop, 12, arrived)
    assert loop.flag(sara) is None


def test_a_late_free_text_ends_the_silence(loop: Loop, sara: int) -> None:
    weeks_pass(loop, 10, arrived, says="7")
    for _ in range(8):
        weeks_pass(loop, 2, arrived)
        loop.says("sorry, busy with the grandchildren")
    assert "quiet" not in loop.kinds(sara)


def test_each_check_in_is_closed_once(loop: Loop, sara: int) -> None:
    loop.asks()
    loop.clock.forward(days=4)
    assert [loop.close(), loop.close()] == [1, 0]
    with loop.wiring.reading() as session:
        closed = session.query(CheckInRow).filter(CheckInRow.attempted_at.is_not(None)).one()
    assert closed.closes_at is None


class TestAfterAWorryingReply:
    """A low answer or worrying words, and then nothing: the flag stays, and is due sooner."""

    @pytest.mark.parametrize(
        ("words", "before", "after"),
        [
            pytest.param("2", Promise.THIS_WEEK, Promise.TODAY, id="a low answer"),
            pytest.param("no heating or food in", Promise.TODAY, Promise.NOW, id="words"),
        ],
    )
    def test_the_next_text_without_an_answer_moves_it_up_a_step_once(
        self, loop: Loop, sara: int, words: str, before: Promise, after: Promise
    ) -> None:
        weeks_pass(loop, 3, arrived, says="7")
        loop.asks()
        loop.says(words)
        flag = loop.flag(sara)
        assert flag is not None
        assert flag.promise is before
        weeks_pass(loop, 6, arrived)
        moved = loop.flag(sara)
        assert moved is not None
        assert (moved.promise, moved.state) == (after, flag.state)
        assert moved.due_at <= flag.due_at
        quiet = [reason for reason in loop.reasons(sara) if reason.kind == "quiet"]
        assert [reason.rule for reason in quiet] == ["quiet after a worrying reply"]
        assert f"Moved up from {before.words.lower()}." in quiet[0].sentence

    @pytest.mark.parametrize("answer", [accepted, unknown, phone_off])
    def test_only_a_text_that_is_known_to_have_arrived_counts(
        self, loop: Loop, sara: int, answer: Answer
    ) -> None:
        weeks_pass(loop, 3, arrived, says="7")
        loop.asks()
        loop.says("2")
        weeks_pass(loop, 6, answer)
        assert "quiet after a worrying reply" not in [one.rule for one in loop.reasons(sara)]

    def test_an_answer_leaves_it_where_it_was(self, loop: Loop, sara: int) -> None:
        weeks_pass(loop, 3, arrived, says="7")
        loop.asks()
        loop.says("2")
        weeks_pass(loop, 6, arrived, says="6")
        flag = loop.flag(sara)
        assert flag is not None
        assert flag.promise is Promise.THIS_WEEK
