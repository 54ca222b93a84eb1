"""Two records of one person made one, and taken apart again: nothing lost, nothing sent twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connector.domain.attempt import Purpose
from connector.domain.consent import AgreementState
from connector.domain.errors import NotFound, Refused
from connector.domain.flag import FlagState
from connector.domain.promise import Promise
from connector.domain.rota import Member
from connector.domain.steering import AbsenceKind, AbsenceWish
from connector.services import enrolment, merging
from connector.services.absences import begin as go_away
from connector.store import attempts, merges, residents, usuals
from connector.store.attempts import NewAttempt
from connector.store.base import Base
from connector.store.tables import (
    AttemptRow,
    CheckInRow,
    EnrolmentRow,
    FlagRow,
    ResidentNumberRow,
    ResidentRow,
)
from tests.makers import Loop, a_member, a_programme, a_resident, number

NOT_COMPARED = {"audit", "merge"}
WORRY = "can you ring me please"


@pytest.fixture
def priya(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session)


def two(loop: Loop, priya: Member, *, n: int = 2, both: bool = True) -> tuple[int, int, int]:
    """Two records of Sara with numbers of their own, on one programme; its id comes last."""
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        one = a_resident(session, programme, connector_id=priya.id, now=loop.clock())
        other = a_resident(
            session, *([programme] if both else []), n=n, name="Sarah", now=loop.clock()
        )
    return one, other, programme


def merge(loop: Loop, kept: int, gone: int, by: Member) -> int:
    with loop.wiring.transaction() as session:
        return merging.merge(session, kept, gone, by=by.id, now=loop.clock())


def unmerge(loop: Loop, merge_id: int, by: Member) -> None:
    with loop.wiring.transaction() as session:
        merging.unmerge(session, merge_id, by=by.id, now=loop.clock())


def everything(loop: Loop) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, sealed values as they are stored."""
    with loop.wiring.reading() as session:
        return {
            table.name: merges.rows(session, table.name, table.primary_key.columns[0].is_not(None))
            for table in Base.metadata.sorted_tables
            if table.name not in NOT_COMPARED
        }


def test_every_reference_to_a_resident_is_moved_or_stays_for_a_reason() -> None:
    known = {*merges.HISTORY, *((name, "resident_id") for name in merges.ONE_OF_A_KIND)}
    there = {
        (table.name, key.parent.name)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "resident"
    }
    assert there == known | set(merges.STAY)


