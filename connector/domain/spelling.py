"""Text as people type it on a phone, turned into plain words with a way back.

Phrase rules are written in plain words ("i do not want to be here"). This module brings a reply to
that form: look-alike and full-width letters, invisible characters, apostrophes, letters spaced out
or swapped for signs, drawn-out letters, text-message spellings and close misspellings of the words
that matter most. Every plain word remembers which characters of the original made it, so that staff
are shown the person's own words. It refuses to judge what the words mean.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA

SENTENCE_END = "."
PAUSE = ","
SAD_FACE = "sadface"
SHORTEST_FUZZY = 6
SHORTEST_DROPPED_G = 5
SHORTEST_WITH_FIGURES = 4
_CACHED_WORDS = 16_384

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF, 0x20E3, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400),
     *range(0xE0000, 0xE0080)],
    "",
)  # fmt: skip
_LOOK_ALIKE = {
    pair[0]: pair[1:]
    for pair in [
        "аa",
        "вb",
        "сc",
        "ԁd",
        "еe",
        "һh",
        "іi",
        "јj",
        "кk",
        "ӏl",
        "мm",
        "оo",
        "рp",
        "ԛq",
        "гr",
        "ѕs",
        "тt",
        "υu",
        "ѵv",
        "ѡw",
        "хx",
        "уy",
        "нh",
        "пn",
        "иn",
        "αa",
        "βb",
        "γy",
        "δd",
        "εe",
        "ιi",
        "κk",
        "λl",
        "μm",
        "νv",
        "οo",
        "πn",
        "ρp",
        "σo",
        "ςs",
        "τt",
        "χx",
        "ωw",
        "ηn",
        "ζz",
        "ⅼl",
        "ıi",
        "łl",
        "øo",
        "đd",
        "ħh",
        "ŧt",
        "ßss",
        "ǝe",
        "ɑa",
        "ɡg",
        "ɩi",
        "ʀr",
        "ⲟo",
        "ʟl",
        "ɪi",
        "ᴋk",
        "æae",
        "œoe",
    ]
}
_SIGNS = {
    "’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "′": "'", "＇": "'", "‛": "'",
    "“": '"', "”": '"', "…": "..", "–": "-", "—": "-", "½": ".5", "🔟": "10",
    "\u00a0": " ", "\u2028": "\n", "\u2029": "\n", "\r": "\n",
}  # fmt: skip
_SAD = dict.fromkeys("😢😭😞😔😟🙁☹😣😖😫😩😿💔😥😓😰", f" {SAD_FACE} ")
_UNMASK = str.maketrans("013457@$!|", "oieastasil")

_SPACED_OUT = re.compile(r"(?<![a-z0-9'])[a-z]([ .\-_*/])[a-z](?:\1[a-z])+(?![a-z0-9'])")
_WORD_OR_SIGN = re.compile(
    r"(?P<masked>[a-z0-9]+(?:[*@$!|]+[a-z0-9]+)+)"
    r"|(?P<word>[a-z0-9]+(?:'[a-z0-9]+)*)"
    r"|(?P<sad>[:;=]['`]?-?[(\[/|]+|[:;=]-?c\b|\bd:(?!\w))"
    r"|(?P<trail>\.{2,}(?![!?]))"
    r"|(?P<stop>[.!?\n][.!?\s]*)"
    r"|(?P<pause>[,;:()\-\"]+)"
)
_PIECE = re.compile(r"[a-z0-9]+|!")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_DRAWN_OR_DOUBLE = re.compile(r"([a-z])\1+")


def _fold_character(character: str) -> str:
    """One character as lower-case plain letters; may be empty or longer than one."""
    if character.isascii():
        return character.lower()
    known = _SIGNS.get(character) or _SAD.get(character)
    if known is not None:
        return known
    if ord(character) in _INVISIBLE:
        return ""
    lowered = character.lower()
    if lowered in _LOOK_ALIKE:
        return _LOOK_ALIKE[lowered]
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    parts = unicodedata.normalize("NFKD", character).lower()
    kept = "".join(_LOOK_ALIKE.get(part, part) for part in parts if not unicodedata.combining(part))
    return kept if kept.strip() or not parts.strip() else ""


@lru_cache(maxsize=4096)
def fold_character(character: str) -> str:
    """`_fold_character`, remembered: people use few different characters."""
    return _fold_character(character)


@dataclass(frozen=True, slots=True)
class Folded:
    """Lower-case plain characters; `origins[i]` is where character i stood in the original."""

    text: str
    origins: tuple[int, ...] | None  # None: every character stands where it stood

    def origin(self, index: int) -> int:
        return index if self.origins is None else self.origins[index]


def fold(text: str) -> Folded:
    """Lower-case, plain characters of `text`, one by one, with the way back."""
    if text.isascii():
        return Folded(text.lower(), None)
    pieces: list[str] = []
    origins: list[int] = []
    for index, character in enumerate(text):
        piece = fold_character(character)
        pieces.append(piece)
        origins.extend([index] * len(piece))
    return Folded("".join(pieces), tuple(origins))


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text in plain words: `text` is " word word . word ", sentence ends as " . ".

    `starts` holds where each word begins in `text`; `froms` and `tos` the characters of the
    original that made it (end exclusive, never empty).
    """

    original: str
    folded: Folded
    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...] = field(repr=False)
    froms: tuple[int, ...] = field(repr=False)
    tos: tuple[int, ...] = field(repr=False)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The characters of the original behind `text[start:end]`."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        while first < last and self.words[first] in (SENTENCE_END, PAUSE):
            first += 1
        while last > first and self.words[last] in (SENTENCE_END, PAUSE):
            last -= 1
        return self.froms[first], max(self.tos[first : last + 1])


