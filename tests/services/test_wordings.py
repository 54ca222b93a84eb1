"""The words of this installation: who may approve what, and what goes out afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connector.domain.crisis_line import CrisisLine
from connector.domain.errors import Invalid, Refused
from connector.domain.fixed_texts import FixedText, WordingState
from connector.domain.phrases import Rulebook
from connector.domain.rota import Member, Role
from connector.gateways.wording import FRESH_FOR, LibraryWording
from connector.services import crisis_lines, wordings
from connector.settings import shipped
from connector.store import wordings as kept
from connector.store.tables import CrisisLineRow
from connector.wiring import Wiring
from tests.conftest import NOON, make_reader
from tests.makers import Loop, a_member

TODAY = NOON.date()
CRISIS = FixedText("crisis_closed", "In danger", crisis=True, required=("read_by",))
THANKS = FixedText("unknown_number", "Thanks", allowed=("name",), takes_turns=True)
GOOD_CRISIS = "Read by {read_by}. Call 999 or Samaritans 116 123."


class Office:
    """Two people who answer for the words, on one database."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.now = NOON
        with wiring.transaction() as session:
            self.morag = a_member(session, "Morag Bell", Role.COORDINATOR, n=901)
            self.tomos = a_member(session, "Tomos Rees", Role.ADMINISTRATOR, n=902)

    def tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def draft(self, text: FixedText, *texts: str, by: Member | None = None, seen: str = "") -> str:
        """Keep a draft; returns what names it."""
        with self.wiring.transaction() as session:
            wordings.save(
                session, text, "en", texts, seen=seen, by=by or self.morag, now=self.tick()
            )
        return self.seen(text)

    def seen(self, text: FixedText) -> str:
        with self.wiring.reading() as session:
            draft = kept.lock(session, text.name, "en", WordingState.DRAFT)
        return draft.seen if draft else ""

    def approve(self, text: FixedText, *, by: Member, why: str = "", on: date = TODAY) -> None:
        seen = self.seen(text)
        with self.wiring.transaction() as session:
            wordings.approve(
                session, text, "en", seen=seen, why=why, by=by, today=on, now=self.tick()
            )

    def states(self, text: FixedText) -> list[str]:
        with self.wiring.reading() as session:
            return [one.state.value for one in kept.history(session, text.name, "en")]

    def library(self, ticks: list[float]) -> LibraryWording:
        folder = shipped("templates") / "sms"
        return LibraryWording(folder, self.wiring.readers, lambda: ticks[0])


@pytest.fixture
def office(wiring: Wiring) -> Office:
    return Office(wiring)


@pytest.mark.parametrize(
    ("text", "words", "by_writer", "why", "refusal"),
    [
        pytest.param(THANKS, "Thank you.", True, "", None, id="plain words by the writer"),
        pytest.param(THANKS, "Thank you.", False, "", None, id="plain words by another"),
        pytest.param(
            THANKS, "You must ring.", True, "They asked", "somebody else", id="held back, writer"
        ),
        pytest.param(THANKS, "You must ring.", False, "", "say why", id="held back, no reason"),
        pytest.param(THANKS, "You must ring.", False, "They asked", None, id="held back, reason"),
        pytest.param(CRISIS, GOOD_CRISIS, True, "", "somebody else", id="crisis, writer"),
        pytest.param(CRISIS, GOOD_CRISIS, False, "", None, id="crisis, another"),
        pytest.param(
            CRISIS, "By {read_by}: 0300 123 3393.", False, "", "not on the list", id="a number"
        ),
        pytest.param(CRISIS, "By {read_by}.", False, "", "at least one", id="crisis, no number"),
    ],
)
def test_who_may_approve_what(
    office: Office, text: FixedText, words: str, by_writer: bool, why: str, refusal: str | None
) -> None:
    office.draft(text, words)
    by = office.morag if by_writer else office.tomos
    if refusal is None:
        office.approve(text, by=by, why=why)
        assert office.states(text) == ["approved"]
        return
    with pytest.raises((Refused, Invalid), match=refusal):
        office.approve(text, by=by, why=why)
    assert office.states(text) == ["draft"]


def test_the_reason_of_the_second_person_is_kept(office: Office) -> None:
    office.draft(THANKS, "You must ring.")
    office.approve(THANKS, by=office.tomos, why=" It is  a joke here ")
    with office.wiring.reading() as session:
        [one] = kept.history(session, THANKS.name, "en")
    assert (one.maker, one.decider, one.decision) == (
        "Morag Bell",
        "Tomos Rees",
        "It is a joke here",
    )


