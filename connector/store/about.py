"""What coordinators have written for the public page; nothing written is an empty page, not none.

`edits` counts the changes, so that of two people who change it at once the second is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connector.domain.about import KEYWORD, About
from connector.store.base import insert_new
from connector.store.tables import SettingRow, StaffRow

NAME = "about"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is written, how often it was changed, and by whom last."""

    about: About
    edits: int = 0
    changed_at: datetime | None = None
    changed_by: str = ""


def load(session: Session) -> About:
    value = session.scalar(select(SettingRow.value).where(SettingRow.name == NAME))
    return _about(value)


def kept(session: Session) -> Kept:
    row = session.execute(
        select(SettingRow.value, SettingRow.edits, SettingRow.changed_at, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == SettingRow.changed_by)
        .where(SettingRow.name == NAME)
    ).first()
    if row is None:
        return Kept(About())
    value, edits, changed_at, name = row
    return Kept(_about(value), edits, changed_at, name or "")


def save(session: Session, about: About, *, edits: int, by: int | None, now: datetime) -> bool:
    """Keep this. False, and nothing is changed, when it is no longer at `edits`."""
    values = {"value": _value(about), "edits": edits + 1, "changed_at": now, "changed_by": by}
    if edits == 0:
        return insert_new(session, SettingRow, [{"name": NAME, **values}]) == 1
    found = session.execute(
        update(SettingRow)
        .where(SettingRow.name == NAME, SettingRow.edits == edits)
        .values(**values)
        .returning(SettingRow.name)
    )
    return found.first() is not None


def _value(about: About) -> dict[str, Any]:
    sentences: dict[str, dict[str, str]] = {}
    for (name, language), words in about.sentences.items():
        sentences.setdefault(name, {})[language] = words
    return {"facts": dict(about.facts), "sentences": sentences, "keyword": about.keyword}


def _about(value: dict[str, Any] | None) -> About:
    if not value:
        return About()
    sentences = {
        (name, language): words
        for name, by_language in value.get("sentences", {}).items()
        for language, words in by_language.items()
    }
    return About(value.get("facts", {}), sentences, value.get("keyword", KEYWORD))
