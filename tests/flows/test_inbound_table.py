"""Texts as residents send them, each with what holds before, what holds after and what goes back.

`inbound_texts.txt` holds the texts under what is so before each ("# asked en": the question of the
day is open, and they read English). The table itself is the snapshot beside this file: a change of
any line is seen there, and is read by a person before it is agreed (pytest --snapshot-update).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from syrupy.assertion import SnapshotAssertion

from connector.domain.attempt import Purpose
from connector.domain.cadence import Weekday
from connector.domain.consent import AgreementState
from connector.domain.question import OPEN
from connector.domain.rota import Member
from connector.domain.steering import AbsenceKind, AbsenceWish
from connector.gateways.wording import FileWording
from connector.services import absences, casework, enrolment
from connector.settings import shipped
from connector.store.base import blind_index
from connector.store.tables import (
    AbsenceRow,
    AttemptRow,
    EnrolmentRow,
    FlagRow,
    ProposalRow,
    ReasonRow,
    ResidentRow,
    StopRow,
)
from tests.makers import SCALE, Loop, a_member, a_programme, a_resident, number

AGREED = Path(__file__).parent / "__snapshots__" / "test_inbound_table.ambr"
TEXTS = Path(__file__).with_name("inbound_texts.txt")
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ASKED_AT = datetime(2026, 11, 24, 10, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    n: int
    state: str
    language: str
    text: str


def rows() -> Iterator[Row]:
    state = language = ""
    for n, line in enumerate(TEXTS.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("# "):
            state, language = line.removeprefix("# ").split()
        else:
            yield Row(n, state, language, line)


ROWS = list(rows())


def enrol_everybody(loop: Loop) -> tuple[dict[int, int], Member]:
    """Everybody of the table, by the number of the row."""
    who = {}
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        made = {
            kind: a_programme(
                session, name=kind, at=time(10), days=(Weekday.TUE,), question=question,
                timely_for=timedelta(hours=1),
            )
            for kind, question in (("Weekly", SCALE), ("Open", OPEN))
        }  # fmt: skip
        for row in ROWS:
            asked = {"open": (made["Open"],), "quiet": ()}.get(row.state, (made["Weekly"],))
            state = AgreementState.INVITED if row.state == "invited" else AgreementState.GIVEN
            who[row.n] = a_resident(
                session, *asked, n=row.n, connector_id=priya.id, now=loop.clock(), state=state,
                language=row.language,
            )  # fmt: skip
            if row.state == "away":
                away = AbsenceWish(AbsenceKind.AWAY, date(2026, 11, 23), date(2026, 12, 7))
                absences.begin(session, who[row.n], away, now=loop.clock())
            elif row.state == "left":
                enrolment.end(
                    session, who[row.n], made["Weekly"], goodbye=False, by=None, now=loop.clock()
                )
    return who, priya


def bring_about(loop: Loop, who: dict[int, int], priya: Member) -> None:
    """What is so before each text: asked at ten, then what happened until noon."""
    loop.plan()
    loop.clock.now = ASKED_AT
    while loop.send():
        pass
    before = {"stopped": "STOP", "in_danger": "I want to die", "talked_to": "can you ring me"}
    for row in ROWS:
        if row.state in before:
            loop.arrives(before[row.state], n=row.n)
    while loop.read():
        pass
    while loop.send():
        pass
    with loop.wiring.transaction() as session:
        for row in ROWS:
            if row.state == "talked_to":
                flag = session.scalars(
                    select(FlagRow.id).where(FlagRow.resident_id == who[row.n])
                ).one()
                casework.take(session, flag, by=priya, now=loop.clock())
    loop.clock.now = NOON


def names_of_answers() -> dict[str, str]:
    """The name of a text of ours by a pattern of its words, which are agreed elsewhere."""
    catalogue = FileWording(shipped("templates") / "sms").catalogue.shipped
    return {
        re.sub(r"\\{[a-z_]+\\}", ".+", re.escape(words[0])): name
        for (_language, name), words in catalogue.items()
    }


def after(loop: Loop, row: Row, id_: int, names: dict[str, str], had: int) -> str:
    """What is so after a text, in one line."""
    with loop.wiring.reading() as session:
        one = session.get_one(ResidentRow, id_)
        said = [AgreementState(one.agreement).value]
        if session.get(StopRow, blind_index(number(row.n))):
            said.append("number stopped")
        said += ["texts held"] if one.doubted_at or one.standing else []
        away = session.scalars(
            select(AbsenceRow).where(AbsenceRow.resident_id == id_, AbsenceRow.ended_at.is_(None))
        ).first()
        if away is not None:
            until = f"until {away.ends_on:%-d %b}" if away.ends_on else "until we hear"
            said.append(f"{away.kind} from {away.starts_on:%-d %b} {until}")
        wishes = session.scalars(select(ProposalRow.own).where(ProposalRow.resident_id == id_))
        said += [f"wish {own}" for own in wishes]
        again = session.scalars(
            select(AttemptRow.due_at).where(
                AttemptRow.resident_id == id_, AttemptRow.purpose == Purpose.AGAIN.value
            )
        ).all()
        said += [f"asked again {at:%a %H:%M}" for at in again]
        reasons = session.execute(
            select(ReasonRow.kind, ReasonRow.promise)
            .join(FlagRow, FlagRow.id == ReasonRow.flag_id)
            .where(FlagRow.resident_id == id_, ReasonRow.at >= NOON)
            .order_by(ReasonRow.id)
        ).all()
        said += [f"{kind} {promise}" for kind, promise in reasons]
        on = session.scalars(
            select(EnrolmentRow.id).where(
                EnrolmentRow.resident_id == id_, EnrolmentRow.ended_on.is_(None)
            )
        ).all()
        said += ["on a programme again"] if on and row.state == "left" else []
    back = [_named(body, names) for body in loop.bodies_to(row.n)[had:]]
    return f"{'; '.join(said)} => {', '.join(back) or '-'}"


def _named(body: str, names: dict[str, str]) -> str:
    return next(name for words, name in names.items() if re.fullmatch(words, body))


@pytest.fixture
def table(loop: Loop) -> list[str]:
    loop.clock.now = MONDAY
    who, priya = enrol_everybody(loop)
    bring_about(loop, who, priya)
    had = {row.n: len(loop.bodies_to(row.n)) for row in ROWS}
    for row in ROWS:
        loop.arrives(row.text, n=row.n)
    while loop.read():
        pass
    while loop.send():
        pass
    names = names_of_answers()
    return [
        f"{row.state} {row.language} | {row.text} | "
        f"{after(loop, row, who[row.n], names, had[row.n])}"
        for row in ROWS
    ]


def test_every_text_of_the_table(table: list[str], loop: Loop, snapshot: SnapshotAssertion) -> None:
    assert len(table) >= 300
    if loop.wiring.settings.is_sqlite:
        assert "\n".join(table) == snapshot(name="table")
    else:
        agreed = [line[2:] for line in AGREED.read_text("utf-8").splitlines() if " => " in line]
        assert table == agreed


def test_no_text_of_the_table_is_answered_twice(table: list[str]) -> None:
    assert [line for line in table if "," in line.rsplit("=> ", 1)[1]] == []


def test_who_stopped_gets_nothing_back_but_for_their_own_start(table: list[str]) -> None:
    stopped = [line for line in table if "number stopped" in line]
    assert stopped
    assert [line for line in stopped if not line.endswith("=> -")] == []
