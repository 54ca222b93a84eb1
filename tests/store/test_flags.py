"""One open flag a person, held by a constraint; the most urgent reason is what shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from connector.domain import flag as flags_of
from connector.domain.errors import NotFound
from connector.domain.flag import Flag, FlagState, Outcome
from connector.domain.promise import Promise
from connector.store import flags, views
from connector.store.flags import Headline
from connector.store.views import Whose
from connector.wiring import Wiring
from tests.conftest import NOON
from tests.makers import a_member, a_resident


def a_flag(resident_id: int) -> Flag:
    return flags_of.raised(resident_id, Promise.TODAY, NOON, now=NOON)[0]


@pytest.fixture
def resident_id(wiring: Wiring) -> int:
    with wiring.transaction() as session:
        return a_resident(session, now=NOON)


def test_a_second_open_flag_for_the_same_person_cannot_be_stored(
    wiring: Wiring, resident_id: int
) -> None:
    with wiring.transaction() as session:
        flags.add_many(session, [a_flag(resident_id)])
    with pytest.raises(IntegrityError), wiring.transaction() as session:
        flags.add_many(session, [a_flag(resident_id)])


def test_once_one_is_done_there_may_be_another(wiring: Wiring, resident_id: int) -> None:
    with wiring.transaction() as session:
        (first,) = flags.add_many(session, [a_flag(resident_id)])
        done = replace(
            flags.lock(session, first),
            state=FlagState.DONE,
            finished_at=NOON,
            outcome=Outcome.SPOKE,
        )
        flags.save_many(session, [done])
        (second,) = flags.add_many(session, [a_flag(resident_id)])
    with wiring.reading() as session:
        assert flags.lock_open(session, [resident_id])[resident_id].id == second
        assert flags.get(session, first).outcome is Outcome.SPOKE


def test_a_flag_comes_back_as_it_was_saved(wiring: Wiring, resident_id: int) -> None:
    with wiring.transaction() as session:
        priya = a_member(session)
        (id_,) = flags.add_many(session, [a_flag(resident_id)])
        event = flags_of.take(flags.lock(session, id_), by=priya.id, name=priya.name, now=NOON)
        taken = flags_of.evolve(flags.get(session, id_), event)
        flags.act(session, taken, event)
    with wiring.reading() as session:
        assert flags.get(session, id_) == taken


def test_ids_come_in_the_order_of_the_flags(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        people = [a_resident(session, n=n, now=NOON) for n in (5, 3, 4, 1, 2)]
        ids = flags.add_many(session, [a_flag(one) for one in people])
    with wiring.reading() as session:
        assert [flags.get(session, id_).resident_id for id_ in ids] == people


@pytest.mark.parametrize("look", [flags.get, flags.lock], ids=["to look", "to act"])
def test_a_flag_that_is_not_there(wiring: Wiring, look: object) -> None:
    assert callable(look)
    with wiring.transaction() as session, pytest.raises(NotFound):
        look(session, 999)


@pytest.mark.parametrize(
    ("second", "shown"),
    [
        pytest.param(Promise.NOW, "second", id="a more urgent one takes its place"),
        pytest.param(Promise.TODAY, "second", id="of two as urgent the newer shows"),
        pytest.param(Promise.THIS_WEEK, "first", id="a less urgent one does not"),
    ],
)
def test_the_headline(wiring: Wiring, resident_id: int, second: Promise, shown: str) -> None:
    with wiring.transaction() as session:
        (id_,) = flags.add_many(session, [a_flag(resident_id)])
        for sentence, promise in (("first", Promise.TODAY), ("second", second)):
            headline = Headline(sentence, promise.rank, None, ((0, 4),))
            flags.set_headlines(session, [(id_, headline, 1)])
    with wiring.reading() as session:
        (item,) = views.queue(session, Whose.EVERYONE, 0, now=NOON)
    assert (item.sentence, item.reasons) == (shown, 2)


def test_waiting_flags_wake_on_their_day_and_not_before(wiring: Wiring, resident_id: int) -> None:
    until = NOON + timedelta(days=1)
    with wiring.transaction() as session:
        (id_,) = flags.add_many(session, [a_flag(resident_id)])
        waiting = replace(
            flags.get(session, id_), state=FlagState.WAITING, wait_until=until, due_at=until
        )
        flags.save_many(session, [waiting])
        before = flags.due_to_wake(session, 10, now=until - timedelta(seconds=1))
        on_the_day = flags.due_to_wake(session, 10, now=until)
    assert (before, on_the_day) == ([], [waiting])


def test_the_queue_is_paged_by_due_time_without_a_gap_or_a_double(wiring: Wiring) -> None:
    with wiring.transaction() as session:
        people = [a_resident(session, n=n, now=NOON) for n in range(1, 8)]
        due = [NOON + timedelta(minutes=n % 3) for n in range(7)]
        flags.add_many(
            session,
            [replace(a_flag(who), due_at=at) for who, at in zip(people, due, strict=True)],
        )
    seen: list[int] = []
    with wiring.reading() as session:
        everything = [item.flag_id for item in views.queue(session, Whose.EVERYONE, 0, now=NOON)]
        after = None
        while page := views.queue(session, Whose.EVERYONE, 0, limit=2, after=after, now=NOON):
            seen += [item.flag_id for item in page]
            after = (page[-1].due_at, page[-1].flag_id)
    assert seen == everything
    assert len(set(seen)) == 7
