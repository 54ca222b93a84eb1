"""The phrase rules that come with the service, read from the package and compiled once.

The rules are data: TOML files in `phrase_rules/`, one a subject, with the word lists and spellings
beside them. This module turns them into a `Rulebook` and refuses anything it does not know: a rule
with an unknown key or kind stops the start, in words that name the rule.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any

from connector.domain.phrases import (
    ConcernKind,
    Intent,
    Kind,
    News,
    PhraseRule,
    PhraseRuleError,
    Rulebook,
)
from connector.domain.promise import Promise
from connector.domain.spelling import Speller

RULE_FILES = (
    "danger",
    "signs",
    "sideways",
    "harm",
    "body",
    "daily",
    "plainly",
    "asks",
    "good",
)
_TUPLES = ("needs", "patterns", "fires", "quiet")


def _load(name: str) -> dict[str, Any]:
    path = files("connector.gateways").joinpath("phrase_rules", f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _kind(word: str) -> Kind:
    kinds: tuple[type[ConcernKind | Intent | News], ...] = (ConcernKind, Intent, News)
    for kind in kinds:
        if word in list(kind):
            return kind(word)
    raise ValueError(f"{word!r} is no kind of rule")


def rule_of(data: dict[str, Any]) -> PhraseRule:
    """One rule from its data. Raises `PhraseRuleError` naming the rule when it is not usable."""
    name = str(data.get("id", "a rule without an id"))
    values: dict[str, Any] = {
        key: tuple(value) if key in _TUPLES else value for key, value in data.items()
    }
    try:
        values["kind"] = _kind(data["kind"])
        values["promise"] = Promise(data["promise"])
        return PhraseRule(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise PhraseRuleError(f"{name}: {error}") from error


def load_rules() -> tuple[PhraseRule, ...]:
    """Every rule of the package, in the order of the files."""
    return tuple(rule_of(rule) for name in RULE_FILES for rule in _load(name)["rule"])


def _speller(rules: tuple[PhraseRule, ...]) -> Speller:
    spelling = _load("spelling")
    needed = (word for rule in rules for word in rule.needs if word.isalnum())
    return Speller(
        spellings=spelling["words"],
        run_together=spelling["run_together"].split(),
        strong=spelling["strong"].split(),
        fuzzy=spelling["fuzzy"].split(),
        keep=spelling["keep"].split(),
        vocabulary=needed,
    )


@lru_cache(maxsize=1)
def phrase_book() -> Rulebook:
    """The rulebook of this version of the service; the same object on every call."""
    rules = load_rules()
    words = _load("words")
    return Rulebook(rules, _speller(rules), words["lists"], words["contexts"])
