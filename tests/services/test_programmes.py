"""Programmes in versions: drafts, two people at once, a second person, and publishing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from connector.domain.cadence import Taper, Weekday
from connector.domain.caps import Cap
from connector.domain.crisis_line import CrisisLine
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.programme import Programme, VersionState
from connector.domain.rota import Member, Role
from connector.domain.texting_rules import TextingRules
from connector.services import programmes as service
from connector.store import crisis_lines, programmes, versions
from connector.store.tables import AuditRow, CheckInRow
from connector.wiring import Wiring
from tests.conftest import NOON
from tests.makers import Loop, a_member, a_programme, a_resident

RULES = TextingRules()
CALM = Cap(1, 7, 28)
TODAY = NOON.date()
Act = Callable[..., Any]


@pytest.fixture
def session(wiring: Wiring) -> Iterator[Session]:
    with wiring.transaction() as session:
        yield session


@pytest.fixture
def priya(session: Session) -> Member:
    return a_member(session, "Priya Nair", Role.COORDINATOR)


@pytest.fixture
def tom(session: Session) -> Member:
    return a_member(session, "Tom Ward", Role.COORDINATOR, n=901)


@pytest.fixture
def weekly(session: Session) -> int:
    return a_programme(session, days=(Weekday.TUE,))


def publish(session: Session, programme_id: int, by: Member, **changes: Any) -> versions.Version:
    draft = versions.draft(session, programme_id)
    assert draft
    given = {"edits": draft.edits, "why": "Better words", "on": TODAY, "now": NOON, **changes}
    return service.publish(session, programme_id, RULES, by=by, **given)


def saved(session: Session, id_: int, by: Member, **changes: Any) -> versions.Version:
    """The draft with some of it changed."""
    draft = service.start_draft(session, id_, by=by, now=NOON)
    programme = replace(draft.programme, **changes)
    return service.save_draft(session, id_, programme, edits=draft.edits, by=by, now=NOON)


def words(programme: Programme, *texts: str, language: str = "en") -> dict[str, Any]:
    item = replace(programme.items[0], wording={**programme.wording, language: texts})
    return {"items": (item, *programme.items[1:])}


def test_a_new_programme_is_a_draft_that_texts_nobody(session: Session, priya: Member) -> None:
    plain = programmes.by_id(session, [a_programme(session)]).popitem()[1]
    id_ = service.create(session, replace(plain, name="  Evening  texts "), by=priya, now=NOON)
    draft = versions.draft(session, id_)
    assert draft
    assert (draft.number, draft.programme.name) == (1, "Evening texts")
    assert id_ not in programmes.by_id(session, [id_])


@pytest.mark.parametrize("name", ["", "x" * 121, "weekly CHECK-in"])
def test_a_programme_needs_a_name_of_its_own(session: Session, priya: Member, name: str) -> None:
    plain = programmes.by_id(session, [a_programme(session)]).popitem()[1]
    with pytest.raises(Invalid):
        service.create(session, replace(plain, name=name), by=priya, now=NOON)


def test_a_draft_is_a_copy_of_what_is_published_and_there_is_only_one(
    session: Session, priya: Member, tom: Member, weekly: int
) -> None:
    first = service.start_draft(session, weekly, by=priya, now=NOON)
    again = service.start_draft(session, weekly, by=tom, now=NOON)
    assert (first.id, first.number, first.edits) == (again.id, 2, 1)
    published = versions.published(session, weekly)
    assert published
    assert programmes.to_content(published.programme) == programmes.to_content(first.programme)


def test_who_saves_second_is_told_and_nothing_of_the_first_is_lost(
    session: Session, priya: Member, tom: Member, weekly: int
) -> None:
    seen = service.start_draft(session, weekly, by=priya, now=NOON)
    changed = replace(seen.programme, **words(seen.programme, "Hi {name}, how is it? {sender}"))
    service.save_draft(session, weekly, changed, edits=seen.edits, by=tom, now=NOON)
    with pytest.raises(Refused, match="Tom Ward saved this draft while you were writing"):
        service.save_draft(session, weekly, seen.programme, edits=seen.edits, by=priya, now=NOON)
    kept = versions.draft(session, weekly)
    assert kept
    assert kept.programme.wording == changed.wording


def test_a_draft_can_be_thrown_away_but_not_the_only_version(
    session: Session, priya: Member, weekly: int
) -> None:
    draft = service.start_draft(session, weekly, by=priya, now=NOON)
    service.discard_draft(session, weekly, edits=draft.edits, by=priya, now=NOON)
    assert versions.draft(session, weekly) is None
    assert versions.published(session, weekly)
    only = service.create(session, replace(draft.programme, name="New"), by=priya, now=NOON)
    with pytest.raises(Refused, match="nothing but its draft"):
        service.discard_draft(session, only, edits=1, by=priya, now=NOON)


def test_publishing_replaces_what_was_published_and_keeps_it(
    session: Session, priya: Member, weekly: int
) -> None:
    before = versions.published(session, weekly)
    assert before
    saved(session, weekly, priya, **words(before.programme, "Hello {name}, 0 to 10? {sender}"))
    now = publish(session, weekly, priya)
    assert [one.state for one in versions.history(session, weekly)] == [
        VersionState.PUBLISHED,
        VersionState.REPLACED,
    ]
    assert programmes.by_id(session, [weekly])[weekly].version_id == now.id
    assert (now.published_by, now.published_at, now.why) == (priya.id, NOON, "Better words")
    acts = session.scalars(select(AuditRow.act).where(AuditRow.subject_id == now.id))
    assert "version published" in list(acts)


@pytest.mark.parametrize(
    "change",
    [
        "content = '{}'",
        "number = 9",
        "state = 'draft'",
        "why = 'x'",
        "published_by = NULL, edits=3",
    ],
)
@pytest.mark.parametrize("state", ["published", "replaced"])
def test_the_database_itself_refuses_to_change_a_published_version(
    session: Session, priya: Member, weekly: int, state: str, change: str
) -> None:
    saved(session, weekly, priya)
    publish(session, weekly, priya)
    with (
        pytest.raises(DBAPIError, match="a published version never changes"),
        session.begin_nested(),
    ):
        session.execute(text(f"UPDATE programme_version SET {change} WHERE state = '{state}'"))
    service.start_draft(session, weekly, by=priya, now=NOON)


def test_a_draft_that_was_published_meanwhile_cannot_be_saved(
    session: Session, priya: Member, tom: Member, weekly: int
) -> None:
    seen = service.start_draft(session, weekly, by=priya, now=NOON)
    publish(session, weekly, tom)
    with pytest.raises(Refused, match="no draft any more"):
        service.save_draft(session, weekly, seen.programme, edits=seen.edits, by=priya, now=NOON)


def test_only_what_was_looked_at_is_published(
    session: Session, priya: Member, tom: Member, weekly: int
) -> None:
    seen = service.start_draft(session, weekly, by=priya, now=NOON)
    saved(session, weekly, tom, meant_for="Everybody")
    with pytest.raises(Refused, match="Tom Ward saved"):
        publish(session, weekly, priya, edits=seen.edits)


def test_words_alone_move_nobody_and_another_day_moves_what_was_not_sent(loop: Loop) -> None:
    with loop.wiring.transaction() as session:
        priya = a_member(session, role=Role.COORDINATOR)
        weekly = a_programme(session, days=(Weekday.THU,))
        a_resident(session, weekly, now=loop.clock())
    loop.plan()
    before = planned(loop)
    with loop.wiring.transaction() as session:
        draft = service.start_draft(session, weekly, by=priya, now=NOON)
        saved(session, weekly, priya, **words(draft.programme, "Hi {name}, 0 to 10? {sender}"))
        publish(session, weekly, priya)
    loop.plan()
    assert planned(loop) == before
    with loop.wiring.transaction() as session:
        draft = service.start_draft(session, weekly, by=priya, now=NOON)
        saved(session, weekly, priya, cadence=replace(draft.programme.cadence, days=(Weekday.FRI,)))
        publish(session, weekly, priya)
    loop.plan()
    assert planned(loop)
    assert {day.weekday() for _, day in planned(loop)} == {4}


def planned(loop: Loop) -> list[tuple[int, date]]:
    with loop.wiring.reading() as session:
        rows = select(CheckInRow.resident_id, CheckInRow.occurrence).where(
            CheckInRow.state == "planned"
        )
        return sorted((id_, day) for id_, day in session.execute(rows))


def _cadence(programme: Programme, **changes: Any) -> dict[str, Any]:
    return {"cadence": replace(programme.cadence, **changes)}


REFUSED = {
    "more than the cap": (
        lambda one: _cadence(one, days=tuple(Weekday)[:3]),
        "It asks for 3 texts within 7 days, and nobody gets more than 2",
    ),
    "no end in sight of a goodbye": (
        lambda one: _cadence(one, every=4, ends_on=date(2027, 3, 1)),
        "It ends without a word: write a goodbye.",
    ),
    "full pace to the end": (
        lambda one: _cadence(one, ends_on=date(2027, 3, 1)),
        "It ends at full pace",
    ),
    "slows down and never asks": (
        lambda one: _cadence(one, taper=Taper(12, (2, 4))),
        "never asks whether to go on",
    ),
    "over already": (
        lambda one: _cadence(one, starts_on=date(2026, 1, 1), every=4, ends_on=date(2026, 3, 1)),
        "Its last text was due on",
    ),
    "three segments": (
        lambda one: words(one, "Hi {name}. " + "All is well here. " * 25),
        "The question 'first' takes 4 segments with a long name, and 2 is the most",
    ),
    "brackets that nothing fills": (
        lambda one: words(one, "Hi {nam}, 0 to 10? {sender}"),
        "The question 'first' says {nam}, and nothing is filled in there",
    ),
    "held back words": (
        lambda one: words(one, "Hi {name}, are you lonely? {sender}"),
        "The question 'first' says “lonely”: use other words",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_published_says_why_and_what_to_do(
    session: Session, priya: Member, weekly: int, case: str
) -> None:
    change, sentence = REFUSED[case]
    draft = service.start_draft(session, weekly, by=priya, now=NOON)
    draft = saved(session, weekly, priya, **change(draft.programme))
    found = service.problems(session, draft, RULES, on=TODAY)
    assert any(sentence in one for one in found)
    with pytest.raises(Refused):
        publish(session, weekly, priya)


def test_days_that_the_rules_always_skip_are_refused(
    session: Session, priya: Member, weekly: int
) -> None:
    from connector.domain.calendar import Calendar, WhenClosed

    draft = service.start_draft(session, weekly, by=priya, now=NOON)
    draft = saved(session, weekly, priya, **_cadence(draft.programme, days=(Weekday.SUN,)))
    rules = TextingRules(Calendar(on_sunday=WhenClosed.SKIP))
    assert "No text can ever go out" in service.problems(session, draft, rules, on=TODAY)[0]


def test_a_crisis_line_past_its_day_holds_everything_up(
    session: Session, priya: Member, weekly: int
) -> None:
    line = CrisisLine(
        "A helpline", "0800 000 000", "", "Priya", "their page", date(2026, 1, 5), date(2026, 6, 1)
    )
    crisis_lines.keep(session, line, today=date(2026, 1, 5), by=priya.id, now=NOON)
    service.start_draft(session, weekly, by=priya, now=NOON)
    with pytest.raises(Refused, match="A helpline is past the day to look again"):
        publish(session, weekly, priya)


def test_a_language_that_somebody_reads_needs_words(
    session: Session, priya: Member, weekly: int
) -> None:
    for n, language in enumerate(("cy", "cy", "pl", "en")):
        a_resident(session, weekly, n=10 + n, language=language, now=NOON)
    draft = service.start_draft(session, weekly, by=priya, now=NOON)
    assert service.problems(session, draft, RULES, on=TODAY) == [
        "The question 'first' has no words in Welsh (2 people) and Polish (1 person): "
        "write them before it goes out."
    ]
    draft = saved(session, weekly, priya, **words(draft.programme, "Helo {name}", language="cy"))
    assert "Welsh" not in service.problems(session, draft, RULES, on=TODAY)[0]


def test_held_back_words_need_a_second_person_with_a_reason(
    session: Session, priya: Member, tom: Member, weekly: int
) -> None:
    draft = service.start_draft(session, weekly, by=priya, now=NOON)
    held = words(draft.programme, "Hi {name}, are you lonely? {sender}")
    draft = saved(session, weekly, priya, **held)
    with pytest.raises(Refused, match="ask somebody else"):
        service.approve(session, weekly, "Fine", edits=draft.edits, by=priya, now=NOON)
    with pytest.raises(Invalid, match="Say in a few words"):
        service.approve(session, weekly, " ", edits=draft.edits, by=tom, now=NOON)
    service.approve(session, weekly, "Asked for by them", edits=draft.edits, by=tom, now=NOON)
    assert publish(session, weekly, priya).approval == "Asked for by them"


def test_an_approval_holds_for_the_words_that_were_read_and_no_others(
    session: Session, priya: Member, tom: Member, weekly: int
) -> None:
    draft = service.start_draft(session, weekly, by=priya, now=NOON)
    draft = saved(session, weekly, priya, **words(draft.programme, "Are you lonely, {name}?"))
    service.approve(session, weekly, "Asked for", edits=draft.edits, by=tom, now=NOON)
    assert saved(session, weekly, priya, timely_for=timedelta(hours=2)).approved_by == tom.id
    again = saved(session, weekly, priya, **words(draft.programme, "So lonely, {name}?"))
    assert (again.approved_by, again.approval) == (None, "")


def test_nothing_to_approve_is_said(session: Session, tom: Member, weekly: int) -> None:
    draft = service.start_draft(session, weekly, by=tom, now=NOON)
    with pytest.raises(Refused, match="Nothing in this draft is held back"):
        service.approve(session, weekly, "Good", edits=draft.edits, by=tom, now=NOON)


def test_a_programme_that_is_not_there_is_not_found(session: Session, tom: Member) -> None:
    with pytest.raises(NotFound):
        service.start_draft(session, 99, by=tom, now=NOON)
