"""The texting rules as coordinators have set them. Absent rows are the defaults.

`edits` counts the times they were changed, so that of two people who change them at once the second
is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from connector.domain.calendar import Calendar, DayOverride, Nation
from connector.domain.caps import Cap
from connector.domain.check_in import CheckInState
from connector.domain.texting_rules import TextingRules
from connector.store.base import insert_for, insert_new
from connector.store.tables import (
    CheckInRow,
    EnrolmentRow,
    ResidentRow,
    SettingRow,
    SpecialDayRow,
    StaffRow,
)

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


@dataclass(frozen=True, slots=True)
class Planned:
    """Planned texts that fall together: how many there are of a date and a spread, and when due.

    `joined_on` is told only where dates hang on it.
    """

    programme_id: int
    zone: str
    own: str
    spread: int
    joined_on: date | None
    occurrence: date
    due_at: datetime
    texts: int


def planned(
    session: Session, *, now: datetime, until: datetime, by_joining: Iterable[int] = ()
) -> list[Planned]:
    """The texts of programmes that are planned from `now` to `until`, counted, reminders aside.

    `by_joining` are the programmes whose dates hang on the day that somebody joined.
    """
    counts_joining = EnrolmentRow.programme_id.in_(set(by_joining))
    together = (
        CheckInRow.programme_id,
        ResidentRow.zone,
        EnrolmentRow.own,
        EnrolmentRow.spread,
        case((counts_joining, EnrolmentRow.started_on)).label("joined_on"),
        CheckInRow.occurrence,
        CheckInRow.due_at,
    )
    rows = session.execute(
        select(*together, func.count())
        .join(ResidentRow, ResidentRow.id == CheckInRow.resident_id)
        .join(
            EnrolmentRow,
            and_(
                EnrolmentRow.resident_id == CheckInRow.resident_id,
                EnrolmentRow.programme_id == CheckInRow.programme_id,
            ),
        )
        .where(
            CheckInRow.state == CheckInState.PLANNED.value,
            CheckInRow.slot == 0,
            CheckInRow.due_at > now,
            CheckInRow.due_at <= until,
        )
        .group_by(*together)
    )
    return [Planned(*row) for row in rows]


def zones(session: Session) -> list[str]:
    """The time zones in which residents live."""
    return sorted(session.scalars(select(ResidentRow.zone).distinct()))


def on_both(session: Session) -> dict[tuple[int, int], int]:
    """How many people are on two programmes at once, by the ids of the two."""
    one, other = aliased(EnrolmentRow), aliased(EnrolmentRow)
    rows = session.execute(
        select(one.programme_id, other.programme_id, func.count())
        .join(other, other.resident_id == one.resident_id)
        .where(
            one.programme_id < other.programme_id, one.ended_on.is_(None), other.ended_on.is_(None)
        )
        .group_by(one.programme_id, other.programme_id)
    )
    return {(first, second): people for first, second, people in rows}


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
