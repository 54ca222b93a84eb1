"""Programmes in versions: a draft is made, saved, approved where it has to be, and published.

A published version never changes. Publishing moves dates only when the cadence is another one: a
change of words moves nobody. Nothing is published that no text could satisfy, or in words that a
person on it cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from connector.domain.crisis_line import expired_words
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.programme import Programme
from connector.domain.publishing import Situation, needs_approval, texts
from connector.domain.publishing import problems as stand_in_the_way
from connector.domain.rota import Member
from connector.domain.texting_rules import TextingRules
from connector.services import crisis_lines, planning
from connector.store import audit, staff, versions
from connector.store.programmes import to_content
from connector.store.versions import SUBJECT, Version

LONGEST_NAME = 120
LONGEST_REASON = 200


def create(session: Session, programme: Programme, *, by: Member | None, now: datetime) -> int:
    """A new programme as a draft; nobody is texted before it is published. Returns its id.

    Raises `Invalid` for a name that is none, too long or taken.
    """
    name = " ".join(programme.name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"Give the programme a name of at most {LONGEST_NAME} characters.")
    if versions.named(session, name) is not None:
        raise Invalid(f"There is a programme called {name} already: choose another name.")
    id_ = versions.create(session, replace(programme, name=name), by=_id(by), now=now)
    audit.append(session, "programme made", "programme", id_, by=_id(by), now=now)
    _made(session, id_, by, now)
    return id_


def start_draft(
    session: Session, programme_id: int, *, by: Member | None, now: datetime
) -> Version:
    """The draft of a programme: the one that is there, or a copy of what is published."""
    versions.lock(session, programme_id)
    if there := versions.draft(session, programme_id):
        return there
    published = versions.published(session, programme_id)
    if published is None:
        raise NotFound("This programme has no version to start from.")
    versions.add_draft(session, programme_id, published.programme, by=_id(by), now=now)
    return _made(session, programme_id, by, now)


def save_draft(
    session: Session,
    programme_id: int,
    programme: Programme,
    *,
    edits: int,
    by: Member | None,
    now: datetime,
) -> Version:
    """Save the draft as it was last seen with `edits`. An approval stays while no word changes.

    Raises `Refused`, and changes nothing, when somebody else has saved it since; `Invalid` for a
    prompt that became a check-in or the other way round.
    """
    draft = _draft(session, programme_id)
    if programme.kind is not draft.programme.kind:
        raise Invalid("A check-in cannot become a prompt, nor a prompt a check-in: make a new one.")
    _refuse_if_saved_since(session, draft, edits)
    same_words = _words(programme) == _words(draft.programme)
    versions.save(
        session,
        draft.id,
        programme,
        edits=edits,
        keep_approval=same_words,
        by=_id(by),
        now=now,
    )
    audit.append(session, "draft saved", SUBJECT, draft.id, by=_id(by), now=now)
    return versions.get(session, draft.id)


def take_in(
    session: Session,
    programme: Programme,
    *,
    over_draft: bool,
    by: Member | None,
    now: datetime,
) -> Version:
    """A programme from outside becomes the draft of the one with its name, or a new one.

    Raises `Refused` when it says nothing new, and where it would take the place of a draft that
    somebody is writing, unless `over_draft`.
    """
    programme_id = versions.named(session, programme.name)
    if programme_id is None:
        programme_id = create(session, programme, by=by, now=now)
        return start_draft(session, programme_id, by=by, now=now)
    versions.lock(session, programme_id)
    draft, published = (
        versions.draft(session, programme_id),
        versions.published(session, programme_id),
    )
    newest = draft or published
    if newest and to_content(newest.programme) == to_content(programme):
        raise Refused("The programme says all of this already, so nothing was changed.")
    if draft and not over_draft:
        raise Refused("Somebody is writing a draft of this programme: publish or discard it first.")
    draft = draft or start_draft(session, programme_id, by=by, now=now)
    return save_draft(session, programme_id, programme, edits=draft.edits, by=by, now=now)


def discard_draft(
    session: Session, programme_id: int, *, edits: int, by: Member, now: datetime
) -> None:
    """Throw the draft away; what is published stays. Raises `Refused` as `save_draft` does."""
    draft = _draft(session, programme_id)
    _refuse_if_saved_since(session, draft, edits)
    if versions.published(session, programme_id) is None:
        raise Refused("This programme has nothing but its draft: change it, or leave it as it is.")
    versions.discard(session, draft.id, edits=edits)
    audit.append(session, "draft thrown away", SUBJECT, draft.id, by=by.id, now=now)


def problems(
    session: Session,
    draft: Version,
    rules: TextingRules,
    languages: Mapping[str, int] | None = None,
    *,
    on: date,
    zone: str = "Europe/London",
) -> list[str]:
    """Everything that refuses publication, each one sentence with what to do.

    `languages` counts the people on it by language; without it they are looked up.
    """
    if languages is None:
        languages = versions.languages(session, draft.programme_id)
    situation = Situation(
        on=on,
        zone=zone,
        calendar=rules.calendar,
        cap=rules.cap,
        languages=languages,
        approved=draft.approved_by is not None,
    )
    out_of_date = expired_words(crisis_lines.expired(session, on=on))
    look_up = [f"{out_of_date} Look them up on the page “Crisis lines”."] if out_of_date else []
    return [*stand_in_the_way(draft.programme, situation), *look_up]


def approve(
    session: Session, programme_id: int, why: str, *, edits: int, by: Member, now: datetime
) -> None:
    """A second person agrees to words that are held back, and says why.

    Raises `Invalid` without a reason, `Refused` for somebody who wrote on the draft, and as
    `save_draft` does.
    """
    reason = _reason(why)
    if not reason:
        raise Invalid("Say in a few words why these words are right here.")
    draft = _draft(session, programme_id)
    _refuse_if_saved_since(session, draft, edits)
    if not needs_approval(draft.programme):
        raise Refused("Nothing in this draft is held back, so nobody has to approve it.")
    if by.id in versions.writers(session, draft.id):
        raise Refused("You have written on this draft: ask somebody else to approve its words.")
    versions.approve(session, draft.id, edits=edits, by=by.id, why=reason)
    audit.append(session, "wording approved", SUBJECT, draft.id, by=by.id, now=now, why=reason)


def publish(
    session: Session,
    programme_id: int,
    rules: TextingRules,
    *,
    edits: int,
    why: str,
    by: Member,
    on: date,
    now: datetime,
    zone: str = "Europe/London",
) -> Version:
    """The draft is what goes out from now on; the version before it stays in the history.

    What has not been sent is planned again only when the dates change. Raises `Refused` with the
    first thing that stands in the way, and as `save_draft` does.
    """
    draft = _draft(session, programme_id)
    _refuse_if_saved_since(session, draft, edits)
    if found := problems(session, draft, rules, on=on, zone=zone):
        raise Refused(found[0])
    before = versions.published(session, programme_id)
    reason = _reason(why)
    versions.publish(session, draft, edits=edits, by=by.id, why=reason, now=now)
    audit.append(session, "version published", SUBJECT, draft.id, by=by.id, now=now, why=reason)
    if before is None or _revision(before) != _revision(draft):
        planning.plan_afresh(session, programme_id, now=now)
    return versions.get(session, draft.id)


def _draft(session: Session, programme_id: int) -> Version:
    """The draft, with its programme locked."""
    versions.lock(session, programme_id)
    draft = versions.draft(session, programme_id)
    if draft is None:
        raise Refused("There is no draft any more: somebody has published it or thrown it away.")
    return draft


def _refuse_if_saved_since(session: Session, draft: Version, edits: int) -> None:
    if draft.edits == edits:
        return
    who = draft.made_by and staff.account(session, draft.made_by)
    name = who.member.name if who else "Somebody"
    raise Refused(
        f"{name} saved this draft while you were writing. Nothing of yours is lost: "
        "look at both, then save again."
    )


def _made(session: Session, programme_id: int, by: Member | None, now: datetime) -> Version:
    draft = versions.draft(session, programme_id)
    assert draft is not None
    audit.append(session, "draft made", SUBJECT, draft.id, by=_id(by), now=now)
    return draft


def _id(by: Member | None) -> int | None:
    """Who did it; nobody for what an operator typed."""
    return by.id if by else None


def _words(programme: Programme) -> list[tuple[str, str, str]]:
    return [(text.where, text.language, text.words) for text in texts(programme)]


def _revision(version: Version) -> str:
    return version.programme.cadence.revision()


def _reason(why: str) -> str:
    return " ".join(why.split())[:LONGEST_REASON]
