"""A programme as its pages show it: one line in the list, its rows, texts and versions in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connector.domain.cadence import Override
from connector.domain.cadence_words import cadence_words, own_words, weeks_words
from connector.domain.programme import Programme, ProgrammeKind
from connector.domain.publishing import parts
from connector.store import cadence_people
from connector.store.base import Session
from connector.store.versions import Version
from connector.web.cadence_form import span_words
from connector.web.cadence_preview import people_words
from connector.web.said import Said

MOST_OWN = 50
KINDS = {ProgrammeKind.CHECK_IN: "Check-in", ProgrammeKind.PROMPT: "Prompt"}


def line(version: tuple[Version | None, Version | None], people: dict[int, int]) -> dict[str, Any]:
    published, draft = version
    one = published or draft
    assert one is not None
    programme = one.programme
    return {
        "id": one.programme_id,
        "name": programme.name,
        "kind_words": KINDS[programme.kind],
        "people_words": on_it(people.get(one.programme_id, 0)),
        "cadence_words": cadence_words(programme.cadence),
        "version_words": f"Version {one.number}." if published else "Never published.",
        "draft_words": "Draft waiting" if draft else "",
    }


def on_it(count: int) -> str:
    return "Nobody is on it" if not count else f"{people_words(count)} on it"


def limits(programme: Programme, words: Said) -> list[tuple[str, str]]:
    floor = programme.floor
    in_touch = f"At least every {weeks_words(floor.weeks)}".replace("every 1 week", "every week")
    if not floor.weeks:
        review = f" Look again on {words.date(floor.review_on)}." if floor.review_on else ""
        in_touch = f"No promise, because: {floor.why_none}.{review}"
    rows = [("A person in touch", in_touch), ("Sent late", f"Up to {_span(programme.timely_for)}")]
    if programme.asks:
        rows.append(("Time to answer", _span(programme.answer_within)))
        reminder = f"Once, after {_span(programme.remind_after)}"
        rows.append(("Reminder", reminder if programme.reminds else "None"))
    return rows


def _span(span: timedelta) -> str:
    return span_words(int(span.total_seconds() // 60))


def texts(programme: Programme) -> list[dict[str, Any]]:
    """Every text in English as it is written, with how many wordings take turns."""
    named = [("Opening", programme.opening)]
    for place, item in enumerate(programme.items, start=1):
        question = f"Question {place}" if len(programme.items) > 1 else "Question"
        named.append((question if programme.asks else "Text", item.wording))
        named += [("Follow-up", follow.item.wording) for follow in item.follow_ups]
    named += [(_capital(name), wordings) for name, wordings in parts(programme).items()]
    return [
        {"name": name, "words": wordings["en"][0], "turns": len(wordings["en"])}
        for name, wordings in named
        if wordings.get("en")
    ]


def _capital(words: str) -> str:
    bare = words.removeprefix("the ")
    return bare[:1].upper() + bare[1:]


def draft_words(draft: Version, team: dict[int, str], words: Said) -> dict[str, Any]:
    who = team.get(draft.made_by or 0, "The service")
    return {
        "edits": draft.edits,
        "words": f"Version {draft.number}, saved by {who} on {words.at(draft.made_at)}.",
        "cadence_words": cadence_words(draft.programme.cadence),
        "approved": f"{team.get(draft.approved_by, 'Somebody')} approved its words: "
        f"{draft.approval}"
        if draft.approved_by
        else "",
    }


def version_event(one: Version, team: dict[int, str], words: Said) -> dict[str, str]:
    at = one.published_at or one.made_at
    approved = ""
    if one.approved_by:
        approved = f" {team.get(one.approved_by, 'Somebody')} approved its words: {one.approval}"
    return {
        "title": f"Version {one.number}",
        "by": team.get(one.published_by or 0, "The service"),
        "at_words": words.at(at),
        "at_iso": at.isoformat(),
        "text": f"{one.why or 'The first version.'} {cadence_words(one.programme.cadence)}"
        f"{approved}",
    }


def with_own(session: Session, programme_id: int) -> list[dict[str, Any]]:
    """Who has a pace of their own, in words."""
    found = cadence_people.with_own(session, programme_id, MOST_OWN)
    people = cadence_people.names(session, found)
    return [
        {"id": id_, "name": people.get(id_, ""), "words": own_words(Override.from_text(own))}
        for id_, own in found.items()
    ]
