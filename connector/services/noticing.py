"""How a programme's answers are compared with what is usual for one person.

The figures are starting values until the service has people of its own. Then values for most people
are estimated from their answers and put before a coordinator, with what they rest on and the day;
a coordinator also chooses how soon to be told, beside the load that it brings. Nothing is applied
before somebody has said so; what has been learnt by the old figures is then learnt again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.errors import Invalid, NotFound
from connector.domain.most_people import MostPeople, estimate
from connector.domain.programme import Item, Programme
from connector.domain.question import Question, QuestionKind
from connector.domain.rota import Member
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
from connector.services.jobs import Job, later
from connector.store import audit, floors, programmes, replies, residents, tunings, usuals
from connector.store.replies import Given, History
from connector.store.tunings import Decision, Proposal

LABEL = "Mood"
PEOPLE_ASKED = 500
PEOPLE_REPLAYED = 200
REPLAYED = timedelta(weeks=26)
"""How far back a replay begins, so that it knows what is usual for somebody."""
COUNTED = timedelta(weeks=8)
"""The last part of a replay, whose reasons are counted."""
MONTH = 30.44  # days
PROPOSE_AGAIN = timedelta(days=28)
WORTH_SAYING = 0.1
"""A figure that differs by less than a tenth of itself is not worth a person's time."""
STEPS = (0.7, 0.85, 1.0, 1.25, 1.5)
"""How soon to be told can be chosen: these times the starting limit."""
TUNED = frozenset(("centre", "spread", "weight", "freedom", "limit"))
LOWEST_FLOOR = 1.0
LONGEST_FLOOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to set how soon to be told, and the flags a month it would have brought."""

    limit: float
    a_month: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Load:
    """What each choice would have brought, replayed on `replayed` of `people` people."""

    choices: tuple[Choice, ...]
    people: int
    replayed: int


def scales(programme: Programme) -> tuple[Item, ...]:
    """The items that a usual is learnt from, in their order; levels speak of the first alone.

    A follow-up is asked of some only, and is none of them.
    """
    return tuple(item for item in programme.items if item.question.kind is QuestionKind.SCALE)


def learns(programme: Programme) -> bool:
    """Whether a usual is kept for the answers to a programme's questions."""
    return programme.asks and bool(scales(programme))


def starting_values(programme: Programme) -> Tuning:
    """The values before anybody has approved others, by how often the question is asked."""
    per_week = max(1, len(programme.cadence.days)) / programme.cadence.every
    return tuning_for(leading(programme).about, per_week)


def settings_for(programme: Programme, floor: Floor | None = None) -> Settings:
    """The starting values for a programme's question, changed by what a person has approved."""
    approved: dict[str, Any] = {
        name: figure for name, figure in programme.noticing.items() if name in TUNED
    }
    question = leading(programme)
    return Settings(
        tuning=replace(starting_values(programme), **approved),
        asked=_asked(programme),
        about=question.about,
        levels=question.levels,
        floor=floor,
    )


def leading(programme: Programme) -> Question:
    """The question that levels speak of: the first scale, else the first of all."""
    return next((item.question for item in scales(programme)), programme.question)


def _asked(programme: Programme) -> tuple[Asked, ...]:
    items = scales(programme)
    if len(items) < 2:
        return (Asked.of(leading(programme), LABEL),)
    return tuple(Asked.of(item.question, _label(item)) for item in items)


def _label(item: Item) -> str:
    """A question's name as staff read it: "life_satisfaction" is "Life satisfaction"."""
    words = item.key.replace("_", " ")
    return words[:1].upper() + words[1:]


def usual_range(state: dict[str, Any] | None, programme: Programme) -> tuple[float, float] | None:
    """The range that holds about half of somebody's answers; None while it is being learnt."""
    settings = settings_for(programme)
    usual = Usual.from_json(state) if state else Usual.start(settings)
    return usual.range(settings) if _fits(usual, settings) else None


def _fits(usual: Usual, settings: Settings) -> bool:
    return len(usual.habits) == len(settings.asked)


def standing(
    session: Session,
    state: dict[str, Any] | None,
    resident_id: int,
    programme: Programme,
    settings: Settings,
) -> Usual:
    """Somebody's usual as it is kept; learnt anew where the programme has changed its questions."""
    usual = Usual.from_json(state) if state else Usual.start(settings)
    if _fits(usual, settings):
        return usual
    learnt = rebuilt(_history(session, resident_id, programme), settings)[0]
    return learnt._replace(raised=usual.raised, flagged=usual.flagged)


def with_answer(
    session: Session,
    usual: Usual,
    resident_id: int,
    programme: Programme,
    answer: Answer,
    settings: Settings,
    *,
    check_in_id: int,
    held: bool,
) -> tuple[Usual, tuple[Signal, ...]]:
    """The usual with one more answer, and its reasons.

    A second answer of one day, or one out of order: the whole history is gone through again.
    """
    if not usual.replies or answer.at.toordinal() > usual.last:
        return usual.add(answer, settings, held=held)
    before = _history(session, resident_id, programme, without=check_in_id)
    return rebuilt([*before, answer], settings, since=answer.at)


