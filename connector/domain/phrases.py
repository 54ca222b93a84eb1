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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from connector.domain.pattern_words import PatternWords, weight
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


class News(StrEnum):
    """What a person may pass on gladly. Never a concern, and never told beside one."""

    GOOD = "good"


Kind = ConcernKind | Intent | News


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

    kind: Kind
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
    space also spans a comma, and a leading "^ " is the start of a sentence. Whatever a pattern
    matches must hold one of the words of `needs`: only then is it tried, which keeps reading fast.
    `fires` and `quiet` are examples that run as tests. `note` is always shown with the match.
    """

    id: str
    version: int
    kind: Kind
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
_MAY_BE_EMPTY = re.compile(r"(?:\)\?|\{0,\d+\})$")
_LAST_IS_OPTIONAL = re.compile(r"[a-z0-9]+(?=[a-z0-9]\?)")
_SIGNS_OF_GROUPS = re.compile(r"(?<!\\)[()|]")
_AFTER_GROUP = re.compile(r"\)(?:[?*+]|\{[\d,]+\})?")
_LOOKAROUND = ("(?=", "(?!", "(?<")
_SPACE = " (?:, )*"
_AT_START = "^ "
_NONE: frozenset[str] = frozenset()
FEW_WORDS = 15  # up to here what is told from a pattern serves, and `needs` are not asked
# A sentence also begins after the score that was asked for: "4 bad back", "3/10 not good".
_SENTENCE_START = r"(?:(?<=^ )|(?<=\. )|(?<=^ [0-9] )|(?<=^ 10 )|(?<=^ [0-9] 10 )|(?<=^ [0-9] , ))"
_KEPT_AS_IT_IS = re.compile(r"(\(\?<[!=][^)]*\)|\[[^\]]*\])")
_EVERYWHERE = (
    (re.compile(r"\bto\b"), "(?:to|2|too)"),
    (re.compile(r"\bfor\b"), "(?:for|4)"),
    (re.compile(r"\bi will\b"), "(?:i will|ill)"),
    (re.compile(r"\bi would\b"), "(?:i would|id)"),
    (re.compile(r"\bmyself\b"), "(?:myself|my self|me self|my selve)"),
    (re.compile(r"\bmy\b(?! (?:self|selve))"), "(?:my|me)"),
    (re.compile(r"\bany \?(?=more\b)"), "(?:any|no) ?"),
    (re.compile(r"\bdo not\b"), "(?:(?:do|am) not|no(?= want| wish))"),
)


def _expand(text: str, lists: Mapping[str, str], rule: str) -> str:
    def stand_in(found: re.Match[str]) -> str:
        try:
            return f"(?:{_expand(lists[found.group(1)], lists, rule)})"
        except KeyError:
            raise PhraseRuleError(f"{rule}: no word list is called {found.group(1)!r}") from None

    return _LIST_NAME.sub(stand_in, text)


def _widen(source: str) -> str:
    """Pauses between words, "2" and "4" for "to" and "for", "ill" and "id" for "I'll" and "I'd",
    "me" for "my", "no more" for "any more", "am not want" and "no want"
    as some say whose English is new.

    Look-behinds must keep their width, and character classes their characters.
    """
    parts = _KEPT_AS_IT_IS.split(source)
    for index in range(0, len(parts), 2):
        for word, wider in _EVERYWHERE:
            parts[index] = word.sub(wider, parts[index])
        parts[index] = parts[index].replace(" ?", "(?: )?").replace(" ", _SPACE)
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


class _Pattern:
    """One pattern of one rule, compiled when it is first needed, so that a start is quick.

    `also` holds a second group of words of which every match holds one.
    """

    __slots__ = ("_compiled", "_lists", "also", "rule", "source")

    def __init__(
        self,
        rule: PhraseRule,
        source: str,
        lists: Mapping[str, str],
        also: tuple[frozenset[str], ...] = (),
    ) -> None:
        self.rule = rule
        self.source = source
        self.also = also
        self._lists = lists
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = _compile(self.rule.id, (self.source,), self._lists)
        return self._compiled


class Rulebook:
    """All rules; each pattern is compiled once.

    `lists` are the word lists that patterns name. `contexts` gives, by note, the patterns
    `before` (ends where the match begins) and `anywhere` (in the same sentence).
    Raises `PhraseRuleError` when a rule cannot be used or two rules share an id.
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
        self._contexts = tuple(
            _Context(
                re.compile(f"(?<= )(?:{_either(parts.get('before', ()), lists, note)}) (?:, )*$"),
                _compile(note, parts.get("anywhere", ("(?!)",)), lists),
                note,
            )
            for note, parts in (contexts or {}).items()
        )
        self._patterns: list[_Pattern] = []
        self._by_word = self._index(lists)
        self.version = sha256(repr(self.rules).encode()).hexdigest()[:12]

    def _index(self, lists: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
        """Which patterns to try when a word is in a text.

        A pattern is filed under the fewest words of which every match holds one: words told from
        the pattern, or else those `needs` of its rule that one of its own words can begin.
        """
        by_word: dict[str, list[int]] = {}
        seen: set[str] = set()
        reader = PatternWords(lists)
        list_words = {name: _words_of(name, lists) for name in lists}
        for rule in self.rules:
            if rule.id in seen:
                raise PhraseRuleError(f"{rule.id}: two rules share this id")
            seen.add(rule.id)
            for source in rule.patterns:
                needed = frozenset(_needed(rule, source, list_words))
                told = sorted(_groups(source, reader), key=weight)
                telling = bool(told) and weight(told[0])[0] <= FEW_WORDS
                groups = told if telling else sorted({needed, *told} - {_NONE}, key=weight)
                for word in groups[0] if groups else ():
                    by_word.setdefault(word, []).append(len(self._patterns))
                self._patterns.append(_Pattern(rule, source, lists, tuple(groups[1:3])))
        return {word: tuple(numbers) for word, numbers in by_word.items()}

    def match(self, text: str) -> tuple[Match, ...]:
        """Every rule found in `text`, in the order of the text, the most urgent first."""
        return self.match_plain(self.speller.plain(text))

    def match_plain(self, plain: PlainText) -> tuple[Match, ...]:
        """`match` for a text already in plain words."""
        to_try: set[int] = set()
        words = frozenset(plain.words)
        for word in words:
            numbers = self._by_word.get(word)
            if numbers:
                to_try.update(numbers)
        found = [
            (pattern.rule, hit)
            for pattern in map(self._patterns.__getitem__, to_try)
            if all(not words.isdisjoint(group) for group in pattern.also)
            for hit in pattern.compiled.finditer(plain.text)
            if hit.end() > hit.start()
        ]
        if not found:
            return ()
        matches = [self._match(rule, hit, plain) for rule, hit in _apart(found)]
        matches.sort(key=lambda match: (match.span.start, match.promise.rank, match.rule))
        return tuple(matches)

    def compile_all(self) -> None:
        """Compile every pattern now, so that a mistake is found before a reply is read."""
        for pattern in self._patterns:
            assert pattern.compiled

    def _match(self, rule: PhraseRule, found: re.Match[str], plain: PlainText) -> Match:
        note, promise = rule.note, rule.promise
        if rule.context:
            around = self._note(plain.text, *found.span())
            if around:
                note = around if note in ("", around) else f"{note}; {around}"
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


def _groups(source: str, reader: PatternWords) -> tuple[frozenset[str], ...]:
    """What every match must hold; nothing for a pattern that will not compile, which says so."""
    try:
        return reader.must_hold(source.removeprefix(_AT_START))
    except (IndexError, KeyError, ValueError):
        return ()


def _needed(
    rule: PhraseRule, source: str, list_words: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """The `needs` of `rule` that one of the words of this pattern can begin."""
    whole, stems = _literals(source)
    stems = stems.union(*(list_words.get(name, ()) for name in _LIST_NAME.findall(source)))
    for word in rule.needs:
        if word in whole or not stems.isdisjoint(_beginnings(word)):
            yield word


def _either(patterns: Iterable[str], lists: Mapping[str, str], note: str) -> str:
    return "|".join(_source(pattern, lists, note) for pattern in patterns) or "(?!)"


def _words_of(name: str, lists: Mapping[str, str]) -> frozenset[str]:
    """The words of a list; none for a list that may also be empty, which files nothing."""
    text = lists[name]
    if _MAY_BE_EMPTY.search(text):
        return frozenset()
    inner = (_words_of(each, lists) for each in _LIST_NAME.findall(text) if each in lists)
    return frozenset().union(*_literals(text), *inner)


def _literals(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The runs of letters in a pattern: whole words, and those that only begin a word."""
    own = _LIST_NAME.sub(" ", source)
    closes = _closing(own)
    whole, stems = set(_LAST_IS_OPTIONAL.findall(own)), set[str]()
    for run in _PLAIN.finditer(own):
        (stems if _goes_on(own, run.end(), closes) else whole).add(run.group())
    if "myself" in whole | stems:
        whole.update(("my", "me", "self", "selve"))
    return frozenset(whole), frozenset(stems)


def _closing(source: str) -> dict[int, int]:
    """Where the innermost group around each "|" closes."""
    bars: list[list[int]] = [[]]
    closes: dict[int, int] = {}
    for sign in _SIGNS_OF_GROUPS.finditer(source):
        if sign.group() == "(":
            bars.append([])
        elif sign.group() == "|":
            bars[-1].append(sign.start())
        elif len(bars) > 1:
            closes.update(dict.fromkeys(bars.pop(), sign.start()))
    return closes


def _goes_on(source: str, end: int, closes: Mapping[int, int]) -> bool:
    """Whether a word may go on after the letters that end at `end`: "tablet(?:s)?", "some ?one"."""
    while end < len(source):
        if source[end] == "|":
            end = closes.get(end, len(source))
        elif source[end] == ")":
            end = _AFTER_GROUP.match(source, end).end()  # type: ignore[union-attr]
        else:
            ends = source[end] == " " or source.startswith(_LOOKAROUND, end)
            return not ends or source.startswith(" ?", end)
    return False


def _beginnings(word: str) -> frozenset[str]:
    return frozenset(word[:length] for length in range(1, len(word) + 1))


def _apart(found: list[tuple[PhraseRule, re.Match[str]]]) -> list[tuple[PhraseRule, re.Match[str]]]:
    """One match for each rule and place: the first, and of those the longest."""
    found.sort(key=lambda each: (each[0].id, each[1].start(), -each[1].end()))
    kept: list[tuple[PhraseRule, re.Match[str]]] = []
    for rule, hit in found:
        if kept and kept[-1][0] is rule and hit.start() < kept[-1][1].end():
            continue
        kept.append((rule, hit))
    return kept
