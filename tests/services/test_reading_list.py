"""What residents write reaches human eyes, and what nobody has read in time comes up by itself."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from connector import rounds
from connector.domain.flag import Outcome
from connector.domain.phrases import Rulebook
from connector.domain.promise import Promise
from connector.domain.reading import Weight
from connector.domain.rota import Member
from connector.services import casework, reading_list
from connector.store import reading_list as stored
from connector.store.tables import AuditRow, ReadingRow, ReplyRow, UsualRow
from tests.conftest import make_reader
from tests.makers import Loop, a_member, a_programme, a_resident

DANGER = "I don't want to be here any more"


class WeighsByLength:
    """A model that would read long texts first, because of their last word."""

    def weigh(self, text: str) -> Weight:
        first = len(text) > 20
        return Weight(first, len(text) / 100, (text.split()[-1],) if first else ())


@pytest.fixture
def priya(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session)


@pytest.fixture
def sara(loop: Loop, priya: Member) -> int:
    with loop.wiring.transaction() as session:
        return a_resident(session, a_programme(session), connector_id=priya.id, now=loop.clock())


def waiting(loop: Loop) -> list[stored.ToRead]:
    with loop.wiring.reading() as session:
        return stored.waiting(session, limit=50)


def words(items: Sequence[stored.ToRead]) -> list[str]:
    return [item.words for item in items]


def mark(loop: Loop, reply_id: int, by: Member) -> bool:
    with loop.wiring.transaction() as session:
        return reading_list.seen(session, reply_id, by=by, now=loop.clock())


def test_a_bare_answer_is_counted_and_words_are_read(loop: Loop, sara: int) -> None:
    loop.asks()
    loop.says("7")
    loop.says("the beans are up")
    assert words(waiting(loop)) == ["the beans are up"]


def test_evidence_of_a_flag_is_on_the_list_too(loop: Loop, sara: int) -> None:
    loop.says(DANGER)
    (item,) = waiting(loop)
    assert (item.words, item.flag_id) == (DANGER, loop.flag(sara).id)  # type: ignore[union-attr]


def test_what_says_so_comes_first_with_its_words_and_then_the_oldest(
    loop: Loop, sara: int, rules: Rulebook
) -> None:
    loop.wiring.reader = make_reader(loop.wiring, rules, scorer=WeighsByLength())
    for text in (
        "beans are up",
        "it rained",
        "a long tale about the allotment",
        "a tale about a longer allotment",
    ):
        loop.says(text)
        loop.clock.forward(minutes=1)
    items = waiting(loop)
    assert words(items) == [
        "a long tale about the allotment",
        "a tale about a longer allotment",
        "beans are up",
        "it rained",
    ]
    assert [item.words[start:end] for item in items for start, end in item.because] == [
        "allotment",
        "allotment",
    ]


def test_what_a_rule_promised_now_or_today_stands_before_all_else(loop: Loop, sara: int) -> None:
    for text in ("the beans are up", "can you ring me please", DANGER, "feeling a bit low"):
        loop.says(text)
        loop.clock.forward(minutes=1)
    items = waiting(loop)
    assert [(item.words, item.first) for item in items] == [
        (DANGER, True),
        ("can you ring me please", True),
        ("the beans are up", False),
        ("feeling a bit low", False),
    ]


def test_who_read_it_and_when_is_kept(loop: Loop, sara: int, priya: Member) -> None:
    loop.says("the beans are up")
    (item,) = waiting(loop)
    assert mark(loop, item.reply_id, priya)
    assert waiting(loop) == []
    with loop.wiring.reading() as session:
        reply = session.query(ReplyRow).one()
        noted = session.query(AuditRow).filter(AuditRow.act == "reply read").one()
    assert (reply.seen_by, reply.seen_at) == (priya.id, loop.clock())
    assert (noted.staff_id, noted.subject_id) == (priya.id, reply.id)


def test_the_second_to_read_it_changes_nothing(loop: Loop, sara: int, priya: Member) -> None:
    loop.says("the beans are up")
    (item,) = waiting(loop)
    with loop.wiring.transaction() as session:
        tom = a_member(session, "Tom Ellis", n=901)
    assert [mark(loop, item.reply_id, priya), mark(loop, item.reply_id, tom)] == [True, False]
    with loop.wiring.reading() as session:
        assert session.query(ReplyRow).one().seen_by == priya.id


def test_only_ones_own_mark_is_undone(loop: Loop, sara: int, priya: Member) -> None:
    loop.says("the beans are up")
    (item,) = waiting(loop)
    mark(loop, item.reply_id, priya)
    with loop.wiring.transaction() as session:
        tom = a_member(session, "Tom Ellis", n=901)
    for by, back in ((tom, 0), (priya, 1)):
        with loop.wiring.transaction() as session:
            reading_list.unread_again(session, item.reply_id, by=by, now=loop.clock())
        assert len(waiting(loop)) == back


def test_evidence_has_been_read_when_whoever_took_the_flag_opens_it(
    loop: Loop, sara: int, priya: Member
) -> None:
    loop.says(DANGER)
    loop.says("the beans are up")
    flag = loop.flag(sara)
    assert flag is not None
    with loop.wiring.transaction() as session:
        casework.take(session, flag.id, by=priya, now=loop.clock())
        assert reading_list.flag_opened(session, flag.id, by=priya, now=loop.clock()) == 1
    assert words(waiting(loop)) == ["the beans are up"]


def test_marks_teach_nothing(loop: Loop, sara: int, priya: Member) -> None:
    loop.asks()
    loop.says("6, the beans are up")
    with loop.wiring.reading() as session:
        before = session.query(UsualRow).one().usual, session.query(ReadingRow).one().weight
    mark(loop, waiting(loop)[0].reply_id, priya)
    with loop.wiring.reading() as session:
        after = session.query(UsualRow).one().usual, session.query(ReadingRow).one().weight
    assert before == after


class Broken:
    """A model that fails on every text."""

    def weigh(self, text: str) -> Weight:
        raise RuntimeError(len(text))


def test_a_model_that_fails_leaves_the_rules_at_work_and_says_so(
    loop: Loop, sara: int, rules: Rulebook
) -> None:
    loop.wiring.reader = make_reader(loop.wiring, rules, scorer=Broken())
    loop.says(DANGER)
    assert sorted(loop.kinds(sara)) == ["unread", "words"]
    assert loop.flag(sara).promise is Promise.NOW  # type: ignore[union-attr]
    (item,) = waiting(loop)
    assert (item.not_read, item.first) == (True, True)


class TestWhatNobodyHasRead:
    """Tuesday noon: due by Wednesday, five o'clock."""

    def test_is_a_reason_after_the_next_working_day_and_only_once(
        self, loop: Loop, sara: int
    ) -> None:
        loop.says("the beans are up")
        loop.clock.forward(hours=28)
        assert rounds.chase(loop.wiring, loop.clock) == 0
        loop.clock.forward(hours=2)
        assert [rounds.chase(loop.wiring, loop.clock) for _ in range(2)] == [1, 0]
        (reason,) = loop.reasons(sara)
        assert (reason.kind, reason.promise) == ("unseen", Promise.TODAY)
        assert reason.sentence == (
            "What Sara wrote on 24 November has not been read by a person yet. Please read it."
        )
        assert reason.words == "the beans are up"
        assert words(waiting(loop)) == ["the beans are up"], "it still has to be read"

    def test_is_no_reason_when_somebody_has(self, loop: Loop, sara: int, priya: Member) -> None:
        loop.says("the beans are up")
        mark(loop, waiting(loop)[0].reply_id, priya)
        loop.clock.forward(days=3)
        assert rounds.chase(loop.wiring, loop.clock) == 0
        assert loop.flag(sara) is None

    def test_joins_the_flag_that_is_open(self, loop: Loop, sara: int) -> None:
        loop.says("can you ring me please")
        loop.clock.forward(days=2)
        rounds.chase(loop.wiring, loop.clock)
        assert loop.kinds(sara) == ["unseen", "asked"]

    def test_comes_up_after_a_flag_was_finished_unopened(
        self, loop: Loop, sara: int, priya: Member
    ) -> None:
        loop.says("can you ring me please")
        flag = loop.flag(sara)
        assert flag is not None
        with loop.wiring.transaction() as session:
            casework.take(session, flag.id, by=priya, now=loop.clock())
            casework.finish(session, flag.id, Outcome.SPOKE, "", by=priya, now=loop.clock())
        loop.clock.forward(days=2)
        assert rounds.chase(loop.wiring, loop.clock) == 1
        assert loop.kinds(sara) == ["unseen"]

    @pytest.mark.usefixtures("sara")
    def test_of_a_number_nobody_knows_stays_in_its_own_tray(self, loop: Loop) -> None:
        loop.says("hello there", n=77)
        loop.clock.forward(days=2)
        assert rounds.chase(loop.wiring, loop.clock) == 0
        assert waiting(loop) == []
