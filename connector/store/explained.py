"""What the records hold about one person's texts over a span of time, in a fixed number of looks.

A read model: values for `services.explaining`, nothing is changed. However long somebody has been
with us, it asks the same few questions, each by an index.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState, Purpose
from connector.domain.cadence import zone_named
from connector.domain.check_in import CheckInState, Standing
from connector.domain.consent import AgreementState, How
from connector.domain.errors import Invalid, NotFound
from connector.domain.flag import FlagState
from connector.domain.mark import Mark
from connector.domain.programme import Part, Programme, VersionState
from connector.domain.promise import Promise
from connector.domain.reply import Source
from connector.domain.resident import ContactBy
from connector.domain.why import Agreed, Away, Halt, Planned, Try
from connector.store.attempts import LONGEST_IN_QUEUE
from connector.store.programmes import UNREADABLE, from_content
from connector.store.tables import (
    AbsenceRow,
    AgreementRow,
    AttemptRow,
    AuditRow,
    CheckInRow,
    EnrolmentRow,
    FlagRow,
    PlanRow,
    ProgrammeRow,
    ProgrammeVersionRow,
    ReadingRow,
    ReceiptRow,
    ReplyRow,
    ResidentRow,
    StaffRow,
    StopRow,
)
from connector.store.views import Piece, ThreadLine, found_spans, whole

STOPPED, LIFTED = "sending stopped", "sending lifted"
SWITCHED_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asked about, and how they stand at this moment.

    Where the zone of the record is not known, `zone` is that of Greenwich and `zone_known` is off.
    """

    id: int
    known_as: str
    language: str
    zone: ZoneInfo
    created_at: datetime
    sender: str
    standing: Standing
    stopped_at: datetime | None
    away: Away | None
    zone_known: bool = True


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Somebody on a programme, as it is kept. `planned_to` is of their zone; none while fresh."""

    programme_id: int
    name: str
    active: bool
    started_on: date
    ended_on: date | None
    own: str
    spread: int
    planned_to: date | None


@dataclass(frozen=True, slots=True)
class Wording:
    """A version of a programme, None where what is kept of it cannot be read."""

    id: int
    programme_id: int
    programme: Programme | None
    published: bool
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Came:
    """A text that somebody wrote, and what was made of it."""

    line: ThreadLine
    check_in_id: int | None
    answer: float | None
    late: bool
    read: bool


def person(session: Session, resident_id: int) -> Person:
    """One person. Raises `NotFound`."""
    row = session.execute(
        select(
            ResidentRow.known_as,
            ResidentRow.language,
            ResidentRow.zone,
            ResidentRow.created_at,
            ResidentRow.agreement,
            ResidentRow.number_dead,
            ResidentRow.heard_at,
            StaffRow.name,
            StopRow.stopped_at,
            FlagRow.promise,
            FlagRow.state,
            ResidentRow.away_kind,
            ResidentRow.away_until,
            ResidentRow.standing,
            ResidentRow.doubted_at,
            ResidentRow.contact_by,
        )
        .outerjoin(StaffRow, StaffRow.id == ResidentRow.connector_id)
        .outerjoin(StopRow, StopRow.number_index == ResidentRow.number_index)
        .outerjoin(
            FlagRow,
            and_(FlagRow.resident_id == ResidentRow.id, FlagRow.state != FlagState.DONE.value),
        )
        .where(ResidentRow.id == resident_id)
    ).first()
    if row is None:
        raise NotFound("There is no such resident.")
    return _person(resident_id, *tuple(row))


def _person(
    id_: int,
    known_as: str,
    language: str,
    zone: str,
    created_at: datetime,
    agreement: str,
    dead: bool,
    heard_at: datetime | None,
    sender: str | None,
    stopped_at: datetime | None,
    promise: str | None,
    flag_state: str | None,
    away_kind: str,
    away_until: date | None,
    mark: str,
    doubted_at: datetime | None,
    contact_by: str,
) -> Person:
    standing = Standing(
        agreement=AgreementState(agreement),
        number_stopped=stopped_at is not None,
        number_dead=dead,
        flag_due_now=promise == Promise.NOW.value,
        in_conversation=flag_state == FlagState.TAKEN.value,
        last_heard_at=heard_at,
        mark=Mark(mark) if mark else None,
        doubted=doubted_at is not None,
        contact_by=ContactBy(contact_by),
    )
    first = sender.split()[0] if sender else ""
    away = Away(away_kind, None, away_until) if away_kind else None
    local, known = _zone(zone)
    return Person(
        id_, known_as, language, local, created_at, first, standing, stopped_at, away, known
    )


def _zone(name: str) -> tuple[ZoneInfo, bool]:
    try:
        return zone_named(name), True
    except Invalid:
        return zone_named("UTC"), False


def planned(
    session: Session,
    resident_id: int,
    since: datetime,
    until: datetime,
    days: tuple[date, date],
    *,
    now: datetime,
) -> list[Planned]:
    """Check-ins due, decided or named by a date in the span; all to come or awaiting an answer.

    `days` are the first and the last local date of the span.
    """
    rows = session.execute(
        select(*(getattr(CheckInRow, name) for name in _CHECK_IN))
        .where(
            CheckInRow.resident_id == resident_id,
            or_(
                CheckInRow.state == CheckInState.PLANNED.value,
                CheckInRow.due_at > now,
                CheckInRow.closes_at.is_not(None),
                CheckInRow.due_at.between(since, until),
                CheckInRow.attempted_at.between(since, until),
                CheckInRow.occurrence.between(*days),
            ),
        )
        .order_by(CheckInRow.due_at, CheckInRow.id)
    )
    return [_planned(dict(row._mapping)) for row in rows]


_CHECK_IN = (
    "id", "programme_id", "occurrence", "part", "number", "due_at", "expires_at", "state",
    "moved", "why", "attempted_at", "closes_at", "answered_at", "version_id",
    "slot", "revision",
)  # fmt: skip


def _planned(values: Mapping[str, Any]) -> Planned:
    kinds = {"part": Part(values["part"]), "state": CheckInState(values["state"])}
    return Planned(**{**values, **kinds})


def tries(session: Session, resident_id: int, since: datetime, until: datetime) -> list[Try]:
    """What was handed over, or is to be, in the span, each with the network's last word."""
    last_word = (
        select(func.max(ReceiptRow.at))
        .where(ReceiptRow.attempt_id == AttemptRow.id)
        .correlate(AttemptRow)
        .scalar_subquery()
    )
    moment = func.coalesce(AttemptRow.marked_at, AttemptRow.due_at)
    rows = session.execute(
        select(*(getattr(AttemptRow, name) for name in _ATTEMPT), last_word.label("last_word_at"))
        .where(
            AttemptRow.resident_id == resident_id,
            AttemptRow.made_at >= since - LONGEST_IN_QUEUE,
            AttemptRow.made_at < until,
            or_(AttemptRow.made_at >= since, moment >= since),
        )
        .order_by(AttemptRow.made_at, AttemptRow.due_at)
    )
    return [_try(dict(row._mapping)) for row in rows]


