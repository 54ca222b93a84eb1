"""The words of this installation: a draft is written, approved where it has to be, and goes out.

Crisis texts, and words that the check holds back, need a second person. Approved words never
change; one act goes back to the shipped ones. Nothing here is ever asked before an answer goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from connector.domain.crisis_line import why_not
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.fixed_texts import (
    FixedText,
    WordingState,
    cleaned,
    held_back,
    needs_a_second_person,
    problems,
)
from connector.domain.rota import Member
from connector.services import crisis_lines
from connector.store import audit, wordings
from connector.store.wordings import SUBJECT, TAKEN_BACK, Wording

LONGEST_REASON = 200
CHANGED = "Somebody has changed this draft since you opened it. Look at it again."


def save(
    session: Session,
    text: FixedText,
    language: str,
    texts: Sequence[str],
    *,
    seen: str,
    by: Member,
    now: datetime,
) -> None:
    """Keep words as the draft of a text. `seen` names the draft that was on the page, if any.

    Raises `Invalid` for words that cannot be kept, `Refused` when the draft is another by now.
    """
    written = cleaned(texts)
    if found := problems(text, written):
        raise Invalid(found[0][1])
    draft = wordings.lock(session, text.name, language, WordingState.DRAFT)
    if (draft.seen if draft else "") != seen:
        raise Refused(CHANGED)
    id_ = draft.id if draft else _added(session, text, language, written, by, now)
    if draft is not None:
        wordings.save_draft(session, id_, written, by=by.id, now=now)
    audit.append(session, "wording drafted", SUBJECT, id_, by=by.id, now=now)


def approve(
    session: Session,
    text: FixedText,
    language: str,
    *,
    seen: str,
    why: str,
    by: Member,
    today: date,
    now: datetime,
) -> None:
    """A draft becomes what goes out. Raises `Refused`, with every reason, and changes nothing."""
    draft = _draft(session, text, language, seen)
    reason = " ".join(why.split())[:LONGEST_REASON]
    if refusal := why_not_yet(session, text, draft, by=by, today=today):
        raise Refused(" ".join(refusal))
    if held_back(text, draft.texts, language) and not reason:
        raise Invalid("The check holds some words back: say why they are right here.")
    wordings.decide(session, draft.id, WordingState.APPROVED, by=by.id, why=reason, now=now)
    audit.append(session, "wording approved", SUBJECT, draft.id, by=by.id, now=now, why=reason)


def why_not_yet(
    session: Session, text: FixedText, draft: Wording, *, by: Member, today: date
) -> list[str]:
    """Everything that keeps `by` from approving a draft today, one sentence each."""
    found = [sentence for _, sentence in problems(text, draft.texts)]
    if needs_a_second_person(text, draft.texts, draft.language) and draft.made_by == by.id:
        found.append("You wrote these words, so somebody else has to approve them.")
    lines = crisis_lines.lines(session)
    if any(line.expired(today) for line in lines):
        found.append("A crisis line is past the day to look again: look it up first.")
    for words in draft.texts:
        found += why_not(words, lines, on=today, crisis=text.crisis)
    return list(dict.fromkeys(found))


def refuse(
    session: Session,
    text: FixedText,
    language: str,
    *,
    seen: str,
    why: str,
    by: Member,
    now: datetime,
) -> None:
    """A draft is put aside; what goes out stays as it is. Raises `Refused` as `approve` does."""
    draft = _draft(session, text, language, seen)
    reason = " ".join(why.split())[:LONGEST_REASON]
    wordings.decide(session, draft.id, WordingState.REFUSED, by=by.id, why=reason, now=now)
    audit.append(session, "wording refused", SUBJECT, draft.id, by=by.id, now=now, why=reason)


def back_to_shipped(
    session: Session, text: FixedText, language: str, *, by: Member, now: datetime
) -> None:
    """The shipped words go out again. Raises `Refused` when they do already."""
    own = wordings.lock(session, text.name, language, WordingState.APPROVED)
    if own is None:
        raise Refused("The shipped words go out already.")
    wordings.take_back(session, own.id)
    audit.append(session, TAKEN_BACK, SUBJECT, own.id, by=by.id, now=now)


def _added(
    session: Session,
    text: FixedText,
    language: str,
    written: tuple[str, ...],
    by: Member,
    now: datetime,
) -> int:
    """The id of a new draft. Raises `Refused` when somebody began one in this very moment."""
    id_ = wordings.add_draft(session, text.name, language, written, by=by.id, now=now)
    if id_ is None:
        raise Refused(CHANGED)
    return id_


def _draft(session: Session, text: FixedText, language: str, seen: str) -> Wording:
    draft = wordings.lock(session, text.name, language, WordingState.DRAFT)
    if draft is None:
        raise NotFound("There is no draft of this text.")
    if draft.seen != seen:
        raise Refused(CHANGED)
    return draft
