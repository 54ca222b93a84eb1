"""A worker that dies at any line of sending: nobody is texted twice, and nothing is hidden."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector import clock, rounds
from connector.domain.attempt import AttemptState
from connector.settings import Settings
from connector.store import views
from connector.store.tables import AttemptRow
from connector.web.person import thread_of
from connector.web.said import Said
from connector.wiring import Wiring
from tests.conftest import wait_until
from tests.faults.dies_at import Line
from tests.faults.provider import Does, StubProvider
from tests.faults.stage import Parts, environment, later_on, people_due, planned, rows, states

DRIVER = Path(__file__).with_name("dies_at.py")
NOT_KNOWN = AttemptState.UNKNOWN.words


def die_at(line: Line, settings: Settings) -> None:
    """One round of sending in a process that dies at `line`."""
    given = [sys.executable, str(DRIVER), line.value]
    ended = subprocess.run(given, env=environment(settings), timeout=30, check=False)
    assert ended.returncode == -signal.SIGKILL


def said_on_thread(wiring: Wiring, resident_id: int) -> list[str]:
    """What staff read beside the texts of a resident."""
    with wiring.reading() as session:
        lines = views.thread(session, resident_id)
    words = Said(ZoneInfo("Europe/London"), clock.now())
    return [line["state_words"] for line in thread_of(lines, words)]


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        pytest.param(Line.BEFORE_SEND, 0, id="between prepare and send"),
        pytest.param(Line.AFTER_SEND, 3, id="between send and record"),
        pytest.param(Line.IN_RECORD, 3, id="in the middle of record"),
    ],
)
def test_a_text_that_was_marked_by_a_worker_that_died_is_unknown_and_never_goes_again(
    line: Line, heard: int, settings: Settings, wiring: Wiring, provider: StubProvider
) -> None:
    people = people_due(wiring, 3)
    die_at(line, settings)
    assert len(provider.ledger) == heard

    newcomers = people_due(wiring, 2, first=100, name="Another")
    rounds.send(wiring, clock.now)
    assert states(wiring) == {"sending": 3, "accepted": 2}

    assert rounds.settle(wiring, clock.now) == 0, "an answer may still come"
    assert rounds.settle(wiring, later_on) == 3
    assert rounds.send(wiring, later_on) == 0
    assert states(wiring) == {"unknown": 3, "accepted": 2}
    assert len(provider.ledger) == heard + len(newcomers)
    assert provider.twice == []
    assert [said_on_thread(wiring, who) for who in people] == [[NOT_KNOWN]] * 3


def test_a_worker_that_dies_before_it_has_marked_loses_nothing(
    settings: Settings, wiring: Wiring, provider: StubProvider
) -> None:
    people_due(wiring, 3)
    die_at(Line.IN_PREPARE, settings)
    assert (planned(wiring), states(wiring), provider.ledger) == (3, {}, [])
    assert rounds.send(wiring, clock.now) == 3
    assert states(wiring) == {"accepted": 3}
    assert provider.twice == []


def test_a_celery_worker_killed_while_it_sends_texts_nobody_twice(
    wiring: Wiring, provider: StubProvider, parts: Parts
) -> None:
    provider.behave(Does.WITHHOLD)
    people_due(wiring, 5)
    parts.beat()
    first = parts.worker("first", ready=False)
    wait_until(lambda: len(provider.asked) == 5, "five texts are with the provider")
    parts.kill(first)

    provider.behave(Does.ACCEPT)
    people_due(wiring, 5, first=100, name="Another")
    parts.worker("second", ready=False)
    wait_until(lambda: states(wiring).get("accepted") == 5, "what came later has gone")
    assert states(wiring) == {"sending": 5, "accepted": 5}
    assert rounds.settle(wiring, later_on) == 5
    assert provider.twice == []
    assert len(provider.asked) == 10


def test_a_worker_told_to_stop_in_the_middle_of_a_batch_finishes_it(
    wiring: Wiring, provider: StubProvider, parts: Parts
) -> None:
    provider.seconds = 0.3
    people_due(wiring, 200)
    parts.beat()
    first = parts.worker("first", ready=False)
    wait_until(lambda: len(provider.asked) > 0, "the first texts are with the provider")
    first.send_signal(signal.SIGTERM)
    first.wait(timeout=20)

    assert states(wiring) == {"accepted": 200}
    assert provider.twice == []
    assert len(rows(wiring, AttemptRow)) == len(provider.ledger)
