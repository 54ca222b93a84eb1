"""Opting out: after a stop nothing is handed over, whatever happens, until the resident's START.

The history of one resident is played at random. Beside the service runs a model of a few lines that
only knows in which order the resident sent what; whenever the channel is handed a text, the model
must agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connector import rounds
from connector.domain.attempt import Found, Meaning, Outcome, Outgoing, Result, Sought
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.phrases import Rulebook
from connector.domain.reply import Inbound, Source
from connector.services import inbound, switch
from connector.store import residents, stops
from connector.store.base import blind_index
from connector.store.tables import AttemptRow, CheckInRow, FlagRow, ProgrammeRow
from connector.wiring import Wiring, build
from tests.conftest import NOON, make_reader, make_settings
from tests.fakes import FakeChannel, FakeClock, SilentDoorbell, accepted, arrived, unknown
from tests.makers import Loop, a_member, a_programme, a_resident, a_text, number

ORDINARY = ("7", "YES", "Thanks, all well", "I want to die", "can you ring me")
IN_WORDS = ("please stop these", "take me off your list", "Stop. Thank you", "sotp")
EXACT = ("STOP", "Stop.", "UNSUBSCRIBE", "quit")
START = ("START", "unstop")
OFTEN_START = st.sampled_from([*START * 3, *ORDINARY, *IN_WORDS, *EXACT])
RESIDENTS = count(1)
TEXTED: list[int] = []
DIED = "the worker died"


def throttled(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.THROTTLED, code="20429")


def opted_out(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.REFUSED, code="21610", meaning=Meaning.OPTED_OUT)


def dies(_text: Outgoing) -> Outcome:
    raise RuntimeError(DIED)


def all_absent(sought: Sequence[Sought]) -> Found:
    return Found(absent=tuple(one.attempt_id for one in sought))


ANSWERS = {
    "accepts": accepted,
    "delivers": arrived,
    "throttles": throttled,
    "is silent": unknown,
    "refuses: 21610": opted_out,
    "kills the worker": dies,
}


class OptingOut(RuleBasedStateMachine):
    """One resident, one number, everything that can happen to them."""

    wiring: Wiring

    def __init__(self) -> None:
        super().__init__()
        self.n = next(RESIDENTS)
        self.clock = FakeClock(NOON + timedelta(days=400 * self.n))
        self.channel = FakeChannel()
        self.channel.capabilities = replace(self.channel.capabilities, lists=True)
        self.channel.finds = all_absent
        self.wiring.channel = self.channel
        self.texts = count(1)
        self.to_read: list[tuple[datetime, str]] = []
        self.stopped_at: datetime | None = None
        self.started_at: datetime | None = None
        self.handed = 0
        with self.wiring.transaction() as session:
            programme = a_programme(
                session,
                name=f"Daily {self.n}",
                starts_on=self.clock().date(),
                timely_for=timedelta(hours=23),
            )
            self.who = a_resident(session, programme, n=self.n, now=self.clock())
        rounds.plan(self.wiring, self.clock)

    def teardown(self) -> None:
        """The next resident has the installation to themselves."""
        TEXTED.append(self.handed)
        with self.wiring.transaction() as session:
            session.query(ProgrammeRow).update({"active": False})
            session.query(CheckInRow).filter(CheckInRow.state == "planned").delete()
            session.query(AttemptRow).filter(AttemptRow.state != "skipped").update(
                {"state": "skipped"}
            )

    # --- the model: what counts is when the resident sent it ---

    def model_stops(self, at: datetime) -> None:
        if self.started_at is None or at >= self.started_at:
            self.stopped_at = max(at, self.stopped_at or at)

    def model_starts(self, at: datetime) -> None:
        self.started_at = max(at, self.started_at or at)
        if self.stopped_at is not None and self.stopped_at <= at:
            self.stopped_at = None

    def sends(self, body: str, at: datetime, source: Source = Source.WEBHOOK) -> None:
        """The resident's text is at the door; an exact word counts at once."""
        text = Inbound("fake", f"SM{self.n}-{next(self.texts)}", number(self.n), "us", body, 0, at)
        with self.wiring.transaction() as session:
            assert inbound.receive(session, text, now=self.clock(), source=source)
        self.to_read.append((at, body))
        if body in EXACT:
            self.model_stops(at)
        elif body in START:
            self.model_starts(at)

    # --- what can happen ---

    @rule(body=OFTEN_START)
    def a_text_comes(self, body: str) -> None:
        self.clock.forward(seconds=1)
        self.sends(body, self.clock())

    @rule(body=OFTEN_START, hours=st.integers(1, 72))
    def a_lost_text_is_recovered(self, body: str, hours: int) -> None:
        self.sends(body, self.clock.forward(seconds=1) - timedelta(hours=hours), Source.RECOVERED)

    @rule()
    def texts_are_read(self) -> None:
        rounds.read(self.wiring, self.clock)
        for at, body in self.to_read:
            if body in IN_WORDS:
                self.model_stops(at)
        self.to_read = []

    @rule(
        answer=st.sampled_from(["throttles", *sorted(ANSWERS)]), hours=st.sampled_from([24, 0, 3])
    )
    def what_is_due_is_sent(self, answer: str, hours: int) -> None:
        self.clock.forward(hours=hours)
        rounds.plan(self.wiring, self.clock)
        self.channel.answer = ANSWERS[answer]
        stopped = self.stopped_at is not None
        with suppress(RuntimeError):
            rounds.send(self.wiring, self.clock)
        new = sum(text.to == number(self.n) for text in self.channel.handed) - self.handed
        self.handed += new
        assert not (stopped and new), "a text was handed over after a stop"
        if new and answer == "refuses: 21610":
            self.model_stops(self.clock())

    @rule(what=st.sampled_from(["finish", "settle", "pause", "close"]))
    def something_else_happens(self, what: str) -> None:
        match what:
            case "settle":
                self.clock.forward(minutes=6)
                rounds.settle(self.wiring, self.clock)
                rounds.settle(self.wiring, self.clock)
            case "finish":
                with self.wiring.transaction() as session:
                    session.query(FlagRow).update({"state": "done"})
            case "pause":
                self.staff_pause_and_lift()
            case "close":
                rounds.close(self.wiring, self.clock)

    def staff_pause_and_lift(self) -> None:
        with self.wiring.transaction() as session:
            switch.stop(session, "a test", by=None, now=self.clock())
        assert rounds.send(self.wiring, self.clock) == 0
        with self.wiring.transaction() as session:
            switch.lift(session, by=None, now=self.clock())

    # --- what is always true ---

    @invariant()
    def the_number_is_stopped_exactly_while_the_model_says_so(self) -> None:
        index = blind_index(number(self.n))
        with self.wiring.reading() as session:
            assert bool(stops.among(session, [index])) is (self.stopped_at is not None)

    @invariant()
    @precondition(lambda self: not self.to_read)
    def the_record_agrees_once_everything_is_read(self) -> None:
        with self.wiring.reading() as session:
            now = residents.get(session, self.who).agreement
            trail = [event.state for event in residents.agreement_history(session, self.who)]
        withdrawn = now is AgreementState.WITHDRAWN
        assert withdrawn is (self.stopped_at is not None)
        assert trail[0] is AgreementState.GIVEN
        assert trail[-1] is now, "the last line of the record is how it stands"
        assert all(one is not other for one, other in pairwise(trail))


