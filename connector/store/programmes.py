"""Programmes, who is on them, and how far they have been planned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, null, select, true, update
from sqlalchemy.orm import Session

from connector.domain.cadence import Cadence, spread_minutes
from connector.domain.errors import Invalid
from connector.domain.programme import (
    ContactFloor,
    FollowUp,
    Item,
    Programme,
    ProgrammeKind,
    VersionState,
    Wordings,
)
from connector.domain.question import About, Better, Question, QuestionKind
from connector.domain.whose import apart
from connector.store import numbers
from connector.store.base import insert_for
from connector.store.bulk import one_of, update_rows
from connector.store.tables import (
    CheckInRow,
    EnrolmentRow,
    PlanRow,
    ProgrammeRow,
    ProgrammeVersionRow,
    ResidentRow,
)

MOST_IN_A_LIST = 10_000
UNREADABLE = (Invalid, LookupError, TypeError, ValueError, AttributeError)
"""What comes of a row that makes no programme. One such row must not stop the others."""


def add(session: Session, programme: Programme, *, now: datetime | None = None) -> int:
    """Store a new programme under its name, published as its first version; returns the id."""
    row = ProgrammeRow(
        name=programme.name, kind=programme.kind.value, noticing=dict(programme.noticing)
    )
    session.add(row)
    session.flush()
    at = now or datetime.combine(programme.cadence.starts_on, time(), UTC)
    version = ProgrammeVersionRow(
        programme_id=row.id,
        number=1,
        state=VersionState.PUBLISHED.value,
        content=to_content(programme),
        made_at=at,
        published_at=at,
    )
    session.add(version)
    session.flush()
    return row.id


def by_id(session: Session, ids: Iterable[int]) -> dict[int, Programme]:
    """Programmes in their published version; one that was never published is not among them."""
    rows = session.execute(_published().where(ProgrammeRow.id.in_(set(ids))))
    return {row.id: _programme(row, version) for row, version in rows}


def by_version(session: Session, ids: Iterable[int]) -> dict[int, Programme]:
    """Programmes as they are in these versions, by version; replaced ones as they were."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(ProgrammeRow, ProgrammeVersionRow)
        .join(ProgrammeVersionRow, ProgrammeVersionRow.programme_id == ProgrammeRow.id)
        .where(ProgrammeVersionRow.id.in_(wanted))
    )
    return {version.id: _programme(row, version) for row, version in rows}


def active_ids(session: Session) -> list[int]:
    """The active programmes that were ever published, without reading what they say."""
    query = select(ProgrammeRow.id).join(
        ProgrammeVersionRow, ProgrammeVersionRow.programme_id == ProgrammeRow.id
    )
    published = ProgrammeVersionRow.state == VersionState.PUBLISHED.value
    return list(
        session.scalars(query.where(ProgrammeRow.active, published).order_by(ProgrammeRow.id))
    )


def active(session: Session) -> list[Programme]:
    rows = session.execute(_published().where(ProgrammeRow.active).order_by(ProgrammeRow.id))
    return [_programme(row, version) for row, version in rows]


def _published() -> Any:  # SQLAlchemy 2.0 and 2.1 name the type of a pair differently
    return select(ProgrammeRow, ProgrammeVersionRow).join(
        ProgrammeVersionRow,
        and_(
            ProgrammeVersionRow.programme_id == ProgrammeRow.id,
            ProgrammeVersionRow.state == VersionState.PUBLISHED.value,
        ),
    )


def enrol(session: Session, programme_id: int, resident_ids: Iterable[int], *, on: date) -> None:
    """Put residents on a programme from `on`; somebody who is on it already stays as they are."""
    ids = list(resident_ids)
    if not ids:
        return
    within = by_id(session, [programme_id])[programme_id].cadence.spread
    place = numbers.places(session, ids)
    rows = [
        {
            "programme_id": programme_id,
            "resident_id": id_,
            "started_on": on,
            "spread": _spread(id_, within, place),
            "fresh": True,
        }
        for id_ in ids
    ]
    session.execute(insert_for(session, EnrolmentRow).on_conflict_do_nothing(), rows)


