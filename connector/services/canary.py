"""The team's own phone, enrolled like anyone, and what can be told by it and by the records alone.

Nothing here needs the broker, the timetable or a worker: it is asked exactly when they may be gone.
No sentence holds anything about a resident.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState
from connector.domain.check_in import CheckInState
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.errors import Invalid
from connector.domain.programme import DEFAULT_LANGUAGE
from connector.domain.resident import Resident
from connector.services import enrolment
from connector.store import (
    alarms,
    attempts,
    audit,
    canary,
    check_ins,
    heartbeat,
    programmes,
    replies,
    switches,
    unclaimed,
)
from connector.store.canary import OwnPhone, OwnText

NAME = "Team phone"
AGREED = "The team's own phone, to see that texts go out."
LATE = timedelta(minutes=20)
"""How long work may wait before it is said: a busy hour takes some minutes."""
SILENT = timedelta(minutes=10)
"""How long the timetable may be silent; it writes once a minute."""
ARRIVES_WITHIN = timedelta(hours=1)
TRIES = 5


class Weight(IntEnum):
    """How much a sign weighs; the heaviest is the exit code."""

    WELL = 0
    LOOK = 1
    TROUBLE = 2


@dataclass(frozen=True, slots=True)
class Sign:
    """One plain sentence about the service, and how much it weighs."""

    weight: Weight
    sentence: str


@dataclass(frozen=True, slots=True)
class Lookout:
    """What looking needs: how far back, whether the channel says what arrived, local time, now."""

    back: timedelta
    receipts: bool
    zone: ZoneInfo
    now: datetime

    def said(self, moment: datetime) -> str:
        """'10:05 today', '10:05 on Mon 23 Nov'."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone).date()
        day = "today" if local.date() == today else f"on {local:%a} {local.day} {local:%b}"
        return f"{local:%H:%M} {day}"

    def is_late(self, due_at: datetime | None) -> bool:
        return due_at is not None and self.now - due_at > LATE


def put_up(
    session: Session,
    number: str,
    programme_ids: Iterable[int],
    *,
    zone: str,
    by: int,
    now: datetime,
) -> int:
    """Enrol our own phone on these programmes. Returns its id as a resident.

    Raises `Invalid` for a number that somebody has, and where no programme is named.
    """
    ids = [one for one in programme_ids if one in programmes.by_id(session, [one])]
    if not ids:
        raise Invalid("Choose a programme, best one that texts every day.")
    if unclaimed.with_number(session, number):
        raise Invalid("Somebody has this number already: use a phone of your own.")
    resident = Resident(
        id=0,
        given_name=NAME,
        family_name="",
        known_as=NAME,
        number=number,
        language=DEFAULT_LANGUAGE,
        zone=zone,
        connector_id=None,
        agreement=AgreementState.GIVEN,
        canary=True,
    )
    agreed = AgreementEvent(AgreementState.GIVEN, now, How.IN_PERSON, AGREED, by)
    today = now.astimezone(ZoneInfo(zone)).date()
    resident_id = enrolment.enrol(session, resident, agreed, ids, on=today, now=now)
    audit.append(session, "own phone put up", "resident", resident_id, by=by, now=now)
    return resident_id


def put_down(session: Session, resident_id: int, *, by: int, now: datetime) -> None:
    """Our own phone gets no texts any more. Raises `Invalid` when it is a resident's."""
    if resident_id not in canary.among(session, [resident_id]):
        raise Invalid("This is not a phone of our own.")
    for programme in programmes.of_resident(session, resident_id):
        enrolment.end(session, resident_id, programme.id, goodbye=False, by=by, now=now)
    audit.append(session, "own phone put down", "resident", resident_id, by=by, now=now)


def look(session: Session, out: Lookout) -> list[Sign]:
    """Everything there is to say, the worst first."""
    signs = [
        *_timetable(session, out),
        *_waiting(session, out),
        *_alarms(session, out),
        *_own_phones(session, out),
    ]
    return sorted(signs, key=lambda sign: -sign.weight)


