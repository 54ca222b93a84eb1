"""Promises order themselves by time, and by nothing else."""

from __future__ import annotations

import pytest

from connector.domain.promise import Promise, most_urgent

P = Promise


def test_now_comes_before_today_before_this_week_before_good_news() -> None:
    assert sorted(Promise, key=lambda one: one.rank) == [
        P.NOW,
        P.TODAY,
        P.THIS_WEEK,
        P.GOOD_NEWS,
        P.NONE,
    ]


@pytest.mark.parametrize(
    ("promises", "expected"),
    [
        pytest.param([], P.NONE, id="no promise at all"),
        pytest.param([P.GOOD_NEWS, P.TODAY], P.TODAY, id="today beats good news"),
        pytest.param([P.THIS_WEEK, P.NOW, P.TODAY], P.NOW, id="now beats everything"),
        pytest.param([P.NONE, P.GOOD_NEWS], P.GOOD_NEWS, id="anything beats nothing"),
    ],
)
def test_the_most_urgent(promises: list[Promise], expected: Promise) -> None:
    assert most_urgent(promises) is expected


def test_a_promise_is_as_urgent_as_itself() -> None:
    assert all(one.at_least(one) for one in Promise)
    assert not P.TODAY.at_least(P.NOW)


def test_every_promise_has_words() -> None:
    assert [one.words for one in Promise] == ["Now", "Today", "This week", "Good news", "None"]
