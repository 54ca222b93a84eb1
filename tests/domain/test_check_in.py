"""The decision at the moment of sending: every sentence that a resident is not texted for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.check_in import (
    INSTEAD,
    REMINDER,
    SEND,
    CheckIn,
    Expire,
    Meet,
    Send,
    Skip,
    Standing,
    decide,
)
from connector.domain.consent import AgreementState
from connector.domain.mark import Mark
from connector.domain.resident import ContactBy

DUE = datetime(2026, 11, 24, 10, tzinfo=UTC)
CHECK_IN = CheckIn(1, 1, 1, date(2026, 11, 24), 1, DUE, DUE + timedelta(hours=4))
GIVEN = Standing(AgreementState.GIVEN)

STOPPED = "Not sent: the resident has stopped texts."


@pytest.mark.parametrize(
    ("standing", "why"),
    [
        pytest.param(Standing(AgreementState.WITHDRAWN), STOPPED, id="agreement withdrawn"),
        pytest.param(
            Standing(AgreementState.GIVEN, number_stopped=True), STOPPED, id="STOP not read yet"
        ),
        pytest.param(
            Standing(AgreementState.PAUSED),
            "Not sent: texts are paused for this resident.",
            id="paused",
        ),
        pytest.param(
            Standing(AgreementState.INVITED),
            "Not sent: the resident has not agreed to texts yet.",
            id="asked, not agreed",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, number_dead=True),
            "Not sent: texts do not arrive at this number.",
            id="number dead",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, doubted=True),
            "Not sent: we do not know whose number this is any more.",
            id="whose number",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, away=True), "Not sent: the resident is away.", id="away"
        ),
        pytest.param(
            Standing(AgreementState.WITHDRAWN, mark=Mark.DIED),
            "Not sent: they have died.",
            id="died, whatever they had said",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, mark=Mark.PRISON),
            "Not sent: they are in prison, and texts are held.",
            id="in prison",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, mark=Mark.LEFT),
            "Not sent: they have moved away or left.",
            id="left",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, mark=Mark.HELD),
            "Not sent: texts are held until a person has looked.",
            id="held",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, contact_by=ContactBy.CALL, away=True),
            "Not sent: the resident is away.",
            id="rung, and away",
        ),
        pytest.param(
            Standing(AgreementState.WITHDRAWN, contact_by=ContactBy.CALL),
            STOPPED,
            id="rung, and wants no more",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, flag_due_now=True),
            "Not sent: a person is being asked to look now, so no automatic text goes out.",
            id="a flag is due now",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, in_conversation=True),
            "Not sent: a connector is in conversation with this resident.",
            id="somebody has taken their flag",
        ),
        pytest.param(
            Standing(AgreementState.GIVEN, last_heard_at=DUE - timedelta(minutes=119)),
            "Not sent: the resident wrote to us in the last two hours.",
            id="wrote just now",
        ),
    ],
)
def test_is_skipped_with_a_sentence_when(standing: Standing, why: str) -> None:
    assert decide(CHECK_IN, standing, now=DUE) == Skip(why)


@pytest.mark.parametrize(
    ("late", "span"),
    [
        pytest.param(timedelta(hours=4), "4 hours", id="at the very limit"),
        pytest.param(timedelta(days=2), "48 hours", id="after an outage of days"),
    ],
)
def test_expires_with_a_sentence_when_it_is_too_late(late: timedelta, span: str) -> None:
    why = f"Not sent: it was due {span} ago, too long ago to be worth sending."
    assert decide(CHECK_IN, GIVEN, now=DUE + late) == Expire(why)


def test_one_hour_is_said_in_the_singular() -> None:
    short = CheckIn(1, 1, 1, date(2026, 11, 24), 1, DUE, DUE + timedelta(hours=1))
    decision = decide(short, GIVEN, now=DUE + timedelta(minutes=90))
    assert isinstance(decision, Expire)
    assert "1 hour ago" in decision.why


@pytest.mark.parametrize(
    ("standing", "late"),
    [
        pytest.param(GIVEN, timedelta(0), id="on the minute"),
        pytest.param(GIVEN, timedelta(hours=4, microseconds=-1), id="just inside its limit"),
        pytest.param(
            Standing(AgreementState.GIVEN, last_heard_at=DUE - timedelta(hours=2)),
            timedelta(0),
            id="wrote two hours ago",
        ),
    ],
)
def test_is_sent_when_nothing_speaks_against_it(standing: Standing, late: timedelta) -> None:
    assert decide(CHECK_IN, standing, now=DUE + late) is SEND


@pytest.mark.parametrize(
    "standing",
    [
        pytest.param(Standing(AgreementState.GIVEN), id="agreed"),
        pytest.param(Standing(AgreementState.GIVEN, number_stopped=True), id="stopped only texts"),
        pytest.param(Standing(AgreementState.GIVEN, number_dead=True), id="number dead"),
        pytest.param(Standing(AgreementState.GIVEN, doubted=True), id="number doubted"),
        pytest.param(Standing(AgreementState.GIVEN, flag_due_now=True), id="a flag is due"),
        pytest.param(Standing(AgreementState.GIVEN, in_conversation=True), id="in a talk"),
    ],
)
@pytest.mark.parametrize("by", [ContactBy.CALL, ContactBy.VISIT])
def test_somebody_else_s_way_of_contact_falls_due_up_to_two_days_late(
    standing: Standing, by: ContactBy
) -> None:
    standing = replace(standing, contact_by=by)
    late = DUE + timedelta(hours=47)
    assert [decide(CHECK_IN, standing, now=now) for now in (DUE, late)] == [Meet(by)] * 2
    assert isinstance(decide(CHECK_IN, standing, now=DUE + timedelta(days=2)), Expire)
    assert decide(replace(CHECK_IN, slot=REMINDER), standing, now=DUE) == Skip(INSTEAD[by])


def test_a_stop_is_the_reason_even_when_it_is_also_too_late() -> None:
    decision = decide(CHECK_IN, Standing(AgreementState.WITHDRAWN), now=DUE + timedelta(days=9))
    assert decision == Skip(STOPPED)


@given(
    agreement=st.sampled_from(AgreementState),
    stopped=st.booleans(),
    dead=st.booleans(),
    due_now=st.booleans(),
    talking=st.booleans(),
    late=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_only_somebody_who_agreed_and_can_be_reached_in_time_is_texted(
    agreement: AgreementState,
    stopped: bool,
    dead: bool,
    due_now: bool,
    talking: bool,
    late: timedelta,
) -> None:
    standing = Standing(agreement, stopped, dead, due_now, talking)
    decision = decide(CHECK_IN, standing, now=DUE + late)
    free = agreement is AgreementState.GIVEN and not (stopped or dead or due_now or talking)
    assert isinstance(decision, Send) == (free and late < timedelta(hours=4))
    assert isinstance(decision, Send) or decision.why.startswith("Not sent: ")
