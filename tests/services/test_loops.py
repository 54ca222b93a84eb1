"""Two robots cannot thank each other all night: few automatic answers, and none for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from connector.domain.attempt import Purpose
from connector.services import answering
from connector.store.attempts import NewAttempt
from connector.store.base import blind_index
from connector.store.tables import AttemptRow, ReadingRow
from tests.fakes import arrived
from tests.makers import Loop, a_member, a_programme, a_resident, number

ROUNDS = 150
EVERY = timedelta(minutes=15)
DANGER = "I want to die"


def answered_at(loop: Loop) -> list[datetime]:
    with loop.wiring.reading() as session:
        rows = session.query(AttemptRow).filter(AttemptRow.purpose == Purpose.ANSWER.value)
        return sorted(row.made_at for row in rows)


def most_in_a_day(moments: list[datetime]) -> int:
    return max(
        (sum(start <= at < start + answering.DAY for at in moments) for start in moments),
        default=0,
    )


def echo(heard: str, _turn: int) -> str:
    return heard


def thanks(_heard: str, turn: int) -> str:
    return f"Thank you for your message no {turn}. {DANGER}"


def another_service(_heard: str, turn: int) -> str:
    return f"Auto-reply {turn}: we are away. If you want to die call 999."


@pytest.mark.slow
@pytest.mark.parametrize("robot", [echo, thanks, another_service])
@pytest.mark.parametrize("known", [True, False], ids=["a resident's number", "a stranger's"])
def test_a_robot_that_answers_everything_is_soon_left_alone(
    loop: Loop, robot: Callable[[str, int], str], known: bool
) -> None:
    with loop.wiring.transaction() as session:
        a_member(session)
        if known:
            a_resident(session, a_programme(session), now=loop.clock())
    loop.channel.answer = arrived
    heard = DANGER
    for turn in range(ROUNDS):
        before = len(loop.channel.handed)
        loop.arrives(robot(heard, turn))
        if loop.read():
            loop.send()
        if len(loop.channel.handed) > before:
            heard = loop.channel.handed[-1].body
        loop.clock.forward(seconds=EVERY.total_seconds())
    moments = answered_at(loop)
    days = ROUNDS * EVERY / answering.DAY
    assert 1 <= len(moments) <= (answering.MOST_A_DAY * (days + 1) if known else 1)
    assert most_in_a_day(moments) <= answering.MOST_A_DAY
    with loop.wiring.reading() as session:
        assert session.query(ReadingRow).count() == ROUNDS, "and every word of it was read"


def test_the_limit_holds_for_a_number_whatever_asks_for_an_answer(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        two = [a_resident(session, name=name, now=loop.clock()) for name in ("Sara", "Ada")]
    index = blind_index(number(1))
    given = []
    for turn in range(10):
        now = loop.clock.forward(hours=1)
        text = NewAttempt(
            two[turn % 2], Purpose.ANSWER, f"Answer {turn}", now, now + timedelta(hours=1)
        )
        with loop.wiring.transaction() as session:
            given.append(bool(answering.queue(session, {index: text}, channel="fake", now=now)))
    assert given == [True] * 3 + [False] * 7
    loop.clock.forward(days=1)
    now = loop.clock()
    text = NewAttempt(two[0], Purpose.ANSWER, "Tomorrow", now, now + timedelta(hours=1))
    with loop.wiring.transaction() as session:
        assert answering.queue(session, {index: text}, channel="fake", now=now) == {index}


def test_the_same_words_again_and_again_get_no_answer(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        a_resident(session, now=loop.clock())
    for _time in range(3):
        loop.arrives("Your parcel is on its way")
        loop.clock.forward(minutes=1)
    loop.read()
    for _time in range(3):
        loop.arrives(DANGER)
    loop.read()
    assert len(answered_at(loop)) == 1, "the first of them is answered, the repeats are not"
