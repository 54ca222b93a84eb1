"""The fixed texts of the service: the words of this installation, else the shipped, else English.

What is shipped stands in files, one a text under `templates/sms/<language>/`, and `texts.toml` says
what each is for. Own words are read from the records and kept a few seconds. When the records do
not answer, what was read last goes out, or what was shipped: a text is never held back for it.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from connector.domain.crisis_line import CrisisLine
from connector.domain.errors import Invalid
from connector.domain.fixed_texts import Catalogue, FixedText
from connector.domain.placeholders import PLACEHOLDERS, day_in, fill, used
from connector.domain.programme import DEFAULT_LANGUAGE
from connector.domain.sms import fold
from connector.store import wordings

log = structlog.get_logger()

FRESH_FOR = 5.0
"""Seconds for which own words are kept before the records are asked again."""
MUST_BE_THERE = ("crisis_open", "crisis_closed")
Own = Mapping[tuple[str, str], tuple[str, ...]]


class WordingFileError(Exception):
    """A file of the shipped words cannot be used. The message names it and says what is wrong."""


def load_catalogue(folder: Path) -> Catalogue:
    """Every fixed text of a folder.

    Raises `FileNotFoundError` when English words are missing, `WordingFileError` for a bad list.
    """
    shipped = {
        (path.parent.name, path.stem): (path.read_text(encoding="utf-8").strip(),)
        for path in sorted(folder.glob("*/*.txt"))
    }
    for name in (*MUST_BE_THERE, *(name for _, name in shipped)):
        if (DEFAULT_LANGUAGE, name) not in shipped:
            raise FileNotFoundError(f"The text {DEFAULT_LANGUAGE}/{name}.txt is missing.")
    about = _about(folder / "texts.toml")
    names = [name for language, name in shipped if language == DEFAULT_LANGUAGE]
    told = about.get("texts", {})
    if strange := sorted(told.keys() - set(names)):
        raise WordingFileError(f"texts.toml: there is no text {strange[0]}.")
    texts = {
        name: _text(name, told.get(name, {}), shipped[DEFAULT_LANGUAGE, name][0]) for name in names
    }
    in_order = {name: texts[name] for name in (*told, *names)}
    return Catalogue(in_order, shipped, frozenset(about.get("unreviewed", ())))


def load_crisis_lines(path: Path) -> tuple[CrisisLine, ...]:
    """The shipped crisis lines. Raises `WordingFileError`."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(CrisisLine(**line) for line in data["line"])
    except (KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise WordingFileError(f"{path.name} cannot be read: {error}.") from error


class FileWording:
    """The shipped words alone, read once from a folder."""

    def __init__(self, folder: Path) -> None:
        self.catalogue = load_catalogue(folder)

    def text(self, language: str, name: str, number: int = 1) -> str:
        """The words of a text, its placeholders unfilled; equivalents take turns by `number`."""
        texts = self.words(language, name)
        return texts[(number - 1) % len(texts)]

    def words(self, language: str, name: str) -> tuple[str, ...]:
        return self.catalogue.words(language, name)

    def crisis(self, language: str, *, open_now: bool, read_by: str) -> str:
        """The one automatic answer to somebody in danger, honest about when a person reads it."""
        words = self.text(language, "crisis_open" if open_now else "crisis_closed")
        return fold(fill(words, {"read_by": day_in(language, read_by)}))


class LibraryWording(FileWording):
    """The words of this installation, and the shipped ones where it has none of its own."""

    def __init__(
        self,
        folder: Path,
        sessions: Callable[[], Session],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(folder)
        self._sessions = sessions
        self._ticks = ticks
        self._own: Own = {}
        self._read_at: float | None = None
        self._reading = Lock()

    def words(self, language: str, name: str) -> tuple[str, ...]:
        return self.chosen(self._fresh(), language, name)

    def chosen(self, own: Own, language: str, name: str) -> tuple[str, ...]:
        """Of own and shipped words those that go out: any in the language itself go first."""
        return (
            own.get((language, name))
            or self.catalogue.shipped.get((language, name))
            or own.get((DEFAULT_LANGUAGE, name))
            or self.catalogue.words(DEFAULT_LANGUAGE, name)
        )

    def _fresh(self) -> Own:
        """Own words, asked again when they are older than a few seconds; one thread at a time."""
        now = self._ticks()
        stale = self._read_at is None or now - self._read_at >= FRESH_FOR
        if stale and self._reading.acquire(blocking=self._read_at is None):
            try:
                self._own = self._asked()
                self._read_at = now
            finally:
                self._reading.release()
        return self._own

    def _asked(self) -> Own:
        try:
            with self._sessions() as session:
                return wordings.in_use(session)
        except SQLAlchemyError as error:
            log.error("own wording not read", error=type(error).__name__)
            return self._own


def _about(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise WordingFileError(f"{path.name} cannot be read: {error}.") from error


def _text(name: str, told: dict[str, Any], words: str) -> FixedText:
    """What is told of a text; of one that nothing is told of, what its own words show."""
    if not told:
        known = tuple(one for one in PLACEHOLDERS if f"{{{one}}}" in used(words))
        title = name.replace("_", " ").capitalize()
        return FixedText(name, title, allowed=known)
    lists = {key: tuple(value) for key, value in told.items() if isinstance(value, list)}
    try:
        return FixedText(name, **{**told, **lists})
    except (TypeError, Invalid) as error:
        raise WordingFileError(f"texts.toml, {name}: {error}.") from error