def _history(
    session: Session, resident_id: int, programme: Programme, *, without: int = 0
) -> list[Answer]:
    return [
        answer
        for history in replies.histories(session, programme.id, [resident_id])
        for answer in _answers(history, programme, without=without)
    ]


def propose(session: Session, *, now: datetime) -> int:
    """Put new values for most people before a coordinator, where they say something new.

    Returns how many proposals that made. A programme with one made in the last four weeks waits.
    """
    before = tunings.of_programmes(session)
    made = 0
    for programme in programmes.active(session):
        if not learns(programme) or _lately(before.get(programme.id, []), now):
            continue
        found = _estimate(session, programme)
        if found is None or not _says_something_new(found, settings_for(programme).tuning):
            continue
        tunings.propose(
            session,
            programme.id,
            found.figures(),
            people=found.people,
            answers=found.answers,
            now=now,
        )
        made += 1
    return made


def approve(session: Session, proposal_id: int, *, by: Member, now: datetime) -> None:
    """A coordinator approves proposed values. Everybody's usual is then learnt again by them.

    Raises `NotFound`, and `Refused` when it has been decided already.
    """
    tunings.decide(session, proposal_id, Decision.APPROVED, by=by.id, now=now)
    audit.append(session, "values approved", "tuning", proposal_id, by=by.id, now=now)
    later(session, Job.NOTICING)


def refuse(session: Session, proposal_id: int, *, by: Member, now: datetime) -> None:
    """A coordinator keeps the values as they are. Raises as `approve` does."""
    tunings.decide(session, proposal_id, Decision.REFUSED, by=by.id, now=now)
    audit.append(session, "values refused", "tuning", proposal_id, by=by.id, now=now)


def choose_limit(
    session: Session, programme_id: int, limit: float, *, by: Member, now: datetime
) -> None:
    """A coordinator chooses how soon to be told. Raises `Invalid` for what is no choice."""
    programme = programmes.by_id(session, [programme_id]).get(programme_id)
    if programme is None or not learns(programme):
        raise NotFound("There is no such programme.")
    if limit not in limits(programme):
        raise Invalid("Choose one of the five.")
    tunings.choose(session, programme_id, {"limit": limit}, by=by.id, now=now)
    audit.append(
        session, "limit chosen", "programme", programme_id, by=by.id, now=now, why=f"{limit:g}"
    )


def limits(programme: Programme) -> tuple[float, ...]:
    """The limits that can be chosen, the soonest first, and the one that holds now."""
    start = starting_values(programme).limit
    offered = {round(start * step, 2) for step in STEPS}
    return tuple(sorted(offered | {settings_for(programme).tuning.limit}))


