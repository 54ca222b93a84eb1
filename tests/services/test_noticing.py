"""Values for most people are proposed, approved by a person and only then applied."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from connector import rounds
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.programme import Programme
from connector.domain.question import Question, QuestionKind
from connector.domain.rota import Member, Role
from connector.services import noticing
from connector.services.jobs import Job
from connector.store import programmes, tunings
from connector.store.base import blind_index
from connector.store.tables import AuditRow, CheckInRow, ReadingRow, ReplyRow, UsualRow
from connector.store.tunings import Decision, Proposal
from tests.fakes import SilentDoorbell
from tests.makers import SCALE, Loop, a_member, a_programme, a_resident

PEOPLE = 24
WEEKS = 10


@pytest.fixture
def morag(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session, "Morag Bell", Role.COORDINATOR)


@pytest.fixture
def town(loop: Loop) -> int:
    """A programme with people who have answered for weeks, each around a usual of their own."""
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        for n in range(1, PEOPLE + 1):
            who = a_resident(session, programme, n=n, now=loop.clock())
            answers(loop, session, who, programme, n, weeks=WEEKS)
    return programme


def answers(loop: Loop, session: object, who: int, programme: int, n: int, *, weeks: int) -> None:
    """What somebody answered, a week apart, the last one a week ago."""
    chance = Random(n)
    usual = chance.uniform(5, 9)
    for week in range(weeks):
        at = loop.clock() - timedelta(weeks=weeks - week)
        asked = CheckInRow(
            resident_id=who, programme_id=programme, occurrence=at.date(), number=week,
            due_at=at, expires_at=at, state="attempted", attempted_at=at,
        )  # fmt: skip
        session.add(asked)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        reply = ReplyRow(
            channel="simulator", provider_id=f"{n}-{week}", sender="", body="",
            sender_index=blind_index(str(n)), body_index=b"", characters=1, received_at=at,
            read_at=at, resident_id=who, check_in_id=asked.id,
        )  # fmt: skip
        session.add(reply)  # type: ignore[attr-defined]
        session.flush()  # type: ignore[attr-defined]
        answer = min(10, max(0, round(chance.gauss(usual, 0.7))))
        session.add(  # type: ignore[attr-defined]
            ReadingRow(reply_id=reply.id, answer=answer, promise="none", found=[], rules="1", at=at)
        )


def propose(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        return noticing.propose(session, now=loop.clock())


def proposals(loop: Loop, programme: int) -> list[Proposal]:
    with loop.wiring.reading() as session:
        return tunings.of_programmes(session).get(programme, [])


def programme_of(loop: Loop, programme: int) -> Programme:
    with loop.wiring.reading() as session:
        return programmes.by_id(session, [programme])[programme]


def test_a_proposal_says_what_it_rests_on_and_changes_nothing(loop: Loop, town: int) -> None:
    before = noticing.settings_for(programme_of(loop, town))
    assert propose(loop) == 1
    (found,) = proposals(loop, town)
    assert (found.decision, found.people, found.answers) == (
        Decision.PROPOSED, PEOPLE, PEOPLE * WEEKS,
    )  # fmt: skip
    assert set(found.figures) == {"centre", "spread", "weight", "freedom"}
    assert noticing.settings_for(programme_of(loop, town)) == before


def test_there_is_one_proposal_at_a_time_and_a_refused_one_comes_again_after_weeks(
    loop: Loop, town: int, morag: Member
) -> None:
    assert [propose(loop), propose(loop)] == [1, 0]
    with loop.wiring.transaction() as session:
        noticing.refuse(session, proposals(loop, town)[0].id, by=morag, now=loop.clock())
    loop.clock.forward(days=27)
    assert propose(loop) == 0
    loop.clock.forward(days=2)
    assert propose(loop) == 1


def test_too_few_people_are_no_proposal(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        for n in range(1, 20):
            who = a_resident(session, programme, n=n, now=loop.clock())
            answers(loop, session, who, programme, n, weeks=8)
    assert propose(loop) == 0


def test_approval_applies_the_values_and_what_is_usual_is_learnt_again(
    loop: Loop, town: int, morag: Member
) -> None:
    with loop.wiring.transaction() as session:
        for id_ in tunings.people(session, town):
            session.add(
                UsualRow(resident_id=id_, programme_id=town, usual=None, rhythm={"heard": 9})
            )
    propose(loop)
    (found,) = proposals(loop, town)
    doorbell = loop.wiring.doorbell
    assert isinstance(doorbell, SilentDoorbell)
    with loop.wiring.transaction() as session:
        noticing.approve(session, found.id, by=morag, now=loop.clock())
    assert Job.NOTICING in doorbell.rung
    tuning = noticing.settings_for(programme_of(loop, town)).tuning
    assert {name: getattr(tuning, name) for name in found.figures} == found.figures
    rounds.learn(loop.wiring, loop.clock)
    (done,) = proposals(loop, town)
    assert (done.decided_by, done.rebuilt_at) == ("Morag Bell", loop.clock())
    with loop.wiring.reading() as session:
        states = session.query(UsualRow).all()
        noted = session.query(AuditRow).filter(AuditRow.act == "values approved").one()
    assert noted.staff_id == morag.id
    assert {state.usual["replies"] for state in states if state.usual} == {WEEKS}
    assert all(state.rhythm == {"heard": 9} for state in states)


def test_a_proposal_is_decided_once(loop: Loop, town: int, morag: Member) -> None:
    propose(loop)
    (found,) = proposals(loop, town)
    with loop.wiring.transaction() as session:
        noticing.approve(session, found.id, by=morag, now=loop.clock())
    with loop.wiring.transaction() as session, pytest.raises(Refused):
        noticing.refuse(session, found.id, by=morag, now=loop.clock())
    with loop.wiring.transaction() as session, pytest.raises(NotFound):
        noticing.approve(session, 999, by=morag, now=loop.clock())


class TestHowSoonToBeTold:
    def test_a_lower_limit_never_brings_fewer_flags(self, loop: Loop, town: int) -> None:
        with loop.wiring.reading() as session:
            load = noticing.load(session, programme_of(loop, town), now=loop.clock())
        a_month = [choice.a_month for choice in load.choices]
        assert a_month == sorted(a_month, reverse=True)
        assert a_month[0] > a_month[-1]
        assert (load.people, load.replayed) == (PEOPLE, PEOPLE)
        assert [choice.chosen for choice in load.choices] == [False, False, True, False, False]

    def test_what_a_coordinator_chooses_holds(self, loop: Loop, town: int, morag: Member) -> None:
        later = noticing.limits(programme_of(loop, town))[-1]
        with loop.wiring.transaction() as session:
            noticing.choose_limit(session, town, later, by=morag, now=loop.clock())
        assert noticing.settings_for(programme_of(loop, town)).tuning.limit == later
        (noted,) = proposals(loop, town)
        assert (noted.decided_by, noted.decision) == ("Morag Bell", Decision.APPROVED)
        assert rounds.learn(loop.wiring, loop.clock) == 0, "nothing has to be learnt again for it"

    @pytest.mark.parametrize("limit", [0.01, -1.0, 99.0, float("nan")])
    def test_only_what_is_offered_can_be_chosen(
        self, loop: Loop, town: int, morag: Member, limit: float
    ) -> None:
        with loop.wiring.transaction() as session, pytest.raises(Invalid):
            noticing.choose_limit(session, town, limit, by=morag, now=loop.clock())


def test_questions_without_levels_never_raise_low_by_a_number(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        with_levels = a_programme(session, question=SCALE)
        national = a_programme(
            session, name="Wellbeing", question=Question(QuestionKind.SCALE, levels=False)
        )
        sara = a_resident(session, with_levels, n=1, now=loop.clock())
        derek = a_resident(session, national, n=2, now=loop.clock())
    loop.asks()
    for n in (1, 2):
        loop.says("1", n=n)
    assert (loop.kinds(sara), loop.kinds(derek)) == (["low"], [])
    assert not programme_of(loop, national).question.levels


class TestALoweredLevel:
    """Tuesday, 24 November; check-ins go out every day."""

    @pytest.fixture
    def sara(self, loop: Loop) -> int:
        with loop.wiring.transaction() as session:
            return a_resident(session, a_programme(session), now=loop.clock())

    def lower(
        self, loop: Loop, sara: int, by: Member, until: date, why: str = "seen daily"
    ) -> None:
        now = loop.clock()
        with loop.wiring.transaction() as session:
            noticing.lower_floor(session, sara, until, why, by=by, today=now.date(), now=now)

    def test_holds_until_its_last_day(self, loop: Loop, sara: int, morag: Member) -> None:
        self.lower(loop, sara, morag, date(2026, 11, 26))
        for answer in ("7", "2"):
            loop.asks()
            loop.says(answer)
        assert loop.flag(sara) is None
        loop.asks()
        loop.says("2")
        assert loop.kinds(sara) == ["low"]

    def test_never_hides_an_answer_of_one(self, loop: Loop, sara: int, morag: Member) -> None:
        self.lower(loop, sara, morag, date(2026, 12, 24))
        loop.asks()
        loop.says("1")
        assert loop.kinds(sara) == ["low"]

    def test_can_be_put_back(self, loop: Loop, sara: int, morag: Member) -> None:
        self.lower(loop, sara, morag, date(2026, 12, 24))
        now = loop.clock()
        with loop.wiring.transaction() as session:
            noticing.end_floor(session, sara, by=morag, today=now.date(), now=now)
        loop.asks()
        loop.says("2")
        assert loop.kinds(sara) == ["low"]

    @pytest.mark.parametrize(
        ("until", "why"),
        [
            pytest.param(date(2026, 11, 23), "seen daily", id="a day that is over"),
            pytest.param(date(2027, 11, 23), "seen daily", id="a day too far away"),
            pytest.param(date(2026, 12, 1), "  ", id="without a reason"),
        ],
    )
    def test_needs_a_last_day_and_a_reason(
        self, loop: Loop, sara: int, morag: Member, until: date, why: str
    ) -> None:
        with pytest.raises(Invalid):
            self.lower(loop, sara, morag, until, why)
