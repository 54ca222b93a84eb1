"""A stage for the pages: the real templates and assets, invented people, nothing behind them.

The views are not here and are not tested here. The stage answers with the same strict policy as the
service, so that a page which needs an inline style or a stray script shows it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, flash, redirect, render_template, request, url_for
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).parents[3]
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-stage'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
TOKEN = "token-of-the-stage"

Values = dict[str, Any]


def parts(*given: str) -> list[Values]:
    """Evidence from words; those that begin with `*` are marked."""
    return [{"text": each.removeprefix("*"), "marked": each.startswith("*")} for each in given]


def queue_item(flag_id: int, name: str, **changes: Any) -> Values:
    """One thing to do, with the words that made it."""
    return {
        "flag_id": flag_id,
        "resident_id": flag_id,
        "name": name,
        "sentence": "Asked for a call",
        "promise": "today",
        "promise_words": "Today",
        "due_at": None,
        "due_words": "By 5pm today",
        "overdue": False,
        "owner_name": None,
        "mine": False,
        "state_words": "",
        "evidence": parts("Can you ", "*ring me", " please"),
        "evidence_at_words": "Mon 23 Nov, 10:42",
        "usual_words": "",
        "needs": [],
        "reasons_count": 1,
    } | changes


def text(direction: str, **changes: Any) -> Values:
    """One text of a thread."""
    return {
        "direction": direction,
        "text": "How has this week been, 0 to 10?",
        "parts": None,
        "at_iso": "2026-11-23T10:00:00+00:00",
        "at_words": "10:00",
        "day_words": None,
        "by": "Automatic" if direction == "out" else "",
        "state_words": "Delivered" if direction == "out" else "",
        "mark": False,
    } | changes


SAID = parts("Bad week. ", "*I don't want to be here any more", ".")
RESIDENT: Values = {
    "id": 1,
    "name": "Sara B",
    "known_as": "Sara",
    "number_local": "07700 900123",
    "tel": "+447700900123",
    "needs": ["Prefers calls", "Not safe to leave a message"],
    "language_words": "English",
    "zone": "Europe/London",
}
CHART: Values = {
    "points": [
        {"date_words": day, "value": value}
        for day, value in [("2 Nov", 6), ("9 Nov", None), ("16 Nov", 7), ("23 Nov", 3)]
    ],
    "usual_low": 6,
    "usual_high": 7,
    "low": 0,
    "high": 10,
}
FLAG: Values = {
    "id": 1,
    "state": "new",
    "state_words": "Nobody has this yet",
    "promise": "now",
    "promise_words": "Now",
    "due_words": "Due now",
    "overdue": False,
    "owner_name": None,
    "mine": False,
    "can_take": True,
    "can_finish": False,
    "version": 1,
}
MINE: Values = FLAG | {
    "state": "taken",
    "state_words": "You took this at 10:43",
    "mine": True,
    "can_take": False,
    "can_finish": True,
}
REASON: Values = {
    "sentence": "Someone should read this now",
    "promise_words": "Now",
    "rule": "Danger to life",
    "version": "1",
    "at_words": "Today, 10:41",
    "figures": [],
    "evidence": SAID,
    "note": "",
    "usual_words": "usually 6 to 7",
}
EVENT: Values = {
    "title": "Flag raised",
    "by": "Automatic",
    "at_words": "Today, 10:41",
    "at_iso": "2026-11-23T10:41:00+00:00",
    "text": "",
}


WELL: Values = {
    "parts": [("Records", True), ("Worker", False)],
    "oldest_words": "4 seconds",
    "pause_words": "",
    "waiting": 0,
    "alarms": [
        {
            "title": "Texts may not be getting through",
            "sentence": "9 of the last 12 texts did not get through. It is likely to be us.",
            "when_words": "Mon 23 Nov, 9:40, still on",
            "on": True,
        }
    ],
    "compared_words": "Mon 23 Nov, 10:40",
    "recovered": 2,
    "unknown": 1,
    "problem": "",
}
STOPPED = "Texts to residents are stopped since 10:42 by Morag: wrong words went out"
STRANGER: Values = {
    "reply_id": 7,
    "number_local": "07700 900321",
    "tel": "+447700900321",
    "promise": "now",
    "promise_words": "Now",
    "texts": [text("in", text="", parts=SAID, mark=True, how_words="came by the fallback address")],
    "count_words": "1 text",
    "people": [],
    "each": [],
    "formerly": [{"id": 3, "words": "Ada Begum, until Mon 2 Mar (not theirs)"}],
    "answered_words": "Mon 23 Nov, 10:01",
}
SHARED: Values = STRANGER | {
    "reply_id": 8,
    "promise": "today",
    "promise_words": "Today",
    "people": [{"id": 1, "name": "Ada Begum"}, {"id": 2, "name": "Wendy-Anne Featherstonehaugh"}],
    "each": [{"ids": "8", "texts": STRANGER["texts"]}],
    "formerly": [],
    "answered_words": "",
}


def to_read(reply_id: int, name: str, **changes: Any) -> Values:
    """One text that nobody has read yet."""
    return {
        "reply_id": reply_id,
        "resident_id": reply_id,
        "name": name,
        "parts": parts("6. Went to the allotment with Joan, the beans are up"),
        "instead": "",
        "media": 0,
        "at_iso": "2026-11-23T10:42:00+00:00",
        "at_words": "Mon 23 Nov, 10:42",
        "first": False,
        "because": [],
        "not_read": False,
        "late": False,
        "flag_id": None,
        "owner_name": "",
    } | changes


LOWERED: Values = {
    "once_words": "1 or less out of 10",
    "until_words": "Mon 21 Dec",
    "by": "Priya Shah",
}
USED: Values = {
    "Usual answer of most people": "7.2",
    "How much one person’s answers vary": "1.0",
    "Replies that most people’s answer is worth": "0.3",
    "Replies that most people’s variation is worth": "2",
}
SOON = [
    {"value": value, "name": name, "load_words": load, "chosen": name == "As we start"}
    for value, name, load in (
        ("0.81", "Much sooner", "about 31 flags a month"),
        ("0.98", "Sooner", "about 22 flags a month"),
        ("1.15", "As we start", "about 16 flags a month"),
        ("1.44", "Later", "about 9 flags a month"),
        ("1.73", "Much later", "about 1 flag in 2 months"),
    )
]
NOTICED: Values = {
    "id": 1,
    "name": "Weekly check-in",
    "people": 340,
    "replayed": 170,
    "in_use": USED,
    "since_words": "Starting values, from diaries of people who are not residents here.",
    "learning_again": False,
    "proposal": {
        "id": 4,
        "people": 34,
        "answers": 380,
        "at_words": "Mon 23 Nov",
        "rows": [(label, now, "6.9") for label, now in USED.items()],
    },
    "choices": SOON,
    "history": ["Approved: how soon to be told. Morag Bell, Mon 2 Nov."],
}
NEWLY: Values = NOTICED | {
    "id": 2,
    "name": "Sleep, twice a week",
    "people": 0,
    "replayed": 0,
    "proposal": None,
    "learning_again": True,
    "history": [],
}


@dataclass(slots=True)
class Stage:
    """What the pages show; a test changes it and looks again."""

    url: str = ""
    mode: str = "demo"
    items: list[Values] = field(
        default_factory=lambda: [
            queue_item(
                1,
                "Sara B",
                sentence="Someone should read this now",
                promise="now",
                due_words="Due now",
                evidence=SAID,
                usual_words="usually 6 to 7",
                needs=["Prefers calls", "Not safe to leave a message"],
            ),
            queue_item(2, "Derek M", overdue=True, due_words="Overdue since 10:40"),
            queue_item(3, "Amina K", owner_name="Tom Ellis", state_words="Taken at 10:31"),
            queue_item(4, "Joan P", mine=True, owner_name="You", state_words="Taken at 9:30"),
            queue_item(5, "Wendy-Anne Featherstonehaugh-O", evidence=[], promise="good_news"),
        ]
    )
    to_read: list[Values] = field(
        default_factory=lambda: [
            to_read(
                1,
                "Sara B",
                parts=parts("It would be ", "*so quiet", " without me. Everybody would cope"),
                first=True,
                because=["without", "Everybody", "cope"],
                flag_id=1,
                owner_name="Priya Shah",
            ),
            to_read(2, "Derek M", first=True, not_read=True, late=True, flag_id=2),
            to_read(3, "Amina K"),
            to_read(4, "Wendy-Anne Featherstonehaugh-O", instead="An empty text", parts=[]),
        ]
    )
    version: int = 1
    thread: list[Values] = field(
        default_factory=lambda: [
            text("out", day_words="Mon 23 Nov"),
            text("in", text="", parts=SAID, mark=True),
        ]
    )
    signed_out: bool = False
    standing: Values = field(default_factory=dict)
    tray: Values = field(default_factory=lambda: {"texts": 2, "pressing": True})
    system: Values = field(default_factory=lambda: dict(WELL))
    polls: list[int] = field(default_factory=list)
    posts: list[tuple[str, Values]] = field(default_factory=list)

    def queue(self, view: str) -> Values:
        """What the queue's templates want."""
        count = str(len(self.items))
        return {
            "items": [] if view == "mine" else self.items,
            "view": view,
            "counts": {"mine": "0", "nobody": count, "everyone": count},
            "checked_at_words": "10:42",
            "next_page_url": None,
            "tray": self.tray,
        }

    def flag(self, mine: bool) -> Values:
        """What the flag page wants."""
        return {
            "flag": (MINE if mine else FLAG) | {"version": self.version},
            "resident": RESIDENT,
            "reasons": [REASON],
            "thread": self.thread,
            "chart": CHART,
            "events": [EVENT],
            "outcomes": [("spoke", "Spoke to them"), ("message", "Left a message")],
            "guidance": ["Ring rather than text."],
            "wait_choices": [{"value": "2026-11-24", "words": "Tomorrow"}],
        }


