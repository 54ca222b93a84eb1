"""The text as a phone network counts it: alphabet, characters, segments, and the costly characters.

It refuses to shorten a text or to change a letter: `fold` only swaps typographic look-alikes (curly
quotes, dashes, odd spaces), never a Welsh circumflex or anybody's name. Source of the alphabet and
of the segment sizes: 3GPP TS 23.038 (GSM 7-bit default alphabet and its extension table) and
TS 23.040 9.2.3.24.1 (the header that joins segments takes 6 of 140 bytes).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
GSM_7 = BASIC | EXTENSION


class Alphabet(StrEnum):
    """How the network writes a text; one character outside GSM-7 turns the whole text to UCS-2."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


# alphabet -> (units in a text of one segment, units in each of several)
_ROOM = {Alphabet.GSM_7: (160, 153), Alphabet.UCS_2: (70, 67)}


@dataclass(frozen=True, slots=True)
class SmsText:
    """The words of one text, exactly as they leave us."""

    body: str

    @property
    def alphabet(self) -> Alphabet:
        """GSM-7 when every character is in it, else UCS-2."""
        return Alphabet.GSM_7 if GSM_7.issuperset(self.body) else Alphabet.UCS_2

    @property
    def characters(self) -> int:
        """Characters as written (Unicode code points)."""
        return len(self.body)

    @property
    def units(self) -> int:
        """What fills a segment: septets in GSM-7 (€ and [ take two), 16-bit units in UCS-2."""
        return sum(self._widths())

    @property
    def segments(self) -> int:
        """Texts the network sends and charges for; an empty body still takes one.

        A character of two units (an extension character, an emoji) is never cut in half, so it
        moves to the next segment when only one unit is left. Twilio's own calculator keeps a whole
        cluster of emoji (a family, a flag) together, and may say one more for each border.
        """
        if self.characters <= _ROOM[Alphabet.GSM_7][0] and BASIC.issuperset(self.body):
            return 1  # as nearly every text is, without counting
        alone, joined = _ROOM[self.alphabet]
        if self.units <= alone:
            return 1
        segments, filled = 1, 0
        for width in self._widths():
            if filled + width > joined:
                segments, filled = segments + 1, 0
            filled += width
        return segments

    @property
    def left(self) -> int:
        """Units still free before the text grows by a segment; whole segments counted as full."""
        alone, joined = _ROOM[self.alphabet]
        room = alone if self.segments == 1 else joined * self.segments
        return max(0, room - self.units)

    @property
    def costly(self) -> tuple[str, ...]:
        """The characters that force UCS-2, each once, in the order they appear."""
        return tuple(dict.fromkeys(letter for letter in self.body if letter not in GSM_7))

    def _widths(self) -> list[int]:
        if self.alphabet is Alphabet.GSM_7:
            return [2 if letter in EXTENSION else 1 for letter in self.body]
        return [2 if ord(letter) > 0xFFFF else 1 for letter in self.body]


def fold(text: str) -> str:
    """`text` with typographic look-alikes turned to GSM-7 ones, and accents composed (NFC).

    The effect is that of Twilio's smart encoding (its published list of replaced characters), so
    that what we count is what is sent. Letters and emoji stay. Folding twice changes nothing.
    """
    composed = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    # Again, because an invisible character between a letter and its accent has gone now.
    return unicodedata.normalize("NFC", composed)


# plain form -> the characters that stand for it in typing and pasted text
_FOLDED = {
    '"': "«»“”„‟ʺˮ″❝❞〝〞〃",
    "'": "‘’‚‛ʹʻʼʽˈˊˋ´`′‵❛❜｀\u0313\u0314",
    "-": "‐‑‒–—―⁃−﹘﹣⎼⎽",
    "/": "÷⁄∕⧸\u0337\u0338",
    "\\": "⧵⧹﹨",
    "_": "\u0332",
    "|": "∣⎸⎹⏐⎜⎟❘\u20d2\u20d3",
    "*": "∗⁎﹡•",
    ",": "‚،、﹐﹑､",
    ".": "·․。﹒｡",
    ":": "ː˸⦂꞉︓﹕",
    ";": "⁏︔﹔",
    "!": "ǃ︕﹗",
    "?": "︖﹖",
    "(": "❨❪﹙⟮",
    ")": "❩❫﹚⟯",
    "{": "❴﹛",
    "}": "❵﹜",
    "[": "⟦",
    "]": "⟧",
    "<": "‹﹤",
    ">": "›﹥",
    "=": "꞊﹦\u0347",
    "+": "˖﹢",
    "#": "﹟",
    "$": "﹩",
    "%": "﹪٪",
    "&": "﹠",
    "@": "﹫",
    "^": "ˆ\u0302",
    "~": "˜∼\u0303",
    "...": "…",
    "1/4": "¼",
    "1/2": "½",
    "3/4": "¾",
    " ": (
        "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
        "\u202f\u205f\u3000"
    ),
    "\n": "\u0085\u2028\u2029",
    "": "\u00ad\u200b\u200e\u200f\u2060\ufeff",
}
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code != 0xFF40}
_LOOK_ALIKES = str.maketrans(
    _FULL_WIDTH | {ord(like): plain for plain, likes in _FOLDED.items() for like in likes}
)
