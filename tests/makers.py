"""Invented people and programmes, made where a test needs them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from connector.domain.cadence import Cadence, Weekday
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.programme import Programme, ProgrammeKind
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.reply import Inbound
from connector.domain.resident import Resident
from connector.domain.rota import Member, Role
from connector.services import enrolment
from connector.store import programmes, staff

SCALE = Question(QuestionKind.SCALE, 0, 10)
EVERY_DAY = tuple(Weekday)


def number(n: int) -> str:
    """The n-th of the numbers set aside for drama, as E.164."""
    return f"+447700900{n:03d}"


def a_member(
    session: Session, name: str = "Priya Nair", role: Role = Role.CONNECTOR, *, n: int = 900
) -> Member:
    email = f"{name.split()[0].lower()}@example.org"
    member = Member(0, name, email, role, number(n))
    id_ = staff.add(session, member, password_hash="none", session_key="none")
    return Member(id_, name, email, role, number(n))


def a_programme(
    session: Session, *, name: str = "Weekly check-in", at: time = time(10),
    days: tuple[Weekday, ...] = EVERY_DAY, starts_on: date = date(2026, 11, 23),
    question: Question = SCALE, kind: ProgrammeKind = ProgrammeKind.CHECK_IN, spread: int = 0,
    wording: dict[str, tuple[str, ...]] | None = None,
    timely_for: timedelta = timedelta(hours=4), answer_within: timedelta = timedelta(days=3),
) -> int:
    return programmes.add(
        session,
        Programme(
            0, name, kind, Cadence(days, at, starts_on, spread=spread),
            question if kind is ProgrammeKind.CHECK_IN else OPEN,
            wording or {"en": ("Hi {name}, how have things been, 0 to 10? {sender}",)},
            timely_for, answer_within,
        ),
    )


def a_resident(
    session: Session, *programme_ids: int, n: int = 1, connector_id: int | None = None,
    name: str = "Sara", family: str = "Begum", now: datetime, zone: str = "Europe/London",
    state: AgreementState = AgreementState.GIVEN, needs: tuple[str, ...] = (),
    language: str = "en",
) -> int:
    resident = Resident(
        0, name, family, name, number(n), language, zone, connector_id, state, needs
    )
    event = AgreementEvent(state, now, How.IN_PERSON, "May we text you once a week?", connector_id)
    return enrolment.enrol(
        session, resident, event, programme_ids, on=now.date() - timedelta(days=1), now=now
    )


def a_text(body: str, *, n: int = 1, id_: str = "SM1", channel: str = "simulator") -> Inbound:
    return Inbound(channel, id_, number(n), "service", body)
