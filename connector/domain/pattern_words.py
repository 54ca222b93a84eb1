"""The words without which a pattern cannot match, so that it is tried only where they stand.

A phrase rule's pattern is a regular expression over plain words. Trying hundreds of them on every
text would be slow; most hold some words that any match must hold. This module reads a pattern and
gives those, as groups of words of which each match holds at least one. It refuses to guess: what it
does not understand holds no word, and such a pattern is found by the `needs` of its rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

Words = frozenset[str]

# Words that patterns also match in another spelling ("to" as "2", "my" as "me"), see `phrases`.
_WIDENED = frozenset(
    """
    to for my me i will would ill id myself self any more do not no am
    """.split()  # noqa: SIM905 - as below
)
# So common that a pattern should be looked for by another of its words.
_COMMON = frozenset(
    """
    a all and are as at be been but can cannot could day did for from get getting go going good got
    had has have he her him his how if in is it just know like love make more much need no not now
    of off on one or out over really she so some still take that the them then there they thing
    things think this time today too u up want was we week were what when where which who with you
    your back come home here feel feeling see last after again about because tell people work night
    """.split()  # noqa: SIM905 - a list of a hundred words reads better as words
)
_WEIGHT_OF_COMMON = 25


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Letters as they stand, or branches of which one is taken; `least` is 0 for what may miss.

    `begins` and `ends`: whether it begins and ends with a space, so that no word goes on there.
    """

    letters: str = ""
    branches: tuple[tuple[_Part, ...], ...] = ()
    least: int = 1
    begins: bool = False
    ends: bool = False


_LOOK = _Part(least=0)  # what looks around and holds no place
_ANYTHING = _Part()
_LETTERS = re.compile(r"[a-z0-9' ]+")
_LIST = re.compile(r"\{([a-z_]+)\}")


def _letters(text: str) -> _Part:
    return _Part(text, begins=text[0] == " ", ends=text[-1] == " ")


def _group(branches: tuple[tuple[_Part, ...], ...]) -> _Part:
    may_be_empty = any(all(not part.least for part in branch) for branch in branches)
    begins = all(_over(branch, outside=True) for branch in branches)
    ends = all(_ended(branch, outside=True) for branch in branches)
    return _Part(branches=branches, least=int(not may_be_empty), begins=begins, ends=ends)


def _over(parts: Sequence[_Part], *, outside: bool) -> bool:
    """Whether a word before `parts` is over where they begin."""
    for part in parts:
        if part is _LOOK:
            continue
        if not part.begins:
            return False
        if part.least:
            return True
    return outside


def _ended(parts: Sequence[_Part], *, outside: bool) -> bool:
    """Whether a word may begin right after `parts`."""
    for part in reversed(parts):
        if part is _LOOK:
            continue
        if not part.ends:
            return False
        if part.least:
            return True
    return outside