_ATTEMPT = (
    "purpose", "state", "body", "why", "made_at", "due_at", "not_after", "marked_at", "check_in_id",
)  # fmt: skip


def _try(values: Mapping[str, Any]) -> Try:
    last = values["last_word_at"]
    kinds = {
        "purpose": Purpose(values["purpose"]),
        "state": AttemptState(values["state"]),
        "last_word_at": last,
    }
    return Try(**{**values, **kinds})


def came(session: Session, resident_id: int, since: datetime, until: datetime) -> list[Came]:
    """What the person wrote in the span, pieces put together, with what was made of it."""
    rows = session.execute(
        select(
            ReplyRow.id,
            ReplyRow.continues,
            ReplyRow.received_at,
            ReplyRow.body,
            ReplyRow.media,
            ReplyRow.source,
            ReadingRow.found,
            ReadingRow.answer,
            ReplyRow.check_in_id,
            ReplyRow.late,
            ReplyRow.read_at,
        )
        .outerjoin(ReadingRow, ReadingRow.reply_id == ReplyRow.id)
        .where(
            ReplyRow.resident_id == resident_id,
            ReplyRow.received_at >= since,
            ReplyRow.received_at < until,
        )
        .order_by(ReplyRow.id)
    ).all()
    pieces = [
        Piece(id_, goes_on, ThreadLine(True, at, body, found_spans(found or []), media=media,
                                       source=Source(source)))
        for id_, goes_on, at, body, media, source, found, *_rest in rows
    ]  # fmt: skip
    first = {row[2]: row for row in reversed(rows)}
    return [_came(line, *first[line.at][7:]) for line in whole(pieces)]


def _came(
    line: ThreadLine,
    answer: float | None,
    check_in_id: int | None,
    late: bool,
    read_at: datetime | None,
) -> Came:
    return Came(line, check_in_id, answer, late, read_at is not None)


def agreements(session: Session, resident_id: int) -> list[Agreed]:
    """The whole dated history of the agreement, oldest first."""
    rows = session.execute(
        select(AgreementRow.state, AgreementRow.at, AgreementRow.how, StaffRow.name)
        .outerjoin(StaffRow, StaffRow.id == AgreementRow.by_staff)
        .where(AgreementRow.resident_id == resident_id)
        .order_by(AgreementRow.id)
    )
    return [
        Agreed(AgreementState(state), at, How(how), name or "") for state, at, how, name in rows
    ]


