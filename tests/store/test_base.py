"""What every table shares: moments in UTC, sealed fields, keys that can be changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.exc import StatementError

from connector.store import installation, stops
from connector.store.base import Keyring, blind_index
from connector.store.installation import Kind
from connector.store.tables import Installation, StopRow
from connector.wiring import Wiring
from tests.conftest import NOON
from tests.makers import number

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_a_moment_comes_back_as_the_same_moment_in_utc(wiring: Wiring) -> None:
    in_india = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with wiring.transaction() as session:
        stops.add(session, blind_index(number(1)), "simulator", now=in_india)
    with wiring.reading() as session:
        row = session.get(StopRow, blind_index(number(1)))
    assert row is not None
    assert row.stopped_at == NOON
    assert row.stopped_at.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused_before_it_is_stored(wiring: Wiring) -> None:
    naive = datetime(2026, 11, 24, 12)  # noqa: DTZ001 that is the point
    with (
        pytest.raises(StatementError, match="time without a zone"),
        wiring.transaction() as session,
    ):
        installation.mark(session, Kind.LIVE, now=naive)


def test_what_a_database_is_for_is_said_once(wiring: Wiring) -> None:
    for kind in (Kind.DEMO, Kind.LIVE):
        with wiring.transaction() as session:
            installation.mark(session, kind, now=NOON)
    with wiring.reading() as session:
        assert installation.kind(session) is Kind.DEMO
        assert session.query(Installation).count() == 1


def test_the_same_words_are_never_sealed_alike() -> None:
    ring = Keyring([NEW], "index")
    assert ring.seal("Begum") != ring.seal("Begum")
    assert ring.open(ring.seal("Begum — Ŵyn 👍")) == "Begum — Ŵyn 👍"


def test_a_new_key_still_opens_what_the_old_one_sealed() -> None:
    sealed = Keyring([OLD], "index").seal("Begum")
    assert Keyring([NEW, OLD], "index").open(sealed) == "Begum"
    with pytest.raises(InvalidToken):
        Keyring([NEW], "index").open(sealed)


def test_the_blind_index_finds_a_number_only_with_the_key() -> None:
    ring, other = Keyring([NEW], "index"), Keyring([NEW], "another")
    assert ring.index(number(1)) == ring.index(number(1))
    assert ring.index(number(1)) != ring.index(number(2))
    assert ring.index(number(1)) != other.index(number(1))
    assert len(ring.index(number(1))) == 16


@pytest.mark.parametrize("keys", [[], ["too short"]], ids=["no key", "no Fernet key"])
def test_a_keyring_without_a_usable_key_cannot_be_made(keys: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 the words are the vendor's
        Keyring(keys, "index")
