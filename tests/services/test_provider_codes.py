"""Every code of the provider: what it means for us, and what follows from it for a person."""

from __future__ import annotations

from enum import StrEnum

import pytest
from twilio.base.exceptions import TwilioRestException

from connector.domain.attempt import AttemptState, Meaning, Outcome, Outgoing
from connector.domain.consent import AgreementState
from connector.gateways.twilio import MEANINGS, THROTTLED, TwilioDoor, refusal
from connector.services import receipts
from connector.store.tables import AttemptRow, ResidentRow
from tests.fakes import accepted
from tests.makers import Loop, a_member, a_programme, a_resident


class Follows(StrEnum):
    """What is different afterwards."""

    WAITS = "the same text waits and goes again"
    AGAIN = "one more try later the same day"
    HELD = "a flag, and texts to the number are held"
    FLAG = "a flag"
    STOP = "a stop like any other"
    SHOWN = "the reason stands beside the text"


M, F = Meaning, Follows
ANSWERS = [  # refused at once, by an HTTP answer
    (20003, M.OUR_SET_UP, F.SHOWN),
    (21211, M.NUMBER_DEAD, F.HELD),
    (21408, M.OUR_SET_UP, F.SHOWN),
    (21606, M.OUR_SET_UP, F.SHOWN),
    (21608, M.OUR_SET_UP, F.SHOWN),
    (21610, M.OPTED_OUT, F.STOP),
    (21612, M.OUR_SET_UP, F.SHOWN),
    (21614, M.LANDLINE, F.HELD),
    (21617, M.OUR_SET_UP, F.SHOWN),
    (21635, M.LANDLINE, F.HELD),
    (21663, M.OUR_SET_UP, F.SHOWN),
    (21712, M.OUR_SET_UP, F.SHOWN),
    (30450, M.OUR_SET_UP, F.SHOWN),
    (21999, M.NOT_KNOWN, F.SHOWN),
]
THROTTLING = [(429, M.NONE, F.WAITS), (20429, M.NONE, F.WAITS), (21611, M.NONE, F.WAITS)]
CALLBACKS = [  # accepted first, and failed later on its way
    (30001, M.TOO_LATE, F.SHOWN),
    (30002, M.OUR_SET_UP, F.SHOWN),
    (30003, M.PHONE_OFF, F.AGAIN),
    (30004, M.BLOCKED, F.FLAG),
    (30005, M.NUMBER_DEAD, F.HELD),
    (30006, M.LANDLINE, F.HELD),
    (30007, M.OUR_SET_UP, F.SHOWN),
    (30008, M.NO_REASON, F.AGAIN),
    (30999, M.NOT_KNOWN, F.SHOWN),
]


def named(rows: list[tuple[int, Meaning, Follows]]) -> list[object]:
    return [pytest.param(*row, id=f"{row[0]}: {row[2].value}") for row in rows]


@pytest.fixture
def sara(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        priya = a_member(session)
        return a_resident(session, a_programme(session), connector_id=priya.id, now=loop.clock())


def test_no_code_is_left_out_of_these_tables() -> None:
    mapped = {code for code, meaning, _ in ANSWERS + CALLBACKS if meaning is not M.NOT_KNOWN}
    assert mapped == set(MEANINGS)
    assert {code for code, _, _ in THROTTLING} == set(THROTTLED)


@pytest.mark.parametrize(("code", "meaning", "follows"), named(ANSWERS + THROTTLING))
def test_an_answer(loop: Loop, sara: int, code: int, meaning: Meaning, follows: Follows) -> None:
    def answer(text: Outgoing) -> Outcome:
        status = 429 if code in (429, 20429) else 400
        return refusal(text.attempt_id, TwilioRestException(status, "/Messages", "no", code))

    loop.channel.answer = answer
    loop.asks()
    (attempt,) = attempts(loop)
    waits = follows is F.WAITS
    assert attempt.state == (AttemptState.QUEUED if waits else AttemptState.REFUSED).value
    assert what_followed(loop, sara) is follows
    assert attempt.why == said(meaning, code)


@pytest.mark.parametrize("status", ["undelivered", "failed"])
@pytest.mark.parametrize(("code", "meaning", "follows"), named(CALLBACKS))
def test_a_callback(
    loop: Loop, sara: int, code: int, meaning: Meaning, follows: Follows, status: str
) -> None:
    loop.asks()
    (text,) = loop.channel.handed
    form = {"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": str(code)}
    receipt = TwilioDoor.receipt(text.attempt_id, form)
    assert receipt is not None
    with loop.wiring.transaction() as session:
        receipts.record(session, receipt, now=loop.clock())
    first = attempts(loop)[0]
    assert (first.why, first.code) == (said(meaning, code), str(code))
    assert what_followed(loop, sara) is follows


def said(meaning: Meaning, code: int) -> str:
    """The words beside the text; of a code that nobody has mapped, the raw code with them."""
    return f"{meaning.words} (code {code})" if meaning is M.NOT_KNOWN else meaning.words


def what_followed(loop: Loop, who: int) -> Follows:
    made, kinds = attempts(loop), loop.kinds(who)
    with loop.wiring.reading() as session:
        dead = session.query(ResidentRow).filter(ResidentRow.id == who).one().number_dead
    stopped = loop.agreement(who) is AgreementState.WITHDRAWN
    loop.channel.answer = accepted
    before = len(loop.channel.handed)
    loop.clock.forward(hours=1)
    again = loop.send() > 0
    if stopped:
        assert (kinds, dead, again) == (["stopped"], False, False)
        return F.STOP
    if kinds:
        assert (kinds, again) == (["undelivered"], False)
        return F.HELD if dead else F.FLAG
    assert not dead
    if not again:
        return F.SHOWN
    assert len(loop.channel.handed) == before + 1
    return F.AGAIN if len(made) == 2 else F.WAITS


def attempts(loop: Loop) -> list[AttemptRow]:
    with loop.wiring.reading() as session:
        return session.query(AttemptRow).order_by(AttemptRow.made_at, AttemptRow.due_at).all()
