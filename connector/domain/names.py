"""Names that sound alike, so that one person is not written down twice.

A name becomes a short key of its sounds: Sara and Sarah, Mohammed and Muhammad, Smith and Smyth
have the same. Names are kept sealed, so that only keys can be compared, never letters. It says that
two people may be one; that they are is for somebody who knows them to say.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

_SPELT = (
    ("ph", "f"),
    ("ck", "k"),
    ("gh(?!a)", ""),
    ("sch", "sk"),
    ("th", "t"),
    ("sh", "s"),
    ("ch", "k"),
    ("kh", "k"),
    ("wr", "r"),
    ("^kn", "n"),
    ("^eu", "u"),
    ("(?:eo|oe)", "e"),
    ("c(?=[eiy])", "s"),
    ("g(?=[ei])", "j"),
    ("dg", "j"),
    ("x", "ks"),
)
_SOUNDS = str.maketrans("cqvzy", "kkfsi")
_SILENT = frozenset("aeiouhw")


def name_key(*names: str) -> str:
    """The sounds of a person's names, in whichever order they were written; empty for none."""
    words = (word for name in names for word in re.findall(r"\w+", _folded(name.replace("'", ""))))
    return " ".join(sorted(filter(None, map(_sounds, words))))


def _folded(name: str) -> str:
    """Small letters without marks: Siân is sian."""
    apart = unicodedata.normalize("NFKD", name.replace("\u2019", "").casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@lru_cache(maxsize=4096)
def _sounds(word: str) -> str:
    """A word as it sounds: its consonants, and a vowel that it begins with."""
    if not word.isascii():
        return word
    for written, sound in _SPELT:
        word = re.sub(written, sound, word)
    word = word.translate(_SOUNDS)
    kept = word[:1] + "".join(letter for letter in word[1:] if letter not in _SILENT)
    return "".join(letter for letter, _ in groupby(kept)) or word
