"""The check of wording: is this text plain, kind, honest and cheap enough to send?

Every hint says which words, why, and what to write instead; a person decides. It refuses to give a
readability score, because texts are too short for one, and it never changes a text. Word groups are
English; in other languages only links, numbers, amounts, length and characters are looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from connector.domain.sms import GSM_7, SmsText, fold
from connector.domain.word_groups import (
    ALL_HOURS,
    CRISIS_LINES,
    FINE,
    GROUPS,
    JOB_FIRST,
    LONG_BUT_PLAIN,
    SCAM,
    SHORTENERS,
    TO_RESIDENTS,
    Level,
    TextKind,
    WordGroup,
)

MOST_SEGMENTS = 2
WORDS_A_SENTENCE = 12
WARN_WORDS_A_SENTENCE = 15
LONG_WORD_SYLLABLES = 3


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing to look at: `words` stand at `start` to `end` (code points) of the text.

    `instead` are other words to use; empty means: leave it out.
    """

    group: str
    level: Level
    start: int
    end: int
    words: str
    why: str
    instead: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"level": self.level.value, "instead": list(self.instead)}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the check has to know besides the words.

    `work_raised` says the resident spoke of work first; `allowed_links` are host names and
    `listed_numbers` phone numbers, as digits, that may stand in a text.
    """

    kind: TextKind = TextKind.AUTOMATED
    language: str = "en"
    work_raised: bool = False
    allowed_links: frozenset[str] = frozenset()
    listed_numbers: frozenset[str] = frozenset()


def check(text: str, terms: Terms | None = None) -> tuple[Hint, ...]:
    """All hints for `text`, in the order of the text, the gravest first at the same place."""
    terms = terms or Terms()
    # Same length as the text, so that spans hold: only the apostrophes of typing programs change.
    plain = text.replace("’", "'").replace("‘", "'")
    hints: list[Hint] = []
    if terms.language == "en":
        hints += _word_hints(plain, terms)
    if terms.kind in TO_RESIDENTS:
        hints += _form_hints(text, plain, terms)
        if terms.language == "en":
            known = {hint.words for hint in hints}
            hints += (hint for hint in _ease_hints(plain) if hint.words not in known)
    order = list(Level)
    as_written = (replace(hint, words=text[hint.start : hint.end]) for hint in hints)
    return tuple(
        sorted(as_written, key=lambda hint: (hint.start, order.index(hint.level), hint.end))
    )


def _form_hints(text: str, plain: str, terms: Terms) -> Iterator[Hint]:
    yield from _link_hints(plain, terms)
    yield from _number_hints(plain, terms)
    yield from _amount_hints(plain)
    yield from _question_hints(plain)
    yield from _length_hints(text, terms)
    yield from _character_hints(text)


def blocks(hints: tuple[Hint, ...]) -> bool:
    """Whether a second person has to approve the text, with a reason."""
    return any(hint.level is Level.BLOCK for hint in hints)


# A phrase's words may be joined by a space, a hyphen or a stroke; * is any ending.
def _pattern(phrase: str) -> str:
    words = [re.escape(word).replace(r"\*", r"\w*") for word in phrase.split()]
    return r"[\s-]+".join(words)


@lru_cache(maxsize=64)
def _finder(phrases: tuple[str, ...], ignore_case: bool) -> re.Pattern[str]:
    longest_first = sorted(phrases, key=len, reverse=True)
    inner = "|".join(f"(?P<p{phrases.index(one)}>{_pattern(one)})" for one in longest_first)
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)", re.IGNORECASE if ignore_case else 0)


def _matches(text: str, phrases: tuple[str, ...]) -> Iterator[tuple[re.Match[str], str]]:
    """Every place where one of `phrases` stands, with the phrase."""
    by_case = (
        (tuple(one for one in phrases if not _in_capitals(one)), True),
        (tuple(one for one in phrases if _in_capitals(one)), False),
    )
    for some, ignore_case in by_case:
        if some:
            for found in _finder(some, ignore_case).finditer(text):
                yield found, some[int((found.lastgroup or "p0")[1:])]


def _in_capitals(phrase: str) -> bool:
    return phrase.rstrip("s*").isupper()


def _word_hints(text: str, terms: Terms) -> Iterator[Hint]:
    fine = [found.span() for found, _ in _matches(text, FINE)]
    for group in GROUPS:
        if not _applies(group, text, terms):
            continue
        for found, phrase in _matches(text, tuple(group.phrases)):
            if not any(start <= found.start() and found.end() <= end for start, end in fine):
                yield _hint(group, found, instead=group.phrases[phrase])
    if terms.kind in TO_RESIDENTS:
        for found in _DISABLED_AS_NOUN.finditer(text):
            yield _hint(GROUPS[0], found, instead=("disabled people",))


def _applies(group: WordGroup, text: str, terms: Terms) -> bool:
    if terms.kind not in group.kinds:
        return False
    if group is JOB_FIRST:
        return not terms.work_raised
    if group is ALL_HOURS:
        return not any(re.search(rf"(?<!\d){line}(?!\d)", text) for line in CRISIS_LINES)
    return True


_DISABLED_AS_NOUN = re.compile(
    r"(?<!\w)the disabled(?=\s*(?:[.,;:!?]|$)|\s+(?:and|or|are|can|who|in|at|to|with|have|get)\b)",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?<![\w@])(?:https?://)?(?P<host>(?:[a-z0-9-]+\.)+"
    r"(?:com|org|net|info|uk|ly|gl|gd|gy|co|app|io|link|wales|scot))(?![\w.-]*\w)(?:/\S*)?"
    r"|https?://\S+",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w+])(?:\+44|0)(?:[\s()-]{0,2}\d){8,11}(?!\d)")
_AMOUNT = re.compile(r"£\s?\d[\d,.]*\d|£\s?\d|(?<!\w)\d+\s?(?:pounds|quid)(?!\w)", re.IGNORECASE)


def _hint(
    group: WordGroup, found: re.Match[str], *, why: str = "", instead: tuple[str, ...] = ()
) -> Hint:
    start, end = found.span()
    return Hint(group.name, group.level, start, end, found[0], why or group.why, instead)


def _link_hints(text: str, terms: Terms) -> Iterator[Hint]:
    for found in _LINK.finditer(text):
        host = (found["host"] or "").lower().removeprefix("www.")
        if host in SHORTENERS:
            yield _hint(SCAM, found, why="A shortened link hides where it leads, as scams do.")
        elif host not in terms.allowed_links:
            yield _hint(SCAM, found, why="This link is not on the list of allowed ones.")


def _number_hints(text: str, terms: Terms) -> Iterator[Hint]:
    for found in _PHONE.finditer(text):
        if re.sub(r"\D", "", found[0]) not in terms.listed_numbers:
            start, end = found.span()
            why = "This phone number is not on the list of checked ones."
            yield Hint("Phone number", Level.WARN, start, end, found[0], why)


def _amount_hints(text: str) -> Iterator[Hint]:
    for found in _AMOUNT.finditer(text):
        yield _hint(SCAM, found, why="A sum of money makes a text look like a scam.")


def _question_hints(text: str) -> Iterator[Hint]:
    second = [found.start() for found in re.finditer(r"\?+", text)][1:2]
    for at in second:
        why = "One question a text: with two, nobody knows which one an answer is for."
        yield Hint("One question", Level.WARN, at, at + 1, text[at], why)


def _length_hints(text: str, terms: Terms) -> Iterator[Hint]:
    segments = SmsText(text).segments
    if segments < 2:
        return
    why = f"It takes {segments} segments, and each is charged; one is best, two at most."
    level = Level.INFO
    if segments > MOST_SEGMENTS:
        level = Level.WARN if terms.kind is TextKind.BY_HAND else Level.BLOCK
    yield Hint("Length", level, 0, len(text), text, why)


def _character_hints(text: str) -> Iterator[Hint]:
    """Each character that forces the dear alphabet, once, with its price and a fix."""
    sms = SmsText(text)
    costly = sms.costly
    if not costly:
        return
    fixes = {letter: _fix(letter) for letter in costly}
    cheap = SmsText("".join(fixes.get(letter, letter) for letter in text))
    price = (
        f"the text takes {sms.segments} segments instead of {cheap.segments}"
        if cheap.segments < sms.segments
        else f"the text has room for {70 if sms.segments == 1 else 67} characters a segment "
        f"instead of {160 if sms.segments == 1 else 153}"
    )
    for letter in costly:
        at = text.index(letter)
        why = f"{_called(letter)} is not in the alphabet of plain texts: {price}."
        instead = (fixes[letter],) if fixes[letter] else ()
        yield Hint("Characters", Level.INFO, at, at + 1, letter, why, instead)


def _fix(letter: str) -> str:
    """A GSM-7 stand-in: the look-alike, else the bare letter, else nothing."""
    folded = fold(letter)
    if GSM_7.issuperset(folded):
        return folded
    bare = "".join(
        mark for mark in unicodedata.normalize("NFD", letter) if not unicodedata.combining(mark)
    )
    return bare if GSM_7.issuperset(bare) else ""


def _called(letter: str) -> str:
    name = unicodedata.name(letter, "").lower()
    if not letter.isprintable() or letter.isspace() or unicodedata.combining(letter):
        return f"An unseen character ({name or 'unnamed'})"
    return f"{letter} ({name})" if name else letter


def _ease_hints(text: str) -> Iterator[Hint]:
    yield from _sentence_hints(text)
    for found in re.finditer(r"(?<![\w{])[^\W\d_]+(?![\w}])", text):
        if _is_long(found, text):
            start, end = found.span()
            why = f"It has {syllables(found[0])} syllables; is there a shorter word?"
            yield Hint("Reading ease", Level.WARN, start, end, found[0], why)


def _sentence_hints(text: str) -> Iterator[Hint]:
    sentences = [found for found in re.finditer(r"[^.?!\n]+", text) if re.search(r"\w", found[0])]
    words = re.findall(r"[^\W\d_][\w'-]*", text)
    average = len(words) / len(sentences) if sentences else 0
    if average <= WORDS_A_SENTENCE:
        return
    level = Level.WARN if average > WARN_WORDS_A_SENTENCE else Level.INFO
    longest = max(sentences, key=lambda found: len(found[0].split()))
    why = (
        f"Sentences have {average:.0f} words on average; "
        f"{WORDS_A_SENTENCE} or fewer read more easily."
    )
    yield Hint("Reading ease", level, *longest.span(), longest[0], why, ("two short sentences",))


def _is_long(found: re.Match[str], text: str) -> bool:
    """Whether a word is long and neither everyday nor a name (a capital inside a sentence)."""
    word = found[0]
    inside = re.search(r"[^.?!\s]\s*$", text[: found.start()]) is not None
    if word.lower() in LONG_BUT_PLAIN or (word[0].isupper() and inside):
        return False
    return syllables(word) >= LONG_WORD_SYLLABLES


def syllables(word: str) -> int:
    """About how many syllables an English word has: groups of vowels, less silent endings.

    A rule of thumb of our own; it needs no dictionary and is right for most everyday words.
    """
    lower = re.sub(r"(?<=[^aeiouy])e(?=(?:ly|ful|fully|ment|ments|less|ness)$)", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", lower))
    if _SILENT_END.search(lower) and not _SOUNDED_END.search(lower):
        groups -= 1
    return max(1, groups)


_SILENT_END = re.compile(r"[^aeiouyl]e$|[^aeioul]es$|[^aeioutd]ed$|[aeiouy]les?$")
_SOUNDED_END = re.compile(r"(?:[sxz]|ch|sh|[cg])es$")
