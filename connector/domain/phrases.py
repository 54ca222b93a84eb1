"""The phrase rules: what they are, how they are compiled, and how they match.

A rule is data: plain words that, when they stand together, are a reason for a person to look, with
a promise about when. The rules are looked for in plain words (`spelling`), and every match keeps
the characters of the original that made it.

Three things are never done here. A match is never taken away because of what stands around it:
negation, the past, other people and quoted words only change the note that staff read, and bring a
danger to life from *now* to *today*. A joke changes nothing. And nothing is inferred: what no rule
says is left to the person who reads every reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from connector.domain.promise import Promise
from connector.domain.spelling import SENTENCE_END, PlainText, Speller


class Intent(StrEnum):
    """What somebody asks of the service."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    CALL_ME = "call_me"
    PAUSE = "pause"
    LESS = "less"
    MORE = "more"
    LATER = "later"
    WRONG_NUMBER = "wrong_number"
    WHO = "who"
    WHY = "why"
    OPTIONS = "options"


class ConcernKind(StrEnum):
    """What a person should look at. Topics, never conditions."""

    DANGER_TO_LIFE = "danger_to_life"
    ABUSE = "abuse"
    THREAT_TO_OTHERS = "threat_to_others"
    MEDICAL = "medical"
    ESSENTIALS = "essentials"
    LOSS = "loss"
    ALONE = "alone"
    LOW = "low"
    ANXIETY = "anxiety"
    SLEEP = "sleep"
    PAIN = "pain"
    MEDICATION = "medication"
    DRINK_OR_DRUGS = "drink_or_drugs"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` up to, not including, `end` of the original text; never empty."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError("A span holds at least one character.")


@dataclass(frozen=True, slots=True)
class Match:
    """One rule, found in one place. `note` is for staff: why the promise is what it is, or ''."""

    kind: ConcernKind | Intent
    promise: Promise
    rule: str
    version: int
    span: Span
    note: str = ""


class PhraseRuleError(ValueError):
    """A rule's data cannot be used; the message names the rule."""


@dataclass(frozen=True, slots=True)
class PhraseRule:
    """One rule as data.

    `patterns` are regular expressions over plain words, where `{name}` stands for a word list, a
    space also spans a comma, and a leading "^ " is the start of a sentence. At least one word of `needs` must be in the text for the rule to be
    tried: it keeps reading fast and every pattern must contain one. `fires` and `quiet` are
    examples that run as tests. `note` is always shown with the match.
    """

    id: str
    version: int
    kind: ConcernKind | Intent
    promise: Promise
    reason: str
    source: str
    needs: tuple[str, ...]
    patterns: tuple[str, ...]
    fires: tuple[str, ...]
    quiet: tuple[str, ...] = ()
    note: str = ""
    context: bool = True


_LIST_NAME = re.compile(r"\{([a-z_]+)\}")
_PLAIN = re.compile(r"[a-z0-9]+")
_SPACE = " (?:, )*"
_AT_START = "^ "
_SENTENCE_START = r"(?:(?<=^ )|(?<=\. ))"
_LOOK_BEHIND = re.compile(r"(\(\?<[!=][^)]*\))")
_EVERYWHERE = (
    (re.compile(r"\bto\b"), "(?:to|2|too)"),
    (re.compile(r"\bfor\b"), "(?:for|4)"),
    (re.compile(r"\bmyself\b"), "(?:myself|my self|me self|my selve)"),
)


def _expand(text: str, lists: Mapping[str, str], rule: str) -> str:
    def stand_in(found: re.Match[str]) -> str:
        try:
            return f"(?:{_expand(lists[found.group(1)], lists, rule)})"
        except KeyError:
            raise PhraseRuleError(f"{rule}: no word list is called {found.group(1)!r}") from None

    return _LIST_NAME.sub(stand_in, text)


def _widen(source: str) -> str:
    """Pauses between words, and "2" and "4" for "to" and "for"; look-behinds keep their width."""
    parts = _LOOK_BEHIND.split(source)
    for index in range(0, len(parts), 2):
        for word, wider in _EVERYWHERE:
            parts[index] = word.sub(wider, parts[index])
        parts[index] = parts[index].replace(" ", _SPACE)
    return "".join(parts)


def _source(pattern: str, lists: Mapping[str, str], rule: str) -> str:
    starts, body = pattern.startswith(_AT_START), pattern.removeprefix(_AT_START)
    return (_SENTENCE_START if starts else "") + _widen(_expand(body, lists, rule))


def _compile(rule: str, patterns: Iterable[str], lists: Mapping[str, str]) -> re.Pattern[str]:
    source = "|".join(_source(pattern, lists, rule) for pattern in patterns)
    try:
        return re.compile(f"(?<= )(?:{source})(?= )")
    except re.error as error:
        raise PhraseRuleError(f"{rule}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Context:
    """What may stand around a match, and the note it leads to."""

    before: re.Pattern[str]
    anywhere: re.Pattern[str]
    note: str


class Rulebook:
    """All rules, compiled once.

    `lists` are the word lists that patterns name. `contexts` gives, by note, the patterns
    `before` (ends where the match begins) and `anywhere` (in the same sentence).
    Raises `PhraseRuleError` when a rule cannot be compiled or two rules share an id.
    """

    def __init__(
        self,
        rules: Iterable[PhraseRule],
        speller: Speller,
        lists: Mapping[str, str] | None = None,
        contexts: Mapping[str, Mapping[str, Iterable[str]]] | None = None,
    ) -> None:
        lists = lists or {}
        self.rules = tuple(rules)
        self.speller = speller
        self._lists = lists
        self._compiled: dict[int, re.Pattern[str]] = {}
        self._by_word: dict[str, tuple[int, ...]] = {}
        self._contexts = tuple(
            _Context(
                re.compile(f"(?<= )(?:{_either(parts.get('before', ()), lists, note)}) (?:, )*$"),
                _compile(note, parts.get("anywhere", ("(?!)",)), lists),
                note,
            )
            for note, parts in (contexts or {}).items()
        )
        self._add_rules(lists)
        self.version = sha256(repr(self.rules).encode()).hexdigest()[:12]

    def _add_rules(self, lists: Mapping[str, str]) -> None:
        by_word: dict[str, list[int]] = {}
        seen: set[str] = set()
        for index, rule in enumerate(self.rules):
            if rule.id in seen:
                raise PhraseRuleError(f"{rule.id}: two rules share this id")
            seen.add(rule.id)
            for word in rule.needs:
                for each in _PLAIN.findall(_expand(word, lists, rule.id)):
                    by_word.setdefault(each, []).append(index)
        self._by_word = {word: tuple(indexes) for word, indexes in by_word.items()}

    def match(self, text: str) -> tuple[Match, ...]:
        """Every rule found in `text`, in the order of the text, the most urgent first."""
        return self.match_plain(self.speller.plain(text))

    def match_plain(self, plain: PlainText) -> tuple[Match, ...]:
        """`match` for a text already in plain words."""
        candidates: set[int] = set()
        for word in plain.words:
            found = self._by_word.get(word)
            if found:
                candidates.update(found)
        if not candidates:
            return ()
        matches = [
            self._match(self.rules[index], found, plain)
            for index in candidates
            for found in self._pattern(index).finditer(plain.text)
            if found.end() > found.start()
        ]
        matches.sort(key=lambda match: (match.span.start, match.promise.rank, match.rule))
        return tuple(matches)

    def compile_all(self) -> None:
        """Compile every rule now, so that a mistake in one is found before a reply is read."""
        for index in range(len(self.rules)):
            self._pattern(index)

    def _pattern(self, index: int) -> re.Pattern[str]:
        """The compiled patterns of a rule: compiled when first needed, so that a start is quick."""
        pattern = self._compiled.get(index)
        if pattern is None:
            rule = self.rules[index]
            pattern = self._compiled[index] = _compile(rule.id, rule.patterns, self._lists)
        return pattern

    def _match(self, rule: PhraseRule, found: re.Match[str], plain: PlainText) -> Match:
        note, promise = rule.note, rule.promise
        if rule.context:
            around = self._note(plain.text, *found.span())
            if around:
                note = f"{note}; {around}" if note else around
                if promise is Promise.NOW and rule.kind is ConcernKind.DANGER_TO_LIFE:
                    promise = Promise.TODAY
        span = Span(*plain.origin(*found.span()))
        return Match(rule.kind, promise, rule.id, rule.version, span, note)

    def _note(self, text: str, start: int, end: int) -> str:
        stop = f" {SENTENCE_END} "
        begin = text.rfind(stop, 0, start) + 1
        finish = text.find(stop, end - 1)
        sentence = text[begin : finish + 1 if finish >= 0 else len(text)]
        before = text[begin:start]
        return next(
            (
                context.note
                for context in self._contexts
                if context.before.search(before) or context.anywhere.search(sentence)
            ),
            "",
        )


def _either(patterns: Iterable[str], lists: Mapping[str, str], note: str) -> str:
    return "|".join(_source(pattern, lists, note) for pattern in patterns) or "(?!)"
