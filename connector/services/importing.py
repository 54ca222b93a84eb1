"""A list of people comes in: matched, checked with nothing changed, done as a whole, undone.

Nobody is texted by a list: those who are new are invited and wait until somebody sends the welcome.
The work goes on in small transactions, each of which marks the lines that it did; whoever comes
next goes on where the last one stopped, and no line is done twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.calendar import Calendar
from connector.domain.consent import AgreementState
from connector.domain.errors import Invalid, Refused
from connector.domain.import_rows import (
    LANGUAGES,
    Act,
    Column,
    Decision,
    Directory,
    Known,
    Line,
    Listed,
    Match,
    as_resident,
    decide,
    find_headings,
    folded,
    match,
    problems_of_match,
    read,
)
from connector.domain.notice import when
from connector.domain.resident import ContactBy, Resident
from connector.domain.rota import Member
from connector.services.enrolment import Speech
from connector.services.jobs import Job, later
from connector.store import attempts, audit, check_ins, imports, programmes, residents, staff, stops
from connector.store.imports import (
    CHECKED,
    CHECKING,
    DONE,
    DROPPED,
    MATCHING,
    NOTE,
    PROBLEM,
    RUNNING,
    STAYED,
    SUBJECT,
    UNDOING,
    UNDONE,
    Batch,
    Row,
)

LONGEST_FILE_NAME = 200
BROUGHT, CHANGED, LET_GO, PUT_BACK = (
    "brought in by a list",
    "changed by a list",
    "taken out with a list",
    "put back with a list",
)
Numbered = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """What is chosen for everybody on a list whose line does not say it.

    `called_agreed`: those who are rung or visited have agreed to that already.
    """

    programmes: tuple[int, ...] = ()
    connector_id: int | None = None
    language: str = "en"
    called_agreed: bool = False
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "programmes": list(self.programmes),
            "connector_id": self.connector_id,
            "language": self.language,
            "called_agreed": self.called_agreed,
            "notes": list(self.notes),
        }

    @classmethod
    def of(cls, batch: Batch) -> Choices:
        kept = batch.choices
        return cls(
            tuple(kept.get("programmes", ())),
            kept.get("connector_id"),
            kept.get("language", "en"),
            bool(kept.get("called_agreed")),
            tuple(kept.get("notes", ())),
        )

    @property
    def extra(self) -> Listed:
        return Listed(
            programmes=self.programmes, connector_id=self.connector_id, language=self.language
        )


def match_of(batch: Batch) -> dict[Column, int]:
    """Which column of a list is what."""
    return {Column(name): place for name, place in batch.columns.get("match", {}).items()}


def person_of(row: Row, batch: Batch) -> Listed:
    """Whom a line names, as far as it can be read."""
    return read(row.cells, match_of(batch), _NOTHING_NAMED).person


_NOTHING_NAMED = Directory({}, {}, {}, drama=True)


def directory(session: Session, *, drama: bool) -> Directory:
    """What the lines of a list may name here."""
    active = [one for one in staff.members(session) if one.active]
    return Directory(
        LANGUAGES,
        folded({one.name: one.id for one in programmes.active(session)}),
        folded(_called(active)),
        drama,
    )


def _called(members: Sequence[Member]) -> dict[str, int]:
    """Connectors by name and by email; a name that two of them have says nothing."""
    names = [one.name for one in members]
    by_name = {one.name: one.id for one in members if names.count(one.name) == 1}
    return by_name | {one.email: one.id for one in members}


def bring(
    session: Session,
    *,
    file_name: str,
    lines: Sequence[Numbered],
    notes: Sequence[str] = (),
    by: int,
    now: datetime,
) -> int:
    """Keep a list as it was read, with a first guess at its columns. Returns its id.

    Raises `Invalid` when there is nobody on it.
    """
    headed = find_headings([cells for _line, cells in lines])
    headings = list(lines[headed][1]) if headed is not None else []
    people = lines[headed + 1 :] if headed is not None else lines
    if not people:
        raise Invalid("There is nobody on the list: it has headings and no line below them.")
    width = max(len(cells) for _line, cells in people)
    found = {column.value: place for column, place in match(headings).items()}
    columns = {"headings": headings, "width": max(width, len(headings)), "match": found}
    batch_id = imports.add(
        session,
        file_name=file_name[-LONGEST_FILE_NAME:],
        columns=columns,
        choices=Choices(notes=tuple(notes)).to_json(),
        lines=people,
        by=by,
        now=now,
    )
    audit.append(session, "list brought", SUBJECT, batch_id, by=by, now=now)
    return batch_id


def check(session: Session, batch_id: int, found: Match, choices: Choices) -> None:
    """Have every line looked at, with this match of columns. Nothing of anybody is changed.

    Raises `Invalid` for a match that cannot be used, `Refused` once the list has been done.
    """
    batch = imports.lock(session, batch_id)
    _only(batch, MATCHING, CHECKED)
    places = {place for place in found.values() if 0 <= place < int(batch.columns["width"])}
    wrong = problems_of_match(found)
    if wrong or len(places) < len(found):
        raise Invalid(wrong[0] if wrong else "The list has no such column.")
    columns = {**batch.columns, "match": {column.value: at for column, at in found.items()}}
    kept = replace(choices, notes=Choices.of(batch).notes).to_json()
    imports.unread_again(session, batch_id)
    imports.change(
        session, batch_id, state=CHECKING, columns=columns, choices=kept, counts={}, done=0
    )
    later(session, Job.IMPORT)


def match_again(session: Session, batch_id: int) -> None:
    """Back to the columns. Raises `Refused` once the list has been done."""
    _only(imports.lock(session, batch_id), CHECKED)
    imports.change(session, batch_id, state=MATCHING)


def put_away(session: Session, batch_id: int, *, by: int, now: datetime) -> None:
    """A list that is not wanted: what it said of people is deleted. Raises `Refused`."""
    _only(imports.lock(session, batch_id), MATCHING, CHECKING, CHECKED)
    imports.forget_lines(session, batch_id)
    imports.change(session, batch_id, state=DROPPED)
    audit.append(session, "list put away", SUBJECT, batch_id, by=by, now=now)


def start(session: Session, batch_id: int, *, by: int, now: datetime) -> None:
    """Bring the list in. Raises `Refused` unless it was checked and is not yet begun."""
    batch = imports.lock(session, batch_id)
    _only(batch, CHECKED)
    if not batch.to_do:
        raise Refused("There is nothing in this list to bring in.")
    imports.change(session, batch_id, state=RUNNING, done=0, started_at=now)
    audit.append(session, "list brought in", SUBJECT, batch_id, by=by, now=now)
    later(session, Job.IMPORT)


def undo(session: Session, batch_id: int, *, by: int, now: datetime) -> None:
    """Take the whole list back, also while it is coming in. Raises `Refused`."""
    _only(imports.lock(session, batch_id), RUNNING, DONE)
    imports.change(session, batch_id, state=UNDOING, done=0, undone_by=by)
    audit.append(session, "list undone", SUBJECT, batch_id, by=by, now=now)
    later(session, Job.IMPORT)


def step(session: Session, *, limit: int, drama: bool, zone: str, now: datetime) -> int:
    """Do the next lines of the oldest list that has work. How many lines; 0 when there is none."""
    batch = imports.next_at_work(session)
    if batch is None:
        return 0
    work = _Work(session, batch, zone, now, directory(session, drama=drama))
    return {CHECKING: work.check, RUNNING: work.do, UNDOING: work.undo}[batch.state](limit)


def _only(batch: Batch, *states: str) -> None:
    if batch.state not in states:
        raise Refused(_WHERE_IT_IS.get(batch.state, "This cannot be done with the list now."))


_WHERE_IT_IS = {
    MATCHING: "Say first what its columns are.",
    CHECKING: "The list is still being checked; wait a moment.",
    CHECKED: "The list has been checked and not yet been brought in.",
    RUNNING: "The list is coming in just now.",
    DONE: "The list has been brought in already.",
    UNDOING: "The list is being taken back just now.",
    UNDONE: "The list has been taken back already.",
    DROPPED: "The list was put away.",
}


# The welcome, which a person sends


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who came in by a list and has had no welcome yet, and how it reads to the first of them."""

    people: int
    example: str = ""
    name: str = ""


