"""A thread as a page shows it: pieces put together with their marks, and how each text came."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.attempt import AttemptState
from connector.domain.reply import Source
from connector.services import inbound
from connector.store.views import Piece, ThreadLine, whole
from tests.fakes import unknown
from tests.makers import Loop, a_programme, a_resident, a_text

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FILLED = "I went to the shops and saw the new bakery. It was raining all the way home again. "
LONG = (FILLED * 2)[:134] + " and then I thought"
"""153 characters: what a network makes the first piece of."""


def sara(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        return a_resident(session, a_programme(session), now=loop.clock())


def test_pieces_of_one_text_are_one_line_with_the_marks_of_all(loop: Loop) -> None:
    who = sara(loop)
    assert len(LONG) == 153
    loop.arrives(LONG, id_="A")
    loop.clock.forward(seconds=2)
    loop.arrives(" I want to die. Can you ring me", id_="B")
    loop.read()
    line, _automatic_answer = loop.thread(who)
    assert line.text == LONG + " I want to die. Can you ring me"
    marked = [line.text[start:end] for start, end in line.spans]
    assert any("want to die" in words for words in marked)
    assert any("ring me" in words for words in marked)


def test_two_texts_that_only_follow_each_other_stay_two(loop: Loop) -> None:
    who = sara(loop)
    loop.says("hello")
    loop.says("are you there")
    assert [line.text for line in loop.thread(who)] == ["hello", "are you there"]


def test_a_text_that_came_by_another_way_says_so(loop: Loop) -> None:
    who = sara(loop)
    for source in Source:
        with loop.wiring.transaction() as session:
            text = a_text(source.value, id_=source.value)
            inbound.receive(session, text, now=loop.clock(), source=source)
        loop.clock.forward(minutes=1)
    loop.read()
    assert [line.source for line in loop.thread(who)] == list(Source)


def test_a_text_of_which_we_do_not_know_whether_it_left_says_so(loop: Loop) -> None:
    who = sara(loop)
    loop.channel.answer = unknown
    loop.asks()
    (line,) = loop.thread(who)
    assert line.state is AttemptState.UNKNOWN


@given(st.lists(st.tuples(st.text(max_size=20), st.booleans()), max_size=12))
def test_putting_together_loses_no_character_and_no_mark(said: list[tuple[str, bool]]) -> None:
    pieces = [
        Piece(
            n,
            n - 1 if goes_on and n > 1 else None,
            ThreadLine(True, NOON, text, ((0, len(text)),)),
        )
        for n, (text, goes_on) in enumerate(said, 1)
    ]
    lines = whole(reversed(pieces))
    assert "".join(line.text for line in lines) == "".join(text for text, _ in said)
    assert len(lines) == sum(piece.continues is None for piece in pieces)
    marked = [line.text[start:end] for line in lines for start, end in line.spans]
    assert marked == [text for text, _ in said]
    assert [replace(line, text="", spans=()) for line in lines] == [
        ThreadLine(True, NOON, "") for _ in lines
    ]
