"""Somebody asks by text to be rung: one request, one answer, one word to staff, nothing more."""

from __future__ import annotations

import pytest

from connector.domain.calendar import Calendar
from connector.domain.consent import AgreementState
from connector.domain.errors import NotFound, Refused
from connector.domain.referral import NotRung
from connector.domain.rota import Member, Role
from connector.services import enrolment, referrals
from connector.store import programmes, unclaimed
from connector.store import referrals as store
from connector.store.referrals import Request
from connector.store.residents import agreement_history
from tests.makers import Loop, a_member, a_programme, a_resident, number

STRANGER = 321
ANSWER = "One of us will ring this number within 3 working days."


@pytest.fixture(autouse=True)
def morag(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session, "Morag Bell", Role.COORDINATOR, n=901)


def waiting(loop: Loop) -> list[Request]:
    with loop.wiring.reading() as session:
        return store.waiting(session)


def answers(loop: Loop, n: int = STRANGER) -> list[str]:
    loop.send()
    return loop.bodies_to(n)


def tray(loop: Loop) -> int:
    with loop.wiring.reading() as session:
        return len(unclaimed.numbers(session))


def test_the_word_makes_one_request_and_has_one_answer(loop: Loop) -> None:
    loop.says("HELLO", n=STRANGER)
    (one,) = waiting(loop)
    assert (one.number, one.words, one.made_at) == (number(STRANGER), "HELLO", loop.clock())
    (answer,) = answers(loop)
    assert ANSWER in answer
    assert tray(loop) == 0


def test_nobody_is_enrolled_by_it(loop: Loop) -> None:
    loop.says("HELLO", n=STRANGER)
    with loop.wiring.reading() as session:
        assert unclaimed.how_many_residents(session) == 0


def test_asking_again_while_it_is_open_changes_nothing_and_has_no_answer(loop: Loop) -> None:
    for words in ("hello", "HELLO?", "join"):
        loop.says(words, n=STRANGER)
        loop.clock.forward(minutes=5)
    assert len(waiting(loop)) == 1
    assert len(answers(loop)) == 1


def test_two_at_once_make_one_request_and_one_answer(loop: Loop) -> None:
    loop.arrives("hello", n=STRANGER)
    loop.arrives("join", n=STRANGER)
    loop.read()
    assert len(waiting(loop)) == 1
    assert len(answers(loop)) == 1


def test_welsh_is_answered_in_welsh(loop: Loop) -> None:
    loop.says("YMUNO", n=STRANGER)
    assert "o fewn 3 diwrnod gwaith" in answers(loop)[0]


def test_somebody_in_danger_gets_that_answer_and_no_second_one(loop: Loop) -> None:
    loop.arrives("hello", n=STRANGER)
    loop.arrives("I want to die", n=STRANGER)
    loop.read()
    (answer,) = answers(loop)
    assert "999" in answer
    assert ANSWER not in answer
    assert len(waiting(loop)) == 1
    assert tray(loop) == 1


def test_a_number_that_had_its_one_answer_before_is_told_that_we_ring(loop: Loop) -> None:
    loop.says("who are you lot", n=STRANGER)
    loop.clock.forward(days=3)
    loop.says("hello", n=STRANGER)
    first, second = answers(loop)[0], answers(loop)[-1]
    assert "do not know this number" in first or ANSWER in second
    assert ANSWER in second


def test_those_on_duty_are_told_once_without_a_number_or_a_word(loop: Loop) -> None:
    loop.says("HELLO", n=STRANGER)
    loop.says("HELLO", n=STRANGER + 1)
    loop.tell()
    (told,) = loop.bodies_to(901)
    assert "somebody has asked to be rung" in told
    assert "/requests" in told
    assert "900321" not in told
    assert "HELLO" not in told


def test_at_night_they_are_told_when_they_are_next_at_work(loop: Loop) -> None:
    loop.clock.forward(hours=9)  # 21:00
    loop.says("HELLO", n=STRANGER)
    loop.tell()
    assert loop.bodies_to(901) == []
    loop.clock.forward(hours=12)  # 09:00
    loop.tell()
    assert len(loop.bodies_to(901)) == 1


