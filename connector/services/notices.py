"""One-off notices to a group: preview everything, write nothing; then send once.

A preview says exactly what each person would get and who is left out and why. Sending queues the
texts; each is decided again when its moment comes, the cap among the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.check_in import why_not_text
from connector.domain.errors import Invalid
from connector.domain.notice import Group, When, hints, text_for, why_blocked
from connector.domain.plain_words import Hint
from connector.domain.sms import SmsText
from connector.services import capping
from connector.services.jobs import Job, later
from connector.store import attempts, audit, notices, texting_rules
from connector.store.notices import Person


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice before it is sent. `words` have been through `domain.notice.wording`."""

    group: Group
    words: str
    when: When


@dataclass(frozen=True, slots=True)
class Copy:
    """What one person would get."""

    person: Person
    text: SmsText


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who would get nothing, and why in one sentence."""

    person: Person
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """All that would happen. `blocked` is why the wording may not go out, or empty."""

    copies: tuple[Copy, ...]
    left_out: tuple[LeftOut, ...]
    hints: tuple[Hint, ...]
    blocked: str

    @property
    def segments(self) -> int:
        """What the network will count, over all people."""
        return sum(copy.text.segments for copy in self.copies)

    @property
    def longest(self) -> Copy | None:
        """The copy that takes most room."""
        return max(
            self.copies, key=lambda copy: (copy.text.segments, copy.text.units), default=None
        )


def preview(session: Session, draft: Draft) -> Preview:
    """What sending this draft would do. Nothing is written."""
    people = notices.people(session, draft.group)
    zones = {person.id: person.zone for person in people}
    cap = texting_rules.load(session, None).cap
    contacts = capping.ahead(session, zones, cap=cap, at=draft.when.due_at)
    copies, left_out = [], []
    for person in people:
        why = why_not_text(person.standing) or contacts.why_not(person.id, draft.when.due_at)
        if why:
            left_out.append(LeftOut(person, why))
        else:
            copies.append(Copy(person, SmsText(text_for(draft.words, person.known_as))))
    found = hints(draft.words, _longest_name(people))
    return Preview(tuple(copies), tuple(left_out), found, why_blocked(found))


def send(
    session: Session, draft: Draft, *, key: str, channel: str, by: int, now: datetime
) -> int | None:
    """Queue the notice for everybody it is for. How many that is; None when it was sent before.

    Raises `Invalid` when the wording is held back or nobody would get it.
    """
    if notices.was_sent(session, key):
        return None
    found = preview(session, draft)
    if found.blocked:
        raise Invalid(found.blocked)
    if not found.copies:
        raise Invalid("Nobody in this group would get it, so nothing was sent.")
    notice_id = notices.add(
        session,
        key=key,
        body=draft.words,
        group=draft.group,
        by=by,
        due_at=draft.when.due_at,
        people=len(found.copies),
        now=now,
    )
    if notice_id is None:
        return None
    attempts.add_many(session, _texts(found.copies, draft.when), channel=channel, now=now)
    audit.append(session, "notice sent", "notice", notice_id, by=by, now=now, why=str(draft.group))
    later(session, Job.DISPATCH)
    return len(found.copies)


def _texts(copies: Sequence[Copy], when: When) -> list[attempts.NewAttempt]:
    return [
        attempts.NewAttempt(
            copy.person.id, Purpose.NOTICE, copy.text.body, when.due_at, when.not_after
        )
        for copy in copies
    ]


def _longest_name(people: Sequence[Person]) -> str:
    return max((person.known_as for person in people), key=len, default="")
