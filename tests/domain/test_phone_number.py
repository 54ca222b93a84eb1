"""Which numbers we may text, and what is said about the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.errors import Invalid
from connector.domain.phone_number import NotAMobile, PhoneNumber


@pytest.mark.parametrize(
    "written",
    [
        "07700 900123",
        "+44 7700 900123",
        "0044 7700 900123",
        "+44 (0)7700 900123",
        "07700-900-123",
        " 07700900123\n",
        "7700900123",
        "٠٧٧٠٠٩٠٠١٢٣",
    ],
)
def test_one_number_in_all_its_spellings(written: str) -> None:
    number = PhoneNumber.parse(written, drama=True)
    assert number.e164 == "+447700900123"
    assert number.local == "07700 900123"


# Prefixes are those of Ofcom's plan, filled up with nines: no number of anybody's is written here.
@pytest.mark.parametrize(
    ("written", "says"),
    [
        pytest.param("", "missing", id="nothing"),
        pytest.param("seven", "letters", id="words"),
        pytest.param("07700900123 ext 4", "letters", id="an extension"),
        pytest.param("07700 900123 / 07700 900124", "one mobile number", id="two numbers"),
        pytest.param("-", "not a phone number", id="a dash"),
        pytest.param("07700 90012", "too short", id="a digit missing"),
        pytest.param("07700 9001234", "too long", id="a digit too many"),
        pytest.param("020 7946 0" + "9" * 3, "landline", id="London"),
        pytest.param("01632 960" + "9" * 3, "No UK phone", id="a landline of dramas"),
        pytest.param("070" + "9" * 8, "070", id="personal number"),
        pytest.param("0769" + "9" * 7, "pager", id="pager"),
        pytest.param("0800" + "9" * 7, "free phone", id="free phone"),
        pytest.param("0900" + "9" * 7, "special", id="premium rate"),
        pytest.param("116 123", "too short", id="a helpline"),
        pytest.param("+353 85" + "9" * 7, "abroad", id="Ireland"),
        pytest.param("+999 1234 5678", "not a phone number", id="loopback without leave"),
        pytest.param("07700 900123", "drama", id="drama without leave"),
    ],
)
def test_a_number_we_cannot_text_is_refused_with_its_reason(written: str, says: str) -> None:
    with pytest.raises(NotAMobile, match=says) as refusal:
        PhoneNumber.parse(written)
    assert isinstance(refusal.value, Invalid)


@pytest.mark.parametrize("prefix", ["07624 4", "07781 1"], ids=["Isle of Man", "Guernsey"])
def test_island_mobiles_are_mobiles(prefix: str) -> None:
    assert PhoneNumber.parse(f"{prefix}00000").e164.startswith("+447")


def test_loopback_numbers_only_with_leave() -> None:
    assert PhoneNumber.parse("+999 0000 0001", loopback=True).local == "+99900000001"
    with pytest.raises(NotAMobile):
        PhoneNumber.parse("+999 0000 0001", drama=True)


@given(st.integers(0, 999), st.booleans())
def test_parsing_what_we_kept_or_showed_gives_the_same_number(last: int, local: bool) -> None:
    number = PhoneNumber.parse(f"07700900{last:03}", drama=True)
    shown = number.local if local else number.e164
    assert PhoneNumber.parse(shown, drama=True) == number


@given(st.text(st.sampled_from("0123456789+ ()-"), min_size=6, max_size=16))
def test_no_refusal_and_no_repr_repeats_a_number(written: str) -> None:
    try:
        said = repr(PhoneNumber.parse(written))
    except NotAMobile as refusal:
        said = str(refusal).replace("07700 900123", "")
    assert sum(letter.isdigit() for letter in said) <= 6
    assert written.strip() not in said or len(written.strip()) < 4


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("0113 322 1234", "+441133221234"),
        ("020 7925 0918", "+442079250918"),
        ("07911 123456", "+447911123456"),
    ],
    ids=["a landline", "in London", "a mobile"],
)
def test_a_number_that_is_only_rung_may_be_a_landline(written: str, e164: str) -> None:
    assert PhoneNumber.to_ring(written).e164 == e164


@pytest.mark.parametrize(
    "written", ["01632 960123", "0113 496 0123", "020 7946 0123", "029 2018 0123", "07700 900123"]
)
def test_invented_numbers_are_known_and_rung_in_a_demonstration_only(written: str) -> None:
    assert PhoneNumber.to_ring(written, drama=True).is_invented
    with pytest.raises(NotAMobile, match="set aside for drama"):
        PhoneNumber.to_ring(written)


@pytest.mark.parametrize(
    "written", ["0900 123 4567", "070 1234 5678", "+33 1 42 68 53 00", "999", "nonsense"]
)
def test_what_nobody_should_ring_is_refused(written: str) -> None:
    with pytest.raises(NotAMobile):
        PhoneNumber.to_ring(written, drama=True)