@pytest.mark.parametrize("words", ["STOP", "please stop texting me"])
def test_a_stop_takes_the_request_back(loop: Loop, words: str) -> None:
    loop.says("HELLO", n=STRANGER)
    loop.clock.forward(minutes=1)
    loop.says(words, n=STRANGER)
    assert waiting(loop) == []


def test_a_longer_text_is_left_in_the_tray_for_a_person(loop: Loop) -> None:
    loop.says("hello, my neighbour said you could help me with my garden", n=STRANGER)
    assert waiting(loop) == []
    assert tray(loop) == 1


def test_who_is_on_a_programme_only_says_hello(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        a_resident(session, a_programme(session), n=1, now=loop.clock())
    loop.says("hello", n=1)
    assert waiting(loop) == []


def test_who_left_a_programme_is_on_the_list_with_their_record(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        who = a_resident(session, programme, n=1, now=loop.clock())
        enrolment.end(
            session, who, programme, calendar=Calendar(), goodbye=False, by=None, now=loop.clock()
        )
    loop.says("hello", n=1)
    (one,) = waiting(loop)
    assert [(known.resident_id, known.now) for known in one.known] == [(who, True)]
    assert ANSWER in answers(loop, 1)[0]
    with loop.wiring.reading() as session:
        enrolled = programmes.enrolment(session, programme, who)
    assert enrolled is not None
    assert enrolled.ended_on is not None


def test_who_stopped_texts_gets_none_and_is_on_the_list_all_the_same(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        who = a_resident(session, a_programme(session), n=1, now=loop.clock())
    loop.says("STOP", n=1)
    loop.clock.forward(days=40)
    loop.says("hello", n=1)
    assert len(waiting(loop)) == 1
    assert answers(loop, 1) == []
    with loop.wiring.reading() as session:
        assert agreement_history(session, who)[-1].state is AgreementState.WITHDRAWN


def test_an_enrolled_request_is_done_and_its_texts_are_theirs(loop: Loop, morag: Member) -> None:
    loop.says("HELLO", n=STRANGER)
    request = waiting(loop)[0].id
    with loop.wiring.transaction() as session:
        assert referrals.number_of(session, request) == number(STRANGER)
        who = a_resident(session, a_programme(session), n=STRANGER, now=loop.clock())
        referrals.enrolled(session, request, who, by=morag.id, now=loop.clock())
    assert waiting(loop) == []
    assert [line.text for line in loop.thread(who) if line.incoming] == ["HELLO"]
    with loop.wiring.transaction() as session, pytest.raises(Refused):
        referrals.number_of(session, request)


def test_of_two_who_decide_at_once_the_second_is_told(loop: Loop, morag: Member) -> None:
    loop.says("HELLO", n=STRANGER)
    request = waiting(loop)[0].id
    with loop.wiring.transaction() as session:
        referrals.put_away(session, request, NotRung.SPOKE, by=morag.id, now=loop.clock())
    with loop.wiring.transaction() as session, pytest.raises(Refused, match="already dealt with"):
        referrals.put_away(session, request, NotRung.TRIED, by=morag.id, now=loop.clock())
    with loop.wiring.transaction() as session, pytest.raises(NotFound):
        referrals.put_away(session, 999, NotRung.TRIED, by=morag.id, now=loop.clock())


def test_what_was_put_away_comes_back_unless_they_asked_again(loop: Loop, morag: Member) -> None:
    loop.says("HELLO", n=STRANGER)
    request = waiting(loop)[0].id
    with loop.wiring.transaction() as session:
        referrals.put_away(session, request, NotRung.SPOKE, by=morag.id, now=loop.clock())
        referrals.bring_back(session, request, by=morag.id, now=loop.clock())
        referrals.put_away(session, request, NotRung.SPOKE, by=morag.id, now=loop.clock())
    loop.clock.forward(days=1)
    loop.says("HELLO", n=STRANGER)
    assert [one.id != request for one in waiting(loop)] == [True]
    with loop.wiring.transaction() as session, pytest.raises(Refused, match="on the list"):
        referrals.bring_back(session, request, by=morag.id, now=loop.clock())
