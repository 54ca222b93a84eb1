"""Who is told: a resident's own connector, else every coordinator who can hear it."""

from __future__ import annotations

import pytest

from connector.domain.rota import Member, Role, on_duty

PHONE = "+447700900900"
PRIYA = Member(1, "Priya Nair", "priya@example.org", Role.CONNECTOR, PHONE)
MORAG = Member(2, "Morag Bell", "morag@example.org", Role.COORDINATOR, PHONE)
IDRIS = Member(3, "Idris Cole", "idris@example.org", Role.COORDINATOR, PHONE)
TOMOS = Member(4, "Tomos Rees", "tomos@example.org", Role.ADMINISTRATOR, PHONE)
AWAY = Member(1, "Priya Nair", "priya@example.org", Role.CONNECTOR, PHONE, active=False)
NO_PHONE = Member(1, "Priya Nair", "priya@example.org", Role.CONNECTOR)


@pytest.mark.parametrize(
    ("members", "connector_id", "told"),
    [
        pytest.param([PRIYA, MORAG], 1, [PRIYA], id="their own connector alone"),
        pytest.param([PRIYA, MORAG, IDRIS], None, [MORAG, IDRIS], id="no connector yet"),
        pytest.param([AWAY, MORAG], 1, [MORAG], id="their connector has left"),
        pytest.param([NO_PHONE, MORAG], 1, [MORAG], id="their connector has no phone"),
        pytest.param([PRIYA, TOMOS], None, [], id="never another connector or an administrator"),
        pytest.param([], 1, [], id="nobody works here"),
    ],
)
def test_on_duty(members: list[Member], connector_id: int | None, told: list[Member]) -> None:
    assert on_duty(members, connector_id) == tuple(told)


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.CONNECTOR, True), (Role.COORDINATOR, True), (Role.ADMINISTRATOR, False)],
)
def test_who_sees_residents(role: Role, sees: bool) -> None:
    assert Member(1, "Somebody", "somebody@example.org", role).sees_residents is sees