def absences(
    session: Session, resident_id: int, zone: ZoneInfo, days: tuple[date, date]
) -> list[Away]:
    """Times without texts that touch the span."""
    rows = session.execute(
        select(
            AbsenceRow.kind,
            AbsenceRow.starts_on,
            AbsenceRow.ends_on,
            AbsenceRow.ended_at,
            StaffRow.name,
        )
        .outerjoin(StaffRow, StaffRow.id == AbsenceRow.made_by)
        .where(
            AbsenceRow.resident_id == resident_id,
            AbsenceRow.starts_on <= days[1],
            or_(AbsenceRow.ends_on.is_(None), AbsenceRow.ends_on >= days[0]),
        )
        .order_by(AbsenceRow.id)
    )
    return [
        Away(kind, first, last, over.astimezone(zone).date() if over else None, name or "")
        for kind, first, last, over, name in rows
    ]


def enrolments(session: Session, resident_id: int) -> list[Enrolment]:
    """Every programme somebody is or was on, by its name."""
    rows = session.execute(
        select(
            ProgrammeRow.id,
            ProgrammeRow.name,
            ProgrammeRow.active,
            EnrolmentRow.started_on,
            EnrolmentRow.ended_on,
            EnrolmentRow.own,
            EnrolmentRow.spread,
            EnrolmentRow.fresh,
            PlanRow.planned_to,
        )
        .join(EnrolmentRow, EnrolmentRow.programme_id == ProgrammeRow.id)
        .join(ResidentRow, ResidentRow.id == EnrolmentRow.resident_id)
        .outerjoin(
            PlanRow,
            and_(PlanRow.programme_id == ProgrammeRow.id, PlanRow.zone == ResidentRow.zone),
        )
        .where(EnrolmentRow.resident_id == resident_id)
        .order_by(ProgrammeRow.name)
    )
    return [
        Enrolment(id_, name, active, start, end, own, spread, None if fresh else to)
        for id_, name, active, start, end, own, spread, fresh, to in rows
    ]


def wordings(
    session: Session, programme_ids: Iterable[int], version_ids: Iterable[int]
) -> list[Wording]:
    """The published versions of these programmes, and these versions besides."""
    rows = session.execute(
        select(ProgrammeVersionRow, ProgrammeRow)
        .join(ProgrammeRow, ProgrammeRow.id == ProgrammeVersionRow.programme_id)
        .where(
            or_(
                ProgrammeVersionRow.id.in_(set(version_ids)),
                and_(
                    ProgrammeVersionRow.programme_id.in_(set(programme_ids)),
                    ProgrammeVersionRow.state == VersionState.PUBLISHED.value,
                ),
            )
        )
    )
    return [_wording(row, of) for row, of in rows]


def _wording(row: ProgrammeVersionRow, of: ProgrammeRow) -> Wording:
    is_published = row.state == VersionState.PUBLISHED.value
    return Wording(row.id, of.id, _read(row, of), is_published, row.published_at)


def _read(row: ProgrammeVersionRow, of: ProgrammeRow) -> Programme | None:
    try:
        return from_content(
            row.content, programme_id=of.id, name=of.name, version_id=row.id, number=row.number
        )
    except UNREADABLE:
        return None


def halts(session: Session, since: datetime, until: datetime) -> list[Halt]:
    """When all texts were stopped by the one switch, in the span, oldest first."""
    rows = session.execute(
        select(AuditRow.act, AuditRow.at, StaffRow.name, AuditRow.why)
        .outerjoin(StaffRow, StaffRow.id == AuditRow.staff_id)
        .where(AuditRow.subject == "service", AuditRow.act.in_((STOPPED, LIFTED)))
        .order_by(AuditRow.id.desc())
        .limit(SWITCHED_AT_MOST)
    ).all()
    found: list[Halt] = []
    lifted_at: datetime | None = None
    for act, at, name, why in rows:
        if act == STOPPED:
            found.append(Halt(at, lifted_at, name or "", why))
        lifted_at = at
    return [
        one
        for one in reversed(found)
        if one.since < until and (one.until is None or one.until > since)
    ]


def span(zone: ZoneInfo, first: date, last: date) -> tuple[datetime, datetime]:
    """The moments at which the local days from `first` to `last`, both included, begin and end."""
    since = datetime(first.year, first.month, first.day, tzinfo=zone)
    after = last + timedelta(days=1)
    return since, datetime(after.year, after.month, after.day, tzinfo=zone)
