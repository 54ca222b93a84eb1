"""Trying a programme out: the live code on a person who does not exist, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from connector import rounds
from connector.domain.errors import Invalid, Refused
from connector.domain.programme import FollowUp, Item, Programme
from connector.domain.question import Question, QuestionKind
from connector.domain.rota import Member, Role
from connector.services import programmes as service
from connector.services import trying_out
from connector.services.trying_out import Act, Line, Move, Person
from connector.store import programmes, versions, views
from connector.store.base import Base, blind_index
from connector.store.tables import AttemptRow, AuditRow
from connector.wiring import Wiring
from tests.conftest import NOON
from tests.fakes import FakeClock
from tests.makers import Loop, a_member, a_programme, a_resident, number

SCALE = Question(QuestionKind.SCALE, 0, 10)
SARA = Person("Sara", "en", "Priya")
Play = Callable[..., list[Line]]


def says(words: str) -> Move:
    return Move(Act.SAYS, words)


@pytest.fixture
def wellbeing(wiring: Wiring) -> Programme:
    """Two questions, with a follow-up of a low first answer."""
    with wiring.transaction() as session:
        id_ = a_programme(session)
        plain = programmes.by_id(session, [id_])[id_]
    hard = Item("hard", Question(QuestionKind.OPEN), {"en": ("What made it hard?",)})
    out = Item("out", Question(QuestionKind.YES_NO), {"en": ("Been out this week, {name}?",)})
    week = Item("week", SCALE, {"en": ("How was it, 0 to 10?",)}, (FollowUp(0, 3, hard),))
    return replace(
        plain,
        items=(week, out),
        opening={"en": ("Hi {name}.", "Hello {name}.")},
        closing={"en": ("Thank you. {sender}",)},
        reminder={"en": ("Still time to say.",)},
        go_on={"en": ("Shall we go on? YES or NO",)},
        goodbye={"en": ("This is the last one.",)},
    )


@pytest.fixture
def play(wiring: Wiring, wellbeing: Programme) -> Play:
    def conversation(*moves: Move, programme: Programme = wellbeing, **who: Any) -> list[Line]:
        with wiring.reading() as session:
            return trying_out.play(
                session, programme, moves,
                person=replace(SARA, **who), reader=wiring.reader, now=NOON,
            )

    return conversation


def told(lines: list[Line]) -> list[str]:
    return [line.text.body for line in lines if line.text and line.ours]


def test_an_answer_brings_the_next_question_and_the_last_the_closing_words(play: Play) -> None:
    lines = play(says("7"), says("yes"))
    assert told(lines) == [
        "Hi Sara. How was it, 0 to 10?", "Been out this week, Sara?", "Thank you. Priya",
    ]
    assert [line.notes[0] for line in lines if not line.ours] == ["Read as 7.", "Read as yes."]


def test_a_low_answer_brings_its_follow_up_and_then_goes_on(play: Play) -> None:
    lines = play(says("3"), says("the weather mostly"), says("no"))
    assert told(lines) == [
        "Hi Sara. How was it, 0 to 10?", "What made it hard?", "Been out this week, Sara?",
        "Thank you. Priya",
    ]


def test_free_text_leaves_the_question_open_and_an_answer_still_counts(play: Play) -> None:
    lines = play(says("the bins were late again"), says("6"))
    assert "free text" in lines[1].notes[0]
    assert told(lines)[1:] == ["Been out this week, Sara?"]


def test_who_worries_us_is_answered_by_a_person(play: Play) -> None:
    lines = play(says("I don't want to be here any more"))
    assert len(told(lines)) == 2
    assert "To somebody in danger." in lines[-1].notes
    notes = next(line.notes for line in lines if not line.ours)
    assert any(note.startswith("A connector is told (now): ") for note in notes)


def test_a_stop_is_a_stop(play: Play) -> None:
    lines = play(says("please stop texting me"))
    assert "No more texts go to this number." in lines[1].notes
    assert len(told(lines)) == 1


def test_no_answer_brings_one_reminder_and_then_the_question_closes(play: Play) -> None:
    lines = play(Move(Act.SILENCE), Move(Act.SILENCE), says("7"), Move(Act.SILENCE))
    assert told(lines) == ["Hi Sara. How was it, 0 to 10?", "Still time to say."]
    assert lines[2].notes == (
        "The question has closed. An answer from now on is kept and shown as late.",
    )
    assert any("late" in note for note in lines[3].notes)
    assert lines[4].notes == ("Nothing is waiting for an answer.",)


def test_the_next_check_in_takes_the_next_wording(play: Play) -> None:
    assert told(play(Move(Act.NEXT)))[1] == "Hello Sara. How was it, 0 to 10?"


def test_whether_to_go_on_is_asked_and_answered(play: Play, wellbeing: Programme) -> None:
    lines = play(Move(Act.GO_ON), says("no thanks"))
    assert told(lines)[1:] == ["Shall we go on? YES or NO", "This is the last one."]
    silent = play(Move(Act.GO_ON), programme=replace(wellbeing, go_on={}))
    assert silent[-1].notes == ("There are no words for asking whether to go on yet.",)


def test_the_goodbye_is_seen(play: Play) -> None:
    assert told(play(Move(Act.GOODBYE)))[1:] == ["This is the last one."]


def test_in_a_language_without_words_english_is_seen(play: Play) -> None:
    assert told(play(language="cy", name="Gwen"))[0] == "Hi Gwen. How was it, 0 to 10?"


def test_the_conversation_has_an_end(play: Play) -> None:
    lines = play(*[says("hm")] * 100)
    assert sum(not line.ours for line in lines) == trying_out.MOST_MOVES


def test_what_is_seen_is_what_a_resident_would_get(loop: Loop, wellbeing: Programme) -> None:
    """The same answers through the whole live loop bring the same texts."""
    with loop.wiring.transaction() as session:
        id_ = programmes.add(session, replace(wellbeing, name="Live"))
        connector = a_member(session, "Priya Nair")
        a_resident(session, id_, connector_id=connector.id, now=NOON)
    loop.asks()
    for answer in ("3", "the weather mostly", "no"):
        loop.clock.forward(minutes=5)
        loop.says(answer)
        loop.send()
    with loop.wiring.reading() as session:
        moves = [says("3"), says("the weather mostly"), says("no")]
        first = trying_out.play(
            session, wellbeing, moves, person=SARA, reader=loop.wiring.reader, now=NOON
        )
    assert told(first) == loop.bodies_to(1)


def test_nothing_is_written(wiring: Wiring, play: Play) -> None:
    before = counted(wiring)
    play(says("1"), says("so so"), says("no"), Move(Act.NEXT), says("0, I want to die"))
    assert counted(wiring) == before


def counted(wiring: Wiring) -> dict[str, int]:
    with wiring.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


# --- To one's own phone ---------------------------------------------------------------------


@pytest.fixture
def morag(wiring: Wiring) -> Member:
    with wiring.transaction() as session:
        return a_member(session, "Morag Bell", Role.COORDINATOR, n=905)


def trial(wiring: Wiring, by: Member, id_: int, **later: float) -> None:
    with wiring.transaction() as session:
        draft = service.start_draft(session, id_, by=by, now=NOON)
        trying_out.send_to_own_phone(
            session, draft, by=by, channel="fake", now=NOON + timedelta(**later)
        )


def test_the_first_text_of_the_draft_goes_to_ones_own_number(
    loop: Loop, morag: Member
) -> None:
    with loop.wiring.transaction() as session:
        id_ = a_programme(session)
    trial(loop.wiring, morag, id_)
    loop.send()
    [sent] = loop.channel.handed
    assert (sent.to, sent.body) == (
        number(905), "Trial: Hi Morag, how have things been, 0 to 10? Morag",
    )
    with loop.wiring.reading() as session:
        [row] = session.scalars(select(AuditRow).where(AuditRow.act == trying_out.TRIAL_ACT))
        assert (row.staff_id, row.subject) == (morag.id, versions.SUBJECT)


def test_in_a_demonstration_it_is_on_the_simulated_phone(
    wiring: Wiring, clock: FakeClock, morag: Member
) -> None:
    with wiring.transaction() as session:
        id_ = a_programme(session)
    with wiring.transaction() as session:
        draft = service.start_draft(session, id_, by=morag, now=NOON)
        trying_out.send_to_own_phone(
            session, draft, by=morag, channel=wiring.channel.name, now=NOON
        )
    rounds.send(wiring, clock)
    with wiring.reading() as session:
        [line] = views.phone_texts(session, blind_index(number(905)))
    assert line.text.startswith("Trial: Hi Morag")


def test_a_few_trials_a_day_and_no_more(wiring: Wiring, morag: Member) -> None:
    with wiring.transaction() as session:
        id_ = a_programme(session)
    for n in range(trying_out.TRIALS_A_DAY):
        trial(wiring, morag, id_, minutes=n)
    with pytest.raises(Refused, match="You have had 5 trials in a day"):
        trial(wiring, morag, id_, hours=23)
    trial(wiring, morag, id_, hours=25)


def test_without_a_number_nothing_is_sent(wiring: Wiring, morag: Member) -> None:
    with wiring.transaction() as session:
        id_ = a_programme(session)
    with pytest.raises(Invalid, match="You have no mobile number here"):
        trial(wiring, replace(morag, number=""), id_)
    with wiring.reading() as session:
        assert session.scalar(select(func.count()).select_from(AttemptRow)) == 0
