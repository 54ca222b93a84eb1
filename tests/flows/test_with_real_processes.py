"""The four flows once more, with the embedded broker, a worker, a beat and the site for real."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector import clock
from connector.domain.flag import Flag, FlagState, Outcome
from connector.domain.rota import Role
from connector.services import casework
from connector.services.jobs import Job
from connector.settings import Settings
from connector.store import flags, views
from connector.store.base import blind_index
from connector.wiring import Wiring, build
from tests.conftest import wait_until
from tests.faults.stage import Broker, Parts, live_settings, people_due, planned, states
from tests.makers import a_member, a_programme, a_resident, number

pytestmark = pytest.mark.slow


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    started = Broker(tmp_path)
    yield started
    started.kill()


@pytest.fixture
def settings(database_url: str, broker: Broker, tmp_path: Path) -> Settings:
    """An installation that texts simulated phones."""
    nobody = "http://127.0.0.1:1"
    return live_settings(database_url, broker.url, nobody, tmp_path, channel="simulator")


@pytest.fixture
def wiring(settings: Settings) -> Iterator[Wiring]:
    """The same installation from within the test, with a doorbell that really rings."""
    made = build(settings)
    yield made
    made.close()


def on_phone(wiring: Wiring, n: int) -> list[str]:
    """What the simulated phone of the n-th number has received."""
    with wiring.reading() as session:
        lines = views.phone_texts(session, blind_index(number(n)))
    return [line.text for line in lines if not line.incoming]


def open_flag(wiring: Wiring, who: int) -> Flag | None:
    with wiring.reading() as session:
        return flags.lock_open(session, [who]).get(who)


def test_the_four_flows(wiring: Wiring, settings: Settings) -> None:
    with wiring.transaction() as session:
        morag = a_member(session, "Morag Bell", Role.COORDINATOR)
    with Parts(settings) as parts:
        web = parts.web()
        parts.worker()
        parts.beat()

        (who,) = people_due(wiring, 1, first=1)
        wait_until(lambda: states(wiring) == {"delivered": 1}, "due, sent and delivered")
        assert len(on_phone(wiring, 1)) == 1

        assert web.text("I don't want to be here any more") == 204
        wait_until(lambda: open_flag(wiring, who), "the reply has been read and made a flag")
        wait_until(lambda: len(on_phone(wiring, 1)) == 2, "the one automatic answer is there")
        wait_until(lambda: on_phone(wiring, 900), "the coordinator on duty has been told")
        assert "999" in on_phone(wiring, 1)[1]
        assert "look in on now" in on_phone(wiring, 900)[0]

        flag = open_flag(wiring, who)
        assert flag is not None
        with wiring.transaction() as session:
            now = clock.now()
            casework.take(session, flag.id, by=morag, now=now)
            soon = now + timedelta(milliseconds=1)
            casework.wait(session, flag.id, soon, "", by=morag, now=now)
        wait_until(lambda: woken(wiring, who), "what waited has come back to its owner")
        with wiring.transaction() as session:
            casework.finish(session, flag.id, Outcome.SPOKE, "", by=morag, now=clock.now())
        assert open_flag(wiring, who) is None

        with wiring.transaction() as session:
            daily = a_programme(session, name="Daily", starts_on=clock.now().date())
            a_resident(session, daily, n=2, now=clock.now())
        wait_until(lambda: planned(wiring) > 10, "somebody new has been planned at once")
        assert len(on_phone(wiring, 1)) == 2, "nothing went out twice meanwhile"


def woken(wiring: Wiring, who: int) -> bool:
    """Whether a waiting flag is back; asks for it as the timetable would."""
    wiring.doorbell.ring(Job.WAKE)
    flag = open_flag(wiring, who)
    return flag is not None and flag.state is FlagState.TAKEN
