"""Reasons that need no history: what a reply, the network and a failure give."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain import signals
from connector.domain.phrases import ConcernKind, Intent, Span
from connector.domain.promise import Promise
from connector.domain.question import OPEN, Better, Question, QuestionKind
from connector.domain.reading import Asked, Concern, Reading, read
from connector.domain.signals import Signal, SignalKind, from_reading
from connector.gateways.phrase_book import phrase_book

MOOD = Question(QuestionKind.SCALE)
WORRY = Question(QuestionKind.SCALE, 1, 5, Better.LOW)


@pytest.mark.parametrize("kind", list(SignalKind), ids=str)
def test_every_reason_has_words_and_a_promise(kind: SignalKind) -> None:
    assert kind.words[0].isupper()
    assert kind.usual_promise is not Promise.NONE


def reading(
    answer: float | None = None,
    *,
    concerns: tuple[Concern, ...] = (),
    intents: tuple[Intent, ...] = (),
    promise: Promise = Promise.NONE,
    understood: bool = True,
) -> Reading:
    asked = tuple(Asked(intent, f"{intent}-rule", 2, Span(0, 4)) for intent in intents)
    return Reading(answer, intents, concerns, promise, understood=understood, asked=asked)


def concern(kind: ConcernKind, promise: Promise, start: int = 0, note: str = "") -> Concern:
    return Concern(kind, promise, f"{kind}-rule", 3, Span(start, start + 5), note)


SPIRITS = concern(ConcernKind.LOW, Promise.THIS_WEEK)


@pytest.mark.parametrize(
    ("read", "question", "expected"),
    [
        pytest.param(reading(7), MOOD, [], id="a good number"),
        pytest.param(reading(2), MOOD, [("low", "this_week")], id="a low number"),
        pytest.param(reading(0), MOOD, [("low", "today")], id="the lowest number"),
        pytest.param(reading(5), WORRY, [("low", "today")], id="the worst where low is good"),
        pytest.param(reading(1), WORRY, [], id="the best where low is good"),
        pytest.param(reading(0), OPEN, [], id="a number without a scale"),
        pytest.param(reading(concerns=(SPIRITS,)), MOOD, [("low", "this_week")], id="low in words"),
        pytest.param(
            reading(2, concerns=(SPIRITS,)), MOOD, [("low", "this_week")], id="low in both"
        ),
        pytest.param(
            reading(concerns=(concern(ConcernKind.LOW, Promise.TODAY),)),
            MOOD,
            [("words", "today")],
            id="without hope",
        ),
        pytest.param(
            reading(intents=(Intent.CALL_ME, Intent.HELP)), MOOD, [("asked", "today")], id="a call"
        ),
        pytest.param(reading(intents=(Intent.OPT_OUT,)), OPEN, [("stopped", "today")], id="a stop"),
        pytest.param(reading(intents=(Intent.WRONG_NUMBER,)), OPEN, [("wrong", "now")], id="wrong"),
        pytest.param(reading(intents=(Intent.LATER,)), MOOD, [], id="later is no reason"),
        pytest.param(reading(understood=False), MOOD, [("unclear", "today")], id="unclear"),
        pytest.param(
            reading(promise=Promise.GOOD_NEWS), OPEN, [("good", "good_news")], id="good news"
        ),
        pytest.param(
            reading(
                intents=(Intent.OPT_OUT,),
                concerns=(concern(ConcernKind.DANGER_TO_LIFE, Promise.NOW),),
            ),
            MOOD,
            [("words", "now"), ("stopped", "today")],
            id="a stop and a danger, the danger first",
        ),
    ],
)
def test_what_a_reply_gives(
    read: Reading, question: Question, expected: list[tuple[str, str]]
) -> None:
    found = from_reading(read, question, name="Sara")
    assert [(signal.kind, signal.promise) for signal in found] == expected


def test_where_a_usual_is_kept_it_speaks_of_low_numbers() -> None:
    assert from_reading(reading(1), MOOD, name="Sara", with_usual=True) == ()


def test_a_question_without_levels_keeps_the_words_but_not_as_low() -> None:
    (signal,) = from_reading(reading(0, concerns=(SPIRITS,)), MOOD, name="Sara", levels=False)
    assert signal.kind is SignalKind.WORDS


def test_words_are_marked_named_and_noted_in_one_reason() -> None:
    danger = concern(ConcernKind.DANGER_TO_LIFE, Promise.TODAY, 0, "speaks of the past")
    alone = concern(ConcernKind.ALONE, Promise.THIS_WEEK, 9)
    (signal,) = from_reading(reading(concerns=(alone, danger)), OPEN, name="Sara")
    assert signal.sentence == (
        "Sara wrote about being alone and danger to life (speaks of the past). "
        "Someone should read it."
    )
    assert (signal.rule, signal.version) == ("danger_to_life-rule", 3)
    assert signal.spans == (Span(9, 14), Span(0, 5))


@pytest.mark.parametrize("kind", list(ConcernKind), ids=str)
def test_every_concern_has_plain_words(kind: ConcernKind) -> None:
    (signal,) = from_reading(reading(concerns=(concern(kind, Promise.TODAY),)), OPEN, name="Sara")
    assert signal.sentence.startswith("Sara wrote about ")
    assert "_" not in signal.sentence


@pytest.mark.parametrize(
    ("sentence", "rule", "promise"),
    [
        pytest.param("", "a rule", Promise.TODAY, id="no sentence"),
        pytest.param("A sentence.", "", Promise.TODAY, id="no rule"),
        pytest.param("A sentence.", "a rule", Promise.NONE, id="no promise"),
    ],
)
def test_a_reason_that_cannot_explain_itself_cannot_be_built(
    sentence: str, rule: str, promise: Promise
) -> None:
    with pytest.raises(ValueError, match="why"):
        Signal(SignalKind.LOW, promise, sentence, rule)


def test_what_the_machine_could_not_read_is_for_today() -> None:
    signal = signals.not_read("Sara")
    assert signal.promise is Promise.TODAY
    assert "could not be read by the machine" in signal.sentence


@pytest.mark.parametrize(
    ("texts", "since", "sentence"),
    [
        pytest.param(1, None, "The last text to Sara did not arrive. Check the number.", id="one"),
        pytest.param(
            3,
            date(2026, 5, 4),
            "The last 3 texts to Sara did not arrive (since 4 May). Check the number.",
            id="three",
        ),
    ],
)
def test_texts_that_do_not_arrive(texts: int, since: date | None, sentence: str) -> None:
    assert signals.undelivered("Sara", texts=texts, since=since).sentence == sentence


def test_a_stop_at_the_network_is_for_today() -> None:
    signal = signals.stopped("Sara")
    assert signal.promise is Promise.TODAY
    assert signal.sentence == "Texts to Sara were stopped by the network."


def test_good_news_has_no_hurry() -> None:
    assert signals.good_news("Sara").promise is Promise.GOOD_NEWS


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        pytest.param(["a"], "a", id="one"),
        pytest.param(["a", "b"], "a and b", id="two"),
        pytest.param(["a", "b", "c"], "a, b and c", id="three"),
    ],
)
def test_things_are_listed_as_people_list_them(words: list[str], sentence: str) -> None:
    assert signals.listed(words) == sentence


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        pytest.param(3.0, "3", id="whole"),
        pytest.param(3.5, "3.5", id="half"),
        pytest.param(10.0, "10", id="ten"),
    ],
)
def test_figures_carry_no_needless_nought(figure: float, words: str) -> None:
    assert signals.figure_in_words(figure) == words


def test_a_day_of_another_year_says_so() -> None:
    assert signals.day_in_words(date(2025, 12, 30), date(2026, 1, 6)) == "30 December 2025"
    assert signals.day_in_words(date(2026, 5, 4), date(2026, 6, 6)) == "4 May"


def test_a_label_of_capitals_keeps_them_inside_a_sentence() -> None:
    assert signals.lowered("Mood 3") == "mood 3"
    assert signals.lowered("ONS 3") == "ONS 3"


RULES = phrase_book()
SAID = (
    *("2", "0", "1 today", "I want to die", "no food in", "ring me please", "HELP"),
    *("feeling really low", "my tablets have run out", "purple monkey dishwasher", "he hits me"),
    *("wrong number mate", "I fell and can't get up", "worse", "crap"),
)
MORE = (
    *("The beans are up.", "Thanks for asking!", "lol", "It rained all day.", "just joking"),
    *("See you Tuesday.", "Not too bad.", "My sister had 3 cups of tea.", "I'm fine.", "ok x"),
)


@given(st.sampled_from(SAID), st.lists(st.sampled_from(MORE), max_size=4))
def test_no_further_sentence_takes_a_reason_away(said: str, more: list[str]) -> None:
    for question in (MOOD, OPEN):
        one = from_reading(read(said, question, RULES), question, name="Sara")
        whole = ". ".join([said, *more])
        all_of_it = from_reading(read(whole, question, RULES), question, name="Sara")
        kinds = {signal.kind for signal in one} - {SignalKind.UNCLEAR, SignalKind.GOOD}
        assert kinds <= {signal.kind for signal in all_of_it}
        assert bool(all_of_it) >= bool(one), "what could not be read is not filed away"
        if one:
            assert all_of_it[0].promise.at_least(one[0].promise)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Promise.THIS_WEEK, Promise.TODAY),
        (Promise.TODAY, Promise.NOW),
        (Promise.NOW, Promise.NOW),
    ],
)
def test_silence_after_a_worrying_reply_brings_the_promise_a_step_nearer(
    before: Promise, after: Promise
) -> None:
    found = signals.still_quiet(
        "Sara", since=date(2026, 11, 20), today=date(2026, 11, 24), before=before
    )
    assert (found.kind, found.promise) == (SignalKind.QUIET, after)
    assert "since what they wrote on 20 November" in found.sentence
    assert ("Moved up" in found.sentence) is (before is not after)


def test_good_news_is_left_out_where_anything_else_asks_for_a_person() -> None:
    good, low = signals.good_news("Sara"), signals.unclear("Sara")
    assert signals.good_alone((good, low)) == (low,)
    assert signals.good_alone((good,)) == (good,)
