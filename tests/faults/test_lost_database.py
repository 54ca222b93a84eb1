"""The database away: the provider is told to come again, nothing is half done, all recovers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from connector import clock, rounds
from connector.domain.attempt import Outcome, Outgoing
from connector.gateways.pulse import Part
from connector.settings import Settings
from connector.store.tables import FlagRow, ReadingRow, ReceiptRow, ReplyRow, StopRow
from connector.web import create_app
from connector.wiring import DatabaseAwayError, Wiring, build
from tests.conftest import wait_until
from tests.fakes import SilentDoorbell
from tests.faults.around import sending_by
from tests.faults.line import Is, Line
from tests.faults.provider import StubProvider
from tests.faults.stage import (
    Broker,
    Parts,
    a_form,
    later_on,
    live_settings,
    people_due,
    rows,
    signed,
    states,
)
from tests.makers import a_resident


def comes(wiring: Wiring, body: str, *, id_: str = "SM1") -> int:
    """A signed text at the door of this process; returns the answer's status."""
    path, form = "/hooks/twilio/sms", a_form(body, id_=id_)
    headers = signed(wiring.settings.public_url, path, form)
    return create_app(wiring).test_client().post(path, data=form, headers=headers).status_code


@pytest.mark.postgres
class TestPostgres:
    @pytest.fixture
    def line(self, postgres_url: str) -> Iterator[Line]:
        """The line between the service and PostgreSQL; the test itself has another."""
        url = make_url(postgres_url)
        with Line(url.host or "127.0.0.1", url.port or 5432) as line:
            yield line

    @pytest.fixture
    def settings(
        self, postgres_url: str, line: Line, broker: Broker, provider: StubProvider, tmp_path: Path
    ) -> Settings:
        by_line = make_url(postgres_url).set(host="127.0.0.1", port=line.port)
        address = by_line.render_as_string(hide_password=False)
        return live_settings(address, broker.url, provider.url, tmp_path)

    @pytest.fixture
    def direct(self, settings: Settings, postgres_url: str) -> Iterator[Wiring]:
        """The same installation by a line that is never cut."""
        changed = settings.model_copy(update={"database_url": postgres_url})
        made = build(changed, doorbell=SilentDoorbell())
        yield made
        made.close()

    def test_texts_are_refused_while_it_is_away_and_everything_goes_on_when_it_is_back(
        self, line: Line, direct: Wiring, provider: StubProvider, parts: Parts
    ) -> None:
        with direct.transaction() as session:
            a_resident(session, n=1, now=clock.now())
        parts.beat()
        worker = parts.worker(ready=False)
        web = parts.web()
        parts.until_up(Part.WORKER)
        assert web.text("Thanks", id_="SM0") == 204
        wait_until(lambda: len(rows(direct, ReadingRow)) == 1, "the first text is read")

        line.turn(Is.CUT)
        people_due(direct, 20, first=100)
        while_cut = [web.text("I want to die", id_=f"SM{n}") for n in range(1, 6)]
        while_cut += [web.text("STOP", id_="SM6"), web.status(uuid4(), "delivered")]
        line.turn(Is.MUTE)
        while_mute = [web.text("I want to die", id_="SM1"), web.text("STOP", id_="SM6")]
        assert (while_cut, while_mute) == ([503] * 7, [503] * 2)
        assert [len(rows(direct, table)) for table in (ReplyRow, ReceiptRow, StopRow)] == [1, 0, 0]
        assert provider.asked == []

        line.turn(Is.OPEN)
        wait_until(lambda: web.text("I want to die", id_="SM1") == 204, "the retry is taken")
        assert web.text("I want to die", id_="SM1") == 204
        wait_until(lambda: len(rows(direct, FlagRow)) == 1, "the text is read")
        wait_until(lambda: states(direct) == {"accepted": 21}, "what was due has gone")
        assert len(rows(direct, ReplyRow)) == 2
        assert provider.twice == []
        assert worker.poll() is None, "the same worker goes on"

    def test_a_batch_that_cannot_be_recorded_is_unknown_and_never_goes_again(
        self, line: Line, wiring: Wiring, direct: Wiring, provider: StubProvider
    ) -> None:
        def cut_off(batch: Sequence[Outgoing]) -> list[Outcome]:
            """The database goes while the provider answers."""
            outcomes = wiring.channel.send(batch)
            line.turn(Is.CUT)
            return outcomes

        people_due(direct, 5)
        with pytest.raises(DatabaseAwayError):
            rounds.send(sending_by(wiring, cut_off), clock.now)
        assert states(direct) == {"sending": 5}

        line.turn(Is.OPEN)
        assert rounds.send(wiring, clock.now) == 0
        assert rounds.settle(wiring, later_on) == 5
        assert rounds.send(wiring, later_on) == 0
        assert states(direct) == {"unknown": 5}
        assert (len(provider.asked), provider.twice) == (5, [])

    def test_the_first_text_after_a_restart_of_the_server_is_taken(
        self, wiring: Wiring, direct: Wiring
    ) -> None:
        """Nobody asked anything while it was away: every open line is dead, and none is used."""
        assert comes(wiring, "Hello", id_="SM1") == 204
        assert comes(wiring, "STOP", id_="SM2") == 204
        address = make_url(direct.settings.database_url).set(drivername="postgresql")
        with psycopg.connect(address.render_as_string(hide_password=False)) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert comes(wiring, "Hello again", id_="SM3") == 204
        assert comes(wiring, "START", id_="SM4") == 204
        assert len(rows(direct, ReplyRow)) == 4


class TestSqlite:
    @pytest.fixture
    def settings(self, sqlite_url: str, provider: StubProvider, tmp_path: Path) -> Settings:
        return live_settings(sqlite_url, "redis://127.0.0.1:1/0", provider.url, tmp_path)

    def test_a_text_that_finds_it_locked_is_refused_and_taken_once_when_it_comes_again(
        self, wiring: Wiring
    ) -> None:
        path = make_url(wiring.settings.database_url).database
        assert path is not None
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            assert comes(wiring, "Hello") == 503
            other.execute("ROLLBACK")
        assert rows(wiring, ReplyRow) == []
        assert [comes(wiring, "Hello"), comes(wiring, "Hello")] == [204, 204]
        assert len(rows(wiring, ReplyRow)) == 1
