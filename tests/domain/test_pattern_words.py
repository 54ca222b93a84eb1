"""What a pattern cannot match without: never a word that some match does not hold."""

from __future__ import annotations

import pytest

from connector.domain.pattern_words import PatternWords

LISTS = {"pet": "cat|dog", "gap": "(?:[^ .,]+ ){0,2}"}
CASES = [
    ("feed the budgie", {"feed", "the", "budgie"}),
    ("feed (?:the )?budgie", {"feed", "budgie"}),
    ("(?:feed|walk) {gap}(?:{pet})", {"feed|walk", "cat|dog"}),
    ("budgies? fed", {"fed"}),
    ("un(?:happy|well) today", {"today"}),
    ("sad(?= today)(?! now)", {"sad"}),
    ("(?:sad|low|) today", {"today"}),
    ("(?:my|to) cage", {"cage"}),
    ("[a-z]+ cage", {"cage"}),
]


@pytest.mark.parametrize(("source", "groups"), CASES, ids=[case[0] for case in CASES])
def test_a_match_holds_a_word_of_each_group(source: str, groups: set[str]) -> None:
    told = {"|".join(sorted(words)) for words in PatternWords(LISTS).must_hold(source)}
    assert told == groups


@pytest.mark.parametrize("source", ["sad)", "(?:sad|{nobody})"])
def test_what_cannot_be_read_is_refused(source: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        PatternWords(LISTS).must_hold(source)