MOST_WELCOMES = 500


def waiting(session: Session, batch_id: int, speech: Speech, *, now: datetime) -> Waiting:
    """How many would get the welcome now. Nothing is written."""
    people = imports.to_welcome(session, batch_id, since=now - ONE_DAY)
    if not people:
        return Waiting(0)
    first = residents.get(session, people[0])
    return Waiting(len(people), _welcome_to(session, [first], speech)[0], first.known_as)


def welcome(
    session: Session,
    batch_id: int,
    speech: Speech,
    *,
    most: int,
    calendar: Calendar | None,
    zone: str,
    by: int,
    now: datetime,
) -> int:
    """Queue the text that asks for a Y, for the next `most` people. How many that is.

    They go at the pace of everything else and not after closing time; what did not go can be sent
    again. Raises `Invalid` at an hour when nobody is texted, `Refused` for a list not brought in.
    """
    _only(imports.lock(session, batch_id), DONE)
    at = when(None, calendar, zone_now=now.astimezone(ZoneInfo(zone)))
    ids = imports.to_welcome(session, batch_id, since=now - ONE_DAY)[: min(most, MOST_WELCOMES)]
    people = list(residents.many(session, ids).values())
    texts = [
        attempts.NewAttempt(one.id, Purpose.WELCOME, body, at.due_at, at.not_after)
        for one, body in zip(people, _welcome_to(session, people, speech), strict=True)
    ]
    attempts.add_many(session, texts, channel=speech.channel, now=now)
    if texts:
        why = f"{len(texts)} people"
        audit.append(session, "list welcomed", SUBJECT, batch_id, by=by, now=now, why=why)
        later(session, Job.DISPATCH)
    return len(texts)


