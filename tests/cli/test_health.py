"""`connector health`: the same answer as the page, for a shell."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from connector.cli import cli
from connector.gateways.pulse import Part, Pulse
from tests.conftest import FIELD_KEY


@pytest.fixture
def environment(sqlite_url: str) -> dict[str, str]:
    return {
        # The keys of the whole run: a process has one set, and other tests go on using it.
        "CONNECTOR_SECRET_KEY": "for-tests-only",
        "CONNECTOR_FIELD_KEYS": FIELD_KEY,
        "CONNECTOR_INDEX_KEY": "also-for-tests-only",
        "DATABASE_URL": sqlite_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "CONNECTOR_PUBLIC_URL": "https://connector.example",
    }


def test_it_ends_with_1_while_a_part_is_away(environment: dict[str, str]) -> None:
    done = CliRunner().invoke(cli, ["health"], env=environment)
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert (answer["database"], answer["broker"], answer["worker"]) == ("ok", "down", "down")


def test_it_ends_with_0_when_all_is_well(environment: dict[str, str], broker_url: str) -> None:
    pulse = Pulse(broker_url)
    for part in Part:
        pulse.mark(part)
    done = CliRunner().invoke(cli, ["health"], env=environment | {"REDIS_URL": broker_url})
    for part in Part:
        pulse.forget(part)
    assert (done.exit_code, json.loads(done.stdout)["status"]) == (0, "ok")
