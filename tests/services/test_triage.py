"""A reply is read against what was asked, and a person is asked to look where it matters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.domain.consent import AgreementState
from connector.domain.flag import FlagEventKind, FlagState, Outcome
from connector.domain.phrases import Rulebook
from connector.domain.promise import Promise
from connector.domain.reading import Weight
from connector.domain.rota import Member
from connector.services import casework
from connector.services.jobs import Job
from connector.store import replies as store_replies
from connector.store import views
from connector.store.tables import AttemptRow, CheckInRow, ReadingRow, ReplyRow, UsualRow
from tests.conftest import make_reader
from tests.fakes import SilentDoorbell
from tests.makers import Loop, a_member, a_programme, a_resident

DANGER = "I don't want to be here any more"


class BrokenScorer:
    """A model that fails on every text."""

    def weigh(self, text: str) -> Weight:
        raise RuntimeError(len(text))


@pytest.fixture
def priya(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session)


@pytest.fixture
def sara(loop: Loop, priya: Member) -> int:
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        return a_resident(session, programme, connector_id=priya.id, now=loop.clock())


def readings(loop: Loop) -> list[ReadingRow]:
    with loop.wiring.reading() as session:
        return session.query(ReadingRow).order_by(ReadingRow.reply_id).all()


def automatic_answers(loop: Loop) -> int:
    with loop.wiring.reading() as session:
        return session.query(AttemptRow).filter(AttemptRow.purpose == "answer").count()


def test_an_answer_is_read_on_the_scale_of_the_question_that_was_asked(
    loop: Loop, sara: int
) -> None:
    loop.asks()
    loop.says("7")
    assert [reading.answer for reading in readings(loop)] == [7]
    assert loop.flag(sara) is None
    with loop.wiring.reading() as session:
        asked = session.query(CheckInRow).filter(CheckInRow.attempted_at.is_not(None)).one()
        reply = session.query(ReplyRow).one()
        usual = session.query(UsualRow).one()
    assert (reply.check_in_id, reply.resident_id) == (asked.id, sara)
    assert asked.answered_at is not None
    assert usual.usual is not None


def test_a_number_that_answers_no_question_is_free_text(loop: Loop, sara: int) -> None:
    loop.says("7")
    assert [reading.answer for reading in readings(loop)] == [None]
    assert loop.flag(sara) is None


def test_a_number_that_comes_after_the_question_has_closed_is_late_and_raises_nothing(
    loop: Loop, sara: int
) -> None:
    loop.asks()
    loop.clock.forward(days=4)
    loop.says("0")
    with loop.wiring.reading() as session:
        assert session.query(ReplyRow).one().late
        assert session.query(UsualRow).one().usual is None
    assert loop.flag(sara) is None


def test_a_number_that_comes_weeks_after_the_question_answers_nothing(
    loop: Loop, sara: int
) -> None:
    loop.asks()
    loop.clock.forward(days=18)
    loop.says("0")
    assert [reading.answer for reading in readings(loop)] == [None]
    assert loop.flag(sara) is None


@pytest.mark.parametrize(
    ("body", "kind", "promise"),
    [
        pytest.param(DANGER, "words", Promise.NOW, id="danger to life"),
        pytest.param("can you ring me please", "asked", Promise.TODAY, id="asks for a call"),
        pytest.param("HELP", "asked", Promise.TODAY, id="help"),
        pytest.param("0", "low", Promise.TODAY, id="the lowest there is"),
        pytest.param("purple monkey dishwasher", "unclear", Promise.TODAY, id="cannot be read"),
        pytest.param("STOP", "stopped", Promise.TODAY, id="stop"),
        pytest.param("", "unclear", Promise.TODAY, id="an empty text"),
    ],
)
def test_a_reply_that_asks_for_a_person(
    loop: Loop, sara: int, body: str, kind: str, promise: Promise
) -> None:
    loop.asks()
    loop.says(body)
    flag = loop.flag(sara)
    assert flag is not None
    assert (loop.kinds(sara)[-1], flag.promise, flag.state) == (kind, promise, FlagState.NEW)
    assert flag.due_at == loop.wiring.hours.due_at(promise, loop.clock())


def test_a_reason_names_its_rule_and_marks_the_words(loop: Loop, sara: int) -> None:
    loop.says(f"Thanks. {DANGER}.")
    (reason,) = loop.reasons(sara)
    marked = [reason.words[start:end] for start, end in reason.spans]
    assert any("want to be here" in words for words in marked)
    assert reason.rule
    assert reason.version >= 1
    assert reason.sentence.startswith("Sara wrote about danger to life")


def test_a_picture_is_for_a_person(loop: Loop, sara: int) -> None:
    loop.says("", media=1)
    assert [reason.sentence for reason in loop.reasons(sara)] == [
        "Sara sent a picture or a recording. Please look."
    ]


def test_a_text_from_an_unknown_number_is_read_and_kept_unclaimed(loop: Loop, sara: int) -> None:
    loop.says(DANGER, n=77)
    with loop.wiring.reading() as session:
        assert store_replies.count_unclaimed(session) == 1
        reply = session.query(ReplyRow).one()
    assert (reply.resident_id, reply.read_at) == (None, loop.clock())
    assert [reading.promise for reading in readings(loop)] == ["now"]
    assert automatic_answers(loop) == 1


def test_on_a_shared_number_both_are_looked_at_and_neither_is_guessed(
    loop: Loop, sara: int, priya: Member
) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session, name="Another")
        ada = a_resident(session, programme, name="Ada", connector_id=priya.id, now=loop.clock())
    loop.says(DANGER)
    for who in (sara, ada):
        flag = loop.flag(who)
        assert flag is not None
        assert flag.promise is Promise.NOW
        assert "Sara" not in loop.reasons(who)[0].sentence
    with loop.wiring.reading() as session:
        assert session.query(ReplyRow).one().resident_id is None
    assert automatic_answers(loop) == 1
    loop.says(DANGER)
    assert automatic_answers(loop) == 1


def test_nobody_on_a_shared_number_is_missed_while_it_answers(loop: Loop, sara: int) -> None:
    with loop.wiring.transaction() as session:
        ada = a_resident(session, name="Ada", now=loop.clock())
    loop.says("all well here")
    with loop.wiring.reading() as session:
        heard = {line.id: line.heard_at for line in views.residents(session)}
    assert heard == {sara: loop.clock(), ada: loop.clock()}


def test_a_reader_that_fails_leaves_it_to_a_person_today(
    loop: Loop, sara: int, rules: Rulebook
) -> None:
    loop.wiring.reader = make_reader(loop.wiring, rules, scorer=BrokenScorer())
    loop.says("7 and the cat is poorly")
    flag = loop.flag(sara)
    assert flag is not None
    assert (loop.kinds(sara), flag.promise) == (["unread"], Promise.TODAY)
    assert "could not be read by the machine" in loop.reasons(sara)[0].sentence
    assert [(one.not_read, one.read_first) for one in readings(loop)] == [(True, True)]


def test_one_that_cannot_be_read_does_not_hold_up_the_others(
    loop: Loop, sara: int, rules: Rulebook
) -> None:
    class AfraidOfSevens:
        def weigh(self, text: str) -> Weight:
            if "7" in text:
                raise RuntimeError("seven")
            return Weight(read_first=False, weight=0.0)

    loop.wiring.reader = make_reader(loop.wiring, rules, scorer=AfraidOfSevens())
    loop.arrives("7 of my cousins came")
    loop.arrives("can you ring me please")
    assert loop.read() == 2
    assert sorted(loop.kinds(sara)) == ["asked", "unread"]


@pytest.mark.usefixtures("sara")
class TestTheAutomaticAnswer:
    def test_is_sent_once_an_episode_however_often_somebody_writes(self, loop: Loop) -> None:
        for _ in range(3):
            loop.says(DANGER)
            loop.clock.forward(hours=3)
        assert automatic_answers(loop) == 1
        loop.clock.forward(hours=3)
        loop.says(DANGER)
        assert automatic_answers(loop) == 2

    def test_is_sent_once_for_several_texts_read_together(self, loop: Loop) -> None:
        loop.arrives(DANGER)
        loop.arrives("I want to die")
        loop.read()
        assert automatic_answers(loop) == 1

    def test_goes_out_at_once_and_rings_for_it(self, loop: Loop) -> None:
        doorbell = loop.wiring.doorbell
        assert isinstance(doorbell, SilentDoorbell)
        loop.says(DANGER)
        assert Job.DISPATCH in doorbell.rung
        assert loop.send() == 1
        (body,) = loop.bodies_to(1)
        assert "999" in body
        assert "Samaritans 116 123" in body
        assert "Sara" not in body

    def test_is_honest_about_when_a_person_reads_it(self, loop: Loop) -> None:
        loop.clock.now = loop.clock.now.replace(day=28, hour=3)
        loop.says(DANGER)
        loop.send()
        assert "we may not read this before 9am Monday" in loop.bodies_to(1)[0]

    def test_goes_to_somebody_whose_check_ins_are_paused(self, loop: Loop) -> None:
        with loop.wiring.transaction() as session:
            a_resident(session, n=2, state=AgreementState.PAUSED, now=loop.clock())
        loop.says(DANGER, n=2)
        assert loop.send() == 1

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param(["STOP", DANGER], id="stopped before"),
            pytest.param([f"Stop texting me. {DANGER}"], id="stops in the same breath"),
            pytest.param([DANGER, "STOP"], id="stopped before it could go"),
        ],
    )
    @pytest.mark.parametrize("together", [True, False], ids=["read together", "one by one"])
    def test_does_not_go_to_somebody_who_has_stopped_texts(
        self, loop: Loop, sara: int, said: list[str], together: bool
    ) -> None:
        for body in said:
            loop.arrives(body)
            if not together:
                loop.read()
        loop.read()
        loop.send()
        assert loop.bodies_to(1) == []
        flag = loop.flag(sara)
        assert flag is not None
        assert flag.promise is Promise.NOW

    def test_is_not_given_to_a_mere_low_answer(self, loop: Loop) -> None:
        loop.asks()
        loop.says("0")
        assert automatic_answers(loop) == 0


class TestOneOpenFlag:
    def test_later_reasons_join_it_and_can_only_bring_it_forward(
        self, loop: Loop, sara: int
    ) -> None:
        loop.says("can you ring me please")
        first = loop.flag(sara)
        loop.says(DANGER)
        second = loop.flag(sara)
        loop.says("can you ring me please")
        third = loop.flag(sara)
        assert first is not None
        assert second is not None
        assert third is not None
        assert first.id == second.id == third.id
        assert first.due_at > second.due_at == third.due_at == loop.clock()
        assert (second.promise, third.promise) == (Promise.NOW, Promise.NOW)
        assert loop.kinds(sara) == ["asked", "words", "asked"]

    def test_a_plain_reply_leaves_a_taken_flag_as_it_is(
        self, loop: Loop, sara: int, priya: Member
    ) -> None:
        loop.says("can you ring me please")
        self.taken(loop, sara, priya)
        before = loop.flag(sara)
        loop.says("thank you")
        assert loop.flag(sara) == before

    def test_a_plain_reply_wakes_what_waits_and_gives_it_back_to_its_owner(
        self, loop: Loop, sara: int, priya: Member
    ) -> None:
        loop.says("can you ring me please")
        flag = self.taken(loop, sara, priya)
        until = loop.clock() + timedelta(days=5)
        with loop.wiring.transaction() as session:
            casework.wait(session, flag, until, "", by=priya, now=loop.clock())
        loop.says("I am home now")
        woken = loop.flag(sara)
        assert woken is not None
        assert (woken.state, woken.owner_id) == (FlagState.TAKEN, priya.id)
        assert woken.due_at < until
        with loop.wiring.reading() as session:
            assert views.events(session, flag)[0].kind is FlagEventKind.REOPENED
        assert loop.tell() == 1, "its owner is told that it is back"

    def test_after_it_is_finished_a_new_reason_makes_a_new_one(
        self, loop: Loop, sara: int, priya: Member
    ) -> None:
        loop.says("can you ring me please")
        first = self.taken(loop, sara, priya)
        with loop.wiring.transaction() as session:
            outcome = Outcome.SPOKE
            casework.finish(session, first, outcome, "", by=priya, now=loop.clock())
        loop.says("thank you")
        assert loop.flag(sara) is None
        loop.says("can you ring me please")
        again = loop.flag(sara)
        assert again is not None
        assert again.id != first

    @staticmethod
    def taken(loop: Loop, who: int, by: Member) -> int:
        flag = loop.flag(who)
        assert flag is not None
        with loop.wiring.transaction() as session:
            casework.take(session, flag.id, by=by, now=loop.clock())
        return flag.id


class TestSeveralAnswersToOneQuestion:
    @pytest.mark.parametrize("together", [True, False], ids=["read together", "one by one"])
    def test_the_first_answer_is_what_is_learnt_and_a_low_second_still_counts(
        self, loop: Loop, sara: int, together: bool
    ) -> None:
        loop.asks()
        for body in ("7", "0"):
            loop.clock.forward(minutes=5)
            loop.arrives(body)
            if not together:
                loop.read()
        loop.read()
        assert [reading.answer for reading in readings(loop)] == [7, 0]
        assert loop.kinds(sara) == ["low"]
        with loop.wiring.reading() as session:
            assert session.query(UsualRow).one().usual["replies"] == 1  # type: ignore[index]

    @pytest.mark.parametrize("together", [True, False], ids=["read together", "one by one"])
    @pytest.mark.usefixtures("sara")
    def test_a_greeting_before_the_number_does_not_use_up_the_question(
        self, loop: Loop, together: bool
    ) -> None:
        loop.asks()
        for body in ("Hello love", "7"):
            loop.clock.forward(minutes=1)
            loop.arrives(body)
            if not together:
                loop.read()
        loop.read()
        assert readings(loop)[-1].answer == 7
        with loop.wiring.reading() as session:
            state = session.query(UsualRow).one()
        assert state.usual is not None
        assert state.rhythm is not None
        assert state.rhythm["heard"] == 1


def test_over_weeks_a_lower_answer_than_usual_is_noticed(loop: Loop, sara: int) -> None:
    for answer in ("8", "7", "8", "8", "7", "8", "7", "8", "8", "7", "8", "8"):
        loop.asks()
        loop.says(answer)
    assert loop.flag(sara) is None
    loop.asks()
    loop.says("4")
    assert loop.kinds(sara) == ["below"]
    with loop.wiring.reading() as session:
        (item,) = views.queue(session, views.Whose.EVERYONE, 0, now=loop.clock())
    assert item.usual_words.startswith("usually")


def test_a_cry_for_help_found_hours_later_raises_a_flag_and_puzzles_nobody_with_an_answer(
    loop: Loop, sara: int
) -> None:
    loop.arrives(DANGER)
    loop.clock.forward(hours=3)
    loop.read()
    flag = loop.flag(sara)
    assert flag is not None
    assert flag.promise is Promise.NOW
    assert automatic_answers(loop) == 0


def test_a_text_from_the_past_never_makes_a_person_heard_from_earlier(
    loop: Loop, sara: int
) -> None:
    loop.arrives("an old one")
    loop.clock.forward(hours=1)
    loop.says("a new one")
    with loop.wiring.reading() as session:
        (line,) = views.residents(session)
    assert line.heard_at == loop.clock()