@pytest.fixture(scope="module")
def installation(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, rules: Rulebook
) -> Iterator[Wiring]:
    folder = tmp_path_factory.mktemp("opt-out")
    path = folder / "connector.db"
    path.write_bytes(sqlite_template.read_bytes())
    made = build(make_settings(f"sqlite:///{path}", folder), doorbell=SilentDoorbell())
    made.reader = make_reader(made, rules)
    yield made
    made.close()


def test_whatever_happens_nothing_is_handed_over_after_a_stop(installation: Wiring) -> None:
    machine: Any = type("OptingOutHere", (OptingOut,), {"wiring": installation})
    machine.TestCase.settings = hypothesis_settings(
        max_examples=40,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    machine.TestCase().runTest()
    assert sum(TEXTED) > 0, "texts do go out in these histories"


# --- single sentences -------------------------------------------------------------------------


@pytest.fixture
def sara(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        return a_resident(session, a_programme(session), connector_id=priya.id, now=loop.clock())


@pytest.mark.parametrize(
    ("body", "kinds", "sentence"),
    [
        pytest.param("STOP", ["stopped"], "Sara stopped the texts.", id="the very word"),
        *(
            pytest.param(
                body,
                ["stopped"],
                "Sara seems to want no more texts, in their own words. "
                "None goes out now; please ask whether that is right.",
                id=body,
            )
            for body in IN_WORDS
        ),
        pytest.param("HELP", ["asked"], "Sara asked for help.", id="HELP is a plea"),
        pytest.param("INFO", ["asked"], "Sara asked for help.", id="INFO is one too"),
    ],
)
def test_a_person_hears_of_it(
    loop: Loop, sara: int, body: str, kinds: list[str], sentence: str
) -> None:
    loop.asks()
    loop.says(body)
    assert loop.kinds(sara) == kinds
    assert [reason.sentence for reason in loop.reasons(sara)] == [sentence]
    sent = loop.asks()
    assert (sent == 0) is (kinds == ["stopped"]), "HELP stops nothing"


@pytest.mark.parametrize("body", ["YES", "yes please", "7", "thanks", "HELP", "I'm back home"])
def test_only_start_brings_texts_back(loop: Loop, sara: int, body: str) -> None:
    loop.says("STOP")
    loop.says(body)
    assert (loop.asks(), loop.agreement(sara)) == (0, AgreementState.WITHDRAWN)
    loop.says("START")
    assert (loop.asks(), loop.agreement(sara)) == (1, AgreementState.GIVEN)


def test_a_yes_to_a_question_is_an_answer_and_nothing_else(loop: Loop, sara: int) -> None:
    loop.asks()
    loop.says("yes")
    assert loop.agreement(sara) is AgreementState.GIVEN
    with loop.wiring.reading() as session:
        assert len(residents.agreement_history(session, sara)) == 1


def recovered(loop: Loop, body: str, *, hours_ago: float) -> None:
    at = loop.clock() - timedelta(hours=hours_ago)
    text = replace(a_text(body, id_=f"SMlost{body}"), received_at=at)
    with loop.wiring.transaction() as session:
        assert inbound.receive(session, text, now=loop.clock(), source=Source.RECOVERED)
    loop.read()


def test_a_recovered_stop_does_not_undo_the_start_after_it(loop: Loop, sara: int) -> None:
    loop.says("START")
    recovered(loop, "STOP", hours_ago=1)
    assert (loop.asks(), loop.agreement(sara)) == (1, AgreementState.GIVEN)


def test_a_recovered_start_does_not_undo_the_second_of_two_stops(loop: Loop, sara: int) -> None:
    loop.says("STOP")
    loop.clock.forward(hours=2)
    loop.says("STOP")
    recovered(loop, "START", hours_ago=1)
    assert (loop.asks(), loop.agreement(sara)) == (0, AgreementState.WITHDRAWN)


def test_a_recovered_start_does_not_undo_what_was_said_in_person(loop: Loop, sara: int) -> None:
    event = AgreementEvent(AgreementState.WITHDRAWN, loop.clock(), How.IN_PERSON)
    with loop.wiring.transaction() as session:
        residents.agree(session, sara, event)
    recovered(loop, "START", hours_ago=1)
    assert (loop.asks(), loop.agreement(sara)) == (0, AgreementState.WITHDRAWN)


@pytest.mark.parametrize("body", ["STOP", "please stop these"])
def test_a_stop_from_a_shared_phone_holds_for_all_who_share_it(
    loop: Loop, sara: int, body: str
) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session, name="Another")
        a_resident(session, programme, name="Ada", now=loop.clock())
    loop.says(body)
    assert loop.asks() == 0
    assert loop.kinds(sara) == ["stopped"]


def test_a_block_at_the_provider_of_a_number_nobody_is_known_by_is_a_stop(loop: Loop) -> None:
    loop.channel.answer = opted_out
    loop.says("hello?", n=7)
    assert loop.send() == 1, "the one polite answer"
    with loop.wiring.reading() as session:
        assert stops.among(session, [blind_index(number(7))])


def test_whoever_withdrew_is_not_merely_paused_by_a_wrong_number(loop: Loop, sara: int) -> None:
    loop.says("STOP")
    loop.says("you have the wrong number")
    assert loop.agreement(sara) is AgreementState.WITHDRAWN
