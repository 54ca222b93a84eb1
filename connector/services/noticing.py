"""How a programme's answers are compared with what is usual for one person."""

from __future__ import annotations

from typing import Any

from connector.domain.programme import Programme
from connector.domain.usual import Asked, Settings, Usual, tuning_for

LABEL = "Mood"
MIDDLE_HALF = 0.674
"""Half of a bell curve lies within this many spreads of its centre."""


def settings_for(programme: Programme) -> Settings:
    """The starting values for a programme's question, by how often it is asked."""
    question = programme.question
    per_week = max(1, len(programme.cadence.days)) / programme.cadence.every
    asked = Asked.of(question, LABEL)
    return Settings(tuning_for(question.about, per_week), (asked,), question.about)


def in_words(usual: Usual, settings: Settings) -> str:
    """What is usual for somebody, as staff read it beside an answer."""
    if usual.learning(settings):
        return "still learning what is usual"
    habit = usual.habits[0]
    return f"usually {settings.asked[0].usually(habit.centre, habit.spread)}"


def usual_range(state: dict[str, Any] | None, programme: Programme) -> tuple[float, float] | None:
    """The range that holds about half of somebody's answers; None while it is being learnt."""
    settings = settings_for(programme)
    usual = Usual.from_json(state) if state else Usual.start(settings)
    if usual.learning(settings):
        return None
    habit, asked = usual.habits[0], settings.asked[0]
    ends = [asked.shown(habit.centre + side * MIDDLE_HALF * habit.spread) for side in (-1, 1)]
    return min(ends), max(ends)
