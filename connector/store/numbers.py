"""Who shares a number, whose it was before, and which numbers a person has to sort out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, LargeBinary, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from connector.domain.attempt import AttemptState
from connector.domain.check_in import CheckInState
from connector.domain.consent import AgreementState
from connector.domain.resident import ContactBy
from connector.store.base import insert_for
from connector.store.bulk import one_of
from connector.store.tables import (
    AgreementRow,
    AttemptRow,
    AuditRow,
    CheckInRow,
    ResidentNumberRow,
    ResidentRow,
    SettingRow,
    StopRow,
)

_OTHER = aliased(ResidentRow)
AT_ONCE = 10_000
SETTING = "numbers"
SILENT_MONTHS = 4
CONFIRMED = "number confirmed"
LIVING = ResidentRow.merged_into.is_(None)


class Trouble(StrEnum):
    """Why a number waits for a person."""

    DOUBTED = "doubted"
    STOPPED = "stopped"
    DEAD = "dead"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ToSort:
    """Somebody whose number waits for a person, and since when, as far as that is known."""

    resident_id: int
    name: str
    number: str
    trouble: Trouble
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Former:
    """A number that was somebody's until then."""

    resident_id: int
    name: str
    number: str
    until: datetime
    why: str


def shared(session: Session, resident_ids: Iterable[int]) -> set[int]:
    """Those of these residents whose number is somebody else's too."""
    found = select(ResidentRow.id).where(
        one_of(session, ResidentRow.id, set(resident_ids)), _is_shared()
    )
    return set(session.scalars(found))


def sharing(session: Session, index: bytes) -> list[int]:
    """Everybody who has this number, by id."""
    found = select(ResidentRow.id).where(ResidentRow.number_index == index, LIVING)
    return list(session.scalars(found.order_by(ResidentRow.id)))


def index_of(session: Session, resident_id: int) -> bytes | None:
    found = session.scalar(select(ResidentRow.number_index).where(ResidentRow.id == resident_id))
    return bytes(found) if found is not None else None


def places(session: Session, resident_ids: Iterable[int]) -> dict[int, int]:
    """How many of those on their number come before these residents; only who is not the first."""
    before = (
        select(_OTHER.id)
        .where(
            _OTHER.number_index == ResidentRow.number_index,
            _OTHER.id < ResidentRow.id,
            _OTHER.merged_into.is_(None),
        )
        .correlate(ResidentRow)
    )
    place = select(func.count()).select_from(before.subquery()).scalar_subquery()
    wanted, found = list(set(resident_ids)), dict[int, int]()
    for start in range(0, len(wanted), AT_ONCE):
        some = one_of(session, ResidentRow.id, wanted[start : start + AT_ONCE])
        rows = session.execute(select(ResidentRow.id, place).where(some, exists(before)))
        found |= dict(rows.all())
    return found


def all_places(session: Session) -> dict[int, int]:
    """`places` of everybody who is not the first on their number."""
    several = (
        select(ResidentRow.number_index)
        .where(LIVING)
        .group_by(ResidentRow.number_index)
        .having(func.count() > 1)
    )
    rows = session.execute(
        select(ResidentRow.number_index, ResidentRow.id)
        .where(LIVING, ResidentRow.number_index.in_(several))
        .order_by(ResidentRow.id)
    )
    found: dict[int, int] = {}
    before: Counter[bytes] = Counter()
    for index, id_ in rows:
        if before[bytes(index)]:
            found[id_] = before[bytes(index)]
        before[bytes(index)] += 1
    return found


def undecided(session: Session, index: bytes) -> list[int]:
    """Who of a stopped number has neither stopped nor said since that they go on."""
    said = exists().where(
        AgreementRow.resident_id == ResidentRow.id,
        AgreementRow.state == AgreementState.GIVEN.value,
        AgreementRow.at > StopRow.stopped_at,
    )
    found = (
        select(ResidentRow.id)
        .join(StopRow, StopRow.number_index == ResidentRow.number_index)
        .where(ResidentRow.number_index == index, LIVING, _wants_texts(), ~said)
    )
    return list(session.scalars(found.order_by(ResidentRow.id)))


def going_on(session: Session, index: bytes) -> list[int]:
    """Who of those on a number has agreed to texts."""
    agreed = ResidentRow.agreement == AgreementState.GIVEN.value
    found = select(ResidentRow.id).where(ResidentRow.number_index == index, LIVING, agreed)
    return list(session.scalars(found.order_by(ResidentRow.id)))


def silent(
    session: Session, limit: int, *, before: datetime, due_by: datetime
) -> list[tuple[int, bytes]]:
    """Who is about to be texted and has sent nothing since `before` although texts arrived.

    Nobody whose number is new or has been made sure of since then. With the number's blind index.
    """
    heard = func.coalesce(ResidentRow.heard_at, ResidentRow.created_at)
    arrived = exists().where(
        AttemptRow.resident_id == ResidentRow.id,
        AttemptRow.state == AttemptState.DELIVERED.value,
        AttemptRow.made_at > heard,
    )
    changed = exists().where(
        ResidentNumberRow.resident_id == ResidentRow.id, ResidentNumberRow.until > before
    )
    made_sure = exists().where(
        AuditRow.subject == "resident",
        AuditRow.subject_id == ResidentRow.id,
        AuditRow.act == CONFIRMED,
        AuditRow.at > before,
    )
    soon = exists().where(
        CheckInRow.resident_id == ResidentRow.id,
        CheckInRow.state == CheckInState.PLANNED.value,
        CheckInRow.due_at <= due_by,
    )
    found = session.execute(
        select(ResidentRow.id, ResidentRow.number_index)
        .where(
            heard <= before,
            soon,
            LIVING,
            ResidentRow.agreement == AgreementState.GIVEN.value,
            ResidentRow.contact_by == ContactBy.TEXT.value,
            ResidentRow.doubted_at.is_(None),
            ResidentRow.number_dead.is_(False),
            ResidentRow.standing == "",
            ResidentRow.away_kind == "",
            arrived,
            ~changed,
            ~made_sure,
        )
        .order_by(ResidentRow.id)
        .limit(limit)
    )
    return [(id_, bytes(index)) for id_, index in found]


