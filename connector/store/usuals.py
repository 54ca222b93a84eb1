"""What is usual for each resident, kept as a small running state per programme."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connector.store.bulk import one_of, put_rows
from connector.store.tables import UsualRow

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class State:
    """Plain JSON of `usual.Usual` and of `silence.Rhythm`; None before anything is known."""

    usual: dict[str, Any] | None = None
    rhythm: dict[str, Any] | None = None


def load(session: Session, keys: Iterable[Key]) -> dict[Key, State]:
    """The states of these (resident, programme) pairs that exist."""
    wanted = set(keys)
    if not wanted:
        return {}
    rows = (
        session.connection()
        .execute(
            select(
                UsualRow.resident_id, UsualRow.programme_id, UsualRow.usual, UsualRow.rhythm
            ).where(one_of(session, UsualRow.resident_id, {who for who, _programme in wanted}))
        )
        .all()
    )
    found = {(who, programme): State(usual, rhythm) for who, programme, usual, rhythm in rows}
    return {key: state for key, state in found.items() if key in wanted}


def by_resident(states: Mapping[Key, State]) -> dict[int, dict[int, State]]:
    """The same states by resident, and then by programme."""
    found: dict[int, dict[int, State]] = {}
    for (who, programme), state in states.items():
        found.setdefault(who, {})[programme] = state
    return found


def save(session: Session, states: dict[Key, State]) -> None:
    rows = [
        {
            "resident_id": who,
            "programme_id": programme,
            "usual": state.usual,
            "rhythm": state.rhythm,
        }
        for (who, programme), state in states.items()
    ]
    put_rows(session, UsualRow, ("resident_id", "programme_id"), rows)
