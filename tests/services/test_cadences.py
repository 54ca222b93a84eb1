"""The preview of a change: it writes nothing, counts everybody, and is what then gets planned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from connector.domain.cadence import (
    Cadence,
    Occurrence,
    Override,
    Taper,
    Unit,
    Weekday,
    spread_minutes,
)
from connector.domain.calendar import NIGHT, Calendar, Nation, WhenClosed
from connector.domain.caps import Cap
from connector.domain.check_in import CheckInState
from connector.domain.errors import Refused
from connector.domain.moves import Move
from connector.domain.programme import Part, Programme
from connector.domain.rota import Member, Role
from connector.domain.texting_rules import TextingRules
from connector.domain.working_hours import WorkingHours
from connector.services import cadences, planning
from connector.services import programmes as service
from connector.services.cadences import Preview
from connector.store import programmes, residents
from connector.store.base import Base
from connector.store.tables import CheckInRow, EnrolmentRow, ResidentRow
from connector.wiring import Wiring
from tests.conftest import NOON
from tests.makers import a_member, a_programme, a_resident

TUE, WED, THU, FRI, SUN = Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI, Weekday.SUN
RULES = TextingRules(Calendar(nation=Nation.ENGLAND, quiet=NIGHT))
HOURS = WorkingHours()
LONDON, WARSAW = "Europe/London", "Europe/Warsaw"
numbers = count(1)


@pytest.fixture
def session(wiring: Wiring) -> Iterator[Session]:
    with wiring.transaction() as session:
        yield session


@pytest.fixture
def weekly(session: Session) -> Programme:
    """Every Tuesday at 10:00, planned for three people: Ada, Bea in Warsaw and Cal on his own."""
    id_ = a_programme(session, days=(TUE,), starts_on=date(2026, 11, 2))
    for n, (name, zone) in enumerate([("Ada", LONDON), ("Bea", WARSAW), ("Cal", LONDON)], start=1):
        a_resident(session, id_, n=n, name=name, zone=zone, now=NOON)
    own = update(EnrolmentRow).where(EnrolmentRow.resident_id == _named(session, "Cal"))
    session.execute(own.values(own=Override((FRI,), time(15)).to_text()))
    return _planned(session, id_, NOON)


def _named(session: Session, name: str) -> int:
    return next(row.id for row in session.scalars(select(ResidentRow)) if row.known_as == name)


def _planned(
    session: Session, id_: int, now: datetime, calendar: Calendar | None = None
) -> Programme:
    planning.plan_programme(session, id_, calendar=calendar, now=now)
    return programmes.by_id(session, [id_])[id_]


def changed(programme: Programme, **changes: Any) -> Programme:
    return replace(programme, cadence=replace(programme.cadence, **changes))


def preview(session: Session, draft: Programme, **changes: Any) -> Preview:
    given = {"rules": RULES, "hours": HOURS, "now": NOON} | changes
    return cadences.preview(session, draft.id, draft, **given)


def rows(session: Session) -> dict[str, int]:
    tables = Base.metadata.sorted_tables
    return {
        each.name: session.scalar(select(func.count()).select_from(each)) or 0 for each in tables
    }


def test_a_preview_writes_nothing(session: Session, weekly: Programme) -> None:
    before = rows(session)
    preview(session, changed(weekly, days=(THU,), time=time(14)))
    assert rows(session) == before
    assert not session.dirty
    assert not session.new


def test_three_people_who_differ_with_their_dates_side_by_side(
    session: Session, weekly: Programme
) -> None:
    shown = preview(session, changed(weekly, days=(THU,), time=time(14))).shown
    assert [(one.person.name, one.why) for one in shown] == [
        ("Ada Begum", "An ordinary one"),
        ("Cal Begum", "Has a pace of their own"),
        ("Bea Begum", "Lives in another time zone"),
    ]
    ada, cal, bea = (one.pairs[0] for one in shown)
    assert [_said(one) for one in (ada.before, ada.after)] == [None, "Thu 26 Nov 14:00"]
    assert cal.before == cal.after
    assert _said(bea.after) == "Thu 26 Nov 14:00"
    assert bea.after
    assert bea.after.due.hour == 13


def _said(one: Occurrence | None) -> str | None:
    return f"{one.local:%a %-d %b %H:%M}" if one else None


def test_somebody_who_is_picked_comes_first(session: Session, weekly: Programme) -> None:
    bea = _named(session, "Bea")
    shown = preview(session, weekly, pick=bea).shown
    assert shown[0].person.id == bea
    assert len({one.person.id for one in shown}) == 3


def test_somebody_who_is_not_on_it_cannot_be_picked(session: Session, weekly: Programme) -> None:
    other = a_resident(session, n=9, name="Zoe", now=NOON)
    found = preview(session, weekly, pick=other)
    assert found.not_on_it
    assert len(found.shown) == 3


@pytest.mark.parametrize(
    ("changes", "moves"),
    [
        pytest.param({}, {Move.STAYS: 3}, id="nothing changes"),
        pytest.param({"time": time(9)}, {Move.STAYS: 1, Move.SAME_DAY: 2}, id="another time"),
        pytest.param(
            {"days": (THU,), "time": time(14)},
            {Move.STAYS: 1, Move.FEW_EARLIER: 2},
            id="from Tuesday next week to Thursday this week",
        ),
        pytest.param(
            {"ends_on": date(2026, 11, 23)}, {Move.STOPS: 3}, id="it ends before the next text"
        ),
    ],
)
def test_who_moves_and_by_how_much(
    session: Session, weekly: Programme, changes: dict[str, Any], moves: dict[Move, int]
) -> None:
    draft = changed(weekly, **changes)
    found = preview(session, draft)
    assert found.moves == moves
    assert found.people == 3
    for size, people in moves.items():
        amount, names = cadences.movers(
            session, weekly.id, draft, size, rules=RULES, zone=LONDON, now=NOON, most=2
        )
        assert amount == people
        assert len(names) == min(people, 2)


def test_texts_a_week_before_and_after(session: Session, weekly: Programme) -> None:
    weeks = preview(session, changed(weekly, days=(TUE, FRI))).weeks
    assert [week.starts for week in weeks][:2] == [date(2026, 11, 24), date(2026, 12, 1)]
    assert {(week.before, week.after) for week in weeks[1:4]} == {(3, 5)}


def test_the_exact_texts_with_what_they_cost(session: Session, weekly: Programme) -> None:
    texts = preview(session, weekly).shown[0].texts
    assert texts[0].sms.body.startswith("Hi Ada, how have things been, 0 to 10?")
    assert texts[0].sms.segments == 1
    assert texts[0].cost * 100 == 4
    assert [text.planned.number for text in texts] == list(range(5, 5 + len(texts)))


def test_a_day_that_is_not_allowed_has_its_sentence_once(
    session: Session, weekly: Programme
) -> None:
    draft = changed(weekly, days=(FRI,), spread=20)
    christmas, new_year = preview(session, draft).notes
    assert (christmas.on, christmas.people) == (date(2026, 12, 25), 3)
    assert "Christmas Day is a bank holiday in England" in christmas.words
    assert "New Year" in new_year.words
    assert not christmas.skipped


def test_a_skip_has_its_sentence_too(session: Session, weekly: Programme) -> None:
    skips = replace(RULES, calendar=replace(RULES.calendar, on_sunday=WhenClosed.SKIP))
    notes = preview(session, changed(weekly, days=(SUN,)), rules=skips).notes
    [sunday] = [note for note in notes if note.on == date(2026, 11, 29)]
    assert (sunday.skipped, sunday.people) == (True, 2)
    assert "we do not text on Sundays" in sunday.words


def test_two_programmes_together_meet_the_cap(session: Session, weekly: Programme) -> None:
    other = a_programme(session, name="Other", days=(TUE,), at=time(16))
    programmes.enrol(session, other, [_named(session, "Ada")], on=NOON.date())
    weeks = preview(session, weekly).weeks
    assert [week.capped for week in weeks] == [0, 1, 1, 1, 1, 1]
    assert preview(session, changed(weekly, days=(THU,))).capped == 0


def test_what_they_had_already_counts_against_the_cap(session: Session, weekly: Programme) -> None:
    for days in (1, 2):
        session.add(
            CheckInRow(
                resident_id=_named(session, "Ada"),
                programme_id=weekly.id,
                occurrence=NOON.date() - timedelta(days=days),
                number=1,
                due_at=NOON - timedelta(days=days),
                expires_at=NOON,
                attempted_at=NOON - timedelta(days=days),
                state=CheckInState.ATTEMPTED.value,
            )
        )
    session.flush()
    draft = changed(weekly, days=tuple(Weekday)[:6])
    capped = preview(session, draft, rules=replace(RULES, cap=Cap(1, 5, 20))).weeks
    assert capped[0].capped == 1


def test_texts_that_nobody_would_be_there_to_hear_back_from(
    session: Session, weekly: Programme
) -> None:
    hours = preview(session, changed(weekly, time=time(18, 30))).hours
    assert {(hour.hour, hour.unread) for hour in hours if hour.hour == 18} == {(18, 6)}
    assert all(hour.unread == 0 for hour in preview(session, weekly).hours if hour.hour == 10)


def test_a_pause_is_counted_and_a_stop_is_nobody(session: Session, weekly: Programme) -> None:
    people = update(ResidentRow)
    session.execute(people.where(ResidentRow.known_as == "x").values(agreement="paused"))
    ada, bea = _named(session, "Ada"), _named(session, "Bea")
    session.execute(people.where(ResidentRow.id == ada).values(agreement="paused"))
    session.execute(people.where(ResidentRow.id == bea).values(agreement="withdrawn"))
    found = preview(session, weekly)
    assert (found.people, found.silent) == (2, 1)


def test_a_programme_without_people_and_one_never_published(
    session: Session, weekly: Programme
) -> None:
    by = a_member(session, role=Role.COORDINATOR)
    new = service.create(session, replace(weekly, name="New"), by=by, now=NOON)
    found = preview(session, replace(weekly, id=new))
    assert (found.people, found.shown, found.texts) == (0, (), 0)


def test_the_dates_of_one_person_with_a_pace_of_their_own(
    session: Session, weekly: Programme
) -> None:
    ada = _named(session, "Ada")
    before, after = cadences.dates_of(
        session, weekly.id, ada, Override((FRI,), time(15), 2), rules=RULES, zone=LONDON, now=NOON
    )
    assert len(before) == len(after) == 6
    assert {f"{one.local:%a %H:%M}" for one in before} == {"Tue 10:00"}
    assert [f"{one.date}" for one in after[:2]] == ["2026-12-04", "2026-12-18"]


CADENCES = st.one_of(
    st.builds(
        Cadence,
        days=st.sets(st.sampled_from(Weekday), min_size=1, max_size=3).map(tuple),
        time=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
        starts_on=st.dates(date(2026, 9, 1), date(2026, 11, 2)),
        every=st.integers(1, 3),
        taper=st.sampled_from([None, Taper(4, (4, 6)), Taper(12, (4,))]),
        spread=st.sampled_from([0, 10, 30]),
        from_joining=st.booleans(),
    ),
    st.builds(
        Cadence,
        days=st.sets(st.sampled_from(Weekday), min_size=1, max_size=2).map(tuple),
        time=st.builds(time, st.integers(8, 20)),
        starts_on=st.just(date(2026, 9, 1)),
        unit=st.just(Unit.MONTHS),
        week_of_month=st.sampled_from([1, 2, -1]),
        spread=st.just(10),
    ),
    st.builds(
        Cadence,
        days=st.just(()),
        time=st.just(time(1, 30)),
        starts_on=st.just(date(2026, 9, 1)),
        unit=st.just(Unit.DAYS_AFTER),
        after=st.sets(st.integers(0, 60), min_size=1, max_size=12).map(tuple),
    ),
)
OWN = st.builds(
    Override,
    days=st.none() | st.sets(st.sampled_from(Weekday), min_size=1, max_size=2).map(tuple),
    time=st.none() | st.just(time(1, 30)) | st.just(time(17, 45)),
    every=st.none() | st.integers(1, 4),
)
MOMENTS = st.sampled_from(
    [
        datetime(2026, 10, 21, 9, 3, tzinfo=UTC),  # the clocks go back within the fortnight
        datetime(2027, 3, 19, 12, 0, tzinfo=UTC),  # they go forward, and Easter is near
        datetime(2026, 12, 18, 23, 30, tzinfo=UTC),  # Christmas is near, and it is late
        datetime(2026, 11, 24, 12, 0, tzinfo=UTC),
    ]
)
CALENDARS = st.builds(
    Calendar,
    nation=st.sampled_from([None, Nation.ENGLAND, Nation.SCOTLAND]),
    sundays=st.booleans(),
    quiet=st.sampled_from([None, NIGHT]),
    on_holiday=st.sampled_from(WhenClosed),
    on_sunday=st.sampled_from(WhenClosed),
)
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from([LONDON, WARSAW, "Asia/Kolkata", "America/New_York"]),
        st.integers(-70, 10),
        st.none() | OWN,
        st.none() | st.integers(0, 12),
    ),
    min_size=1,
    max_size=4,
)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(CADENCES, CADENCES, PEOPLE, MOMENTS, CALENDARS)
def test_what_was_previewed_is_what_gets_planned(
    wiring: Wiring,
    before: Cadence,
    after: Cadence,
    people: list[tuple[str, int, Override | None, int | None]],
    now: datetime,
    calendar: Calendar,
) -> None:
    nth = next(numbers)
    rules = TextingRules(calendar, Cap(5, 14, 56))
    with wiring.transaction() as session:
        by = _coordinator(session)
        id_ = a_programme(session, name=f"Programme {nth}")
        programme = programmes.by_id(session, [id_])[id_]
        words = {"en": ("Shall we go on, {name}?",)}
        programme = replace(
            programme, name=f"Property {nth}", cadence=before, go_on=words, goodbye=words
        )
        id_ = programmes.add(session, programme, now=now)
        ids = [_person(session, id_, now, *one) for one in people]
        _planned(session, id_, now, calendar)
        for who, (*_, texted) in zip(ids, people, strict=True):
            _text(session, id_, who, texted, now)
        published = programmes.by_id(session, [id_])[id_]
        draft = replace(published, cadence=after)
        foreseen = {who: _foreseen(session, draft, who, rules, now) for who in ids}
        version = service.start_draft(session, id_, by=by, now=now)
        version = service.save_draft(session, id_, draft, edits=version.edits, by=by, now=now)
        try:
            service.publish(
                session, id_, rules, edits=version.edits, why="x", by=by, on=now.date(), now=now
            )
        except Refused:
            event("refused")
            return
        event(f"{sum(map(len, foreseen.values()))} texts")
        _planned(session, id_, now, calendar)
        for who in ids:
            assert _written(session, id_, who, now) == foreseen[who]


def _coordinator(session: Session) -> Member:
    nth = next(numbers)
    return a_member(session, f"Morag{nth} Bell", Role.COORDINATOR, n=900)


def _person(
    session: Session, id_: int, now: datetime, zone: str, joined: int, own: Override | None,
    _texted: int | None,
) -> int:  # fmt: skip
    """Somebody on the programme, perhaps with a pace of their own."""
    who = a_resident(session, n=1000 + next(numbers), now=now, zone=zone)
    programmes.enrol(session, id_, [who], on=now.date() + timedelta(days=joined))
    mine = update(EnrolmentRow).where(EnrolmentRow.resident_id == who)
    session.execute(mine.values(own=own.to_text() if own else ""))
    return who


def _text(session: Session, id_: int, who: int, texted: int | None, now: datetime) -> None:
    """They had a text so many days ago; whatever stood on that date is over."""
    if texted is None:
        return
    at = now - timedelta(days=texted, minutes=7)
    on_the_date = CheckInRow.resident_id == who, CheckInRow.occurrence == at.date()
    session.execute(delete(CheckInRow).where(*on_the_date))
    session.add(
        CheckInRow(
            resident_id=who,
            programme_id=id_,
            occurrence=at.date(),
            number=1,
            due_at=at,
            expires_at=at + timedelta(hours=4),
            attempted_at=at,
            state=CheckInState.ATTEMPTED.value,
        )
    )
    session.flush()


def _foreseen(
    session: Session, draft: Programme, who: int, rules: TextingRules, now: datetime
) -> list[tuple[datetime, int, str]]:
    """The texts that a preview shows of one person, as far as planning looks ahead."""
    found = cadences.preview(
        session, draft.id, draft, rules=rules, hours=HOURS, now=now, pick=who
    ).shown[0]
    assert found.person.id == who
    last = now.astimezone(_zone(session, who)).date() + planning.AHEAD
    planned = [text.planned for text in found.texts if text.planned.occurrence.date <= last]
    return sorted((one.occurrence.due, one.number, one.part.value) for one in planned)


def _written(
    session: Session, id_: int, who: int, now: datetime
) -> list[tuple[datetime, int, str]]:
    rows = select(CheckInRow).where(
        CheckInRow.resident_id == who,
        CheckInRow.programme_id == id_,
        CheckInRow.state == CheckInState.PLANNED.value,
        CheckInRow.due_at > now,
    )
    return sorted((row.due_at, row.number, row.part) for row in session.scalars(rows))


def _zone(session: Session, who: int) -> ZoneInfo:
    return ZoneInfo(residents.get(session, who).zone)


def test_a_part_and_a_spread_are_shown_as_they_will_be(session: Session, weekly: Programme) -> None:
    draft = replace(
        changed(weekly, ends_on=date(2026, 12, 15), spread=30),
        goodbye={"en": ("Goodbye {name}. {sender}",)},
    )
    ada = preview(session, draft).shown[0]
    assert ada.texts[-1].planned.part is Part.GOODBYE
    assert ada.texts[-1].sms.body == "Goodbye Ada. Your community connector"
    minute = ada.texts[0].planned.occurrence.local
    assert minute - minute.replace(hour=10, minute=0) == timedelta(
        minutes=spread_minutes(ada.person.id, 30)
    )
