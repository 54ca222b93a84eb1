"""The public page about the texts: what it may say today, and a coordinator's change of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from connector.domain.about import About, checked
from connector.domain.crisis_line import CrisisLine
from connector.domain.errors import Invalid, Refused
from connector.store import about as store
from connector.store import audit, crisis_lines

SUBJECT = "setting"


class Overtaken(Refused):
    """Somebody else has changed the page since this person opened it."""

    code = "overtaken"


@dataclass(frozen=True, slots=True)
class Told:
    """What the public page is made of. No resident and no number of any is among it."""

    about: About
    lines: tuple[CrisisLine, ...] = ()


def told(session: Session, *, on: date) -> Told:
    """What is written, and the lines of help that may be named on that day."""
    lines = tuple(line for line in crisis_lines.load(session) if line.may_be_named(on))
    return Told(store.load(session), lines)


def save(session: Session, about: About, *, edits: int, by: int, now: datetime) -> None:
    """Keep what a coordinator has written; `edits` is the count that they saw.

    Raises `Invalid` for what cannot be kept, and `Overtaken` when somebody was quicker.
    """
    kept, new = store.kept(session), checked(about)
    if kept.edits != edits:
        raise Overtaken(_overtaken(kept.changed_by))
    if new == kept.about:
        raise Invalid("Nothing was changed, so there is nothing to save.")
    if not store.save(session, new, edits=edits, by=by, now=now):
        raise Overtaken(_overtaken(""))
    audit.append(session, "public page changed", SUBJECT, None, by=by, now=now)


def _overtaken(name: str) -> str:
    return (
        f"{name or 'Somebody else'} has changed this page since you opened it, so yours is not "
        "saved. What you wrote is still here: compare, and save again."
    )
