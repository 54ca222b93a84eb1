"""Lists of people: brought, matched, checked, done, and taken back as a whole.

For coordinators: an administrator runs the machine and sees no list of residents. A page about work
that goes on asks again by itself, without a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from connector.domain.errors import Invalid
from connector.domain.import_rows import Column, Match
from connector.gateways import sheets
from connector.gateways.sheets import LARGEST_FILE, MOST_LINES
from connector.services import importing
from connector.services.importing import Choices, match_of
from connector.store import imports, programmes, staff, texting_rules
from connector.store.base import Session
from connector.store.imports import DONE, MATCHING, RUNNING, STAYED, UNDOING, UNDONE, Batch, Row
from connector.web.auth import Guard, guard, member
from connector.web.enrol import speech
from connector.web.person import LANGUAGES
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("imports", __name__, url_prefix="/imports")

A_PAGE = 25
FIRST_LINES = 5
WELCOMES = ("10", "50", "100", "500")
SAMPLE = 3
PROBLEMS_AT_MOST = 50_000
LONGEST_SAMPLE = 40
EXAMPLE = (
    ("First name", "Family name", "Mobile number", "Known as", "Language", "Likes", "Reference"),
    ("Ada", "Begum", "07700 900123", "Ada", "English", "Gardening; dominoes", "R-001"),
)


@room.url_value_preprocessor
def _a_larger_request(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A list is larger than any other form, and only those who may bring one may send so much."""
    if endpoint == "imports.bring" and current_user.is_authenticated and current_user.coordinates:
        request.max_content_length = LARGEST_FILE + 64 * 1024


@room.before_request
def _only_who_sees_residents() -> None:
    if not member().sees_residents:
        abort(403)


@room.get("")
@guard(Guard.COORDINATION)
def index() -> ResponseReturnValue:
    return _index()


@room.post("")
@guard(Guard.COORDINATION)
def bring() -> ResponseReturnValue:
    """Read a file and keep its lines; nothing of anybody is changed."""
    file = request.files.get("list")
    try:
        if file is None or not file.filename:
            raise Invalid("Choose the file that holds the list.")
        sheet = sheets.read(file.read())
        with wired().transaction() as session:
            batch_id = importing.bring(
                session,
                file_name=PurePath(file.filename.replace("\\", "/")).name,
                lines=sheet.lines,
                notes=sheet.notes,
                by=member().id,
                now=said().now,
            )
    except Invalid as problem:
        return _index(str(problem)), 400
    return _to(batch_id)


@room.get("/example.csv")
@guard(Guard.COORDINATION)
def example() -> ResponseReturnValue:
    return _file(sheets.as_csv(EXAMPLE), "list-of-people.csv")


@room.get("/<int:batch_id>")
@guard(Guard.COORDINATION)
def show(batch_id: int) -> ResponseReturnValue:
    with wired().reading() as session:
        batch = imports.get(session, batch_id)
        if batch.state == MATCHING:
            return _matching(session, batch)
        if batch.at_work:
            return _at_work(batch)
        return _checked(session, batch, _after())


@room.post("/<int:batch_id>/check")
@guard(Guard.COORDINATION)
def check(batch_id: int) -> ResponseReturnValue:
    """Have the list checked with the columns as chosen."""
    try:
        if _chosen_twice():
            raise Invalid("One thing is chosen for two columns; each can stand for one.")
        with wired().transaction() as session:
            importing.check(session, batch_id, _match(), _choices(session))
    except Invalid as problem:
        with wired().reading() as session:
            return _matching(session, imports.get(session, batch_id), str(problem)), 400
    return _to(batch_id)


@room.post("/<int:batch_id>/columns")
@guard(Guard.COORDINATION)
def columns(batch_id: int) -> ResponseReturnValue:
    """Back to the columns."""
    with wired().transaction() as session:
        importing.match_again(session, batch_id)
    return _to(batch_id)


@room.post("/<int:batch_id>/do")
@guard(Guard.COORDINATION)
def do(batch_id: int) -> ResponseReturnValue:
    with wired().transaction() as session:
        importing.start(session, batch_id, by=member().id, now=said().now)
    return _to(batch_id)


@room.post("/<int:batch_id>/undo")
@guard(Guard.COORDINATION)
def undo(batch_id: int) -> ResponseReturnValue:
    with wired().transaction() as session:
        importing.undo(session, batch_id, by=member().id, now=said().now)
    return _to(batch_id)


