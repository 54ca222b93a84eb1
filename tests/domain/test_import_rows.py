"""What a line of a list says: what is put back, what is said, and who is taken for whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.consent import AgreementState
from connector.domain.import_rows import (
    LANDLINE,
    LANGUAGES,
    LOST_ZERO,
    Act,
    Column,
    Directory,
    Known,
    Line,
    Listed,
    decide,
    find_headings,
    folded,
    is_empty,
    match,
    problems_of_match,
    read,
    read_number,
    same_name,
)
from connector.domain.resident import NO_MESSAGE, ContactBy, Resident

HERE = Directory(
    LANGUAGES,
    folded({"Weekly check-in": 7}),
    folded({"Priya Nair": 3, "priya@example.org": 3}),
    True,
)
MOBILE = "+447700900123"


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        pytest.param(
            ("First Name", "SURNAME", "Mobile No."),
            {"given_name": 0, "family_name": 1, "number": 2},
            id="usual words",
        ),
        pytest.param(
            ("forename", "last_name", "tel."),
            {"given_name": 0, "family_name": 1, "number": 2},
            id="other words",
        ),
        pytest.param(
            ("Name", "Home phone", "Mobile"),
            {"full_name": 0, "number": 2},
            id="the mobile before the other phone",
        ),
        pytest.param(
            ("Moblie number", "Langauge", "Surnmae"),
            {"number": 0, "language": 1, "family_name": 2},
            id="misspelt",
        ),
        pytest.param(("", "Date of birth", "NHS number", "Notes"), {}, id="nothing we know"),
        pytest.param(
            ("Ref", "Known as", "Likes", "Programme", "Connector"),
            {"reference": 0, "known_as": 1, "likes": 2, "programme": 3, "connector": 4},
            id="all the rest",
        ),
    ],
)
def test_columns_are_matched_by_their_headings(
    headings: tuple[str, ...], columns: dict[str, int]
) -> None:
    assert {column.value: place for column, place in match(headings).items()} == columns


def test_headings_stand_below_a_title_or_nowhere() -> None:
    people = ("Ada", "Begum", "07700 900123")
    head = ("First name", "Surname", "Mobile")
    assert find_headings([("Residents, spring",), (), head, people]) == 2
    assert find_headings([people, people]) is None


def test_a_match_has_to_say_who_and_how() -> None:
    assert problems_of_match({}) == (
        "Say which column holds the names.",
        "Say which column holds the phone numbers.",
    )
    assert problems_of_match({Column.FULL: 0, Column.NUMBER: 1}) == ()


@pytest.mark.parametrize(
    ("cell", "number", "by", "note"),
    [
        pytest.param("07700 900123", MOBILE, "text", "", id="as usual"),
        pytest.param("7700900123", MOBILE, "text", LOST_ZERO, id="lost zero"),
        pytest.param("7700 900123", MOBILE, "text", LOST_ZERO, id="lost zero, with a gap"),
        pytest.param("7700900123.0", MOBILE, "text", LOST_ZERO, id="lost zero, with a point"),
        pytest.param("447700900123", MOBILE, "text", "", id="lost plus"),
        pytest.param("+44 (0)7700 900123", MOBILE, "text", "", id="both prefixes"),
        pytest.param("0044 7700 900123", MOBILE, "text", "", id="double zero"),
        pytest.param("07700-900-123", MOBILE, "text", "", id="dashes"),
        pytest.param("4.47700900123E+11", MOBILE, "text", "", id="a power with every digit"),
        pytest.param("7.700900123E+9", MOBILE, "text", LOST_ZERO, id="the same without 44"),
        pytest.param("020 7946 0123", "+442079460123", "call", LANDLINE, id="landline"),
        pytest.param("n/a", "", "", "", id="not available"),
        pytest.param("none", "", "", "", id="none"),
        pytest.param("-", "", "", "", id="a dash"),
        pytest.param("", "", "", "", id="empty"),
    ],
)
def test_a_number_is_put_right_where_that_is_certain(
    cell: str, number: str, by: str, note: str
) -> None:
    found = read_number(cell, drama=True)
    assert (found.number, found.contact_by, found.problems) == (number, by, ())
    assert found.notes == ((note,) if note else ())


def test_a_landline_that_lost_its_zero_is_said_twice() -> None:
    assert read_number("2079460123", drama=True).notes == (LOST_ZERO, LANDLINE)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        pytest.param(
            "4.47E+11", "to a form with E+11 in it, and its last digits are lost", id="a power"
        ),
        pytest.param("4.477E11", "its last digits are lost", id="a power without a plus"),
        pytest.param("4,47E+11", "its last digits are lost", id="a power with a comma"),
        pytest.param("24/11/2026", "There is a date where the number should be", id="a date"),
        pytest.param("2026-11-24", "There is a date", id="a date from a workbook"),
        pytest.param("12-Jan-77", "There is a date", id="a date with a month"),
        pytest.param("#N/A", "a spreadsheet's error", id="an error"),
        pytest.param("########", "a spreadsheet's error", id="a column too narrow"),
        pytest.param("07700900123 / 07700900124", "two numbers in one cell", id="two numbers"),
        pytest.param("07700 900123 07700 900124", "two numbers", id="two numbers side by side"),
        pytest.param("07700900123 or 07700900124", "two numbers", id="one or the other"),
        pytest.param("07700 900123 (daughter)", "words beside the number", id="words"),
        pytest.param("0770090012", "too short", id="a digit short"),
        pytest.param("077009001234", "too long", id="a digit too many"),
        pytest.param("+33 6 12 34 56 78", "from abroad", id="from abroad"),
        pytest.param("0808 157 0123", "free phone", id="free phone"),
        pytest.param("O7700 9OO123", "letters or signs", id="letters for digits"),
    ],
)
def test_a_number_that_cannot_be_put_right_says_what_to_do(cell: str, words: str) -> None:
    found = read_number(cell, drama=True)
    assert found.number == ""
    assert words in found.problems[0]
    assert cell not in found.problems[0]


def test_numbers_for_drama_are_for_demonstrations_only() -> None:
    assert "set aside for drama" in read_number("07700 900123", drama=False).problems[0]
    assert read_number("07911 123456", drama=False).number == "+447911123456"


@given(st.text(max_size=40))
def test_any_cell_gives_a_number_or_a_reason(cell: str) -> None:
    found = read_number(cell, drama=True)
    assert not (found.number and found.problems)
    if found.number:
        assert found.number.startswith("+44")
        assert found.contact_by in ("text", "call")


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_line_is_read_without_breaking(cells: list[str]) -> None:
    found = {column: place for place, column in enumerate(Column)}
    line = read(cells, found, HERE)
    assert line.problems or (line.person.known_as and line.person.contact_by)


COLUMNS = (
    Column.FULL,
    Column.NUMBER,
    Column.LANGUAGE,
    Column.PROGRAMME,
    Column.CONNECTOR,
    Column.REACH,
    Column.SHARED,
    Column.NEEDS,
)
PLACES = {column: place for place, column in enumerate(COLUMNS)}


def line_of(*cells: str) -> Line:
    return read(cells, PLACES, HERE)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        pytest.param(("", "07700 900123"), "The name is missing", id="no name"),
        pytest.param(("Ada Begum", ""), "The number is missing", id="no number"),
        pytest.param(("07700 900123", "Ada"), "The name has digits", id="columns swapped"),
        pytest.param(
            ("Ada", "07700 900123", "Klingon"), "do not know this language", id="language"
        ),
        pytest.param(
            ("Ada", "07700 900123", "", "Dance"), "no programme of this name", id="programme"
        ),
        pytest.param(
            ("Ada", "07700 900123", "", "", "Sam"), "No connector of this name", id="connector"
        ),
        pytest.param(
            ("Ada", "07700 900123", "", "", "", "pigeon"), "Write text, call or visit", id="way"
        ),
        pytest.param(
            ("Ada", "07700 900123", "", "", "", "", "perhaps"), "Write yes or no", id="yes or no"
        ),
        pytest.param(("A" * 70, "07700 900123"), "The name is too long", id="long name"),
        pytest.param(
            ("Ada", "07700 900123", "", "", "", "", "", "x" * 600), "is too long", id="long"
        ),
        pytest.param(("=cmd|calc", "07700 900123"), "makes it a formula", id="a formula"),
        pytest.param(("ZoÃ« Begum", "07700 900123"), "were damaged", id="damaged letters"),
        pytest.param(("Zo\ufffd Begum", "07700 900123"), "were damaged", id="lost letters"),
        pytest.param(("#REF!", "07700 900123"), "a spreadsheet's error", id="an error"),
    ],
)
def test_a_problem_is_said_in_plain_words(cells: tuple[str, ...], words: str) -> None:
    problems = line_of(*cells).problems
    assert any(words in one for one in problems), problems


@pytest.mark.parametrize(
    ("whole", "given", "family"),
    [
        ("Ada Begum", "Ada", "Begum"),
        ("Begum, Ada", "Ada", "Begum"),
        ("Mrs Ada Begum", "Ada", "Begum"),
        ("Begum, Mrs Ada", "Ada", "Begum"),
        ("Ada", "Ada", ""),
        ("  Ada   Mary  O'Brien ", "Ada Mary", "O'Brien"),
        ("Zoë Nuñez", "Zoë", "Nuñez"),
    ],
)
def test_a_whole_name_is_parted(whole: str, given: str, family: str) -> None:
    person = line_of(whole, "07700 900123").person
    assert (person.given_name, person.family_name) == (given, family)


def test_a_full_line_says_all_it_can() -> None:
    person = line_of(
        "Ada Begum", '="07700900123"', "Cymraeg", "weekly CHECK-IN", "Priya Nair", "Phone", "yes",
        "Large print; rings twice",
    ).person  # fmt: skip
    assert person == Listed(
        "Ada", "Begum", "Ada", MOBILE, "call", "cy", ("Large print", "rings twice"), (), True, None,
        3, (7,), "",
    )  # fmt: skip


def test_whoever_is_visited_needs_no_number() -> None:
    line = line_of("Ada Begum", "", "", "", "", "visit")
    assert (line.problems, line.person.contact_by) == ((), "visit")


def test_a_line_of_nothing_is_empty() -> None:
    assert is_empty(("", "  "))
    assert not is_empty(("", "x"))


def known(name: str = "Ada", family: str = "Begum", **changes: object) -> Known:
    values: dict[str, object] = {
        "id": 1,
        "given_name": name,
        "family_name": family,
        "known_as": name,
        "number": MOBILE,
        "language": "en",
        "zone": "Europe/London",
        "connector_id": None,
        "agreement": AgreementState.GIVEN,
    }
    return Known(Resident(**{**values, **changes}), frozenset({7}))  # type: ignore[arg-type]


ADA = Listed("Ada", "Begum", "Ada", MOBILE, "text")


def test_an_empty_cell_changes_nothing() -> None:
    found = decide(
        Line(Listed("Ada", "", "Ada", MOBILE, "text")),
        by_reference=None,
        on_number=[known(needs=("Large print",), likes=("Cards",), language="cy")],
    )
    assert found.act is Act.SAME


def test_that_no_message_may_be_left_stays_among_the_needs() -> None:
    person = Listed("Ada", "Begum", "Ada", MOBILE, "text", needs=("Large print",))
    there = known(needs=(NO_MESSAGE, "Large print"), message_ok=False)
    assert decide(Line(person), by_reference=None, on_number=[there]).act is Act.SAME


def test_whoever_had_no_number_gets_one_and_is_reached_by_it() -> None:
    there = known(number="", contact_by=ContactBy.VISIT)
    found = decide(Line(ADA), by_reference=there, on_number=())
    assert found.changes == {"number": MOBILE, "contact_by": ContactBy.TEXT}


def test_somebody_who_has_died_is_changed_by_no_list() -> None:
    found = decide(Line(ADA), by_reference=None, on_number=[known(standing="died")])
    assert found.act is Act.LEAVE
    assert "having died" in found.problems[0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Ada", "Begum"), ("Ada", "Begum"), True),
        (("ADA", "begum"), ("Ada", "Begum"), True),
        (("Zoe", "Begum"), ("Zoë", "Begum"), True),
        (("Katherine", "Price"), ("Katharine", "Price"), True),
        (("Ada", ""), ("Ada", "Begum"), True),
        (("Ada", "Begum"), ("Ben", "Begum"), False),
        (("Ada", "Begum"), ("Ada", "Okoro"), False),
    ],
)
def test_who_is_taken_for_whom(one: tuple[str, str], other: tuple[str, str], same: bool) -> None:
    assert same_name(Listed(*one, one[0]), Listed(*other, other[0])) is same
