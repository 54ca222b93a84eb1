"""The shipped phrase rules: each fires on its own examples and is quiet on look-alikes."""

from __future__ import annotations

import pytest

from connector.domain.phrases import PhraseRule, PhraseRuleError, Rulebook
from connector.domain.promise import Promise
from connector.gateways.phrase_book import load_rules, phrase_book, rule_of

RULES = load_rules()
FIRES = [pytest.param(rule, text, id=f"{rule.id}: {text}") for rule in RULES for text in rule.fires]
QUIET = [pytest.param(rule, text, id=f"{rule.id}: {text}") for rule in RULES for text in rule.quiet]
URGENT = (Promise.NOW, Promise.TODAY)


@pytest.mark.parametrize(("rule", "text"), FIRES)
def test_a_rule_fires_on_its_examples(rule: PhraseRule, text: str) -> None:
    assert rule.id in {match.rule for match in phrase_book().match(text)}


@pytest.mark.parametrize(("rule", "text"), QUIET)
def test_a_rule_is_quiet_on_what_only_looks_like_it(rule: PhraseRule, text: str) -> None:
    assert rule.id not in {match.rule for match in phrase_book().match(text)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_why_where_from_and_has_examples(rule: PhraseRule) -> None:
    assert rule.reason.endswith(".")
    assert rule.source
    assert rule.version >= 1
    assert len(rule.fires) >= 2
    assert rule.quiet or rule.kind.value == "danger_to_life"


def test_every_rule_compiles_and_the_book_is_made_once() -> None:
    book = phrase_book()
    book.compile_all()
    assert book is phrase_book()
    assert len(book.version) == 12


BROKEN = {
    "a kind nobody knows": {"kind": "weather"},
    "a promise nobody keeps": {"promise": "whenever"},
    "a key nobody reads": {"colour": "red"},
}
WHOLE = {
    "id": "broken-on-purpose", "version": 1, "kind": "low", "promise": "this_week", "reason": "r",
    "source": "s", "needs": ["blue"], "patterns": ["blue"], "fires": ["blue"], "quiet": [],
}  # fmt: skip


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_a_rule_that_cannot_be_used_is_refused_by_name(change: dict[str, object]) -> None:
    with pytest.raises(PhraseRuleError, match="broken-on-purpose"):
        rule_of({**WHOLE, **change})


def test_a_rule_without_an_id_is_refused() -> None:
    with pytest.raises(PhraseRuleError, match="without an id"):
        rule_of({key: value for key, value in WHOLE.items() if key != "id"})


@pytest.mark.parametrize("pattern", ["{colours}", "(blue"], ids=["no such list", "no such regex"])
def test_a_pattern_that_cannot_be_compiled_is_refused_by_name(pattern: str) -> None:
    rule = rule_of({**WHOLE, "patterns": [pattern]})
    with pytest.raises(PhraseRuleError, match="broken-on-purpose"):
        Rulebook([rule], phrase_book().speller).compile_all()


def test_two_rules_never_share_an_id() -> None:
    with pytest.raises(PhraseRuleError, match="share"):
        Rulebook([rule_of(WHOLE), rule_of(WHOLE)], phrase_book().speller)


EXAMPLES = [text for rule in RULES for text in (*rule.fires, *rule.quiet)]


def test_no_pattern_is_left_out_because_a_word_it_needs_was_forgotten() -> None:
    book = phrase_book()
    left_out = [
        (pattern.rule.id, text)
        for text in EXAMPLES
        for plain in [book.speller.plain(text)]
        for tried in [{number for word in plain.words for number in book._by_word.get(word, ())}]
        for number, pattern in enumerate(book._patterns)
        if number not in tried and pattern.compiled.search(plain.text)
    ]
    assert left_out == []
