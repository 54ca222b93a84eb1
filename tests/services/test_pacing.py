"""One rate over all workers, in segments: urgent first, programmes evenly, nobody starved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from connector import rounds
from connector.domain.attempt import Outgoing, Purpose
from connector.domain.rota import Role
from connector.domain.sms import SmsText
from connector.services import dispatch
from connector.store import attempts
from connector.store.attempts import NewAttempt
from connector.store.tables import ResidentRow
from connector.wiring import Wiring, build
from tests.conftest import NOON, make_settings
from tests.fakes import SilentDoorbell
from tests.makers import Loop, a_member, a_programme, a_resident, number

RATE = 10
BURST = 2 * RATE
LONG = "How have things been? " * 20  # 440 characters, 3 segments
CHANNELS = count(1)


def slow(wiring: Wiring, rate: float = RATE) -> Wiring:
    """The same wiring with a rate that can be felt."""
    return replace(
        wiring, settings=wiring.settings.model_copy(update={"segments_per_second": rate})
    )


@pytest.fixture
def loop(loop: Loop) -> Loop:
    loop.wiring = slow(loop.wiring)
    return loop


def group(loop: Loop, name: str, first: int, people: int, body: str = "Hello {name}") -> None:
    """A programme of its own with so many people, all due at the same minute of the day."""
    with loop.wiring.transaction() as session:
        programme = a_programme(session, name=name, wording={"en": (f"{name}: {body}",)})
        for n in range(first, first + people):
            a_resident(session, programme, n=n, now=loop.clock())


def due(loop: Loop) -> None:
    loop.plan()
    loop.clock.forward(days=1)


def segments(texts: list[Outgoing]) -> int:
    return sum(SmsText(text.body).segments for text in texts)


def by_programme(loop: Loop) -> Counter[str]:
    return Counter(text.body.split(":")[0] for text in loop.channel.handed)


# --- the rate ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workers(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Wiring]]:
    """Two workers of one installation."""
    folder = tmp_path_factory.mktemp("pace")
    path = folder / "connector.db"
    path.write_bytes(sqlite_template.read_bytes())
    settings = make_settings(f"sqlite:///{path}", folder)
    made = [build(settings, doorbell=SilentDoorbell()) for _worker in range(2)]
    yield made
    for wiring in made:
        wiring.close()


ARRIVALS = st.lists(
    st.tuples(
        st.floats(0, 3, allow_nan=False),  # seconds since the one before
        st.integers(0, 1),  # which worker
        st.lists(st.integers(1, 4), max_size=30),  # the segments of each text that waits
    ),
    min_size=1,
    max_size=12,
)


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ARRIVALS)
def test_in_no_window_more_goes_than_the_rate_and_a_burst_of_two_seconds(
    workers: list[Wiring], arrivals: list[tuple[float, int, list[int]]]
) -> None:
    channel = f"pace{next(CHANNELS)}"
    now, sent, longest = NOON, [], 1
    for seconds, worker, texts in arrivals:
        now += timedelta(seconds=seconds)
        with workers[worker].transaction() as session:
            grant = dispatch.reserve(session, channel=channel, most=1000, per_second=RATE, now=now)
        used = as_much_as_fits(texts, grant.segments)
        with workers[1 - worker].transaction() as session:
            dispatch.give_back(
                session, channel=channel, grant=grant, used=used, per_second=RATE, now=now
            )
        sent.append((now, used))
        longest = max([longest, *texts])
    for start, (since, _) in enumerate(sent):
        for until, _ in sent[start:]:
            window = sum(used for at, used in sent[start:] if since <= at <= until)
            allowed = RATE * (until - since).total_seconds() + BURST + longest - 1
            assert window <= allowed + 1e-6


def as_much_as_fits(texts: list[int], granted: int) -> int:
    """The segments of the texts up to the first that does not fit; the first always goes."""
    used = 0
    for text in texts if granted else []:
        if used and used + text > granted:
            break
        used += text
    return used


def test_two_workers_at_once_keep_to_one_rate(loop: Loop) -> None:
    group(loop, "Long", 1, 60, LONG)
    due(loop)
    other = build(loop.wiring.settings, doorbell=SilentDoorbell())
    two = [loop.wiring, replace(other, settings=loop.wiring.settings, channel=loop.channel)]

    def both() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda wiring: rounds.send(wiring, loop.clock), two))

    both()
    first = segments(loop.channel.handed)
    for second in range(1, 4):
        loop.clock.forward(seconds=1)
        both()
        longest = 3 - 1
        assert segments(loop.channel.handed) <= BURST + RATE * second + 2 * longest
    other.close()
    assert first >= BURST - 3
    assert len(loop.channel.handed) == len({text.to for text in loop.channel.handed})


def test_a_text_longer_than_all_that_is_granted_goes_all_the_same(loop: Loop) -> None:
    loop.wiring = slow(loop.wiring, 0.5)
    group(loop, "Long", 1, 2, LONG)
    due(loop)
    assert loop.send() == 1
    loop.clock.forward(seconds=3)
    assert loop.send() == 0, "what went beyond the grant is waited for"
    loop.clock.forward(seconds=3)
    assert loop.send() == 1


def test_many_that_are_too_late_hold_up_nobody_however_slow_the_rate(loop: Loop) -> None:
    group(loop, "Daily", 1, 60)
    loop.plan()
    loop.clock.forward(days=3)
    assert loop.send() == BURST, "two days of sixty have expired in the same round"


# --- whose turn -------------------------------------------------------------------------------


def test_a_small_programme_does_not_wait_for_a_large_one(loop: Loop) -> None:
    group(loop, "Large", 1, 80)
    group(loop, "Small", 101, 6)
    due(loop)
    assert loop.send() == BURST
    assert by_programme(loop) == {"Large": 14, "Small": 6}


def test_programmes_with_more_than_their_share_get_the_same(loop: Loop) -> None:
    for place, name in enumerate(("One", "Two", "Three", "Four")):
        group(loop, name, 1 + 20 * place, 20)
    due(loop)
    loop.send()
    assert by_programme(loop) == {"One": 5, "Two": 5, "Three": 5, "Four": 5}


def test_one_at_a_time_nobody_is_always_last(loop: Loop) -> None:
    loop.wiring = slow(loop.wiring, 0.5)
    group(loop, "Large", 1, 60)
    group(loop, "Small", 101, 4)
    due(loop)
    for _tick in range(30):
        loop.send()
        loop.clock.forward(seconds=2)
    assert len(loop.channel.handed) >= 30
    assert by_programme(loop)["Small"] == 4


def test_texts_of_the_queue_take_their_turn_like_a_programme(loop: Loop) -> None:
    group(loop, "Weekly", 1, 30)
    due(loop)
    queue(loop, Purpose.NOTICE, "Notice: closed tomorrow", range(1, 31))
    loop.send()
    assert by_programme(loop) == {"Weekly": 10, "Notice": 10}


def test_an_answer_goes_before_everything_else(loop: Loop) -> None:
    group(loop, "Weekly", 1, 30)
    due(loop)
    queue(loop, Purpose.NOTICE, "Notice: closed tomorrow", range(1, 31))
    queue(loop, Purpose.ANSWER, "Answer: a person reads this", range(28, 31))
    loop.send()
    assert [text.body.split(":")[0] for text in loop.channel.handed[:3]] == ["Answer"] * 3
    assert len(loop.channel.handed) == BURST


def queue(loop: Loop, purpose: Purpose, body: str, people: range) -> None:
    """Texts that stand in the queue for these of the residents, counted from the first."""
    now = loop.clock()
    with loop.wiring.transaction() as session:
        ids = session.scalars(select(ResidentRow.id).order_by(ResidentRow.id)).all()
        new = [NewAttempt(ids[n - 1], purpose, body, now, now + timedelta(hours=1)) for n in people]
        attempts.add_many(session, new, channel="fake", now=now)


def test_staff_are_told_at_once_and_residents_wait_for_it(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        a_member(session, role=Role.COORDINATOR)
    group(loop, "Weekly", 1, 30)
    due(loop)
    loop.says("I want to die", n=1)
    loop.tell()
    told = segments([text for text in loop.channel.handed if text.to == number(900)])
    assert told > 0
    loop.send()
    assert segments(loop.channel.handed) <= BURST