def test_the_history_of_both_stands_in_one_thread(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    loop.says("all well here", n=1)
    loop.clock.forward(hours=1)
    loop.says("and here too", n=2)
    merge(loop, one, other, priya)
    assert [line.text for line in loop.thread(one) if line.incoming] == [
        "all well here",
        "and here too",
    ]
    assert loop.thread(other) == []


def test_nothing_goes_out_twice_and_only_to_the_kept_number(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    loop.plan()
    merge(loop, one, other, priya)
    assert loop.asks() == 1
    assert len(loop.bodies_to(1)) == 1
    assert loop.bodies_to(2) == []
    with loop.wiring.reading() as session:
        left = session.query(CheckInRow).filter_by(resident_id=other, state="skipped").all()
        assert {row.why for row in left} == {merging.MERGED}


def test_a_programme_of_the_other_alone_goes_on_for_the_kept_one(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya, both=False)
    with loop.wiring.transaction() as session:
        second = a_programme(session, name="Second")
        session.add(
            EnrolmentRow(
                resident_id=other, programme_id=second, started_on=loop.clock().date(), fresh=True
            )
        )
    loop.plan()
    merge(loop, one, other, priya)
    assert loop.asks() == 2
    assert len(loop.bodies_to(1)) == 2


def test_what_stood_in_the_queue_for_the_other_is_held(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    now = loop.clock()
    with loop.wiring.transaction() as session:
        kept = now + timedelta(hours=1)
        texts = [NewAttempt(who, Purpose.NOTICE, "Closed today", now, kept) for who in (one, other)]
        attempts.add_many(session, texts, channel="simulator", now=now)
    merge(loop, one, other, priya)
    assert loop.send() == 1
    with loop.wiring.reading() as session:
        assert {row.resident_id for row in session.query(AttemptRow)} == {one}


@pytest.mark.parametrize("who", [1, 2])
def test_a_stop_of_either_holds_for_both(loop: Loop, priya: Member, who: int) -> None:
    one, other, _programme = two(loop, priya)
    loop.says("STOP", n=who)
    merge(loop, one, other, priya)
    assert loop.agreement(one) is AgreementState.WITHDRAWN
    assert loop.asks() == 0


def test_both_agreements_stay_in_the_history(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    merge(loop, one, other, priya)
    with loop.wiring.reading() as session:
        assert len(residents.agreement_history(session, one)) == 2


def test_one_flag_stays_open_with_the_reasons_of_both(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    loop.says(WORRY, n=1)
    loop.says("I want to die", n=2)
    merge(loop, one, other, priya)
    flag = loop.flag(one)
    assert flag is not None
    assert flag.promise is Promise.NOW
    assert sorted(loop.kinds(one)) == ["asked", "words"]
    with loop.wiring.reading() as session:
        assert [row.state for row in session.query(FlagRow).order_by(FlagRow.id)] == [
            FlagState.NEW.value,
            FlagState.DONE.value,
        ]


def test_the_other_number_is_history_and_its_texts_are_never_attached_silently(
    loop: Loop, priya: Member
) -> None:
    one, other, _programme = two(loop, priya)
    merge(loop, one, other, priya)
    with loop.wiring.reading() as session:
        [old] = session.query(ResidentNumberRow).all()
        assert (old.resident_id, old.number, old.why) == (one, number(2), "merged")
    loop.says("a nice day", n=2)
    assert loop.thread(one) == []


def test_a_number_that_works_replaces_a_dead_one(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    with loop.wiring.transaction() as session:
        residents.number_dead(session, one)
    merge(loop, one, other, priya)
    with loop.wiring.reading() as session:
        assert residents.get(session, one).number == number(2)
    assert loop.asks() == 1
    assert len(loop.bodies_to(2)) == 1


def test_usuals_are_learnt_again_from_the_answers_of_both(loop: Loop, priya: Member) -> None:
    one, other, programme = two(loop, priya)
    for n in (1, 1, 2):
        loop.asks()
        loop.says("7" if n == 1 else "2", n=n)
    with loop.wiring.reading() as session:
        before = usuals.load(session, [(one, programme)])[one, programme]
    merge(loop, one, other, priya)
    with loop.wiring.reading() as session:
        after = usuals.load(session, [(one, programme)])[one, programme]
    assert before.usual
    assert after.usual
    assert (before.usual["replies"], after.usual["replies"]) == (2, 3)


def test_after_a_merge_is_undone_each_goes_their_own_way(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    loop.plan()
    made = merge(loop, one, other, priya)
    unmerge(loop, made, priya)
    assert loop.asks() == 2
    assert (len(loop.bodies_to(1)), len(loop.bodies_to(2))) == (1, 1)


def test_what_came_in_meanwhile_stays_with_the_kept_one(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    made = merge(loop, one, other, priya)
    loop.says("a nice day", n=1)
    unmerge(loop, made, priya)
    assert [line.text for line in loop.thread(one) if line.incoming] == ["a nice day"]


def test_what_somebody_changed_since_is_not_put_back(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    with loop.wiring.transaction() as session:
        residents.share_phone(session, [other])
    made = merge(loop, one, other, priya)
    with loop.wiring.transaction() as session:
        session.get_one(ResidentRow, one).shared_phone = False
    unmerge(loop, made, priya)
    with loop.wiring.reading() as session:
        assert session.get_one(ResidentRow, one).shared_phone is False
        assert session.get_one(ResidentRow, other).merged_into is None


def test_refusals_say_what_to_do(loop: Loop, priya: Member) -> None:
    one, other, _programme = two(loop, priya)
    with loop.wiring.transaction() as session:
        third = a_resident(session, n=3, now=loop.clock())
    with pytest.raises(Refused, match="one record already"):
        merge(loop, one, one, priya)
    with pytest.raises(NotFound):
        merge(loop, one, 999, priya)
    first = merge(loop, one, other, priya)
    with pytest.raises(Refused, match="merged already"):
        merge(loop, third, other, priya)
    second = merge(loop, one, third, priya)
    with pytest.raises(Refused, match="later"):
        unmerge(loop, first, priya)
    unmerge(loop, second, priya)
    unmerge(loop, first, priya)
    with pytest.raises(Refused, match="apart already"):
        unmerge(loop, first, priya)


ACTS = st.sampled_from(
    ["plan", "ask", "7 one", "3 other", "worry one", "danger other", "stop", "away", "away other"]
)


@pytest.fixture
def stage(loop: Loop, priya: Member) -> tuple[Loop, Member, list[int]]:
    """Where many histories are played, each with two new people on the same two programmes."""
    with loop.wiring.transaction() as session:
        places = [a_programme(session, name=f"Programme {n}") for n in (1, 2)]
    return loop, priya, places


PLAYED = iter(range(10, 900, 2))


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(ACTS, max_size=9),
    on=st.tuples(st.sets(st.sampled_from([0, 1])), st.sets(st.sampled_from([0, 1]))),
    same=st.booleans(),
    ended=st.booleans(),
)
def test_merged_and_taken_apart_everything_is_as_it_was(
    stage: tuple[Loop, Member, list[int]],
    acts: list[str],
    on: tuple[set[int], set[int]],
    same: bool,
    ended: bool,
) -> None:
    loop, priya, places = stage
    n = next(PLAYED)
    m = n if same else n + 1
    with loop.wiring.transaction() as session:
        mine, theirs = ([places[place] for place in sorted(some)] for some in on)
        one = a_resident(session, *mine, n=n, connector_id=priya.id, now=loop.clock(), needs=("A",))
        other = a_resident(session, *theirs, n=m, name="Sarah", now=loop.clock(), needs=("B", "A"))
        if ended and mine:
            enrolment.end(session, one, mine[0], goodbye=False, by=None, now=loop.clock())
    for act in acts:
        _play(loop, act, (one, other), (n, m))
    before = everything(loop)
    made = merge(loop, one, other, priya)
    assert everything(loop) != before
    unmerge(loop, made, priya)
    after = everything(loop)
    for table, rows in before.items():
        assert after[table] == rows, table


def _play(loop: Loop, act: str, who: tuple[int, int], numbers: tuple[int, int]) -> None:
    n, m = numbers
    match act:
        case "plan":
            loop.plan()
        case "ask":
            loop.asks()
        case "7 one":
            loop.says("7", n=n)
        case "3 other":
            loop.says("3", n=m)
        case "worry one":
            loop.says(WORRY, n=n)
        case "danger other":
            loop.says("I want to die", n=m)
        case "stop":
            loop.says("STOP", n=m)
        case _:
            away = who[1] if act == "away other" else who[0]
            today = loop.clock().date()
            wish = AbsenceWish(AbsenceKind.AWAY, today, today + timedelta(days=9))
            with loop.wiring.transaction() as session:
                go_away(session, away, wish, now=loop.clock())