def residents(stage: Stage) -> Values:
    """What the residents page wants."""
    person = {
        "id": 1,
        "name": "Sara B",
        "connector_name": None,
        "programme_words": "Weekly check-in, Mondays 10:00",
        "last_heard_words": "Today, 10:41",
        "state_words": "Agreed",
        "open_flag_id": 1,
    }
    return {"residents": [person], "prev_page_url": None, "next_page_url": "/residents?page=2"}


def explained(kind: str, kind_words: str, *sentences: str, **changes: Any) -> Values:
    """One text with what is said about it."""
    return {
        "kind": kind,
        "kind_words": kind_words,
        "title": "Weekly check-in, text 5",
        "part_words": "",
        "at_words": "10:00",
        "when_words": "Mon 30 Nov, 10:00",
        "at_iso": "2026-11-30T10:00:00+00:00",
        "day_iso": "2026-11-30",
        "sentences": sentences,
        "parts": None,
        "body": "Hi Sara, how have things been, 0 to 10? Priya",
        "size_words": "45 characters, 1 segment",
        "by": "",
    } | changes


NOT_TWICE = (
    "As things stand now, it would not go out: they have had 1 text from us that day already."
)
TEXTS_TO_COME = [
    explained("coming", "To come", "As things stand now, it goes out."),
    explained("would_not_go", "Would not go", NOT_TWICE, title="Small good things, text 3"),
]
TEXTS_OF_THE_PAST = [
    explained("came", "Came in", "It answers no question of ours.", parts=SAID, size_words=""),
    explained("went", "Went", "Sara is on Weekly check-in (every Monday at 10:00).", "It arrived."),
    explained("not_sent", "Not sent", "Not sent: texts are paused for this resident.", body=""),
]


