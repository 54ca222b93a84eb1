"""The meter: how a text looks on a phone, what it takes and costs, what is said of its words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.domain.meter import as_written, measure, money
from connector.domain.placeholders import at_its_longest, fill, used
from connector.domain.plain_words import Terms
from connector.domain.word_groups import TextKind


def test_a_text_is_measured_as_it_leaves_with_the_longest_name() -> None:
    meter = measure("Hello {name}, it’s me. {sender}")
    assert meter.text.body == "Hello Christopher-John, it's me. Maximiliana"
    assert meter.alphabet_words == "Plain alphabet"
    assert meter.characters_words == "44 characters"
    assert meter.segments_words == "1 segment, room for 116 more"
    assert meter.hints == ()


def test_the_lock_screen_shows_the_first_sixty_characters_and_nothing_is_lost() -> None:
    meter = measure("a" * 60 + "b")
    assert (meter.lock_screen, meter.beyond) == ("a" * 60, "b")


@pytest.mark.parametrize(
    ("pence", "people", "each", "to_all"),
    [
        (Decimal(4), 310, "8p", "£24.80"),
        (Decimal("2.4"), 1, "4.8p", ""),
        (None, 310, "", ""),
        (Decimal(60), 2000, "£1.20", "£2,400.00"),
        (Decimal(0), 5, "0p", "0p"),
    ],
    ids=["to many", "to one", "no price", "dear", "free"],
)
def test_what_it_costs_each_and_to_everybody(
    pence: Decimal | None, people: int, each: str, to_all: str
) -> None:
    meter = measure("a" * 161, pence=pence, people=people)
    assert (meter.each, meter.to_all) == (each, to_all)


@pytest.mark.parametrize(
    ("pence", "words"),
    [("4", "4p"), ("2.40", "2.4p"), ("99.9", "99.9p"), ("100", "£1.00"), ("30", "30p")],
)
def test_money(pence: str, words: str) -> None:
    assert money(Decimal(pence)) == words


def test_the_gravest_hint_stands_first_with_other_words() -> None:
    meter = measure("Siân, well done you. You must come.")
    assert [hint["level"] for hint in meter.shown_hints] == ["block", "warn", "info"]
    assert meter.shown_hints[0]["instead"] == "“can” or “could”"
    assert meter.blocked
    assert meter.sum_words == "1 segment; 3 hints, 1 has to change"


def test_a_name_is_not_the_fault_of_the_words_but_its_length_counts() -> None:
    words = "{name} " + "a" * 135
    assert [hint.group for hint in measure(words).hints] == []
    long = measure(words, filled=words.replace("{name}", "Bartholomew Featherstonehaugh"))
    assert [hint.group for hint in long.hints] == ["Length"]


def test_exactly_what_was_written_can_be_measured() -> None:
    assert as_written("it’s").alphabet_words == "Dear alphabet, because of ’"
    assert measure("it’s").alphabet_words == "Plain alphabet"


def test_who_says_it_and_in_which_language_matters() -> None:
    assert measure("Thinking of you.").blocked
    assert not measure("Thinking of you.", terms=Terms(kind=TextKind.BY_HAND)).blocked
    assert measure("مرحبا", terms=Terms(language="ar")).direction == "rtl"


@pytest.mark.parametrize(
    ("words", "values", "filled"),
    [
        ("Hi {name}. {sender}", {"name": "Ada"}, "Hi Ada. Your community connector"),
        ("By {read_by}", {"read_by": ""}, "By the next working day"),
        ("{else} {", {"else": "x"}, "x {"),
        ("{unknown}", {}, "{unknown}"),
    ],
    ids=["known and not", "empty", "given", "unknown stays"],
)
def test_what_is_missing_still_reads(words: str, values: dict[str, str], filled: str) -> None:
    assert fill(words, values) == filled


def test_days_are_named_in_the_language_of_the_text() -> None:
    assert at_its_longest("{read_by}", "cy") == "11:30am dydd Mercher"
    assert at_its_longest("{read_by}", "pl") == "11:30am Wednesday"


def test_what_stands_in_brackets_is_found_once_each() -> None:
    assert used("{name} {Name} {name} {") == ("{name}", "{Name}", "{")
