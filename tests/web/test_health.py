"""/health: what it says while parts are away, without ever failing or waiting for long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from connector.gateways.health import Health, Status, Watch
from connector.gateways.pulse import Part, Pulse
from connector.store.base import Base, make_engine
from connector.web.health import answer_health

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
EVERYBODY = frozenset(Part)


class FakePulse(Pulse):
    """Says which parts are alive; None is a broker that does not answer."""

    def __init__(self, alive: frozenset[Part] | None) -> None:
        self.alive = alive

    def seen(self) -> frozenset[Part] | None:
        return self.alive


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    engine = make_engine(f"sqlite:///{tmp_path / 'health.db'}")
    Base.metadata.create_all(engine)
    yield sessionmaker(engine)
    engine.dispose()


def away() -> Session:
    raise OperationalError("SELECT 1", None, Exception("connection refused"))


def said(watch: Watch) -> dict[str, str | float | None]:
    return watch.look(now=NOW).as_json()


@pytest.mark.parametrize(
    ("alive", "broker", "worker", "beat", "status"),
    [
        pytest.param(EVERYBODY, "ok", "ok", "ok", "ok", id="all well"),
        pytest.param({Part.BEAT}, "ok", "down", "ok", "starting", id="no worker yet"),
        pytest.param({Part.WORKER}, "ok", "ok", "down", "starting", id="no beat yet"),
        pytest.param(None, "down", "down", "down", "starting", id="no broker"),
    ],
)
def test_each_part_is_told_by_its_own_word(
    sessions: sessionmaker[Session],
    alive: frozenset[Part] | None,
    broker: str,
    worker: str,
    beat: str,
    status: str,
) -> None:
    assert said(Watch(sessions, FakePulse(alive))) == {
        "status": status,
        "database": "ok",
        "broker": broker,
        "worker": worker,
        "beat": beat,
        "oldest_due_seconds": 0.0,
    }


def test_a_part_that_was_well_is_down_and_not_starting(sessions: sessionmaker[Session]) -> None:
    pulse = FakePulse(EVERYBODY)
    watch = Watch(sessions, pulse)
    assert said(watch)["status"] == "ok"
    pulse.alive = frozenset({Part.BEAT})
    assert said(watch)["status"] == "down"
    pulse.alive = EVERYBODY
    assert said(watch)["status"] == "ok"


def test_a_database_that_is_away_is_told_and_nothing_is_raised() -> None:
    answer = said(Watch(away, FakePulse(EVERYBODY)))
    assert answer["database"] == "down"
    assert answer["oldest_due_seconds"] is None


def test_a_database_that_hangs_is_asked_once_and_not_waited_for(
    sessions: sessionmaker[Session],
) -> None:
    answers, asked = Event(), []

    def slowly() -> Session:
        asked.append(True)
        answers.wait(30)
        return sessions()

    watch = Watch(slowly, FakePulse(EVERYBODY), patience=0.01)
    assert [said(watch)["database"] for _ in range(3)] == ["down"] * 3
    assert len(asked) == 1
    answers.set()


@pytest.mark.parametrize(
    "name", ["database", "broker", "worker", "beat"], ids=lambda name: f"{name} down"
)
def test_one_part_down_is_not_well(name: str) -> None:
    parts = dict.fromkeys(("database", "broker", "worker", "beat"), Status.OK)
    well = Health(**parts, oldest_due_seconds=0.0)
    assert well.status is Status.OK
    assert Health(**parts | {name: Status.DOWN}, oldest_due_seconds=0.0).status is Status.DOWN


def test_marks_on_a_broker_that_is_away_harm_nobody(tmp_path: Path) -> None:
    pulse = Pulse(f"unix://{tmp_path / 'nobody.sock'}")
    pulse.mark(Part.WORKER)
    pulse.forget(Part.WORKER)
    assert pulse.seen() is None


def a_site(sessions: sessionmaker[Session], alive: frozenset[Part] | None) -> Flask:
    app = Flask(__name__)
    answer_health(app, Watch(sessions, FakePulse(alive)))
    return app


def test_the_page_answers_503_with_the_same_words_while_a_part_is_away(
    sessions: sessionmaker[Session],
) -> None:
    answer = a_site(sessions, None).test_client().get("/health")
    assert answer.status_code == 503
    assert answer.get_json() == {
        "status": "starting",
        "database": "ok",
        "broker": "down",
        "worker": "down",
        "beat": "down",
        "oldest_due_seconds": 0.0,
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_answers_200_when_all_is_well(sessions: sessionmaker[Session]) -> None:
    assert a_site(sessions, EVERYBODY).test_client().get("/health").status_code == 200


def test_the_page_needs_no_sign_in(sessions: sessionmaker[Session]) -> None:
    view: Callable[..., object] = a_site(sessions, EVERYBODY).view_functions["health"]
    assert getattr(view, "guard", None) == "public"