@dataclass(frozen=True, slots=True)
class Group:
    """People of a programme who get their texts at the same moments.

    `joined` is None where the dates do not depend on it; `fresh` are planned from today on.
    """

    zone: str
    own: str
    joined: date | None
    spread: int
    fresh: bool


def lock(session: Session, programme_id: int) -> None:
    """One plan or change of a programme's dates at a time. Texts may be written meanwhile."""
    row = select(ProgrammeRow.id).where(ProgrammeRow.id == programme_id)
    session.execute(row.with_for_update(key_share=True))


def groups(session: Session, programme_id: int, *, by_joining: bool) -> list[Group]:
    """The groups in which the people of a programme can be planned."""
    columns = (
        ResidentRow.zone,
        EnrolmentRow.own,
        EnrolmentRow.started_on if by_joining else null(),
        EnrolmentRow.spread,
        EnrolmentRow.fresh,
    )
    rows = session.execute(
        select(*columns)
        .join(EnrolmentRow, EnrolmentRow.resident_id == ResidentRow.id)
        .where(EnrolmentRow.programme_id == programme_id, EnrolmentRow.ended_on.is_(None))
        .distinct()
    )
    return [Group(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """How somebody is, or was, on a programme, and the clock they live by."""

    started_on: date
    ended_on: date | None
    own: str
    zone: str


def enrolment(session: Session, programme_id: int, resident_id: int) -> Enrolment | None:
    """How a resident is on a programme; locked, so that two changes come one after the other."""
    row = session.execute(
        select(EnrolmentRow.started_on, EnrolmentRow.ended_on, EnrolmentRow.own, ResidentRow.zone)
        .join(ResidentRow, ResidentRow.id == EnrolmentRow.resident_id)
        .where(EnrolmentRow.programme_id == programme_id, EnrolmentRow.resident_id == resident_id)
        .with_for_update(of=EnrolmentRow, key_share=True)
    ).first()
    return Enrolment(*row) if row is not None else None


def set_own(session: Session, programme_id: int, resident_id: int, own: str) -> None:
    """What a resident changed of a programme's cadence, as `Override.to_text` writes it."""
    _change(session, programme_id, resident_id, own=own)


def take_back(session: Session, programme_id: int, resident_id: int, *, on: date) -> None:
    """Somebody who left is on a programme again, from that day on."""
    _change(session, programme_id, resident_id, started_on=on, ended_on=None, fresh=True)


def begin(session: Session, resident_id: int, *, on: date) -> list[int]:
    """Whoever has just agreed joins on that day what has not texted them yet. Which those are."""
    texted = (
        select(CheckInRow.id)
        .where(
            CheckInRow.resident_id == EnrolmentRow.resident_id,
            CheckInRow.programme_id == EnrolmentRow.programme_id,
            CheckInRow.attempted_at.is_not(None),
        )
        .exists()
    )
    rows = session.scalars(
        update(EnrolmentRow)
        .where(EnrolmentRow.resident_id == resident_id, EnrolmentRow.ended_on.is_(None), ~texted)
        .values(started_on=on, fresh=True)
        .returning(EnrolmentRow.programme_id),
        execution_options={"synchronize_session": False},
    )
    return sorted(rows)


def _change(session: Session, programme_id: int, resident_id: int, **values: Any) -> None:
    session.execute(
        update(EnrolmentRow)
        .where(EnrolmentRow.programme_id == programme_id, EnrolmentRow.resident_id == resident_id)
        .values(**values)
    )


def end(session: Session, programme_id: int, resident_ids: Iterable[int], *, on: date) -> None:
    """These residents are on a programme no longer."""
    session.execute(
        update(EnrolmentRow)
        .where(
            EnrolmentRow.programme_id == programme_id,
            one_of(session, EnrolmentRow.resident_id, resident_ids),
            EnrolmentRow.ended_on.is_(None),
        )
        .values(ended_on=on, fresh=False)
    )


def fresh_again(
    session: Session, *, programme_id: int | None = None, resident_ids: Iterable[int] | None = None
) -> None:
    """Whoever is on a programme still is planned from today on at the next tick."""
    of_it = true() if programme_id is None else EnrolmentRow.programme_id == programme_id
    of_them = (
        true() if resident_ids is None else one_of(session, EnrolmentRow.resident_id, resident_ids)
    )
    session.execute(
        update(EnrolmentRow)
        .where(of_it, of_them, EnrolmentRow.ended_on.is_(None))
        .values(fresh=True)
    )


def spread_again(session: Session, programme_id: int, within: int) -> None:
    """Everybody's fixed spread, for a programme whose spread has been changed."""
    rows = session.execute(
        select(EnrolmentRow.id, EnrolmentRow.resident_id, EnrolmentRow.spread).where(
            EnrolmentRow.programme_id == programme_id
        )
    )
    place = numbers.all_places(session)
    changed = [
        {"id": id_, "spread": _spread(who, within, place)}
        for id_, who, spread in rows
        if spread != _spread(who, within, place)
    ]
    update_rows(session, EnrolmentRow, "id", changed)


def stand_apart(session: Session, resident_ids: Collection[int]) -> set[int]:
    """Those who share a number get times of their own. Returns whose times are others now."""
    rows = session.execute(
        select(
            EnrolmentRow.id,
            EnrolmentRow.programme_id,
            EnrolmentRow.resident_id,
            EnrolmentRow.spread,
        ).where(EnrolmentRow.resident_id.in_(resident_ids), EnrolmentRow.ended_on.is_(None))
    ).all()
    known = by_id(session, {row[1] for row in rows})
    place = numbers.places(session, resident_ids)
    changed = {
        id_: (who, own)
        for id_, programme_id, who, spread in rows
        if spread != (own := _spread(who, known[programme_id].cadence.spread, place))
    }
    told = [{"id": id_, "spread": own} for id_, (_who, own) in changed.items()]
    update_rows(session, EnrolmentRow, "id", told)
    return {who for who, _own in changed.values()}


def _spread(resident_id: int, within: int, place: Mapping[int, int]) -> int:
    """Somebody's fixed spread in minutes; who is not the first on their number comes later."""
    return spread_minutes(resident_id, within) + apart(place.get(resident_id, 0))


def planned_to(session: Session, programme_id: int) -> dict[str, date]:
    """The last local date planned so far, by zone, with the rows locked for the planner."""
    rows = session.execute(
        select(PlanRow.zone, PlanRow.planned_to)
        .where(PlanRow.programme_id == programme_id)
        .with_for_update()
    )
    return dict(rows.all())


def set_planned_to(session: Session, programme_id: int, zone: str, day: date) -> None:
    row = insert_for(session, PlanRow).values(programme_id=programme_id, zone=zone, planned_to=day)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[PlanRow.programme_id, PlanRow.zone], set_={"planned_to": day}
        )
    )


