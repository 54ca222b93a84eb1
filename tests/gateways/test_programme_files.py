"""Programmes as files: strict, pointing at the line, and the same text again after a round trip."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from connector.domain.cadence import WIDEST_SPREAD, Cadence, Taper, Unit, Weekday
from connector.domain.errors import Invalid
from connector.domain.programme import (
    ContactFloor,
    FollowUp,
    Item,
    Programme,
    ProgrammeKind,
    one_item,
)
from connector.domain.question import OPEN, About, Better, Question, QuestionKind
from connector.gateways import plain_yaml
from connector.gateways.programme_files import (
    FOLDER,
    TEXTS,
    ProgrammeFileError,
    ProgrammeFiles,
    write,
)
from connector.settings import shipped
from connector.store.programmes import from_content, to_content

STARTS = date(2026, 9, 7)
FILES = ProgrammeFiles(shipped("templates") / FOLDER)
SHIPPED = FILES.load_all(starts_on=STARTS)
read = FILES.read

GOOD = """\
format: 1
name: Mornings
kind: check_in
meant_for: Everybody
cadence:
  days: [MON]
  time: 09:30
  every: 2
questions:
  - key: week
    kind: scale
    low: 0
    high: 10
    wording:
      en:
        - "Hi {name}, 0 to 10?"
    follow_ups:
      - from: 0
        to: 3
        key: hard
        kind: open
        wording:
          en: ["What made it hard?"]
