"""Times without texts: the latest word wins, history is kept, texts start again by themselves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector.domain.errors import Invalid
from connector.domain.steering import AbsenceKind, AbsenceWish
from connector.services import absences
from connector.store import absences as kept
from connector.store.tables import ResidentRow
from tests.conftest import NOON
from tests.makers import Loop, a_resident

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
