"""A set of questions as a conversation by text: one question open a person, one text an answer.

A check-in opens its first question; an answer brings its follow-up or the next question as a text
of its own, and the last one the closing words. Nobody is asked on who stopped, who worries us or
whom a person is talking with: what they have answered is kept as it is, and a person goes on.
Nothing is asked twice, and nothing is said to free text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.domain.asked import GO_ON, AskedItem
from connector.domain.check_in import CheckIn
from connector.domain.programme import (
    QUESTION_TO_GO_ON,
    Item,
    Part,
    Programme,
)
from connector.domain.question import OPEN, Question
from connector.store import asked, programmes
from connector.store.asked import NewQuestion
from connector.store.residents import Writer

KEPT = timedelta(hours=1)
"""A next question that could not go within the hour is not worth sending."""
FRESH = timedelta(hours=2)
"""An answer that was read so late is followed by nothing: the next question would only puzzle."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A question as it was asked, with its programme in the version that asked."""

    row: AskedItem
    programme: Programme

    @property
    def goes_on(self) -> bool:
        """Whether it is the question whether to go on."""
        return self.row.item == GO_ON

    @property
    def item(self) -> Item | None:
        return None if self.goes_on else self.programme.item(self.row.item)

    @property
    def question(self) -> Question:
        item = self.item
        if item is not None:
            return item.question
        return QUESTION_TO_GO_ON if self.goes_on else OPEN


@dataclass(frozen=True, slots=True)
class Told:
    """What people were asked last, the newest first, and the programmes as they are today."""

    posed: Mapping[int, tuple[Posed, ...]]
    programmes: Mapping[int, Programme]


@dataclass(frozen=True, slots=True)
class Turn:
    """An answer that the service goes on from. `posed` carries the answer."""

    writer: Writer
    posed: Posed


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
    posed = {
        key: tuple(
            Posed(row, programme)
            for row in some
            if (programme := versions.get(row.version_id or 0) or current.get(row.programme_id))
        )
        for key, some in rows.items()
    }
    return Told(posed, current)
