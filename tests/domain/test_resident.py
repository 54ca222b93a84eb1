"""A resident's needs as staff see them."""

from __future__ import annotations

import pytest

from connector.domain.resident import NO_MESSAGE, needs_with


@pytest.mark.parametrize(
    ("needs", "message_ok", "shown"),
    [
        (("Large print",), None, ("Large print",)),
        (("Large print",), False, (NO_MESSAGE, "Large print")),
        (("Large print", NO_MESSAGE), True, ("Large print",)),
        (("Large print", NO_MESSAGE), None, ("Large print", NO_MESSAGE)),
        (("Large print", "Large print"), True, ("Large print",)),
    ],
    ids=["not asked", "not safe", "safe by now", "written before, not asked again", "twice"],
)
def test_whether_a_message_may_be_left_stands_among_the_needs(
    needs: tuple[str, ...], message_ok: bool | None, shown: tuple[str, ...]
) -> None:
    assert needs_with(needs, message_ok) == shown
