"""The versions of a programme: one draft at most, one published at most, and all that were.

Only a draft ever changes: every change here names the state that it needs, and a trigger in the
database refuses any other way in. What two people saved at once is told apart by `edits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from connector.domain.errors import NotFound
from connector.domain.programme import Programme, VersionState
from connector.store.programmes import from_content, to_content
from connector.store.tables import (
    AuditRow,
    EnrolmentRow,
    ProgrammeRow,
    ProgrammeVersionRow,
    ResidentRow,
)

SUBJECT = "programme version"
"""What rows of the audit about a version are filed under."""
MOST_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a programme. `edits` counts how often a draft was saved, from 1.

    `approved_by` and `approval` are the second person and their reason, where words needed one;
    `why` is why it was published.
    """

    id: int
    programme_id: int
    number: int
    state: VersionState
    programme: Programme
    edits: int
    made_at: datetime
    made_by: int | None
    published_at: datetime | None
    published_by: int | None
    approved_by: int | None
    approval: str
    why: str

    @property
    def is_draft(self) -> bool:
        return self.state is VersionState.DRAFT


def create(session: Session, programme: Programme, *, by: int | None, now: datetime) -> int:
    """A new programme with nothing but a draft; returns its id. Its name has to be free."""
    row = ProgrammeRow(
        name=programme.name, kind=programme.kind.value, noticing=dict(programme.noticing)
    )
    session.add(row)
    session.flush()
    add_draft(session, row.id, programme, by=by, now=now)
    return row.id


def named(session: Session, name: str) -> int | None:
    """The id of the programme with this name, however its letters are written."""
    wanted = func.lower(ProgrammeRow.name) == name.lower()
    return session.scalars(select(ProgrammeRow.id).where(wanted).limit(1)).first()