def texts(_stage: Stage) -> Values:
    """What the page of somebody's texts wants."""
    return {
        "resident": RESIDENT,
        "past": TEXTS_OF_THE_PAST,
        "coming": TEXTS_TO_COME,
        "reasons": [STOPPED],
        "first_words": "Mon 26 Oct",
        "last_words": "Mon 15 Feb 2027",
        "today_url": "/residents/1/texts/2026-11-23",
        "day_iso": request.args.get("day", "2026-11-23"),
        "problem": request.args.get("problem", ""),
        "zone_words": "America/Argentina/Buenos Aires",
    }


def texts_of_a_day(_stage: Stage) -> Values:
    """What the page of one day wants."""
    return {
        "resident": RESIDENT,
        "day_words": "Wednesday 30 September 2026",
        "day_iso": "2026-09-30",
        "answer": "Yes: 1 text went to Sara, a check-in.",
        "reasons": [NOT_TWICE, STOPPED],
        "coming": True,
        "lines": [*TEXTS_OF_THE_PAST, *TEXTS_TO_COME],
        "before_url": "/residents/1/texts/2026-09-29",
        "after_url": "/residents/1/texts/2026-10-01",
        "today_url": "/residents/1/texts/2026-11-23",
        "zone_words": "",
    }


def resident(stage: Stage) -> Values:
    """What the resident page wants."""
    agreed = {"state_words": "Agreed", "asked_by": "Priya", "at_words": "1 Oct", "words": "Yes"}
    flag = {
        "id": 1,
        "sentence": "Asked for a call",
        "promise": "today",
        "due_words": "By 5pm today",
        "overdue": False,
    }
    weekly = {"name": "Weekly", "cadence_words": "every Monday at 10:00", "pace_url": "/pace"}
    return {
        "resident": RESIDENT,
        "open_flag": flag,
        "thread": stage.thread,
        "chart": CHART,
        "programmes": [weekly],
        "next_texts": TEXTS_TO_COME,
        "next_reasons": ["Texts to Sara have been paused since Monday 23 November 2026 at 10:00."],
        "agreement": agreed,
        "events": [EVENT],
        "floor": LOWERED if "lowered" in request.args else None,
        "floor_from": "2026-11-23",
        "floor_to": "2027-02-21",
        "floor_problem": request.args.get("problem", ""),
        "entered": {},
    }


