"""A flag's moves: who may make them, what they leave, and what never changes whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain import flag as flags
from connector.domain.errors import AlreadyTaken, DomainError, Invalid, NotYours, Refused
from connector.domain.flag import Flag, FlagEvent, FlagEventKind, FlagState, Outcome
from connector.domain.promise import Promise

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SOON = NOW + timedelta(hours=5)
LATER = NOW + timedelta(days=3)
PRIYA, MORAG = 1, 2
NAMES = {PRIYA: "Priya Nair", MORAG: "Morag Bell"}

Act = Callable[[Flag, int], FlagEvent]


def new_flag(promise: Promise = Promise.THIS_WEEK, due_at: datetime = LATER) -> Flag:
    return flags.raised(7, promise, due_at, now=NOW)[0]


def taken_flag(by: int = PRIYA) -> Flag:
    return after(new_flag(), flags.take(new_flag(), by=by, name=NAMES[by], now=NOW))


def waiting_flag(until: datetime = LATER) -> Flag:
    taken = taken_flag()
    return after(taken, flags.wait(taken, until, "", by=PRIYA, now=NOW))


def done_flag() -> Flag:
    taken = taken_flag()
    return after(taken, flags.finish(taken, Outcome.SPOKE, "", by=PRIYA, now=NOW))


def after(flag: Flag, *events: FlagEvent) -> Flag:
    for event in events:
        flag = flags.evolve(flag, event)
    return flag


def take(flag: Flag, by: int) -> FlagEvent:
    return flags.take(flag, by=by, name=NAMES[by], now=NOW)


def release(flag: Flag, by: int) -> FlagEvent:
    return flags.release(flag, by=by, now=NOW)


def contact(flag: Flag, by: int) -> FlagEvent:
    return flags.contact(flag, Outcome.NO_ANSWER, "", by=by, now=NOW)


def wait(flag: Flag, by: int) -> FlagEvent:
    return flags.wait(flag, NOW + timedelta(days=1), "", by=by, now=NOW)


def finish(flag: Flag, by: int) -> FlagEvent:
    return flags.finish(flag, Outcome.SPOKE, "", by=by, now=NOW)


def test_a_new_flag_belongs_to_nobody_and_says_by_when() -> None:
    flag, event = flags.raised(7, Promise.TODAY, SOON, now=NOW)
    assert (flag.state, flag.owner_id, flag.due_at) == (FlagState.NEW, None, SOON)
    assert (event.kind, event.promise, event.due_at) == (FlagEventKind.RAISED, Promise.TODAY, SOON)


def test_taking_makes_it_somebodys() -> None:
    flag = taken_flag()
    assert (flag.state, flag.owner_id, flag.owner_name, flag.taken_at) == (
        FlagState.TAKEN,
        PRIYA,
        "Priya Nair",
        NOW,
    )


def test_the_second_to_take_is_told_kindly_who_has_it() -> None:
    with pytest.raises(AlreadyTaken, match="Priya Nair has this one already") as refusal:
        take(taken_flag(by=PRIYA), MORAG)
    assert refusal.value.owner == "Priya Nair"


def test_the_owner_can_wake_what_they_put_to_wait() -> None:
    waiting = waiting_flag()
    assert after(waiting, take(waiting, PRIYA)).state is FlagState.TAKEN


def test_releasing_puts_it_back_for_anybody() -> None:
    taken = taken_flag()
    flag = after(taken, release(taken, PRIYA))
    assert (flag.state, flag.owner_id, flag.owner_name, flag.taken_at) == (
        FlagState.NEW,
        None,
        "",
        None,
    )


def test_a_contact_is_a_line_of_history_and_changes_nothing_else() -> None:
    taken = taken_flag()
    flag = after(taken, contact(taken, PRIYA))
    assert (flag.state, flag.owner_id, flag.due_at) == (taken.state, taken.owner_id, taken.due_at)


def test_waiting_ends_on_the_chosen_day() -> None:
    flag = waiting_flag(until=LATER)
    assert (flag.state, flag.wait_until, flag.due_at) == (FlagState.WAITING, LATER, LATER)


def test_finishing_keeps_the_outcome() -> None:
    flag = done_flag()
    assert (flag.state, flag.outcome, flag.finished_at) == (FlagState.DONE, Outcome.SPOKE, NOW)
    assert not flag.is_open


@pytest.mark.parametrize(
    ("flag", "act", "error", "words"),
    [
        pytest.param(taken_flag(), take, Refused, "You have this one", id="taking it twice"),
        pytest.param(done_flag(), take, Refused, "finished already", id="taking a finished one"),
        pytest.param(new_flag(), release, NotYours, "Take this one first", id="releasing nobody's"),
        pytest.param(new_flag(), finish, NotYours, "Take this one first", id="finishing nobody's"),
        pytest.param(
            new_flag(), contact, NotYours, "Take this one", id="logging on nobody's"
        ),
        pytest.param(new_flag(), wait, NotYours, "Take this one first", id="waiting on nobody's"),
        pytest.param(
            taken_flag(MORAG), release, NotYours, "Morag Bell has", id="releasing another's"
        ),
        pytest.param(
            taken_flag(MORAG), finish, NotYours, "Morag Bell has", id="finishing another's"
        ),
        pytest.param(
            taken_flag(MORAG), contact, NotYours, "Morag Bell has", id="logging on another's"
        ),
        pytest.param(
            taken_flag(MORAG), wait, NotYours, "Morag Bell", id="waiting on another's"
        ),
        pytest.param(done_flag(), finish, Refused, "finished already", id="finishing twice"),
        pytest.param(done_flag(), release, Refused, "finished already", id="releasing a done one"),
        pytest.param(done_flag(), wait, Refused, "finished already", id="waiting on a done one"),
    ],
)
def test_is_refused_in_words(flag: Flag, act: Act, error: type[Refused], words: str) -> None:
    with pytest.raises(error, match=words):
        act(flag, PRIYA)


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(days=1)], ids=["this moment", "yesterday"])
def test_nothing_waits_for_a_day_that_has_gone(until: datetime) -> None:
    with pytest.raises(Invalid, match="still to come"):
        flags.wait(taken_flag(), until, "", by=PRIYA, now=NOW)


@pytest.mark.parametrize(
    ("promise", "due_at", "expected"),
    [
        pytest.param(Promise.NOW, NOW, (Promise.NOW, NOW), id="sooner wins"),
        pytest.param(
            Promise.GOOD_NEWS,
            NOW + timedelta(days=14),
            (Promise.THIS_WEEK, LATER),
            id="later changes nothing",
        ),
        pytest.param(Promise.THIS_WEEK, LATER, (Promise.THIS_WEEK, LATER), id="the same again"),
        pytest.param(
            Promise.TODAY,
            NOW + timedelta(days=4),
            (Promise.TODAY, LATER),
            id="more urgent on a clock that is later",
        ),
    ],
)
def test_a_later_reason_can_only_bring_the_due_time_forward(
    promise: Promise, due_at: datetime, expected: tuple[Promise, datetime]
) -> None:
    flag = new_flag(Promise.THIS_WEEK, LATER)
    joined = after(flag, *flags.join(flag, promise, due_at, now=NOW))
    assert (joined.promise, joined.due_at) == expected


def test_a_later_reason_leaves_a_taken_flag_with_its_owner() -> None:
    flag = taken_flag()
    joined = after(flag, *flags.join(flag, Promise.NOW, NOW, now=NOW))
    assert (joined.state, joined.owner_id) == (FlagState.TAKEN, PRIYA)


def test_a_reason_wakes_what_waits_and_gives_it_back_to_its_owner() -> None:
    flag = waiting_flag(until=LATER)
    woken = after(flag, *flags.join(flag, Promise.TODAY, SOON, now=NOW))
    assert (woken.state, woken.owner_id, woken.due_at, woken.wait_until) == (
        FlagState.TAKEN,
        PRIYA,
        SOON,
        None,
    )


def test_a_waiting_flag_never_comes_back_later_than_it_would_have() -> None:
    flag = waiting_flag(until=SOON)
    woken = after(flag, *flags.reopen(flag, LATER, now=NOW))
    assert woken.due_at == SOON


@pytest.mark.parametrize(
    "flag", [new_flag(), taken_flag(), done_flag()], ids=["new", "taken", "done"]
)
def test_only_what_waits_is_reopened(flag: Flag) -> None:
    assert flags.reopen(flag, SOON, now=NOW) == ()


MOVES = st.sampled_from(["join", "reply", "take", "release", "contact", "wait", "finish", "wake"])
HISTORY = st.lists(
    st.tuples(
        MOVES,
        st.sampled_from([PRIYA, MORAG]),
        st.sampled_from([Promise.NOW, Promise.TODAY, Promise.THIS_WEEK, Promise.GOOD_NEWS]),
        st.integers(1, 2000),
    ),
    max_size=25,
)


def events_of(
    flag: Flag, move: str, by: int, promise: Promise, now: datetime
) -> tuple[FlagEvent, ...]:
    """What a move makes of a flag; nothing when the move is refused."""
    hours = {Promise.NOW: 0, Promise.TODAY: 5, Promise.THIS_WEEK: 72, Promise.GOOD_NEWS: 336}
    due_at = now + timedelta(hours=hours[promise])
    if move in ("join", "reply", "wake") and not flag.is_open:
        return ()
    try:
        match move:
            case "join":
                return flags.join(flag, promise, due_at, now=now)
            case "reply" | "wake":
                return flags.reopen(flag, due_at, now=now)
            case "take":
                return (flags.take(flag, by=by, name=NAMES[by], now=now),)
            case "release":
                return (flags.release(flag, by=by, now=now),)
            case "contact":
                return (flags.contact(flag, Outcome.TEXTED, "", by=by, now=now),)
            case "wait":
                return (flags.wait(flag, due_at + timedelta(hours=1), "", by=by, now=now),)
            case _:
                return (flags.finish(flag, Outcome.SPOKE, "", by=by, now=now),)
    except DomainError:
        return ()


@given(HISTORY)
def test_whatever_happens_to_a_flag(history: list[tuple[str, int, Promise, int]]) -> None:
    flag, now = new_flag(), NOW
    for move, by, promise, minutes in history:
        now += timedelta(minutes=minutes)
        for event in events_of(flag, move, by, promise, now):
            before, flag = flag, flags.evolve(flag, event)
            assert flag.version == before.version + 1
            assert flag.resident_id == before.resident_id
            assert flag.opened_at == before.opened_at
            if event.kind is not FlagEventKind.WAITING:
                assert flag.due_at <= before.due_at
            assert flag.promise.at_least(before.promise)
            assert (flag.owner_id is None) == (flag.state is FlagState.NEW)
            assert (flag.wait_until is not None) == (flag.state is FlagState.WAITING)
            assert (flag.outcome is not None) == (flag.state is FlagState.DONE)
            assert before.is_open


@given(HISTORY)
def test_done_stays_done(history: list[tuple[str, int, Promise, int]]) -> None:
    flag = done_flag()
    for move, by, promise, minutes in history:
        assert events_of(flag, move, by, promise, NOW + timedelta(minutes=minutes)) == ()
