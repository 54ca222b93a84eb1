"""What stands in the way of publishing a programme: each thing one sentence with what to do.

Pure: it is told the calendar, the cap, who reads which language and the day. It never says that a
programme is good, only that no text of it would go wrong in a way that can be known beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from math import lcm

from connector.domain.cadence import Cadence, refuse_if_never
from connector.domain.calendar import Calendar, said
from connector.domain.caps import CAP, Cap
from connector.domain.errors import Invalid
from connector.domain.placeholders import PLACEHOLDERS, used
from connector.domain.plain_words import MOST_SEGMENTS, Terms, check
from connector.domain.programme import DEFAULT_LANGUAGE, Item, Programme, Wordings, fill
from connector.domain.sms import SmsText, fold
from connector.domain.word_groups import Level

FILLED_IN = ("{name}", "{sender}")
LONG_NAME, LONG_SENDER = PLACEHOLDERS["name"].longest, PLACEHOLDERS["sender"].longest
LANGUAGE_NAMES = {
    "en": "English",
    "cy": "Welsh",
    "pl": "Polish",
    "so": "Somali",
    "ar": "Arabic",
    "bn": "Bengali",
    "gd": "Scottish Gaelic",
    "ga": "Irish",
    "gu": "Gujarati",
    "pa": "Punjabi",
    "pt": "Portuguese",
    "ro": "Romanian",
    "uk": "Ukrainian",
    "ur": "Urdu",
}
_DATES = 120
_MOST_TOGETHER = 60


@dataclass(frozen=True, slots=True)
class Situation:
    """What a programme is judged against. `languages` counts the people on it by language."""

    on: date
    zone: str = "Europe/London"
    calendar: Calendar | None = None
    cap: Cap = CAP
    languages: Mapping[str, int] | None = None
    approved: bool = False


@dataclass(frozen=True, slots=True)
class TextOf:
    """One text as it could go out: where it stands in the programme, and its words unfilled."""

    where: str
    language: str
    words: str

    @property
    def filled(self) -> SmsText:
        """With the longest likely names, as it leaves us."""
        return SmsText(fold(fill(self.words, name=LONG_NAME, sender=LONG_SENDER)))


def problems(programme: Programme, situation: Situation) -> list[str]:
    """Everything that refuses publication, the dates first and then the words."""
    return [
        *_dates(programme.cadence, situation),
        *_above_the_cap(programme.cadence, situation.cap),
        *_endings(programme),
        *_missing_words(programme, situation.languages or {}),
        *_strange_brackets(programme),
        *_too_long(programme),
        *([] if situation.approved else _held_back(programme)),
    ]


def needs_approval(programme: Programme) -> bool:
    """Whether a second person has to agree to the words."""
    return any(True for _ in _held_back(programme))


def texts(programme: Programme) -> Iterator[TextOf]:
    """Every text that could go out, each equivalent wording in each language."""
    for item in programme.everything_asked():
        opening = programme.opening if item is programme.items[0] else {}
        yield from _together(_called(item, programme), opening, item.wording)
    for where, wordings in parts(programme).items():
        yield from _together(where, {}, wordings)


def parts(programme: Programme) -> dict[str, Wordings]:
    """The texts beside the questions, by what staff call them."""
    return {
        "the closing words": programme.closing,
        "the reminder": programme.reminder,
        "the text that asks whether to go on": programme.go_on,
        "the goodbye": programme.goodbye,
    }


def language_name(code: str) -> str:
    return LANGUAGE_NAMES.get(code, code)


def _together(where: str, opening: Wordings, wordings: Wordings) -> Iterator[TextOf]:
    """An opening and what follows it as one text, for each number of a check-in that differs."""
    for language, words in wordings.items():
        before = opening.get(language) or opening.get(DEFAULT_LANGUAGE) or ("",)
        for number in range(min(lcm(len(before), len(words)), _MOST_TOGETHER)):
            both = f"{before[number % len(before)]} {words[number % len(words)]}"
            yield TextOf(where, language, both.strip())


def _called(item: Item, programme: Programme) -> str:
    return f"the question '{item.key}'" if programme.asks else "the text"


def _dates(cadence: Cadence, situation: Situation) -> Iterator[str]:
    """Whether there is any text to come, for somebody who joins today."""
    last = cadence.ends_on and cadence.final_date
    if last and last < situation.on:
        yield f"Its last text was due on {said(last)}: choose a later end, or none."
        return
    try:
        one_persons = cadence.personal(max(cadence.starts_on, situation.on))
        refuse_if_never(one_persons, zone=situation.zone, calendar=situation.calendar)
    except Invalid as refusal:
        yield f"{refusal} Choose other days, or have the texting rules allow these."


def _above_the_cap(cadence: Cadence, cap: Cap) -> Iterator[str]:
    """The dates alone are counted: what bank holidays push together is left to the sending."""
    dates = [day for _, day in islice(cadence.personal(cadence.starts_on).nominal(), _DATES)]
    for most, days in ((cap.day, 1), (cap.week, 7), (cap.month, 28)):
        asked = _most_within(dates, timedelta(days=days))
        if asked > most:
            within = "on one day" if days == 1 else f"within {days} days"
            yield (
                f"It asks for {_texts_words(asked)} {within}, and nobody gets more than {most}: "
                "make it slower, or raise the cap in the texting rules."
            )


def _most_within(dates: Sequence[date], span: timedelta) -> int:
    """The most dates that lie less than `span` apart."""
    most = first = 0
    for place, day in enumerate(dates):
        while day - dates[first] >= span:
            first += 1
        most = max(most, place - first + 1)
    return most


def _texts_words(count: int) -> str:
    return "1 text" if count == 1 else f"{count} texts"


def _endings(programme: Programme) -> Iterator[str]:
    cadence = programme.cadence
    if cadence.ends_at_full_pace:
        yield (
            "It ends at full pace: let it slow down first, to every two weeks and then every four, "
            "or let it have no end."
        )
    if cadence.taper and not programme.go_on.get(DEFAULT_LANGUAGE):
        yield "It slows down but never asks whether to go on: write the words that ask it."
    ends = cadence.ends_on is not None or cadence.lasts_weeks is not None
    if ends and not programme.goodbye.get(DEFAULT_LANGUAGE):
        yield "It ends without a word: write a goodbye."


def _missing_words(programme: Programme, languages: Mapping[str, int]) -> Iterator[str]:
    for item in programme.everything_asked():
        missing = {
            language: count for language, count in languages.items() if language not in item.wording
        }
        if missing:
            yield (
                f"{_called(item, programme).capitalize()} has no words in {_readers(missing)}: "
                "write them before it goes out."
            )


def _readers(missing: Mapping[str, int]) -> str:
    """'Welsh (3 people) and Polish (1 person)'."""
    named = [
        f"{language_name(code)} ({count} {'person' if count == 1 else 'people'})"
        for code, count in sorted(missing.items())
    ]
    return " and ".join([", ".join(named[:-1]), named[-1]] if named[1:] else named)


def _strange_brackets(programme: Programme) -> Iterator[str]:
    for text in texts(programme):
        strange = [one for one in used(text.words) if one not in FILLED_IN]
        if strange:
            yield (
                f"{_place(text)} says {strange[0]}, and nothing is filled in there: "
                f"only {' and '.join(FILLED_IN)} are."
            )


def _too_long(programme: Programme) -> Iterator[str]:
    for text in texts(programme):
        segments = text.filled.segments
        if segments > MOST_SEGMENTS:
            yield (
                f"{_place(text)} takes {segments} segments with a long name, "
                f"and {MOST_SEGMENTS} is the most: make it shorter."
            )


def _held_back(programme: Programme) -> Iterator[str]:
    """Words that a second person has to agree to; length is said elsewhere."""
    for text in texts(programme):
        words = dict.fromkeys(
            hint.words
            for hint in check(text.words, Terms(language=text.language))
            if hint.level is Level.BLOCK and hint.group != "Length"
        )
        if words:
            marked = ", ".join(f"“{one}”" for one in words)
            yield (
                f"{_place(text)} says {marked}: use other words, "
                "or have a second person approve it with a reason."
            )


def _place(text: TextOf) -> str:
    place = text.where[:1].upper() + text.where[1:]
    if text.language == DEFAULT_LANGUAGE:
        return place
    return f"{place} in {language_name(text.language)}"
