"""Hints on wording: what they catch, what they leave alone, and that they explain themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.plain_words import Hint, Terms, blocks, check, syllables
from connector.domain.sms import SmsText
from connector.domain.word_groups import FINE, GROUPS, Level, TextKind

BY_HAND = Terms(kind=TextKind.BY_HAND)
CRISIS = Terms(kind=TextKind.CRISIS)
NOTE = Terms(kind=TextKind.STAFF_NOTE)


def found(text: str, terms: Terms | None = None) -> set[tuple[str, str, str]]:
    return {(hint.group, hint.level.value, hint.words) for hint in check(text, terms)}


def groups(text: str, terms: Terms | None = None) -> list[str]:
    return [hint.group for hint in check(text, terms)]


MODEL_TEXTS = [
    "Hi Sara, how has this week been? Text a number from 0 (really hard) to 10 (really good). "
    "A word or two is fine as well. Priya",
    "These texts are read by me on weekdays, 9 to 5. They are not for emergencies: call 999, "
    "or 111 and press 2, day or night.",
    "Thanks for telling me, Sara. Sounds like a rough week. I'll ring you by 5pm tomorrow. "
    "If you need someone sooner: 116 123, free, any time. Priya",
    "Got your text. We're closed now and will read it by 10am Monday. If it can't wait: 999 in "
    "danger, 111 then 2, or 116 123 to talk. Free, any time.",
    "We don't pass your replies to the Jobcentre. There are rare times the law makes us share. "
    "Ask me and I'll explain. More: {number}",
    "Hi {name}, a missed call to this number costs nothing. Ring off and I'll know. {sender}",
]


@pytest.mark.parametrize("text", MODEL_TEXTS, ids=lambda text: text[:24])
def test_a_good_text_gets_no_hint(text: str) -> None:
    assert check(text) == ()


@pytest.mark.parametrize(
    ("text", "group", "level", "words"),
    [
        ("Are you lonely?", "Stigma labels", "block", "lonely"),
        ("We help hard-to-reach people.", "Stigma labels", "block", "hard-to-reach"),
        ("Money for the disabled.", "Stigma labels", "block", "the disabled"),
        ("How is your wellbeing?", "Names the deficit", "block", "wellbeing"),
        ("How is your self-esteem?", "Names the deficit", "block", "self-esteem"),
        ("You MUST come.", "Coercion", "block", "MUST"),
        ("You are attending on Friday.", "Coercion", "block", "attending"),
        ("About your PIP form.", "Benefit and capability", "block", "PIP"),
        ("Are you fit for work?", "Benefit and capability", "block", "fit for work"),
        ("A slimming club.", "Body and weight", "block", "slimming"),
        ("A club for service users.", "Jargon", "block", "service users"),
        ("Well done you!", "Patronising", "warn", "Well done you"),
        ("I’m always here.", "False closeness", "block", "always here"),
        ("URGENT: read this.", "Scam-like", "block", "URGENT"),
        ("See bit.ly/abc now.", "Scam-like", "block", "bit.ly/abc"),
        ("See https://example.org/x now.", "Scam-like", "block", "https://example.org/x"),
        ("See www.example.co.uk now.", "Scam-like", "block", "www.example.co.uk"),
        ("Worth £20.50 to you.", "Scam-like", "block", "£20.50"),
        ("Worth 20 pounds.", "Scam-like", "block", "20 pounds"),
        ("Send me your CV.", "Job first", "warn", "CV"),
        ("Text me 24/7.", "Overpromise", "block", "24/7"),
        ("It is confidential.", "Overpromise", "block", "confidential"),
        ("Ring me on 07700 900123.", "Phone number", "warn", "07700 900123"),
        ("How are you? And your cat?", "One question", "warn", "?"),
        ("Siân", "Characters", "info", "â"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_words_that_do_not_belong_are_found(text: str, group: str, level: str, words: str) -> None:
    assert (group, level, words) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Pip the dog is well.",
        "The disabled toilet is on the left.",
        "I called, it was a missed call.",
        "We sat down to eat.",
        "Dusty books at 10.30. See you.",
        "It was lovely at home.Come again.",
        "Meet at 10:15 or 11:45.",
    ],
)
def test_words_that_only_look_like_them_are_left_alone(text: str) -> None:
    assert check(text) == ()


@pytest.mark.parametrize(
    ("text", "group", "caught_by", "free_for"),
    [
        pytest.param(
            "Thinking of you.", "False closeness", Terms(), BY_HAND, id="closeness of a person"
        ),
        pytest.param(
            "Ask about mental health.", "Names the deficit", BY_HAND, CRISIS, id="crisis text"
        ),
        pytest.param(
            "About that job.", "Job first", Terms(), Terms(work_raised=True), id="raised work"
        ),
        pytest.param(
            "See example.org today.",
            "Scam-like",
            Terms(),
            Terms(allowed_links=frozenset({"example.org"})),
            id="an allowed link",
        ),
        pytest.param(
            "Ring 07700 900123.",
            "Phone number",
            Terms(),
            Terms(listed_numbers=frozenset({"07700900123"})),
            id="a listed number",
        ),
        pytest.param("Chaotic as ever.", "Staff words", NOTE, Terms(), id="notes of staff"),
        pytest.param("You must come.", "Coercion", Terms(), Terms(language="cy"), id="not English"),
    ],
)
def test_some_words_depend_on_who_says_them(
    text: str, group: str, caught_by: Terms, free_for: Terms
) -> None:
    assert group in groups(text, caught_by)
    assert group not in groups(text, free_for)


def test_all_hours_may_be_said_of_a_listed_crisis_line_only() -> None:
    assert groups("Samaritans are on 116 123, any time.") == []
    assert groups("I am on 116 1234, any time.") == ["Overpromise"]


def test_other_languages_still_have_links_length_and_characters_looked_at() -> None:
    hints = groups("Mae'n wych, gweler bit.ly/abc â ni", Terms(language="cy"))
    assert hints == ["Scam-like", "Characters"]


@pytest.mark.parametrize(
    ("segments", "terms", "level"),
    [
        (1, Terms(), None),
        (2, Terms(), Level.INFO),
        (3, Terms(), Level.BLOCK),
        (3, BY_HAND, Level.WARN),
    ],
    ids=["one", "two", "three", "three by hand"],
)
def test_length_is_told_by_segments(segments: int, terms: Terms, level: Level | None) -> None:
    text = "So. " * (35 * segments)
    assert SmsText(text).segments == segments
    assert {hint.level for hint in check(text, terms)} == ({level} if level else set())


def test_a_costly_character_shows_its_price_and_its_fix() -> None:
    text = "a" * 80 + "’"
    hint = next(hint for hint in check(text) if hint.group == "Characters")
    assert hint.instead == ("'",)
    assert "2 segments instead of 1" in hint.why


@pytest.mark.parametrize(
    ("letter", "instead"),
    [("ŵ", ("w",)), ("—", ("-",)), ("🙂", ()), ("\u200b", ())],
    ids=["Welsh", "dash", "emoji", "unseen"],
)
def test_the_fix_of_a_costly_character(letter: str, instead: tuple[str, ...]) -> None:
    hint = next(hint for hint in check(f"Hi {letter} you") if hint.group == "Characters")
    assert hint.instead == instead


def test_long_sentences_and_long_words_are_told() -> None:
    long = "We went to the town and saw the cat and the dog and then we had tea and cake."
    assert [(hint.group, hint.level) for hint in check(long)] == [("Reading ease", Level.WARN)]
    middling = "We went to the town and saw the cat and the dog and ate."
    assert [hint.level for hint in check(middling)] == [Level.INFO]
    assert [hint.words for hint in check("A questionnaire for us.")] == ["questionnaire"]


@pytest.mark.parametrize(
    ("words", "levels"),
    [(12, []), (13, [Level.INFO]), (15, [Level.INFO]), (16, [Level.WARN])],
    ids=["twelve", "thirteen", "fifteen", "sixteen"],
)
def test_where_a_sentence_begins_to_be_long(words: int, levels: list[Level]) -> None:
    text = " ".join(["cat"] * words) + "."
    assert [hint.level for hint in check(text)] == levels


def test_names_and_everyday_long_words_are_not_told() -> None:
    assert check("Come with Angelica on Saturday afternoon to the library.") == ()


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("week", 1), ("table", 2), ("called", 1), ("wanted", 2), ("lonely", 2), ("smiles", 1),
        ("houses", 2), ("people", 2), ("tomorrow", 3), ("emergency", 4), ("nth", 1), ("ages", 2),
    ],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_any_block_needs_a_second_person() -> None:
    assert blocks(check("You must come."))
    assert not blocks(check("Well done you, and just the job"))


def test_each_phrase_in_the_lists_is_found_where_it_applies() -> None:
    for group in GROUPS:
        for phrase in group.phrases:
            kind = next(iter(group.kinds))
            text = f"Well {phrase.replace('*', '')} now."
            if not any(one in text for one in FINE):
                assert group.name in groups(text, Terms(kind=kind)), (group.name, phrase)


@given(
    st.lists(
        st.sampled_from(
            ["lonely", "ŵ", "£5", "?", "bit.ly/x", "24/7", "👍", "Hello", ".", "’", "{name}", "\n"]
        )
        | st.text(max_size=12),
        max_size=30,
    ).map(" ".join),
    st.sampled_from(list(TextKind)),
)
def test_every_hint_stands_where_it_says_and_explains_itself(text: str, kind: TextKind) -> None:
    hints = check(text, Terms(kind=kind))
    assert list(hints) == sorted(hints, key=lambda hint: hint.start)
    for hint in hints:
        assert hint.words == text[hint.start : hint.end]
        assert hint.why.endswith((".", "?"))
        assert Hint(**hint.to_json() | {"level": hint.level, "instead": hint.instead}) == hint
