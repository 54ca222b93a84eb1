"""Messages: the meter for everybody who writes, the library for those who answer for it."""

from __future__ import annotations

import pytest

from connector.domain.rota import Role
from tests.web.conftest import Site


@pytest.mark.parametrize("role", list(Role))
def test_everybody_of_staff_has_their_words_measured(site: Site, role: Role) -> None:
    answer = site.as_(role).post(
        "/messages/meter", data={"words": "You must come, {name}.", "people": "310"}
    )
    assert answer.status_code == 200
    assert "You must come, Christopher-John." in answer.text
    assert "4p each, £12.40 to 310 people" in answer.text
    assert "It sounds like an order" in answer.text


def test_nobody_else_has(site: Site) -> None:
    assert site.anybody().post("/messages/meter", data={"words": "Hi"}).status_code == 302


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"words": "x" * 9000},
        {"words": "Hi", "people": "-1"},
        {"words": "Hi", "people": "9" * 30, "kind": "song", "language": "tlh"},
    ],
    ids=["nothing", "a book", "nobody", "nonsense"],
)
def test_anything_can_be_measured(site: Site, form: dict[str, str]) -> None:
    assert site.as_(Role.CONNECTOR).post("/messages/meter", data=form).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/messages",
        "/messages/crisis_closed/en",
        "/messages/crisis_closed/cy",
        "/messages/unknown_number/ar",
        "/messages/crisis-lines",
        "/messages/crisis-lines/edit",
        "/messages/crisis-lines/edit?line=3",
    ],
)
@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.CONNECTOR, 403), (Role.COORDINATOR, 200), (Role.ADMINISTRATOR, 200)],
)
def test_the_library_is_for_those_who_answer_for_it(
    site: Site, role: Role, status: int, address: str
) -> None:
    assert site.as_(role).get(address).status_code == status