def remembered(stage: Stage, where: str) -> Response:
    """Note what a form sent, and go where the service would go."""
    stage.posts.append((request.path, request.form.to_dict()))
    return redirect(where)  # type: ignore[return-value]


def add_queue(app: Flask, stage: Stage) -> None:
    """To do, and its part that is fetched again."""

    @app.get("/", endpoint="queue.index")
    def queue() -> str:
        view = request.args.get("view", "nobody")
        return render_template("queue.html", nav_active="queue", **stage.queue(view))

    @app.get("/queue/poll", endpoint="queue.poll")
    def poll() -> Response:
        if stage.signed_out:
            return redirect("/sign-in")  # type: ignore[return-value]
        body = render_template("queue_list.html", **stage.queue(request.args["view"]))
        answer = Response(body)
        answer.set_etag(hashlib.sha256(body.encode()).hexdigest())
        answer.make_conditional(request.environ)
        stage.polls.append(answer.status_code)
        return answer


def add_reading(app: Flask, stage: Stage) -> None:
    """To read, with one that was marked a moment ago."""

    @app.get("/to-read", endpoint="reading_list.index")
    def index() -> str:
        items = [] if "none" in request.args else stage.to_read
        count = str(len(items))
        return render_template(
            "to_read.html", nav_active="reading_list", items=items, count=count, more=len(items) > 2
        )

    @app.post("/to-read/<int:reply_id>/read", endpoint="reading_list.mark")
    def mark(reply_id: int) -> Response:
        stage.to_read[:] = [item for item in stage.to_read if item["reply_id"] != reply_id]
        flash(str(reply_id), "read")
        return remembered(stage, "/to-read")

    @app.post("/to-read/<int:reply_id>/unread", endpoint="reading_list.unmark")
    def unmark(reply_id: int) -> Response:
        return remembered(stage, "/to-read")


