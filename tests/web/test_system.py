"""The state of the machine: for every member of staff, with no resident on it."""

from __future__ import annotations

import pytest

from connector.domain.rota import Role
from tests.web.conftest import Site


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind of database is enough here: nothing asks it for anything new."""
    return sqlite_url


@pytest.mark.parametrize("role", Role)
def test_says_what_is_up_and_what_is_not(site: Site, role: Role) -> None:
    site.flag_of(site.person())
    answer = site.as_(role).get("/system")
    assert answer.status_code == 200
    assert "Records" in answer.text
    for secret in ("Sara", "Begum", "ring me", "7700"):
        assert secret not in answer.text
