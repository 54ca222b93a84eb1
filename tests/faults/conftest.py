"""What the fault tests share: a provider of ours, a broker to break, a live installation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.settings import Settings
from connector.wiring import Wiring, build
from tests.fakes import SilentDoorbell
from tests.faults.provider import StubProvider
from tests.faults.stage import Broker, Parts, live_settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder runs real processes, and is slow."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def provider() -> Iterator[StubProvider]:
    with StubProvider() as stub:
        yield stub


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker of this test's own."""
    started = Broker(tmp_path)
    yield started
    started.kill()


@pytest.fixture
def settings(database_url: str, broker: Broker, provider: StubProvider, tmp_path: Path) -> Settings:
    """A live installation whose provider is ours."""
    return live_settings(database_url, broker.url, provider.url, tmp_path)


@pytest.fixture
def wiring(settings: Settings) -> Iterator[Wiring]:
    """The same installation from within the test, with a doorbell that wakes nobody."""
    made = build(settings, doorbell=SilentDoorbell())
    yield made
    made.close()


@pytest.fixture
def parts(settings: Settings) -> Iterator[Parts]:
    """The processes of the installation; whatever a test starts is ended after it."""
    with Parts(settings) as started:
        yield started
