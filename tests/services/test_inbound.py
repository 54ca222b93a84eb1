"""A text at the door: stored first and once; a STOP takes effect in the same breath."""

from __future__ import annotations

import pytest

from connector.domain.consent import AgreementState
from connector.services import inbound
from connector.services.jobs import Job
from connector.store import stops
from connector.store.base import blind_index
from connector.store.tables import AgreementRow, CheckInRow, ReplyRow
from tests.fakes import SilentDoorbell
from tests.makers import Loop, a_member, a_programme, a_resident, a_text, number


@pytest.fixture
def sara(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        programme = a_programme(session)
        return a_resident(session, programme, connector_id=priya.id, now=loop.clock())


def is_stopped(loop: Loop, n: int = 1) -> bool:
    index = blind_index(number(n))
    with loop.wiring.reading() as session:
        return stops.among(session, [index]) == {index}


@pytest.mark.parametrize(
    "body",
    [
        "STOP",
        "stop",
        " Stop. ",
        "STOPALL",
        "UNSUBSCRIBE",
        "End",
        "QUIT",
        "cancel",
        "REVOKE",
        "OPTOUT",
    ],
)
def test_a_stop_word_takes_effect_before_anybody_has_read_it(loop: Loop, body: str) -> None:
    assert loop.arrives(body)
    assert is_stopped(loop)


@pytest.mark.parametrize(
    "body",
    ["I can't stop crying", "please stop texting me", "I want it to end", "7", "YES", ""],
)
def test_anything_else_is_only_stored_at_the_door(loop: Loop, body: str) -> None:
    assert loop.arrives(body)
    assert not is_stopped(loop)


def test_a_stop_and_its_text_are_stored_together_or_not_at_all(loop: Loop) -> None:
    def fail_at_the_end() -> None:
        with loop.wiring.transaction() as session:
            inbound.receive(session, a_text("STOP"), now=loop.clock())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_at_the_end()
    with loop.wiring.reading() as session:
        assert session.query(ReplyRow).count() == 0
    assert not is_stopped(loop)


def test_a_repeated_text_is_stored_once_and_changes_nothing(loop: Loop) -> None:
    kept = [loop.arrives("STOP", id_="SM1"), loop.arrives("START", id_="SM2")]
    repeated = loop.arrives("STOP", id_="SM1")
    assert (kept, repeated) == ([True, True], False)
    assert not is_stopped(loop), "a STOP from before the START does not count again"


def test_a_new_text_rings_for_a_reader_and_a_repeated_one_does_not(loop: Loop) -> None:
    doorbell = loop.wiring.doorbell
    assert isinstance(doorbell, SilentDoorbell)
    loop.arrives("7", id_="SM1")
    loop.arrives("7", id_="SM1")
    assert doorbell.rung == [Job.TRIAGE]


def test_the_door_stores_in_one_statement_what_is_plain(loop: Loop) -> None:
    assert inbound.is_plain(a_text("7"))
    assert not inbound.is_plain(a_text("Stop"))
    assert not inbound.is_plain(a_text("START"))
    with loop.wiring.one_statement() as session:
        assert inbound.receive(session, a_text("7"), now=loop.clock())
    with loop.wiring.reading() as session:
        assert [row.body for row in session.query(ReplyRow)] == ["7"]


def test_a_stop_is_noted_in_the_agreement_and_asks_for_a_person(loop: Loop, sara: int) -> None:
    loop.says("STOP")
    assert loop.agreement(sara) is AgreementState.WITHDRAWN
    assert loop.kinds(sara) == ["stopped"]
    with loop.wiring.reading() as session:
        how = [row.how for row in session.query(AgreementRow).order_by(AgreementRow.id)]
    assert how == ["in_person", "by_text"]


def test_what_was_planned_is_taken_back_with_a_sentence(loop: Loop, sara: int) -> None:
    loop.plan()
    loop.says("STOP")
    with loop.wiring.reading() as session:
        rows = session.query(CheckInRow).all()
    assert {(row.state, row.why) for row in rows} == {
        ("skipped", "Not sent: the resident has stopped texts.")
    }


def test_words_that_ask_to_stop_take_effect_when_they_are_read(loop: Loop, sara: int) -> None:
    loop.says("please stop texting me")
    assert is_stopped(loop)
    assert loop.agreement(sara) is AgreementState.WITHDRAWN
    assert loop.kinds(sara) == ["stopped"]
    assert loop.asks() == 0


def test_an_ordinary_reply_after_a_stop_does_not_bring_texts_back(loop: Loop, sara: int) -> None:
    loop.says("STOP")
    loop.says("thanks for everything")
    assert loop.agreement(sara) is AgreementState.WITHDRAWN
    assert loop.asks() == 0


def test_only_their_own_start_brings_texts_back_and_from_the_next_one_on(
    loop: Loop, sara: int
) -> None:
    loop.plan()
    loop.says("STOP")
    loop.clock.forward(hours=1)
    loop.says("START")
    assert not is_stopped(loop)
    assert loop.agreement(sara) is AgreementState.GIVEN
    assert loop.asks() == 1


@pytest.mark.parametrize(
    ("bodies", "state"),
    [
        pytest.param(["STOP", "START"], AgreementState.GIVEN, id="stop, then start"),
        pytest.param(["STOP", "START", "STOP"], AgreementState.WITHDRAWN, id="and stop again"),
        pytest.param(["START", "STOP"], AgreementState.WITHDRAWN, id="start, then stop"),
        pytest.param(
            ["please stop texting me", "START"], AgreementState.GIVEN, id="in words, then start"
        ),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["read together", "read one by one"])
def test_of_several_the_last_one_counts(
    loop: Loop, sara: int, bodies: list[str], state: AgreementState, together: bool
) -> None:
    for body in bodies:
        loop.clock.forward(seconds=1)
        loop.arrives(body)
        if not together:
            loop.read()
    loop.read()
    assert loop.agreement(sara) is state
    assert is_stopped(loop) is (state is AgreementState.WITHDRAWN)
    assert (loop.asks() == 1) is (state is AgreementState.GIVEN)


@pytest.mark.parametrize("together", [True, False], ids=["read together", "read one by one"])
def test_somebody_who_comes_back_and_leaves_again_has_left(
    loop: Loop, sara: int, together: bool
) -> None:
    loop.says("STOP")
    test_of_several_the_last_one_counts(
        loop, sara, ["START", "STOP"], AgreementState.WITHDRAWN, together
    )


def test_a_stop_at_the_door_is_not_lifted_by_an_earlier_start_that_is_read_later(
    loop: Loop, sara: int
) -> None:
    loop.arrives("START")
    loop.clock.forward(seconds=1)
    loop.arrives("STOP")
    with loop.wiring.transaction() as session:
        only_the_first = session.query(ReplyRow).order_by(ReplyRow.id.desc()).first()
        assert only_the_first is not None
        only_the_first.read_at = loop.clock()
    loop.read()
    assert is_stopped(loop)


def test_a_wrong_number_holds_the_texts(loop: Loop, sara: int) -> None:
    loop.says("wrong number mate")
    assert loop.agreement(sara) is AgreementState.GIVEN, "nobody has taken it back"
    assert loop.kinds(sara) == ["wrong"]
    assert loop.send() == 1, "the neutral question"
    assert loop.asks() == 0


def test_somebody_who_was_asked_agrees_with_a_start(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        state = AgreementState.INVITED
        who = a_resident(session, a_programme(session), now=loop.clock(), state=state)
    loop.says("START")
    assert loop.agreement(who) is AgreementState.GIVEN
    assert loop.asks() == 1
