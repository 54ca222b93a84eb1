"""The texting rules as coordinators have set them. Absent rows are the defaults.

`edits` counts the times they were changed, so that of two people who change them at once the second
is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from connector.domain.calendar import Calendar, DayOverride, Nation
from connector.domain.caps import Cap
from connector.domain.texting_rules import TextingRules
from connector.store.base import insert_for, insert_new
from connector.store.tables import SettingRow, SpecialDayRow, StaffRow

NAME = "texting"


@dataclass(frozen=True, slots=True)
class Kept:
    """The rules, how often they were changed, and by whom last. 0 edits are the defaults."""

    rules: TextingRules
    edits: int = 0
    changed_at: datetime | None = None
    changed_by: str = ""


def load(session: Session, default: Calendar | None) -> TextingRules:
    """The rules that hold now. `default` is the calendar of an installation that set none."""
    value = session.scalar(select(SettingRow.value).where(SettingRow.name == NAME))
    return _rules(value, _special_days(session), default)


def kept(session: Session, default: Calendar | None) -> Kept:
    """The rules that hold now, with what an editor has to know of them."""
    row = session.execute(
        select(SettingRow.value, SettingRow.edits, SettingRow.changed_at, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == SettingRow.changed_by)
        .where(SettingRow.name == NAME)
    ).first()
    days = _special_days(session)
    if row is None:
        return Kept(_rules(None, days, default))
    value, edits, changed_at, name = row
    return Kept(_rules(value, days, default), edits, changed_at, name or "")


def save(
    session: Session, rules: TextingRules, *, edits: int, by: int | None, now: datetime
) -> bool:
    """Keep these rules. False, and nothing is changed, when they are no longer at `edits`."""
    values = {"value": _value(rules), "edits": edits + 1, "changed_at": now, "changed_by": by}
    if not _turned(session, edits, values):
        return False
    _keep_days(session, rules.calendar.overrides, by=by, now=now)
    return True


def _turned(session: Session, edits: int, values: dict[str, Any]) -> bool:
    if edits == 0:
        return insert_new(session, SettingRow, [{"name": NAME, **values}]) == 1
    found = session.execute(
        update(SettingRow)
        .where(SettingRow.name == NAME, SettingRow.edits == edits)
        .values(**values)
        .returning(SettingRow.name)
    )
    return found.first() is not None


def _keep_days(
    session: Session, days: Iterable[DayOverride], *, by: int | None, now: datetime
) -> None:
    """Make the special days these; one that stays keeps who made it and when."""
    wanted, there = set(days), set(_special_days(session))
    for one in there - wanted:
        session.execute(
            delete(SpecialDayRow).where(
                SpecialDayRow.day == one.day, SpecialDayRow.nation == (one.nation or "")
            )
        )
    rows = [
        {
            "day": one.day,
            "nation": one.nation.value if one.nation else "",
            "is_open": one.is_open,
            "why": one.why,
            "made_by": by,
            "made_at": now,
        }
        for one in sorted(wanted - there, key=lambda one: one.day)
    ]
    if rows:
        session.execute(insert_for(session, SpecialDayRow), rows)


def _special_days(session: Session) -> tuple[DayOverride, ...]:
    rows = session.execute(
        select(
            SpecialDayRow.day, SpecialDayRow.is_open, SpecialDayRow.why, SpecialDayRow.nation
        ).order_by(SpecialDayRow.day, SpecialDayRow.nation)
    )
    return tuple(
        DayOverride(day, is_open, why, Nation(nation) if nation else None)
        for day, is_open, why, nation in rows
    )


def _value(rules: TextingRules) -> dict[str, Any]:
    """What stands in the row; the special days have rows of their own."""
    return {
        "calendar": replace(rules.calendar, overrides=()).to_json(),
        "cap": {"day": rules.cap.day, "week": rules.cap.week, "month": rules.cap.month},
        "price": str(rules.price),
    }


def _rules(
    value: dict[str, Any] | None, days: tuple[DayOverride, ...], default: Calendar | None
) -> TextingRules:
    if value is None:
        return TextingRules(replace(default or Calendar(sundays=True), overrides=days))
    return TextingRules(
        replace(Calendar.from_json(value["calendar"]), overrides=days),
        Cap(**value["cap"]),
        Decimal(value["price"]),
    )
