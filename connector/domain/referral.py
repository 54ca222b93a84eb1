"""The one word by which somebody asks, by text, to be rung: who means it, and who does not.

The whole message has to be that word, with small slips of the thumb and a please at most. Anything
longer is for a person to read. HELP, HELL and a name are never taken for it.
"""

from __future__ import annotations

import re
from enum import StrEnum

from connector.domain.about import TAKEN

ALWAYS = {"JOIN": "en", "YMUNO": "cy"}
"""These work beside the word that was set; the second by its language's own text."""
LONGEST = 60
_POLITE_WORDS = """
HI HIYA HEY PLEASE PLS PLZ THANKS THANK YOU THERE CHEERS TA OK ME UP IN
DIOLCH OS GWELWCH YN DDA
"""
_POLITE = frozenset(_POLITE_WORDS.split())
_OTHER_WORDS = frozenset({"HELL", "HELLS", "SHELL"})
_WORDS = re.compile(r"[^\W\d_]+")
_NOT_LETTERS_ALONE = re.compile(r"\d")
SHORT = 4


class NotRung(StrEnum):
    """Why a request is put away, as staff choose it. Never words of anybody."""

    SPOKE = "we spoke, and it is not for them"
    TRIED = "we have tried several times and reached nobody"
    ALREADY = "they get our texts already"
    MISTAKE = "sent by mistake, or not for us"
    STOPPED = "they texted STOP"


class RequestState(StrEnum):
    OPEN = "open"
    ENROLLED = "enrolled"
    PUT_AWAY = "put_away"


def asks_to_join(body: str, keyword: str) -> str | None:
    """The language to answer in when this text is the word to join with; None when it is not."""
    if len(body) > LONGEST or _NOT_LETTERS_ALONE.search(body):
        return None
    said = [word.upper() for word in _WORDS.findall(body)]
    meant = [word for word in said if word not in _POLITE] or said
    if len(meant) != 1 or meant[0] in TAKEN:
        return None
    for word, language in ({keyword: "en"} | ALWAYS).items():
        if is_slip_of(meant[0], word):
            return language
    return None


def is_slip_of(written: str, word: str) -> bool:
    """Whether `written` is `word`, or one slip of the thumb away from it.

    The first letter has to be right. Of a short word only letters that changed places or came
    twice are a slip: JOHN and JON are names.
    """
    if written == word:
        return True
    if written in _OTHER_WORDS or written[:1] != word[:1]:
        return False
    if _swapped(written, word) or _doubled(written, word):
        return True
    return len(word) > SHORT and _one_apart(written, word)


def _swapped(written: str, word: str) -> bool:
    """Whether two letters beside each other have changed places."""
    return len(written) == len(word) and any(
        word[:at] + word[at + 1] + word[at] + word[at + 2 :] == written
        for at in range(len(word) - 1)
    )


def _doubled(written: str, word: str) -> bool:
    """Whether letters came more often than they should."""
    letters = "".join(f"{re.escape(letter)}+" for letter in word)
    return len(written) <= len(word) + 3 and re.fullmatch(letters, written) is not None


def _one_apart(written: str, word: str) -> bool:
    """Whether one letter is missing, too many or another."""
    if abs(len(written) - len(word)) > 1:
        return False
    shorter, longer = sorted((written, word), key=len)
    same = next((at for at, letter in enumerate(shorter) if letter != longer[at]), len(shorter))
    rest = shorter[same:] if len(shorter) < len(longer) else shorter[same + 1 :]
    return rest == longer[same + 1 :]