class Speller:
    """Plain words for words as typed.

    `spellings` maps a typed word (with or without apostrophe) to plain words; `run_together` are
    the words that may stand without spaces between them; `fuzzy` the words that are recognised in
    a close misspelling, and `keep` the ordinary words that are never taken for one.
    """

    def __init__(
        self,
        spellings: Mapping[str, str],
        run_together: Iterable[str],
        strong: Iterable[str],
        fuzzy: Iterable[str],
        keep: Iterable[str],
        vocabulary: Iterable[str] = (),
    ) -> None:
        self._last: tuple[str, PlainText] | None = None
        self._spellings = {typed: tuple(plain.split()) for typed, plain in spellings.items()}
        self._pieces = frozenset(run_together)
        self._strong = frozenset(strong)
        self._longest_piece = max(map(len, self._pieces), default=0)
        self._keep = frozenset(keep)
        self._fuzzy = self._index_deletions(fuzzy)
        self._known = frozenset(vocabulary) | self._spellings.keys() | self._pieces | self._strong
        self.plain_word = lru_cache(maxsize=_CACHED_WORDS)(self._plain_word)

    @staticmethod
    def _index_deletions(words: Iterable[str]) -> dict[str, str]:
        index: dict[str, str] = {}
        for word in words:
            for key in _deletions(word):
                index.setdefault(key, word)
            index[word] = word
        return index

    def _plain_word(self, typed: str) -> tuple[str, ...]:
        """The plain words for one typed word; the word itself when nothing is known about it."""
        bare = typed.replace("'", "")
        found = self._spellings.get(typed) or self._spellings.get(bare)
        if found:
            return found
        if bare in self._known or bare in self._keep or bare.isdigit():
            return (bare,)
        return self._guess(bare)

    def _guess(self, bare: str) -> tuple[str, ...]:
        if _DRAWN_OUT.search(bare):
            bare = self._shorten(bare)
            if bare in self._spellings:
                return self._spellings[bare]
        if any(map(str.isdigit, bare)):
            return self.unmask(bare) or self._figures_as_letters(bare) or (bare,)
        split = self._split(bare)
        if split:
            return split
        return (self._whole_ending(bare) or self._correct(bare),)

    def _figures_as_letters(self, bare: str) -> tuple[str, ...]:
        """ "w4nt" as "want", where that is a word of the rules; "4got" and "10am" are left."""
        plain = bare.translate(_UNMASK)
        fits = bare[0].isalpha() and len(bare) >= SHORTEST_WITH_FIGURES and plain in self._known
        return self._spellings.get(plain, (plain,)) if fits else ()

    def _whole_ending(self, bare: str) -> str:
        """ "sleepin" as "sleeping", where that is a word of the rules; else empty."""
        if len(bare) < SHORTEST_DROPPED_G or not bare.endswith("in"):
            return ""
        return f"{bare}g" if f"{bare}g" in self._known else ""

    def _shorten(self, drawn: str) -> str:
        single = _DRAWN_OR_DOUBLE.sub(r"\1", drawn)
        candidates = (_DRAWN_OUT.sub(r"\1", drawn), _DRAWN_OUT.sub(r"\1\1", drawn), single)
        return next((word for word in candidates if word in self._known), candidates[0])

    def _correct(self, word: str) -> str:
        """A word of `fuzzy` one slip of the thumb away, first letter kept; else the word."""
        if len(word) < SHORTEST_FUZZY - 1:
            return word
        for key in (word, *_deletions(word)):
            close = self._fuzzy.get(key)
            if close and close[0] == word[0] and OSA.distance(word, close) <= 1:
                return close
        return word

    def _split(self, joined: str, *, spelled_out: bool = False) -> tuple[str, ...]:
        """`joined` as words that people run together, when one of them matters; else empty.

        Letters `spelled_out` one by one are split when any of the words is longer than two.
        """
        if len(joined) < SHORTEST_FUZZY - spelled_out or len(joined) > 60:
            return ()
        best: list[tuple[str, ...] | None] = [None] * (len(joined) + 1)
        best[0] = ()
        for end in range(1, len(joined) + 1):
            for start in range(max(0, end - self._longest_piece), end):
                before = best[start]
                if before is not None and joined[start:end] in self._pieces:
                    best[end] = (*before, joined[start:end])
                    break
        words = best[-1]
        if not words or len(words) < 2:
            return ()
        if not self._strong.intersection(words) and not (spelled_out and max(map(len, words)) > 2):
            return ()
        return tuple(part for word in words for part in self._spellings.get(word, (word,)))

    def unmask(self, masked: str) -> tuple[str, ...]:
        """A word that matters with letters swapped for signs ("k1ll", "su*cide"); else empty."""
        plain = masked.translate(_UNMASK)
        if plain in self._strong:
            return self._spellings.get(plain, (plain,))
        if "*" in masked:
            pattern = re.compile(re.escape(masked).replace(r"\*", "[a-z]?"))
            hits = sorted(word for word in self._strong if pattern.fullmatch(word))
            return (hits[0],) if hits else ()
        return ()

    def spelled_out(self, letters: str) -> tuple[str, ...]:
        """The words that letters typed one by one spell, when one of them matters; else empty."""
        if letters in self._strong:
            return self._spellings.get(letters, (letters,))
        return self._split(letters, spelled_out=True)

    def plain(self, text: str) -> PlainText:
        """`text` in plain words. The last text is remembered: rules and model ask one by one."""
        known = self._last
        if known is None or known[0] != text:
            known = self._last = (text, self._plain(text))
        return known[1]

    def _plain(self, text: str) -> PlainText:
        folded = fold(text)
        runs = _spaced_runs(folded.text, self)
        words: list[str] = []
        froms: list[int] = []
        tos: list[int] = []

        def put(plain: Iterable[str], start: int, end: int) -> None:
            begin, stop = folded.origin(start), folded.origin(end - 1) + 1
            for word in plain:
                words.append(word)
                froms.append(begin)
                tos.append(stop)

        position = 0
        while (sign := _WORD_OR_SIGN.search(folded.text, position)) is not None:
            start, end = sign.span()
            kind = sign.lastgroup
            position = end
            if start in runs:
                end, spelled = runs[start]
                position = end
                put(spelled, start, end)
            elif kind == "word":
                put(self.plain_word(sign.group()), start, end)
            elif kind == "masked":
                unmasked = self.unmask(sign.group())
                if unmasked:
                    put(unmasked, start, end)
                else:
                    for piece in _PIECE.finditer(folded.text, start, end):
                        bang = piece.group() == "!"
                        put(
                            (SENTENCE_END,) if bang else self.plain_word(piece.group()),
                            *piece.span(),
                        )
            else:
                put((_SIGN_WORDS[kind or "pause"],), start, end)
        return _assemble(text, folded, words, froms, tos)


_SIGN_WORDS = {"sad": SAD_FACE, "trail": PAUSE, "stop": SENTENCE_END, "pause": PAUSE}


def _deletions(word: str) -> tuple[str, ...]:
    return tuple(word[:i] + word[i + 1 :] for i in range(len(word)))


def _spaced_runs(text: str, speller: Speller) -> dict[int, tuple[int, tuple[str, ...]]]:
    """Letters spaced out one by one ("k i l l"), by where they start, as the words they spell."""
    runs: dict[int, tuple[int, tuple[str, ...]]] = {}
    for run in _SPACED_OUT.finditer(text):
        letters = run.group()[::2]
        spelled = speller.spelled_out(letters)
        if spelled:
            runs[run.start()] = (run.end(), spelled)
    return runs


def _assemble(
    original: str, folded: Folded, words: list[str], froms: list[int], tos: list[int]
) -> PlainText:
    starts: list[int] = []
    position = 1
    for word in words:
        starts.append(position)
        position += len(word) + 1
    text = f" {' '.join(words)} " if words else " "
    return PlainText(original, folded, text, tuple(words), tuple(starts), tuple(froms), tuple(tos))
