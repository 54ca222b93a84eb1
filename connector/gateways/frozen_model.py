"""The frozen model: which replies to read first among those no rule promised now or today.

A logistic regression over hashed runs of two to five characters of a reply in plain words, trained
once on openly licensed data (`connector.cli.train`, `docs/model-card.md`). Its weights are numbers
in a file that cannot run code, read when the first reply is weighed. It shows the words that
weighed most. It decides nothing: it never raises a promise, never lowers one, and what it puts
last is read all the same.
"""

from __future__ import annotations

import json
import math
import re
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from zlib import crc32

from connector.domain.reading import Weight
from connector.domain.spelling import PAUSE, SENTENCE_END, PlainText
from connector.gateways.phrase_book import phrase_book

MAGIC = b"connector-frozen-1\n"
WEIGHTS = "read_first.weights"
SHORTEST, LONGEST = 2, 5  # characters in a run
LONGEST_READ = 1600  # characters of plain words; a reply of ten segments is longer than any seen
WORDS_SHOWN = 3
_DIGIT = re.compile(r"\d")


class FrozenModelError(ValueError):
    """The weights cannot be read; the message says what is wrong with the file."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What training leaves behind.

    `values[bucket] * scale` is the weight of a run of characters; `slope` and `shift` turn the
    score into a figure from 0 to 1; from `threshold` of that figure on, a reply is read first.
    """

    bits: int
    scale: float
    bias: float
    slope: float
    shift: float
    threshold: float
    values: array[int]
    about: str = ""


def runs(text: str, bits: int) -> Iterator[tuple[int, int, int]]:
    """Every run of characters in `text` as (bucket, start, end)."""
    data = text.encode("ascii", "replace")
    mask = (1 << bits) - 1
    for length in range(SHORTEST, LONGEST + 1):
        for start in range(len(data) - length + 1):
            yield crc32(data[start : start + length]) & mask, start, start + length


def buckets(text: str, bits: int) -> set[int]:
    """The buckets that the runs of `text` fall into."""
    data = text.encode("ascii", "replace")
    mask = (1 << bits) - 1
    return {
        crc32(data[start : start + length]) & mask
        for length in range(SHORTEST, LONGEST + 1)
        for start in range(len(data) - length + 1)
    }


def model_text(plain: PlainText) -> str:
    """What the model sees of a text: its plain words, every digit a nought."""
    return _DIGIT.sub("0", plain.text[:LONGEST_READ])


def write_weights(weights: Weights) -> bytes:
    """The file: a magic line, one line of JSON, then 16-bit little-endian numbers."""
    header = {
        "bits": weights.bits, "scale": weights.scale, "bias": weights.bias, "slope": weights.slope,
        "shift": weights.shift, "threshold": weights.threshold, "about": weights.about,
    }  # fmt: skip
    values = array("h", weights.values)
    if sys.byteorder == "big":
        values.byteswap()
    return MAGIC + json.dumps(header).encode() + b"\n" + values.tobytes()


def read_weights(data: bytes) -> Weights:
    """The weights in a file's bytes. Raises `FrozenModelError` when it is not such a file."""
    if not data.startswith(MAGIC):
        raise FrozenModelError("This is not a file of frozen weights.")
    header_line, _, body = data[len(MAGIC) :].partition(b"\n")
    try:
        header = json.loads(header_line)
        values = array("h", body)
        weights = Weights(values=values, **header)
    except (TypeError, ValueError) as error:
        raise FrozenModelError("The frozen weights are damaged.") from error
    if len(values) != 1 << weights.bits:
        raise FrozenModelError("The frozen weights are cut short.")
    if sys.byteorder == "big":
        values.byteswap()
    return weights


class FrozenModel:
    """A `Scorer`. `plain` brings a text to plain words."""

    def __init__(self, weights: Weights, plain: Callable[[str], PlainText]) -> None:
        self._weights = weights
        self._plain = plain

    def weigh(self, text: str) -> Weight:
        """How soon to read `text`: a figure from 0 to 1 that orders the list, and why."""
        plain = self._plain(text)
        seen = model_text(plain)
        figure = self._figure(seen)
        first = figure >= self._weights.threshold
        return Weight(first, figure, self._because(plain, seen) if first else ())

    def score(self, seen: str) -> float:
        """The uncalibrated score of a text as `model_text` gives it."""
        values = self._weights.values
        found = buckets(seen, self._weights.bits)
        total = sum(values[bucket] for bucket in found)
        return total * self._weights.scale / math.sqrt(max(len(found), 1)) + self._weights.bias

    def _figure(self, seen: str) -> float:
        score = self._weights.slope * self.score(seen) + self._weights.shift
        return 1 / (1 + math.exp(-max(min(score, 30.0), -30.0)))

    def _because(self, plain: PlainText, seen: str) -> tuple[str, ...]:
        """The words of the original that weighed most, in the order of the text."""
        by_character = [0.0] * len(seen)
        for bucket, start, end in runs(seen, self._weights.bits):
            share = self._weights.values[bucket] / (end - start)
            for index in range(start, end):
                by_character[index] += share
        heaviest = sorted(
            (
                (sum(by_character[start : start + len(word)]), number)
                for number, (word, start) in enumerate(zip(plain.words, plain.starts, strict=True))
                if word not in (SENTENCE_END, PAUSE) and start < len(seen)
            ),
            reverse=True,
        )[:WORDS_SHOWN]
        chosen = sorted(number for weight, number in heaviest if weight > 0)
        spans = dict.fromkeys((plain.froms[number], plain.tos[number]) for number in chosen)
        return tuple(plain.original[start:end] for start, end in spans)


@lru_cache(maxsize=1)
def frozen_model() -> FrozenModel:
    """The model of this version of the service; its weights are read on the first call.

    Raises `FrozenModelError` or `OSError` when they cannot be; the rules do without.
    """
    data = files("connector.gateways").joinpath("frozen", WEIGHTS).read_bytes()
    return FrozenModel(read_weights(data), phrase_book().speller.plain)
