"""A set of questions is a conversation by text: one question open, one text an answer, no nagging.

The table tells conversations: what somebody writes, what they get for it, and what is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.asked import GO_ON
from connector.domain.attempt import Purpose
from connector.domain.cadence import Cadence
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.programme import FollowUp, Item, Part, Programme, ProgrammeKind
from connector.domain.promise import Promise
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.rota import Member
from connector.services import casework
from connector.store import programmes, residents, views
from connector.store.tables import (
    AskedRow,
    AttemptRow,
    AuditRow,
    CheckInRow,
    EnrolmentRow,
    ReadingRow,
    ReplyRow,
    UsualRow,
)
from tests.fakes import arrived
from tests.makers import EVERY_DAY, SCALE, Loop, a_member, a_programme, a_resident

HOW, SLEPT, OUT, WHY, MORE = "how", "slept", "out", "why", "more"
DANGER = "I don't want to be here any more"
YES_NO = Question(QuestionKind.YES_NO)
STEP = Question(QuestionKind.STEP)
FIRST = "Hello Sara. How have things been, 0 to 10?"
SECOND = "How did you sleep, 0 to 10?"
THIRD = "Did you get out of the house?"
BECAUSE = "What made it hard?"
LAST = "Thank you, Sara. That is all."


def item(key: str, question: Question, words: str, *follow_ups: FollowUp) -> Item:
    return Item(key, question, {"en": (words,)}, follow_ups)


QUESTIONS = (
    item(
        HOW, SCALE, "How have things been, 0 to 10?", FollowUp(0, 4, item(WHY, OPEN, BECAUSE))
    ),
    item(SLEPT, SCALE, SECOND),
    item(OUT, YES_NO, THIRD),
)


def a_set(loop: Loop, items: tuple[Item, ...] = QUESTIONS, **changes: object) -> int:
    """A programme that asks `items` every day, with an opening and closing words."""
    plain = Programme(
        0, "A few questions", ProgrammeKind.CHECK_IN,
        Cadence(EVERY_DAY, time(10), date(2026, 11, 23)), items,
        opening={"en": ("Hello {name}.",)}, closing={"en": ("Thank you, {name}. That is all.",)},
    )  # fmt: skip
    with loop.wiring.transaction() as session:
        return programmes.add(session, replace(plain, **changes))  # type: ignore[arg-type]


@pytest.fixture
def priya(loop: Loop) -> Member:
    loop.channel.answer = arrived
    with loop.wiring.transaction() as session:
        return a_member(session)


def on(loop: Loop, programme: int, priya: Member, **changes: object) -> int:
    with loop.wiring.transaction() as session:
        return a_resident(
            session, programme, connector_id=priya.id, now=loop.clock(), **changes  # type: ignore[arg-type]
        )


@pytest.fixture
def sara(loop: Loop, priya: Member) -> int:
    return on(loop, a_set(loop), priya)


def asked(loop: Loop) -> list[AskedRow]:
    with loop.wiring.reading() as session:
        return session.query(AskedRow).order_by(AskedRow.asked_at, AskedRow.id).all()


def kept(loop: Loop) -> list[tuple[str, float | None]]:
    """Every question that was answered, in the order it was asked, with its answer."""
    return [(row.item, row.answer) for row in asked(loop) if row.answered_at is not None]


def still_open(loop: Loop) -> list[str]:
    now = loop.clock()
    return [row.item for row in asked(loop) if row.answered_at is None and row.closes_at > now]


def replies(loop: Loop) -> list[ReplyRow]:
    with loop.wiring.reading() as session:
        return session.query(ReplyRow).order_by(ReplyRow.id).all()


def usual_replies(loop: Loop) -> int:
    """How many answers the usual has been learnt from."""
    with loop.wiring.reading() as session:
        row = session.query(UsualRow).one_or_none()
    return row.usual["replies"] if row is not None and row.usual else 0


def says(loop: Loop, *texts: str) -> list[str]:
    """Somebody writes `texts`, all read together; what they get for it."""
    before = len(loop.bodies_to(1))
    loop.clock.forward(minutes=1)
    for text in texts:
        loop.arrives(text)
    loop.read()
    loop.send()
    return loop.bodies_to(1)[before:]


@dataclass(frozen=True)
class Conversation:
    """What is written, each with the texts that come back; then what is kept and what is open."""

    turns: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    kept: tuple[tuple[str, float | None], ...] = ()
    open: tuple[str, ...] = ()
    reasons: tuple[str, ...] = field(default=())


def turn(said: str | tuple[str, ...], *back: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return ((said,) if isinstance(said, str) else said, back)


CONVERSATIONS = {
    "all of it, one text a question": Conversation(
        (turn("7", SECOND), turn("6 thanks", THIRD), turn("yes", LAST)),
        ((HOW, 7), (SLEPT, 6), (OUT, 1)),
    ),
    "a low answer brings its follow-up, and then the next": Conversation(
        (
            turn("4", BECAUSE), turn("the weather mostly", SECOND), turn("8", THIRD),
            turn("no", LAST),
        ),
        ((HOW, 4), (WHY, None), (SLEPT, 8), (OUT, 0)),
    ),
    "free text in the middle is kept and nothing is said to it": Conversation(
        (
            turn("7", SECOND), turn("had my sister here all week"),
            turn("we went to the market"), turn("5", THIRD),
        ),
        ((HOW, 7), (SLEPT, 5)),
        (OUT,),
        ("unclear", "unclear"),
    ),
    "thanks in the middle keep the question open": Conversation(
        (turn("7", SECOND), turn("thanks love")), ((HOW, 7),), (SLEPT,), ("unclear",),
    ),
    "a correction in the same breath": Conversation(
        (turn(("7", "sorry 6"), SECOND),), ((HOW, 6),), (SLEPT,)
    ),
    "a correction chooses the follow-up": Conversation(
        (turn(("7", "sorry 3"), BECAUSE),), ((HOW, 3),), (WHY,)
    ),
    "a number after the next question is that question's": Conversation(
        (turn("7", SECOND), turn("6", THIRD)), ((HOW, 7), (SLEPT, 6)), (OUT,)
    ),
    "a number that cannot be the next one's corrects the one before": Conversation(
        (turn("7", SECOND), turn("6", THIRD), turn("sorry, 5")),
        ((HOW, 7), (SLEPT, 5)),
        (OUT,),
    ),
    "danger has the one automatic answer, and the set is left": Conversation(
        (turn("7", SECOND), turn(f"3. {DANGER}", "crisis"), turn("no")),
        ((HOW, 7), (SLEPT, 3)),
        (),
        ("unclear", "words"),
    ),
    "the worst there is: a person goes on": Conversation(
        (turn("0"),), ((HOW, 0),), (), ("low",)
    ),
    "a call asked for with the answer": Conversation(
        (turn("6 but can you ring me please"),), ((HOW, 6),), (), ("asked",)
    ),
    "a call asked for beside the answer": Conversation(
        (turn(("can you ring me please", "6")),), ((HOW, 6),), (), ("asked",)
    ),
    "stopped: not even the closing words": Conversation(
        (turn("7", SECOND), turn("6", THIRD), turn("STOP"), turn("yes")),
        ((HOW, 7), (SLEPT, 6), (OUT, 1)),
        (),
        ("stopped",),
    ),
    "stopped in the same breath": Conversation(
        (turn(("7", "STOP")),), ((HOW, 7),), (), ("stopped",)
    ),
    "a picture to a question": Conversation(
        (turn("7", SECOND), turn(""),), ((HOW, 7),), (SLEPT,), ("unclear",)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation(loop: Loop, sara: int, name: str) -> None:
    told = CONVERSATIONS[name]
    loop.asks()
    assert loop.bodies_to(1) == [FIRST]
    for said, back in told.turns:
        got = says(loop, *said)
        assert ["crisis" if "999" in text else text for text in got] == list(back), said
    assert kept(loop) == list(told.kept)
    assert still_open(loop) == list(told.open)
    assert sorted(loop.kinds(sara)) == sorted(told.reasons)
