"""How a programme's answers are compared with what is usual for one person."""

from __future__ import annotations

from typing import Any

from connector.domain.programme import Programme
from connector.domain.usual import Asked, Settings, Usual, tuning_for

LABEL = "Mood"


def settings_for(programme: Programme) -> Settings:
    """The starting values for a programme's question, by how often it is asked."""
    question = programme.question
    per_week = max(1, len(programme.cadence.days)) / programme.cadence.every
    asked = Asked.of(question, LABEL)
    return Settings(tuning_for(question.about, per_week), (asked,), question.about)


def usual_range(state: dict[str, Any] | None, programme: Programme) -> tuple[float, float] | None:
    """The range that holds about half of somebody's answers; None while it is being learnt."""
    settings = settings_for(programme)
    usual = Usual.from_json(state) if state else Usual.start(settings)
    return usual.range(settings)
