"""The frozen model as a part of a process: on, off, or not there at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.domain.phrases import Rulebook
from connector.domain.question import OPEN
from connector.domain.reading import Scorer, read
from connector.gateways.frozen_model import FrozenModelError, frozen_model
from connector.settings import Settings
from connector.wiring import build, scorer
from tests.conftest import make_settings
from tests.fakes import SilentDoorbell

DANGER = "I don't want to be here any more"


@pytest.mark.parametrize(("on", "there"), [(True, True), (False, False)], ids=["on", "off"])
def test_the_model_reads_along_unless_it_is_switched_off(
    sqlite_url: str, tmp_path: Path, on: bool, there: bool
) -> None:
    wiring = build(make_settings(sqlite_url, tmp_path, frozen_model=on), doorbell=SilentDoorbell())
    assert (wiring.reader.scorer is not None) is there
    wiring.close()


def test_it_is_on_unless_the_environment_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().frozen_model
    monkeypatch.setenv("CONNECTOR_FROZEN_MODEL", "false")
    assert not Settings().frozen_model


def test_a_process_loads_it_once() -> None:
    assert scorer() is scorer() is frozen_model()


@pytest.mark.parametrize(
    "error",
    [FrozenModelError("The frozen weights are damaged."), OSError("away")],
    ids=["damaged", "away"],
)
def test_one_that_cannot_be_loaded_stops_nothing(error: Exception, rules: Rulebook) -> None:
    def load() -> Scorer:
        raise error

    found = scorer(load)
    assert found is None
    assert read(DANGER, OPEN, rules, found).promise == "now"
