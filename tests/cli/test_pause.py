"""`connector pause-sending` and `connector resume-sending` turn the one switch for all workers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from connector.cli import cli, keys
from connector.store import switches
from tests.makers import Loop, a_programme, a_resident

Run = Callable[..., Result]


@pytest.fixture
def run(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the loop's own database."""
    settings = loop.wiring.settings
    values = keys.make() | {
        "CONNECTOR_DEMO": "1",
        "CONNECTOR_FIELD_KEYS": ",".join(key.get_secret_value() for key in settings.field_keys),
        "CONNECTOR_INDEX_KEY": settings.index_key.get_secret_value(),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "CONNECTOR_PUBLIC_URL": "https://connector.example",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(cli, words)


def test_sending_stops_at_once_and_goes_on_where_it_was(loop: Loop, run: Run) -> None:
    with loop.wiring.transaction() as session:
        a_resident(session, a_programme(session), now=loop.clock())
    loop.plan()
    done = run("pause-sending", "--why", "wrong words")
    assert (done.exit_code, done.output.split(".")[0]) == (0, "Texts to residents are stopped")
    with loop.wiring.reading() as session:
        pause = switches.pause(session)
    assert pause is not None
    assert (pause.why, pause.by_name) == ("wrong words", "")
    loop.clock.forward(days=1)
    assert loop.send() == 0
    assert run("resume-sending").output == "Texts go out again.\n"
    assert loop.send() == 1


def test_resuming_what_was_not_paused_says_so(run: Run) -> None:
    done = run("resume-sending")
    assert (done.exit_code, done.output) == (0, "Texts were going out already.\n")


@pytest.mark.parametrize("words", [["pause-sending"], ["pause-sending", "--why", " "]])
def test_a_reason_is_asked_for_in_one_sentence(loop: Loop, run: Run, words: list[str]) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert len(done.output.strip().splitlines()) == 1
    with loop.wiring.reading() as session:
        assert switches.pause(session) is None
