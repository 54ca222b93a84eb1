"""The words of this installation for the texts that the service sends by itself, and their history.

An approved wording never changes: the next one replaces it. What is shipped stands in files and is
not here; a text without an approved wording goes out as it was shipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from connector.domain.errors import NotFound
from connector.domain.fixed_texts import WordingState
from connector.store.base import insert_for
from connector.store.tables import AuditRow, StaffRow, WordingRow

SUBJECT = "wording"
TAKEN_BACK = "wording taken back"


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of one text in one language, equivalent `texts` in turn."""

    id: int
    name: str
    language: str
    state: WordingState
    texts: tuple[str, ...]
    made_at: datetime
    made_by: int | None
    maker: str = ""
    decided_at: datetime | None = None
    decider: str = ""
    decision: str = ""

    @property
    def seen(self) -> str:
        """Names exactly these words, so that nobody saves over or approves what they never saw."""
        return f"{self.id}.{self.made_at.timestamp():.6f}"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Somebody went back to the shipped words."""

    at: datetime
    by_name: str


def in_use(session: Session) -> dict[tuple[str, str], tuple[str, ...]]:
    """The approved words by (language, name); one small statement."""
    rows = session.execute(
        select(WordingRow.language, WordingRow.name, WordingRow.texts).where(
            WordingRow.state == WordingState.APPROVED.value
        )
    )
    return {(language, name): tuple(texts) for language, name, texts in rows}


def current(session: Session) -> dict[tuple[str, str], list[Wording]]:
    """Every approved wording and every draft, by (language, name)."""
    states = (WordingState.APPROVED.value, WordingState.DRAFT.value)
    rows = session.execute(_with_names().where(WordingRow.state.in_(states)))
    found: dict[tuple[str, str], list[Wording]] = {}
    for row, maker, decider in rows:
        found.setdefault((row.language, row.name), []).append(_wording(row, maker, decider))
    return found


def history(session: Session, name: str, language: str, *, limit: int = 50) -> list[Wording]:
    """Every wording of one text in one language, the newest first."""
    rows = session.execute(
        _with_names()
        .where(WordingRow.name == name, WordingRow.language == language)
        .order_by(WordingRow.id.desc())
        .limit(limit)
    )
    return [_wording(row, maker, decider) for row, maker, decider in rows]


def taken_back(session: Session, ids: list[int]) -> dict[int, TakenBack]:
    """Of these wordings those that somebody took back, and who."""
    rows = session.execute(
        select(AuditRow.subject_id, AuditRow.at, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == AuditRow.staff_id)
        .where(
            AuditRow.subject == SUBJECT, AuditRow.act == TAKEN_BACK, AuditRow.subject_id.in_(ids)
        )
    )
    return {id_: TakenBack(at, name or "") for id_, at, name in rows if id_ is not None}


def lock(session: Session, name: str, language: str, state: WordingState) -> Wording | None:
    """The draft or the approved wording of a text, locked."""
    row = _locked(session, name, language, state)
    return _wording(row, "", "") if row else None


def add_draft(
    session: Session, name: str, language: str, texts: tuple[str, ...], *, by: int, now: datetime
) -> int | None:
    """A new draft. None, and nothing is kept, when there is one already."""
    row = insert_for(session, WordingRow).values(
        name=name,
        language=language,
        state=WordingState.DRAFT.value,
        texts=list(texts),
        made_at=now,
        made_by=by,
        decision="",
    )
    return session.scalar(row.on_conflict_do_nothing().returning(WordingRow.id))


def save_draft(
    session: Session, draft_id: int, texts: tuple[str, ...], *, by: int, now: datetime
) -> None:
    """New words in a draft, by whoever saved them last."""
    row = _row(session, draft_id)
    row.texts, row.made_at, row.made_by = list(texts), now, by


def decide(
    session: Session,
    draft_id: int,
    state: WordingState,
    *,
    by: int,
    why: str,
    now: datetime,
) -> None:
    """A draft becomes the approved wording, in place of the one before, or is refused."""
    row = _row(session, draft_id)
    if state is WordingState.APPROVED:
        before = _locked(session, row.name, row.language, WordingState.APPROVED)
        if before is not None:
            before.state = WordingState.REPLACED.value
            session.flush()
    row.state = state.value
    row.decided_at, row.decided_by, row.decision = now, by, why
    session.flush()


def take_back(session: Session, wording_id: int) -> None:
    """An approved wording is used no longer; the shipped words go out again."""
    _row(session, wording_id).state = WordingState.REPLACED.value
    session.flush()


def _with_names() -> Select[Any, Any, Any]:
    maker, decider = aliased(StaffRow), aliased(StaffRow)
    return (
        select(WordingRow, maker.name, decider.name)
        .outerjoin(maker, maker.id == WordingRow.made_by)
        .outerjoin(decider, decider.id == WordingRow.decided_by)
    )


def _locked(session: Session, name: str, language: str, state: WordingState) -> WordingRow | None:
    return session.scalars(
        select(WordingRow)
        .where(
            WordingRow.name == name,
            WordingRow.language == language,
            WordingRow.state == state.value,
        )
        .with_for_update()
    ).first()


def _row(session: Session, id_: int) -> WordingRow:
    row = session.get(WordingRow, id_, with_for_update=True)
    if row is None:
        raise NotFound("There is no such wording.")
    return row


def _wording(row: Any, maker: str | None, decider: str | None) -> Wording:
    return Wording(
        row.id,
        row.name,
        row.language,
        WordingState(row.state),
        tuple(row.texts),
        row.made_at,
        row.made_by,
        maker or "",
        row.decided_at,
        decider or "",
        row.decision,
    )