def lock(session: Session, programme_id: int) -> str:
    """Lock a programme, so that its versions change in one place at a time; returns its name.

    Raises `NotFound`.
    """
    row = session.get(ProgrammeRow, programme_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such programme.")
    return row.name


def draft(session: Session, programme_id: int) -> Version | None:
    return _of_state(session, programme_id, VersionState.DRAFT)


def published(session: Session, programme_id: int) -> Version | None:
    return _of_state(session, programme_id, VersionState.PUBLISHED)


def newest(session: Session) -> list[tuple[Version | None, Version | None]]:
    """What is published and what is a draft of every programme, by the programmes' names."""
    found = session.execute(
        _versions()
        .where(ProgrammeVersionRow.state != VersionState.REPLACED.value)
        .order_by(func.lower(ProgrammeRow.name), ProgrammeRow.id)
    )
    pairs: dict[int, tuple[Version | None, Version | None]] = {}
    for row, of in found:
        one = _version(row, of)
        published, draft = pairs.get(of.id, (None, None))
        pairs[of.id] = (published, one) if one.is_draft else (one, draft)
    return list(pairs.values())


def history(session: Session, programme_id: int) -> list[Version]:
    """Every version, the newest first."""
    found = session.execute(
        _versions()
        .where(ProgrammeVersionRow.programme_id == programme_id)
        .order_by(ProgrammeVersionRow.number.desc())
        .limit(MOST_VERSIONS)
    )
    return [_version(row, of) for row, of in found]


def get(session: Session, version_id: int) -> Version:
    """One version. Raises `NotFound`."""
    found = session.execute(_versions().where(ProgrammeVersionRow.id == version_id)).first()
    if found is None:
        raise NotFound("There is no such version.")
    return _version(*found)


def numbered(session: Session, programme_id: int, number: int) -> Version:
    """A programme's version by its number. Raises `NotFound`."""
    found = session.execute(
        _versions().where(
            ProgrammeVersionRow.programme_id == programme_id, ProgrammeVersionRow.number == number
        )
    ).first()
    if found is None:
        raise NotFound(f"There is no version {number} of this programme.")
    return _version(*found)


def add_draft(
    session: Session, programme_id: int, programme: Programme, *, by: int | None, now: datetime
) -> int:
    """A new draft with the next number; returns its id. There must not be one already."""
    last = session.scalar(
        select(func.max(ProgrammeVersionRow.number)).where(
            ProgrammeVersionRow.programme_id == programme_id
        )
    )
    row = ProgrammeVersionRow(
        programme_id=programme_id,
        number=(last or 0) + 1,
        state=VersionState.DRAFT.value,
        content=to_content(programme),
        made_at=now,
        made_by=by,
    )
    session.add(row)
    session.flush()
    return row.id


def save(
    session: Session,
    version_id: int,
    programme: Programme,
    *,
    edits: int,
    keep_approval: bool,
    by: int | None,
    now: datetime,
) -> bool:
    """Give a draft new content; False when it is no draft, or somebody saved it since `edits`."""
    values: dict[str, Any] = {
        "content": to_content(programme),
        "edits": edits + 1,
        "made_at": now,
        "made_by": by,
    }
    if not keep_approval:
        values |= {"approved_by": None, "approval": ""}
    return _change(session, version_id, edits, values)


def approve(session: Session, version_id: int, *, edits: int, by: int, why: str) -> bool:
    """Write down the second person's yes; False as in `save`."""
    return _change(session, version_id, edits, {"approved_by": by, "approval": why})


def publish(
    session: Session, version: Version, *, edits: int, by: int | None, why: str, now: datetime
) -> bool:
    """The draft becomes the published version and the old one is replaced; False as in `save`."""
    replaced = update(ProgrammeVersionRow).where(
        ProgrammeVersionRow.programme_id == version.programme_id,
        ProgrammeVersionRow.state == VersionState.PUBLISHED.value,
    )
    session.execute(replaced.values(state=VersionState.REPLACED.value))
    return _change(
        session,
        version.id,
        edits,
        {
            "state": VersionState.PUBLISHED.value,
            "published_at": now,
            "published_by": by,
            "why": why,
        },
    )


def discard(session: Session, version_id: int, *, edits: int) -> bool:
    """Throw a draft away; False as in `save`."""
    gone = delete(ProgrammeVersionRow).where(*_draft_at(version_id, edits))
    return bool(session.connection().execute(gone).rowcount)


def writers(session: Session, version_id: int) -> set[int]:
    """Everybody who has saved a draft: none of them can be its second person."""
    rows = select(AuditRow.staff_id).where(
        AuditRow.subject == SUBJECT,
        AuditRow.subject_id == version_id,
        AuditRow.act.in_(("draft made", "draft saved")),
    )
    return {staff_id for staff_id in session.scalars(rows.distinct()) if staff_id is not None}


def acts_by(session: Session, act: str, staff_id: int, *, since: datetime) -> int:
    """How often somebody has done something to any version since then."""
    rows = select(func.count()).where(
        AuditRow.subject == SUBJECT,
        AuditRow.act == act,
        AuditRow.staff_id == staff_id,
        AuditRow.at >= since,
    )
    return session.scalar(rows) or 0


def languages(session: Session, programme_id: int) -> dict[str, int]:
    """How many people on a programme have each language."""
    rows = session.execute(
        select(ResidentRow.language, func.count())
        .join(EnrolmentRow, EnrolmentRow.resident_id == ResidentRow.id)
        .where(EnrolmentRow.programme_id == programme_id, EnrolmentRow.ended_on.is_(None))
        .group_by(ResidentRow.language)
    )
    return dict(rows.all())


def _of_state(session: Session, programme_id: int, state: VersionState) -> Version | None:
    found = session.execute(
        _versions().where(
            ProgrammeVersionRow.programme_id == programme_id,
            ProgrammeVersionRow.state == state.value,
        )
    ).first()
    return _version(*found) if found else None


def _versions() -> Any:  # SQLAlchemy 2.0 and 2.1 name the type of a pair differently
    return (
        select(ProgrammeVersionRow, ProgrammeRow)
        .join(ProgrammeRow, ProgrammeRow.id == ProgrammeVersionRow.programme_id)
        .execution_options(populate_existing=True)
    )


def _draft_at(version_id: int, edits: int) -> tuple[Any, ...]:
    return (
        ProgrammeVersionRow.id == version_id,
        ProgrammeVersionRow.state == VersionState.DRAFT.value,
        ProgrammeVersionRow.edits == edits,
    )


def _change(session: Session, version_id: int, edits: int, values: Mapping[str, Any]) -> bool:
    changed = update(ProgrammeVersionRow).where(*_draft_at(version_id, edits)).values(**values)
    return bool(session.connection().execute(changed).rowcount)


def _version(row: ProgrammeVersionRow, of: ProgrammeRow) -> Version:
    return Version(
        id=row.id,
        programme_id=of.id,
        number=row.number,
        state=VersionState(row.state),
        programme=from_content(
            row.content,
            programme_id=of.id,
            name=of.name,
            noticing=of.noticing,
            version_id=row.id,
            number=row.number,
        ),
        edits=row.edits,
        made_at=row.made_at,
        made_by=row.made_by,
        published_at=row.published_at,
        published_by=row.published_by,
        approved_by=row.approved_by,
        approval=row.approval,
        why=row.why,
    )
