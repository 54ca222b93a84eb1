"""Crisis lines: which may be named, which have to be looked at again, and by whom they were.

A day that has passed holds back new words and new programmes, and is said on every page and by
`connector doctor`. It never holds back the answer to somebody in danger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from connector.domain.crisis_line import CrisisLine, checked, expired_words
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.rota import Member
from connector.services.ports import Finding, Verdict
from connector.store import audit, crisis_lines

SUBJECT = "crisis line"


def lines(session: Session) -> tuple[CrisisLine, ...]:
    """Every line, whether it is used here or not."""
    return crisis_lines.load(session)


def expired(session: Session, *, on: date) -> tuple[CrisisLine, ...]:
    """The lines whose day to look again has passed."""
    return tuple(line for line in crisis_lines.load(session) if line.expired(on))


def due_soon(session: Session, *, on: date) -> tuple[CrisisLine, ...]:
    """The lines that somebody has to look at within a month."""
    return tuple(line for line in crisis_lines.load(session) if line.due_soon(on))


def refuse_if_expired(session: Session, *, on: date) -> None:
    """Raises `Refused`, with the lines and what to do, while the day of one has passed."""
    if words := expired_words(expired(session, on=on)):
        raise Refused(f"{words} Look them up on the page “Crisis lines” first.")


def numbers(session: Session, *, on: date) -> frozenset[str]:
    """The numbers that a text may name today, as digits."""
    return frozenset(line.digits for line in crisis_lines.load(session) if line.may_be_named(on))


def look_up(
    session: Session, line: CrisisLine, *, new: bool, by: Member, today: date, now: datetime
) -> None:
    """`by` has looked a line up: its number, source, owner and days.

    Raises `Invalid` for what cannot be kept; a `new` line needs a name that no other has.
    """
    line = checked(line, today=today)
    there = _named(session, line.name)
    if new and there is not None:
        raise Invalid(f"{line.name} is on the list already: change it there.")
    if not new and there is None:
        raise NotFound("There is no such line.")
    crisis_lines.keep(session, line, today=today, by=by.id, now=now)
    audit.append(session, "crisis line looked up", SUBJECT, None, by=by.id, now=now, why=line.name)


def not_used(session: Session, name: str, *, by: Member, today: date, now: datetime) -> None:
    """A line is not used here: no text may name it, and nobody has to look it up again."""
    there = _named(session, name)
    if there is None:
        raise NotFound("There is no such line.")
    crisis_lines.keep(session, replace(there, contact=""), today=today, by=by.id, now=now)
    audit.append(session, "crisis line not used", SUBJECT, None, by=by.id, now=now, why=name)


def shipped() -> tuple[CrisisLine, ...]:
    """The lines as they came with the service."""
    return crisis_lines.shipped()


def findings(lines: Iterable[CrisisLine], *, on: date) -> tuple[Finding, ...]:
    """What is right and wrong with the lines, as `connector doctor` says it."""
    return tuple(_finding(line, on) for line in lines if line.used)


def _named(session: Session, name: str) -> CrisisLine | None:
    same = name.casefold()
    return next((one for one in crisis_lines.load(session) if one.name.casefold() == same), None)


def _finding(line: CrisisLine, on: date) -> Finding:
    about = f"Crisis line {line.name}"
    if line.expired(on):
        words = f"had to be looked at again by {line.review_by}; look it up and give a new day"
        return Finding(about, Verdict.WRONG, words)
    if line.checked_on is None:
        return Finding(about, Verdict.BY_HAND, "nobody has checked it; no text may name it")
    until = f"checked on {line.checked_on}, to be looked at again by {line.review_by}"
    owner = f"kept an eye on by {line.owner_words}"
    by_hand = line.due_soon(on) or not line.owner
    return Finding(about, Verdict.BY_HAND if by_hand else Verdict.OK, f"{until}; {owner}")
