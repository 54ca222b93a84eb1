"""A set of questions as a conversation by text: one question open a person, one text an answer.

A check-in opens its first question; an answer brings its follow-up or the next question as a text
of its own, and the last one the closing words. Nobody is asked on who stopped, who worries us or
whom a person is talking with: what they have answered is kept as it is, and a person goes on.
Nothing is asked twice, and nothing is said to free text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from connector.domain.asked import DID_IT, GO_ON, AskedItem, is_ready, ready
from connector.domain.attempt import Purpose
from connector.domain.check_in import CheckIn
from connector.domain.errors import NotFound, Refused
from connector.domain.programme import (
    QUESTION_TO_GO_ON,
    Part,
    Programme,
    chosen,
    fill,
)
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.sms import fold
from connector.domain.whose import addressed
from connector.services import enrolment
from connector.services.flagging import Noticed
from connector.services.jobs import Job, later
from connector.services.noticing import scales
from connector.store import asked, attempts, programmes, staff
from connector.store import numbers as store_numbers
from connector.store.asked import NewQuestion
from connector.store.attempts import NewAttempt
from connector.store.residents import Writer

KEPT = timedelta(hours=1)
"""A next question that could not go within the hour is not worth sending."""
FRESH = timedelta(hours=2)
"""An answer that was read so late is followed by nothing: the next question would only puzzle."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A question as it was asked, with its programme in the version that asked.

    `judged` is the question as an answer is read: with a level only where levels speak, which is
    the first scale of a programme (`speaks_of_level`).
    """

    row: AskedItem
    programme: Programme
    question: Question
    judged: Question
    speaks_of_level: bool

    @property
    def goes_on(self) -> bool:
        """Whether it is the question whether to go on."""
        return self.row.item == GO_ON


def _asked_in(programme: Programme, name: str) -> tuple[Programme, Question, Question, bool]:
    """What a question of this name asks in this version, as `Posed` says it."""
    item = None if name == GO_ON else programme.item(name)
    question = item.question if item else QUESTION_TO_GO_ON if name == GO_ON else OPEN
    first = next(iter(scales(programme)), None)
    speaks = first is not None and first.key == name
    return programme, question, question if speaks else replace(question, levels=False), speaks


@dataclass(frozen=True, slots=True)
class Told:
    """What was asked, by person (the newest first) or by check-in, and the programmes as they are
    today, with the names of the scales that a usual is learnt from.
    """

    posed: Mapping[int, tuple[Posed, ...]]
    programmes: Mapping[int, Programme]
    scales: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that has just been answered; `posed` carries the answer.

    `held` says that a person goes on from here: no text follows by itself.
    """

    writer: Writer
    posed: Posed
    held: bool


class Wording(Protocol):
    """The fixed texts that the service sends by itself, by language."""

    def text(self, language: str, name: str, number: int = 1) -> str: ...


def open_first(
    session: Session, sent: Sequence[tuple[CheckIn, datetime | None]], *, now: datetime
) -> None:
    """Check-ins that go out open their first question, each until its time.

    Prompts, reminders and goodbyes ask nothing.
    """
    opening = [pair for pair in sent if pair[0].part in (Part.CHECK_IN, Part.GO_ON)]
    if not opening:
        return
    known = programmes.by_id(session, {one.programme_id for one, _closes_at in opening})
    opened = [
        NewQuestion(one.id, one.resident_id, one.programme_id, programme.version_id, item, until)
        for one, closes_at in opening
        if (programme := known[one.programme_id])
        and (item := _first_item(one, programme))
        and (until := closes_at or now + programme.answer_within)
    ]
    asked.open_many(session, opened, now=now)


def _first_item(check_in: CheckIn, programme: Programme) -> str:
    """The name of what a text asks first; empty when it asks nothing."""
    if check_in.part is Part.GO_ON:
        return GO_ON
    return programme.items[0].key if programme.asks else ""


def look(session: Session, resident_ids: Collection[int], *, now: datetime) -> Told:
    """What these people were asked last, each question in the version that asked it."""
    rows = asked.latest(session, resident_ids, now=now)
    return told(session, rows)


def told(session: Session, rows: Mapping[int, Sequence[AskedItem]]) -> Told:
    """Questions by whatever key they come, each with its programme in the version that asked."""
    everything = [row for some in rows.values() for row in some]
    current = programmes.by_id(session, {row.programme_id for row in everything})
    versions = {programme.version_id: programme for programme in current.values()}
    older = {row.version_id for row in everything if row.version_id is not None} - set(versions)
    versions |= programmes.by_version(session, older)
    named = {(row.version_id, row.programme_id, row.item) for row in everything}
    forms = {
        (version_id, programme_id, item): _asked_in(programme, item)
        for version_id, programme_id, item in named
        if (programme := versions.get(version_id or 0) or current.get(programme_id))
    }
    posed = {
        key: tuple(
            [
                Posed(row, *form)
                for row in some
                if (form := forms.get((row.version_id, row.programme_id, row.item)))
            ]
        )
        for key, some in rows.items()
    }
    keys = {id_: tuple(item.key for item in scales(each)) for id_, each in current.items()}
    return Told(posed, current, keys)


