"""When it is us and not them: texts fail for many people at once, or less comes in than usual.

One alarm of a kind while it lasts. Nobody is called quiet for a text that was sent in such a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState
from connector.domain.calendar import Calendar
from connector.domain.promise import Promise
from connector.domain.silence import is_our_trouble
from connector.domain.traffic import WEEKS_BACK, Band, Verdict, usual_replies, verdict
from connector.services.jobs import Job, later
from connector.store import alarms, alerts, attempts, staff, traffic
from connector.store.alarms import Alarm, AlarmKind
from connector.store.alerts import Subject

WINDOW = timedelta(hours=1)
BANDS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))
"""How long a span is compared: the shortest in which enough replies usually come."""
_FAILED = (AttemptState.UNDELIVERED, AttemptState.REFUSED, AttemptState.UNKNOWN)
_WAITING = (AttemptState.QUEUED, AttemptState.SENDING, AttemptState.SKIPPED)


def watch(session: Session, *, now: datetime) -> bool:
    """Open or close the alarm about deliveries by the last hour. True while it is on."""
    since = now - WINDOW
    counts = attempts.outcomes_since(session, since)
    failed = sum(counts.get(state, 0) for state in _FAILED)
    sent = sum(count for state, count in counts.items() if state not in _WAITING)
    if not is_our_trouble(failed, sent):
        alarms.close(session, AlarmKind.DELIVERIES, now=now)
        return False
    sentence = f"{failed} of the last {sent} texts did not get through. It is likely to be us."
    if alarms.open_(session, AlarmKind.DELIVERIES, since=since, sentence=sentence, now=now):
        _tell(session, now)
    return True


def watch_inbound(session: Session, *, calendar: Calendar, zone: str, now: datetime) -> bool:
    """Open or close the alarm about replies, by the same hours of earlier weeks. True while on.

    Nothing is opened in closed hours, when nobody could look, nor while deliveries fail, which
    explains it. It closes when as much comes in as usual, or anything where no usual is known.
    """
    found, said = Verdict.UNKNOWN, None
    if calendar.why_not(now.astimezone(ZoneInfo(zone))) is None:
        found, said = _compared(session, calendar, zone, now)
    if said is not None and not alarms.opened_at(session, AlarmKind.DELIVERIES):
        start, sentence = said
        if alarms.open_(session, AlarmKind.INBOUND, since=start, sentence=sentence, now=now):
            _tell(session, now)
    elif _is_over(session, found, now):
        alarms.close(session, AlarmKind.INBOUND, now=now)
    return alarms.opened_at(session, AlarmKind.INBOUND) is not None


def _is_over(session: Session, found: Verdict, now: datetime) -> bool:
    opened_at = alarms.opened_at(session, AlarmKind.INBOUND)
    if opened_at is None or found is Verdict.TOO_FEW:
        return False
    return found is Verdict.USUAL or any(traffic.replies(session, [(opened_at, now)]))


def _compared(
    session: Session, calendar: Calendar, zone: str, now: datetime
) -> tuple[Verdict, tuple[datetime, str] | None]:
    """What the shortest band says of which a usual is known, and since when with its sentence."""
    ends = _same_hours(session, calendar, zone, now)
    for length in BANDS:
        this, *earlier = _bands(session, [now, *ends], length)
        found = verdict(this, earlier)
        if found is Verdict.TOO_FEW:
            usual = round(usual_replies(this, [band for band in earlier if band.sent]))
            return found, (now - length, _few_sentence(this.replies, usual, length, zone, now))
        if found is Verdict.USUAL:
            return found, None
    return Verdict.UNKNOWN, None


def _same_hours(session: Session, calendar: Calendar, zone: str, now: datetime) -> list[datetime]:
    """The same moment of the same weekday in earlier weeks, by the clock on the wall.

    Weeks that were closed then, or in trouble, are no measure.
    """
    local = now.astimezone(ZoneInfo(zone))
    troubles = alarms.since(session, now - timedelta(weeks=WEEKS_BACK + 1))
    moments = [local - timedelta(weeks=back) for back in range(1, WEEKS_BACK + 1)]
    return [
        moment.astimezone(UTC)
        for moment in moments
        if calendar.why_not(moment) is None
        and not any(_overlaps(alarm, moment - BANDS[-1], moment) for alarm in troubles)
    ]


def _overlaps(alarm: Alarm, start: datetime, end: datetime) -> bool:
    return alarm.since < end and (alarm.closed_at is None or alarm.closed_at > start)


def _bands(session: Session, ends: Sequence[datetime], length: timedelta) -> list[Band]:
    """Each band up to a moment; texts count that went out up to a band's length before it."""
    came = traffic.replies(session, [(end - length, end) for end in ends])
    went = traffic.sent(session, [(end - 2 * length, end) for end in ends])
    return [Band(sent, replies) for sent, replies in zip(went, came, strict=True)]


def _few_sentence(replies: int, usual: int, length: timedelta, zone: str, now: datetime) -> str:
    hours = int(length.total_seconds() // 3600)
    span = "hour" if hours == 1 else f"{hours} hours"
    came = {0: "No reply has", 1: "1 reply has"}.get(replies, f"{replies} replies have")
    day = f"{now.astimezone(ZoneInfo(zone)):%A}"
    return f"{came} come in within the last {span}; on a {day} at this time about {usual} do."


def _tell(session: Session, now: datetime) -> None:
    """Coordinators and administrators hear of it; connectors do not, and no resident does."""
    rows = [
        (member.id, 0, Promise.NOW)
        for member in staff.members(session)
        if member.number and member.coordinates
    ]
    alerts.queue(session, rows, subject=Subject.SERVICE, now=now)
    later(session, Job.ALERT)
