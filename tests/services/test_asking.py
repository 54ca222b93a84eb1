"""A set of questions is a conversation by text: one question open, one text an answer, no nagging.

The table tells conversations: what somebody writes, what they get for it, and what is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, time

import pytest
from hypothesis import HealthCheck, given, settings
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
    ProgrammeRow,
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
    item(HOW, SCALE, "How have things been, 0 to 10?", FollowUp(0, 4, item(WHY, OPEN, BECAUSE))),
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
            session,
            programme,
            connector_id=priya.id,
            now=loop.clock(),
            **changes,  # type: ignore[arg-type]
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
    return [row.item for row in open_now(loop)]


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
        (turn("6 but can you ring me please", "call"),), ((HOW, 6),), (), ("asked",)
    ),
    "a call asked for beside the answer": Conversation(
        (turn(("can you ring me please", "6"), "call"),), ((HOW, 6),), (), ("asked",)
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


def named(text: str) -> str:
    """The fixed texts by what they answer; their words are agreed elsewhere."""
    if "85258" in text:
        return "crisis"
    return "call" if "asked a person to ring you" in text else text


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation(loop: Loop, sara: int, name: str) -> None:
    told = CONVERSATIONS[name]
    loop.asks()
    assert loop.bodies_to(1) == [FIRST]
    for said, back in told.turns:
        got = says(loop, *said)
        assert [named(text) for text in got] == list(back), said
    assert kept(loop) == list(told.kept)
    assert still_open(loop) == list(told.open)
    assert sorted(loop.kinds(sara)) == sorted(told.reasons)


def test_each_answer_is_tied_to_the_question_it_answers(loop: Loop, sara: int) -> None:
    loop.asks()
    for text in ("7", "well well", "6"):
        says(loop, text)
    how, slept, _out = asked(loop)
    assert [reply.asked_id for reply in replies(loop)] == [how.id, None, slept.id]
    assert {reply.check_in_id for reply in replies(loop)} == {how.check_in_id}
    with loop.wiring.reading() as session:
        assert session.get(CheckInRow, how.check_in_id).answered_at is not None  # type: ignore[union-attr]
    assert {row.closes_at for row in asked(loop)} == {how.closes_at}


def test_what_crossed_with_the_next_question_still_answers_the_one_before(
    loop: Loop, sara: int
) -> None:
    loop.asks()
    loop.clock.forward(minutes=1)
    loop.arrives("7")
    loop.clock.forward(minutes=1)
    loop.arrives("no wait, 6")
    with loop.wiring.transaction() as session:
        second = session.query(ReplyRow).order_by(ReplyRow.id.desc()).first()
        assert second is not None
        second.read_at = loop.clock()
    loop.clock.forward(minutes=1)
    loop.read()
    assert still_open(loop) == [SLEPT]
    with loop.wiring.transaction() as session:
        session.query(ReplyRow).filter(ReplyRow.asked_id.is_(None)).update({"read_at": None})
    loop.read()
    assert kept(loop) == [(HOW, 6)]
    assert still_open(loop) == [SLEPT]


class TestANextQuestion:
    @pytest.mark.usefixtures("sara")
    def test_goes_at_once_and_is_no_check_in_of_its_own(self, loop: Loop) -> None:
        loop.asks()
        says(loop, "7")
        with loop.wiring.reading() as session:
            rows = session.query(AttemptRow).order_by(AttemptRow.made_at).all()
        assert [row.purpose for row in rows] == ["check_in", "follow_up"]
        assert rows[1].marked_at == loop.clock()

    def test_is_not_asked_while_a_person_is_in_conversation(
        self, loop: Loop, sara: int, priya: Member
    ) -> None:
        loop.asks()
        says(loop, "can you ring me please")
        flag = loop.flag(sara)
        assert flag is not None
        with loop.wiring.transaction() as session:
            casework.take(session, flag.id, by=priya, now=loop.clock())
        assert says(loop, "7") == []
        assert (kept(loop), still_open(loop)) == ([(HOW, 7)], [])

    def test_that_was_decided_and_then_held_was_never_asked(
        self, loop: Loop, sara: int, priya: Member
    ) -> None:
        loop.asks()
        loop.clock.forward(minutes=1)
        loop.says("7")
        assert still_open(loop) == [SLEPT]
        loop.says("can you ring me please")
        flag = loop.flag(sara)
        assert flag is not None
        with loop.wiring.transaction() as session:
            casework.take(session, flag.id, by=priya, now=loop.clock())
        assert loop.send() == 1
        assert named(loop.bodies_to(1)[-1]) == "call"
        assert still_open(loop) == []
        assert [row.item for row in asked(loop)] == [HOW]

    @pytest.mark.parametrize(
        ("state", "goes"),
        [(AgreementState.GIVEN, 1), (AgreementState.PAUSED, 0), (AgreementState.WITHDRAWN, 0)],
    )
    def test_keeps_the_standing_rules_up_to_the_moment_of_sending(
        self, loop: Loop, sara: int, state: AgreementState, goes: int
    ) -> None:
        loop.asks()
        loop.says("7")
        with loop.wiring.transaction() as session:
            residents.agree(session, sara, AgreementEvent(state, loop.clock(), How.BY_PHONE))
        assert loop.send() == goes

    @pytest.mark.usefixtures("sara")
    def test_does_not_follow_an_answer_that_was_found_hours_later(self, loop: Loop) -> None:
        loop.asks()
        loop.arrives("7")
        loop.clock.forward(hours=3)
        loop.read()
        assert loop.send() == 0
        assert (kept(loop), still_open(loop)) == ([(HOW, 7)], [])

    @pytest.mark.usefixtures("sara")
    def test_is_asked_of_no_one_whose_texts_are_a_robots(self, loop: Loop) -> None:
        loop.asks()
        says(loop, "thank you for your text", "thank you for your text", "thank you for your text")
        assert len(loop.bodies_to(1)) == 1

    @pytest.mark.usefixtures("sara")
    def test_is_in_the_words_of_the_version_that_asked(self, loop: Loop) -> None:
        loop.asks()
        (how,) = asked(loop)
        assert how.version_id is not None
        with loop.wiring.reading() as session:
            version = programmes.by_version(session, [how.version_id])[how.version_id]
        assert version.item(how.item) == QUESTIONS[0]
        says(loop, "7")
        assert asked(loop)[-1].version_id == how.version_id


class TestALateAnswer:
    def test_is_tied_to_its_question_and_shown_as_late(self, loop: Loop, sara: int) -> None:
        loop.asks()
        asked_at = loop.clock()
        loop.clock.forward(days=4)
        assert says(loop, "8") == []
        (reply,) = replies(loop)
        (how,) = asked(loop)
        assert (reply.late, reply.asked_id) == (True, how.id)
        assert (how.answer, how.answered_at) == (8, reply.received_at)
        assert (usual_replies(loop), still_open(loop)) == (0, [])
        (line,) = [line for line in loop.thread(sara) if line.incoming]
        assert line.late_for == asked_at
        with loop.wiring.reading() as session:
            chart = views.chart(session, sara)
        assert chart is not None
        assert [point.answer for point in chart.points] == [None]

    @pytest.mark.parametrize(
        ("text", "reasons"),
        [("0", []), (f"3. {DANGER}", ["words"]), ("5 but can you ring me please", ["asked"])],
    )
    def test_counts_for_what_else_it_says_and_for_nothing_else(
        self, loop: Loop, sara: int, text: str, reasons: list[str]
    ) -> None:
        loop.asks()
        loop.clock.forward(days=4)
        loop.says(text)
        assert loop.kinds(sara) == reasons

    @pytest.mark.usefixtures("sara")
    def test_speaks_to_nothing_once_something_newer_was_asked(self, loop: Loop) -> None:
        loop.asks()
        loop.clock.forward(days=4)
        loop.asks()
        says(loop, "8")
        first, second, *_rest = asked(loop)
        assert (first.answered_at, second.answer) == (None, 8)
        assert [reply.late for reply in replies(loop)] == [False]

    def test_is_free_text_when_it_does_not_read_as_an_answer(self, loop: Loop, sara: int) -> None:
        loop.asks()
        loop.clock.forward(days=4)
        loop.says("sorry, was at my sister's")
        (reply,) = replies(loop)
        assert (reply.late, reply.asked_id, loop.flag(sara)) == (False, None, None)


class TestWhatIsUsual:
    @pytest.mark.usefixtures("sara")
    def test_is_learnt_from_the_whole_set_at_once(self, loop: Loop) -> None:
        loop.asks()
        says(loop, "7")
        assert usual_replies(loop) == 0
        says(loop, "6")
        assert usual_replies(loop) == 1
        with loop.wiring.reading() as session:
            usual = session.query(UsualRow).one().usual
        assert usual is not None
        assert list(usual["before"]) == [7, 6]

    def test_is_learnt_from_a_partial_set_when_its_time_is_over(
        self, loop: Loop, sara: int
    ) -> None:
        loop.asks()
        says(loop, "7")
        loop.clock.forward(days=4)
        loop.close()
        assert usual_replies(loop) == 1
        with loop.wiring.reading() as session:
            usual = session.query(UsualRow).one().usual
        assert usual is not None
        assert list(usual["before"]) == [7, None]
        assert loop.flag(sara) is None

    def test_levels_speak_of_the_first_question_alone_and_once(self, loop: Loop, sara: int) -> None:
        loop.asks()
        says(loop, "2")
        assert loop.kinds(sara) == ["low"]
        says(loop, "nothing much")
        says(loop, "0")
        assert loop.kinds(sara) == ["low"]

    def test_no_level_is_raised_where_levels_are_off(self, loop: Loop, priya: Member) -> None:
        quiet = Question(QuestionKind.SCALE, levels=False)
        who = on(loop, a_set(loop, (item(HOW, quiet, "?"), item(SLEPT, quiet, "?"))), priya)
        loop.asks()
        says(loop, "0")
        says(loop, "0")
        assert loop.flag(who) is None


@pytest.mark.parametrize("some", [["7"], ["7", "6", "no"], ["just busy"]])
def test_silence_takes_any_answer_or_any_text_for_an_answer(
    loop: Loop, sara: int, some: list[str]
) -> None:
    loop.asks()
    for text in some:
        says(loop, text)
    loop.clock.forward(days=4)
    loop.close()
    with loop.wiring.reading() as session:
        rhythm = session.query(UsualRow).one().rhythm
    assert rhythm is not None
    assert rhythm["run"] == 0


class TestWhetherToGoOn:
    @pytest.fixture
    def asking(self, loop: Loop, priya: Member) -> int:
        """Somebody who has been asked whether to go on."""
        programme = a_set(
            loop, go_on={"en": ("Shall we go on?",)}, goodbye={"en": ("Goodbye, {name}.",)}
        )
        who = on(loop, programme, priya)
        loop.plan()
        with loop.wiring.transaction() as session:
            session.query(CheckInRow).update({"part": Part.GO_ON.value})
        loop.clock.forward(days=1)
        loop.send()
        assert loop.bodies_to(1) == ["Shall we go on?"]
        assert still_open(loop) == [GO_ON]
        return who

    @pytest.mark.usefixtures("asking")
    def test_yes_carries_on_with_thanks(self, loop: Loop) -> None:
        (thanks,) = says(loop, "yes please")
        assert thanks.startswith("Thank you")
        with loop.wiring.reading() as session:
            assert session.query(EnrolmentRow).one().ended_on is None

    def test_no_ends_with_a_goodbye_and_is_written_down(self, loop: Loop, asking: int) -> None:
        assert says(loop, "no thanks") == ["Goodbye, Sara."]
        with loop.wiring.reading() as session:
            assert session.query(EnrolmentRow).one().ended_on is not None
            assert session.query(AuditRow).filter_by(subject_id=asking).count() == 1
            planned = session.query(CheckInRow).filter_by(state="planned").count()
        assert planned == 0

    @pytest.mark.usefixtures("asking")
    def test_no_is_honoured_where_a_person_takes_over(self, loop: Loop) -> None:
        assert [named(text) for text in says(loop, "no, can you ring me please")] == ["call"]
        with loop.wiring.reading() as session:
            assert session.query(EnrolmentRow).one().ended_on is not None

    @pytest.mark.parametrize("texts", [[], ["what do you mean"]], ids=["nothing", "anything else"])
    def test_no_answer_nags_nobody_and_ends_nothing(
        self, loop: Loop, asking: int, texts: list[str]
    ) -> None:
        for text in texts:
            assert says(loop, text) == []
        loop.clock.forward(days=4)
        loop.close()
        reason = loop.reasons(asking)[0]
        assert reason.promise is Promise.THIS_WEEK
        assert reason.sentence.startswith("We asked Sara whether to go on and have had no answer")
        assert len(loop.bodies_to(1)) == 1
        with loop.wiring.reading() as session:
            assert session.query(EnrolmentRow).one().ended_on is None

    def test_a_late_no_is_for_a_person(self, loop: Loop, asking: int) -> None:
        loop.clock.forward(days=4)
        assert says(loop, "no") == []
        (reason,) = loop.reasons(asking)
        assert "no more of these texts" in reason.sentence


def test_a_step_done_twice_running_may_be_ready_for_the_next(loop: Loop, priya: Member) -> None:
    who = on(loop, a_set(loop, (item("step", STEP, "How did it go?"),), closing={}), priya)
    for said, kinds in (("did it", []), ("1", ["step"])):
        loop.asks()
        assert still_open(loop) == ["step"]
        says(loop, said)
        assert loop.kinds(who) == kinds
        loop.clock.forward(days=4)


def test_prompts_reminders_and_goodbyes_open_nothing(loop: Loop, priya: Member) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session, kind=ProgrammeKind.PROMPT)
    on(loop, programme, priya)
    loop.asks()
    assert asked(loop) == []


EVENTS = st.lists(
    st.sampled_from(
        ["7", "3", "0", "no", "yes", "thanks love", "STOP", "START", DANGER, "ring me please", "",
         "send", "read", "close", "minutes", "hours", "days", "asks"]
    ),
    max_size=24,
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS)
def test_however_it_goes_one_question_is_open_and_nobody_is_texted_twice(
    loop: Loop, events: list[str]
) -> None:
    """Replies, stops, closings and sends in any order; a new person for every example."""
    n, who = somebody_new(loop)
    stopped = False
    for event in ("asks", *events):
        before = len(loop.bodies_to(n))
        happens(loop, event, n)
        stopped = event == "STOP" or (stopped and event != "START")
        assert not stopped or len(loop.bodies_to(n)) == before, "nothing after STOP"
        assert len([row for row in open_now(loop) if row.resident_id == who]) <= 1
    loop.read()
    one_text_a_reply(loop, who)
    every_answer_has_one_question(loop, who)


def somebody_new(loop: Loop) -> tuple[int, int]:
    """The only one who is on the programme now: the last digits of their number, and their id."""
    with loop.wiring.transaction() as session:
        found = session.query(ProgrammeRow.id).first()
        session.query(EnrolmentRow).update({"ended_on": loop.clock().date(), "fresh": False})
        session.query(CheckInRow).filter_by(state="planned").update({"state": "skipped"})
        n = session.query(EnrolmentRow).count() + 1
    programme = found[0] if found else a_set(loop)
    with loop.wiring.transaction() as session:
        return n, a_resident(session, programme, n=n, now=loop.clock())


def happens(loop: Loop, event: str, n: int) -> None:
    if event in ("minutes", "hours", "days"):
        loop.clock.forward(**{event: 2})
    elif event in ("send", "read", "close", "asks"):
        getattr(loop, event)()
    else:
        loop.arrives(event, n=n)
        if event in ("STOP", "START"):
            loop.read()


def open_now(loop: Loop) -> list[AskedRow]:
    now = loop.clock()
    return [row for row in asked(loop) if row.answered_at is None and row.closes_at > now]


def one_text_a_reply(loop: Loop, who: int) -> None:
    """No more automatic texts at a time than replies were read at that time."""
    kinds = (Purpose.FOLLOW_UP.value, Purpose.ANSWER.value)
    with loop.wiring.reading() as session:
        own = session.query(AttemptRow.made_at).filter(AttemptRow.resident_id == who)
        made = Counter(at for (at,) in own.filter(AttemptRow.purpose.in_(kinds)))
        read = Counter(at for (at,) in session.query(ReplyRow.read_at).filter_by(resident_id=who))
    assert all(count == 1 and read[at] for at, count in made.items())


def every_answer_has_one_question(loop: Loop, who: int) -> None:
    rows = {row.id: row for row in asked(loop) if row.resident_id == who}
    own = [reply for reply in replies(loop) if reply.resident_id == who]
    answered = {id_ for id_, row in rows.items() if row.answered_at is not None}
    assert answered == {reply.asked_id for reply in own if reply.asked_id is not None}
    late = [rows[reply.asked_id or 0] for reply in own if reply.late]
    assert all(row.answered_at and row.closes_at <= row.answered_at for row in late)