def silent_after(session: Session) -> timedelta:
    """How long a number may be silent before it is asked whose it is."""
    return timedelta(days=365 * silent_months(session) // 12)


def silent_months(session: Session) -> int:
    value = session.scalar(select(SettingRow.value).where(SettingRow.name == SETTING))
    return int(value["silent_months"]) if value else SILENT_MONTHS


def set_silent_after(session: Session, months: int, *, by: int, now: datetime) -> None:
    row = insert_for(session, SettingRow).values(
        name=SETTING, value={"silent_months": months}, edits=1, changed_at=now, changed_by=by
    )
    told = {"value": row.excluded.value, "changed_at": now, "changed_by": by}
    session.execute(
        row.on_conflict_do_update(
            index_elements=[SettingRow.name], set_={**told, "edits": SettingRow.edits + 1}
        )
    )


def to_sort(session: Session, *, limit: int = 200) -> list[ToSort]:
    """Everybody whose number waits for a person: doubted first, then stops, then dead ones."""
    rows = session.execute(
        select(
            ResidentRow.id,
            ResidentRow.given_name,
            ResidentRow.family_name,
            ResidentRow.number,
            ResidentRow.doubted_at,
            ResidentRow.number_dead,
            StopRow.stopped_at,
        )
        .outerjoin(StopRow, and_(StopRow.number_index == ResidentRow.number_index, _is_shared()))
        .where(LIVING, _wants_texts(), ResidentRow.standing == "", _waits())
        .order_by(ResidentRow.id)
        .limit(limit)
    )
    decided: dict[bytes, set[int]] = {}
    found = [_to_sort(*row) for row in rows]
    stopped = {one.resident_id for one in found if one.trouble is Trouble.STOPPED}
    still = {id_ for id_ in stopped if _is_undecided(session, id_, decided)}
    shown = [one for one in found if one.trouble is not Trouble.STOPPED or one.resident_id in still]
    return sorted(shown, key=lambda one: (list(Trouble).index(one.trouble), one.resident_id))


def former(session: Session, indexes: Iterable[bytes]) -> dict[bytes, tuple[Former, ...]]:
    """Whose these numbers were before, the latest first."""
    rows = session.execute(
        select(
            ResidentNumberRow.number_index,
            ResidentRow.id,
            ResidentRow.given_name,
            ResidentRow.family_name,
            ResidentNumberRow.number,
            ResidentNumberRow.until,
            ResidentNumberRow.why,
        )
        .join(ResidentRow, ResidentRow.id == ResidentNumberRow.resident_id)
        .where(one_of(session, ResidentNumberRow.number_index, set(indexes)), LIVING)
        .order_by(ResidentNumberRow.id.desc())
    )
    found: dict[bytes, tuple[Former, ...]] = {}
    for index, id_, given, family, number, until, why in rows:
        one = Former(id_, f"{given} {family}".strip(), number, until, why)
        found[bytes(index)] = (*found.get(bytes(index), ()), one)
    return found


def history(session: Session, resident_id: int) -> list[Former]:
    """The numbers that somebody had before, the latest first."""
    rows = session.execute(
        select(ResidentNumberRow.number, ResidentNumberRow.until, ResidentNumberRow.why)
        .where(ResidentNumberRow.resident_id == resident_id)
        .order_by(ResidentNumberRow.id.desc())
    )
    return [Former(resident_id, "", number, until, why) for number, until, why in rows]


def _is_shared() -> ColumnElement[bool]:
    return exists().where(
        _OTHER.number_index == ResidentRow.number_index,
        _OTHER.id != ResidentRow.id,
        _OTHER.merged_into.is_(None),
    )


def _wants_texts() -> ColumnElement[bool]:
    return ResidentRow.agreement != AgreementState.WITHDRAWN.value


def _waits() -> ColumnElement[bool]:
    had_one = exists().where(ResidentNumberRow.resident_id == ResidentRow.id)
    return or_(
        ResidentRow.doubted_at.is_not(None),
        StopRow.number_index.is_not(None),
        and_(ResidentRow.number_dead, ResidentRow.contact_by == ContactBy.TEXT.value),
        and_(type_coerce(ResidentRow.number, LargeBinary) == b"", had_one),
    )


def _to_sort(
    id_: int,
    given: str,
    family: str,
    number: str,
    doubted_at: datetime | None,
    dead: bool,
    stopped_at: datetime | None,
) -> ToSort:
    trouble = Trouble.DEAD if dead else Trouble.NONE
    if doubted_at is not None:
        trouble = Trouble.DOUBTED
    elif stopped_at is not None:
        trouble = Trouble.STOPPED
    since = doubted_at or stopped_at
    return ToSort(id_, f"{given} {family}".strip(), number, trouble, since)


def _is_undecided(session: Session, resident_id: int, known: dict[bytes, set[int]]) -> bool:
    index = index_of(session, resident_id) or b""
    if index not in known:
        known[index] = set(undecided(session, index))
    return resident_id in known[index]
