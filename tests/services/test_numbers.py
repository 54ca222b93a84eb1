"""Numbers that are shared, doubted, dead or changed: nobody guesses, nothing goes astray."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector import rounds
from connector.domain.consent import AgreementState, How
from connector.domain.errors import Invalid, Refused
from connector.domain.promise import Promise
from connector.domain.resident import ContactBy
from connector.domain.rota import Member
from connector.services import numbers, triage
from connector.store import numbers as kept
from connector.store import residents, unclaimed
from connector.store.numbers import Trouble
from connector.store.tables import AttemptRow, CheckInRow, EnrolmentRow, ReadingRow, ReplyRow
from tests.fakes import arrived
from tests.makers import Loop, a_member, a_programme, a_resident, number

NEUTRAL = "Hello. We want to be sure that we have the right number."


@pytest.fixture
def priya(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session)


@pytest.fixture
def programme(loop: Loop, priya: Member) -> int:
    with loop.wiring.transaction() as session:
        return a_programme(session, wording={"en": ("How have things been, 0 to 10?",)})


@pytest.fixture
def two(loop: Loop, priya: Member, programme: int) -> tuple[int, int]:
    """Ada and Ben on one phone."""
    with loop.wiring.transaction() as session:
        ada, ben = (
            a_resident(session, programme, name=name, connector_id=priya.id, now=loop.clock())
            for name in ("Ada", "Ben")
        )
    return ada, ben


@pytest.fixture
def sara(loop: Loop, priya: Member, programme: int) -> int:
    with loop.wiring.transaction() as session:
        return a_resident(session, programme, n=5, connector_id=priya.id, now=loop.clock())


def asked_both(loop: Loop) -> None:
    """Both have their question of the day; nobody has answered."""
    loop.plan()
    loop.clock.forward(days=1)
    loop.send()
    loop.clock.forward(hours=4)
    loop.send()


def answers(loop: Loop, resident_id: int) -> list[float | None]:
    with loop.wiring.reading() as session:
        rows = session.query(ReadingRow).join(ReplyRow, ReplyRow.id == ReadingRow.reply_id)
        return [row.answer for row in rows.filter(ReplyRow.resident_id == resident_id)]


def give(loop: Loop, who: int, by: Member, *, only: tuple[int, ...] = ()) -> None:
    with loop.wiring.transaction() as session:
        [one] = unclaimed.numbers(session)
        triage.attach(
            session, one.reply_id, who, loop.wiring.reader, only=only, by=by.id, now=loop.clock()
        )


# one number, several people


def test_their_texts_go_hours_apart_and_say_whom_they_are_for(
    loop: Loop, two: tuple[int, int]
) -> None:
    loop.plan()
    with loop.wiring.reading() as session:
        due = {who: [] for who in two}
        for row in session.query(CheckInRow).order_by(CheckInRow.due_at):
            due[row.resident_id].append(row.due_at)
        spreads = [row.spread for row in session.query(EnrolmentRow).order_by(EnrolmentRow.id)]
    assert spreads == [0, 120]
    first, second = due.values()
    assert first
    assert all(
        later - earlier == timedelta(hours=2) for earlier, later in zip(first, second, strict=True)
    )
    asked_both(loop)
    assert loop.bodies_to(1) == [
        "For Ada: How have things been, 0 to 10?",
        "For Ben: How have things been, 0 to 10?",
    ]


def test_a_name_in_front_decides_and_the_answer_is_read_without_it(
    loop: Loop, two: tuple[int, int]
) -> None:
    asked_both(loop)
    loop.says("Ada: 7")
    loop.says("Ben 3")
    ada, ben = two
    assert (answers(loop, ada), answers(loop, ben)) == ([7.0], [3.0])
    assert [line.text for line in loop.thread(ada) if line.incoming] == ["Ada: 7"]


def test_what_is_in_doubt_stands_in_both_threads_until_one_press_decides(
    loop: Loop, two: tuple[int, int], priya: Member
) -> None:
    asked_both(loop)
    loop.says("7")
    ada, ben = two
    for who in two:
        [line] = [line for line in loop.thread(who) if line.incoming]
        assert (line.text, line.in_doubt) == ("7", True)
    give(loop, ben, priya)
    assert (answers(loop, ada), answers(loop, ben)) == ([], [7.0])
    assert [line for line in loop.thread(ada) if line.incoming] == []
    assert [line.in_doubt for line in loop.thread(ben) if line.incoming] == [False]


def test_of_several_texts_one_is_given_and_the_others_stay(
    loop: Loop, two: tuple[int, int], priya: Member
) -> None:
    asked_both(loop)
    loop.says("7")
    loop.clock.forward(minutes=5)
    loop.says("3")
    ada, ben = two
    with loop.wiring.reading() as session:
        [one] = unclaimed.numbers(session)
        first, second = (text.ids for text in one.texts)
    give(loop, ada, priya, only=first)
    assert (answers(loop, ada), answers(loop, ben)) == ([7.0], [])
    give(loop, ben, priya, only=second)
    assert answers(loop, ben) == [3.0]


def test_a_stop_holds_for_the_number_until_each_is_sorted_out_by_their_own_word(
    loop: Loop, two: tuple[int, int], priya: Member
) -> None:
    loop.says("STOP")
    ada, ben = two
    assert loop.asks() == 0
    with loop.wiring.reading() as session:
        listed = [(one.resident_id, one.trouble) for one in kept.to_sort(session)]
    assert listed == [(ada, Trouble.STOPPED), (ben, Trouble.STOPPED)]
    with loop.wiring.transaction() as session:
        numbers.has_stopped(session, ada, by=priya.id, now=loop.clock())
    assert loop.agreement(ada) is AgreementState.WITHDRAWN
    assert loop.asks() == 0, "nobody has asked Ben yet"
    with loop.wiring.transaction() as session:
        with pytest.raises(Invalid, match="own words"):
            numbers.goes_on(session, ben, How.BY_PHONE, " ", by=priya.id, now=loop.clock())
        assert numbers.goes_on(
            session, ben, How.BY_PHONE, "I like them", by=priya.id, now=loop.clock()
        )
        assert kept.to_sort(session) == []
        said = residents.agreement_history(session, ben)[-1]
    assert (said.words, said.how, said.by_staff) == ("I like them", How.BY_PHONE, priya.id)
    loop.asks()
    loop.clock.forward(hours=3)
    loop.send()
    assert [body[:8] for body in loop.bodies_to(1)] == ["For Ben:"]


def test_a_start_from_a_shared_number_brings_nobody_back_by_itself(
    loop: Loop, two: tuple[int, int], priya: Member
) -> None:
    loop.says("STOP")
    loop.clock.forward(minutes=5)
    loop.says("START")
    assert loop.asks() == 0
    loop.says("Ben: START")
    assert loop.asks() == 0, "Ada has not been asked"
    with loop.wiring.transaction() as session:
        numbers.has_stopped(session, two[0], by=priya.id, now=loop.clock())
    loop.asks()
    loop.clock.forward(hours=3)
    loop.send()
    assert {body[:8] for body in loop.bodies_to(1)} == {"For Ben:"}


def test_whose_stop_it_was_is_asked_only_of_a_number_that_has_stopped(
    loop: Loop, two: tuple[int, int], priya: Member
) -> None:
    with loop.wiring.transaction() as session, pytest.raises(Refused, match="not stopped"):
        numbers.has_stopped(session, two[0], by=priya.id, now=loop.clock())


def test_who_comes_to_share_a_number_is_set_apart_from_then_on(
    loop: Loop, sara: int, programme: int
) -> None:
    with loop.wiring.transaction() as session:
        ada = a_resident(session, programme, n=6, name="Ada", now=loop.clock())
    loop.plan()
    with loop.wiring.transaction() as session:
        residents.change_number(session, ada, number(5), why="changed", by=None, now=loop.clock())
        numbers.stand_apart(session, ada, now=loop.clock())
    loop.plan()
    with loop.wiring.reading() as session:
        spreads = {row.resident_id: row.spread for row in session.query(EnrolmentRow)}
        times = {row.due_at.hour for row in session.query(CheckInRow).filter_by(resident_id=ada)}
    assert spreads == {sara: 0, ada: 120}
    assert times == {12}


# a number in doubt


@pytest.mark.parametrize("words", ["wrong number mate", "who is this?", "do i know you"])
def test_personal_texts_are_held_and_a_neutral_text_asks_once(
    loop: Loop, sara: int, words: str
) -> None:
    loop.says(words, n=5)
    assert loop.kinds(sara) == ["wrong"]
    flag = loop.flag(sara)
    assert flag
    assert flag.promise is Promise.NOW
    loop.send()
    [asked] = loop.bodies_to(5)
    assert asked.startswith(NEUTRAL)
    assert "Sara" not in asked
    loop.says(words, n=5)
    loop.asks()
    assert loop.bodies_to(5) == [asked]


def test_the_bare_keyword_who_is_a_question_and_no_doubt(loop: Loop, sara: int) -> None:
    loop.says("WHO", n=5)
    with loop.wiring.reading() as session:
        assert residents.get(session, sara).doubted_at is None


def test_what_comes_from_a_doubted_number_is_nobodys_until_a_person_says_so(
    loop: Loop, sara: int, priya: Member
) -> None:
    loop.asks()
    loop.says("who is this?", n=5)
    loop.says("7", n=5)
    assert answers(loop, sara) == [None], "only the doubt itself is on the record"
    with loop.wiring.reading() as session:
        [one] = unclaimed.numbers(session)
        assert [(person.id, person.doubted) for person in one.people] == [(sara, True)]
    give(loop, sara, priya)
    assert answers(loop, sara)[-1] == 7.0
    with loop.wiring.reading() as session:
        assert residents.get(session, sara).doubted_at is None


def test_a_number_that_is_somebody_elses_becomes_history_and_is_never_texted(
    loop: Loop, sara: int, priya: Member
) -> None:
    loop.says("wrong number", n=5)
    with loop.wiring.transaction() as session:
        numbers.give_up(session, sara, by=priya.id, now=loop.clock())
        resident = residents.get(session, sara)
        assert (resident.number, resident.contact_by) == ("", ContactBy.CALL)
        [before] = kept.history(session, sara)
        assert (before.number, before.why) == (number(5), "not theirs")
        assert [one.trouble for one in kept.to_sort(session)] == [Trouble.NONE]
        with pytest.raises(Refused):
            numbers.give_up(session, sara, by=priya.id, now=loop.clock())
    loop.channel.handed.clear()
    loop.asks()
    assert [body for body in loop.bodies_to(5) if not body.startswith(NEUTRAL)] == []
    loop.says("a nice day", n=5)
    with loop.wiring.reading() as session:
        [one] = unclaimed.numbers(session)
        assert [(old.resident_id, old.until) for old in one.formerly] == [(sara, before.until)]
    assert [line.text for line in loop.thread(sara) if line.incoming] == ["wrong number"]


def test_dead_and_doubted_numbers_wait_for_a_person(loop: Loop, sara: int, priya: Member) -> None:
    with loop.wiring.transaction() as session:
        residents.number_dead(session, sara)
        assert [one.trouble for one in kept.to_sort(session)] == [Trouble.DEAD]
        residents.doubt(session, [sara], now=loop.clock())
        assert [one.trouble for one in kept.to_sort(session)] == [Trouble.DOUBTED]
        numbers.confirm(session, sara, by=priya.id, now=loop.clock())
        assert [one.trouble for one in kept.to_sort(session)] == [Trouble.DEAD]


def quiet_for(loop: Loop, days: int) -> int:
    """Texts went and arrived; then it is quiet until a text is about to go. How many are asked."""
    loop.channel.answer = arrived
    loop.plan()
    loop.clock.forward(days=1)
    loop.send()
    with loop.wiring.transaction() as session:
        session.query(AttemptRow).update({"state": "delivered"})
    loop.clock.forward(days=days)
    loop.plan()
    loop.clock.forward(hours=21, minutes=55)
    return rounds.welcome(loop.wiring, loop.clock)


def test_a_number_that_was_silent_for_months_is_asked_before_anything_personal_goes(
    loop: Loop, sara: int, priya: Member
) -> None:
    assert quiet_for(loop, 121) == 1
    loop.channel.handed.clear()
    loop.clock.forward(minutes=5)
    loop.send()
    assert [body[:30] for body in loop.bodies_to(5)] == [NEUTRAL[:30]]
    assert rounds.welcome(loop.wiring, loop.clock) == 0
    flag = loop.flag(sara)
    assert flag
    assert (loop.kinds(sara), flag.promise) == (["wrong"], Promise.THIS_WEEK)
    with loop.wiring.transaction() as session:
        numbers.confirm(session, sara, by=priya.id, now=loop.clock())
    assert rounds.welcome(loop.wiring, loop.clock) == 0, "a person has made sure"


def test_how_many_months_is_the_coordinators_to_say(loop: Loop, sara: int, priya: Member) -> None:
    with loop.wiring.transaction() as session:
        for months in ("0", "25", "many", ""):
            with pytest.raises(Invalid):
                numbers.set_silent_after(session, months, by=priya.id, now=loop.clock())
        for months in ("7", "2"):
            numbers.set_silent_after(session, months, by=priya.id, now=loop.clock())
    assert quiet_for(loop, 90) == 1


def test_three_months_are_not_long_enough(loop: Loop, sara: int) -> None:
    assert quiet_for(loop, 90) == 0