def test_an_approved_wording_never_changes_and_is_replaced_by_the_next(office: Office) -> None:
    for words in ("One.", "Two.", "Three."):
        office.draft(THANKS, words)
        office.approve(THANKS, by=office.morag)
    assert office.states(THANKS) == ["approved", "replaced", "replaced"]
    with office.wiring.reading() as session:
        assert [one.texts for one in kept.history(session, THANKS.name, "en")] == [
            ("Three.",),
            ("Two.",),
            ("One.",),
        ]
        assert kept.in_use(session) == {("en", THANKS.name): ("Three.",)}


def test_of_two_people_who_change_a_draft_the_second_is_told(office: Office) -> None:
    first = office.draft(THANKS, "One.")
    office.draft(THANKS, "Two.", by=office.tomos, seen=first)
    with pytest.raises(Refused, match="Somebody has changed this draft"):
        office.draft(THANKS, "Three.", seen=first)
    with pytest.raises(Refused, match="Somebody has changed this draft"):
        office.draft(THANKS, "Three.", seen="")


def test_nobody_approves_words_they_have_not_seen(office: Office) -> None:
    first = office.draft(THANKS, "One.")
    office.draft(THANKS, "You must ring.", by=office.tomos, seen=first)
    with pytest.raises(Refused, match="Somebody has changed"), office.wiring.transaction() as one:
        wordings.approve(
            one, THANKS, "en", seen=first, why="", by=office.morag, today=TODAY, now=NOON
        )


def test_a_draft_put_aside_changes_nothing_that_goes_out(office: Office) -> None:
    seen = office.draft(THANKS, "One.")
    with office.wiring.transaction() as session:
        wordings.refuse(
            session, THANKS, "en", seen=seen, why="Too short", by=office.tomos, now=NOON
        )
    assert office.states(THANKS) == ["refused"]
    office.draft(THANKS, "Two.")
    assert office.states(THANKS) == ["draft", "refused"]


def test_words_that_cannot_be_kept_are_refused(office: Office) -> None:
    with pytest.raises(Invalid, match="cannot be filled"):
        office.draft(THANKS, "Hi {nmae}")
    with pytest.raises(Invalid, match=r"It needs \{read_by\}"):
        office.draft(CRISIS, "Call 999.")


def test_what_is_approved_goes_out_within_seconds_and_one_act_goes_back(office: Office) -> None:
    ticks = [0.0]
    library = office.library(ticks)
    as_shipped = library.text("en", THANKS.name)
    office.draft(THANKS, "Our own, one.", "Our own, two.")
    office.approve(THANKS, by=office.morag)
    assert library.text("en", THANKS.name) == as_shipped
    ticks[0] += FRESH_FOR
    assert [library.text("en", THANKS.name, n) for n in (1, 2, 3)] == [
        "Our own, one.",
        "Our own, two.",
        "Our own, one.",
    ]
    with office.wiring.transaction() as session:
        wordings.back_to_shipped(session, THANKS, "en", by=office.tomos, now=NOON)
    ticks[0] += FRESH_FOR
    assert library.text("en", THANKS.name) == as_shipped
    with pytest.raises(Refused, match="already"), office.wiring.transaction() as session:
        wordings.back_to_shipped(session, THANKS, "en", by=office.tomos, now=NOON)
    with office.wiring.reading() as session:
        ids = [one.id for one in kept.history(session, THANKS.name, "en")]
        assert kept.taken_back(session, ids)[ids[0]].by_name == "Tomos Rees"


def test_own_english_goes_before_shipped_english_but_after_the_language_itself(
    office: Office,
) -> None:
    office.draft(THANKS, "Our own.")
    office.approve(THANKS, by=office.morag)
    library = office.library([0.0])
    assert library.text("pl", THANKS.name) == "Our own."
    assert library.text("cy", THANKS.name).startswith("Diolch")


def test_records_that_do_not_answer_hold_no_text_back(office: Office) -> None:
    ticks, away = [0.0], [False]

    def sessions() -> Session:
        if away[0]:
            raise OperationalError("SELECT", {}, Exception("no line"))
        return office.wiring.readers()

    library = LibraryWording(shipped("templates") / "sms", sessions, lambda: ticks[0])
    office.draft(CRISIS, GOOD_CRISIS)
    office.approve(CRISIS, by=office.tomos)
    for away[0] in (False, True):
        said = library.crisis("en", open_now=False, read_by="9am Monday")
        assert said.startswith("Read by 9am Monday")
        ticks[0] += FRESH_FOR
    never_read = LibraryWording(shipped("templates") / "sms", sessions)
    assert "116 123" in never_read.crisis("en", open_now=True, read_by="")


