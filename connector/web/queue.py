"""To do: who needs somebody first, why, and by when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.promise import Promise
from connector.store import referrals, views, wishes
from connector.store.views import QueueItem, Whose
from connector.web.auth import Guard, guard, member
from connector.web.room import LARGEST_ID, said, wired
from connector.web.said import Said, marked

room = Blueprint("queue", __name__)

A_PAGE = 50
FRESH_SECONDS = 20


@room.get("/queue")
@guard(Guard.CASEWORK)
def index() -> ResponseReturnValue:
    return render_template("queue.html", **_context())


@room.get("/queue/list")
@guard(Guard.CASEWORK)
def poll() -> ResponseReturnValue:
    """The list alone, for the page that looks again: 304 while nothing has changed."""
    with wired().reading() as session:
        mark = views.poll_mark(session)
    tag = f"{mark}-{_whose()}-{member().id}-{int(said().now.timestamp()) // FRESH_SECONDS}"
    if request.if_none_match.contains(tag):
        return _tagged(make_response("", 304), tag)
    return _tagged(make_response(render_template("queue_list.html", **_context())), tag)


def _tagged(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _whose() -> Whose:
    try:
        return Whose(request.args.get("view", Whose.EVERYONE))
    except ValueError:
        return Whose.EVERYONE


def _context() -> dict[str, Any]:
    whose, words, staff_id = _whose(), said(), member().id
    after = _after(request.args.get("after", ""))
    with wired().reading() as session:
        items = views.queue(session, whose, staff_id, limit=A_PAGE + 1, after=after, now=words.now)
        counts = views.queue_counts(session, staff_id, most=A_PAGE, now=words.now)
        tray = views.tray(session)
        requests = referrals.count(session)
        wished = wishes.count(session)
    return {
        "items": [card(item, words, staff_id) for item in items[:A_PAGE]],
        "view": whose.value,
        "counts": {key.value: _capped(count) for key, count in counts.items()},
        "checked_at_words": words.clock(words.now),
        "next_page_url": _next_url(whose, items) if len(items) > A_PAGE else None,
        "page": 2 if after else 1,
        "tray": {"texts": tray.texts, "pressing": tray.promise.at_least(Promise.TODAY)},
        "requests": requests,
        "wishes": wished,
        "nav_active": "queue",
    }


def card(item: QueueItem, words: Said, staff_id: int) -> dict[str, Any]:
    """One flag as its card shows it."""
    return {
        "flag_id": item.flag_id,
        "resident_id": item.resident_id,
        "name": item.name,
        "sentence": item.sentence,
        "promise": item.promise.value,
        "promise_words": item.promise.words,
        "due_at": item.due_at,
        "due_words": words.due(item.promise, item.due_at),
        "overdue": words.overdue(item.promise, item.due_at),
        "owner_name": item.owner_name or None,
        "mine": item.owner_id == staff_id,
        "state_words": item.state.words,
        "evidence": marked(item.words, item.spans),
        "evidence_at_words": words.at(item.words_at) if item.words_at else "",
        "usual_words": item.usual_words,
        "needs": item.needs,
        "reasons_count": item.reasons,
    }


def _capped(count: int) -> str:
    return f"{A_PAGE}+" if count > A_PAGE else str(count)


def _next_url(whose: Whose, items: list[QueueItem]) -> str:
    last = items[A_PAGE - 1]
    return url_for(
        "queue.index", view=whose.value, after=f"{last.due_at.timestamp()}_{last.flag_id}"
    )


def _after(key: str) -> tuple[datetime, int] | None:
    """The place in the list after which a page begins; None for anything that is no such place."""
    moment, _, flag_id = key.partition("_")
    try:
        place = datetime.fromtimestamp(float(moment), said().now.tzinfo), int(flag_id)
    except (ValueError, OverflowError, OSError):
        return None
    return place if abs(place[1]) <= LARGEST_ID else None
