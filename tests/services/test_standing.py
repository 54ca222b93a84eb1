"""Marks: died, in prison, left, held. Texts stop at once, for good or until a person says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.domain.attempt import Purpose
from connector.domain.errors import Invalid, Refused
from connector.domain.mark import Mark, ToldBy
from connector.domain.steering import AbsenceKind, AbsenceWish
from connector.services import absences, standing
from connector.store import attempts
from connector.store.tables import AttemptRow, AuditRow, CheckInRow, ResidentRow
from tests.makers import Loop, a_programme, a_resident


@pytest.fixture
def sara(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        return a_resident(session, a_programme(session), now=loop.clock())


def mark(loop: Loop, who: int, which: Mark, **how: object) -> None:
    with loop.wiring.transaction() as session:
        standing.set_mark(
            session, who, which, ToldBy.FAMILY, by=None, now=loop.clock(), **how,  # type: ignore[arg-type]
        )  # fmt: skip


def take_away(loop: Loop, who: int) -> None:
    with loop.wiring.transaction() as session:
        standing.take_away(session, who, by=None, now=loop.clock())  # type: ignore[arg-type]


def queue(loop: Loop, who: int, *purposes: Purpose) -> None:
    now = loop.clock()
    with loop.wiring.transaction() as session:
        texts = [
            attempts.NewAttempt(who, one, one.value, now, now + timedelta(hours=9))
            for one in purposes
        ]
        attempts.add_many(session, texts, channel="simulator", now=now)


EVERYTHING = (Purpose.NOTICE, Purpose.FOLLOW_UP, Purpose.ANSWER, Purpose.WELCOME)


@pytest.mark.parametrize(
    ("which", "goes"),
    [
        (Mark.DIED, []),
        (Mark.HELD, []),
        (Mark.PRISON, ["answer"]),
        (Mark.LEFT, ["answer"]),
    ],
)
@pytest.mark.parametrize("before", [True, False], ids=["waiting already", "made afterwards"])
def test_a_mark_stops_what_is_planned_and_what_waits_to_go(
    loop: Loop, sara: int, which: Mark, goes: list[str], before: bool
) -> None:
    loop.plan()
    if before:
        queue(loop, sara, *EVERYTHING)
    mark(loop, sara, which)
    if not before:
        queue(loop, sara, *EVERYTHING)
    loop.send()
    assert [text.body for text in loop.channel.handed] == goes

    assert [loop.asks() for _day in range(5)] == [0] * 5
    with loop.wiring.reading() as session:
        whys = {row.why for row in session.query(AttemptRow) if row.state == "skipped"}
        whys |= {row.why for row in session.query(CheckInRow) if row.why}
    assert whys == {which.why_no_text}


def test_an_open_flag_stays_for_a_person_to_close(loop: Loop, sara: int) -> None:
    loop.says("I want to die")
    mark(loop, sara, Mark.DIED)
    flag = loop.flag(sara)
    assert flag is not None
    assert flag.is_open


def test_records_that_were_merged_are_marked_as_well(loop: Loop, sara: int) -> None:
    with loop.wiring.transaction() as session:
        other = a_resident(session, n=2, now=loop.clock())
        session.get_one(ResidentRow, other).merged_into = sara
    mark(loop, other, Mark.DIED)
    with loop.wiring.reading() as session:
        assert {row.standing for row in session.query(ResidentRow)} == {"died"}


def test_a_mark_that_was_wrong_is_taken_away_and_texts_go_on_with_both_in_the_audit(
    loop: Loop, sara: int
) -> None:
    loop.plan()
    mark(loop, sara, Mark.LEFT, on=loop.clock().date())
    assert loop.asks() == 0
    take_away(loop, sara)
    assert loop.asks() == 1
    with loop.wiring.reading() as session:
        acts = [
            (row.act, row.why)
            for row in session.query(AuditRow).order_by(AuditRow.id)
            if "mark" in row.act
        ]
    assert acts == [
        ("marked left", "Family or a friend told us, 24 November"),
        ("mark taken away", "Has moved away or left"),
    ]
    with pytest.raises(Refused):
        take_away(loop, sara)


def test_a_time_without_texts_is_over_with_a_mark_and_brings_no_welcome(
    loop: Loop, sara: int
) -> None:
    today = loop.clock().date()
    with loop.wiring.transaction() as session:
        wish = AbsenceWish(AbsenceKind.HOSPITAL, today, today + timedelta(days=3))
        absences.begin(session, sara, wish, now=loop.clock())
    mark(loop, sara, Mark.DIED)
    with loop.wiring.reading() as session:
        assert absences.standing(session, [sara], now=loop.clock()) == {}


def test_it_is_refused_for_a_day_to_come_and_when_it_stands_already(loop: Loop, sara: int) -> None:
    with pytest.raises(Invalid):
        mark(loop, sara, Mark.LEFT, on=loop.clock().date() + timedelta(days=1))
    mark(loop, sara, Mark.LEFT)
    with pytest.raises(Refused):
        mark(loop, sara, Mark.LEFT)
    mark(loop, sara, Mark.DIED)


def test_news_in_a_text_holds_but_never_replaces_what_a_person_wrote_down(
    loop: Loop, sara: int
) -> None:
    with loop.wiring.transaction() as session:
        standing.hold(session, sara, now=loop.clock())
    mark(loop, sara, Mark.PRISON)
    with loop.wiring.transaction() as session:
        standing.hold(session, sara, now=loop.clock())
        assert session.get_one(ResidentRow, sara).standing == "prison"


@pytest.mark.parametrize(
    ("which", "words"),
    [
        (Mark.DIED, "Sara, who has died. Somebody else may have written: please answer with care."),
        (Mark.PRISON, "Sara, who is in prison. Please find out who wrote."),
    ],
)
def test_a_text_from_the_number_afterwards_goes_to_a_person_and_nothing_answers(
    loop: Loop, sara: int, which: Mark, words: str
) -> None:
    mark(loop, sara, which)
    loop.says("7")
    assert [reason.sentence for reason in loop.reasons(sara)] == [
        f"A text came from the number of {words}"
    ]
    loop.send()
    assert loop.channel.handed == []


def test_nothing_ever_answers_from_the_number_of_somebody_who_has_died(
    loop: Loop, sara: int
) -> None:
    mark(loop, sara, Mark.DIED)
    for text in ("I want to die", "START", "who is this?", "STOP"):
        loop.says(text)
        loop.send()
    assert loop.channel.handed == []
