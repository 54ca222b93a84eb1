"""When less comes in than usual: opened once, told to those who answer for it, closed by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest

from connector import rounds
from connector.domain.calendar import Calendar, DayOverride
from connector.domain.rota import Role
from connector.domain.texting_rules import TextingRules
from connector.store import alarms, texting_rules
from connector.store.alarms import AlarmKind
from connector.store.tables import AlarmRow, AttemptRow, ReplyRow
from tests.fakes import accepted
from tests.makers import Loop, a_member, number, unset_rules

WEEK = timedelta(days=7)
_IDS = count()


@pytest.fixture(autouse=True)
def as_it_came(loop: Loop) -> None:
    """Nobody has set any rules yet."""
    unset_rules(loop.wiring)


def traffic(loop: Loop, before: datetime, *, sent: int = 40, replies: int = 30) -> None:
    """Texts that went out and replies that came in within the hour before a moment."""
    with loop.wiring.transaction() as session:
        for n in range(sent):
            at = before - timedelta(minutes=50, seconds=n)
            session.add(
                AttemptRow(
                    id=uuid4(),
                    purpose="check_in",
                    state="delivered",
                    body="",
                    made_at=at,
                    due_at=at,
                    not_after=at,
                )
            )
        for n in range(replies):
            session.add(
                ReplyRow(
                    channel="simulator",
                    provider_id=f"T{next(_IDS)}",
                    sender="",
                    body="7",
                    sender_index=b"s" * 16,
                    body_index=b"b" * 16,
                    characters=1,
                    received_at=before - timedelta(minutes=40, seconds=n),
                    read_at=before,
                )
            )


def weeks(loop: Loop, many: int = 6, *, replies: int = 30) -> None:
    """The same hour of so many earlier weeks."""
    for back in range(1, many + 1):
        traffic(loop, loop.clock() - back * WEEK, replies=replies)


def watch(loop: Loop) -> int:
    return rounds.watch(loop.wiring, loop.clock)


def kept(loop: Loop) -> list[AlarmRow]:
    with loop.wiring.reading() as session:
        return session.query(AlarmRow).order_by(AlarmRow.id).all()


def test_as_many_as_usual_is_no_alarm(loop: Loop) -> None:
    weeks(loop)
    traffic(loop, loop.clock(), replies=24)
    assert (watch(loop), kept(loop)) == (0, [])


def test_far_fewer_than_usual_is_one_alarm_told_without_a_name(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        a_member(session)
        a_member(session, "Morag Bell", Role.COORDINATOR, n=901)
    weeks(loop)
    traffic(loop, loop.clock(), replies=1)
    assert [watch(loop), watch(loop)] == [1, 1]
    (alarm,) = kept(loop)
    assert (alarm.kind, alarm.since) == ("inbound", loop.clock() - timedelta(hours=1))
    assert alarm.sentence == (
        "1 reply has come in within the last hour; on a Tuesday at this time about 30 do."
    )
    loop.channel.answer = accepted
    assert loop.tell() == 1
    assert [text.to for text in loop.channel.handed] == [number(901)]


def test_it_closes_by_itself_when_replies_come_again(loop: Loop) -> None:
    weeks(loop)
    traffic(loop, loop.clock(), replies=0)
    assert watch(loop) == 1
    loop.clock.forward(minutes=30)
    assert watch(loop) == 1, "still nothing"
    for back in range(1, 7):
        traffic(loop, loop.clock() - back * WEEK)
    traffic(loop, loop.clock(), replies=28)
    assert watch(loop) == 0
    assert kept(loop)[0].closed_at == loop.clock()


def test_where_no_usual_is_known_any_reply_closes_it(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        alarms.open_(
            session, AlarmKind.INBOUND, since=loop.clock(), sentence="None.", now=loop.clock()
        )
    loop.clock.forward(hours=1)
    assert watch(loop) == 1
    traffic(loop, loop.clock(), sent=0, replies=1)
    assert watch(loop) == 0


@pytest.mark.parametrize("many", [0, 1, 3])
def test_without_enough_weeks_nothing_is_said(loop: Loop, many: int) -> None:
    weeks(loop, many)
    traffic(loop, loop.clock(), replies=0)
    assert watch(loop) == 0


def test_a_small_service_is_never_alarmed_by_a_quiet_hour(loop: Loop) -> None:
    weeks(loop, replies=3)
    traffic(loop, loop.clock(), replies=0)
    assert watch(loop) == 0


def test_a_small_service_is_looked_at_over_a_longer_time(loop: Loop) -> None:
    """Six replies an hour prove nothing; twenty-four in four hours do."""
    for hour in range(4):
        for back in range(1, 7):
            traffic(loop, loop.clock() - back * WEEK - timedelta(hours=hour), sent=10, replies=6)
        traffic(loop, loop.clock() - timedelta(hours=hour), sent=10, replies=0)
    assert watch(loop) == 1
    assert kept(loop)[0].since == loop.clock() - timedelta(hours=4)


def test_nothing_is_said_when_fewer_were_texted(loop: Loop) -> None:
    weeks(loop)
    traffic(loop, loop.clock(), sent=2, replies=0)
    assert watch(loop) == 0


def test_in_closed_hours_nothing_is_said(loop: Loop) -> None:
    loop.clock.forward(hours=9)
    weeks(loop)
    traffic(loop, loop.clock(), replies=0)
    assert watch(loop) == 0


def test_a_closed_day_of_our_own_is_a_closed_hour(loop: Loop) -> None:
    weeks(loop)
    traffic(loop, loop.clock(), replies=0)
    closed = Calendar(overrides=(DayOverride(loop.clock().date(), False, "training"),))
    with loop.wiring.transaction() as session:
        rules = TextingRules(closed)
        texting_rules.save(session, rules, edits=0, by=None, now=loop.clock())
    assert watch(loop) == 0


def test_weeks_in_trouble_are_no_measure(loop: Loop) -> None:
    weeks(loop)
    traffic(loop, loop.clock(), replies=0)
    now = loop.clock()
    with loop.wiring.transaction() as session:
        start = now - 3 * WEEK - timedelta(hours=2)
        alarms.open_(session, AlarmKind.DELIVERIES, since=start, sentence="Trouble.", now=start)
        alarms.close(session, AlarmKind.DELIVERIES, now=now - WEEK)
    assert watch(loop) == 0, "three weeks are left, and four are needed"


def test_while_deliveries_fail_that_is_the_reason(loop: Loop) -> None:
    weeks(loop)
    traffic(loop, loop.clock(), replies=0)
    with loop.wiring.transaction() as session:
        for _ in range(60):
            at = loop.clock() - timedelta(minutes=5)
            session.add(
                AttemptRow(
                    id=uuid4(),
                    purpose="check_in",
                    state="refused",
                    body="",
                    made_at=at,
                    due_at=at,
                    not_after=at,
                )
            )
    assert watch(loop) == 1
    assert [alarm.kind for alarm in kept(loop)] == ["deliveries"]
