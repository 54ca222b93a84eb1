"""What residents ask about the texts themselves; doubt is left to a person."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.cadence import Cadence, Override, Weekday
from connector.domain.phrases import Intent
from connector.domain.steering import (
    AbsenceKind,
    AbsenceWish,
    News,
    PaceWish,
    Told,
    absence_wished,
    is_back,
    keyword,
    pace_wished,
    told_by_another,
    wished,
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
        ("we're away next week", AWAY, date(2027, 6, 7), date(2027, 6, 14)),
        ("away this weekend", AWAY, date(2027, 6, 5), date(2027, 6, 7)),
        ("im away tomorrow", AWAY, date(2027, 6, 3), date(2027, 6, 4)),
        ("going into hospital on friday", HOSPITAL, date(2027, 6, 4), None),
        ("away 2 weeks", AWAY, WEDNESDAY, date(2027, 6, 16)),
        ("me and my sister are away til friday", AWAY, WEDNESDAY, date(2027, 6, 4)),
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
        "he's away til friday and im so lonely",
        "my daughter is away till monday",
        "I was away last weekend",
        "I was in hospital last week",
        "at the hospital for an appointment",
        "im in the hospital with my wife",
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


@pytest.mark.parametrize(
    "text",
    [
        "my back hurts",
        "back on monday",
        "home is where the heart is",
        "want my life back",
        "stuck at home",
        "carry on like this",
    ],
)
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
     "felt better on tuesday", "see you monday please", "can you believe it rained friday",
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


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("STOPIO", "en", Intent.OPT_OUT),
        ("stopoi!", "cy", Intent.OPT_OUT),
        ("Peidiwch os gwelwch yn dda", "cy", Intent.OPT_OUT),
        ("Przestań", "en", Intent.OPT_OUT),
        ("ARRÊT", "fr", Intent.OPT_OUT),
        ("إيقاف", "ar", Intent.OPT_OUT),
        ("cymorth", "en", Intent.HELP),
        ("Ffoniwch fi", "cy", Intent.CALL_ME),
        ("ffonwich", "cy", Intent.CALL_ME),
        ("pam?", "cy", Intent.WHY),
        ("Pam", "en", None),
        ("mwy", "en", None),
        ("CYCHWYN", "cy", Intent.OPT_IN),
        ("cychwn", "cy", None),
        ("stopio smocio yw fy nod i", "cy", None),
        ("", "cy", None),
    ],
)
def test_a_keyword_of_another_language(text: str, language: str, intent: Intent | None) -> None:
    assert keyword(text, language) is intent


@pytest.mark.parametrize(
    ("text", "news", "sure"),
    [
        ("Sara passed away", News.DIED, True),
        ("Sara has sadly died on monday", News.DIED, True),
        ("this is her daughter, mum died last night", News.DIED, True),
        ("This is Sara's son, he is in prison... sorry, she is in hospital", News.AWAY, True),
        ("Sara's in hospital", News.AWAY, True),
        ("her carer here, she cant text", News.SAYS, True),
        ("texting for my mum, shes fine", News.SAYS, True),
        ("he's in prison now", News.AWAY, False),
        ("she passed away last night", News.DIED, False),
    ],
)
def test_somebody_else_writes(text: str, news: News, sure: bool) -> None:
    assert told_by_another(text, "Sara") == Told(news, sure)


@pytest.mark.parametrize(
    "text",
    ["my mum passed away on monday", "my husband is in hospital", "this is her daughters birthday",
     "my son is in prison", "it's Sara here", "I'm in hospital", "Sara says hello", "7", "",
     "the dog died", "my friend who passed away last year"],
)  # fmt: skip
def test_the_resident_writes_themselves(text: str) -> None:
    assert told_by_another(text, "Sara") is None


@given(st.text(max_size=120), st.text(max_size=12), st.sampled_from(["en", "cy", "ar", "xx"]))
def test_no_text_makes_reading_it_fail(text: str, name: str, language: str) -> None:
    told_by_another(text, name)
    for words in (text, f"text me {text}", f"away {text}"):
        wished(words, (), language=language, today=WEDNESDAY)
