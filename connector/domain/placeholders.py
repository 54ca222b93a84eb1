"""What may stand in curly brackets in a text, what takes its place, and what does without it.

A text is measured with the longest plausible value of each, and still reads when there is none. It
fills nothing it does not know, and names what it does not know so that a form can refuse it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_BRACES = re.compile(r"\{[^{}]*\}|[{}]")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
RIGHT_TO_LEFT = frozenset({"ar", "he", "fa", "ur"})


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`longest` is the longest value that is still plausible, `fall_back` what stands for none."""

    name: str
    means: str
    longest: str
    fall_back: str

    @property
    def written(self) -> str:
        return f"{{{self.name}}}"


PLACEHOLDERS = {
    one.name: one
    for one in (
        Placeholder("name", "what the person likes to be called", "Christopher-John", "there"),
        Placeholder(
            "sender",
            "the first name of the person’s community connector",
            "Maximiliana",
            "Your community connector",
        ),
        Placeholder(
            "read_by",
            "when somebody is next there to read, such as 9am Monday",
            "11:30am Wednesday",
            "the next working day",
        ),
        Placeholder(
            "hours",
            "the days and hours at which people are there to read",
            "Monday to Friday, 10:30am to 5:30pm",
            "on working days",
        ),
        Placeholder(
            "by",
            "by when a person looks, such as 5pm Tuesday",
            "5:30pm Wednesday",
            "the end of the next working day",
        ),
        Placeholder(
            "day",
            "the first day of texts again, such as Monday 7 December",
            "Wednesday 30 September",
            "you text us",
        ),
    )
}

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS_IN = {
    "cy": (
        "dydd Llun",
        "dydd Mawrth",
        "dydd Mercher",
        "dydd Iau",
        "dydd Gwener",
        "dydd Sadwrn",
        "dydd Sul",
    ),
}

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTHS_IN = {
    "cy": (
        *("Ionawr", "Chwefror", "Mawrth", "Ebrill", "Mai", "Mehefin"),
        *("Gorffennaf", "Awst", "Medi", "Hydref", "Tachwedd", "Rhagfyr"),
    ),
}


def fill(words: str, values: Mapping[str, str]) -> str:
    """`words` with what is known put in, and its fall-back where the value is empty or missing."""

    def value(found: re.Match[str]) -> str:
        known = PLACEHOLDERS.get(found[1])
        fall_back = known.fall_back if known else found[0]
        return values.get(found[1]) or fall_back

    return _PLACEHOLDER.sub(value, words)


def at_its_longest(words: str, language: str = "en", **known: str) -> str:
    """`words` with the longest plausible value of every placeholder; `known` values go before."""
    longest = {name: one.longest for name, one in PLACEHOLDERS.items()}
    for name in ("read_by", "by", "day"):
        longest[name] = day_in(language, longest[name])
    return fill(words, longest | known)


def used(words: str) -> tuple[str, ...]:
    """Everything in curly brackets and every stray bracket, each once, in order."""
    return tuple(dict.fromkeys(_BRACES.findall(words)))


def day_in(language: str, when: str) -> str:
    """'9am Monday', 'Monday 7 December' with the names in `language`, where we know them."""
    for english, other in (
        *zip(_DAYS, _DAYS_IN.get(language, _DAYS), strict=True),
        *zip(_MONTHS, _MONTHS_IN.get(language, _MONTHS), strict=True),
    ):
        when = when.replace(english, other)
    return when


def reads_right_to_left(language: str) -> bool:
    return language in RIGHT_TO_LEFT
