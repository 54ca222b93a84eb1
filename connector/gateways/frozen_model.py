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
FEWEST_WORDS = 3  # of a text that is put first; two words are too little to weigh
_DIGIT = re.compile(r"\d")
# Everyday sayings with heavy words in them. They are read as if they were not there, so that what
# else a text says still counts.
_SAYINGS = re.compile(
    r"(?<= )(?:"
    r"(?:(?:is|are|was|were|it is) )?to die for|die hard|never say die|dressed to kill|"
    r"suicide squad|death (?:in paradise|on the nile|by chocolate|becomes her)|"
    r"over my dead body|dead (?:good|nice|lovely|cute|proud|happy|funny|easy|quiet|busy|on time)|"
    r"(?:could|would) (?:murder|kill for) a [a-z]+|(?:killed|killing|kill|smashed|nailed) it|"
    r"kill(?:ing)? (?:some |a bit of )?time|kill two birds(?: with one stone)?|"
    r"(?:feet|legs|shoes|heat|suspense|weather|traffic) (?:is|are|was|were) killing me|"
    r"(?:dying|died) (?:for|to|of) (?:a|an|some|see|meet|get|try|know|hear|laughter|laughing|"
    r"thirst|hunger|boredom|embarrassment|shame|curiosity|the heat)|died laughing|"
    r"(?:nearly|almost|could have|would have|i would) (?:died|die) (?:laughing|of|when|for)|"
    r"(?:phone|mobile|battery|laptop|tablet|car|signal) (?:is |has |just |nearly |almost |went )*"
    r"(?:died|dead|dying)|tired of (?:travel|travelling|waiting|walking|shopping|the rain)|"
    r"(?:hang|hanging) (?:out|on|about|around|up)(?: the)?(?: washing)?|cut (?:the|my) "
    r"(?:grass|hedge|hair|lawn|cake)|drop dead gorgeous|sick of (?:this|the) (?:weather|rain|heat)|"
    r"bored to (?:death|tears)|(?:scared|worried|frozen|starving) to death|"
    r"laughed? (?:my head off|till i cried|until i cried)|"
    r"cr(?:y|ied|ying) (?:laughing|with laughter)"
    r")(?= )"
)


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


def _blank(saying: re.Match[str]) -> str:
    """As many spaces, so that every word stays where it stood."""
    return " " * len(saying.group())


def _words(seen: str) -> int:
    return sum(word not in (SENTENCE_END, PAUSE) for word in seen.split())


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
        seen = _SAYINGS.sub(_blank, model_text(plain))
        figure = self._figure(" ".join(("", *seen.split(), "")))
        first = figure >= self._weights.threshold and _words(seen) >= FEWEST_WORDS
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