def _welcome_to(session: Session, people: Sequence[Resident], speech: Speech) -> list[str]:
    first_names = {one.id: one.name.split()[0] for one in staff.members(session)}
    return [speech.welcome(one, first_names.get(one.connector_id or 0, "")) for one in people]


ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Read:
    """A line with what was read of it, and the indexes it is found by."""

    row: Row
    line: Line
    number: bytes | None
    reference: bytes | None


@dataclass
class _Earlier:
    """Lines of the same list with a number or a reference in common, by index."""

    by_number: dict[bytes, list[tuple[int, Listed]]] = field(default_factory=dict)
    by_reference: dict[bytes, list[tuple[int, Listed]]] = field(default_factory=dict)

    def add(self, number: bytes | None, reference: bytes | None, line: int, who: Listed) -> None:
        if number:
            self.by_number.setdefault(bytes(number), []).append((line, who))
        if reference:
            self.by_reference.setdefault(bytes(reference), []).append((line, who))

    def of(self, one: _Read) -> list[tuple[int, Listed]]:
        return [
            *self.by_reference.get(one.reference or b"", ()),
            *self.by_number.get(one.number or b"", ()),
        ]


@dataclass
class _Work:
    """One small step of one list, inside one transaction."""

    session: Session
    batch: Batch
    zone: str
    now: datetime
    directory: Directory

    @property
    def match(self) -> Match:
        return match_of(self.batch)

    @property
    def why(self) -> str:
        return f"list {self.batch.id}"

    # Checking

    def check(self, limit: int) -> int:
        rows = imports.unchecked(self.session, self.batch.id, limit=limit)
        if not rows:
            return self._checked()
        lines = self._read(rows)
        decisions = self._decide(lines, self._earlier(lines))
        pairs = zip(lines, decisions, strict=True)
        written = [_written(one, decision) for one, decision in pairs]
        imports.write(self.session, written, doing=False)
        self._came_on(len(rows))
        return len(rows)

    def _checked(self) -> int:
        counts = imports.counts(self.session, self.batch.id)
        imports.change(self.session, self.batch.id, state=CHECKED, counts=counts, done=0)
        return 1

    def _read(self, rows: Sequence[Row]) -> list[_Read]:
        found = self.match
        read_ = [(row, read(row.cells, found, self.directory)) for row in rows]
        return [
            _Read(
                row,
                line,
                imports.number_index(line.person.number),
                imports.reference_index(line.person.reference),
            )
            for row, line in read_
        ]

    def _earlier(self, lines: Sequence[_Read]) -> _Earlier:
        """Lines of this list that were checked before these ones."""
        indexes = {i for one in lines for i in (one.number, one.reference) if i}
        found = _Earlier()
        before = lines[0].row.line
        rows = imports.earlier(self.session, self.batch.id, indexes, before=before)
        for number, reference, row in rows:
            person = read(row.cells, self.match, self.directory).person
            found.add(number, reference, row.line, person)
        return found

    def _decide(self, lines: Sequence[_Read], earlier: _Earlier | None) -> list[Decision]:
        numbers = [one.number for one in lines if one.number]
        here = imports.on_numbers(self.session, numbers)
        references = [one.reference for one in lines if one.reference]
        known = imports.by_references(self.session, references)
        stopped = stops.among(self.session, numbers)
        extra = Choices.of(self.batch).extra
        decisions = []
        for one in lines:
            decisions.append(
                decide(
                    one.line,
                    by_reference=known.get(one.reference or b""),
                    on_number=here.get(one.number or b"", ()),
                    earlier=earlier.of(one) if earlier else (),
                    stopped=one.number in stopped,
                    extra=extra,
                )
            )
            if earlier:
                earlier.add(one.number, one.reference, one.row.line, one.line.person)
        return decisions

    # Doing

    def do(self, limit: int) -> int:
        rows = imports.to_do(self.session, self.batch.id, limit=limit)
        if not rows:
            return self._done()
        lines = self._read(rows)
        decisions = self._decide(lines, None)
        if self._lock(decisions):
            decisions = self._decide(lines, None)
        new = [place for place, one in enumerate(decisions) if one.act is Act.ADD]
        ids = self._add([decisions[place] for place in new])
        who = dict(zip(new, ids, strict=True))
        self._update([one for one in decisions if one.act is Act.UPDATE])
        self._enrol((who.get(at) or _id(one), one.programmes) for at, one in enumerate(decisions))
        written = [
            replace(
                _written(line, one),
                resident_id=who.get(at) or _id(one),
                before=self._before(one),
                done=True,
            )
            for at, (line, one) in enumerate(zip(lines, decisions, strict=True))
        ]
        imports.write(self.session, written, doing=True)
        self._audit(BROUGHT, ids)
        self._audit(CHANGED, [_id(one) for one in decisions if one.act is Act.UPDATE])
        self._came_on(len(rows))
        return len(rows)

    def _lock(self, decisions: Sequence[Decision]) -> bool:
        """Hold those whom these lines change; whether there are any, to be looked at again."""
        known = [one.known.id for one in decisions if one.act is Act.UPDATE and one.known]
        if known:
            imports.lock_people(self.session, known)
        return bool(known)

    def _add(self, decisions: Sequence[Decision]) -> list[int]:
        if not decisions:
            return []
        people = [self._newcomer(one) for one in decisions]
        ids = residents.add_many(self.session, people, now=self.now)
        given = AgreementState.GIVEN
        agreed = [id_ for id_, one in zip(ids, people, strict=True) if one.agreement is given]
        imports.agreed_before(self.session, agreed, by=self._by, now=self.now)
        return ids

    def _newcomer(self, one: Decision) -> Resident:
        agreed = Choices.of(self.batch).called_agreed
        return as_resident(one.person, zone=self.zone, called_agreed=agreed)

    def _before(self, one: Decision) -> dict[str, Any] | None:
        """What this line changes, so that it can be taken back."""
        if one.act is Act.ADD:
            new = self._newcomer(one)
            return {"now": {name: _plain(getattr(new, name)) for name in _COMPARED}}
        if one.act is not Act.UPDATE or one.known is None:
            return None
        was = one.known.resident
        return {
            "was": {name: _plain(getattr(was, name)) for name in one.changes},
            "now": {name: _plain(value) for name, value in one.changes.items()},
            "joined": list(one.programmes),
        }

    def _update(self, decisions: Sequence[Decision]) -> None:
        """Each person once, also where two lines speak of one."""
        people: dict[int, Resident] = {}
        for one in decisions:
            if one.known and one.changes:
                was = people.get(one.known.id, one.known.resident)
                people[one.known.id] = replace(was, **dict(one.changes))  # type: ignore[arg-type]
        residents.change_many(self.session, people.values())
        for one in decisions:
            if one.known and "number" in one.changes:
                number = str(one.changes["number"])
                self._set_number(one.known.id, number)

    def _set_number(self, resident_id: int, number: str) -> None:
        residents.change_number(
            self.session,
            resident_id,
            number,
            why="by a list",
            by=self._by,
            now=self.now,
        )

    @property
    def _by(self) -> int:
        return self.batch.by

    def _enrol(self, joining: Iterable[tuple[int, Sequence[int]]]) -> None:
        people: dict[int, list[int]] = {}
        for who, which in joining:
            for programme_id in which:
                people.setdefault(programme_id, []).append(who)
        for programme_id, ids in people.items():
            programmes.enrol(self.session, programme_id, ids, on=self._today)

    def _done(self) -> int:
        counts = imports.counts(self.session, self.batch.id)
        imports.change(self.session, self.batch.id, state=DONE, counts=counts, finished_at=self.now)
        later(self.session, Job.PLAN)
        return 1

    # Undoing

    def undo(self, limit: int) -> int:
        rows = imports.to_undo(self.session, self.batch.id, limit=limit)
        if not rows:
            return self._undone()
        imports.lock_people(self.session, [row.resident_id for row in rows if row.resident_id])
        people = imports.by_ids(self.session, [row.resident_id or 0 for row in rows])
        stayed = {**self._take_out(rows, people), **self._put_back(rows, people)}
        written = [_taken_back(row, stayed.get(row.id, "")) for row in rows]
        imports.write(self.session, written, doing=True)
        self._came_on(len(rows))
        return len(rows)

    def _take_out(self, rows: Sequence[Row], people: Mapping[int, Known]) -> dict[int, str]:
        """Remove who was new; by line, why somebody stays."""
        new = [row for row in rows if row.act == Act.ADD and row.resident_id in people]
        if not new:
            return {}
        ids = [row.resident_id for row in new if row.resident_id]
        touched = imports.touched(self.session, ids)
        stayed: dict[int, str] = {}
        gone: list[int] = []
        for row in new:
            assert row.resident_id is not None
            if row.resident_id in touched:
                stayed[row.id] = IN_TOUCH
            elif _differs(people[row.resident_id].resident, row.before["now"]):
                stayed[row.id] = CHANGED_SINCE
            else:
                gone.append(row.resident_id)
        imports.remove(self.session, gone)
        self._audit(LET_GO, gone)
        return stayed

    def _put_back(self, rows: Sequence[Row], people: Mapping[int, Known]) -> dict[int, str]:
        """Give back what stood in records before; by line, what stayed as it is."""
        stayed: dict[int, str] = {}
        restored: dict[int, Resident] = {}
        left: dict[int, list[int]] = {}
        for row in reversed(rows):
            who = row.resident_id
            if row.act != Act.UPDATE or who is None or who not in people:
                continue
            was = restored.get(who, people[who].resident)
            ours = {k: v for k, v in row.before["now"].items() if _plain(getattr(was, k)) == v}
            if len(ours) < len(row.before["now"]):
                stayed[row.id] = CHANGED_SINCE
            back = {name: _typed(name, row.before["was"][name]) for name in ours}
            restored[who] = replace(was, **back)
            for programme_id in row.before["joined"]:
                left.setdefault(programme_id, []).append(who)
        residents.change_many(self.session, restored.values())
        for id_, resident in restored.items():
            if resident.number != people[id_].resident.number:
                self._set_number(id_, resident.number)
        for programme_id, ids in left.items():
            self._leave(programme_id, ids)
        self._audit(PUT_BACK, restored)
        return stayed

    def _leave(self, programme_id: int, ids: Sequence[int]) -> None:
        check_ins.forget_unsent(
            self.session,
            programme_id=programme_id,
            resident_ids=ids,
            reminders=True,
            now=self.now,
        )
        imports.leave_programme(self.session, programme_id, ids, on=self._today)

    def _undone(self) -> int:
        imports.change(self.session, self.batch.id, state=UNDONE, undone_at=self.now)
        return 1

    # Both

    @property
    def _today(self) -> Any:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def _came_on(self, lines: int) -> None:
        imports.change(self.session, self.batch.id, done=self.batch.done + lines)

    def _audit(self, act: str, ids: Iterable[int]) -> None:
        imports.audit_people(self.session, act, ids, by=self._by, why=self.why, now=self.now)


