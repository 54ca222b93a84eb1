"""What residents ask about the texts themselves; doubt is left to a person."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.cadence import Cadence, Override, Weekday
from connector.domain.steering import (
    AbsenceKind,
    AbsenceWish,
    PaceWish,
    absence_wished,
    is_back,
    pace_wished,
)

WEDNESDAY = date(2027, 6, 2)
AWAY, PAUSE, HOSPITAL = AbsenceKind.AWAY, AbsenceKind.PAUSE, AbsenceKind.HOSPITAL
MON, TUE, WED, THU, FRI, SAT, SUN = Weekday


@pytest.mark.parametrize(
    ("text", "kind", "starts_on", "ends_on"),
    [
        ("away til monday", AWAY, WEDNESDAY, date(2027, 6, 7)),
        ("AWAY 3-10 June", AWAY, date(2027, 6, 3), date(2027, 6, 11)),
        ("im away", AWAY, WEDNESDAY, None),
        ("Off on holiday, back on 12 june x", AWAY, WEDNESDAY, date(2027, 6, 12)),
        ("going to my sisters til the weekend", AWAY, WEDNESDAY, date(2027, 6, 5)),
        ("pause", PAUSE, WEDNESDAY, date(2027, 6, 30)),
        ("Pause 2 weeks", PAUSE, WEDNESDAY, date(2027, 6, 16)),
        ("can I have a break for a month", PAUSE, WEDNESDAY, date(2027, 7, 2)),
        ("dont text me til next week", PAUSE, WEDNESDAY, date(2027, 6, 7)),
        ("no texts until the 10th please", PAUSE, WEDNESDAY, date(2027, 6, 10)),
        ("in hospital", HOSPITAL, WEDNESDAY, None),
        ("im in hosp til friday", HOSPITAL, WEDNESDAY, date(2027, 6, 4)),
        ("ive been taken into hospital", HOSPITAL, WEDNESDAY, None),
        ("they've kept me in hospital", HOSPITAL, WEDNESDAY, None),
        ("been admitted to hospital", HOSPITAL, WEDNESDAY, None),
    ],
)
def test_a_time_without_texts(
    text: str, kind: AbsenceKind, starts_on: date, ends_on: date | None
) -> None:
    assert absence_wished(text, today=WEDNESDAY) == AbsenceWish(kind, starts_on, ends_on)


@pytest.mark.parametrize(
    "text",
    [
        "my mum passed away on monday",
        "go away",
        "my sons away at uni",
        "not far away",
        "the pain went away by friday",
        "mum is in hospital",
        "my brothers in hospital til friday",
        "went to the hospital shop",
        "7",
        "see you monday",
        "I need a rest from all this pain",
        "back pain is bad",
        "",
    ],
)
def test_what_is_no_absence(text: str) -> None:
    assert absence_wished(text, today=WEDNESDAY) is None


@pytest.mark.parametrize("text", ["im back", "Back home now!", "home", "I'm home from hospital",
                                  "out of hospital now im out of hospital", "resume please",
                                  "carry on", "got back from my hols"])  # fmt: skip
def test_they_are_back(text: str) -> None:
    assert is_back(text)


@pytest.mark.parametrize("text", ["my back hurts", "back on monday", "home is where the heart is",
                                  "want my life back", "stuck at home", "carry on like this"])
def test_they_are_not_back(text: str) -> None:
    assert not is_back(text)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("only Mondays please", PaceWish((MON,))),
        ("can you text me on tues and fri instead", PaceWish((TUE, FRI))),
        ("Thursdays are better for me", PaceWish((THU,))),
        ("not on weds", PaceWish((), (WED,))),
        ("mondays but not tuesdays please", PaceWish((MON,), (TUE,))),
        ("weekends off please", PaceWish((), (SAT, SUN))),
        ("afternoons are better", PaceWish(time=time(14))),
        ("can you make it after 5", PaceWish(time=time(17))),
        ("could you text at half 2 instead", PaceWish(time=time(14, 30))),
        ("please text at 9.30am", PaceWish(time=time(9, 30))),
        ("evenings on fridays please", PaceWish((FRI,), time=time(17, 30))),
        ("every other week please", PaceWish(every=2)),
        ("once a month is enough pls", PaceWish(every=4)),
    ],
)
def test_another_day_time_or_pace(text: str, wish: PaceWish) -> None:
    assert pace_wished(text) == wish


@pytest.mark.parametrize(
    "text",
    ["had a good monday", "7", "went out tuesday and friday", "in the morning i feel rough",
     "better today", "please ring me", "mornings or afternoons are both better", "not good",
     "can you ring me", "at 3 in the night i cant sleep please help"],
)  # fmt: skip
def test_what_asks_for_no_other_pace(text: str) -> None:
    assert pace_wished(text) is None


@pytest.mark.parametrize(
    ("wish", "own", "wanted"),
    [
        (PaceWish((MON,)), Override(), Override(days=(MON,))),
        (PaceWish((TUE,)), Override(), None),
        (PaceWish(without=(TUE,)), Override(), Override(days=(MON,))),
        (PaceWish(less=True), Override(), Override(every=2)),
        (PaceWish(less=True), Override(every=2), Override(every=4)),
        (PaceWish(less=True), Override(every=4), None),
        (PaceWish(more=True), Override(every=4), Override(every=2)),
        (PaceWish(more=True), Override(), None),
        (PaceWish(time=time(14)), Override(days=(MON,)), Override(days=(MON,), time=time(14))),
    ],
)
def test_what_it_makes_of_a_tuesday_cadence(
    wish: PaceWish, own: Override, wanted: Override | None
) -> None:
    cadence = Cadence((TUE,), time(10), date(2027, 1, 4))
    assert wish.applied_to(cadence, own) == wanted


@given(st.text(max_size=80), st.dates(date(2026, 1, 1), date(2035, 12, 31)))
def test_whatever_is_written_an_absence_ends_after_it_starts(text: str, today: date) -> None:
    found = absence_wished(f"away {text}", today=today)
    assert found is None or found.ends_on is None or today <= found.starts_on < found.ends_on
