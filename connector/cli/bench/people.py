"""Invented people for measuring: names from a short list, numbers of a country that is nobody's.

Everything follows from an index, so that two runs measure the same. +999 is a country code that
has not been given to any country.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Date, Engine, bindparam, insert, text
from sqlalchemy.orm import Session

from connector.domain.cadence import Cadence, Weekday
from connector.domain.calendar import Calendar
from connector.domain.caps import Cap
from connector.domain.check_in import CheckInState
from connector.domain.consent import AgreementState
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.domain.question import Question, QuestionKind
from connector.domain.reply import Inbound
from connector.domain.resident import Resident
from connector.domain.rota import Member, Role
from connector.domain.texting_rules import MOST_A_DAY, MOST_A_MONTH, MOST_A_WEEK, TextingRules
from connector.domain.usual import Answer, Usual
from connector.services import accounts, inbound
from connector.services.noticing import settings_for
from connector.store import programmes, residents, texting_rules
from connector.store.base import UtcDateTime
from connector.store.tables import CheckInRow, UsualRow

T = TypeVar("T")

SCALE = Question(QuestionKind.SCALE, 0, 10)
PASSWORD = "a-password-for-measuring"  # noqa: S105
EMAIL = "connector@bench.example"
CHUNK = 1000

GIVEN = ("Sara", "Owen", "Amina", "Bronwen", "Jakub", "Mei", "Rhys", "Oluwaseun", "Una", "Carys")
FAMILY = ("Begum", "Hughes", "Okafor", "Kowalski", "Nair", "Walsh", "Chen", "Price", "Ali")
WENT = (
    "went to", "had a nice time at", "walked round", "popped over to", "am off to", "enjoyed",
    "just back from", "met a friend at", "took the bus to", "will be at", "sat in", "helped at",
)  # fmt: skip
PLACES = (
    "the library", "my sister's", "town", "the market", "church", "next door's", "the allotment",
    "bingo", "the park", "my daughter's", "the shops", "choir", "lunch club", "the beach",
    "my brother's", "Swansea", "the bank", "the garden", "the museum",
)  # fmt: skip
ENDINGS = (
    "today thanks", "this morning", "after dinner", "with the dog", "and it rained", "x",
    "lovely weather though", "and it was busy", "not too bad", "see you soon", "good crowd",
    "as usual on a Friday", "for once :)",
)  # fmt: skip
NUMBERS = ("7", "6", "8", "7 thanks", "About a 7 today", "8 out of 10", "a 6 I think", "seven")
WORRYING = (
    "I don't want to be here any more",
    "I had a fall last night and my hip is very sore",
    "can you ring me please, I need to talk to somebody",
    "no food left and no money until friday",
    "I feel so lonely, have not seen anybody for weeks",
)


def number(n: int) -> str:
    """The n-th invented number, as E.164."""
    return f"+999{n:09d}"


def words(n: int) -> str:
    """The n-th reply: one in twenty worries; the other odd ones are numbers, even ones everyday."""
    if n % 20 == 13:
        return worry(n // 20)
    return NUMBERS[n // 2 % len(NUMBERS)] if n % 2 else ordinary(n // 2)


def ordinary(n: int) -> str:
    """The n-th of some thousands of everyday texts."""
    return f"{WENT[n % len(WENT)]} {PLACES[n % len(PLACES)]} {ENDINGS[n % len(ENDINGS)]}"


def worry(n: int) -> str:
    return WORRYING[n % len(WORRYING)]


def a_connector(session: Session) -> int:
    """The one member of staff; returns the id."""
    member = Member(0, "Priya Nair", EMAIL, Role.CONNECTOR, number(0))
    return accounts.add(session, member, PASSWORD)


def a_programme(
    session: Session,
    *,
    name: str = "How are you",
    question: Question = SCALE,
    starts_on: date,
) -> Programme:
    """A check-in every Tuesday and Friday, stored."""
    cadence = Cadence((Weekday.TUE, Weekday.FRI), time(10), starts_on, spread=10)
    wording = {"en": ("Hello {name}, how are things this week, from 0 (bad) to 10 (good)?",)}
    draft = Programme(0, name, ProgrammeKind.CHECK_IN, cadence, one_item(question, wording))
    return programmes.by_id(session, [programmes.add(session, draft)]).popitem()[1]


def text_at_all_hours(session: Session, *, now: datetime) -> None:
    """No closed hour and the widest cap there is, set by hand: it is measured at any time of day.

    What a decision costs is the same, whatever the figures.
    """
    rules = TextingRules(Calendar(sundays=True), Cap(MOST_A_DAY, MOST_A_WEEK, MOST_A_MONTH))
    texting_rules.save(session, rules, edits=0, by=None, now=now)


def let_weeks_pass(session: Session, *, now: datetime) -> None:
    """What was sent so far was sent long ago, so that the same people may be texted again."""
    then = text(
        "UPDATE attempt SET made_at = :then, due_at = :then, marked_at = :then "
        "WHERE made_at > :then AND state <> 'queued'"
    ).bindparams(bindparam("then", type_=UtcDateTime))
    session.execute(then, {"then": now - timedelta(days=60)})


def some_residents(
    session: Session, count: int, connector_id: int | None, *, first: int = 1, now: datetime
) -> list[int]:
    """`count` residents who agreed, with the numbers from `first` on; returns their ids."""
    ids: list[int] = []
    people = (_resident(n, connector_id) for n in range(first, first + count))
    for chunk in _chunks(people):
        ids += residents.add_many(session, chunk, now=now)
    return ids


def _resident(n: int, connector_id: int | None) -> Resident:
    given, family = GIVEN[n % len(GIVEN)], FAMILY[n % len(FAMILY)]
    return Resident(
        0, given, family, given, number(n), "en", "Europe/London", connector_id,
        AgreementState.GIVEN, ("Hard of hearing: let it ring",) if n % 4 == 0 else (),
    )  # fmt: skip


def multiply_residents(engine: Engine, until: int) -> None:
    """Copy residents within the database until there are that many; only the crowd is wanted."""
    columns = (
        "given_name, family_name, known_as, number, number_index, language, zone, connector_id, "
        "agreement, number_dead, needs, created_at"
    )
    copy = text(
        f"INSERT INTO resident ({columns}) SELECT {columns} FROM resident ORDER BY id LIMIT :more"  # noqa: S608
    )
    with engine.execution_options(writes=True).begin() as connection:
        have = connection.scalar(text("SELECT count(*) FROM resident")) or 0
        while 0 < have < until:
            have += connection.execute(copy, {"more": min(have, until - have)}).rowcount


def enrol_everybody(session: Session, programme_id: int, *, on: date) -> None:
    """Every resident is on a programme from `on`, in one statement."""
    enrol = text(
        "INSERT INTO enrolment (resident_id, programme_id, started_on, spread, fresh) "
        "SELECT id, :programme, :day, id % 21 - 10, false FROM resident"
    ).bindparams(bindparam("day", type_=Date))
    session.execute(enrol, {"programme": programme_id, "day": on})


def ask(
    session: Session,
    programme: Programme,
    ids: Iterable[int],
    *,
    on: date,
    state: CheckInState,
    due_at: datetime,
    closes_at: datetime | None = None,
) -> None:
    """A check-in of that day for everybody: planned and due, or sent and awaiting an answer."""
    sent = state is CheckInState.ATTEMPTED
    rows = (
        {
            "resident_id": id_,
            "programme_id": programme.id,
            "occurrence": on,
            "slot": 0,
            "number": 1,
            "due_at": due_at,
            "expires_at": due_at + timedelta(hours=12),
            "state": state.value,
            "why": "",
            "attempted_at": due_at if sent else None,
            "closes_at": closes_at,
        }
        for id_ in ids
    )
    _insert(session, CheckInRow, rows)
    if sent and closes_at is not None:
        _open_first(session, programme, due_at)


def _open_first(session: Session, programme: Programme, asked_at: datetime) -> None:
    """What those check-ins asked, open until its time."""
    opened = text(
        "INSERT INTO asked (check_in_id, resident_id, programme_id, version_id, item, asked_at, "
        "closes_at) SELECT id, resident_id, programme_id, :version, :item, attempted_at, closes_at "
        "FROM check_in WHERE programme_id = :programme AND attempted_at = :asked_at"
    ).bindparams(bindparam("asked_at", type_=UtcDateTime))
    session.flush()
    given = {"version": programme.version_id, "item": programme.items[0].key}
    session.execute(opened, {**given, "programme": programme.id, "asked_at": asked_at})


def give_history(
    session: Session, programme: Programme, ids: Iterable[int], *, until: date
) -> None:
    """Eight weeks of answers around 7 behind everybody, as the running state that is kept."""
    settings = settings_for(programme)
    states = []
    for shift in range(4):
        usual = Usual.start(settings)
        for week in range(8):
            day = until - timedelta(weeks=8 - week)
            answer = Answer(day, (float(6 + (week + shift) % 3),))
            usual, _signals = usual.add(answer, settings, held=False)
        states.append(usual.to_json())
    rows = (
        {
            "resident_id": id_,
            "programme_id": programme.id,
            "usual": states[id_ % len(states)],
            "rhythm": None,
        }
        for id_ in ids
    )
    _insert(session, UsualRow, rows)


def write(session: Session, texts: Iterable[tuple[int, str]], *, batch: str, now: datetime) -> None:
    """Unread replies, each (the number's n, the words), stored as the door stores them."""
    for place, (n, body) in enumerate(texts):
        came = Inbound("twilio", f"SM{batch}{place:08d}", number(n), number(0), body)
        inbound.receive(session, came, now=now)


def _insert(session: Session, row: Any, rows: Iterable[Any]) -> None:
    for chunk in _chunks(rows):
        session.execute(insert(row), chunk)


def _chunks(things: Iterable[T]) -> Iterator[Sequence[T]]:
    left = iter(things)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