IN_TOUCH = "Stayed: there has been a text, or somebody has been in touch, since the list came in."
CHANGED_SINCE = "Stayed as it is: the record has been changed since the list came in."


def _id(one: Decision) -> int:
    return one.known.id if one.known else 0


def _written(one: _Read, decision: Decision) -> imports.Checked:
    said = [(PROBLEM, words) for words in decision.problems]
    said += [(NOTE, words) for words in decision.notes]
    return imports.Checked(
        one.row.id,
        decision.act.value,
        said,
        one.number,
        one.reference,
        _id(decision) or None,
    )


_COMPARED = (
    "given_name",
    "family_name",
    "known_as",
    "number",
    "agreement",
    "contact_by",
    "language",
    "needs",
    "likes",
    "no_answer",
    "shared_phone",
    "message_ok",
    "connector_id",
)


def _plain(value: Any) -> Any:
    """A value as JSON gives it back."""
    return list(value) if isinstance(value, tuple) else value


def _typed(name: str, value: Any) -> Any:
    if name == "contact_by":
        return ContactBy(value)
    return tuple(value) if name in ("needs", "likes") else value


def _differs(resident: Resident, now: Mapping[str, Any]) -> bool:
    return any(_plain(getattr(resident, name)) != value for name, value in now.items())


def _taken_back(row: Row, stayed: str) -> imports.Checked:
    said = [*row.said, *([(PROBLEM, stayed)] if stayed else [])]
    return imports.Checked(
        row.id,
        STAYED if stayed else row.act,
        said,
        None,
        None,
        row.resident_id if stayed else None,
        row.before,
        done=bool(stayed),
    )
