"""To read: what residents wrote, until a person has read it; one tap each.

What says so is read first, with the words that say it; then the oldest. No figure is shown: nothing
here measures anybody, and a reply without a mark is not said to be fine.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from connector.services import reading_list as service
from connector.store import reading_list
from connector.store.reading_list import ToRead
from connector.web.auth import Guard, guard, member
from connector.web.room import said, wired
from connector.web.said import Said, marked

room = Blueprint("reading_list", __name__, url_prefix="/to-read")

A_PAGE = 20
COUNTED = 50


@room.get("")
@guard(Guard.CASEWORK)
def index() -> ResponseReturnValue:
    words = said()
    with wired().reading() as session:
        items = reading_list.waiting(session, limit=A_PAGE)
        count = reading_list.count(session, most=COUNTED)
    return render_template(
        "to_read.html",
        items=[_item(item, words) for item in items],
        count=capped(count),
        more=count > len(items),
        nav_active="reading_list",
    )


@room.post("/<int:reply_id>/read")
@guard(Guard.CASEWORK)
def mark(reply_id: int) -> ResponseReturnValue:
    """Read. Somebody who was a moment quicker has read it too, and nothing is said of it."""
    with wired().transaction() as session:
        if service.seen(session, reply_id, by=member(), now=said().now):
            flash(str(reply_id), "read")
    return redirect(url_for("reading_list.index"))


@room.post("/<int:reply_id>/unread")
@guard(Guard.CASEWORK)
def unmark(reply_id: int) -> ResponseReturnValue:
    """A slip of the thumb is undone by whoever made it."""
    with wired().transaction() as session:
        service.unread_again(session, reply_id, by=member(), now=said().now)
    return redirect(url_for("reading_list.index"))


def capped(count: int) -> str:
    return f"{COUNTED}+" if count > COUNTED else str(count)


def waiting_words() -> str:
    """How many wait, for the menu; asked only by whole pages."""
    with wired().reading() as session:
        count = reading_list.count(session, most=COUNTED)
    return capped(count) if count else ""


def _item(item: ToRead, words: Said) -> dict[str, Any]:
    late = item.due_at is None or item.due_at <= words.now
    return {
        "reply_id": item.reply_id,
        "resident_id": item.resident_id,
        "name": item.name,
        "parts": marked(item.words, item.spans),
        "instead": "" if item.words.strip() else _instead(item),
        "media": item.media,
        "at_iso": item.received_at.isoformat(),
        "at_words": words.at(item.received_at),
        "first": item.first,
        "because": [] if item.not_read else [item.words[start:end] for start, end in item.because],
        "not_read": item.not_read,
        "late": late,
        "flag_id": item.flag_id,
        "owner_name": item.owner_name,
    }


def _instead(item: ToRead) -> str:
    return "A picture or a recording" if item.media else "An empty text"
