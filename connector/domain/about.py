"""What the public page says of the people behind the texts, as coordinators have written it.

Facts are written once; sentences once a language, and English stands in where there is no other. It
refuses a word to join with that means something else by text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.domain.errors import Invalid
from connector.domain.programme import DEFAULT_LANGUAGE

LANGUAGES = ("en", "cy")
KEYWORD = "HELLO"
LONGEST_FACT = 120
LONGEST_SENTENCE = 400
FACTS = {
    "organisation": "who sends the texts",
    "number": "the number the texts come from",
    "phone": "the phone of the office",
    "email": "an email address",
    "address": "where the office is",
}
SENTENCES = {
    "who_reads": "who reads the replies",
    "hours": "when they are read",
    "keeps": "how long things are kept",
    "complaints": "whom to complain to",
}
NEEDED = ("organisation", "number", "phone", *SENTENCES)
"""Without one of these the page has a gap, and coordinators are told so."""
_TAKEN = """
STOP STOPALL END QUIT CANCEL UNSUBSCRIBE REVOKE OPTOUT START YES NO UNSTOP HELP INFO
CALL PAUSE AWAY LESS MORE LATER WHO WHY OPTIONS THANKS
"""
TAKEN = frozenset(_TAKEN.split())
"""Words that mean something else by text."""
_KEYWORD = re.compile(r"[A-Z]{4,12}")
_DIGITS = re.compile(r"\D")
_AN_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
SHORTEST_PHONE = 3


@dataclass(frozen=True, slots=True)
class About:
    """`facts` by name; `sentences` by (name, language). `keyword` starts a request by text."""

    facts: Mapping[str, str] = field(default_factory=dict)
    sentences: Mapping[tuple[str, str], str] = field(default_factory=dict)
    keyword: str = KEYWORD

    def fact(self, name: str) -> str:
        return self.facts.get(name, "")

    def sentence(self, name: str, language: str) -> tuple[str, str]:
        """The words and the language they are in; empty when nobody has written any."""
        for one in (language, DEFAULT_LANGUAGE, *LANGUAGES):
            if words := self.sentences.get((name, one), ""):
                return words, one
        return "", language

    @property
    def missing(self) -> tuple[str, ...]:
        """What still has to be written, as a person would name it."""
        means = FACTS | SENTENCES
        there = {name for name, words in self.facts.items() if words}
        there |= {name for (name, _language), words in self.sentences.items() if words}
        return tuple(means[name] for name in NEEDED if name not in there)


def missing_words(about: About) -> str:
    """One short sentence for coordinators; empty when nothing is missing."""
    gaps, page = about.missing, "The public page about these texts"
    if len(gaps) == len(NEEDED):
        return f"{page} is not written yet."
    if len(gaps) > 1:
        return f"{page} has {len(gaps)} gaps."
    return f"{page} does not say yet: {gaps[0]}." if gaps else ""


def checked(about: About) -> About:
    """The same in order. Raises `Invalid` for what cannot be kept."""
    facts = {name: " ".join(about.fact(name).split()) for name in FACTS}
    sentences = {key: " ".join(words.split()) for key, words in about.sentences.items()}
    for name, words in facts.items():
        _refuse_longer(words, LONGEST_FACT, FACTS[name])
    for (name, _language), words in sentences.items():
        _refuse_longer(words, LONGEST_SENTENCE, SENTENCES[name])
    if facts["phone"] and len(_DIGITS.sub("", facts["phone"])) < SHORTEST_PHONE:
        raise Invalid("The phone of the office needs a number that people can ring.")
    if facts["email"] and not _AN_EMAIL.fullmatch(facts["email"]):
        raise Invalid("The email address is not whole, such as office@example.org.")
    return About(
        {name: words for name, words in facts.items() if words},
        {key: words for key, words in sentences.items() if words},
        _keyword(about.keyword),
    )


def _refuse_longer(words: str, most: int, means: str) -> None:
    if len(words) > most:
        raise Invalid(f"What is written for {means} is longer than {most} characters.")


def _keyword(written: str) -> str:
    word = written.strip().upper() or KEYWORD
    if not _KEYWORD.fullmatch(word):
        raise Invalid("The word to join with is one word of 4 to 12 letters, such as HELLO.")
    if word in TAKEN:
        raise Invalid(f"{word} means something else by text: choose another word to join with.")
    return word