@room.post("/<int:batch_id>/welcome")
@guard(Guard.COORDINATION)
def welcome(batch_id: int) -> ResponseReturnValue:
    """The text that asks for a Y, to the next few of those who came in."""
    most = request.form.get("most", "")
    wiring = wired()
    try:
        if most not in WELCOMES:
            raise Invalid("Choose how many get the welcome now.")
        with wiring.transaction() as session:
            sent = importing.welcome(
                session,
                batch_id,
                speech(),
                most=int(most),
                calendar=texting_rules.load(session, wiring.calendar).calendar,
                zone=wiring.settings.zone,
                by=member().id,
                now=said().now,
            )
    except Invalid as problem:
        flash(str(problem), "problem")
    else:
        whom = "1 person" if sent == 1 else f"{sent} people"
        flash(f"The welcome is on its way to {whom}. Their answers come to the queue.", "success")
    return _to(batch_id)


@room.post("/<int:batch_id>/put-away")
@guard(Guard.COORDINATION)
def put_away(batch_id: int) -> ResponseReturnValue:
    with wired().transaction() as session:
        importing.put_away(session, batch_id, by=member().id, now=said().now)
    flash("The list was put away, and what it said of people is deleted.", "success")
    return redirect(url_for("imports.index"))


@room.get("/<int:batch_id>/problems.csv")
@guard(Guard.COORDINATION)
def problems(batch_id: int) -> ResponseReturnValue:
    """The lines of which there is something to say, to be mended and brought again."""
    with wired().reading() as session:
        batch = imports.get(session, batch_id)
        rows = imports.lines_with_words(session, batch_id, limit=PROBLEMS_AT_MOST)
    headings = [_heading(batch, place) for place in range(_width(batch))]
    lines = ([str(row.line), " ".join(row.problems + row.notes), *row.cells] for row in rows)
    return _file(sheets.as_csv([["Line", "What to mend", *headings], *lines]), "to-mend.csv")


def _to(batch_id: int) -> ResponseReturnValue:
    return redirect(url_for("imports.show", batch_id=batch_id))


def _file(content: bytes, name: str) -> Response:
    given = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="text/csv; charset=utf-8", headers=given)


def _after() -> int:
    after = request.args.get("after", "0")
    return int(after) if after.isdecimal() and len(after) < 10 else 0


def _index(problem: str = "") -> str:
    words = said()
    with wired().reading() as session:
        batches = imports.recent(session)
    return render_template(
        "imports.html",
        batches=[_in_a_list(batch, words) for batch in batches],
        problem=problem,
        most=f"{MOST_LINES:,}",
        largest=LARGEST_FILE // 1024**2,
        nav_active="residents",
    )


def _in_a_list(batch: Batch, words: Said) -> dict[str, Any]:
    return {
        "id": batch.id,
        "name": batch.file_name,
        "state_words": STATE_WORDS[batch.state],
        "rows_words": _lines_words(batch.rows),
        "at_words": words.at(batch.made_at),
        "by": batch.by_name,
    }


STATE_WORDS = {
    "matching": "Columns to be matched",
    "checking": "Being checked",
    "checked": "Checked, not yet brought in",
    "running": "Coming in",
    "done": "Brought in",
    "undoing": "Being taken back",
    "undone": "Taken back",
    "dropped": "Put away",
}


# The columns


def _matching(session: Session, batch: Batch, problem: str = "") -> str:
    rows = imports.first_lines(session, batch.id, limit=SAMPLE)
    entered = _match() if request.method == "POST" else match_of(batch)
    choices = _choices(session) if request.method == "POST" else Choices.of(batch)
    return render_template(
        "import_columns.html",
        batch={"id": batch.id, "name": batch.file_name, "rows_words": _lines_words(batch.rows)},
        columns=[_column(batch, place, rows, entered) for place in range(_width(batch))],
        meanings=[(column.value, column.words) for column in Column],
        headed=bool(batch.columns.get("headings")),
        notes=batch.choices.get("notes", ()),
        programmes=[(one.id, one.name) for one in programmes.active(session)],
        connectors=[(one.id, one.name) for one in staff.members(session) if _connects(one)],
        languages=list(LANGUAGES.items()),
        chosen=choices,
        problem=problem,
        nav_active="residents",
    )


def _connects(one: Any) -> bool:
    return bool(one.active and one.sees_residents)


def _column(batch: Batch, place: int, rows: Sequence[Row], entered: Match) -> dict[str, Any]:
    shown = [row.cells[place] for row in rows if place < len(row.cells) and row.cells[place]]
    meant = next((column.value for column, at in entered.items() if at == place), "")
    return {
        "place": place,
        "heading": _heading(batch, place),
        "sample": [_short(text) for text in shown],
        "meant": meant,
    }


def _heading(batch: Batch, place: int) -> str:
    headings = batch.columns.get("headings", ())
    words = headings[place].strip() if place < len(headings) else ""
    return words or f"Column {_letter(place)}"


def _letter(place: int) -> str:
    """As spreadsheets name their columns: A to Z, then AA."""
    first, last = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"