def test_what_was_approved_is_what_a_resident_gets(
    office: Office, loop: Loop, rules: Rulebook
) -> None:
    loop.wiring.reader = make_reader(loop.wiring, rules, wording=loop.wiring.wording)
    office.draft(THANKS, "Thank you. Somebody reads this tomorrow.")
    office.approve(THANKS, by=office.morag)
    loop.says("hello, who is this please", n=55)
    loop.send()
    assert loop.bodies_to(55) == ["Thank you. Somebody reads this tomorrow."]


class Lines:
    """The lines of an installation, and the day."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def keep(self, line: CrisisLine, *, new: bool = False) -> None:
        with self.office.wiring.transaction() as session:
            crisis_lines.look_up(
                session, line, new=new, by=self.office.morag, today=TODAY, now=NOON
            )

    def load(self) -> dict[str, CrisisLine]:
        with self.office.wiring.reading() as session:
            return {line.name: line for line in crisis_lines.lines(session)}


@pytest.fixture
def lines(office: Office) -> Lines:
    return Lines(office)


SHOUT = CrisisLine(
    "Shout", "85258", "By text", "Morag Bell", "giveusashout.org", TODAY, date(2027, 5, 1)
)


def test_a_line_that_was_looked_up_goes_before_the_shipped_one(lines: Lines) -> None:
    assert lines.load()["Shout"].owner_words == "nobody yet"
    lines.keep(SHOUT)
    assert lines.load()["Shout"] == SHOUT
    lines.keep(replace(SHOUT, contact="85259"))
    assert lines.load()["Shout"].contact == "85259"


def test_a_place_has_lines_of_its_own(lines: Lines) -> None:
    local = replace(SHOUT, name="Shout in the North East", contact="85258 with CALMER")
    lines.keep(local, new=True)
    assert list(lines.load())[-1] == "Shout in the North East"
    with pytest.raises(Invalid, match="on the list already"):
        lines.keep(replace(SHOUT, name="SHOUT"), new=True)


def test_a_line_that_is_not_used_here_is_named_nowhere(office: Office, lines: Lines) -> None:
    with office.wiring.transaction() as session:
        crisis_lines.not_used(session, "Shout", by=office.morag, today=TODAY, now=NOON)
    assert not lines.load()["Shout"].used
    office.draft(CRISIS, "Text 85258 by {read_by}, or 999.")
    with pytest.raises(Refused, match="85258 is not on the list"):
        office.approve(CRISIS, by=office.tomos)


def test_a_line_past_its_day_holds_back_words_and_programmes_but_no_answer(
    office: Office, lines: Lines
) -> None:
    lines.keep(SHOUT)
    late = SHOUT.review_by
    assert late is not None
    late += timedelta(days=1)
    with office.wiring.transaction() as session:
        session.execute(update(CrisisLineRow).values(review_by=late - timedelta(days=1)))
        assert "Shout" in {line.name for line in crisis_lines.expired(session, on=late)}
        assert "85258" not in crisis_lines.numbers(session, on=late)
        with pytest.raises(Refused, match="Look them up"):
            crisis_lines.refuse_if_expired(session, on=late)
        crisis_lines.refuse_if_expired(session, on=TODAY)
    office.draft(THANKS, "Thank you.")
    with pytest.raises(Refused, match="past the day to look again"):
        office.approve(THANKS, by=office.tomos, on=late)
    answer = office.library([0.0]).crisis("en", open_now=True, read_by="")
    assert "85258" in answer


@pytest.mark.parametrize(
    ("on", "verdict"),
    [
        (TODAY, "set by hand"),
        (date(2027, 2, 24), "wrong"),
    ],
    ids=["nobody owns it", "past its day"],
)
def test_the_doctor_speaks_of_every_line_that_is_used(
    office: Office, on: date, verdict: str
) -> None:
    with office.wiring.reading() as session:
        found = crisis_lines.findings(crisis_lines.lines(session), on=on)
    shout = next(one for one in found if one.about == "Crisis line Shout")
    assert shout.verdict.value == verdict
