"""A record is changed by one at a time; a new number is asked first; a texted STOP is theirs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from connector.domain.cadence import Override, Weekday
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.errors import Refused
from connector.domain.resident import ContactBy, Resident
from connector.services import enrolment, record
from connector.services.enrolment import Entry, MayBeKnown, Speech
from connector.services.record import Act, Overtaken, Told
from connector.store import programmes, residents
from connector.store.tables import AuditRow, ResidentNumberRow
from tests.makers import Loop, a_member, a_programme, a_resident, number


@pytest.fixture
def priya(loop: Loop) -> int:
    with loop.wiring.transaction() as session:
        return a_member(session).id


@pytest.fixture
def sara(loop: Loop, priya: int) -> int:
    """Somebody who is texted every day and has answered."""
    with loop.wiring.transaction() as session:
        id_ = a_resident(session, a_programme(session), connector_id=priya, now=loop.clock())
    loop.asks()
    loop.says("7")
    return id_


def speech(loop: Loop) -> Speech:
    return Speech(loop.wiring.wording, loop.wiring.hours, loop.channel.name)


def get(loop: Loop, who: int) -> Resident:
    with loop.wiring.reading() as session:
        return residents.get(session, who)


def change(loop: Loop, who: int, by: int, *, mark: str = "", different: str = "", **to: Any) -> Any:
    """Change a record as a page would that was opened just now, or when `mark` was seen."""
    old = get(loop, who)
    with loop.wiring.transaction() as session:
        return record.change(
            session,
            replace(old, **to),
            speech(loop),
            mark=mark or record.seen(old),
            different=different,
            by=by,
            now=loop.clock(),
        )


def tell(loop: Loop, who: int, act: Act, by: int) -> AgreementState:
    with loop.wiring.transaction() as session:
        told = Told(act, How.BY_PHONE)
        return record.tell(session, who, told, speech(loop), by=by, now=loop.clock())


def acts(loop: Loop) -> list[tuple[str, str]]:
    with loop.wiring.reading() as session:
        return [(row.act, row.why) for row in session.query(AuditRow).order_by(AuditRow.id)]


def test_what_was_changed_is_named_and_its_words_are_not(loop: Loop, sara: int, priya: int) -> None:
    changed = change(loop, sara, priya, likes=("Her allotment",), language="cy")
    assert changed == ["language", "likes"]
    assert acts(loop) == [("record changed", "language, likes")]
    assert get(loop, sara).likes == ("Her allotment",)
    assert change(loop, sara, priya) == []
    assert len(acts(loop)) == 1


def test_of_two_who_change_at_once_the_second_is_told(loop: Loop, sara: int, priya: int) -> None:
    opened = record.seen(get(loop, sara))
    change(loop, sara, priya, likes=("Tea",))
    with pytest.raises(Overtaken) as told:
        change(loop, sara, priya, mark=opened, likes=("Coffee",))
    assert told.value.now.likes == ("Tea",)
    assert get(loop, sara).likes == ("Tea",)


def test_a_new_number_is_asked_before_anything_else_goes_to_it(
    loop: Loop, sara: int, priya: int
) -> None:
    change(loop, sara, priya, number=number(60))
    assert loop.agreement(sara) is AgreementState.INVITED
    loop.send()
    loop.asks()
    (welcome,) = loop.bodies_to(60)
    assert welcome.startswith("Hello, Priya here. You asked us to text this number.")
    assert "Sara" not in welcome
    loop.says("yes", n=60)
    assert loop.agreement(sara) is AgreementState.GIVEN
    loop.asks()
    assert any("0 to 10" in body for body in loop.bodies_to(60))


def test_the_old_number_stays_in_the_history_and_doubts_end(
    loop: Loop, sara: int, priya: int
) -> None:
    with loop.wiring.transaction() as session:
        residents.number_dead(session, sara)
    change(loop, sara, priya, number=number(60))
    with loop.wiring.reading() as session:
        (old,) = session.query(ResidentNumberRow)
        assert (old.number, old.why, old.changed_by) == (number(1), "changed", priya)
    assert not get(loop, sara).number_dead


def test_whoever_began_is_not_begun_again_by_another_number(
    loop: Loop, sara: int, priya: int
) -> None:
    (before,) = started(loop, sara)
    change(loop, sara, priya, number=number(60))
    loop.clock.forward(days=3)
    loop.says("Y", n=60)
    assert started(loop, sara) == [before]


def started(loop: Loop, who: int) -> list[Any]:
    with loop.wiring.reading() as session:
        found = [
            programmes.enrolment(session, one.id, who)
            for one in programmes.of_resident(session, who)
        ]
    return [one.started_on for one in found if one]


def test_somebody_else_s_number_is_kept_only_when_said_why(
    loop: Loop, sara: int, priya: int
) -> None:
    with loop.wiring.transaction() as session:
        jean = a_resident(session, n=2, name="Jean", family="Hill", now=loop.clock())
    with pytest.raises(MayBeKnown) as known:
        change(loop, sara, priya, number=number(2))
    assert [one.id for one in known.value.found] == [jean]
    assert get(loop, sara).number == number(1)
    change(loop, sara, priya, number=number(2), different="They share it")
    assert get(loop, sara).shared_phone
    assert get(loop, jean).shared_phone


@pytest.mark.parametrize("state", [AgreementState.PAUSED, AgreementState.WITHDRAWN])
def test_whoever_paused_or_stopped_gets_no_welcome_with_a_new_number(
    loop: Loop, sara: int, priya: int, state: AgreementState
) -> None:
    tell(loop, sara, Act.PAUSE if state is AgreementState.PAUSED else Act.STOP, priya)
    change(loop, sara, priya, number=number(60))
    loop.asks()
    assert loop.bodies_to(60) == []
    assert loop.agreement(sara) is state


def test_a_pause_by_word_ends_by_word_and_a_new_number_is_asked_first(
    loop: Loop, sara: int, priya: int
) -> None:
    tell(loop, sara, Act.PAUSE, priya)
    assert tell(loop, sara, Act.GO_ON, priya) is AgreementState.GIVEN
    tell(loop, sara, Act.PAUSE, priya)
    loop.clock.forward(minutes=1)
    change(loop, sara, priya, number=number(60))
    assert tell(loop, sara, Act.GO_ON, priya) is AgreementState.INVITED


def test_a_stop_by_word_ends_texts_and_coming_back_is_asked_on_the_phone(
    loop: Loop, sara: int, priya: int
) -> None:
    before = len(loop.bodies_to(1))
    assert tell(loop, sara, Act.STOP, priya) is AgreementState.WITHDRAWN
    loop.asks()
    assert len(loop.bodies_to(1)) == before
    assert tell(loop, sara, Act.GO_ON, priya) is AgreementState.INVITED
    loop.send()
    assert "Text Y to begin" in loop.bodies_to(1)[-1]
    loop.says("Y")
    assert loop.agreement(sara) is AgreementState.GIVEN


def test_nobody_but_the_phone_itself_takes_back_a_texted_stop(
    loop: Loop, sara: int, priya: int
) -> None:
    loop.says("STOP")
    with pytest.raises(Refused, match="ask them to text START"):
        tell(loop, sara, Act.GO_ON, priya)
    assert loop.agreement(sara) is AgreementState.WITHDRAWN


def test_what_stands_already_is_not_written_down_again(loop: Loop, sara: int, priya: int) -> None:
    tell(loop, sara, Act.PAUSE, priya)
    with pytest.raises(Refused, match="stands already"):
        tell(loop, sara, Act.PAUSE, priya)
    tell(loop, sara, Act.STOP, priya)
    with pytest.raises(Refused, match="nothing to pause"):
        tell(loop, sara, Act.PAUSE, priya)


def test_from_calls_to_texts_the_phone_is_asked(loop: Loop, priya: int) -> None:
    with loop.wiring.transaction() as session:
        who = enrolment.take_in(session, entry(number=""), speech(loop), by=priya, now=loop.clock())
    assert loop.agreement(who) is AgreementState.GIVEN
    change(loop, who, priya, contact_by=ContactBy.TEXT, number=number(60))
    assert loop.agreement(who) is AgreementState.INVITED
    loop.send()
    assert "Text Y to begin" in loop.bodies_to(60)[0]


def entry(*, number: str, programme_ids: tuple[int, ...] = ()) -> Entry:
    way = ContactBy.TEXT if number else ContactBy.CALL
    zone, state = "Europe/London", AgreementState.INVITED
    ada = Resident(0, "Ada", "Moss", "Ada", number, "en", zone, None, state, contact_by=way)
    own = Override((Weekday.THU,), time(14))
    return Entry(ada, How.IN_PERSON, "May we?", programme_ids, own)


def test_a_programme_begins_on_the_day_of_the_y(loop: Loop, priya: int) -> None:
    with loop.wiring.transaction() as session:
        id_ = a_programme(session)
        new = entry(number=number(60), programme_ids=(id_,))
        who = enrolment.take_in(session, new, speech(loop), by=priya, now=loop.clock())
    loop.plan()
    later = loop.clock.forward(days=4)
    loop.says("ok", n=60)
    assert started(loop, who) == [later.date()]
    with loop.wiring.reading() as session:
        (kept,) = [programmes.enrolment(session, id_, who)]
    assert kept is not None
    assert kept.own == "THU 14:00"


def test_a_record_that_was_merged_leads_to_the_one_that_was_kept(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        ids = [a_resident(session, n=n, name="Ada", now=loop.clock()) for n in (1, 2, 3)]
        for gone, into in ((ids[0], ids[1]), (ids[1], ids[2])):
            merge(session, gone, into)
        assert [residents.kept_id(session, id_) for id_ in (*ids, 10**6)] == [ids[2]] * 3 + [10**6]
        alike = residents.alike(session, replace(residents.get(session, ids[2]), id=0), most=5)
        assert [one.id for one in alike] == [ids[2]]


def merge(session: Any, gone: int, into: int) -> None:
    from_row = session.get(residents.ResidentRow, gone)
    from_row.merged_into = into
    session.flush()


def test_two_people_without_a_number_never_look_as_if_they_shared_one(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        event = AgreementEvent(AgreementState.GIVEN, loop.clock(), How.IN_PERSON)
        for name in ("Ada", "Steve"):
            new = replace(entry(number="").resident, given_name=name, known_as=name)
            enrolment.enrol(
                session,
                new,
                event,
                [],
                on=loop.clock().date() + timedelta(days=1),
                now=loop.clock(),
            )
        found = residents.alike(
            session, replace(entry(number="").resident, given_name="Ida"), most=5
        )
    assert found == []


def test_whoever_has_no_connector_is_welcomed_by_who_is_beside_them(loop: Loop, priya: int) -> None:
    with loop.wiring.transaction() as session:
        new = entry(number=number(60))
        enrolment.take_in(session, new, speech(loop), by=priya, now=loop.clock())
    loop.send()
    assert loop.bodies_to(60)[0].startswith("Hi Ada, Priya here.")


def test_a_double_press_at_the_very_same_moment_makes_one_record(loop: Loop, priya: int) -> None:
    def press(_: int) -> bool:
        try:
            with loop.wiring.transaction() as session:
                new = entry(number=number(60))
                enrolment.take_in(session, new, speech(loop), by=priya, now=loop.clock())
        except MayBeKnown:
            return False
        return True

    with ThreadPoolExecutor(4) as presses:
        assert sum(presses.map(press, range(4))) == 1