def add_noticing(app: Flask, stage: Stage) -> None:
    """What is proposed, and how soon staff are told."""

    @app.get("/noticing", endpoint="noticing.index")
    def index() -> str:
        return render_template(
            "noticing.html",
            nav_active="noticing",
            programmes=[] if "none" in request.args else [NOTICED, NEWLY],
            least_people=20,
            least_answers=8,
        )

    for act in ("approve", "refuse"):
        app.add_url_rule(
            f"/noticing/<int:proposal_id>/{act}",
            f"noticing.{act}",
            lambda **_number: remembered(stage, "/noticing"),
            methods=["POST"],
        )

    @app.post("/noticing/programmes/<int:programme_id>/limit", endpoint="noticing.limit")
    def limit(programme_id: int) -> Response:
        return remembered(stage, "/noticing")


def add_flag(app: Flask, stage: Stage) -> None:
    """One flag, and what can be done with it."""

    @app.get("/flags/<int:flag_id>", endpoint="flag.show")
    def show(flag_id: int) -> str:
        if "said" in request.args:
            flash(request.args["said"], "success")
        mine = "mine" in request.args
        return render_template("flag.html", nav_active="queue", **stage.flag(mine))

    for act in ("take", "wait", "release"):
        app.add_url_rule(
            f"/flags/<int:flag_id>/{act}",
            f"flag.{act}",
            lambda flag_id: remembered(stage, f"/flags/{flag_id}?mine=1"),
            methods=["POST"],
        )

    @app.post("/flags/<int:flag_id>/contact", endpoint="flag.contact")
    def contact(flag_id: int) -> Response:
        stage.version += 1
        return remembered(stage, f"/flags/{flag_id}?mine=1")

    @app.post("/flags/<int:flag_id>/finish", endpoint="flag.finish")
    def finish(flag_id: int) -> Response:
        return remembered(stage, "/")


def add_people(app: Flask, stage: Stage) -> None:
    """Residents, and the pretended phone."""

    @app.get("/residents", endpoint="residents.index")
    def index() -> str:
        return render_template("residents.html", nav_active="residents", **residents(stage))

    @app.get("/residents/<int:resident_id>/texts", endpoint="texts.index")
    def all_texts(resident_id: int) -> str:
        return render_template("texts.html", nav_active="residents", **texts(stage))

    @app.get("/residents/<int:resident_id>/texts/<on>", endpoint="texts.day")
    def one_day(resident_id: int, on: str) -> str:
        return render_template("texts_day.html", nav_active="residents", **texts_of_a_day(stage))

    @app.get("/residents/<int:resident_id>", endpoint="residents.show")
    def show(resident_id: int) -> str:
        return render_template("resident.html", nav_active="residents", **resident(stage))

    for endpoint in (
        "record.show",
        "record.agreement",
        "enrol.together",
        "absences.show",
        "merging.choose",
    ):
        app.add_url_rule(f"/residents/<int:resident_id>/{endpoint}", endpoint, lambda **_: "")
    app.add_url_rule("/enrol", "enrol.new", lambda: "")
    app.add_url_rule("/import", "imports.index", lambda: "")

    for act in ("lower_floor", "end_floor"):
        app.add_url_rule(
            f"/residents/<int:resident_id>/{act}",
            f"residents.{act}",
            lambda resident_id: remembered(stage, f"/residents/{resident_id}"),
            methods=["POST"],
        )

    @app.get("/phone", endpoint="phone.index")
    def phones() -> str:
        return render_template("phone.html", nav_active="phone", residents=[RESIDENT])

    @app.get("/phone/<int:resident_id>", endpoint="phone.show")
    def phone(resident_id: int) -> str:
        return render_template(
            "phone.html",
            nav_active="phone",
            residents=[RESIDENT],
            resident=RESIDENT,
            thread=stage.thread,
            poll_url=url_for("phone.poll", resident_id=resident_id),
            send_url=url_for("phone.send", resident_id=resident_id),
            suggestions=["7", "STOP"],
        )

    @app.get("/phone/<int:resident_id>/poll", endpoint="phone.poll")
    def poll(resident_id: int) -> str:
        return render_template("phone_thread.html", resident=RESIDENT, thread=stage.thread)

    @app.post("/phone/<int:resident_id>", endpoint="phone.send")
    def send(resident_id: int) -> Response:
        stage.thread.append(text("in", text=request.form["text"]))
        return remembered(stage, f"/phone/{resident_id}")


