"""Lists of people: nothing half done, nobody twice, and the whole of it undone again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from connector import rounds
from connector.domain.consent import AgreementState
from connector.domain.errors import Invalid, Refused
from connector.domain.import_rows import Column
from connector.domain.resident import ContactBy
from connector.domain.rota import Role
from connector.gateways import sheets
from connector.services import importing
from connector.services.enrolment import Speech
from connector.services.importing import CHANGED_SINCE, IN_TOUCH, Choices
from connector.store import imports, programmes, residents
from connector.store.imports import Batch, Row
from connector.store.tables import AgreementRow, AttemptRow, AuditRow, EnrolmentRow, ResidentRow
from connector.wiring import Wiring
from tests.fakes import FakeClock
from tests.makers import Loop, a_member, a_programme, a_resident

HEAD = "First name,Surname,Mobile,Language,Likes,Reference"
ADA = "Ada,Begum,07700 900001,English,Gardens,A1"
BEN = "Ben,Okoro,07700 900002,Welsh,Football,A2"
CAL = "Cal,Price,020 7946 0123,,,A3"


class Desk:
    """Somebody who brings lists in, and the worker behind them."""

    def __init__(self, wiring: Wiring, clock: FakeClock) -> None:
        self.wiring, self.clock = wiring, clock
        with wiring.transaction() as session:
            self.by = a_member(session, "Morag Bell", Role.COORDINATOR).id

    def bring(self, *lines: str) -> int:
        sheet = sheets.read("\n".join(lines).encode())
        with self.wiring.transaction() as session:
            return importing.bring(
                session,
                file_name="list.csv",
                lines=sheet.lines,
                notes=sheet.notes,
                by=self.by,
                now=self.clock(),
            )

    def check(self, batch_id: int, choices: Choices | None = None) -> Batch:
        with self.wiring.transaction() as session:
            found = importing.match_of(imports.get(session, batch_id))
            importing.check(session, batch_id, found, choices or Choices())
        return self.work(batch_id)

    def checked(self, *lines: str, choices: Choices | None = None) -> int:
        batch_id = self.bring(*lines)
        self.check(batch_id, choices)
        return batch_id

    def do(self, batch_id: int) -> Batch:
        with self.wiring.transaction() as session:
            importing.start(session, batch_id, by=self.by, now=self.clock())
        return self.work(batch_id)

    def done(self, *lines: str, choices: Choices | None = None) -> int:
        batch_id = self.checked(*lines, choices=choices)
        self.do(batch_id)
        return batch_id

    def undo(self, batch_id: int) -> Batch:
        with self.wiring.transaction() as session:
            importing.undo(session, batch_id, by=self.by, now=self.clock())
        return self.work(batch_id)

    def work(self, batch_id: int) -> Batch:
        rounds.bring_in(self.wiring, self.clock)
        return self.batch(batch_id)

    def batch(self, batch_id: int) -> Batch:
        with self.wiring.reading() as session:
            return imports.get(session, batch_id)

    def lines(self, batch_id: int) -> list[Row]:
        with self.wiring.reading() as session:
            return imports.first_lines(session, batch_id, limit=1000)

    def people(self) -> list[tuple[str, ...]]:
        with self.wiring.reading() as session:
            rows = session.query(ResidentRow).order_by(ResidentRow.id)
            return [
                (row.given_name, row.family_name, row.number, row.contact_by, row.language)
                for row in rows
            ]

    def count(self, row: type) -> int:
        with self.wiring.reading() as session:
            return session.query(row).count()


@pytest.fixture
def desk(wiring: Wiring, clock: FakeClock) -> Desk:
    return Desk(wiring, clock)


def test_a_list_is_checked_with_nothing_changed(desk: Desk) -> None:
    batch_id = desk.checked(HEAD, ADA, BEN, CAL, ",,07700 900003,,,")
    batch = desk.batch(batch_id)
    assert batch.state == "checked"
    assert batch.counts == {"add": 3, "leave": 1}
    assert desk.people() == []
    last = desk.lines(batch_id)[-1]
    assert (last.line, last.act) == (5, "leave")
    assert last.problems[0].startswith("The name is missing")


def test_people_come_in_invited_and_nobody_is_texted(desk: Desk, loop: Loop) -> None:
    with desk.wiring.transaction() as session:
        weekly = a_programme(session)
    batch = desk.batch(desk.done(HEAD, ADA, BEN, CAL, choices=Choices((weekly,), desk.by)))
    assert (batch.state, batch.done) == ("done", 3)
    assert desk.people() == [
        ("Ada", "Begum", "+447700900001", "text", "en"),
        ("Ben", "Okoro", "+447700900002", "text", "cy"),
        ("Cal", "Price", "+442079460123", "call", "en"),
    ]
    with desk.wiring.reading() as session:
        rows = session.query(ResidentRow).all()
        assert {row.agreement for row in rows} == {"invited"}
        assert {row.connector_id for row in rows} == {desk.by}
        assert all(row.name_index for row in rows)
        assert session.query(EnrolmentRow).count() == 3
    desk.clock.forward(days=2)
    rounds.plan(desk.wiring, desk.clock)
    rounds.send(desk.wiring, desk.clock)
    assert loop.channel.handed == []
    with desk.wiring.reading() as session:
        acts = [row.act for row in session.query(AuditRow).filter_by(subject="resident")]
    assert acts == ["brought in by a list"] * 3


def test_the_same_list_again_doubles_nobody(desk: Desk) -> None:
    desk.done(HEAD, ADA, BEN, CAL)
    again = desk.checked(HEAD, ADA, BEN, CAL)
    assert desk.batch(again).counts == {"same": 3}
    with desk.wiring.transaction() as session, pytest.raises(Refused, match="nothing in this list"):
        importing.start(session, again, by=desk.by, now=desk.clock())
    assert len(desk.people()) == 3


def test_a_changed_line_updates_and_an_empty_cell_wipes_nothing(desk: Desk) -> None:
    desk.done(HEAD, ADA, BEN)
    changed = desk.done(HEAD, "Ada,Begum,07700 900001,Polish,,", BEN)
    assert desk.batch(changed).counts == {"update": 1, "same": 1}
    with desk.wiring.reading() as session:
        ada = residents.get(session, desk.lines(changed)[0].resident_id or 0)
    assert (ada.language, ada.likes) == ("pl", ("Gardens",))


def test_a_reference_finds_somebody_whose_name_has_changed(desk: Desk) -> None:
    desk.done(HEAD, ADA)
    desk.done(HEAD, "Adaeze,Okafor,07700 900001,,,a1")
    assert [person[:2] for person in desk.people()] == [("Adaeze", "Okafor")]


def test_a_new_number_in_a_list_never_replaces_the_one_we_have(desk: Desk) -> None:
    desk.done(HEAD, ADA)
    batch_id = desk.checked(HEAD, "Ada,Begum,07700 900009,,Cards,A1")
    line = desk.lines(batch_id)[0]
    assert line.act == "update"
    assert line.notes[0].startswith("We have another number")
    desk.do(batch_id)
    assert desk.people()[0][2] == "+447700900001"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param((ADA, ADA), "The same person stands on line 2 already.", id="same person"),
        pytest.param(
            (ADA, "Ben,Okoro,07700 900001,,,A2"),
            "The same number stands on line 2 for somebody else",
            id="same number",
        ),
        pytest.param(
            (ADA, "Ada,Begum,07700 900008,,,A1"),
            "The same person stands on line 2 already.",
            id="same reference",
        ),
    ],
)
def test_what_stands_twice_in_a_list_is_said_with_its_line(
    desk: Desk, lines: Sequence[str], words: str
) -> None:
    batch_id = desk.checked(HEAD, *lines)
    first, second = desk.lines(batch_id)
    assert (first.act, second.act) == ("add", "leave")
    assert second.problems[0].startswith(words)


def test_what_stands_twice_is_found_across_steps(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "LIST_BATCH", 1)
    batch_id = desk.checked(HEAD, ADA, BEN, ADA)
    assert [line.act for line in desk.lines(batch_id)] == ["add", "add", "leave"]


def test_a_shared_phone_is_let_in_when_both_lines_say_so(desk: Desk) -> None:
    head = "First name,Surname,Mobile,Shared phone"
    both = ("Ada,Begum,07700 900001,yes", "Ben,Begum,07700 900001,yes")
    assert desk.batch(desk.done(head, *both)).counts == {"add": 2}
    assert desk.batch(desk.checked(head, *both)).counts == {"same": 2}


def test_a_number_that_is_here_for_somebody_else_is_left_out(desk: Desk) -> None:
    desk.done(HEAD, ADA)
    batch_id = desk.checked(HEAD, "Zoltan,Varga,07700 900001,,,")
    assert desk.lines(batch_id)[0].problems[0].startswith("The number is here already")


def test_a_stopped_number_is_said(desk: Desk, loop: Loop) -> None:
    loop.says("STOP", n=1)
    line = desk.lines(desk.checked(HEAD, ADA))[0]
    assert line.act == "add"
    assert "This number has said STOP; no text goes to it." in line.notes


def test_somebody_who_stopped_is_not_brought_back_by_a_list(desk: Desk, loop: Loop) -> None:
    with desk.wiring.transaction() as session:
        who = a_resident(session, n=1, name="Ada", now=desk.clock(), state=AgreementState.WITHDRAWN)
    desk.done(HEAD, ADA)
    with desk.wiring.reading() as session:
        assert residents.get(session, who).agreement is AgreementState.WITHDRAWN
        assert residents.get(session, who).likes == ("Gardens",)


def test_whoever_left_a_programme_is_not_put_back_on_it(desk: Desk) -> None:
    with desk.wiring.transaction() as session:
        weekly = a_programme(session)
        who = a_resident(session, weekly, n=1, name="Ada", now=desk.clock())
        programmes.end(session, weekly, [who], on=desk.clock().date())
    desk.done(HEAD, ADA, choices=Choices((weekly,)))
    with desk.wiring.reading() as session:
        assert session.query(EnrolmentRow).one().ended_on is not None


class Words:
    """Fixed texts that show what they were filled with."""

    def text(self, language: str, name: str, number: int = 1) -> str:  # noqa: ARG002
        return f"{name} in {language} for {{name}} from {{sender}}. Text Y"


def send_welcomes(desk: Desk, batch_id: int, most: int = 50) -> int:
    with desk.wiring.transaction() as session:
        return importing.welcome(
            session,
            batch_id,
            Speech(Words(), desk.wiring.hours, "fake"),
            most=most,
            calendar=desk.wiring.calendar,
            zone="Europe/London",
            by=desk.by,
            now=desk.clock(),
        )


def test_the_welcome_goes_by_a_press_of_its_own_to_each_once(desk: Desk, loop: Loop) -> None:
    batch_id = desk.done(HEAD, ADA, BEN, CAL, choices=Choices(connector_id=desk.by))
    assert send_welcomes(desk, batch_id, most=1) == 1
    assert send_welcomes(desk, batch_id) == 1
    assert send_welcomes(desk, batch_id) == 0
    rounds.send(desk.wiring, desk.clock)
    assert sorted(text.body for text in loop.channel.handed) == [
        "welcome in cy for Ben from Morag. Text Y",
        "welcome in en for Ada from Morag. Text Y",
    ]
    desk.undo(batch_id)
    assert [person[0] for person in desk.people()] == ["Ada", "Ben"]


def test_on_a_shared_phone_one_person_is_asked_a_day(desk: Desk) -> None:
    head = "First name,Surname,Mobile,Shared phone"
    batch_id = desk.done(head, "Ada,Begum,07700 900001,yes", "Ben,Begum,07700 900001,yes")
    assert [send_welcomes(desk, batch_id) for _press in range(2)] == [1, 0]
    desk.clock.forward(days=1, minutes=1)
    assert send_welcomes(desk, batch_id) == 1


def test_no_welcome_goes_at_night_or_to_a_stopped_number(desk: Desk, loop: Loop) -> None:
    loop.says("STOP", n=1)
    batch_id = desk.done(HEAD, ADA, BEN)
    desk.clock.forward(hours=11)
    with pytest.raises(Invalid, match="No text goes out then"):
        send_welcomes(desk, batch_id)
    desk.clock.forward(hours=12)
    assert send_welcomes(desk, batch_id) == 1


def test_whoever_is_rung_waits_to_be_asked_unless_they_had_agreed(desk: Desk) -> None:
    batch_id = desk.done(HEAD, CAL)
    with desk.wiring.reading() as session:
        many, first = imports.to_ask(session, batch_id, limit=5)
        assert (many, first[0].line) == (1, 2)
    desk.undo(batch_id)
    batch_id = desk.done(HEAD, ADA, CAL, choices=Choices(called_agreed=True))
    with desk.wiring.reading() as session:
        assert imports.to_ask(session, batch_id, limit=5) == (0, [])
        found = [(row.state, row.how, row.by_staff) for row in session.query(AgreementRow)]
        states = [row.agreement for row in session.query(ResidentRow).order_by(ResidentRow.id)]
    assert (found, states) == ([("given", "on_a_list", desk.by)], ["invited", "given"])
    desk.undo(batch_id)
    assert (desk.people(), desk.count(AgreementRow)) == ([], 0)


def test_a_list_is_done_once(desk: Desk) -> None:
    batch_id = desk.done(HEAD, ADA)
    with desk.wiring.transaction() as session, pytest.raises(Refused, match="already"):
        importing.start(session, batch_id, by=desk.by, now=desk.clock())


def test_a_worker_that_dies_at_any_step_leaves_every_line_done_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "LIST_BATCH", 3)
    people = [f"Ada{chr(97 + n)},Begum,07700 9001{n:02d},,," for n in range(10)]
    batch_id = desk.checked(HEAD, *people)
    with desk.wiring.transaction() as session:
        importing.start(session, batch_id, by=desk.by, now=desk.clock())

    class Killed(Exception): ...

    real, times = imports.write, iter(range(100))

    def dies(*given: object, **more: object) -> None:
        real(*given, **more)  # type: ignore[arg-type]
        if next(times) in (1, 2):
            raise Killed

    monkeypatch.setattr(imports, "write", dies)
    for _death in range(2):
        with pytest.raises(Killed):
            rounds.bring_in(desk.wiring, desk.clock)
        assert len(desk.people()) == desk.batch(batch_id).done == 3
    assert desk.work(batch_id).state == "done"
    assert len(desk.people()) == 10
    assert len({person[2] for person in desk.people()}) == 10


def test_undo_takes_out_who_came_and_puts_back_what_was_changed(desk: Desk) -> None:
    with desk.wiring.transaction() as session:
        weekly = a_programme(session)
    desk.done(HEAD, ADA, "Dee,Hale,07700 900004,,,A4")
    before = desk.people()
    batch_id = desk.done(
        HEAD,
        "Ada,Begum,07700 900001,Polish,Cards;Tea,A1",
        BEN,
        CAL,
        choices=Choices((weekly,)),
    )
    rounds.plan(desk.wiring, desk.clock)
    assert len(desk.people()) == 4
    assert desk.undo(batch_id).state == "undone"
    assert desk.people() == before
    assert desk.count(EnrolmentRow) == 0
    assert {line.act for line in desk.lines(batch_id)} == {"add", "update"}
    with desk.wiring.reading() as session:
        ada = session.query(ResidentRow).order_by(ResidentRow.id).first()
        assert ada is not None
        assert ada.likes == "Gardens"


def test_undo_leaves_whom_somebody_has_been_in_touch_with(desk: Desk, loop: Loop) -> None:
    batch_id = desk.done(HEAD, ADA, BEN)
    loop.says("hello there", n=1)
    desk.undo(batch_id)
    assert [person[0] for person in desk.people()] == ["Ada"]
    ada, ben = desk.lines(batch_id)
    assert (ada.act, ada.problems) == ("stayed", (IN_TOUCH,))
    assert (ben.act, ben.resident_id) == ("add", None)


def test_undo_leaves_what_was_changed_since(desk: Desk) -> None:
    desk.done(HEAD, ADA)
    batch_id = desk.done(HEAD, "Ada,Begum,07700 900001,Polish,Cards,A1", BEN)
    with desk.wiring.transaction() as session:
        ada, ben = (residents.get(session, line.resident_id or 0) for line in desk.lines(batch_id))
        residents.change_many(
            session,
            [
                type(ada)(**{**_values(ada), "language": "ar"}),
                type(ben)(**{**_values(ben), "contact_by": ContactBy.VISIT}),
            ],
        )
    desk.undo(batch_id)
    assert [line.problems for line in desk.lines(batch_id)] == [(CHANGED_SINCE,)] * 2
    with desk.wiring.reading() as session:
        ada, ben = (residents.get(session, line.resident_id or 0) for line in desk.lines(batch_id))
    assert (ada.language, ada.likes) == ("ar", ("Gardens",))
    assert ben.contact_by is ContactBy.VISIT


def test_undo_lets_go_of_a_welcome_that_has_not_gone(desk: Desk) -> None:
    batch_id = desk.done(HEAD, ADA)
    with desk.wiring.transaction() as session:
        now = desk.clock()
        session.add(
            AttemptRow(
                id=uuid4(),
                resident_id=desk.lines(batch_id)[0].resident_id,
                purpose="notice",
                state="queued",
                body="Hello",
                made_at=now,
                due_at=now + timedelta(hours=1),
                not_after=now + timedelta(hours=2),
            )
        )
    desk.undo(batch_id)
    assert (desk.people(), desk.count(AttemptRow)) == ([], 0)


def test_undo_while_it_comes_in_takes_back_what_came(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = desk.checked(HEAD, ADA, BEN, CAL)
    with desk.wiring.transaction() as session:
        importing.start(session, batch_id, by=desk.by, now=desk.clock())
    with desk.wiring.transaction() as session:
        importing.step(session, limit=2, drama=True, zone="Europe/London", now=desk.clock())
    assert len(desk.people()) == 2
    assert desk.undo(batch_id).state == "undone"
    assert desk.people() == []


def test_an_undone_list_can_come_in_again(desk: Desk) -> None:
    desk.undo(desk.done(HEAD, ADA))
    desk.done(HEAD, ADA)
    assert len(desk.people()) == 1


def test_a_match_without_names_is_refused_in_words(desk: Desk) -> None:
    batch_id = desk.bring("a,b", "Ada,07700900001")
    with desk.wiring.transaction() as session, pytest.raises(Invalid, match="holds the names"):
        importing.check(session, batch_id, {Column.NUMBER: 1}, Choices())


def test_a_list_with_headings_only_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid, match="nobody on the list"):
        desk.bring(HEAD)


def test_what_a_list_that_is_put_away_said_of_people_is_deleted(desk: Desk) -> None:
    batch_id = desk.checked(HEAD, ADA)
    with desk.wiring.transaction() as session:
        importing.put_away(session, batch_id, by=desk.by, now=desk.clock())
    assert desk.lines(batch_id) == []
    assert desk.batch(batch_id).state == "dropped"


def _values(resident: object) -> dict[str, object]:
    return {name: getattr(resident, name) for name in type(resident).__slots__}  # type: ignore[attr-defined]