def load(session: Session, programme: Programme, *, now: datetime) -> Load:
    """The flags a month that each choice would have brought, by replaying what was answered.

    Reasons from answers only; words, silence and deliveries come on top. Asks the records twice,
    for one person as for many.
    """
    settings = settings_for(programme)
    everybody = tunings.people(session, programme.id)
    some = everybody[:: max(1, -(-len(everybody) // PEOPLE_REPLAYED))]
    histories = replies.histories(session, programme.id, some, since=now - REPLAYED)
    told = [_answers(history, programme) for history in histories]
    share = len(everybody) / len(some) if some else 0.0
    choices = tuple(
        Choice(
            limit,
            share
            * _a_month(told, replace(settings, tuning=replace(settings.tuning, limit=limit)), now),
            limit == settings.tuning.limit,
        )
        for limit in limits(programme)
    )
    return Load(choices, len(everybody), len(some))


def relearn(session: Session, *, limit: int, now: datetime) -> int:
    """Learn usuals again by figures that were approved, up to `limit` people. Returns how many.

    What was told lately is remembered, so that nobody is told of the same thing twice.
    """
    approved = tunings.claim_to_rebuild(session)
    if approved is None:
        return 0
    ids = tunings.to_rebuild(session, approved, limit)
    if ids:
        _learn_again(session, approved, ids)
    tunings.rebuilt(session, approved.id, to=ids[-1] if ids else None, now=now)
    return max(len(ids), 1)


def learn_afresh(session: Session, resident_id: int, programme_id: int) -> None:
    """Learn one person's usual again from all their answers, such as those of a second record."""
    programme = programmes.by_id(session, [programme_id])[programme_id]
    key = (resident_id, programme_id)
    state = usuals.load(session, [key]).get(key, usuals.State())
    answers = _history(session, resident_id, programme)
    usuals.save(session, {key: _relearnt(state, answers, settings_for(programme))})


def lower_floor(
    session: Session,
    resident_id: int,
    until: date,
    why: str,
    *,
    by: Member,
    today: date,
    now: datetime,
) -> None:
    """`by` lowers somebody's own level to the lowest there is, until a day.

    Raises `Invalid` for a day that is over or too far away, or without a reason.
    """
    if not today <= until <= today + LONGEST_FLOOR:
        raise Invalid("Choose a last day in the next three months.")
    if not why.strip():
        raise Invalid("Say why, in a few words. Whoever looks later will want to know.")
    floor = Floor(LOWEST_FLOOR, by.name, until)
    floors.lower(session, resident_id, floor, by=by.id, why=why.strip(), now=now)
    audit.append(session, "level lowered", "resident", resident_id, by=by.id, now=now)


def end_floor(
    session: Session, resident_id: int, *, by: Member, today: date, now: datetime
) -> None:
    """From today somebody's level is again as for everybody."""
    over = Floor(LOWEST_FLOOR, by.name, today - timedelta(days=1))
    floors.lower(session, resident_id, over, by=by.id, why="", now=now)
    audit.append(session, "level back", "resident", resident_id, by=by.id, now=now)


def _lately(proposals: Sequence[Proposal], now: datetime) -> bool:
    """Whether values for most people were proposed within the last weeks, or still wait."""
    estimated = [one for one in proposals if one.people]
    return any(
        one.decision is Decision.PROPOSED or now - one.made_at < PROPOSE_AGAIN for one in estimated
    )


def _estimate(session: Session, programme: Programme) -> MostPeople | None:
    everybody = tunings.people(session, programme.id)
    some = everybody[:: max(1, -(-len(everybody) // PEOPLE_ASKED))]
    settings = settings_for(programme)
    asked = settings.asked[0]
    return estimate(
        [
            [
                (answer.items[0] - asked.best) * asked.step
                for answer in in_order(_answers(history, programme), settings)
                if answer.items[0] is not None
            ]
            for history in replies.histories(session, programme.id, some)
        ]
    )


def _says_something_new(found: MostPeople, tuning: Tuning) -> bool:
    return any(
        abs(figure - getattr(tuning, name)) > WORTH_SAYING * getattr(tuning, name)
        for name, figure in found.figures().items()
    )


def _answers(history: History, programme: Programme, *, without: int = 0) -> list[Answer]:
    """A history as answers, one a set: the questions of one check-in that is not `without`."""
    zone = ZoneInfo(history.zone)
    keys = [item.key for item in scales(programme)] or [programme.items[0].key]
    given = [one for one in history.answers if one.check_in_id != without]
    if len(keys) == 1:
        return [
            Answer(one.at.astimezone(zone).date(), (one.answer,))
            for one in given
            if one.item in ("", *keys)
        ]
    sets: dict[int, dict[str, Given]] = {}
    for one in given:
        sets.setdefault(one.check_in_id, {})[one.item or keys[0]] = one
    return [
        set_of({key: some[key].answer for key in keys if key in some}, keys, at.date())
        for some in sets.values()
        if (times := [one.at for key, one in some.items() if key in keys])
        and (at := max(times).astimezone(zone))
    ]


def set_of(answers: Mapping[str, float | None], keys: Sequence[str], at: date) -> Answer:
    """The answers to a set of questions, by the questions' names; a missing one is left out."""
    return Answer(at, tuple(answers.get(key) for key in keys))


def _a_month(told: Sequence[Sequence[Answer]], settings: Settings, now: datetime) -> float:
    """The flags a month that these people's answers would have raised in the last weeks."""
    since = now.date() - COUNTED
    flags = 0
    for answers in told:
        last = date.min
        for answer, _, signals in story(answers, settings):
            if signals and (answer.at - last).days >= settings.tuning.cool_down:
                last = answer.at
                flags += answer.at >= since
    return flags * MONTH / COUNTED.days


def _learn_again(session: Session, approved: Proposal, ids: Sequence[int]) -> None:
    programme = programmes.by_id(session, [approved.programme_id])[approved.programme_id]
    settings = settings_for(programme)
    residents.lock(session, ids)
    states = usuals.load(session, [(id_, programme.id) for id_ in ids])
    learnt = {
        (history.resident_id, programme.id): _relearnt(
            states[history.resident_id, programme.id], _answers(history, programme), settings
        )
        for history in replies.histories(session, programme.id, ids)
    }
    usuals.save(session, learnt)


def _relearnt(state: usuals.State, answers: Sequence[Answer], settings: Settings) -> usuals.State:
    usual = rebuilt(answers, settings)[0]
    if state.usual:
        before = Usual.from_json(state.usual)
        usual = usual._replace(raised=before.raised, flagged=before.flagged)
    return replace(state, usual=usual.to_json())


def figures_in_words(figures: Mapping[str, float], programme: Programme) -> dict[str, str]:
    """The figures as staff read them, on the question's own scale."""
    asked = _asked(programme)[0]
    words = {}
    if "centre" in figures:
        words["Usual answer of most people"] = f"{asked.shown(figures['centre']):.1f}"
    if "spread" in figures:
        words["How much one person’s answers vary"] = f"{figures['spread'] / abs(asked.step):.1f}"
    if "weight" in figures:
        words["Replies that most people’s answer is worth"] = f"{figures['weight']:.1f}"
    if "freedom" in figures:
        words["Replies that most people’s variation is worth"] = f"{figures['freedom']:.0f}"
    return words
