"""Noticing: how answers are compared with what is usual, and how soon staff are told.

For those who answer for it. The values are shown with what they rest on and since when; a proposal
changes nothing until it is approved here, and each choice stands beside the load that it brings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.errors import Invalid, Refused
from connector.domain.most_people import LEAST_ANSWERS, LEAST_PEOPLE
from connector.domain.programme import Programme
from connector.domain.question import About
from connector.services import noticing as service
from connector.store import programmes, tunings
from connector.store.base import Session
from connector.store.tunings import Decision, Proposal
from connector.web.auth import Guard, guard, member
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("noticing", __name__, url_prefix="/noticing")

_HOW_SOON = ("Much sooner", "Sooner", "As we start", "Later", "Much later")
_DECIDED = {Decision.APPROVED: "Approved", Decision.REFUSED: "Refused"}


@room.get("")
@guard(Guard.COORDINATION)
def index() -> ResponseReturnValue:
    words = said()
    with wired().reading() as session:
        history = tunings.of_programmes(session)
        shown = [
            _programme(session, programme, history.get(programme.id, []), words)
            for programme in programmes.active(session)
            if service.learns(programme)
        ]
    return render_template(
        "noticing.html",
        programmes=shown,
        least_people=LEAST_PEOPLE,
        least_answers=LEAST_ANSWERS,
        nav_active="noticing",
    )


@room.post("/<int:proposal_id>/approve")
@guard(Guard.COORDINATION)
def approve(proposal_id: int) -> ResponseReturnValue:
    def act(session: Session) -> None:
        service.approve(session, proposal_id, by=member(), now=said().now)

    return _after(act, "Approved. What is usual for each person is being learnt again.")


@room.post("/<int:proposal_id>/refuse")
@guard(Guard.COORDINATION)
def refuse(proposal_id: int) -> ResponseReturnValue:
    def act(session: Session) -> None:
        service.refuse(session, proposal_id, by=member(), now=said().now)

    return _after(act, "Refused. Everything stays as it was.")


@room.post("/programmes/<int:programme_id>/limit")
@guard(Guard.COORDINATION)
def limit(programme_id: int) -> ResponseReturnValue:
    def act(session: Session) -> None:
        service.choose_limit(session, programme_id, _limit(), by=member(), now=said().now)

    return _after(act, "Kept. It holds for answers from now on.")


def _limit() -> float:
    """The limit that was chosen. Raises `Invalid` for what is none."""
    try:
        return float(request.form.get("limit", ""))
    except ValueError:
        raise Invalid("Choose how soon to be told.") from None


def _after(act: Callable[[Session], None], done_words: str) -> ResponseReturnValue:
    try:
        with wired().transaction() as session:
            act(session)
    except (Invalid, Refused) as refusal:
        flash(str(refusal), "problem")
    else:
        flash(done_words, "success")
    return redirect(url_for("noticing.index"))


def _programme(
    session: Session, programme: Programme, history: list[Proposal], words: Said
) -> dict[str, Any]:
    load = service.load(session, programme, now=words.now)
    in_use = service.figures_in_words(_figures(programme), programme)
    waiting = next((one for one in history if one.decision is Decision.PROPOSED), None)
    approved = next((one for one in history if _is_applied(one)), None)
    return {
        "id": programme.id,
        "name": programme.name,
        "about": "the past week" if programme.question.about is About.WEEK else "the day",
        "people": load.people,
        "replayed": load.replayed,
        "in_use": in_use,
        "since_words": _since(approved, words),
        "learning_again": approved is not None and approved.rebuilt_at is None,
        "proposal": _proposal(waiting, in_use, programme, words) if waiting else None,
        "choices": _choices(programme, load),
        "history": [_line(one, words) for one in history if one.decided_at][:5],
    }


def _figures(programme: Programme) -> dict[str, float]:
    tuning = service.settings_for(programme).tuning
    return {name: getattr(tuning, name) for name in ("centre", "spread", "weight", "freedom")}


def _is_applied(one: Proposal) -> bool:
    return one.decision is Decision.APPROVED and one.people > 0


def _since(approved: Proposal | None, words: Said) -> str:
    if approved is None or approved.decided_at is None:
        return "Starting values, from diaries of people who are not residents here."
    return (
        f"From {approved.people} residents with {approved.answers} answers, "
        f"approved by {approved.decided_by} on {words.day(approved.decided_at)}."
    )


def _proposal(
    waiting: Proposal, in_use: dict[str, str], programme: Programme, words: Said
) -> dict[str, Any]:
    proposed = service.figures_in_words(waiting.figures, programme)
    return {
        "id": waiting.id,
        "people": waiting.people,
        "answers": waiting.answers,
        "at_words": words.day(waiting.made_at),
        "rows": [(label, in_use[label], value) for label, value in proposed.items()],
    }


def _choices(programme: Programme, load: service.Load) -> list[dict[str, Any]]:
    start = service.starting_values(programme).limit
    names = dict(zip((round(start * step, 2) for step in service.STEPS), _HOW_SOON, strict=True))
    return [
        {
            "value": f"{choice.limit:g}",
            "name": names.get(choice.limit, "As chosen before"),
            "load_words": load_words(choice.a_month),
            "chosen": choice.chosen,
        }
        for choice in load.choices
    ]


def load_words(a_month: float) -> str:
    """'about 12 flags a month', 'about 1 flag in 2 months'."""
    if a_month >= 0.75:
        flags = round(a_month)
        return f"about {flags} {'flag' if flags == 1 else 'flags'} a month"
    if a_month > 0.05:
        return f"about 1 flag in {round(1 / a_month)} months"
    return "hardly ever a flag"


def _line(one: Proposal, words: Said) -> str:
    assert one.decided_at is not None
    what = "values for most people" if one.people else "how soon to be told"
    return (
        f"{_DECIDED[one.decision]}: {what}. {one.decided_by or 'Somebody'}, "
        f"{words.day(one.decided_at)}."
    )
