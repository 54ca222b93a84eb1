"""Sending: decided at the last moment, at most once, and nothing after a STOP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connector.domain.attempt import AttemptState, Meaning, Outcome, Outgoing, Result
from connector.domain.check_in import CheckInState
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.programme import ProgrammeKind
from connector.domain.rota import Member
from connector.services import casework, dispatch, receipts
from connector.store import residents
from connector.store.tables import AttemptRow, CheckInRow, ResidentRow
from tests.fakes import arrived, unknown
from tests.makers import Loop, a_member, a_programme, a_resident


def throttled(text: Outgoing) -> Outcome:
    return Outcome(text.attempt_id, Result.THROTTLED, code="20429")


def refused(meaning: Meaning) -> Callable[[Outgoing], Outcome]:
    return lambda text: Outcome(text.attempt_id, Result.REFUSED, code="21000", meaning=meaning)


@pytest.fixture
def priya(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session)


@pytest.fixture
def sara(loop: Loop, priya: Member) -> int:
    """Somebody who is texted every day at ten and has Priya for a connector."""
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        return a_resident(session, programme, connector_id=priya.id, now=loop.clock())


def check_ins(loop: Loop) -> list[CheckInRow]:
    """Those that are no longer merely planned."""
    with loop.wiring.reading() as session:
        rows = session.query(CheckInRow).order_by(CheckInRow.due_at).all()
    return [row for row in rows if row.state != CheckInState.PLANNED.value]


def attempts(loop: Loop) -> list[AttemptRow]:
    with loop.wiring.reading() as session:
        return session.query(AttemptRow).order_by(AttemptRow.made_at).all()


def agree(loop: Loop, who: int, state: AgreementState) -> None:
    with loop.wiring.transaction() as session:
        residents.agree(session, who, AgreementEvent(state, loop.clock(), How.BY_PHONE))


def test_a_text_goes_out_when_it_is_due_with_names_filled_in(loop: Loop, sara: int) -> None:
    assert loop.asks() == 1
    assert loop.channel.bodies == ["Hi Sara, how have things been, 0 to 10? Priya"]
    (attempt,) = attempts(loop)
    assert (attempt.state, attempt.provider_id) == ("accepted", f"SM{attempt.id.hex}")


def test_nothing_goes_out_before_its_time(loop: Loop, sara: int) -> None:
    loop.plan()
    loop.clock.now = loop.clock.now.replace(hour=9, minute=59) + timedelta(days=1)
    assert loop.send() == 0
    loop.clock.forward(minutes=1)
    assert loop.send() == 1


def test_sending_again_sends_nothing_again(loop: Loop, sara: int) -> None:
    loop.asks()
    assert [loop.send() for _ in range(3)] == [0, 0, 0]
    assert len(loop.channel.handed) == 1


def test_a_channel_that_knows_at_once_makes_it_delivered(loop: Loop, sara: int) -> None:
    loop.channel.answer = arrived
    loop.asks()
    assert [attempt.state for attempt in attempts(loop)] == [AttemptState.DELIVERED.value]


def test_an_answer_that_never_came_is_unknown_and_is_not_sent_again(loop: Loop, sara: int) -> None:
    loop.channel.answer = unknown
    loop.asks()
    loop.clock.forward(minutes=30)
    assert loop.send() == 0
    assert [attempt.state for attempt in attempts(loop)] == [AttemptState.UNKNOWN.value]


def test_a_process_that_died_while_sending_leaves_an_unknown_and_no_second_text(
    loop: Loop, sara: int
) -> None:
    loop.plan()
    loop.clock.forward(days=1)
    with loop.wiring.transaction() as session:
        marked = dispatch.prepare(session, channel="fake", limit=10, now=loop.clock())
    loop.clock.forward(minutes=3)
    with loop.wiring.transaction() as session:
        assert receipts.settle(session, now=loop.clock()) == len(marked) == 1
    assert loop.send() == 0
    assert [attempt.state for attempt in attempts(loop)] == [AttemptState.UNKNOWN.value]
    assert "will not be sent again" in AttemptState.UNKNOWN.words


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (AgreementState.PAUSED, "Not sent: texts are paused for this resident."),
        (AgreementState.INVITED, "Not sent: the resident has not agreed to texts yet."),
        (AgreementState.WITHDRAWN, "Not sent: the resident has stopped texts."),
    ],
)
def test_is_skipped_and_says_so(loop: Loop, sara: int, state: AgreementState, why: str) -> None:
    loop.plan()
    agree(loop, sara, state)
    loop.clock.forward(days=1)
    assert loop.send() == 0
    assert [(row.state, row.why) for row in check_ins(loop)] == [("skipped", why)]


def test_after_an_outage_of_days_what_is_too_old_expires_and_says_so(loop: Loop, sara: int) -> None:
    loop.plan()
    loop.clock.forward(days=4)
    assert loop.send() == 1
    assert [row.state for row in check_ins(loop)] == ["expired"] * 3 + ["attempted"]
    assert "too long ago to be worth sending" in check_ins(loop)[0].why


def test_many_that_are_not_sent_do_not_hold_up_those_that_are(loop: Loop, priya: Member) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        for n in range(1, 5):
            paused = AgreementState.PAUSED
            a_resident(session, programme, n=n, now=loop.clock(), state=paused)
        a_resident(session, programme, n=9, now=loop.clock())
    loop.plan()
    loop.clock.forward(days=1)
    sent = [dispatch_batch(loop, 2) for _ in range(4)]
    assert sum(sent) == 1
    assert loop.bodies_to(9) != []


def dispatch_batch(loop: Loop, limit: int) -> int:
    with loop.wiring.transaction() as session:
        outgoing = dispatch.prepare(session, channel="fake", limit=limit, now=loop.clock())
    loop.channel.send(outgoing)
    return len(outgoing)


def test_no_check_in_while_a_connector_is_in_conversation(
    loop: Loop, sara: int, priya: Member
) -> None:
    loop.says("can you ring me please")
    flag = loop.flag(sara)
    assert flag is not None
    with loop.wiring.transaction() as session:
        casework.take(session, flag.id, by=priya, now=loop.clock())
    assert loop.asks() == 0
    assert [row.why for row in check_ins(loop)] == [
        "Not sent: a connector is in conversation with this resident."
    ]


def test_a_throttled_text_waits_and_goes_again_and_only_once(loop: Loop, sara: int) -> None:
    loop.channel.answer = throttled
    loop.asks()
    loop.channel.answer = arrived
    assert [attempt.state for attempt in attempts(loop)] == [AttemptState.QUEUED.value]
    assert loop.send() == 0, "it waits a while first"
    loop.clock.forward(seconds=5)
    assert loop.send() == 1
    first, second = loop.channel.handed
    assert first.attempt_id == second.attempt_id
    assert [(one.state, one.tries) for one in attempts(loop)] == [("delivered", 2)]


def test_a_provider_s_own_wait_is_kept(loop: Loop, sara: int) -> None:
    loop.channel.answer = lambda text: Outcome(text.attempt_id, Result.THROTTLED, retry_after=90.0)
    loop.asks()
    loop.clock.forward(seconds=89)
    assert loop.send() == 0
    loop.clock.forward(seconds=2)
    assert loop.send() == 1


def test_a_throttled_text_that_has_become_too_old_is_not_sent(loop: Loop, sara: int) -> None:
    loop.channel.answer = throttled
    loop.asks()
    loop.clock.forward(hours=6)
    assert loop.send() == 0
    assert [(one.state, one.why) for one in attempts(loop)] == [
        ("skipped", "Not sent: it waited too long to be worth sending.")
    ]


def test_a_throttled_text_does_not_go_out_after_a_stop(loop: Loop, sara: int) -> None:
    loop.channel.answer = throttled
    loop.asks()
    loop.arrives("STOP")
    loop.clock.forward(minutes=1)
    assert loop.send() == 0
    assert [(one.state, one.why) for one in attempts(loop)] == [
        ("skipped", "Not sent: the resident has stopped texts.")
    ]


def test_a_block_at_the_provider_is_a_stop_like_any_other(loop: Loop, sara: int) -> None:
    loop.channel.answer = refused(Meaning.OPTED_OUT)
    loop.asks()
    assert loop.agreement(sara) is AgreementState.WITHDRAWN
    assert loop.kinds(sara) == ["stopped"]
    assert [reason.sentence for reason in loop.reasons(sara)] == [
        "Texts to Sara were stopped by the provider."
    ]
    loop.clock.forward(days=1)
    assert loop.send() == 0


@pytest.mark.parametrize("meaning", [Meaning.NUMBER_DEAD, Meaning.LANDLINE])
def test_a_dead_number_is_for_a_person_and_is_not_texted_again(
    loop: Loop, sara: int, meaning: Meaning
) -> None:
    loop.channel.answer = refused(meaning)
    loop.asks()
    assert loop.kinds(sara) == ["undelivered"]
    assert loop.agreement(sara) is AgreementState.GIVEN
    loop.clock.forward(days=1)
    assert loop.send() == 0
    assert check_ins(loop)[-1].why == "Not sent: texts do not arrive at this number."


def test_a_number_that_answers_is_not_dead(loop: Loop, sara: int) -> None:
    loop.channel.answer = refused(Meaning.NUMBER_DEAD)
    loop.asks()
    loop.channel.answer = arrived
    loop.says("new phone, same number")
    loop.clock.forward(days=1)
    assert loop.send() == 1


@pytest.mark.parametrize("meaning", [Meaning.OUR_SET_UP, Meaning.NOT_KNOWN, Meaning.TOO_LATE])
def test_our_own_trouble_says_nothing_about_a_person(
    loop: Loop, sara: int, meaning: Meaning
) -> None:
    loop.channel.answer = refused(meaning)
    loop.asks()
    assert loop.flag(sara) is None
    assert [one.why for one in attempts(loop)] == [meaning.words_with("21000")]


def test_a_prompt_goes_out_and_awaits_no_answer(loop: Loop, priya: Member) -> None:
    with loop.wiring.transaction() as session:
        wording = {"en": ("Hello {name}, the library is warm today. No need to answer.",)}
        programme = a_programme(session, kind=ProgrammeKind.PROMPT, wording=wording)
        a_resident(session, programme, now=loop.clock())
    assert loop.asks() == 1
    assert [row.closes_at for row in check_ins(loop)] == [None]


def test_the_wording_is_in_the_resident_s_language(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        wording = {"en": ("Hello {name}",), "cy": ("Helo {name}",)}
        programme = a_programme(session, wording=wording)
        a_resident(session, programme, now=loop.clock(), name="Nia", language="cy")
    loop.asks()
    assert loop.channel.bodies == ["Helo Nia"]


def test_costly_look_alikes_are_folded_before_they_leave(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session, wording={"en": ("How’s today – {name}?",)})
        a_resident(session, programme, now=loop.clock())
    loop.asks()
    assert loop.channel.bodies == ["How's today - Sara?"]


def test_backoff_grows_is_bounded_and_differs_between_texts() -> None:
    one, other = UUID(int=1), UUID(int=2)
    waits = [dispatch.backoff(one, tries) for tries in range(1, 12)]
    assert all(timedelta(seconds=1) <= wait <= timedelta(minutes=5) for wait in waits)
    assert waits[0] < waits[3] < waits[7]
    assert dispatch.backoff(one, 3) == dispatch.backoff(one, 3)
    assert dispatch.backoff(one, 3) != dispatch.backoff(other, 3)


@pytest.fixture
def daily(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        return a_programme(session)


EVENTS = st.lists(
    st.sampled_from(
        [
            "a day passes",
            "plan",
            "send",
            "send",
            "read",
            "STOP",
            "Stop.",
            "START",
            "please stop texting me",
            "7",
            "I want to die",
            "throttle",
            "accept",
            "unknown",
        ]
    ),
    min_size=4,
    max_size=14,
)


@hypothesis_settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=EVENTS)
def test_after_stop_nothing_is_handed_to_the_channel_until_start(
    loop: Loop, daily: int, history: list[str]
) -> None:
    with loop.wiring.transaction() as session:
        session.query(CheckInRow).filter(CheckInRow.state == "planned").delete()
        n = 1 + session.query(ResidentRow).count()
        a_resident(session, daily, n=n, now=loop.clock())
    loop.plan()
    loop.channel.answer = arrived
    stopped = False
    for event in history:
        before = len(loop.bodies_to(n))
        live(loop, event, n)
        assert not (stopped and len(loop.bodies_to(n)) > before), (event, history)
        stopped = event in ("STOP", "Stop.") or (stopped and event != "START")


def live(loop: Loop, event: str, n: int) -> None:
    """One event of a history; anything that is no act of ours is a text from the resident."""
    match event:
        case "a day passes":
            loop.clock.forward(days=1)
        case "plan":
            loop.plan()
        case "send":
            loop.send()
        case "read":
            loop.read()
        case "throttle":
            loop.channel.answer = throttled
        case "accept":
            loop.channel.answer = arrived
        case "unknown":
            loop.channel.answer = unknown
        case body:
            loop.arrives(body, n=n)
