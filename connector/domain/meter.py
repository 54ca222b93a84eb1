"""How a text will look, what it takes and costs, and what the check of its words says: one value.

Pages, the reply box and `connector text check` show the same meter. It measures and never judges a
person; it changes no word, and a price that nobody has set is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connector.domain.placeholders import at_its_longest, reads_right_to_left
from connector.domain.plain_words import Hint, Terms, blocks, check
from connector.domain.sms import Alphabet, SmsText, fold
from connector.domain.word_groups import Level

LOCK_SCREEN = 60
"""Characters that a phone shows before anybody has unlocked it."""
OF_THE_WHOLE = frozenset({"Length", "Characters"})
LEVEL_WORDS = {Level.BLOCK: "Has to change", Level.WARN: "Think about", Level.INFO: "To know"}
SHORT = 40


@dataclass(frozen=True, slots=True)
class Meter:
    """A text measured. `text` is what leaves us, filled; `pence` the price of one segment."""

    text: SmsText
    hints: tuple[Hint, ...]
    pence: Decimal | None = None
    people: int = 1
    language: str = "en"

    @property
    def lock_screen(self) -> str:
        return self.text.body[:LOCK_SCREEN]

    @property
    def beyond(self) -> str:
        """What a locked phone does not show."""
        return self.text.body[LOCK_SCREEN:]

    @property
    def direction(self) -> str:
        return "rtl" if reads_right_to_left(self.language) else "ltr"

    @property
    def blocked(self) -> bool:
        """Whether a second person has to approve the words, with a reason."""
        return blocks(self.hints)

    @property
    def characters_words(self) -> str:
        return _counted(self.text.characters, "character")

    @property
    def segments_words(self) -> str:
        """'1 segment, room for 28 more'."""
        return f"{_counted(self.text.segments, 'segment')}, room for {self.text.left} more"

    @property
    def alphabet_words(self) -> str:
        if self.text.alphabet is Alphabet.GSM_7:
            return "Plain alphabet"
        return f"Dear alphabet, because of {' '.join(self.text.costly[:8])}"

    @property
    def each(self) -> str:
        """What one text costs, such as '4p'; empty without a price."""
        return "" if self.pence is None else money(self.pence * self.text.segments)

    @property
    def to_all(self) -> str:
        """What one text to each of `people` costs; empty without a price or for one person."""
        if self.pence is None or self.people == 1:
            return ""
        return money(self.pence * self.text.segments * self.people)

    @property
    def people_words(self) -> str:
        return "1 person" if self.people == 1 else f"{self.people:,} people"

    @property
    def sum_words(self) -> str:
        """The whole in a breath: '1 segment, 4p; 2 hints, 1 has to change'."""
        price = f", {self.each}" if self.each else ""
        held = sum(hint.level is Level.BLOCK for hint in self.hints)
        change = f", {held} {'has' if held == 1 else 'have'} to change" if held else ""
        hints = _counted(len(self.hints), "hint") if self.hints else "no hints"
        return f"{_counted(self.text.segments, 'segment')}{price}; {hints}{change}"

    @property
    def shown_hints(self) -> tuple[dict[str, Any], ...]:
        """The hints as pages show them, the gravest first."""
        order = list(Level)
        graded = sorted(self.hints, key=lambda hint: order.index(hint.level))
        return tuple(_shown(hint) for hint in graded)


def measure(
    words: str,
    *,
    terms: Terms | None = None,
    filled: str = "",
    pence: Decimal | None = None,
    people: int = 1,
) -> Meter:
    """The meter of `words` as somebody wrote them, with their placeholders.

    The words are checked as written; length and alphabet are those of `filled`, or of the longest
    plausible filling, with look-alike characters folded as they are when it is sent.
    """
    terms = terms or Terms()
    text = fold(filled or at_its_longest(words, terms.language))
    said = [hint for hint in check(words, terms) if hint.group not in OF_THE_WHOLE]
    whole = [hint for hint in check(text, terms) if hint.group in OF_THE_WHOLE]
    return Meter(SmsText(text), (*said, *whole), pence, people, terms.language)


def as_written(words: str, *, terms: Terms | None = None, pence: Decimal | None = None) -> Meter:
    """The meter of exactly these characters: nothing is filled and nothing folded."""
    terms = terms or Terms()
    return Meter(SmsText(words), check(words, terms), pence, 1, terms.language)


def money(pence: Decimal) -> str:
    """'4p', '2.4p', '£1.20', '£1,240.00'."""
    if pence < 100:
        return f"{pence.normalize():f}p"
    return f"£{pence / 100:,.2f}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _shown(hint: Hint) -> dict[str, Any]:
    whole = hint.group == "Length"
    words = hint.words if len(hint.words) <= SHORT else f"{hint.words[: SHORT - 1].rstrip()}…"
    return {
        "level": hint.level.value,
        "level_words": LEVEL_WORDS[hint.level],
        "group": hint.group,
        "words": "" if whole else words,
        "why": hint.why,
        "instead": " or ".join(f"“{one}”" for one in hint.instead),
    }
