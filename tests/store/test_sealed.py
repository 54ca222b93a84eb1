"""A copy of the database without its keys holds no name, number or word of a resident."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from connector import rounds
from connector.domain.flag import Outcome
from connector.services import casework, inbound
from connector.store.base import Base
from connector.store.flags import lock_open
from connector.wiring import Wiring
from tests.fakes import FakeClock
from tests.makers import a_member, a_programme, a_resident, a_text

SECRETS = {
    "given and known name": "Zebedaia",
    "family name": "Quillfeather",
    "number of a resident": "7700900001",
    "number of somebody unknown": "7700900555",
    "number of staff": "7700900900",
    "what helps": "rhubarb",
    "words of a reply": "marmalade",
    "words of somebody unknown": "porcupine",
    "a note of staff": "tangerine",
    "words of an agreement": "once a week",
}
PLAIN = "Fortnightly hello"


@pytest.fixture
def dump(wiring: Wiring, clock: FakeClock) -> bytes:
    """Everything that lies in the database after one whole story, as raw bytes."""
    _live_through_it(wiring, clock)
    if wiring.settings.is_sqlite:
        return _sqlite_bytes(wiring)
    return _postgres_bytes(wiring)


def test_nothing_secret_stands_anywhere_in_the_database(dump: bytes) -> None:
    assert [what for what, words in SECRETS.items() if _holds(dump, words)] == []
    assert _holds(dump, PLAIN), "the search itself finds what is not sealed"


def _live_through_it(wiring: Wiring, clock: FakeClock) -> None:
    with wiring.transaction() as session:
        priya = a_member(session)
        programme = a_programme(session, name=PLAIN)
        who = a_resident(
            session,
            programme,
            name="Zebedaia",
            family="Quillfeather",
            needs=("Likes rhubarb",),
            connector_id=priya.id,
            now=clock(),
        )
    rounds.plan(wiring, clock)
    clock.forward(hours=24)
    assert rounds.send(wiring, clock) == 1
    with wiring.transaction() as session:
        inbound.receive(session, a_text("I want to die. marmalade"), now=clock())
        inbound.receive(session, a_text("porcupine. Call me", n=555, id_="SM2"), now=clock())
    assert rounds.read(wiring, clock) == 2
    assert rounds.send(wiring, clock) == 2
    assert rounds.tell(wiring, clock) == 1
    with wiring.transaction() as session:
        flag = lock_open(session, [who])[who]
        casework.take(session, flag.id, by=priya, now=clock())
        casework.finish(session, flag.id, Outcome.SPOKE, "tangerine", by=priya, now=clock())


def _holds(dump: bytes, word: str) -> bool:
    return word.encode() in dump or word.encode().hex().encode() in dump


def _sqlite_bytes(wiring: Wiring) -> bytes:
    """The files of the database, the write-ahead log included."""
    name = make_url(wiring.settings.database_url).database
    assert name is not None
    return b"".join(path.read_bytes() for path in Path(name).parent.glob("connector.db*"))


def _postgres_bytes(wiring: Wiring) -> bytes:
    """Every row of every table as text; binary columns stand in it as hexadecimal digits."""
    with wiring.engine.connect() as connection:
        rows = [
            str(row)
            for table in Base.metadata.sorted_tables
            for row in connection.scalars(text(f'SELECT t::text FROM "{table.name}" t'))
        ]
    assert len(rows) > 10
    return "\n".join(rows).encode()
