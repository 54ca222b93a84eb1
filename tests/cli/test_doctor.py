"""`connector doctor` says what is wrong first, gives exact values, and prints no secret."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
import time_machine
from click.testing import CliRunner, Result

from connector.cli import cli, keys
from tests.gateways.stub import FakeNotify, FakeTwilio
from tests.gateways.test_channels import ACCOUNT, NOTIFY_KEY
from tests.makers import number

TOKEN = "a-secret-of-ours-that-stays"
ADDRESSES = {
    "DATABASE_URL": "sqlite://",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CONNECTOR_PUBLIC_URL": "https://connector.example",
}
Doctor = Callable[..., Result]


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Run the command with these settings and no others."""

    def run(settings: Mapping[str, str], *options: str) -> Result:
        for name, value in {**keys.make(), **ADDRESSES, **settings}.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(cli, ["doctor", *options])

    return run


def twilio(provider: FakeTwilio) -> dict[str, str]:
    return {
        "CONNECTOR_CHANNEL": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKENS": TOKEN,
        "TWILIO_SENDER": number(999),
        "TWILIO_API_URL": provider.url,
    }


def test_a_twilio_account_without_addresses_is_told_what_to_set(doctor: Doctor) -> None:
    with FakeTwilio() as provider:
        result = doctor(twilio(provider))
    assert result.exit_code == 1
    assert result.output.index("Wrong:") < result.output.index("Set by hand:")
    retries = "#ct=2000&rt=4000&rc=3&rp=ct,rt,5xx&e=dublin,frankfurt"
    assert f"https://connector.example/hooks/twilio/sms{retries}\n" in result.output
    assert "https://connector.example/hooks/twilio/fallback\n" in result.output
    assert "STOP, STOPALL, UNSUBSCRIBE\n" in result.output
    assert TOKEN not in result.output


def test_a_notify_service_that_is_well_exits_with_nothing_wrong(doctor: Doctor) -> None:
    with FakeNotify() as provider:
        result = doctor(
            {
                "CONNECTOR_CHANNEL": "notify",
                "NOTIFY_API_KEY": NOTIFY_KEY,
                "NOTIFY_TEMPLATE_ID": NOTIFY_KEY[-36:],
                "NOTIFY_CALLBACK_TOKENS": TOKEN,
                "NOTIFY_API_URL": provider.url,
            }
        )
    assert result.exit_code == 0, result.output
    assert "It tries for up to 72 hours and keeps no list of STOP." in result.output
    assert "https://connector.example/hooks/notify/sms\n" in result.output
    assert "https://connector.example/hooks/notify/receipt\n" in result.output
    assert "Wrong:" not in result.output
    assert TOKEN not in result.output
    assert NOTIFY_KEY[-36:] not in result.output


def test_the_simulator_is_always_well(doctor: Doctor) -> None:
    result = doctor({"CONNECTOR_CHANNEL": "simulator"})
    assert result.exit_code == 0
    assert "nobody outside this machine" in result.output


def test_another_program_gets_the_same_as_json(doctor: Doctor) -> None:
    with FakeTwilio() as provider:
        findings = json.loads(doctor(twilio(provider), "--json").output)
    assert {"about", "verdict", "words", "value"} == set(findings[0])
    assert "wrong" in {finding["verdict"] for finding in findings}


def test_a_provider_that_does_not_answer_is_not_called_well(doctor: Doctor) -> None:
    with FakeTwilio() as provider:
        settings = twilio(provider)
    result = doctor(settings)
    assert result.exit_code == 1
    assert "Could not be checked:" in result.output


def test_crisis_lines_that_nobody_keeps_an_eye_on_are_to_be_set_by_hand(doctor: Doctor) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=True):
        found = {one["about"]: one for one in json.loads(doctor({}, "--json").output)}
    assert found["Crisis line Samaritans"]["verdict"] == "set by hand"
    assert found["Crisis line Samaritans"]["words"].endswith("kept an eye on by nobody yet")
    assert "nobody has checked it" in found["Crisis line CALM"]["words"]
    assert "the records do not answer" in found["Crisis lines"]["words"]


def test_a_crisis_line_past_its_day_is_wrong(doctor: Doctor, sqlite_url: str) -> None:
    with time_machine.travel(datetime(2027, 3, 1, 12, tzinfo=UTC), tick=True):
        result = doctor({"DATABASE_URL": sqlite_url})
    assert result.exit_code == 1
    wrong = result.output.split("Wrong:")[1].split("Set by hand:")[0]
    assert "Crisis line Shout: had to be looked at again by 2027-02-23" in wrong
