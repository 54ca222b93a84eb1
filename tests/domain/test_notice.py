"""A notice: its words, its group and its hour, each refused with a sentence when it cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.domain.calendar import NIGHT, Calendar, Nation, Opening
from connector.domain.errors import Invalid
from connector.domain.notice import (
    Group,
    GroupKind,
    hints,
    text_for,
    when,
    why_blocked,
    wording,
)

CALENDAR = Calendar(nation=Nation.ENGLAND, quiet=NIGHT)
TUESDAY = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/London"))
SATURDAY = TUESDAY + timedelta(days=4)


@pytest.mark.parametrize("words", ["", "  ", "x" * 481, "Hi {sender}", "Hi {name", "{}"])
def test_words_that_cannot_be_sent_are_refused(words: str) -> None:
    with pytest.raises(Invalid):
        wording(words)


def test_each_gets_their_own_name_and_costly_signs_are_folded() -> None:
    assert text_for("Hi {name} – it’s Morag", "Ada") == "Hi Ada - it's Morag"


@pytest.mark.parametrize("group", [Group(GroupKind.EVERYBODY), Group(GroupKind.PROGRAMME, 3)])
def test_a_group_is_written_and_read_again(group: Group) -> None:
    assert Group.parse(str(group)) == group


@pytest.mark.parametrize(
    "text",
    ["", "all", "programme", "programme:x", "connector:-1", "programme:" + "9" * 30],
)
def test_what_is_no_group_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Group.parse(text)


def test_the_wording_is_checked_and_length_is_measured_with_the_longest_name() -> None:
    assert why_blocked(hints("The office is closed tomorrow, {name}. Morag", "Ada")) == ""
    assert why_blocked(hints("You must attend, or your benefits stop.", "Ada"))
    nearly = "{name} " + "word " * 30
    assert not [hint for hint in hints(nearly, "Ada") if hint.group == "Length"]
    assert [hint for hint in hints(nearly, "Wendy-Anne Rose") if hint.group == "Length"]


@pytest.mark.parametrize(
    ("now", "due", "why"),
    [
        (TUESDAY, TUESDAY - timedelta(hours=1), "is over"),
        (TUESDAY, TUESDAY + timedelta(days=2), "today or tomorrow"),
        (TUESDAY, TUESDAY.replace(hour=21), "quiet hours"),
        (SATURDAY, SATURDAY + timedelta(days=1), "Sundays"),
        (TUESDAY.replace(hour=6), None, "quiet hours"),
    ],
    ids=["over", "too far", "at night", "a Sunday", "now, at night"],
)
def test_an_hour_at_which_nobody_is_texted_is_refused(
    now: datetime, due: datetime | None, why: str
) -> None:
    with pytest.raises(Invalid, match=why):
        when(due, CALENDAR, zone_now=now)


def test_it_is_worthless_when_that_evening_begins() -> None:
    at = when(None, CALENDAR, zone_now=TUESDAY)
    assert (at.due_at, at.not_after) == (TUESDAY, TUESDAY.replace(hour=20))
    assert when(None, None, zone_now=TUESDAY).not_after == TUESDAY.replace(hour=0) + timedelta(
        days=1
    )


def test_it_is_worthless_at_closing_time() -> None:
    open_till_five = replace(CALENDAR, opening=(Opening(TUESDAY.weekday(), time(9), time(17)),))
    assert when(None, open_till_five, zone_now=TUESDAY).not_after == TUESDAY.replace(hour=17)
