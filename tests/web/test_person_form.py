"""A form of a person becomes a record: numbers by where they lead, lines made tidy."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.consent import AgreementState
from connector.domain.resident import NO_MESSAGE, ContactBy, Resident
from connector.web import person_form
from connector.web.person_form import SHOW, Fields, filled, read

NOBODY = Resident(0, "", "", "", "", "en", "Europe/London", None, AgreementState.INVITED)
WAY = {"contact_by": "text", "language": "en", "known_as": "Ada"}


def said(fields: Fields, *, demo: bool = True) -> tuple[Resident, list[str]]:
    resident, problems = read(fields, NOBODY, demo=demo, team=[7])
    return resident, [problem.words for problem in problems]


@pytest.mark.parametrize(
    ("demo", "written", "number", "refusal"),
    [
        (True, "07700 900123", "+447700900123", ""),
        (True, "07911 123456", "", "invented people"),
        (False, "07911 123456", "+447911123456", ""),
        (False, "07700 900123", "", "set aside for drama"),
        (False, "(07911) 123-456", "+447911123456", ""),
        (False, "070 1234 5678", "", "forward calls"),
        (False, "07640 123456", "", "pager"),
    ],
)
def test_invented_numbers_in_a_demonstration_and_real_ones_outside_it(
    demo: bool, written: str, number: str, refusal: str
) -> None:
    resident, problems = said(Fields(WAY | {"number": written}), demo=demo)
    assert resident.number == number
    assert [refusal in words for words in problems] == ([True] if refusal else [])


@pytest.mark.parametrize("written", ["0113 322 1234", ""], ids=["a landline", "none"])
def test_who_cannot_be_texted_is_rung(written: str) -> None:
    fields = Fields(WAY | {"number": written})
    resident, problems = said(fields, demo=False)
    assert (resident.contact_by, problems) == (ContactBy.CALL, [])
    assert fields["contact_by"] == "call"


def test_looking_at_the_words_decides_nothing() -> None:
    fields = Fields(WAY | {"act": SHOW})
    assert said(fields)[0].is_texted
    assert fields["contact_by"] == "text"


def test_lines_are_tidied_and_kept_once() -> None:
    fields = Fields(
        WAY | {"likes": " Tea  with Jean \n\nTea with Jean\nBingo", "message_ok": "no"},
        needs=["Large print", "Made up"],
        step=["  Ring Ada ", "", "Knock"],
    )
    resident, problems = said(fields)
    assert problems == []
    assert resident.likes == ("Tea with Jean", "Bingo")
    assert resident.needs == (NO_MESSAGE, "Large print")
    assert resident.no_answer == ("Ring Ada", "Knock")


def test_one_name_is_enough() -> None:
    resident, _ = said(Fields(WAY))
    assert (resident.known_as, resident.given_name) == ("Ada", "Ada")


def test_signs_that_nobody_sees_are_left_out() -> None:
    assert person_form.clean("A\x00da\x1b\r\nMoss\t") == "Ada\nMoss"


LINES = st.lists(
    st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30),
    max_size=4,
    unique=True,
)


@given(LINES, LINES, LINES, st.sampled_from([True, False, None]), st.booleans())
def test_a_record_shown_as_fields_and_read_again_is_the_same(
    likes: list[str], needs: list[str], steps: list[str], message_ok: bool | None, shared: bool
) -> None:
    values: dict[str, Any] = {"likes": likes, "no_answer": steps, "needs": needs}
    start = Fields(
        WAY
        | {"number": "07700 900123", "likes": "\n".join(likes), "needs_other": "\n".join(needs)}
        | {"message_ok": {True: "yes", False: "no", None: ""}[message_ok]}
        | {"shared_phone": "yes" if shared else "", "connector_id": "7"},
        step=steps,
    )
    once, problems = said(start)
    assert problems == []
    again, problems = read(filled(once), once, demo=True, team=[7])
    assert problems == []
    assert again == once
    assert list(once.likes) == values["likes"]