def told_of(programme: Programme, rows: Sequence[AskedItem]) -> Told:
    """As `told`, for a programme that is only tried out, by nobody: nothing is looked up."""
    posed = tuple(Posed(row, *_asked_in(programme, row.item)) for row in rows)
    keys = tuple(item.key for item in scales(programme))
    return Told({0: posed}, {programme.id: programme}, {programme.id: keys})


def carry_on(
    session: Session, turns: Sequence[Turn], *, wording: Wording, channel: str, now: datetime
) -> None:
    """What an answer brings: the next question, the closing words, or an end. One text each.

    A wish not to go on is honoured whoever takes over; only its goodbye is not sent then.
    """
    ending = [turn for turn in turns if turn.posed.goes_on and not turn.posed.row.answer]
    for turn in ending:
        _end(session, turn.posed.row, now)
    going = [turn for turn in turns if not turn.held and turn.posed.row.closes_at > now]
    if not going:
        return
    senders = {member.id: member.name.split()[0] for member in staff.members(session)}
    numbers = asked.numbers(session, {turn.posed.row.check_in_id for turn in going})
    following = [
        what_follows(turn, wording, numbers.get(turn.posed.row.check_in_id, 1), senders)
        for turn in going
    ]
    shared = store_numbers.shared(session, [turn.writer.id for turn in going])
    texts = [
        _text(turn, _named(turn.writer, body, shared), now)
        for turn, (body, _item) in zip(going, following, strict=True)
    ]
    asked.open_many(
        session,
        [
            _question(turn.posed.row, item)
            for turn, (_body, item) in zip(going, following, strict=True)
            if item
        ],
        now=now,
    )
    texts = [text for text in texts if text.body]
    attempts.add_many(session, texts, channel=channel, now=now)
    if texts:
        later(session, Job.DISPATCH)


def _end(session: Session, row: AskedItem, now: datetime) -> None:
    """They leave the programme; its goodbye goes as the answer to what they wrote, not later."""
    with suppress(Refused, NotFound):  # they have left it already
        enrolment.end(session, row.resident_id, row.programme_id, goodbye=False, by=None, now=now)


def what_follows(
    turn: Turn, wording: Wording, number: int, senders: Mapping[int, str]
) -> tuple[str, str]:
    """The text that follows an answer, and the name of what it asks; both empty for none."""
    writer, programme, row = turn.writer, turn.posed.programme, turn.posed.row
    if turn.posed.goes_on:
        words, item = _about_going_on(turn, wording, number), ""
    else:
        after = programme.after(row.item, row.answer)
        words = chosen(after.wording if after else programme.closing, number, writer.language)
        item = after.key if after else ""
    sender = senders.get(writer.connector_id or 0, "")
    return fold(fill(words, name=writer.known_as, sender=sender)), item


def _about_going_on(turn: Turn, wording: Wording, number: int) -> str:
    """Thanks to who goes on, and a goodbye to who does not."""
    language = turn.writer.language
    if turn.posed.row.answer:
        return wording.text(language, "going_on", number)
    goodbye = turn.posed.programme.goodbye
    return chosen(goodbye, number, language) or wording.text(language, "not_going_on", number)


def _text(turn: Turn, body: str, now: datetime) -> NewAttempt:
    until = min(turn.posed.row.closes_at, now + KEPT)
    return NewAttempt(turn.writer.id, Purpose.FOLLOW_UP, body, now, until)


def _named(writer: Writer, body: str, shared: Collection[int]) -> str:
    """A text to a number that several share says whom it is for."""
    if not body or writer.id not in shared:
        return body
    return fold(addressed(body, writer.known_as, writer.language))


def _question(row: AskedItem, item: str) -> NewQuestion:
    """The next question of a set: it closes when the first one does."""
    return NewQuestion(
        row.check_in_id, row.resident_id, row.programme_id, row.version_id, item, row.closes_at
    )


def ready_for_more(session: Session, turns: Iterable[Turn], *, now: datetime) -> list[Noticed]:
    """Who has done a step for the second time running."""
    done: dict[str, list[Turn]] = {}
    for turn in turns:
        if turn.posed.question.kind is QuestionKind.STEP and turn.posed.row.answer == DID_IT:
            done.setdefault(turn.posed.row.item, []).append(turn)
    noticed = []
    for item, some in done.items():
        people = [turn.writer.id for turn in some]
        answers = asked.answers_to(session, item, people, now=now)
        noticed += [
            Noticed(who.id, who.connector_id, (ready(who.known_as),))
            for who in (turn.writer for turn in some)
            if is_ready(answers.get(who.id, ()))
        ]
    return noticed


def asked_by(session: Session, check_in_ids: Collection[int]) -> Told:
    """What these check-ins have asked so far, by the check-in."""
    return told(session, asked.of_check_ins(session, check_in_ids))
