"""Invented people and programmes, made where a test needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from sqlalchemy.orm import Session

from connector import rounds
from connector.domain.cadence import Cadence, Weekday
from connector.domain.calendar import Calendar
from connector.domain.caps import Cap
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.flag import Flag
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.reply import Inbound
from connector.domain.resident import Resident
from connector.domain.rota import Member, Role
from connector.domain.texting_rules import TextingRules
from connector.services import enrolment, inbound
from connector.store import check_ins, flags, programmes, residents, staff, texting_rules, views
from connector.store.check_ins import Slot
from connector.store.tables import SettingRow
from connector.store.views import ReasonLine, ThreadLine
from connector.wiring import Wiring
from tests.fakes import FakeChannel, FakeClock

SCALE = Question(QuestionKind.SCALE, 0, 10)
EVERY_DAY = tuple(Weekday)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


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
    session: Session,
    *,
    name: str = "Weekly check-in",
    at: time = time(10),
    days: tuple[Weekday, ...] = EVERY_DAY,
    starts_on: date = date(2026, 11, 23),
    question: Question = SCALE,
    kind: ProgrammeKind = ProgrammeKind.CHECK_IN,
    spread: int = 0,
    wording: Mapping[str, tuple[str, ...]] | None = None,
    timely_for: timedelta = timedelta(hours=4),
    answer_within: timedelta = timedelta(days=3),
) -> int:
    return programmes.add(
        session,
        Programme(
            0,
            name,
            kind,
            Cadence(days, at, starts_on, spread=spread),
            one_item(
                question if kind is ProgrammeKind.CHECK_IN else OPEN,
                wording or {"en": ("Hi {name}, how have things been, 0 to 10? {sender}",)},
            ),
            timely_for=timely_for,
            answer_within=answer_within,
        ),
    )


def unset_rules(wiring: Wiring) -> None:
    """Nobody has set any texting rules: the ones that the service came with hold."""
    with wiring.transaction() as session:
        session.query(SettingRow).filter_by(name=texting_rules.NAME).delete()


WIDE = Cap(day=5, week=14, month=56)


def widen_cap(wiring: Wiring) -> None:
    """A wide cap, set by hand: for tests of daily texts that are about something else."""
    with wiring.transaction() as session:
        kept = texting_rules.kept(session, wiring.calendar)
        rules = replace(kept.rules, cap=WIDE)
        texting_rules.save(session, rules, edits=kept.edits, by=None, now=LONG_AGO)


def at_any_hour(wiring: Wiring) -> None:
    """A wide cap and no closed hour, for tests that go by the real clock."""
    with wiring.transaction() as session:
        kept = texting_rules.kept(session, None)
        rules = TextingRules(Calendar(sundays=True), WIDE)
        texting_rules.save(session, rules, edits=kept.edits, by=None, now=LONG_AGO)


def one_planned(
    session: Session, programme_id: int, *, on: date, due_at: datetime, expires_at: datetime
) -> int:
    """One text for everybody who has just joined a programme; how many that is."""
    slot = Slot("Europe/London", "", None, 0, on, 1, due_at, expires_at, clear_since=due_at)
    return check_ins.plan(
        session, programme_id, [slot], revision="", by_joining=False, fresh=True, spaced=True
    )


def a_resident(
    session: Session,
    *programme_ids: int,
    n: int = 1,
    connector_id: int | None = None,
    name: str = "Sara",
    family: str = "Begum",
    now: datetime,
    zone: str = "Europe/London",
    state: AgreementState = AgreementState.GIVEN,
    needs: tuple[str, ...] = (),
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


@dataclass
class Loop:
    """The whole loop in this process: a wiring, a clock and a channel that keeps what it is handed.

    Every step is a real round of the service; only the clock and the phone network are ours.
    """

    wiring: Wiring
    clock: FakeClock
    channel: FakeChannel
    _texts: count[int] = field(default_factory=count)

    def plan(self) -> int:
        return rounds.plan(self.wiring, self.clock)

    def send(self) -> int:
        return rounds.send(self.wiring, self.clock)

    def read(self) -> int:
        return rounds.read(self.wiring, self.clock)

    def tell(self) -> int:
        return rounds.tell(self.wiring, self.clock)

    def close(self) -> int:
        return rounds.close(self.wiring, self.clock)

    def arrives(self, body: str, *, n: int = 1, id_: str = "", media: int = 0) -> bool:
        """A text from resident `n` is at the door; False when it was there before."""
        id_ = id_ or f"SM{next(self._texts)}"
        text = replace(a_text(body, n=n, id_=id_), media=media)
        with self.wiring.transaction() as session:
            return inbound.receive(session, text, now=self.clock())

    def says(self, body: str, *, n: int = 1, media: int = 0) -> None:
        """A text from resident `n` arrives and is read."""
        self.arrives(body, n=n, media=media)
        self.read()

    def asks(self) -> int:
        """A day goes by, and the check-ins that are due then go out."""
        self.plan()
        self.clock.forward(days=1)
        return self.send()

    def flag(self, resident_id: int) -> Flag | None:
        """The open flag of a resident."""
        with self.wiring.reading() as session:
            return flags.lock_open(session, [resident_id]).get(resident_id)

    def reasons(self, resident_id: int) -> list[ReasonLine]:
        """The reasons of a resident's open flag, the newest first; none when there is no flag."""
        flag = self.flag(resident_id)
        with self.wiring.reading() as session:
            return views.reasons(session, flag.id) if flag else []

    def kinds(self, resident_id: int) -> list[str]:
        return [reason.kind for reason in self.reasons(resident_id)]

    def agreement(self, resident_id: int) -> AgreementState:
        with self.wiring.reading() as session:
            return residents.get(session, resident_id).agreement

    def thread(self, resident_id: int) -> list[ThreadLine]:
        with self.wiring.reading() as session:
            return views.thread(session, resident_id)

    def bodies_to(self, n: int) -> list[str]:
        """What the channel was handed for resident `n`."""
        return [text.body for text in self.channel.handed if text.to == number(n)]
