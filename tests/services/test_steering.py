"""What residents ask about their texts: what it brings about, once, and what never happens.

Histories are played at random against the service, over days: whatever is written and whenever it
is read and sent, who stopped gets nothing, nobody has two open questions, no text has two answers.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from connector.domain.attempt import Purpose
from connector.domain.cadence import Weekday
from connector.domain.errors import Refused
from connector.domain.phrases import Rulebook
from connector.services import steering
from connector.store import programmes, wishes
from connector.store.tables import (
    AskedRow,
    AttemptRow,
    CheckInRow,
    ProgrammeRow,
    ReplyRow,
)
from connector.wiring import Wiring, build
from tests.conftest import NOON, make_reader, make_settings
from tests.fakes import FakeChannel, FakeClock, SilentDoorbell
from tests.makers import Loop, a_member, a_programme, a_resident

QUESTION = "how have things been"


@pytest.fixture
def sara(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        programme = a_programme(session, at=time(10))
        who = a_resident(session, programme, connector_id=priya.id, now=loop.clock())
    loop.asks()
    return who


def says(loop: Loop, *texts: str) -> list[str]:
    """Somebody writes `texts`, read together; what they get for it."""
    before = len(loop.bodies_to(1))
    for text in texts:
        loop.arrives(text)
    loop.read()
    loop.send()
    return loop.bodies_to(1)[before:]


def questions(texts: list[str]) -> list[str]:
    return [text for text in texts if QUESTION in text]


def test_later_brings_the_question_once_more(loop: Loop, sara: int) -> None:
    assert says(loop, "LATER") == []
    loop.clock.forward(hours=2)
    assert loop.send() == 0
    loop.clock.forward(hours=1, minutes=5)
    loop.send()
    assert len(questions(loop.bodies_to(1))) == 2
    assert says(loop, "later") == []
    loop.clock.forward(hours=4)
    assert loop.send() == 0


def test_later_is_forgotten_when_they_answer_before_that(loop: Loop, sara: int) -> None:
    says(loop, "busy now will reply later")
    loop.clock.forward(hours=1)
    says(loop, "7")
    loop.clock.forward(hours=2, minutes=5)
    assert loop.send() == 0
    assert len(questions(loop.bodies_to(1))) == 1


def test_later_is_forgotten_after_a_stop(loop: Loop, sara: int) -> None:
    says(loop, "LATER")
    says(loop, "STOP")
    loop.clock.forward(hours=3, minutes=5)
    assert loop.send() == 0


def test_two_texts_at_once_have_one_answer(loop: Loop, sara: int) -> None:
    assert len(says(loop, "WHO", "WHY", "OPTIONS")) == 1


def test_the_same_answer_is_not_given_twice_within_the_hour(loop: Loop, sara: int) -> None:
    assert len(says(loop, "CALL")) == 1
    loop.clock.forward(minutes=5)
    assert says(loop, "please phone me") == []
    loop.clock.forward(hours=1)
    assert len(says(loop, "could you ring")) == 1


def test_no_other_answer_stands_beside_the_one_to_somebody_in_danger(loop: Loop, sara: int) -> None:
    (answer,) = says(loop, "WHO", "I want to die", "CALL")
    assert "85258" in answer
    assert says(loop, "ring me please") == []
    assert says(loop, "WHY") == []


def test_answers_say_truly_by_when_a_person_looks(loop: Loop, sara: int) -> None:
    loop.clock.now = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)
    (answer,) = says(loop, "CALL")
    assert "by 5pm Monday" in answer


def test_where_the_provider_answers_help_we_do_not(loop: Loop, sara: int, rules: Rulebook) -> None:
    loop.wiring.reader = make_reader(loop.wiring, rules, provider_answers=True)
    assert says(loop, "HELP") == []
    assert loop.kinds(sara) == ["asked"]
    assert len(says(loop, "can you help me fill in a form")) == 1


def test_less_leaves_the_next_text_out_and_only_that_one(loop: Loop, sara: int) -> None:
    with loop.wiring.transaction() as session:
        session.query(CheckInRow).filter(CheckInRow.state == "planned").delete()
        session.query(ProgrammeRow).update({"active": False})
        weekly = a_programme(session, name="Slow", at=time(10), days=(Weekday.MON,))
        programmes.enrol(session, weekly, [sara], on=loop.clock().date())
    loop.plan()
    says(loop, "LESS")
    says(loop, "less please")
    with loop.wiring.reading() as session:
        (wish,) = [one for one in wishes.waiting(session) if one.programme == "Slow"]
        left_out = session.scalar(select(func.count()).where(CheckInRow.why == steering.LEFT_OUT))
    assert wish.own == "every 2"
    assert left_out == 1


def test_a_wish_is_decided_once(loop: Loop, sara: int) -> None:
    says(loop, "only mondays please")
    with loop.wiring.transaction() as session:
        by = a_member(session, "Morag Bell", n=901).id
        (wish,) = wishes.waiting(session, sara)
        steering.refuse(session, wish.id, by=by, now=loop.clock())
    with loop.wiring.transaction() as session, pytest.raises(Refused, match="already"):
        steering.accept(session, wish.id, by=by, now=loop.clock())


TEXTS = (
    "STOP", "please stop these", "START", "start texting me again", "7", "3 not good", "YES",
    "LATER", "text me tomorrow", "CALL", "HELP", "WHO", "who is this", "WHY", "OPTIONS", "LESS",
    "MORE", "only mondays please", "away til friday", "AWAY", "PAUSE", "im back", "in hospital",
    "I want to die", "what do you hold about me", "this is her daughter", "Sara passed away",
    "wrong number", "thanks love", "he hits me, ring me",
)  # fmt: skip
STARTS = ("START",)
STOPS = ("STOP", "please stop these")
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("text"), st.sampled_from(TEXTS)),
        st.tuples(st.just("text"), st.sampled_from(TEXTS)),
        st.tuples(st.just("hours"), st.sampled_from((0, 1, 3, 7, 25, 80))),
        st.tuples(st.just("work"), st.sampled_from(("read", "send", "plan", "all"))),
    ),
    min_size=3,
    max_size=22,
)


@pytest.fixture(scope="module")
def installation(
    sqlite_template: object, tmp_path_factory: pytest.TempPathFactory, rules: Rulebook
) -> object:
    folder = tmp_path_factory.mktemp("histories")
    path = folder / "connector.db"
    path.write_bytes(sqlite_template.read_bytes())  # type: ignore[attr-defined]
    wiring = build(make_settings(f"sqlite:///{path}", folder), doorbell=SilentDoorbell())
    wiring.channel = FakeChannel()
    wiring.reader = make_reader(wiring, rules)
    yield wiring
    wiring.close()


MADE: list[int] = []


class History:
    """One resident more of one installation, and what must hold of them at every step."""

    def __init__(self, wiring: Wiring) -> None:
        MADE.append(len(MADE) + 1)
        self.n = MADE[-1]
        self.loop = Loop(wiring, FakeClock(NOON + timedelta(days=60 * self.n)), FakeChannel())
        wiring.channel = self.loop.channel
        with wiring.transaction() as session:
            programme = a_programme(
                session, name=f"Daily {self.n}", at=time(10), starts_on=self.loop.clock().date()
            )
            self.who = a_resident(session, programme, n=self.n, now=self.loop.clock())
        self.stopped = False
        self.unread: list[str] = []
        self.texts = 0

    def end(self) -> None:
        with self.loop.wiring.transaction() as session:
            session.query(ProgrammeRow).update({"active": False})
            session.query(CheckInRow).filter(CheckInRow.state == "planned").delete()
            session.query(AttemptRow).filter(AttemptRow.state == "queued").update(
                {"state": "skipped"}
            )

    def act(self, kind: str, what: object) -> None:
        if kind == "text":
            self.writes(str(what))
        elif kind == "hours":
            self.loop.clock.forward(hours=int(str(what)), minutes=1)
        else:
            self.work(str(what))
        self.holds()

    def writes(self, text: str) -> None:
        self.loop.clock.forward(seconds=1)
        self.loop.arrives(text, n=self.n, id_=f"H{self.n}-{self.texts}")
        self.texts += 1
        self.unread.append(text)
        if text == "STOP":
            self.stopped = True
        elif text in STARTS:
            self.stopped = False

    def work(self, what: str) -> None:
        if what in ("plan", "all"):
            self.loop.plan()
        if what in ("read", "all"):
            self.loop.read()
            for text in self.unread:
                if text in STOPS:
                    self.stopped = True
                elif text in STARTS:
                    self.stopped = False
            self.unread = []
        if what in ("send", "all"):
            had = len(self.loop.channel.handed)
            self.loop.send()
            if self.stopped:
                assert len(self.loop.channel.handed) == had, "a text after a stop"

    def holds(self) -> None:
        now = self.loop.clock()
        with self.loop.wiring.reading() as session:
            still_open = session.scalar(
                select(func.count(func.distinct(AskedRow.check_in_id))).where(
                    AskedRow.resident_id == self.who,
                    AskedRow.answered_at.is_(None),
                    AskedRow.asked_at
                    == select(func.max(AskedRow.asked_at))
                    .where(AskedRow.resident_id == self.who)
                    .scalar_subquery(),
                )
            )
            replies = session.scalar(select(func.count()).where(ReplyRow.resident_id == self.who))
            ours = session.scalars(
                select(AttemptRow).where(AttemptRow.resident_id == self.who)
            ).all()
        answers = [one for one in ours if one.purpose == Purpose.ANSWER.value]
        assert (still_open or 0) <= 1, "two questions at once"
        assert len(answers) <= (replies or 0), "more answers than texts"
        own = [one for one in answers if "right number" not in one.body]
        assert len({one.made_at for one in own}) == len(own), "two answers at once"
        lately = [one for one in answers if now - one.made_at < timedelta(hours=24)]
        assert len(lately) <= 4, "the most answers a day"
        crises = sorted(one.made_at for one in answers if "85258" in one.body)
        assert all(b - a >= timedelta(hours=12) for a, b in pairwise(crises))
        for crisis in crises:
            others = [
                one for one in answers
                if one.made_at != crisis and "85258" not in one.body
                and timedelta(0) <= one.made_at - crisis < timedelta(hours=12)
            ]  # fmt: skip
            asks_whose = [one for one in others if "right number" in one.body]
            assert others == asks_whose, "an automatic answer beside the one in danger"
        opened = [one for one in ours if one.purpose == Purpose.CHECK_IN.value and one.marked_at]
        days = [one.made_at.date() for one in opened]
        assert len(days) == len(set(days)), "the cap of one a day"


@hypothesis_settings(
    max_examples=60,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
)
@given(acts=ACTS)
def test_whatever_is_written_and_whenever_it_is_read(installation: Wiring, acts: list) -> None:
    history = History(installation)
    try:
        history.work("all")
        history.loop.clock.forward(days=1)
        history.work("all")
        for kind, what in acts:
            history.act(kind, what)
        history.work("all")
        history.holds()
    finally:
        history.end()