send_within: 2 hours
"""


def test_a_file_becomes_a_programme() -> None:
    programme = read(GOOD.encode(), starts_on=STARTS)
    assert (programme.name, programme.meant_for) == ("Mornings", "Everybody")
    assert programme.timely_for == timedelta(hours=2)
    assert programme.cadence == Cadence((Weekday.MON,), time(9, 30), STARTS, every=2)
    follow = programme.after("week", 2)
    assert follow
    assert follow.wording == {"en": ("What made it hard?",)}


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\n"
BAD = {
    "not YAML": ("name: Mornings\nkind", "Line 2: it cannot be read from here on; often a quote"),
    "nothing at all": ("", "Line 1: the file has to begin with names"),
    "a list": ("- a", "Line 1: the file has to begin with names"),
    "an anchor": (BOMB, "Line 1: names that stand for other parts (& and *) are not read here."),
    "an alias": ("a: 1\nb: *a\n", "Line 2: names that stand for other parts"),
    "a tag": ("a: 1\nb: !!python/object:os.system x\n", "Line 2: tags (!) are not read here."),
    "two documents": (GOOD + "---\na: 1\n", "Line 25: it cannot be read from here on"),
    "too deep": ("[" * 5000, "Line 1: it is nested too deeply."),
    "a key twice": ("name: A\nname: B\n", "Line 2: “name” stands here twice."),
    "too large": ("# " + "x" * plain_yaml.LARGEST, "The file is larger than 128 KB."),
    "an unknown name": ("colour: red\n" + GOOD, "Line 1: “colour” is not known here."),
    "an unknown name inside": (
        GOOD.replace("  every: 2", "  every: 2\n  mood: 1"),
        "Line 9: “mood” is not known here.",
    ),
    "a gap": (GOOD.replace("name: Mornings\n", ""), "Line 1: name is missing."),
    "a strange day": (GOOD.replace("MON", "MOON"), "Line 6: days of cadence has to be one of MON,"),
    "a strange time": (GOOD.replace("09:30", "9.30"), "Line 7: time of cadence has to be words."),
    "no such time": (GOOD.replace("09:30", "25:00"), "Line 7: time of cadence is not written as"),
    "an end before the start": (
        GOOD.replace("  every: 2", "  ends_on: 2026-01-01"),
        "Line 5: A cadence cannot end before it starts.",
    ),
    "no such date": (
        GOOD.replace("  every: 2", "  ends_on: 2026-02-30"),
        "Line 5: 2026-02-30 is no day; write it like 2026-11-24.",
    ),
    "no English": (GOOD.replace("      en:", "      cy:", 1), "Line 10: The question 'week' needs"),
    "bands of an open question": (
        GOOD.replace("kind: scale", "kind: open", 1),
        "Line 10: The open question 'week' has no answers in bands",
    ),
    "a scale upside down": (GOOD.replace("high: 10", "high: 0"), "Line 10: A scale needs"),
    "an empty text": (GOOD.replace('"Hi {name}, 0 to 10?"', '""'), "Line 16: en of wording cannot"),
    "a text with a bell": (GOOD.replace("Hi {name}", r"\a"), "Line 16: en of wording is not"),
    "half a character": (GOOD.replace("Hi {name}", r"\ud800"), "Line 16: en of wording is not"),
    "a prompt that asks": (
        GOOD.replace("check_in", "prompt"),
        "questions does not belong to this kind of programme",
    ),
    "a mute check-in": (GOOD[: GOOD.index("questions")], "Line 1: questions is missing."),
    "two of one name": (GOOD.replace("key: hard", "key: week"), "Two questions of Mornings have"),
    "another form": (GOOD.replace("format: 1", "format: 2"), "Line 1: format has to be one of 1."),
    "a number so large": (GOOD.replace("every: 2", "every: " + "9" * 5000), "has to be a whole"),
    "not a language": (GOOD.replace("      en:", "      English:", 1), "not written like en or cy"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_refused_in_a_sentence_with_its_line(case: str) -> None:
    text, words = BAD[case]
    with pytest.raises(ProgrammeFileError) as refused:
        read(text.encode(), starts_on=STARTS)
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")


def test_every_problem_is_named_not_only_the_first() -> None:
    text = GOOD.replace("09:30", "noon").replace("low: 0", "low: none").replace("to: 3", "to: far")
    with pytest.raises(ProgrammeFileError) as refused:
        read(text.encode(), starts_on=STARTS)
    assert [one.split(":")[0] for one in refused.value.problems] == ["Line 7", "Line 12", "Line 19"]


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ProgrammeFileError, match="not text in UTF-8"):
        read(b"name: \xff\xfe", starts_on=STARTS)


def test_a_file_of_the_folder_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "mornings.yaml"
    path.write_text("colour: red\n", "utf-8")
    with pytest.raises(ProgrammeFileError, match=r"^mornings\.yaml: Line 1"):
        FILES.load_one(path, starts_on=STARTS)


def test_words_that_yaml_would_turn_into_something_else_stay_words() -> None:
    text = GOOD.replace('["What made it hard?"]', "[NO, 10:30, 2026-11-24, on]")
    hard = read(text.encode(), starts_on=STARTS).item("hard")
    assert hard
    assert hard.wording["en"] == ("NO", "10:30", "2026-11-24", "on")


@pytest.mark.parametrize("key", SHIPPED)
def test_a_shipped_programme_is_the_same_after_writing_and_reading(key: str) -> None:
    written = write(SHIPPED[key])
    assert read(written.encode(), starts_on=date(2020, 1, 1)) == SHIPPED[key]


# --- Random programmes ----------------------------------------------------------------------

characters = st.characters(
    blacklist_categories=("Cs",), blacklist_characters=[chr(n) for n in (*range(32), 127)]
)
words = st.text(characters, min_size=1, max_size=60)
body = st.one_of(words, st.builds("{}\n{}".format, words, words), st.sampled_from(["NO", "~", "1"]))
texts = st.lists(body, min_size=1, max_size=3).map(tuple)
wordings = st.dictionaries(st.sampled_from(["cy", "pl", "zh-Hant"]), texts, max_size=2)
english = st.builds(lambda en, more: {**more, "en": en}, texts, wordings)
keys = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), min_size=6, unique=True)
minutes = st.one_of(st.integers(1, 99), st.sampled_from([60, 240, 1440, 4320]))


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kind = draw(st.sampled_from(list(QuestionKind)))
    about, levels = draw(st.sampled_from(list(About))), draw(st.booleans())
    better = draw(st.sampled_from(list(Better)))
    if kind is QuestionKind.SCALE:
        low = draw(st.integers(-5, 5))
        high = low + draw(st.integers(1, 20))
        return Question(kind, low, high, better, about=about, levels=levels)
    options = draw(st.lists(words.map(lambda one: one[:40]), min_size=2, max_size=3, unique=True))
    chosen = tuple(options) if kind is QuestionKind.CHOICE else ()
    return Question(kind, options=chosen, better=better, about=about, levels=levels)


@st.composite
def items(draw: st.DrawFn, names: list[str]) -> Item:
    question = draw(questions())
    follow_ups: list[FollowUp] = []
    if question.kind is not QuestionKind.OPEN and draw(st.booleans()):
        bounds = sorted(draw(st.lists(st.integers(-20, 40), min_size=2, max_size=4, unique=True)))
        pairs = zip(bounds[::2], bounds[1::2], strict=False)
        follow_ups = [
            FollowUp(low, high - 0.5, Item(names.pop(), draw(questions()), draw(english)))
            for low, high in pairs
        ]
    return Item(names.pop(), question, draw(english), tuple(follow_ups))


@st.composite
def cadences(draw: st.DrawFn) -> Cadence:
    starts_on = draw(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
    at = time(draw(st.integers(0, 23)), draw(st.integers(0, 59)))
    spread = draw(st.integers(0, WIDEST_SPREAD))
    if draw(st.booleans()):
        after = draw(st.lists(st.integers(0, 3660), min_size=1, max_size=5, unique=True))
        return Cadence((), at, starts_on, unit=Unit.DAYS_AFTER, after=tuple(after), spread=spread)
    days = tuple(draw(st.lists(st.sampled_from(list(Weekday)), min_size=1, unique=True)))
    ends_on = draw(st.none() | st.just(starts_on + timedelta(days=400)))
    every = draw(st.integers(1, 5))
    taper = draw(st.none() | st.just(Taper(12, (6, 8))))
    return Cadence(
        days, at, starts_on, every=every, ends_on=ends_on, taper=taper, spread=spread,
        from_joining=draw(st.booleans()), lasts_weeks=draw(st.none() | st.integers(60, 520)),
    )


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    kind = draw(st.sampled_from(list(ProgrammeKind)))
    names = draw(keys)
    asked = (
        tuple(draw(items(names)) for _ in range(draw(st.integers(1, 2))))
        if kind is ProgrammeKind.CHECK_IN
        else one_item(OPEN, draw(english))
    )
    return Programme(
        0, draw(words), kind, draw(cadences()), asked,
        **{part: draw(wordings) for part in TEXTS},
        timely_for=timedelta(minutes=draw(minutes)), answer_within=timedelta(minutes=draw(minutes)),
        remind_after=timedelta(minutes=draw(minutes)),
        floor=draw(st.sampled_from(
            [ContactFloor(), ContactFloor(3), ContactFloor(0, "Rings us daily", date(2027, 1, 5))]
        )),
        meant_for=draw(st.just("") | words), source=draw(st.just("") | words),
    )


@settings(max_examples=150, deadline=None)
@given(programmes())
def test_what_is_written_is_read_back_and_written_again_byte_for_byte(programme: Programme) -> None:
    written = write(programme)
    again = read(written.encode(), starts_on=date(2000, 1, 1))
    assert again == programme
    assert write(again) == written


@settings(max_examples=40, deadline=None)
@given(programmes())
def test_a_programme_from_the_records_is_written_as_it_was(programme: Programme) -> None:
    """The records keep no order of languages; the file has one of its own."""
    content = to_content(programme)
    content["items"] = [dict(reversed(list(item.items()))) for item in content["items"]]
    for item in content["items"]:
        item["wording"] = dict(sorted(item["wording"].items(), reverse=True))
    kept = from_content(content, name=programme.name)
    assert write(kept) == write(programme)


def test_every_text_stands_on_one_line_so_that_a_change_is_one_line() -> None:
    weekly = SHIPPED["weekly-check-in"]
    item = weekly.items[0]
    changed = replace(weekly, items=(replace(item, wording={**item.wording, "en": ("New?",)}),))
    before, after = write(weekly).splitlines(), write(changed).splitlines()
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


# --- The published schema says what the domain says -----------------------------------------


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(FILES.schema)


def _choices(name: str, part: str = "item") -> list[Any]:
    found: list[Any] = FILES.schema["$defs"][part]["properties"][name]["enum"]
    return found


def test_the_schema_offers_what_the_domain_knows() -> None:
    defs = FILES.schema["$defs"]
    cadence = defs["cadence"]["properties"]
    assert FILES.schema["properties"]["kind"]["enum"] == [*ProgrammeKind]
    assert defs["kind"]["enum"] == [*QuestionKind]
    assert (_choices("better"), _choices("about")) == ([*Better], [*About])
    assert cadence["days"]["items"]["enum"] == [*Weekday]
    assert cadence["unit"]["enum"] == [*Unit]
    assert set(cadence) == {field.name for field in fields(Cadence)}
    asked = {field.name for field in fields(Question)}
    assert set(defs["item"]["properties"]) - {"key", "wording", "follow_ups"} == asked
    own = {"from", "to", "key", "wording"}
    assert set(defs["follow_up"]["properties"]) - own == asked
    assert set(FILES.schema["properties"]["floor"]["properties"]) == {
        field.name for field in fields(ContactFloor)
    }
    renamed = {"timely_for": "send_within", "items": "questions"}
    inside = {"id", "noticing", "version_id", "number"}
    known = {renamed.get(one.name, one.name) for one in fields(Programme)} - inside
    assert set(FILES.schema["properties"]) == known | {"format", "wording"}


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [("every", 1, 52), ("spread", 0, WIDEST_SPREAD), ("lasts_weeks", 1, 520)],
)
def test_the_schema_has_the_bounds_of_the_domain(name: str, lowest: int, highest: int) -> None:
    bounds = FILES.schema["$defs"]["cadence"]["properties"][name]
    assert (bounds["minimum"], bounds["maximum"]) == (lowest, highest)
    every = Cadence((Weekday.MON,), time(10), STARTS)
    replace(every, **{name: lowest})
    replace(every, **{name: highest})
    for beyond in (lowest - 1, highest + 1):
        with pytest.raises(Invalid):
            replace(every, **{name: beyond})
