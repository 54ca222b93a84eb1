"""The differences between two versions of a programme, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from connector.domain.cadence import Cadence, Weekday
from connector.domain.programme import ContactFloor, FollowUp, Item, Programme, ProgrammeKind
from connector.domain.question import Question, QuestionKind
from connector.domain.what_changed import Change, changes

SCALE = Question(QuestionKind.SCALE, 0, 10)
HARD = Item("hard", Question(QuestionKind.OPEN), {"en": ("What made it hard?",)})
WEEK = Item("week", SCALE, {"en": ("0 to 10?",)}, (FollowUp(0, 3, HARD),))
OUT = Item("out", Question(QuestionKind.YES_NO), {"en": ("Been out?",)})
BASE = Programme(
    1, "Weekly", ProgrammeKind.CHECK_IN, Cadence((Weekday.TUE,), time(10), date(2027, 1, 4)),
    (WEEK, OUT), closing={"en": ("Thanks.",)},
)

CASES: dict[str, tuple[Callable[[Programme], Programme], Change]] = {
    "a day": (
        lambda one: replace(one, cadence=replace(one.cadence, days=(Weekday.FRI,))),
        Change("When", "Every Tuesday at about 10:00", "Every Friday at about 10:00"),
    ),
    "a question gone": (
        lambda one: replace(one, items=(WEEK,)), Change("Question 'out' taken out", "Been out?")
    ),
    "a question added": (
        lambda one: replace(one, items=(*one.items, replace(OUT, key="new"))),
        Change("Question 'new' added", after="Been out?"),
    ),
    "another order": (
        lambda one: replace(one, items=(OUT, WEEK)),
        Change("Order of the questions", "week, hard, out", "out, week, hard"),
    ),
    "another scale": (
        lambda one: replace(one, items=(replace(WEEK, question=replace(SCALE, high=5)), OUT)),
        Change(
            "Answers to 'week'", "a number from 0 to 10, 10 is best, about the week",
            "a number from 0 to 5, 5 is best, about the week",
        ),
    ),
    "a band": (
        lambda one: replace(one, items=(replace(WEEK, follow_ups=(FollowUp(0, 4, HARD),)), OUT)),
        Change("Follow-ups", "week 0 to 3 brings hard", "week 0 to 4 brings hard"),
    ),
    "words": (
        lambda one: replace(one, items=(WEEK, replace(OUT, wording={"en": ("Out and about?",)}))),
        Change("Question 'out'", "Been out?", "Out and about?"),
    ),
    "a language": (
        lambda one: replace(one, closing={"en": ("Thanks.",), "cy": ("Diolch.",)}),
        Change("The closing words in Welsh", "", "Diolch."),
    ),
    "a time": (
        lambda one: replace(one, timely_for=timedelta(minutes=45)),
        Change("Sent late", "4 hours", "45 minutes"),
    ),
    "the promise": (
        lambda one: replace(one, floor=ContactFloor(0, "Rings us", date(2027, 2, 1))),
        Change("A person in touch", "at least every 6 weeks",
               "no promise until 2027-02-01, because: Rings us"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_difference_is_one_change(case: str) -> None:
    change, told = CASES[case]
    assert changes(BASE, change(BASE)) == [told]


def test_no_difference_is_none() -> None:
    assert changes(BASE, replace(BASE, version_id=7, number=4)) == []