def _width(batch: Batch) -> int:
    return int(batch.columns["width"])


def _match() -> dict[Column, int]:
    """The columns as the form says; of two for one thing, the first."""
    found: dict[Column, int] = {}
    for name, value in request.form.items():
        place = name.removeprefix("column-")
        if name == place or not place.isdecimal() or len(place) > 3 or not value:
            continue
        try:
            column = Column(value)
        except ValueError:
            continue
        found.setdefault(column, int(place))
    return found


def _chosen_twice() -> bool:
    chosen = [value for name, value in request.form.items() if name.startswith("column-") and value]
    return len(set(chosen)) < len(chosen)


def _choices(session: Session) -> Choices:
    known = set(programmes.active_ids(session))
    wanted = [int(one) for one in request.form.getlist("programme") if _is_id(one)]
    connector = request.form.get("connector", "")
    working = {one.id for one in staff.members(session) if _connects(one)}
    language = request.form.get("language", "en")
    return Choices(
        tuple(one for one in wanted if one in known),
        int(connector) if _is_id(connector) and int(connector) in working else None,
        language if language in LANGUAGES else "en",
        bool(request.form.get("called_agreed")),
    )


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


# Work that goes on


def _at_work(batch: Batch) -> str:
    done = min(batch.done, batch.to_do)
    return render_template(
        "import_at_work.html",
        batch={"id": batch.id, "name": batch.file_name},
        title={RUNNING: "Bringing the list in", UNDOING: "Taking the list back"}.get(
            batch.state, "Checking the list"
        ),
        nothing_yet=batch.state == "checking",
        can_undo=batch.state == RUNNING,
        done=done,
        total=max(batch.to_do, 1),
        words=f"{done:,} of {_lines_words(batch.to_do)}",
        nav_active="residents",
    )


# What would come of it, and what came of it


def _checked(session: Session, batch: Batch, after: int) -> str:
    counts = imports.counts(session, batch.id)
    left = _page(session, batch, "leave", after)
    stayed = imports.lines_that(session, batch.id, STAYED, limit=500)
    mended = ("add", "update", "same") if batch.state != UNDONE else ("same",)
    noted = imports.lines_with_words(session, batch.id, *mended, limit=A_PAGE)
    first = imports.lines_that(session, batch.id, "add", "update", limit=FIRST_LINES)
    shown = left[:A_PAGE]
    done = batch.state == DONE
    waiting = importing.waiting(session, batch.id, speech(), now=said().now) if done else None
    to_ask, first_to_ask = imports.to_ask(session, batch.id, limit=A_PAGE) if done else (0, [])
    return render_template(
        "import_list.html",
        batch={"id": batch.id, "name": batch.file_name, "state": batch.state},
        notes=batch.choices.get("notes", ()),
        counts=[(words, counts.get(act, 0)) for act, words in _count_words(batch)],
        to_do=sum(counts.get(act, 0) for act in ("add", "update")),
        can_do=batch.state == "checked",
        can_undo=done,
        waiting=waiting,
        welcomes=[most for most in WELCOMES if waiting and int(most) < waiting.people],
        to_ask=to_ask,
        first_to_ask=[_line(row, batch) for row in first_to_ask],
        undone=batch.state == UNDONE,
        first=[_line(row, batch) for row in first],
        problems=[_line(row, batch) for row in shown],
        noted=[_line(row, batch) for row in noted],
        stayed=[_line(row, batch) for row in stayed],
        anything_to_mend=bool(left or noted),
        more=url_for("imports.show", batch_id=batch.id, after=shown[-1].line, _anchor="problems")
        if len(left) > A_PAGE
        else "",
        paged=bool(after),
        nav_active="residents",
    )


def _page(session: Session, batch: Batch, act: str, after: int) -> list[Row]:
    return imports.lines_that(session, batch.id, act, limit=A_PAGE + 1, after=after)


def _count_words(batch: Batch) -> Iterable[tuple[str, str]]:
    would, were = batch.state == "checked", batch.state == DONE
    yield "add", "Would come in" if would else "Came in" if were else "Taken out again"
    yield "update", "Would be changed" if would else "Were changed" if were else "Put back"
    yield "same", "Nothing new"
    yield "leave", "Would be left out" if would else "Left out"
    if batch.state == UNDONE:
        yield STAYED, "Stayed"


def _line(row: Row, batch: Batch) -> dict[str, Any]:
    person = importing.person_of(row, batch)
    name = f"{person.given_name} {person.family_name}".strip() or person.known_as
    return {
        "line": row.line,
        "name": name or "No name",
        "act_words": {"add": "New", "update": "Changed"}.get(row.act, ""),
        "number": person.number,
        "problems": row.problems,
        "notes": row.notes,
        "resident_id": row.resident_id,
    }


def _lines_words(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines:,} lines"
