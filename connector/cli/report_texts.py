"""The text rows of `connector noticing report`: how many texts are put before a person soon.

Short texts of people in distress should be: promised *now* or *today* by a rule, or read first by
the model. Ordinary texts should not, beyond the few that ask for it. The same texts are put to a
plain list of phrases and, where it is installed, to VADER, with its limit set so that one ordinary
text in two hundred passes.

Files are used where the folder has them, and left out with a sentence where not:
`sms_dev.csv` (source, text), `emotions_dev.csv` (text, labels), and the wheel of construct-tracker,
whose texts the rules were written beside and the model was trained on. It refuses to print or keep
any text.
"""

from __future__ import annotations

import csv
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from math import sqrt
from pathlib import Path
from typing import Any, Final

from connector.cli import train
from connector.domain.promise import Promise
from connector.domain.question import OPEN
from connector.domain.reading import read
from connector.gateways.frozen_model import frozen_model
from connector.gateways.phrase_book import phrase_book

SMS: Final = "sms_dev.csv"
EMOTIONS: Final = "emotions_dev.csv"
WHEEL: Final = "construct_tracker-*.whl"
VADER: Final = "vaderSentiment"
SHORT: Final = 60
LONGEST: Final = 320
EVERY_NTH_EMOTION: Final = 10
ORDINARY_SHARE: Final = 0.005
PHRASES: Final = (
    *("suicid", "kill myself", "killing myself", "end my life", "ending my life", "take my life"),
    *("want to die", "wanna die", "wish i was dead", "better off dead", "end it all", "kms"),
    *("self harm", "self-harm", "hurt myself", "cut myself", "overdose", "no reason to live"),
    *("don't want to live", "dont want to live", "don't want to be here", "can't go on"),
)
"""A list that anybody might write down; nothing was tuned."""

Groups = Mapping[str, Sequence[str]]
Soon = Callable[[str], bool]


def lines(folder: Path) -> Iterator[str]:
    """The rows for the texts in `folder`, and a sentence for each file that is not there."""
    distress, ordinary, missing = _groups(folder)
    if not distress and not ordinary:
        yield from missing
        return
    yield f"{'texts put before a person now, today or first':<44}" + "".join(
        f"{name:>30}" for name in [*distress, *ordinary]
    )
    for name, soon in _ways(ordinary).items():
        shares = [_share(texts, soon) for texts in [*distress.values(), *ordinary.values()]]
        yield f"  {name:<42}" + "".join(f"{share:>30}" for share in shares)
    yield from missing
    if not find_spec(VADER):
        yield f"VADER is left out: {VADER} is not installed (pip install --group report)."
    if distress:
        yield (
            "The rules were written beside these texts of distress and the model was trained on "
            "them, so their rows flatter; docs/model-card.md has the model on texts held out."
        )


def _groups(folder: Path) -> tuple[Groups, Groups, list[str]]:
    """Texts of distress and ordinary ones, by a name; sentences about what is missing."""
    distress: dict[str, Sequence[str]] = {}
    ordinary: dict[str, Sequence[str]] = {}
    missing: list[str] = []
    wheel = next(iter(sorted(folder.glob(WHEEL))), None)
    if wheel:
        texts = _distress(wheel)
        distress["distress, to 320"] = texts
        distress["distress, under 60"] = [text for text in texts if len(text) < SHORT]
    else:
        missing.append(f"No texts of distress: {WHEEL} is not in the folder.")
    if (folder / SMS).exists():
        rows = _rows(folder / SMS)
        for source in sorted({row["source"] for row in rows}):
            name = source.replace("sms_", "ordinary, ")
            ordinary[name] = [row["text"] for row in rows if row["source"] == source]
    else:
        missing.append(f"No ordinary text messages: {SMS} is not in the folder.")
    if (folder / EMOTIONS).exists():
        some = _rows(folder / EMOTIONS)[::EVERY_NTH_EMOTION]
        sad = [row["text"] for row in some if _is_sad(row["labels"])]
        ordinary["comments, sad or afraid"] = sad
        ordinary["comments, all others"] = [
            row["text"] for row in some if not _is_sad(row["labels"])
        ]
    else:
        missing.append(f"No comments with feelings: {EMOTIONS} is not in the folder.")
    return distress, ordinary, missing


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _is_sad(labels: str) -> bool:
    return any(word in labels for word in train.HEAVY_HEARTED)


def _distress(wheel: Path) -> list[str]:
    """Whole texts of people in distress, as somebody wrote them, short enough for a text."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        with zipfile.ZipFile(wheel) as archive:
            return [one.text for one in train.from_wheel(archive) if one.whole and one.distress]
    finally:
        csv.field_size_limit(before)


def _ways(ordinary: Groups) -> dict[str, Soon]:
    """Every way to decide, by its name."""
    rules, model = phrase_book(), frozen_model()

    def by_rules(text: str) -> bool:
        return read(text, OPEN, rules).promise.at_least(Promise.TODAY)

    def by_model(text: str) -> bool:
        return model.weigh(text).read_first

    def by_both(text: str) -> bool:
        reading = read(text, OPEN, rules, model)
        return reading.promise.at_least(Promise.TODAY) or reading.read_first

    ways: dict[str, Soon] = {
        "rules and model": by_both,
        "rules alone": by_rules,
        "model alone": by_model,
        "a plain list of phrases": _by_phrases,
    }
    messages = [text for name, texts in ordinary.items() if "ordinary" in name for text in texts]
    if messages and find_spec(VADER):
        limit, score = _vader(messages)
        ways[f"VADER, {limit:.2f} or lower"] = lambda text: score(text) <= limit
    return ways


def _by_phrases(text: str) -> bool:
    plain = text.lower().replace("’", "'")
    return any(phrase in plain for phrase in PHRASES)


def _vader(messages: Sequence[str]) -> tuple[float, Callable[[str], float]]:
    """VADER's compound score, and the limit that lets one ordinary message in two hundred by."""
    analyser: Any = import_module(f"{VADER}.vaderSentiment").SentimentIntensityAnalyzer()

    def score(text: str) -> float:
        return float(analyser.polarity_scores(text)["compound"])

    scores = sorted(score(text) for text in messages)
    return scores[max(int(len(scores) * ORDINARY_SHARE) - 1, 0)], score


def _share(texts: Sequence[str], soon: Soon) -> str:
    """ "206/301 68% (63 to 73)": how many, and the share with its Wilson interval of 95%."""
    if not texts:
        return "none"
    n, hits, z = len(texts), sum(soon(text) for text in texts), 1.96
    share = hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    digits = 0 if share > 0.05 else 2
    low, high = 100 * max(middle - half, 0), 100 * (middle + half)
    return f"{hits}/{n} {100 * share:.{digits}f}% ({low:.{digits}f} to {high:.{digits}f})"
