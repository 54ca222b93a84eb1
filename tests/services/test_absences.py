"""Times without texts: the latest word wins, history is kept, texts start again by themselves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector import rounds
from connector.domain.attempt import Purpose
from connector.domain.cadence import Weekday
from connector.domain.errors import Invalid
from connector.domain.steering import AbsenceKind, AbsenceWish
from connector.services import absences
from connector.store import absences as kept
from connector.store import attempts
from connector.store.tables import CheckInRow, ResidentRow, UsualRow
from tests.conftest import NOON
from tests.fakes import arrived
from tests.makers import Loop, a_programme, a_resident

TODAY = NOON.date()
AWAY, PAUSE, HOSPITAL = AbsenceKind.AWAY, AbsenceKind.PAUSE, AbsenceKind.HOSPITAL


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


def somebody(loop: Loop, *programmes: int, **how: object) -> int:
    with loop.wiring.transaction() as session:
        return a_resident(session, *programmes, now=loop.clock(), **how)  # type: ignore[arg-type]


def says(
    loop: Loop, who: int, starts: int, ends: int | None, kind: AbsenceKind = AWAY, **by: int
) -> None:
    wish = AbsenceWish(kind, day(starts), None if ends is None else day(ends))
    with loop.wiring.transaction() as session:
        absences.begin(session, who, wish, now=loop.clock(), **by)


def back(loop: Loop, who: int) -> bool:
    with loop.wiring.transaction() as session:
        return absences.end(session, who, now=loop.clock())


def without_texts(loop: Loop, who: int, days: int = 40) -> list[int]:
    """The days from today that are without texts."""
    with loop.wiring.reading() as session:
        some = absences.standing(session, [who], now=loop.clock()).get(who, [])
    return [n for n in range(days) if any(one.covers(day(n)) for one in some)]


def record(loop: Loop, who: int) -> tuple[str, date | None]:
    with loop.wiring.reading() as session:
        row = session.get_one(ResidentRow, who)
        return row.away_kind, row.away_until


@pytest.mark.parametrize(
    ("words", "free"),
    [
        ([(0, 3)], [0, 1, 2]),
        ([(2, 5)], [2, 3, 4]),
        ([(0, None), (0, 2)], [0, 1]),
        ([(0, 9), (0, 2)], [0, 1]),
        ([(0, 2), (4, 6)], [0, 1, 4, 5]),
        ([(4, 6), (0, 2)], [0, 1, 4, 5]),
        ([(0, 3), (3, 6)], [0, 1, 2, 3, 4, 5]),
        ([(0, 4), (2, 6)], [0, 1, 2, 3, 4, 5]),
        ([(0, None), (3, 6)], [0, 1, 2, 3, 4, 5]),
        ([(2, 6), (4, 8)], [4, 5, 6, 7]),
        ([(0, 2), (4, 6), (8, 10)], [0, 1, 4, 5, 8, 9]),
        ([(8, 10), (0, 2), (4, 6)], [0, 1, 4, 5, 8, 9]),
    ],
    ids=str,
)
def test_the_latest_word_wins_and_days_between_two_absences_have_texts(
    loop: Loop, words: list[tuple[int, int | None]], free: list[int]
) -> None:
    who = somebody(loop)
    for starts, ends in words:
        says(loop, who, starts, ends)

    assert without_texts(loop, who) == free
    with loop.wiring.reading() as session:
        assert len(kept.history(session, who)) == len(words)
    assert record(loop, who) == ("away", day(free[-1] + 1))


def test_no_end_known_lasts_until_a_word_or_a_person_ends_it(loop: Loop) -> None:
    who = somebody(loop)
    says(loop, who, 0, None, HOSPITAL)
    assert len(without_texts(loop, who)) == 40
    assert record(loop, who) == ("hospital", None)

    assert back(loop, who)
    assert without_texts(loop, who) == []
    assert record(loop, who) == ("", None)
    assert not back(loop, who)


@pytest.mark.parametrize(("starts", "ends"), [(3, 3), (4, 2), (-5, 0), (-5, -2)])
def test_days_in_the_wrong_order_or_over_already_are_refused(
    loop: Loop, starts: int, ends: int
) -> None:
    who = somebody(loop)
    with pytest.raises(Invalid):
        says(loop, who, starts, ends)


def daily(loop: Loop, *days: Weekday) -> int:
    with loop.wiring.transaction() as session:
        return a_programme(session, days=days or tuple(Weekday))


def at(loop: Loop, days: int, hour: int, minute: int = 1) -> None:
    loop.clock.now = (NOON + timedelta(days=days)).replace(hour=hour, minute=minute)


def goes_on(loop: Loop) -> list[str]:
    """Everything that beat would do now. What was sent meanwhile."""
    before = len(loop.channel.handed)
    rounds.welcome(loop.wiring, loop.clock)
    loop.plan()
    loop.send()
    return [text.body for text in loop.channel.handed[before:]]


def week(loop: Loop, days: range) -> list[list[str]]:
    """What goes on each of these days, at midnight, at ten and at eleven."""
    told = []
    for n in days:
        texts = []
        for hour in (0, 10, 11):
            at(loop, n, hour)
            texts += goes_on(loop)
        told.append([text[:20] for text in texts])
    return told


ASKED = "Hi Sara, how have th"
BACK = "Hello Sara, welcome "


def test_texts_start_again_with_a_welcome_and_the_check_in_of_that_day_a_day_later(
    loop: Loop,
) -> None:
    who = somebody(loop, daily(loop, Weekday.THU))
    says(loop, who, 0, 2)

    # From Wednesday; Thursday is the first day of texts.
    assert week(loop, range(1, 6)) == [[], [BACK], [ASKED], [], []]
    assert record(loop, who) == ("", None)
    with loop.wiring.reading() as session:
        moved = session.query(CheckInRow).filter(CheckInRow.moved != "").one().moved
    assert moved == (
        "Moved from Thursday 26 November 2026 at 10:00 to Friday 27 November 2026 at 10:00, "
        "because the welcome back goes that day."
    )


def test_where_the_next_day_has_its_own_check_in_the_welcome_stands_for_that_of_its_day(
    loop: Loop,
) -> None:
    who = somebody(loop, daily(loop))
    says(loop, who, 0, 2)
    assert week(loop, range(1, 6)) == [[], [BACK], [ASKED], [ASKED], []]


def test_a_welcome_waits_for_an_allowed_day(loop: Loop) -> None:
    who = somebody(loop, daily(loop))
    says(loop, who, 0, 5)  # texts start again on Sunday
    assert week(loop, range(4, 8)) == [[], [], [BACK], [ASKED]]


@pytest.mark.parametrize("field", ["contact_by", "standing", "agreement"])
def test_whoever_is_not_texted_gets_no_welcome(loop: Loop, field: str) -> None:
    who = somebody(loop)
    says(loop, who, 0, 2)
    values = {"contact_by": "call", "standing": "prison", "agreement": "withdrawn"}
    with loop.wiring.transaction() as session:
        setattr(session.get_one(ResidentRow, who), field, values[field])
    assert week(loop, range(1, 5)) == [[], [], [], []]
    assert record(loop, who) == ("", None)


def test_who_comes_back_by_their_own_word_gets_no_welcome_and_texts_at_once(loop: Loop) -> None:
    who = somebody(loop, daily(loop))
    says(loop, who, 0, 9)
    assert week(loop, range(1, 2)) == [[]]
    assert back(loop, who)
    assert week(loop, range(2, 3)) == [[ASKED]]


def test_a_notice_is_held_as_well_and_an_answer_is_not(loop: Loop) -> None:
    who = somebody(loop)
    says(loop, who, 0, 3)
    now = loop.clock()
    with loop.wiring.transaction() as session:
        texts = [
            attempts.NewAttempt(who, purpose, purpose.value, now, now + timedelta(hours=1))
            for purpose in (Purpose.NOTICE, Purpose.ANSWER, Purpose.FOLLOW_UP)
        ]
        attempts.add_many(session, texts, channel="simulator", now=now)
    assert sorted(goes_on(loop)) == ["answer", "follow_up"]


def test_where_no_end_is_known_a_person_is_asked_after_a_fortnight_and_nothing_is_sent(
    loop: Loop,
) -> None:
    who = somebody(loop, daily(loop))
    says(loop, who, 0, None, HOSPITAL)
    assert week(loop, range(1, 14)) == [[]] * 13
    assert loop.kinds(who) == []

    assert week(loop, range(14, 20)) == [[]] * 6
    (reason,) = loop.reasons(who)
    assert reason.sentence == (
        "Sara has been away since 24 November. We have not heard when texts may start again."
    )
    assert (reason.kind, reason.promise) == ("quiet", "this_week")


def weeks_pass(loop: Loop, days: int, answer: str = "") -> None:
    """Texts go out and arrive, day after day, and perhaps an answer comes back."""
    loop.channel.answer = arrived
    for _ in range(days):
        loop.asks()
        if answer:
            loop.says(answer)
        loop.close()


def missed(loop: Loop, who: int) -> float:
    with loop.wiring.reading() as session:
        row = session.query(UsualRow).filter_by(resident_id=who).one()
        return float((row.rhythm or {})["run"])


def test_what_was_asked_before_a_stay_in_hospital_is_not_missed(loop: Loop) -> None:
    who = somebody(loop, daily(loop))
    weeks_pass(loop, 8, "7")
    weeks_pass(loop, 2)
    with loop.wiring.transaction() as session:
        today = loop.clock().date()
        absences.begin(session, who, AbsenceWish(HOSPITAL, today, None), now=loop.clock())
    weeks_pass(loop, 12)
    assert (missed(loop, who), loop.kinds(who)) == (0, [])

    back(loop, who)
    weeks_pass(loop, 12)
    assert loop.kinds(who) == ["quiet"]