def newcomers(session: Session, programme_id: int) -> list[int]:
    """The enrolments whose check-ins have not been planned yet, by id."""
    fresh = select(EnrolmentRow.id).where(
        EnrolmentRow.programme_id == programme_id, EnrolmentRow.fresh
    )
    return list(session.scalars(fresh))


def settled(session: Session, enrolment_ids: Sequence[int]) -> None:
    """These newcomers have been planned. Whoever joined meanwhile has not, and stays one."""
    for start in range(0, len(enrolment_ids), MOST_IN_A_LIST):
        some = enrolment_ids[start : start + MOST_IN_A_LIST]
        session.execute(update(EnrolmentRow).where(EnrolmentRow.id.in_(some)).values(fresh=False))


def of_resident(session: Session, resident_id: int) -> list[Programme]:
    rows = session.execute(
        _published()
        .join(EnrolmentRow, EnrolmentRow.programme_id == ProgrammeRow.id)
        .where(EnrolmentRow.resident_id == resident_id, EnrolmentRow.ended_on.is_(None))
        .order_by(ProgrammeRow.name)
    )
    return [_programme(row, version) for row, version in rows]


def to_content(programme: Programme) -> dict[str, Any]:
    """A programme as plain values for a JSON column, without its id, name and figures."""
    return {
        "kind": programme.kind.value,
        "cadence": programme.cadence.to_json(),
        "items": [_item_to_json(item) for item in programme.items],
        **{part: _listed(getattr(programme, part)) for part in _TEXTS},
        "timely_minutes": _minutes(programme.timely_for),
        "answer_minutes": _minutes(programme.answer_within),
        "remind_minutes": _minutes(programme.remind_after),
        "floor": {
            "weeks": programme.floor.weeks,
            "why_none": programme.floor.why_none,
            "review_on": programme.floor.review_on and programme.floor.review_on.isoformat(),
        },
        "meant_for": programme.meant_for,
        "source": programme.source,
    }