PUT_AWAY: Values = {
    "reply_id": 5,
    "number_local": "07700 900322",
    "words": "2 texts, put away Mon 23 Nov, 10:42 by Priya Nair",
    "why": "somebody selling, or a scam",
}


def add_tray(app: Flask, stage: Stage) -> None:
    """Texts from numbers that nobody is known by."""
    ada = {"id": 1, "name": "Ada Begum", "number_local": "07700 900001", "connector_name": "Priya"}

    @app.get("/unclaimed", endpoint="unclaimed.index")
    def tray() -> str:
        return render_template(
            "unclaimed.html", nav_active="queue", numbers=[STRANGER, SHARED], away=[PUT_AWAY]
        )

    @app.get("/unclaimed/<int:reply_id>", endpoint="unclaimed.show")
    def choose(reply_id: int) -> str:
        return render_template(
            "unclaimed_one.html",
            nav_active="queue",
            number=STRANGER,
            everybody=[ada] if "few" in request.args else [],
            found=[ada] if "find" in request.args else [],
            find=request.args.get("find", ""),
            problem=request.args.get("problem", ""),
            away_problem=request.args.get("away", ""),
            not_ours=[("SELLING", "somebody selling, or a scam"), ("RANG", "we rang")],
            chosen="",
        )

    for act in ("find", "attach", "put_away", "bring_back"):
        app.add_url_rule(
            f"/unclaimed/<int:reply_id>/{act}",
            f"unclaimed.{act}",
            lambda **_number: remembered(stage, "/unclaimed"),
            methods=["POST"],
        )


def add_system(app: Flask, stage: Stage) -> None:
    """The state of the machine and the one switch."""

    @app.get("/system", endpoint="system.index")
    def system() -> str:
        return render_template("system.html", nav_active="system", **stage.system)

    @app.get("/stop")
    def ask() -> str:
        return render_template("stop_texts.html", nav_active="system", why="wrong words went out")

    for act in ("stop", "lift"):
        app.add_url_rule(
            f"/system/{act}",
            f"system.{act}",
            lambda: remembered(stage, "/system"),
            methods=["POST"],
        )


GROUPS = [("everybody", "Everybody"), ("programme:1", "On Weekly check-in")]
NOTICE: Values = {
    "group_words": "Everybody",
    "when_words": "At once. After 20:00 it is not sent any more.",
    "example": "Hi Wendy-Anne, the office is closed tomorrow. Morag",
    "example_name": "Wendy-Anne",
    "characters": 51,
    "alphabet": "Plain alphabet",
    "segments": 1,
    "left": 109,
    "total": 2,
    "cost": "£0.08",
    "rate": "4",
    "people": 2,
    "copies": [("Ada Begum", "Hi Ada, the office is closed tomorrow. Morag", 1)],
    "left_out": [
        {"why": "Texts are paused for this resident.", "people": 1, "names": ["Bea Okafor"]}
    ],
    "languages": ["1 person reads Welsh"],
    "hints": [],
    "blocked": "",
}
BLOCKED: Values = NOTICE | {
    "hints": [
        {
            "level": "block",
            "level_words": "Has to change",
            "words": "must",
            "why": "It sounds like an order.",
            "instead": "can",
        }
    ],
    "blocked": "Change the words that are marked “has to change”; then it can be sent.",
}


