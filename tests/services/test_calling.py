"""People who are rung or visited: the same pace, in the same queue, kept like any answer."""

from __future__ import annotations

import pytest

from connector.domain.errors import Invalid, Refused
from connector.domain.flag import Outcome
from connector.domain.meeting import Said, Went
from connector.domain.programme import FollowUp, Item, Programme
from connector.domain.question import OPEN
from connector.domain.rota import Member
from connector.services import calling
from connector.store import programmes, views
from connector.store.tables import AskedRow, AttemptRow, CheckInRow, FlagRow, ReasonRow, ResidentRow
from tests.makers import SCALE, Loop, a_member, a_programme, a_resident


def rung(loop: Loop, by: str = "call") -> tuple[int, Member]:
    """Somebody who is rung every day at ten, and their connector."""
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        programme = a_programme(session)
        who = a_resident(session, programme, connector_id=priya.id, now=loop.clock())
        session.get_one(ResidentRow, who).contact_by = by
    loop.plan()
    return who, priya


def falls_due(loop: Loop) -> int:
    """It is ten on the next day with texts. Returns the check-in that has become a call."""
    loop.clock.forward(days=2 if loop.clock().weekday() == 5 else 1)
    loop.plan()
    loop.clock.now = loop.clock().replace(hour=10, minute=1)
    loop.send()
    with loop.wiring.reading() as session:
        due = session.query(ReasonRow).order_by(ReasonRow.id.desc()).first()
        return int(due.figures["check_in"]) if due else 0


def says(loop: Loop, id_: int, priya: Member, went: Went = Went.REACHED, **answers: str) -> bool:
    with loop.wiring.transaction() as session:
        return calling.record(
            session, id_, Said(went, answers), rules=loop.wiring.reader.rules, by=priya,
            hours=loop.wiring.hours, now=loop.clock(),
        )  # fmt: skip


def flags_of(loop: Loop) -> list[tuple[str, str | None]]:
    with loop.wiring.reading() as session:
        return [(row.state, row.outcome) for row in session.query(FlagRow).order_by(FlagRow.id)]


@pytest.mark.parametrize(
    ("by", "sentence", "kind"),
    [
        ("call", "Ring Sara: Weekly check-in.", "call_due"),
        ("visit", "Visit Sara: Weekly check-in.", "visit_due"),
    ],
)
def test_on_the_due_day_a_call_or_visit_is_to_do_and_no_text_goes(
    loop: Loop, by: str, sentence: str, kind: str
) -> None:
    rung(loop, by)
    falls_due(loop)

    assert loop.channel.handed == []
    with loop.wiring.reading() as session:
        reason = session.query(ReasonRow).one()
        flag = session.query(FlagRow).one()
        row = session.get_one(CheckInRow, reason.figures["check_in"])
    assert (reason.sentence, reason.kind, reason.promise) == (sentence, kind, "today")
    assert flag.due_at.date() == loop.clock().date()
    assert row.why == f"Not sent: a {by} is due that day instead."


def test_what_they_say_is_kept_with_its_question_and_what_was_to_do_is_finished(
    loop: Loop,
) -> None:
    who, priya = rung(loop)
    id_ = falls_due(loop)

    assert says(loop, id_, priya, first="6, not so bad")

    assert flags_of(loop) == [("done", Outcome.SPOKE.value)]
    with loop.wiring.reading() as session:
        asked = session.query(AskedRow).one()
        thread = views.thread(session, who, limit=5)
        assert session.query(AttemptRow).count() == 0
    assert (asked.check_in_id, asked.answer) == (id_, 6)
    assert [(line.text, line.source.words) for line in thread] == [
        ("6, not so bad", "said on the phone")
    ]


def test_an_answer_far_below_what_is_usual_is_noticed_like_any(loop: Loop) -> None:
    _who, priya = rung(loop)
    for answer in ("8", "8", "7", "8", "8", "7", "8", "8"):
        assert says(loop, falls_due(loop), priya, first=answer)

    assert not says(loop, falls_due(loop), priya, first="2")
    with loop.wiring.reading() as session:
        kinds = [row.kind for row in session.query(ReasonRow).order_by(ReasonRow.id)]
    assert kinds[-1] in ("below", "low")
    assert flags_of(loop)[-1] == ("taken", None)


def test_words_that_ask_for_a_person_are_noticed_as_well(loop: Loop) -> None:
    _who, priya = rung(loop)
    says(loop, falls_due(loop), priya, first="3, there is no food in the house")
    with loop.wiring.reading() as session:
        assert "words" in {row.kind for row in session.query(ReasonRow)}
    assert flags_of(loop) == [("taken", None)]


def test_a_call_that_nobody_answered_stays_to_do(loop: Loop) -> None:
    _who, priya = rung(loop)
    id_ = falls_due(loop)
    assert not says(loop, id_, priya, Went.NOT_IN)
    assert flags_of(loop) == [("taken", None)]
    assert says(loop, id_, priya, first="7")


def test_a_missed_call_joins_the_next_in_one_flag(loop: Loop) -> None:
    rung(loop)
    falls_due(loop)
    falls_due(loop)
    with loop.wiring.reading() as session:
        assert session.query(ReasonRow).count() == 2
    assert flags_of(loop) == [("new", None)]


def test_an_answer_that_cannot_be_read_is_refused_with_its_question(loop: Loop) -> None:
    _who, priya = rung(loop)
    id_ = falls_due(loop)
    with pytest.raises(Invalid, match="A number from 0 to 10"):
        says(loop, id_, priya, first="not great")
    assert flags_of(loop) == [("new", None)]


def test_it_is_written_down_once(loop: Loop) -> None:
    _who, priya = rung(loop)
    id_ = falls_due(loop)
    says(loop, id_, priya, first="7")
    with pytest.raises(Refused):
        says(loop, id_, priya, first="7")


@pytest.mark.parametrize("agreement", ["withdrawn", "paused", "invited"])
def test_nobody_is_rung_who_has_not_agreed_or_wants_no_more(loop: Loop, agreement: str) -> None:
    who, _priya = rung(loop)
    with loop.wiring.transaction() as session:
        session.get_one(ResidentRow, who).agreement = agreement
    falls_due(loop)
    assert flags_of(loop) == []


def test_follow_ups_and_several_questions_stand_on_the_sheet(loop: Loop) -> None:
    _who, _priya = rung(loop)
    with loop.wiring.transaction() as session:
        (before,) = programmes.active(session)
        more = Item("more", OPEN, {"en": ("What made it hard, {name}?",)})
        first = Item("first", SCALE, before.wording, (FollowUp(0, 3, more),))
        second = Item("people", SCALE, {"en": ("And seeing people, 0 to 10?",)})
        id_ = programmes.add(
            session,
            Programme(0, "Two", before.kind, before.cadence, (first, second)),
        )
        programmes.enrol(session, id_, [_who], on=loop.clock().date())
    loop.plan()
    falls_due(loop)
    with loop.wiring.reading() as session:
        ids = [row.figures["check_in"] for row in session.query(ReasonRow)]
        sheets = [calling.sheet(session, check_in)[0] for check_in in ids]
    two = next(sheet for sheet in sheets if sheet.programme.name == "Two")
    assert [(one.key, one.only_after) for one in two.questions] == [
        ("first", ""), ("more", "first"), ("people", ""),
    ]  # fmt: skip
    assert two.questions[1].words == "What made it hard, Sara?"
