"""The team's own phone, and what can be told without broker, timetable and worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from connector import rounds
from connector.domain.attempt import Outcome, Outgoing
from connector.domain.errors import Invalid
from connector.domain.rota import Member, Role
from connector.services import canary, switch
from connector.services.canary import Lookout, Sign, Weight
from connector.store import canary as store
from connector.store.alarms import AlarmKind, open_
from connector.store.tables import AlertRow, AttemptRow, FlagRow
from tests.fakes import accepted, arrived, unknown
from tests.makers import Loop, a_member, a_programme, a_resident, number

PHONE = 950
OURS = "our own phone"


@pytest.fixture
def morag(loop: Loop) -> Member:
    with loop.wiring.transaction() as session:
        return a_member(session, "Morag Bell", Role.COORDINATOR, n=901)


@pytest.fixture
def phone(loop: Loop, morag: Member) -> int:
    """Our own phone on a daily programme at 10:00."""
    loop.channel.answer = arrived
    with loop.wiring.transaction() as session:
        programme = a_programme(session, name="Every morning")
        return canary.put_up(
            session,
            number(PHONE),
            [programme],
            zone="Europe/London",
            by=morag.id,
            now=loop.clock(),
        )


def look(loop: Loop, *, receipts: bool = True, hours: int = 26) -> list[Sign]:
    out = Lookout(timedelta(hours=hours), receipts, ZoneInfo("Europe/London"), loop.clock())
    with loop.wiring.reading() as session:
        return canary.look(session, out)


def worst(signs: list[Sign]) -> Weight:
    return max(sign.weight for sign in signs)


def about(signs: list[Sign], words: str) -> Sign:
    (found,) = [sign for sign in signs if words in sign.sentence]
    return found


def beat(loop: Loop) -> None:
    """One minute of the timetable: everything it rings for is done."""
    loop.plan()
    loop.send()
    loop.read()
    loop.tell()
    rounds.watch(loop.wiring, loop.clock)


def test_all_is_well_while_its_text_arrives(loop: Loop, phone: int) -> None:
    beat(loop)
    loop.clock.forward(hours=22, minutes=1)
    beat(loop)
    signs = look(loop)
    assert worst(signs) is Weight.WELL
    assert about(signs, OURS).sentence == (
        "The text to our own phone, due at 10:00 today, arrived."
    )


@pytest.mark.parametrize("minute", [0, 13, 37, 59])
def test_a_timetable_that_stops_is_told_within_the_hour_at_any_minute(
    loop: Loop, phone: int, minute: int
) -> None:
    loop.clock.forward(minutes=minute)
    beat(loop)
    assert about(look(loop), "timetable").weight is Weight.WELL
    loop.clock.forward(minutes=59)  # nothing rings any more
    sign = about(look(loop), "timetable")
    assert sign.weight is Weight.TROUBLE
    assert "nothing is planned, sent or read by itself" in sign.sentence


def test_a_text_that_did_not_go_is_told_within_the_hour(loop: Loop, phone: int) -> None:
    beat(loop)
    loop.clock.forward(hours=22, minutes=30)
    signs = look(loop)
    assert about(signs, OURS).sentence == (
        "The text to our own phone, due at 10:00 today, has not gone."
    )
    assert about(signs, "A text that was due at 10:00 today has not gone.").weight is Weight.TROUBLE


def test_records_on_which_nothing_ever_ran_are_told(loop: Loop) -> None:
    signs = look(loop)
    assert about(signs, "has never run").weight is Weight.TROUBLE
    assert about(signs, "No phone of our own").weight is Weight.LOOK


@pytest.mark.parametrize(
    ("answer", "receipts", "after", "weight", "sentence"),
    [
        pytest.param(accepted, True, 30, Weight.WELL, "is on its way", id="not long ago"),
        pytest.param(accepted, True, 90, Weight.TROUBLE, "nobody says", id="no word"),
        pytest.param(accepted, False, 90, Weight.WELL, "does not say", id="no receipts"),
        pytest.param(unknown, True, 90, Weight.TROUBLE, "nobody says", id="not known"),
    ],
)
def test_how_far_its_text_got(
    loop: Loop,
    phone: int,
    answer: Callable[[Outgoing], Outcome],
    receipts: bool,
    after: int,
    weight: Weight,
    sentence: str,
) -> None:
    loop.channel.answer = answer
    beat(loop)
    loop.clock.forward(hours=22, minutes=1)
    beat(loop)
    loop.clock.forward(minutes=after)
    rounds.watch(loop.wiring, loop.clock)
    sign = about(look(loop, receipts=receipts), OURS)
    assert (sign.weight, sentence in sign.sentence) == (weight, True)


def test_its_stop_is_told_and_why(loop: Loop, phone: int) -> None:
    beat(loop)
    loop.says("STOP", n=PHONE)
    loop.clock.forward(hours=22, minutes=1)
    beat(loop)
    sign = about(look(loop), OURS)
    assert sign.weight is Weight.TROUBLE
    assert "has stopped texts" in sign.sentence or "nothing is planned" in sign.sentence


def test_a_day_without_a_text_is_well_while_one_is_planned(loop: Loop, phone: int) -> None:
    beat(loop)
    sign = about(look(loop, hours=1), OURS)
    assert sign.weight is Weight.WELL
    assert "the next text is due at 10:00 on Wed 25 Nov" in sign.sentence


def test_nothing_planned_at_all_is_trouble(loop: Loop, phone: int) -> None:
    rounds.watch(loop.wiring, loop.clock)
    assert "nothing is planned" in about(look(loop), OURS).sentence


def test_a_stop_on_purpose_is_told_as_that_and_not_as_trouble(
    loop: Loop, phone: int, morag: Member
) -> None:
    beat(loop)
    with loop.wiring.transaction() as session:
        switch.stop(session, "Sara Begum got the wrong text", by=morag.id, now=loop.clock())
    sign = about(look(loop), "on purpose")
    assert sign.weight is Weight.LOOK
    assert "Sara" not in sign.sentence


def test_replies_that_wait_and_staff_who_are_not_reached_are_told(
    loop: Loop, phone: int, morag: Member
) -> None:
    beat(loop)
    loop.arrives("can you ring me", n=7)
    with loop.wiring.transaction() as session:
        session.add(
            AlertRow(
                staff_id=morag.id,
                subject="service",
                promise="now",
                state="queued",
                due_at=loop.clock(),
            )
        )
    loop.clock.forward(minutes=25)
    signs = look(loop)
    assert about(signs, "waits to be read").weight is Weight.TROUBLE
    assert about(signs, "1 text to staff does not get through").weight is Weight.TROUBLE


def test_every_alarm_that_is_on_is_told(loop: Loop, phone: int) -> None:
    beat(loop)
    with loop.wiring.transaction() as session:
        open_(
            session,
            AlarmKind.DELIVERIES,
            since=loop.clock(),
            sentence="9 of the last 10 texts did not get through.",
            now=loop.clock(),
        )
    assert "9 of the last 10" in about(look(loop), "may not be getting through").sentence


def test_no_sentence_holds_a_name_a_number_or_a_word(loop: Loop, phone: int) -> None:
    with loop.wiring.transaction() as session:
        a_resident(session, a_programme(session, name="Other"), n=1, now=loop.clock())
    beat(loop)
    loop.arrives("I am Sara and I want to die", n=1)
    loop.clock.forward(days=2)
    said = " ".join(sign.sentence for sign in look(loop))
    for never in ("Sara", "Begum", "900", "want to die"):
        assert never not in said


def test_our_own_phone_is_never_missed_as_quiet(loop: Loop, phone: int) -> None:
    for _day in range(14):
        beat(loop)
        loop.clock.forward(days=1)
        loop.close()
    with loop.wiring.reading() as session:
        assert session.query(AttemptRow).count() >= 10
        assert session.query(FlagRow).count() == 0


def test_a_number_that_is_somebodys_is_refused_and_so_is_no_programme(
    loop: Loop, morag: Member
) -> None:
    with loop.wiring.transaction() as session:
        programme = a_programme(session)
        who = a_resident(session, programme, n=PHONE, now=loop.clock())
    put_up = {"zone": "Europe/London", "by": morag.id, "now": loop.clock()}
    with loop.wiring.transaction() as session:
        with pytest.raises(Invalid, match="Somebody has this number"):
            canary.put_up(session, number(PHONE), [programme], **put_up)  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="Choose a programme"):
            canary.put_up(session, number(1), [999], **put_up)  # type: ignore[arg-type]
        with pytest.raises(Invalid, match="not a phone of our own"):
            canary.put_down(session, who, by=morag.id, now=loop.clock())


def test_a_phone_that_was_put_down_is_texted_no_more(loop: Loop, phone: int, morag: Member) -> None:
    with loop.wiring.transaction() as session:
        canary.put_down(session, phone, by=morag.id, now=loop.clock())
        assert store.phones(session) == []
    beat(loop)
    loop.clock.forward(days=1)
    beat(loop)
    assert loop.bodies_to(PHONE) == []
