"""The programmes that come with the service, one a file under `templates/programmes/`.

They are data, so that the people who know the residents can read and change them. This module turns
a file into a `Programme` and refuses anything it does not know: a file with an unknown key or an
unusable value stops the start, in words that name the file. It decides nothing about who is on a
programme, and never starts one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from connector.domain.cadence import Cadence, Weekday
from connector.domain.errors import Invalid
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.domain.question import OPEN, About, Better, Question, QuestionKind


class ProgrammeFileError(Exception):
    """A file of a programme cannot be used. The message names the file and says what is wrong."""


@dataclass(frozen=True, slots=True)
class ShippedProgramme:
    """A programme as it comes: `key` is the file's name; `meant_for` is for staff, never texted."""

    key: str
    meant_for: str
    programme: Programme


_KEYS = frozenset(
    ("name", "meant_for", "kind", "timely_hours", "answer_days", "cadence", "question", "wording")
)


def load_all(folder: Path, *, starts_on: date) -> dict[str, ShippedProgramme]:
    """Every programme of `folder` by key, not yet stored (id 0), as if it started on `starts_on`.

    Raises `ProgrammeFileError` for the first file that cannot be used.
    """
    paths = sorted(folder.glob("*.toml"))
    return {path.stem: load_one(path, starts_on=starts_on) for path in paths}


def load_one(path: Path, *, starts_on: date) -> ShippedProgramme:
    """The programme of one file. Raises `ProgrammeFileError`."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := sorted(data.keys() - _KEYS):
            raise ProgrammeFileError(f"{path.name}: {', '.join(unknown)} is not known here.")
        return ShippedProgramme(path.stem, data["meant_for"], _programme(data, starts_on))
    except KeyError as error:
        raise ProgrammeFileError(f"{path.name}: {error.args[0]} is missing.") from error
    except (Invalid, ValueError, TypeError) as error:
        raise ProgrammeFileError(f"{path.name}: {error}") from error


def _programme(data: Mapping[str, Any], starts_on: date) -> Programme:
    kind = ProgrammeKind(data["kind"])
    if (kind is ProgrammeKind.PROMPT) is ("question" in data):
        raise ValueError("a check-in has a question, and a prompt has none.")
    return Programme(
        id=0,
        name=data["name"],
        kind=kind,
        cadence=_cadence(data["cadence"], starts_on),
        items=one_item(
            _question(data["question"]) if "question" in data else OPEN,
            {language: tuple(texts) for language, texts in data["wording"].items()},
        ),
        timely_for=timedelta(hours=data["timely_hours"]),
        answer_within=timedelta(days=data.get("answer_days", 3)),
    )


def _cadence(data: Mapping[str, Any], starts_on: date) -> Cadence:
    given = dict(data)
    days = tuple(Weekday(day) for day in given.pop("days"))
    return Cadence(days, time.fromisoformat(given.pop("time")), starts_on, **given)


def _question(data: Mapping[str, Any]) -> Question:
    given = dict(data)
    kinds: dict[str, type[StrEnum]] = {"kind": QuestionKind, "better": Better, "about": About}
    values: dict[str, Any] = {
        key: kinds[key](value) if key in kinds else value for key, value in given.items()
    }
    return Question(**values)
