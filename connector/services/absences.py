"""Times without texts: begun by a text or by staff, ended on their day, by a word, or by staff.

The latest word wins and the earlier ones are kept. An absence holds what we would open, never an
answer to what somebody writes, and never counts as silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from connector.domain.absence import Absence, after_word, no_end_known
from connector.domain.attempt import Purpose
from connector.domain.cadence import settle, zone_named
from connector.domain.calendar import ONE_DAY, Calendar, Ruling, move_sentence
from connector.domain.check_in import CheckInState
from connector.domain.consent import AgreementState
from connector.domain.errors import Invalid, NotFound
from connector.domain.programme import fill
from connector.domain.resident import Resident
from connector.domain.sms import fold
from connector.domain.steering import AbsenceWish
from connector.domain.working_hours import WorkingHours
from connector.services.flagging import Noticed, raise_or_join
from connector.services.jobs import Job, later
from connector.store import absences, attempts, audit, check_ins, residents, staff
from connector.store.attempts import NewAttempt
from connector.store.residents import Writer

SUBJECT = "resident"
AT = time(10)
"""About when a welcome back goes, where that is allowed."""
KEPT = timedelta(hours=8)
WELCOME_WITHIN = timedelta(days=7)
"""So long after the day that texts start again a welcome back would only puzzle."""
MOVED_AT_MOST = timedelta(days=4)
FURTHEST_AHEAD = timedelta(hours=14)
"""By how much a day begins sooner anywhere than in Greenwich."""
WELCOME_FIRST = "the welcome back goes that day"


class Wording(Protocol):
    """The fixed texts that the service sends by itself, by language."""

    def text(self, language: str, name: str, number: int = 1) -> str: ...


def begin(
    session: Session,
    resident_id: int,
    wish: AbsenceWish,
    *,
    by: int | None = None,
    reply_id: int | None = None,
    now: datetime,
) -> Absence:
    """A time without texts, as somebody asks for it or staff are told. Returns it as it is kept.

    Raises `Invalid` for days in the wrong order or over already, `NotFound` for nobody.
    """
    writer = _locked(session, resident_id)
    today = now.astimezone(zone_named(writer.zone)).date()
    _must_be_days(wish, today)
    for known in absences.standing(session, [resident_id], now=now).get(resident_id, []):
        becomes = after_word(known, wish, today)
        if becomes is not None:
            absences.end(session, [known.id], now, now=now)
            wish = becomes
    return _keep(session, writer, wish, by=by, reply_id=reply_id, now=now)


def end(
    session: Session,
    resident_id: int,
    *,
    by: int | None = None,
    now: datetime,
) -> bool:
    """Texts may start again as of now: somebody says they are back. Whether there was anything.

    No welcome back follows: who says so is answered, or is being spoken to.
    """
    _locked(session, resident_id)
    known = absences.standing(session, [resident_id], now=now).get(resident_id, [])
    if not known:
        return False
    absences.end(session, [one.id for one in known], now, now=now)
    absences.mirror(session, [resident_id])
    audit.append(session, "absence ended", SUBJECT, resident_id, by=by, now=now)
    later(session, Job.DISPATCH)
    return True


def standing(
    session: Session, resident_ids: Iterable[int], *, now: datetime
) -> Mapping[int, list[Absence]]:
    """The times without texts of these people that are on or to come, the earliest first."""
    return absences.standing(session, resident_ids, now=now)


def welcome(
    session: Session,
    *,
    limit: int,
    calendar: Calendar,
    wording: Wording,
    channel: str,
    now: datetime,
) -> int:
    """Times without texts that are over end, each with a soft welcome back. Returns how many.

    The text goes at the next allowed time and counts as any that we open; a check-in of that day
    moves to the next. Whoever may not be texted, or is rung, gets none.
    """
    found = absences.ending(session, limit, by=(now + FURTHEST_AHEAD).date())
    people = residents.lock(session, {one.resident_id for one in found})
    again = absences.standing(session, people, now=now)
    over = [
        one
        for some in again.values()
        for one in some
        if one.ended_at is None and one.ends_on and one.ends_on <= _today(people, one, now)
    ]
    if not over:
        return 0
    absences.end(session, [one.id for one in over], now, now=now)
    absences.mirror(session, [one.resident_id for one in over])
    who = residents.many(session, [one.resident_id for one in over])
    texts = [
        text
        for one in over
        if one.ends_on and _today(people, one, now) - one.ends_on < WELCOME_WITHIN
        if (text := _welcome_to(session, who[one.resident_id], one.ends_on, calendar, wording, now))
    ]
    attempts.add_many(session, texts, channel=channel, now=now)
    later(session, Job.DISPATCH)
    return len(over)


def ask_after(session: Session, *, limit: int, hours: WorkingHours, now: datetime) -> int:
    """A person is asked to look after who has been away long, with no end known. How many."""
    found = absences.without_end(session, limit, today=now.date(), now=now)
    people = residents.lock(session, {one.resident_id for one in found})
    noticed = [
        Noticed(
            writer.id,
            writer.connector_id,
            (no_end_known(writer.known_as, one.starts_on, _today(people, one, now)),),
        )
        for one in found
        if (writer := people[one.resident_id]).agreement is not AgreementState.WITHDRAWN
    ]
    raise_or_join(session, noticed, hours=hours, now=now)
    return len(noticed)


def _today(people: Mapping[int, Writer], one: Absence, now: datetime) -> date:
    return now.astimezone(zone_named(people[one.resident_id].zone)).date()


def _welcome_to(
    session: Session,
    who: Resident,
    on: date,
    calendar: Calendar,
    wording: Wording,
    now: datetime,
) -> NewAttempt | None:
    may = who.is_texted and who.agreement is AgreementState.GIVEN and not who.standing
    if not may or who.merged_into is not None:
        return None
    zone = zone_named(who.zone)
    local = max(now.astimezone(zone), datetime.combine(on, AT, zone))
    ruling = calendar.next_allowed(local)
    while ruling.skipped is not None and local.date() - on < WELCOME_WITHIN:
        local += ONE_DAY
        ruling = calendar.next_allowed(local)
    if ruling.skipped is not None:
        return None
    _make_room(session, who, ruling.local, calendar)
    words = wording.text(who.language, "welcome_back", who.id)
    body = fold(fill(words, name=who.known_as, sender=_sender(session, who.connector_id)))
    due_at = settle(ruling.local)[0].astimezone(UTC)
    return NewAttempt(who.id, Purpose.NOTICE, body, due_at, due_at + KEPT)


def _make_room(session: Session, who: Resident, local: datetime, calendar: Calendar) -> None:
    """A check-in of the day of the welcome goes on the next allowed day, at its own time.

    Where that day has one of its own, as every day has for some, the one of the welcome is left.
    """
    left = []
    for one in _on(session, who, local):
        own = one.due_at.astimezone(zone_named(who.zone))
        ruling = _next_day(own, calendar)
        if ruling.skipped is not None or _on(session, who, ruling.local):
            left.append(one.id)
            continue
        moved = move_sentence(own, ruling.local, (WELCOME_FIRST, *ruling.because))
        check_ins.move(session, one, settle(ruling.local)[0].astimezone(UTC), moved)
    if left:
        why = f"Not sent: {WELCOME_FIRST}."
        check_ins.mark_not_sent(session, {(CheckInState.SKIPPED, why): left})


def _on(session: Session, who: Resident, local: datetime) -> list[check_ins.Movable]:
    """What is planned for somebody on the day of `local`."""
    begins = _first_moment(local.date(), who.zone)
    ends = _first_moment(local.date() + ONE_DAY, who.zone)
    return check_ins.movable(session, who.id, begins, ends)


def _next_day(own: datetime, calendar: Calendar) -> Ruling:
    """The next allowed day at the same time, also beyond a day that would be skipped."""
    day = ONE_DAY
    ruling = calendar.next_allowed(own + day)
    while ruling.skipped is not None and day < MOVED_AT_MOST:
        day += ONE_DAY
        ruling = calendar.next_allowed(own + day)
    return ruling


def _sender(session: Session, connector_id: int | None) -> str:
    members = {member.id: member.name.split()[0] for member in staff.members(session)}
    return members.get(connector_id or 0, "")


def _locked(session: Session, resident_id: int) -> Writer:
    found = residents.lock(session, [resident_id])
    if resident_id not in found:
        raise NotFound("There is no such resident.")
    return found[resident_id]


def _must_be_days(wish: AbsenceWish, today: date) -> None:
    if wish.ends_on is None:
        return
    if wish.ends_on <= wish.starts_on:
        raise Invalid("The day texts start again has to be after the first day without.")
    if wish.ends_on <= today:
        raise Invalid("The day texts start again has to be still to come.")


def _keep(
    session: Session,
    writer: Writer,
    wish: AbsenceWish,
    *,
    by: int | None,
    reply_id: int | None,
    now: datetime,
) -> Absence:
    """Only the one that ends last is open; one before it has its end written down at once."""
    others = absences.standing(session, [writer.id], now=now).get(writer.id, [])
    before = [one for one in others if one.ends_on and one.ends_on <= wish.starts_on]
    ended_at = None
    if len(before) < len(others) and wish.ends_on is not None:
        ended_at = _first_moment(wish.ends_on, writer.zone)
    for one in before:
        if one.ended_at is None and one.ends_on is not None:
            absences.end(session, [one.id], _first_moment(one.ends_on, writer.zone), now=now)
    kept = Absence(0, writer.id, wish.kind, wish.starts_on, wish.ends_on, now, ended_at, by)
    absences.add(session, kept, reply_id=reply_id)
    absences.mirror(session, [writer.id])
    audit.append(
        session, "absence begun", SUBJECT, writer.id, by=by, now=now,
        why=f"{wish.kind.words} {kept.span}",
    )  # fmt: skip
    return kept


def _first_moment(day: date, zone: str) -> datetime:
    local = datetime.combine(day, time(0), zone_named(zone))
    return settle(local)[0].astimezone(UTC)