def add_notices(app: Flask, stage: Stage) -> None:
    """Writing once to a whole group."""
    sent = {
        "body": "Hi {name}, the hall is closed on Tuesday. Morag",
        "by": "Morag Bell",
        "whom": "Everybody, 12 people",
        "at_words": "Mon 16 Nov, 10:00",
        "at_iso": "2026-11-16T10:00:00+00:00",
    }

    @app.get("/notices", endpoint="notices.index")
    def index() -> str:
        return render_template(
            "notices.html",
            nav_active="system",
            groups=GROUPS,
            sent=[sent],
            problem=request.args.get("problem", ""),
            entered={},
            usual_rate="4",
            longest=480,
        )

    @app.get("/notices/shown")
    def shown() -> str:
        values = BLOCKED if "blocked" in request.args else NOTICE
        entered = {"group": "everybody", "words": "Hi {name}", "day": "now"}
        return render_template(
            "notice_preview.html", nav_active="system", key="abc", entered=entered, **values
        )

    for act in ("preview", "send", "change"):
        app.add_url_rule(
            f"/notices/{act}",
            f"notices.{act}",
            lambda: remembered(stage, "/notices"),
            methods=["POST"],
        )


RULES: Values = {
    "edits": 1,
    "weekdays": list(enumerate(("Monday", "Tuesday", "Wednesday"))),
    "nations": [("ENG", "England"), ("NIR", "Northern Ireland")],
    "entered": {
        **{f"{end}_0": at for end, at in (("open", "yes"), ("from", "09:00"), ("to", "17:00"))},
        "quiet_from": "20:00",
        "quiet_to": "09:00",
        "nation": "NIR",
        "on_holiday": "next",
        "on_weekday": "skip",
        "cap_day": "1",
        "cap_week": "2",
        "cap_month": "8",
        "price": "4",
    },
    "day_entered": {"day": "2027-03-23", "kind": "closed", "why": "everybody is training"},
    "days": [
        {
            "day": "2027-03-23",
            "day_words": "Tuesday 23 March 2027",
            "kind_words": "No texts",
            "where": "NIR",
            "where_words": "in Northern Ireland alone",
            "why": "everybody is training",
        }
    ],
    "holidays": [
        {
            "name": "Battle of the Boyne (substitute day)",
            "day": "2027-07-12",
            "day_words": "Monday 12 July 2027",
            "becomes": "Moves on to Tuesday 13 July 2027",
            "may_open": "yes",
        }
    ],
    "ends_soon": "The list of bank holidays was checked up to Sunday 31 December 2028.",
    "changed_words": "Last changed Mon 23 Nov, 10:42 by Morag Bell.",
    "first_day": "2026-11-24",
    "last_day": "2028-11-23",
}
WHAT_WOULD_CHANGE: Values = {
    "changes": ["Friday: 09:00 to 17:00 (was 09:00 to 20:00)."],
    "effect_words": "Of 2 texts planned for the next 14 days, 2 would move and none be skipped.",
    "effects": [{"name": "Friday check-in", "words": "2 of 2 would move", "example": "Moved."}],
    "too_much": ["For 1 person who is on both, Mondays and Fridays together ask for 3 texts."],
    "entered": {"edits": "1", "open_0": "yes"},
    "save_at": "texting_rules.save",
}


def add_texting_rules(app: Flask, stage: Stage) -> None:
    """When texts go out, how many, and at what price."""

    @app.get("/about-these-texts/edit", endpoint="about.index")
    @app.get("/requests", endpoint="referrals.index")
    @app.get("/system/own-phone", endpoint="own_phone.index")
    def beside() -> str:
        return ""

    @app.get("/texting-rules", endpoint="texting_rules.index")
    def index() -> str:
        problem = request.args.get("problem", "")
        return render_template(
            "texting_rules.html", nav_active="system", problem=problem, day_problem="", **RULES
        )

    @app.get("/texting-rules/shown", endpoint="texting_rules.shown")
    def shown() -> str:
        problems = request.args.getlist("problem")
        return render_template(
            "texting_rules_preview.html",
            nav_active="system",
            problems=problems,
            **WHAT_WOULD_CHANGE,
        )

    for act in ("preview", "save", "change", "preview_day", "save_day", "change_day"):
        app.add_url_rule(
            f"/texting-rules/{act}",
            f"texting_rules.{act}",
            lambda: remembered(stage, "/texting-rules"),
            methods=["POST"],
        )