def _timetable(session: Session, out: Lookout) -> Iterator[Sign]:
    last = heartbeat.last(session)
    if last is None:
        yield Sign(Weight.TROUBLE, "The timetable has never run on these records.")
    elif out.now - last > SILENT:
        yield Sign(
            Weight.TROUBLE,
            f"The timetable or its worker was last heard of at {out.said(last)}: "
            "nothing is planned, sent or read by itself.",
        )
    else:
        yield Sign(Weight.WELL, f"The timetable ran at {out.said(last)}.")


def _waiting(session: Session, out: Lookout) -> Iterator[Sign]:
    pause = switches.pause(session)
    if pause is not None:
        yield Sign(
            Weight.LOOK,
            f"Texts to residents are stopped on purpose since {out.said(pause.at)}.",
        )
    due = [at for at in (check_ins.oldest_due(session), attempts.oldest_due(session)) if at]
    oldest = min(due, default=None)
    if pause is None and oldest is not None and out.is_late(oldest):
        yield Sign(Weight.TROUBLE, f"A text that was due at {out.said(oldest)} has not gone.")
    unread = replies.oldest_unread(session)
    if unread is not None and out.is_late(unread):
        sentence = f"A reply that came at {out.said(unread)} waits to be read by the machine."
        yield Sign(Weight.TROUBLE, sentence)
    count = canary.staff_waiting(session, due_before=out.now - LATE, tries=TRIES)
    if count:
        texts = "1 text to staff does" if count == 1 else f"{count} texts to staff do"
        yield Sign(Weight.TROUBLE, f"{texts} not get through.")


def _alarms(session: Session, out: Lookout) -> Iterator[Sign]:
    for alarm in alarms.now_on(session):
        yield Sign(
            Weight.TROUBLE,
            f"{alarm.kind.words}, since {out.said(alarm.since)}. {alarm.sentence}",
        )


def _own_phones(session: Session, out: Lookout) -> Iterator[Sign]:
    phones = canary.phones(session)
    if not phones:
        yield Sign(
            Weight.LOOK,
            "No phone of our own is enrolled, so nothing shows that texts arrive: "
            "put one up on the page System.",
        )
    for phone in phones:
        yield _own_phone(session, phone, out)


def _own_phone(session: Session, phone: OwnPhone, out: Lookout) -> Sign:
    text = canary.last_text(session, phone.resident_id, since=out.now - out.back, now=out.now)
    if text is not None:
        return _of_text(text, out)
    hours = round(out.back.total_seconds() / 3600)
    following = canary.next_due(session, phone.resident_id, now=out.now)
    if following is None:
        return Sign(
            Weight.TROUBLE,
            f"Nothing was due to our own phone in the last {hours} hours, and nothing is planned.",
        )
    return Sign(
        Weight.WELL,
        f"Nothing was due to our own phone in the last {hours} hours; "
        f"the next text is due at {out.said(following)}.",
    )


def _of_text(text: OwnText, out: Lookout) -> Sign:
    """What became of a text to our own phone."""
    its = f"The text to our own phone, due at {out.said(text.due_at)},"
    if text.state is CheckInState.PLANNED:
        if out.is_late(text.due_at):
            return Sign(Weight.TROUBLE, f"{its} has not gone.")
        return Sign(Weight.WELL, f"{its} is on its way.")
    if text.state in (CheckInState.SKIPPED, CheckInState.EXPIRED):
        return Sign(Weight.TROUBLE, f"{its} was not sent. {text.why}".strip())
    return _of_attempt(its, text, out)


def _of_attempt(its: str, text: OwnText, out: Lookout) -> Sign:
    if text.reached is AttemptState.DELIVERED:
        return Sign(Weight.WELL, f"{its} arrived.")
    if text.reached in (AttemptState.UNDELIVERED, AttemptState.REFUSED, AttemptState.SKIPPED):
        return Sign(Weight.TROUBLE, f"{its} did not arrive.")
    if text.reached in (AttemptState.ACCEPTED, AttemptState.SENT) and not out.receipts:
        return Sign(Weight.WELL, f"{its} left. This channel does not say what arrives.")
    if text.since is not None and out.now - text.since <= ARRIVES_WITHIN:
        return Sign(Weight.WELL, f"{its} is on its way.")
    return Sign(Weight.TROUBLE, f"{its} left us, and nobody says that it arrived.")
