"""Names that sound alike have one key, and others have not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.names import name_key

ALIKE = [
    ("Sara Begum", "Sarah Begam"),
    ("Jon Smith", "John Smyth"),
    ("Mohammed Ali", "Muhammad Aly"),
    ("Catherine Jones", "Kathryn Jones"),
    ("Stephen Price", "Steven Price"),
    ("Geoff Hill", "Jeff Hill"),
    ("Graham Reid", "Graeme Reid"),
    ("Siân Rees", "Sian Rees"),
    ("Shaun O'Brien", "Sean O\u2019Brien"),
    ("Begum Sara", "sara  BEGUM"),
    ("Anne-Marie Lee", "Ann Marie Lee"),
    ("Philip", "Phillip"),
]
OTHERS = [
    ("Amy Lee", "Emma Lee"),
    ("Sara Begum", "Steve Begum"),
    ("Derek Moss", "Derek Price"),
    ("محمد", "أحمد"),
    ("Ada", "Ida"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE, ids=lambda name: name)
def test_one_person_written_in_two_ways(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(("one", "other"), OTHERS, ids=lambda name: name)
def test_two_people(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_no_name_has_no_key() -> None:
    assert name_key("", " ") == name_key("'-") == ""


@given(st.lists(st.text(max_size=20), max_size=4))
def test_the_order_and_the_case_of_names_change_nothing(names: list[str]) -> None:
    key = name_key(*names)
    assert name_key(*reversed(names)) == key
    assert name_key(*(name.swapcase() for name in names if name.isascii())) == name_key(
        *(name for name in names if name.isascii())
    )
