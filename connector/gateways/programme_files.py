"""Programmes as files: YAML that people read, change, and compare line by line.

A file becomes a `Programme` and a `Programme` a file, in one form only, so that writing what was
read changes nothing. The published schema beside the shipped files says what may stand in one; what
it does not know is refused, every problem in a sentence with its line. It never stores or starts a
programme.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from connector.domain.cadence import Cadence, Taper, Unit, Weekday
from connector.domain.errors import Invalid
from connector.domain.programme import (
    DEFAULT_LANGUAGE,
    ContactFloor,
    FollowUp,
    Item,
    Programme,
    ProgrammeKind,
    Wordings,
    one_item,
)
from connector.domain.question import OPEN, About, Better, Question, QuestionKind
from connector.gateways.plain_yaml import Document, NotPlainError, Text
from connector.gateways.plain_yaml import read as read_yaml
from connector.gateways.plain_yaml import write as write_yaml

FORMAT = 1
ENDING = ".yaml"
MOST_PROBLEMS = 20
FOLDER = "programmes"
SCHEMA = "programme.schema.json"
HEADING = f"# yaml-language-server: $schema={SCHEMA}\n"
TEXTS = ("opening", "closing", "reminder", "go_on", "goodbye")
_SPANS = {"send_within": "timely_for", "answer_within": "answer_within"}
_UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}


Made = TypeVar("Made")


class ProgrammeFileError(Exception):
    """A file of a programme cannot be used. `problems` are sentences with the lines they are on."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class ProgrammeFiles:
    """The folder of the shipped programmes, with the schema that every file is held to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The published JSON Schema of programme files."""
        loaded: dict[str, Any] = json.loads(self.schema_text)
        return loaded

    @property
    def schema_text(self) -> str:
        """The same as the file that is published."""
        return (self._folder / SCHEMA).read_text(encoding="utf-8")

    def load_all(self, *, starts_on: date) -> dict[str, Programme]:
        """Every shipped programme by its file's name, not yet stored (id 0).

        One that names no day begins on `starts_on`. Raises `ProgrammeFileError` for the first file
        that cannot be used.
        """
        paths = sorted(self._folder.glob(f"*{ENDING}"))
        return {path.stem: self.load_one(path, starts_on=starts_on) for path in paths}

    def load_one(self, path: Path, *, starts_on: date) -> Programme:
        """The programme of one file. Raises `ProgrammeFileError`, which names the file."""
        try:
            return self.read(path.read_bytes(), starts_on=starts_on)
        except ProgrammeFileError as error:
            raise ProgrammeFileError(f"{path.name}: {error}") from error

    def read(self, content: bytes, *, starts_on: date) -> Programme:
        """The programme that a file holds, not yet stored. Raises `ProgrammeFileError`."""
        try:
            document = read_yaml(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ProgrammeFileError("The file is not text in UTF-8.") from None
        except NotPlainError as error:
            raise ProgrammeFileError(str(error)) from None
        if problems := _schema_problems(document, self._validator):
            raise ProgrammeFileError(*problems)
        return _Reading(document).programme(starts_on)

    @cached_property
    def _validator(self) -> Draft202012Validator:
        return Draft202012Validator(self.schema)


def write(programme: Programme) -> str:
    """The file of a programme: always the same text for the same programme."""
    sections = (
        _heading(programme),
        {"cadence": _cadence(programme.cadence)},
        *_words(programme),
        _settings(programme),
    )
    return HEADING + "\n".join(write_yaml(section) for section in sections)


# --- What is wrong, in sentences ------------------------------------------------------------


def _schema_problems(document: Document, validator: Draft202012Validator) -> list[str]:
    if not isinstance(document.value, dict):
        return ["Line 1: the file has to begin with names and values, such as “name: Mornings”."]
    found = [
        (document.line(_at(error)), f"{_problem(error)}.")
        for error in _plain_errors(validator.iter_errors(document.value))
    ]
    return [f"Line {line}: {words}" for line, words in dict.fromkeys(sorted(found))][:MOST_PROBLEMS]


def _plain_errors(errors: Any) -> Iterator[ValidationError]:
    """The errors themselves, not that one of several forms did not fit."""
    for error in errors:
        if error.validator in ("allOf", "if") and error.context:
            yield from _plain_errors(error.context)
        else:
            yield error


def _at(error: ValidationError) -> tuple[str | int, ...]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        return (*path, _unknown(error)[0])
    return path


def _unknown(error: ValidationError) -> list[str]:
    part: Any = error.schema
    value: Any = error.instance
    return [key for key in value if key not in part["properties"]]


def _problem(error: ValidationError) -> str:
    """What is wrong as a clause; the schema's own words would mean nothing to most people."""
    where = _called(error)
    rule, wanted = error.validator, cast(Any, error.validator_value)
    if rule == "additionalProperties":
        return f"“{'”, “'.join(_unknown(error))}” is not known here"
    if rule == "required":
        return error.message.split("'")[1] + " is missing"
    if rule in ("enum", "const"):
        choices = wanted if isinstance(wanted, list) else [wanted]
        return f"{where} has to be one of {', '.join(map(str, choices))}"
    if rule == "type":
        return f"{where} has to be {_TYPES.get(str(wanted), wanted)}"
    if rule == "not":
        return f"{where} does not belong to this kind of programme"
    if "propertyNames" in error.absolute_schema_path:
        rule = "propertyNames"
    return f"{where} {_RULES.get(str(rule), 'cannot be used')}".format(wanted)


def _called(error: ValidationError) -> str:
    names = [str(part) for part in error.absolute_path if isinstance(part, str)]
    return " of ".join(reversed(names[-2:])) or "the file"


_TYPES = {
    "string": "words",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "names and values",
}
_RULES = {
    "minimum": "is at least {}",
    "maximum": "is at most {}",
    "multipleOf": "goes in steps of {}",
    "minLength": "cannot be empty",
    "maxLength": "is longer than {} characters",
    "minItems": "needs at least {} in the list",
    "maxItems": "has more than {} in the list",
    "minProperties": "cannot be empty",
    "maxProperties": "has more than {} languages",
    "uniqueItems": "holds the same twice",
    "pattern": "is not written as it has to be",
    "propertyNames": "has a language that is not written like en or cy",
}


# --- A file becomes a programme -------------------------------------------------------------


class _Reading:
    """The domain's own refusals, with the line of the part they are about."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def programme(self, starts_on: date) -> Programme:
        data = self._document.value
        cadence = self._try(("cadence",), _read_cadence, data["cadence"], starts_on)
        items = self._items(data)
        return self._try((), _read_programme, data, cadence, items)

    def _items(self, data: Mapping[str, Any]) -> tuple[Item, ...]:
        if "wording" in data:
            return self._try(("wording",), one_item, OPEN, _read_texts(data["wording"]))
        return tuple(
            self._try(("questions", place), _read_item, item)
            for place, item in enumerate(data["questions"])
        )

    def _try(self, path: tuple[str | int, ...], build: Callable[..., Made], *values: Any) -> Made:
        try:
            return build(*values)
        except (Invalid, ValueError) as error:
            raise ProgrammeFileError(f"Line {self._document.line(path)}: {error}") from error


def _read_programme(
    data: Mapping[str, Any], cadence: Cadence, items: tuple[Item, ...]
) -> Programme:
    given: dict[str, Any] = {
        **{part: _read_texts(data[part]) for part in TEXTS if part in data},
        **{field: _span(data[key]) for key, field in _SPANS.items() if key in data},
    }
    if "remind_after" in data:
        given["remind_after"] = _span(data["remind_after"])
    if "floor" in data:
        given["floor"] = _read_floor(data["floor"])
    return Programme(
        id=0,
        name=data["name"],
        kind=ProgrammeKind(data["kind"]),
        cadence=cadence,
        items=items,
        meant_for=data.get("meant_for", ""),
        source=data.get("source", ""),
        **given,
    )


def _read_cadence(data: Mapping[str, Any], starts_on: date) -> Cadence:
    given = dict(data)
    if taper := given.pop("taper", None):
        given["taper"] = Taper(taper["full_pace_weeks"], tuple(taper["then_every"]))
    for key in ("starts_on", "ends_on"):
        if key in given:
            given[key] = _day(given[key])
    if "unit" in given:
        given["unit"] = Unit(given["unit"])
    return Cadence(
        days=tuple(Weekday(day) for day in given.pop("days", ())),
        time=time.fromisoformat(given.pop("time")),
        starts_on=given.pop("starts_on", starts_on),
        after=tuple(given.pop("after", ())),
        **given,
    )


def _read_floor(data: Mapping[str, Any]) -> ContactFloor:
    review_on = data.get("review_on")
    return ContactFloor(
        data["weeks"], data.get("why_none", ""), _day(review_on) if review_on else None
    )


def _read_item(data: Mapping[str, Any]) -> Item:
    follow_ups = tuple(
        FollowUp(one["from"], one["to"], _read_item(one)) for one in data.get("follow_ups", ())
    )
    return Item(data["key"], _read_question(data), _read_texts(data["wording"]), follow_ups)


def _read_question(data: Mapping[str, Any]) -> Question:
    plain = {key: data[key] for key in ("low", "high", "levels") if key in data}
    return Question(
        kind=QuestionKind(data["kind"]),
        better=Better(data.get("better", Better.HIGH)),
        about=About(data.get("about", About.WEEK)),
        options=tuple(data.get("options", ())),
        **plain,
    )


def _read_texts(data: Mapping[str, Any]) -> Wordings:
    return {language: tuple(texts) for language, texts in data.items()}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{text} is no day; write it like 2026-11-24.") from None


def _span(text: str) -> timedelta:
    count, unit = text.split()
    return int(count) * _UNITS[unit.rstrip("s")]


# --- A programme becomes a file -------------------------------------------------------------


def _heading(programme: Programme) -> dict[str, Any]:
    told = {"meant_for": programme.meant_for, "source": programme.source}
    return {
        "format": FORMAT,
        "name": Text(programme.name),
        "kind": programme.kind.value,
        **{key: Text(words) for key, words in told.items() if words},
    }


def _cadence(cadence: Cadence) -> dict[str, Any]:
    """What differs from the defaults, and always the days, the time, the pace and the start."""
    plain = cadence.to_json()
    if taper := cadence.taper:
        plain["taper"] = {"full_pace_weeks": taper.weeks, "then_every": list(taper.paces)}
    standard = Cadence((Weekday.MON,), time(0), cadence.starts_on).to_json()
    always = ("time", "starts_on", "every", "spread")
    return {
        key: value
        for key, value in plain.items()
        if key in always or (value not in (None, []) and value != standard[key]) or key == "days"
        if value not in (None, [])
    }


def _words(programme: Programme) -> Iterator[dict[str, Any]]:
    opening = {"opening": _texts(programme.opening)}
    yield from [opening] * bool(programme.opening)
    if programme.asks:
        yield {"questions": [_item(item) for item in programme.items]}
    else:
        yield {"wording": _texts(programme.wording)}
    for part in TEXTS[1:]:
        if wordings := getattr(programme, part):
            yield {part: _texts(wordings)}


def _settings(programme: Programme) -> dict[str, Any]:
    floor: dict[str, Any] = {"weeks": programme.floor.weeks}
    if programme.floor.why_none:
        floor["why_none"] = Text(programme.floor.why_none)
    if programme.floor.review_on:
        floor["review_on"] = programme.floor.review_on.isoformat()
    return {
        "send_within": _written(programme.timely_for),
        "answer_within": _written(programme.answer_within),
        "remind_after": _written(programme.remind_after),
        "floor": floor,
    }


def _written(span: timedelta) -> str:
    unit = next(name for name, length in _UNITS.items() if span % length == timedelta(0))
    count = span // _UNITS[unit]
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _item(item: Item) -> dict[str, Any]:
    written = {"key": item.key, **_question(item.question), "wording": _texts(item.wording)}
    if item.follow_ups:
        written["follow_ups"] = [
            {"from": _number(one.low), "to": _number(one.high), **_item(one.item)}
            for one in item.follow_ups
        ]
    return written


def _question(question: Question) -> dict[str, Any]:
    written: dict[str, Any] = {"kind": question.kind.value}
    scale = question.kind is QuestionKind.SCALE
    if scale:
        written |= {"low": question.low, "high": question.high}
    if scale or question.better is not Better.HIGH:
        written["better"] = question.better.value
    if scale or question.about is not About.WEEK:
        written["about"] = question.about.value
    if not question.levels:
        written["levels"] = False
    if question.kind is QuestionKind.CHOICE:
        written["options"] = [Text(option) for option in question.options]
    return written


def _number(bound: float) -> int | float:
    return int(bound) if bound == int(bound) else bound


def _texts(wordings: Wordings) -> dict[str, list[Text]]:
    """English first, then by the language's code: the records do not keep an order."""
    order = sorted(wordings, key=lambda language: (language != DEFAULT_LANGUAGE, language))
    return {language: [Text(text) for text in wordings[language]] for language in order}
