"""A person's own usual: what raises a reason, what never does, and what may not change anything."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.promise import Promise
from connector.domain.question import About, Better, Question, QuestionKind
from connector.domain.signals import Signal
from connector.domain.usual import (
    Answer,
    Asked,
    Floor,
    Settings,
    Tuning,
    Usual,
    in_order,
    rebuilt,
    story,
    tuning_for,
)

MONDAY = date(2026, 5, 4)
WEEKLY = Settings(tuning_for(About.WEEK, 1))
TWICE = Settings(tuning_for(About.DAY, 2), about=About.DAY)
PAIR = Settings(tuning_for(About.DAY, 2), (Asked("Mood"), Asked("Sleep")), About.DAY)

scores = st.integers(0, 10).map(float)
histories = st.lists(
    st.tuples(st.integers(0, 90), st.tuples(scores, st.none() | scores)), min_size=1, max_size=25
).map(lambda rows: [Answer(MONDAY + timedelta(days=day), items) for day, items in rows])


def weekly(*moods: float | None, every: int = 7) -> list[Answer]:
    return [
        Answer(MONDAY + timedelta(days=every * n), (mood,))
        for n, mood in enumerate(moods)
        if mood is not None
    ]


def reasons(answers: list[Answer], settings: Settings = WEEKLY) -> list[tuple[int, str]]:
    """(which answer from 0, reason) for each reason raised."""
    return [
        (n, str(signal.kind))
        for n, (_, _, signals) in enumerate(story(answers, settings))
        for signal in signals
    ]


def last_signals(answers: list[Answer], settings: Settings = WEEKLY) -> tuple[Signal, ...]:
    return list(story(answers, settings))[-1][2]


@pytest.mark.parametrize(
    ("moods", "expected"),
    [
        pytest.param([7, 7, 6, 7, 7, 6, 7], [], id="steady is no reason"),
        pytest.param([8, 8, 8, 7], [], id="one point less is no reason"),
        pytest.param([7, 7, 6, 7, 7, 4], [(5, "below")], id="three lower than usual"),
        pytest.param([4, 4, 4, 5, 4, 4, 4], [], id="always low but not at the level"),
        pytest.param([7, 6, 7, 7, 9, 10, 10], [], id="better than usual"),
        pytest.param([7, 4], [], id="two replies are not yet a usual"),
        pytest.param([3], [(0, "low")], id="started low"),
        pytest.param([4], [], id="did not start low"),
        pytest.param([6, 2], [(1, "low")], id="two is low once"),
        pytest.param([5, 3], [], id="three is not low once"),
        pytest.param([5, 3, 3], [(2, "low")], id="three is low twice running"),
        pytest.param([4, 4, 3, 4, 3], [], id="three twice, but not running"),
        pytest.param([7, 7, 7, 7, 2], [(4, "low"), (4, "below")], id="low, and low for them"),
    ],
)
def test_what_a_series_of_weekly_moods_raises(
    moods: list[float], expected: list[tuple[int, str]]
) -> None:
    assert reasons(weekly(*moods)) == expected


def test_the_same_scores_are_a_reason_only_for_the_person_who_is_newly_low() -> None:
    always = reasons(weekly(4, 5, 4, 4, 5, 4, 4, 5, 4))
    newly = reasons(weekly(8, 8, 8, 7, 8, 8, 4, 5, 4))
    assert always == []
    assert newly[0] == (6, "below")


def test_the_sentence_says_what_is_usual_in_figures() -> None:
    (signal,) = last_signals(weekly(7, 6, 7, 6, 6, 4))
    assert signal.sentence == (
        "Mood 4 this week and 6 last; usually 6 to 7 (5 replies since 4 May)."
    )
    assert signal.rule == "lower than usual"
    assert signal.figures["replies"] == 5


def test_two_items_are_each_told_beside_their_own_usual() -> None:
    rows = [Answer(MONDAY + timedelta(days=n * 3), (7, 6)) for n in range(8)]
    rows.append(Answer(MONDAY + timedelta(days=24), (4, 3)))
    (signal,) = last_signals(rows, PAIR)
    assert signal.sentence == (
        "Mood 4 now and 7 on 25 May; usually 6 to 8. Sleep 3 now and 6 on 25 May; usually 5 to 7 "
        "(8 replies since 4 May)."
    )


def test_a_scale_where_low_is_better_is_told_in_its_own_figures() -> None:
    settings = Settings(tuning_for(About.WEEK, 1), (Asked("Worry", better=Better.LOW),))
    (signal,) = last_signals(weekly(2, 8), settings)
    assert signal.sentence.startswith("Worry 8; 8 or more is always looked at")


def test_a_scale_of_one_to_five_counts_like_nought_to_ten() -> None:
    fives = Settings(WEEKLY.tuning, (Asked("Mood", 1, 5),))
    moods = [7.5, 7.5, 5, 7.5, 7.5, 7.5, 2.5, 7.5, 0]
    as_fives = [1 + mood / 2.5 for mood in moods]
    assert reasons(weekly(*as_fives), fives) == reasons(weekly(*moods))
    assert reasons(weekly(*as_fives), fives)


def test_the_lowest_answer_of_all_is_for_today() -> None:
    raised = [
        (str(signal.kind), signal.promise)
        for *_, signals in story(weekly(8, 8, 7, 8, 8, 8, 5, every=5), WEEKLY)
        for signal in signals
    ]
    assert raised == [("below", Promise.TODAY)]


def test_the_worst_answer_of_the_scale_is_for_today() -> None:
    (signal, *_) = last_signals(weekly(5, 0))
    assert signal.kind == "low"
    assert signal.promise is Promise.TODAY


@pytest.mark.parametrize(
    ("days_later", "again"),
    [
        pytest.param(13, False, id="not within fourteen days"),
        pytest.param(14, True, id="after fourteen days"),
    ],
)
def test_the_same_reason_waits_before_it_is_raised_again(days_later: int, again: bool) -> None:
    first = Answer(MONDAY, (2,))
    later = Answer(MONDAY + timedelta(days=days_later), (2,))
    assert bool(last_signals([first, later])) is again


def test_a_worse_answer_breaks_the_wait() -> None:
    (signal,) = last_signals([Answer(MONDAY, (2,)), Answer(MONDAY + timedelta(days=2), (0,))])
    assert signal.promise is Promise.TODAY


def test_a_slow_slide_is_seen_against_the_first_weeks() -> None:
    slide = [8, 8, 7, 8, 8, *(7.5 - 0.15 * n for n in range(24))]
    settings = Settings(replace(WEEKLY.tuning, limit=99))
    kinds = [kind for _, kind in reasons(weekly(*slide), settings)]
    assert kinds[0] == "sliding"


def test_a_slide_says_where_it_came_from() -> None:
    settings = Settings(replace(WEEKLY.tuning, limit=99))
    signals = rebuilt(weekly(8, 8, 8, 8, 8, 5, 5, 5, 5, 5), settings)[1]
    assert signals[0].sentence == (
        "Sliding slowly: mood around 5.8, about 8 in the first weeks (4 replies in 28 days)."
    )


def test_levels_are_silent_for_questions_that_never_raise_low() -> None:
    assert reasons(weekly(1, 0), replace(WEEKLY, levels=False)) == []


def test_a_lowered_floor_holds_until_its_last_day() -> None:
    floor = Floor(1, "Priya", until=MONDAY + timedelta(days=7))
    settings = replace(WEEKLY, floor=floor)
    assert reasons(weekly(5, 2), settings) == []
    assert reasons(weekly(5, 5, 2), settings) == [(2, "low")]


@pytest.mark.parametrize(
    ("once", "by"), [pytest.param(0.5, "Priya", id="below 1"), pytest.param(1, "", id="by nobody")]
)
def test_a_floor_below_one_or_by_nobody_cannot_be_set(once: float, by: str) -> None:
    with pytest.raises(ValueError, match="floor"):
        Floor(once, by, until=MONDAY)


def test_the_usual_does_not_drift_while_a_flag_is_open() -> None:
    usual, _ = rebuilt(weekly(7, 7, 7, 7, 7, 7), WEEKLY)
    answer = Answer(MONDAY + timedelta(days=42), (5.5,))
    held, _ = usual.add(answer, WEEKLY, held=True)
    free, _ = usual.add(answer, WEEKLY, held=False)
    assert held.centres == usual.centres
    assert free.centres > usual.centres


def test_one_wild_answer_moves_a_settled_usual_hardly() -> None:
    usual, _ = rebuilt(weekly(7, 7, 7, 7, 7, 7), WEEKLY)
    at = MONDAY + timedelta(days=42)
    wild, _ = usual.add(Answer(at, (0,)), WEEKLY, held=False)
    cut_off = 2 * usual.habits[0].spread
    assert 0 < wild.centres[0] - usual.centres[0] < 0.06 * cut_off


def test_rebuilding_can_leave_out_what_was_told_in_its_time() -> None:
    history = weekly(7, 2, 7, 7, 2)
    everything = rebuilt(history, WEEKLY)[1]
    late = rebuilt(history, WEEKLY, since=history[-1].at)[1]
    assert len(everything) > len(late) > 0
    assert late == last_signals(history)


@pytest.mark.parametrize(
    ("moods", "between", "words"),
    [
        pytest.param([7, 7], None, "still learning what is usual", id="two replies"),
        pytest.param([7, 6, 7, 6, 7], (6, 7), "usually 6 to 7", id="five replies"),
    ],
)
def test_what_is_usual_can_be_shown(
    moods: list[float], between: tuple[int, int] | None, words: str
) -> None:
    usual, _ = rebuilt(weekly(*moods), WEEKLY)
    found = usual.range(WEEKLY)
    assert (found and (round(found[0]), round(found[1]))) == between
    assert usual.in_words(WEEKLY) == words


def test_ups_and_downs_are_no_reason_and_a_relapse_is_one_at_once() -> None:
    wavering = [6.5, 7, 6, 6.5, 7, 6.5, 6, 7, 6.5, 6, 6.5, 7, 6.5, 6, 6.5, 7, 6.5, 6]
    assert reasons(weekly(*wavering, 3.5, 4, 3.5))[0] == (len(wavering), "below")


def test_an_answer_that_is_as_usual_never_raises_below() -> None:
    low_spell = [8, 8, 8, 8, 8, 8, 4.5, 4, 4.5, 4.5, 4, 4.5, 4]
    answers = weekly(*low_spell, 8, every=2)
    assert [n for n, kind in reasons(answers, TWICE) if kind == "below"][-1] < len(low_spell)


def test_an_answer_out_of_order_is_refused() -> None:
    usual, _ = rebuilt(weekly(7, 7), WEEKLY)
    with pytest.raises(ValueError, match="rebuild"):
        usual.add(Answer(MONDAY, (7,)), WEEKLY)


def test_an_answer_with_nothing_answered_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Answer(MONDAY, (None, None))


def test_a_question_lends_its_scale() -> None:
    question = Question(QuestionKind.SCALE, 1, 5, Better.LOW)
    assert Asked.of(question, "Worry") == Asked("Worry", 1, 5, Better.LOW)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"limit": 0}, id="no limit"),
        pytest.param({"spread": -1}, id="a spread below nought"),
        pytest.param({"least_replies": 1}, id="a usual of one reply"),
        pytest.param({"cool_down": 0}, id="no cool-down"),
    ],
)
def test_figures_that_make_no_sense_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"above zero|needs two"):
        Tuning(**{"limit": 1, "weight": 1, "freedom": 1, "spread": 1, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("words", ["risk", "detect", "depress", "score", "severe", "normal"])
def test_no_sentence_speaks_of_more_than_answers(words: str) -> None:
    history = weekly(8, 8, 7, 8, 8, 5, 2, 0, 3, 3, 5, 5, 5, 5, every=5)
    sentences = [signal.sentence.lower() for signal in rebuilt(history, WEEKLY)[1]]
    assert len(sentences) > 3
    assert not any(words in sentence for sentence in sentences)


@given(histories, st.randoms())
def test_order_and_repetition_of_answers_change_nothing(
    history: list[Answer], chance: object
) -> None:
    shuffled = history + history[::2]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rebuilt(shuffled, PAIR) == rebuilt(history, PAIR)


@given(histories)
def test_adding_one_by_one_through_json_is_the_same_as_rebuilding(history: list[Answer]) -> None:
    usual = Usual.start(PAIR)
    raised: list[Signal] = []
    for answer in in_order(history, PAIR):
        usual = Usual.from_json(json.loads(json.dumps(usual.to_json())))
        usual, signals = usual.add(answer, PAIR)
        raised.extend(signals)
    assert (usual, tuple(raised)) == rebuilt(history, PAIR)


@given(histories, scores, scores, st.integers(1, 60))
def test_a_worse_answer_never_brings_the_person_nearer_to_usual(
    history: list[Answer], one: float, other: float, gap: int
) -> None:
    usual, _ = rebuilt(history, PAIR)
    at = date.fromordinal(usual.last + gap)
    worse, _ = usual.add(Answer(at, (min(one, other), 5.0)), PAIR)
    better, _ = usual.add(Answer(at, (max(one, other), 5.0)), PAIR)
    assert worse.change >= better.change


@given(histories, scores, scores, st.integers(1, 60))
def test_a_worse_answer_never_raises_less(
    history: list[Answer], one: float, other: float, gap: int
) -> None:
    usual, _ = rebuilt(history, PAIR)
    at = date.fromordinal(usual.last + gap)
    worse = usual.add(Answer(at, (min(one, other), 5.0)), PAIR)[1]
    better = usual.add(Answer(at, (max(one, other), 5.0)), PAIR)[1]
    assert {signal.kind for signal in worse} >= {signal.kind for signal in better}


@given(st.lists(scores, min_size=4, max_size=30), st.integers(3, 29), st.integers(1, 4))
def test_worse_answers_of_late_never_lower_the_average(
    moods: list[float], since: int, by: int
) -> None:
    worse = [max(mood - by, 0) if n >= since else mood for n, mood in enumerate(moods)]
    early = Settings(replace(TWICE.tuning, first=7, least_replies=3), about=About.DAY)
    usual = rebuilt(weekly(*moods, every=4), early)[0]
    lower = rebuilt(weekly(*worse, every=4), early)[0]
    assert lower.change >= usual.change - 1e-9


def pairs(*both: float) -> list[Answer]:
    """Two items answered alike, twice a week."""
    days = (MONDAY + timedelta(days=3 * n + n // 2) for n in range(len(both)))
    return [Answer(day, (item, item)) for day, item in zip(days, both, strict=True)]


@pytest.mark.parametrize(
    ("answers", "raised"),
    [
        pytest.param([5] * 8 + [4, 4], [9], id="low twice and lower than usual"),
        pytest.param([4] * 10, [], id="always low"),
        pytest.param([4, 5] * 5, [], id="low every other time"),
        pytest.param([5] * 8 + [4, 5, 4], [], id="low once, and once more"),
        pytest.param([8] * 8 + [7, 7], [], id="a point lower, and not low"),
    ],
)
def test_what_is_low_altogether_needs_less_of_a_change(
    answers: list[float], raised: list[int]
) -> None:
    low = [
        n
        for n, (_, _, signals) in enumerate(story(pairs(*answers), PAIR))
        if any(signal.rule == "low altogether, and lower than usual" for signal in signals)
    ]
    assert low == raised


def test_one_item_alone_is_never_low_altogether() -> None:
    rules = [
        signal.rule
        for *_, signals in story(weekly(*[5] * 8, 4, 4, every=3), TWICE)
        for signal in signals
    ]
    assert "low altogether, and lower than usual" not in rules
