"""Who of those who share a number has written: only what they put first themselves decides.

'Ada: 7' is Ada's, 'It's Ada. All well' too. 'Ada is in hospital' is about her, and 'Ada and Ben are
fine' is from either: where a text leaves room for doubt nobody is named, and a person decides.

Here also: how a text to such a number says whom it is for, and when each of them gets theirs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

APART_MINUTES: Final = 120
"""Between the times of two people on one number: wider than any two spreads together."""
_INTRO: Final = r"(?:(?:it ?'?s|it is|this is|from|its|i'?m|i am|\w{2,5} sy ?'?ma)\s+)?"
_KEYWORD: Final = (
    r"(?:\d|(?:y|n|yes|yep|no|ok|okay|stop|start|help|call|pause|away|less|more|later|why|who"
    r"|options|skip|ie|na|oes|nac oes|saib|llai|mwy|pwy|pam|stopio|cychwyn)\b[\s.!?]*$)"
)
_ABOUT: Final = re.compile(
    r"\s*(?:and|or|is|isn'?t|was|wasn'?t|has|hasn'?t|had|she|he|they|shes|hes|her|his|their|them|him"
    r"|a|neu|mae|yn|died|says|said|wants|asked)\b",
    re.IGNORECASE,
)
_APOSTROPHES: Final = {ord("\N{RIGHT SINGLE QUOTATION MARK}"): "'", ord("`"): "'"}
_FOR: Final = {"cy": "I {name}: "}


@dataclass(frozen=True, slots=True)
class Named:
    """Who put their name first, and how many characters of the text that took."""

    who: int
    length: int

    def without_name(self, body: str) -> str:
        """The text with spaces for the name, so that every other character keeps its place."""
        return " " * self.length + body[self.length :]


def named(body: str, names: Mapping[int, str]) -> Named | None:
    """Who of these wrote, by the name that stands first; None where there is any doubt."""
    text = _plain(body)
    if len(text) != len(body):
        return None
    found = [
        Named(who, len(said)) for who, name in names.items() if (said := _said_first(text, name))
    ]
    if len(found) != 1:
        return None
    rest = text[found[0].length :]
    others = [name for who, name in names.items() if who != found[0].who]
    return None if any(_mentions(rest, name) for name in others) else found[0]


def addressed(body: str, name: str, language: str) -> str:
    """A text to a number that several share: it names its person, by itself or at its head."""
    if not name or _mentions(_plain(body), name):
        return body
    return _FOR.get(language, "For {name}: ").format(name=name) + body


def apart(place: int) -> int:
    """How many minutes later than the first on their number somebody's texts go.

    After six people they share a time again: a day has no more room for ordinary hours.
    """
    return place % 6 * APART_MINUTES


def _said_first(text: str, name: str) -> str:
    """The part of a text that says who writes; empty when that is not this name, or not sure."""
    if not (plain := _plain(name).strip()):
        return ""
    head = re.match(rf"\s*({_INTRO}){re.escape(plain)}\b(\s+(?:here|sy ma)\b)?", text)
    if head is None:
        return ""
    introduced = bool(head[1] or head[2])
    after = text[head.end() :]
    end = re.match(r"\s*(?:[:;\n]|\s[-\N{EN DASH}\N{EM DASH}]\s)\s*", after)
    if end is not None:
        return head[0] + end[0]
    aside = re.match(r"\s*[.,!-]+\s*", after)
    rest = after[aside.end() :] if aside else after
    if not rest.strip() or re.match(_KEYWORD, rest.lstrip()):
        return head[0] + (aside[0] if aside else "")
    if introduced and not _ABOUT.match(rest):
        return head[0] + (aside[0] if aside else "")
    return ""


def _mentions(text: str, name: str) -> bool:
    plain = _plain(name).strip()
    return bool(plain) and re.search(rf"\b{re.escape(plain)}\b", text) is not None


def _plain(text: str) -> str:
    """Small letters without accents, a character for a character."""
    return "".join(map(_base, text.translate(_APOSTROPHES)))


def _base(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[:1].casefold()
    return base if len(base) == 1 else character