def add_doors(app: Flask) -> None:
    """Signing in and out, an error, and the page of our own parts."""
    accounts = [{"name": "Priya", "role": "connector", "email": "p@example.org", "password": "x"}]

    @app.get("/sign-in", endpoint="signin.show")
    def sign_in() -> str:
        return render_template(
            "sign_in.html",
            staff=None,
            form_error=request.args.get("error"),
            next="",
            demo_accounts=accounts,
        )

    app.add_url_rule("/home", "signin.home", lambda: redirect("/"))

    @app.get("/error")
    def error() -> str:
        return render_template("error.html", title="Gone", sentence="Gone.", what_to_do="Go back.")

    @app.get("/components")
    def components() -> str:
        return render_template("components.html")

    for path, name in [("/sign-in", "signin.submit"), ("/sign-out", "signin.sign_out")]:
        app.add_url_rule(path, name, lambda: redirect("/"), methods=["POST"])


def staged(stage: Stage) -> Flask:
    """The stage as a Flask application."""
    app = Flask("stage", static_folder=str(ROOT / "connector" / "web" / "static"))
    app.secret_key = "stage"
    app.jinja_loader = ChoiceLoader(  # type: ignore[assignment]
        [
            FileSystemLoader(ROOT / "templates"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    priya = {
        "name": "Priya Shah",
        "role_words": "connector",
        "sees_residents": True,
        "is_connector": True,
        "is_coordinator": True,
        "is_administrator": False,
        "coordinates": True,
    }
    app.context_processor(
        lambda: {
            "nonce": "stage",
            "mode": stage.mode,
            "nav_active": None,
            "staff": priya,
            "csrf_token": lambda: TOKEN,
            "standing": lambda: stage.standing,
            "to_read": lambda: str(len(stage.to_read)),
        }
    )

    @app.after_request
    def strict(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    add_queue(app, stage)
    add_reading(app, stage)
    add_noticing(app, stage)
    add_flag(app, stage)
    add_people(app, stage)
    add_tray(app, stage)
    add_system(app, stage)
    add_notices(app, stage)
    add_texting_rules(app, stage)
    add_doors(app)
    return app


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A stage that is being served on this machine only."""
    staging = Stage()
    server = make_server("127.0.0.1", 0, staged(staging), threaded=True)
    staging.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield staging
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def shelf() -> tuple[Stage, FlaskClient]:
    """One stage for all reading, so that a template is compiled once."""
    staging = Stage()
    return staging, staged(staging).test_client()


@pytest.fixture
def read_page(shelf: tuple[Stage, FlaskClient]) -> Callable[..., str]:
    """A page's HTML by its path, without a server; `changes` set what the stage shows."""
    staging, client = shelf

    def read(path: str, **changes: Any) -> str:
        fresh = Stage()
        for each in fields(Stage):
            setattr(staging, each.name, changes.get(each.name, getattr(fresh, each.name)))
        return client.get(path).get_data(as_text=True)

    return read


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium, when it is installed."""
    if not CHROMIUM.exists():
        pytest.skip("Install Debian's `chromium` to run the pages in a browser.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def phone_sized(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of 360 by 640, as on a small phone."""
    context = chromium.new_context(viewport={"width": 360, "height": 640})
    yield context
    context.close()


@pytest.fixture
def page(phone_sized: BrowserContext) -> Page:
    """One page of that browser."""
    return phone_sized.new_page()