def from_content(
    content: dict[str, Any],
    *,
    programme_id: int = 0,
    name: str = "",
    noticing: Mapping[str, float] | None = None,
    version_id: int = 0,
    number: int = 1,
) -> Programme:
    """A programme from what `to_content` wrote. Raises `Invalid` for what can never be sent."""
    floor = content["floor"]
    review_on = floor["review_on"]
    return Programme(
        id=programme_id,
        name=name,
        kind=ProgrammeKind(content["kind"]),
        cadence=Cadence.from_json(content["cadence"]),
        items=tuple(_item_from_json(item) for item in content["items"]),
        **{part: _texts(content.get(part, {})) for part in _TEXTS},
        timely_for=timedelta(minutes=content["timely_minutes"]),
        answer_within=timedelta(minutes=content["answer_minutes"]),
        remind_after=timedelta(minutes=content["remind_minutes"]),
        floor=ContactFloor(
            floor["weeks"], floor["why_none"], date.fromisoformat(review_on) if review_on else None
        ),
        meant_for=content.get("meant_for", ""),
        source=content.get("source", ""),
        noticing=noticing or {},
        version_id=version_id,
        number=number,
    )


_TEXTS = ("opening", "closing", "reminder", "go_on", "goodbye")


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)


def _listed(wordings: Wordings) -> dict[str, list[str]]:
    return {language: list(texts) for language, texts in wordings.items()}


def _texts(wordings: Mapping[str, Sequence[str]]) -> Wordings:
    return {language: tuple(texts) for language, texts in wordings.items()}


def _item_to_json(item: Item) -> dict[str, Any]:
    return {
        "key": item.key,
        "question": asdict(item.question),
        "wording": _listed(item.wording),
        "follow_ups": [
            {"low": one.low, "high": one.high, "item": _item_to_json(one.item)}
            for one in item.follow_ups
        ],
    }


def _item_from_json(value: dict[str, Any]) -> Item:
    return Item(
        value["key"],
        question_from(value["question"]),
        _texts(value["wording"]),
        tuple(
            FollowUp(one["low"], one["high"], _item_from_json(one["item"]))
            for one in value.get("follow_ups", ())
        ),
    )


def question_from(value: dict[str, Any]) -> Question:
    return Question(
        kind=QuestionKind(value["kind"]),
        low=value["low"],
        high=value["high"],
        better=Better(value["better"]),
        options=tuple(value["options"]),
        about=About(value["about"]),
        levels=value.get("levels", True),
    )


def _programme(row: ProgrammeRow, version: ProgrammeVersionRow) -> Programme:
    return from_content(
        version.content,
        programme_id=row.id,
        name=row.name,
        noticing=row.noticing,
        version_id=version.id,
        number=version.number,
    )
