"""Crisis lines: what a text may name, and when somebody has to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.domain.crisis_line import CrisisLine, checked, expired_words, named, why_not
from connector.domain.errors import Invalid

TODAY = date(2026, 11, 24)
LINE = CrisisLine(
    "Samaritans", "116 123", "Free", "Morag", "samaritans.org", TODAY, TODAY + timedelta(days=90)
)
DANGER = replace(LINE, name="Emergency services", contact="999")
OPTION = replace(LINE, name="NHS 111", contact="111, option 2")
PAPYRUS = replace(LINE, name="PAPYRUS", contact="0800 068 4141")
OLD = replace(LINE, name="Shout", contact="85258", review_by=TODAY - timedelta(days=1))
UNCHECKED = CrisisLine("CALM", "0800 58 58 58")
OFF = replace(LINE, name="Relay UK", contact="")
LINES = (DANGER, OPTION, LINE, PAPYRUS, OLD, UNCHECKED, OFF)


@pytest.mark.parametrize(
    ("text", "lines", "unknown"),
    [
        ("Call 999. To talk: Samaritans 116 123 (free).", {"Emergency services", "Samaritans"}, ()),
        ("or 111 then 2, or 111 a 2", {"NHS 111"}, ()),
        ("Ring 0800 068 4141 or 08000684141", {"PAPYRUS"}, ()),
        ("Ring 0800 58 58 58, 5pm to midnight", {"CALM"}, ()),
        ("Text SHOUT to 85258", {"Shout"}, ()),
        ("Ring 0300 123 3393", set(), ("0300 123 3393",)),
        ("Ring 01999 111222", set(), ("01999 111222",)),
        ("Before 9am Monday, 10:30 or 11.45, from 0 to 10", set(), ()),
        ("Not 9990 nor 1116 123", set(), ("9990", "1116 123")),
    ],
)
def test_the_numbers_of_a_text(text: str, lines: set[str], unknown: tuple[str, ...]) -> None:
    found, strange = named(text, LINES)
    assert ({line.name for line in found}, strange) == (lines, unknown)


@pytest.mark.parametrize(
    ("text", "crisis", "reasons"),
    [
        pytest.param("Call 999 or 116 123.", True, [], id="listed and in date"),
        pytest.param("Text 85258 or 999.", True, ["by 23 November 2026"], id="past its day"),
        pytest.param("Text 85258.", False, ["by 23 November 2026"], id="in any text"),
        pytest.param("0800 58 58 58 or 999", True, ["Nobody has checked CALM"], id="never checked"),
        pytest.param("0300 123 3393 or 999", True, ["0300 123 3393 is not on"], id="unknown"),
        pytest.param("0300 123 3393", False, [], id="not a crisis text"),
        pytest.param("We read this soon.", True, ["name at least one"], id="names none"),
    ],
)
def test_why_a_text_may_not_be_approved(text: str, crisis: bool, reasons: list[str]) -> None:
    found = list(why_not(text, LINES, on=TODAY, crisis=crisis))
    assert len(found) == len(reasons)
    assert all(reason in sentence for reason, sentence in zip(reasons, found, strict=True))


@pytest.mark.parametrize(
    ("days", "expired", "soon"),
    [(-1, True, False), (0, False, True), (30, False, True), (31, False, False)],
)
def test_when_somebody_has_to_look_again(days: int, expired: bool, soon: bool) -> None:
    line = replace(LINE, review_by=TODAY + timedelta(days=days))
    assert (line.expired(TODAY), line.due_soon(TODAY)) == (expired, soon)


@pytest.mark.parametrize("line", [replace(OLD, contact=""), UNCHECKED], ids=["off", "unchecked"])
def test_a_line_that_is_not_used_or_never_checked_is_never_late(line: CrisisLine) -> None:
    said = (line.expired(TODAY), line.due_soon(TODAY), line.may_be_named(TODAY))
    assert said == (False, False, False)


def test_nobody_is_named_as_owner_until_there_is_one() -> None:
    assert UNCHECKED.owner_words == "nobody yet"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "its name"),
        ({"contact": "ring us"}, "such as 116 123"),
        ({"owner": ""}, "who keeps an eye"),
        ({"source": ""}, "where you looked it up"),
        ({"checked_on": None}, "day it was checked"),
        ({"checked_on": TODAY + timedelta(days=1)}, "today or before"),
        ({"review_by": TODAY}, "still to come"),
        ({"review_by": TODAY + timedelta(days=400)}, "within a year"),
        ({"detail": "x" * 201}, "shorter than 200"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_line_that_cannot_be_kept_is_refused_in_words(
    change: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        checked(replace(LINE, **change), today=TODAY)  # type: ignore[arg-type]


def test_a_line_is_kept_without_stray_spaces() -> None:
    assert checked(replace(LINE, owner=" Morag  Bell "), today=TODAY).owner == "Morag Bell"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((), ""),
        ((OLD,), "Shout is past"),
        ((OLD, LINE), "Shout and Samaritans are past"),
        ((OLD, LINE, DANGER), "3 are past"),
    ],
)
def test_late_lines_in_one_sentence(lines: tuple[CrisisLine, ...], words: str) -> None:
    assert words in expired_words(lines)
    assert bool(expired_words(lines)) is bool(lines)
