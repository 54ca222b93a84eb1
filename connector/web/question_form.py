"""The form of a set of questions: a programme as fields, and fields as a programme.

The whole draft rides in the form, shown or hidden, so that a page that comes back has lost nothing:
adding, moving and taking out are done to what was typed, and only saving is kept. Every problem is
found at once and names its field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict

from connector.domain.errors import Invalid
from connector.domain.programme import (
    DEFAULT_LANGUAGE,
    FollowUp,
    Item,
    Programme,
    Wordings,
)
from connector.domain.question import About, Better, Question, QuestionKind

PARTS = ("opening", "closing", "reminder", "go_on", "goodbye")
PARTS_OF_PROMPT = ("go_on", "goodbye")
MOST_ITEMS = 12
MOST_FOLLOW_UPS = 11
MOST_WORDINGS = 60
LONGEST = 1000
LONGEST_OPTION = 40
OPTIONS = (2, 3)
BOUNDS = (-100, 100)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,8})?")
_UNSEEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_ACT = re.compile(r"(?P<what>[a-z]+)(?:-(?P<where>q\d{1,2}(?:f\d{1,2})?|[a-z_]+))?")

Texts = dict[str, list[str]]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Problem:
    """What to change, and the field to change it in."""

    field: str
    words: str


@dataclass
class TypedItem:
    """A question as it stands in the form; `start` and `end` are the band of a follow-up."""

    key: str = ""
    kind: str = QuestionKind.SCALE.value
    low: str = "0"
    high: str = "10"
    better: str = Better.HIGH.value
    about: str = About.WEEK.value
    levels: bool = True
    options: str = ""
    texts: Texts = field(default_factory=dict)
    start: str = ""
    end: str = ""
    follow_ups: list[TypedItem] = field(default_factory=list)

    def everything(self) -> Iterable[TypedItem]:
        return (self, *self.follow_ups)


@dataclass
class Typed:
    """A whole set as it stands in the form."""

    items: list[TypedItem]
    parts: dict[str, Texts] = field(default_factory=dict)

    @property
    def keys(self) -> set[str]:
        return {one.key for item in self.items for one in item.everything()}


# --- A programme becomes fields, and a form what was typed -----------------------------------


def of_programme(programme: Programme) -> Typed:
    return Typed(
        [_of_item(item) for item in programme.items],
        {part: _listed(getattr(programme, part)) for part in PARTS},
    )


def _of_item(item: Item) -> TypedItem:
    asked = item.question
    follow_ups = [
        replace(_of_item(one.item), start=f"{one.low:g}", end=f"{one.high:g}")
        for one in item.follow_ups
    ]
    return TypedItem(
        key=item.key,
        kind=asked.kind.value,
        low=str(asked.low),
        high=str(asked.high),
        better=asked.better.value,
        about=asked.about.value,
        levels=asked.levels,
        options="\n".join(asked.options) if asked.kind is QuestionKind.CHOICE else "",
        texts=_listed(item.wording),
        follow_ups=follow_ups,
    )


def _listed(wordings: Wordings) -> Texts:
    return {language: list(texts) for language, texts in wordings.items()}


def of_form(form: MultiDict[str, str]) -> Typed:
    """What was typed, as it came."""
    items = []
    for place in range(MOST_ITEMS):
        if f"q{place}-kind" not in form:
            break
        item = _of_fields(form, f"q{place}")
        for nth in range(MOST_FOLLOW_UPS):
            if f"q{place}f{nth}-kind" not in form:
                break
            item.follow_ups.append(_of_fields(form, f"q{place}f{nth}"))
        items.append(item)
    return Typed(items, {part: _texts_of(form, part) for part in PARTS})


def _of_fields(form: MultiDict[str, str], at: str) -> TypedItem:
    names = ("key", "kind", "low", "high", "better", "about", "options", "start", "end")
    given = {name: form.get(f"{at}-{name}", "")[: LONGEST * 2] for name in names}
    return TypedItem(
        **given,  # type: ignore[arg-type]
        levels=bool(form.get(f"{at}-levels")),
        texts=_texts_of(form, at),
    )


def _texts_of(form: MultiDict[str, str], at: str) -> Texts:
    start = f"{at}-text-"
    return {
        name.removeprefix(start): form.getlist(name)[:MOST_WORDINGS]
        for name in form
        if name.startswith(start) and _LANGUAGE.fullmatch(name.removeprefix(start))
    }


# --- What can be done to it without saving ---------------------------------------------------


def done(typed: Typed, act: str, *, language: str, taken: Iterable[str] = ()) -> Typed:
    """What was typed, after a press of one of the form's own buttons; unknown ones do nothing.

    `taken` are names that questions of other versions have: no new question gets one of them.
    """
    found = _ACT.fullmatch(act)
    if found is None:
        return typed
    what, where = found["what"], found["where"] or ""
    if what == "add" and len(typed.items) < MOST_ITEMS:
        typed.items.append(TypedItem(key=_new_key(typed, taken), texts={language: [""]}))
    elif what == "more":
        _one_more(typed, where, language)
    elif place := re.fullmatch(r"q(\d+)(?:f(\d+))?", where):
        follow_up = None if place[2] is None else int(place[2])
        _to_item(typed, what, int(place[1]), follow_up, taken)
    return typed


def _to_item(
    typed: Typed, what: str, place: int, follow_up: int | None, taken: Iterable[str]
) -> None:
    if place >= len(typed.items):
        return
    item = typed.items[place]
    if what == "remove" and follow_up is not None:
        del item.follow_ups[follow_up : follow_up + 1]
    elif what == "remove" and len(typed.items) > 1:
        del typed.items[place]
    elif what == "follow" and len(item.follow_ups) < MOST_FOLLOW_UPS:
        kind, key = QuestionKind.OPEN.value, _new_key(typed, taken)
        item.follow_ups.append(TypedItem(key=key, kind=kind, texts={DEFAULT_LANGUAGE: [""]}))
    elif what in ("up", "down"):
        other = place + (1 if what == "down" else -1)
        if 0 <= other < len(typed.items):
            typed.items[place], typed.items[other] = typed.items[other], item


def _one_more(typed: Typed, where: str, language: str) -> None:
    """One more wording that takes turns with the others."""
    texts = typed.parts.get(where)
    place = re.fullmatch(r"q(\d+)(?:f(\d+))?", where)
    if place and int(place[1]) < len(typed.items):
        everything = list(typed.items[int(place[1])].everything())
        nth = 0 if place[2] is None else int(place[2]) + 1
        texts = everything[nth].texts if nth < len(everything) else None
    if texts is not None and len(texts.get(language, [])) < MOST_WORDINGS:
        there = texts.setdefault(language, [""])
        there.append("")


def _new_key(typed: Typed, taken: Iterable[str]) -> str:
    known = typed.keys | set(taken)
    number = len(typed.keys) + 1
    while f"question_{number}" in known:
        number += 1
    return f"question_{number}"


# --- What was typed becomes a programme ------------------------------------------------------


def read(typed: Typed, base: Programme) -> tuple[Programme | None, list[Problem]]:
    """`base` with the questions and words that were typed; None, and why, when they cannot be."""
    reading = _Reading()
    items = tuple(reading.item(item, f"q{place}", base) for place, item in enumerate(typed.items))
    parts = {part: reading.texts(typed.parts.get(part, {}), part) for part in PARTS}
    if reading.problems:
        return None, reading.problems
    whole = reading.build("questions", lambda: replace(base, items=items, **parts))  # type: ignore[arg-type]
    return whole, reading.problems


class _Reading:
    """Fields as they are read; every problem on the way is kept."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, name: str, words: str) -> None:
        self.problems.append(Problem(name, words))

    def build(self, name: str, make: Callable[[], Made]) -> Made | None:
        try:
            return make()
        except (Invalid, ValueError) as refusal:
            self.refuse(name, str(refusal))
            return None

    def item(self, typed: TypedItem, at: str, base: Programme) -> Item | None:
        asked = self._question(typed, at) if base.asks else base.question
        wording = self.texts(typed.texts, at)
        follow_ups = tuple(
            self._follow_up(one, f"{at}f{nth}", base) for nth, one in enumerate(typed.follow_ups)
        )
        if asked is None or None in follow_ups:
            return None
        return self.build(at, lambda: Item(typed.key, asked, wording, follow_ups))  # type: ignore[arg-type]

    def _follow_up(self, typed: TypedItem, at: str, base: Programme) -> FollowUp | None:
        start = self._half(typed.start, f"{at}-start")
        end = self._half(typed.end, f"{at}-end")
        item = self.item(typed, at, base)
        if start is None or end is None or item is None:
            return None
        return FollowUp(start, end, item)

    def _question(self, typed: TypedItem, at: str) -> Question | None:
        if typed.kind not in list(QuestionKind):
            self.refuse(f"{at}-kind", "Choose how it is answered.")
            return None
        kind = QuestionKind(typed.kind)
        given: dict[str, Any] = {"levels": typed.levels}
        if typed.about in list(About):
            given["about"] = About(typed.about)
        if kind is QuestionKind.SCALE:
            low, high = self._whole(typed.low, f"{at}-low"), self._whole(typed.high, f"{at}-high")
            if low is None or high is None:
                return None
            better = Better(typed.better) if typed.better in list(Better) else Better.HIGH
            given |= {"low": low, "high": high, "better": better}
        if kind is QuestionKind.CHOICE:
            given["options"] = self._options(typed.options, f"{at}-options")
        return self.build(f"{at}-kind", lambda: Question(kind, **given))

    def _options(self, written: str, name: str) -> tuple[str, ...]:
        lines = [" ".join(_UNSEEN.sub(" ", line).split()) for line in written.splitlines()]
        options = tuple(dict.fromkeys(line for line in lines if line))
        least, most = OPTIONS
        if not least <= len(options) <= most:
            self.refuse(name, f"Write {least} or {most} choices that differ, one a line.")
        if any(len(option) > LONGEST_OPTION for option in options):
            self.refuse(name, f"A choice has at most {LONGEST_OPTION} characters.")
        return options

    def _whole(self, written: str, name: str) -> int | None:
        written, (lowest, highest) = written.strip(), BOUNDS
        if re.fullmatch(r"-?[0-9]{1,3}", written) and lowest <= int(written) <= highest:
            return int(written)
        self.refuse(name, f"Write a whole number from {lowest} to {highest}.")
        return None

    def _half(self, written: str, name: str) -> float | None:
        written = written.strip()
        if re.fullmatch(r"-?[0-9]{1,3}(?:\.[05])?", written) and abs(float(written)) <= BOUNDS[1]:
            return float(written)
        self.refuse(name, "Write the answer as a number, such as 3.")
        return None

    def texts(self, typed: Texts, at: str) -> Wordings:
        """The wordings by language; empty fields and languages without words fall away."""
        found = {language: self._wordings(texts, at, language) for language, texts in typed.items()}
        return {language: texts for language, texts in found.items() if texts}

    def _wordings(self, texts: list[str], at: str, language: str) -> tuple[str, ...]:
        cleaned = []
        for nth, words in enumerate(texts):
            plain = _UNSEEN.sub(" ", words.replace("\r\n", "\n")).strip()
            if len(plain) > LONGEST:
                name = f"{at}-text-{language}-{nth}"
                self.refuse(name, f"A text has at most {LONGEST} characters.")
            if plain:
                cleaned.append(plain)
        return tuple(cleaned)