class PatternWords:
    """Reads patterns that name word lists; each list is read once.

    Raises `ValueError` for a pattern whose brackets do not match and `KeyError` for a list that
    is not there.
    """

    def __init__(self, lists: Mapping[str, str]) -> None:
        self._lists = lists
        self._read: dict[str, _Part] = {}
        self._told: dict[tuple[str, bool, bool], frozenset[str]] = {}
        self._names: dict[int, str] = {}

    def must_hold(self, source: str) -> tuple[Words, ...]:
        """Groups of words: every match of `source` holds one word of each group."""
        branches, at = self._branches(source, 0)
        if at <= len(source):
            raise ValueError("A bracket is closed that was never opened.")
        return tuple(set(self._of_branches(branches, before=True, after=True)))

    def _branches(self, source: str, at: int) -> tuple[tuple[tuple[_Part, ...], ...], int]:
        found: list[tuple[_Part, ...]] = []
        parts: list[_Part] = []
        while at < len(source) and source[at] != ")":
            if source[at] == "|":
                found.append(tuple(parts))
                parts, at = [], at + 1
                continue
            more, at = self._next(source, at)
            parts += more
        return (*found, tuple(parts)), at + 1

    def _next(self, source: str, at: int) -> tuple[tuple[_Part, ...], int]:
        run = _LETTERS.match(source, at)
        if run is None:
            part, at = self._one(source, at)
            part, at = _counted(part, source, at)
            return (part,), at
        text, at = run.group(), run.end()
        if source[at : at + 1] not in ("?", "*", "{") or _LIST.match(source, at):
            return (_letters(text),), at
        last, at = _counted(_letters(text[-1]), source, at)
        return ((_letters(text[:-1]), last) if text[:-1] else (last,)), at

    def _one(self, source: str, at: int) -> tuple[_Part, int]:
        named = _LIST.match(source, at)
        if named:
            return self._list(named.group(1)), named.end()
        if source.startswith(("(?=", "(?!", "(?<"), at):
            return _LOOK, self._branches(source, at + (4 if source[at + 2] == "<" else 3))[1]
        if source[at] == "(":
            branches, at = self._branches(source, at + (3 if source.startswith("(?:", at) else 1))
            return _group(branches), at
        if source[at] == "[":
            return _ANYTHING, source.index("]", at) + 1
        return _ANYTHING, at + (2 if source[at] == "\\" else 1)

    def _list(self, name: str) -> _Part:
        if name not in self._read:
            self._read[name] = _group(self._branches(self._lists[name], 0)[0])
            self._names[id(self._read[name].branches)] = name
        return self._read[name]

    def _of_sequence(self, parts: Sequence[_Part], *, before: bool, after: bool) -> Iterator[Words]:
        """What a run of parts must hold; a word counts only where it begins and ends."""
        for position, part in enumerate(parts):
            if not part.least:
                continue
            begun = _ended(parts[:position], outside=before)
            over = _over(parts[position + 1 :], outside=after)
            if part.letters:
                yield from _of_letters(part.letters, before=begun, after=over)
            elif part.branches:
                yield from self._of_branches(part.branches, before=begun, after=over)

    def _of_branches(
        self, branches: tuple[tuple[_Part, ...], ...], *, before: bool, after: bool
    ) -> Iterator[Words]:
        """Of each branch its most telling words; nothing when a branch has none."""
        if len(branches) == 1:
            yield from self._of_sequence(branches[0], before=before, after=after)
            return
        key = (self._names.get(id(branches), ""), before, after)
        told = self._told.get(key) if key[0] else None
        if told is None:
            told = self._chosen(branches, before=before, after=after)
            if key[0]:
                self._told[key] = told
        if told:
            yield told

    def _chosen(
        self, branches: tuple[tuple[_Part, ...], ...], *, before: bool, after: bool
    ) -> Words:
        chosen: set[str] = set()
        for branch in branches:
            groups = list(self._of_sequence(branch, before=before, after=after))
            if not groups:
                return frozenset()
            telling: Words = min(groups, key=weight)
            chosen |= telling
        return frozenset(chosen)


def _counted(part: _Part, source: str, at: int) -> tuple[_Part, int]:
    """`part` with the sign after it that says how often."""
    sign = source[at : at + 1]
    if sign in ("?", "*") and sign:
        return replace(part, least=0), at + 1
    if sign == "+":
        return part, at + 1
    if sign == "{" and not _LIST.match(source, at):
        return replace(part, least=min(part.least, int(source[at + 1]))), source.index("}", at) + 1
    return part, at


def _of_letters(letters: str, *, before: bool, after: bool) -> Iterator[Words]:
    words = letters.split(" ")
    if not before:
        words[0] = ""
    if not after:
        words[-1] = ""
    for word in words:
        if word and word not in _WIDENED:
            yield frozenset((word,))


def weight(words: Words) -> tuple[int, list[str]]:
    """How often a text may hold one of `words`, roughly; for ordering only."""
    return len(words) + (_WEIGHT_OF_COMMON - 1) * len(words & _COMMON), sorted(words)
