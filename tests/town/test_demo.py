"""The demonstration's town: lived in, invented, and the same however often it is filled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from connector import rounds
from connector.domain.attempt import AttemptState, Purpose
from connector.domain.consent import AgreementState
from connector.domain.flag import FlagEventKind, FlagState
from connector.domain.plain_words import Terms, blocks, check
from connector.domain.promise import Promise
from connector.domain.resident import Resident
from connector.domain.word_groups import TextKind
from connector.services import accounts, alerting
from connector.services import programmes as publishing
from connector.services.accounts import DEMO_SIGN_INS
from connector.services.noticing import usual_range
from connector.store import (
    flags,
    programmes,
    reading_list,
    residents,
    staff,
    texting_rules,
    views,
)
from connector.store.base import blind_index
from connector.store.tables import FlagRow
from connector.store.views import Whose
from connector.town import demo
from connector.town.people import NOTES, PEOPLE, WORDS_READ_OUT
from connector.wiring import Wiring, build
from tests.conftest import make_settings
from tests.fakes import FakeClock, SilentDoorbell

TUESDAY_NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ODD_MOMENTS = [
    pytest.param(datetime(2026, 11, 29, 23, 5, tzinfo=UTC), id="Sunday night"),
    pytest.param(datetime(2027, 1, 1, 9, 30, tzinfo=UTC), id="New Year's Day"),
    pytest.param(datetime(2027, 3, 28, 0, 30, tzinfo=UTC), id="half an hour before a clock change"),
]


@dataclass(frozen=True)
class Filled:
    """A filled town and the people in it."""

    wiring: Wiring
    now: datetime
    people: tuple[Resident, ...]

    def by_name(self, known_as: str) -> Resident:
        return next(one for one in self.people if one.known_as == known_as)


def _fill(url: str, folder: Path, now: datetime) -> Filled:
    wiring = build(make_settings(url, folder), doorbell=SilentDoorbell())
    with wiring.transaction() as session:
        demo.fill(session, wiring, now)
    with wiring.reading() as session:
        lines = views.residents(session, limit=100)
        people = tuple(residents.get(session, line.id) for line in lines)
    return Filled(wiring, now, people)


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """One town for all tests that only look, at noon on a Tuesday."""
    folder = tmp_path_factory.mktemp("town")
    path = folder / "connector.db"
    path.write_bytes(sqlite_template.read_bytes())
    filled = _fill(f"sqlite:///{path}", folder, TUESDAY_NOON)
    yield filled
    filled.wiring.close()


def test_the_queue_holds_an_open_flag_of_each_promise(town: Filled) -> None:
    with town.wiring.reading() as session:
        items = views.queue(session, Whose.EVERYONE, 0, now=town.now)
    assert {item.promise for item in items} == set(Promise) - {Promise.NONE}
    assert all(item.sentence for item in items)
    assert [item.name for item in items if item.promise is Promise.NOW] == ["Linda P"]


def test_one_flag_is_taken_by_dan_one_waits_and_some_are_finished_with_notes(town: Filled) -> None:
    with town.wiring.reading() as session:
        found = [flags.get(session, id_) for id_ in session.scalars(select(FlagRow.id))]
        taken = [flag for flag in found if flag.state is FlagState.TAKEN]
        waiting = [flag for flag in found if flag.state is FlagState.WAITING]
        done = [flag for flag in found if flag.state is FlagState.DONE]
        endings = [views.events(session, flag.id)[0] for flag in done]
    assert [flag.owner_name for flag in taken] == ["Dan Okafor"]
    assert len(waiting) == 1
    assert len(done) >= 3
    assert all(ending.kind is FlagEventKind.FINISHED for ending in endings)
    assert all(ending.outcome and ending.note and ending.by_name for ending in endings)


@pytest.mark.parametrize(
    ("known_as", "kind"),
    [
        ("Sara", "below"),
        ("Steve", "sliding"),
        ("Andrea", "quiet"),
        ("Peg", "asked"),
        ("Tommy", "words"),
        ("Linda", "words"),
        ("Amy", "undelivered"),
        ("Christine", "good"),
    ],
)
def test_each_story_is_what_the_service_noticed_by_itself(
    town: Filled, known_as: str, kind: str
) -> None:
    with town.wiring.reading() as session:
        flag_id = views.open_flag_id(session, town.by_name(known_as).id)
        assert flag_id is not None
        kinds = [reason.kind for reason in views.reasons(session, flag_id)]
    assert kind in kinds


def test_a_chart_has_ten_weeks_of_answers_and_a_usual(town: Filled) -> None:
    with town.wiring.reading() as session:
        chart = views.chart(session, town.by_name("Sara").id)
        assert chart is not None
        programme = programmes.by_id(session, [chart.programme_id])[chart.programme_id]
        usual = usual_range(chart.usual, programme)
    answers = [point.answer for point in chart.points if point.answer is not None]
    assert len(answers) >= 10
    assert answers[-1] == 3
    assert usual is not None
    assert 5 < usual[0] <= usual[1] < 9


def test_a_thread_goes_both_ways_and_is_on_the_phone_too(town: Filled) -> None:
    sara = town.by_name("Sara")
    with town.wiring.reading() as session:
        thread = views.thread(session, sara.id)
        phone = views.phone_texts(session, blind_index(sara.number))
    out = [line for line in thread if not line.incoming]
    assert {line.purpose for line in out} == {Purpose.CHECK_IN, Purpose.PROMPT}
    assert {line.state for line in out} == {AttemptState.DELIVERED}
    assert [(line.incoming, line.text) for line in phone] == [
        (line.incoming, line.text) for line in thread
    ]


def test_somebody_in_danger_has_had_the_one_honest_answer(town: Filled) -> None:
    with town.wiring.reading() as session:
        thread = views.thread(session, town.by_name("Linda").id)
    assert [line.text.startswith("Automatic reply") for line in thread[-2:]] == [False, True]
    assert thread[-1].state is AttemptState.DELIVERED


def test_gwen_is_texted_in_welsh_and_danuta_in_polish(town: Filled) -> None:
    with town.wiring.reading() as session:
        gwen = views.thread(session, town.by_name("Gwen").id)
        danuta = views.thread(session, town.by_name("Danuta").id)
    assert all(line.text.startswith("Helo Gwen") for line in gwen if not line.incoming)
    assert all(line.text.startswith("Czesc Danuta") for line in danuta if not line.incoming)
    assert "Interpreter: Polish" in town.by_name("Danuta").needs


def test_everybodys_agreement_says_who_asked_when_and_in_which_words(town: Filled) -> None:
    with town.wiring.reading() as session:
        histories = [residents.agreement_history(session, one.id) for one in town.people]
    assert all(history[0].words and history[0].by_staff for history in histories)
    assert all(event.at <= town.now for history in histories for event in history)
    assert {one.agreement for one in town.people} == set(AgreementState)


def test_every_number_is_from_the_range_for_drama_and_nobody_shares_one(town: Filled) -> None:
    with town.wiring.reading() as session:
        team = staff.members(session)
    numbers = [one.number for one in town.people] + [one.number for one in team if one.number]
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("+447700900") and len(number) == 13 for number in numbers)


def test_the_sign_ins_that_are_printed_open_the_door(town: Filled) -> None:
    assert len(demo.SIGN_INS) == len(DEMO_SIGN_INS)
    for line, sign_in in zip(demo.SIGN_INS, DEMO_SIGN_INS, strict=True):
        role, email, password = line.split()
        with town.wiring.reading() as session:
            account = accounts.check(session, email, password)
        assert account is not None
        assert account.member.role is sign_in.role
        assert role == sign_in.role.value


def test_dan_has_flags_but_no_sign_in(town: Filled) -> None:
    with town.wiring.reading() as session:
        assert accounts.check(session, "dan@demo.example", "") is None


def test_a_second_fill_changes_nothing(town: Filled) -> None:
    with town.wiring.reading() as session:
        before = (views.queue_mark(session), len(views.residents(session, limit=100)))
    with town.wiring.transaction() as session:
        demo.fill(session, town.wiring, town.now + timedelta(days=3))
    with town.wiring.reading() as session:
        assert (views.queue_mark(session), len(views.residents(session, limit=100))) == before


def test_no_words_of_staff_in_the_town_would_be_held_back() -> None:
    notes = [note for several in NOTES.values() for _outcome, note in several]
    needs = [line for person in PEOPLE for line in person.needs]
    for words in (*notes, *needs):
        assert not blocks(check(words, Terms(kind=TextKind.STAFF_NOTE)))
    assert not blocks(check(WORDS_READ_OUT, Terms(kind=TextKind.BY_HAND)))


def test_a_newcomer_sees_texts_arrive_within_minutes_and_no_old_alerts(
    sqlite_url: str, tmp_path: Path
) -> None:
    filled = _fill(sqlite_url, tmp_path, TUESDAY_NOON)
    clock = FakeClock(TUESDAY_NOON)
    assert rounds.send(filled.wiring, clock) == 0
    clock.forward(minutes=1)
    assert rounds.send(filled.wiring, clock) == 1
    clock.forward(minutes=5)
    assert rounds.send(filled.wiring, clock) >= 2
    with filled.wiring.transaction() as session:
        assert alerting.prepare(session, limit=10, now=clock()) == []
    filled.wiring.close()


@pytest.mark.parametrize("now", ODD_MOMENTS)
def test_the_town_is_whole_at_odd_moments_too(
    sqlite_url: str, tmp_path: Path, now: datetime
) -> None:
    filled = _fill(sqlite_url, tmp_path, now)
    with filled.wiring.reading() as session:
        items = views.queue(session, Whose.EVERYONE, 0, now=now)
        threads = [views.thread(session, one.id) for one in filled.people]
    assert {item.promise for item in items} == set(Promise) - {Promise.NONE}
    assert [item.owner_name for item in items if item.owner_name] == ["Dan Okafor"]
    assert all(line.at <= now for thread in threads for line in thread)
    assert rounds.send(filled.wiring, FakeClock(now + timedelta(minutes=1))) >= 1
    filled.wiring.close()


@pytest.mark.postgres
def test_the_town_fills_on_postgres_as_well(postgres_url: str, tmp_path: Path) -> None:
    filled = _fill(postgres_url, tmp_path, TUESDAY_NOON)
    with filled.wiring.reading() as session:
        items = views.queue(session, Whose.EVERYONE, 0, now=TUESDAY_NOON)
    assert {item.promise for item in items} == set(Promise) - {Promise.NONE}
    filled.wiring.close()


def test_a_newcomer_finds_a_few_texts_to_read_and_none_is_late(town: Filled) -> None:
    with town.wiring.reading() as session:
        waiting = reading_list.waiting(session, limit=200)
    assert 3 <= len(waiting) <= 20
    assert all(text.due_at is not None and text.due_at > town.now for text in waiting)
    assert waiting[0].first


def test_whatever_runs_in_the_town_could_be_published_again(town: Filled) -> None:
    """Nobody there reads a language in which their programme has no words."""
    with town.wiring.sessions() as session:  # never committed
        rules = texting_rules.load(session, town.wiring.calendar)
        drafts = [
            publishing.start_draft(session, one.id, by=None, now=town.now)
            for one in programmes.active(session)
        ]
        on = town.now.date()
        problems = {one.id: publishing.problems(session, one, rules, on=on) for one in drafts}
    assert [said for one in problems.values() for said in one] == []
