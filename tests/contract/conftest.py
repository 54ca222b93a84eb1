"""What the contract tests need: other people's programs, and the providers' own descriptions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import without
from tests.contract.peers import CHECKOUT, MODULES, NODE_24, prism

PUBLISHED = {
    "twilio_api_v2010.json": "twilio/twilio-oai, spec/json/",
    "twilio_messaging_v1.json": "twilio/twilio-oai, spec/json/",
    "notify/openapi/publicapi_spec.json": "alphagov/notifications-tech-docs, openapi/",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder runs other people's programs, and is slow."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.contract)


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder of other people's programs, as `make contract` installs them."""
    if shutil.which("node") is None and not NODE_24.exists():
        without("contract", "install Node 20 or newer with npm, then run `make contract`")
    if not (MODULES / "emulate").exists():
        without("contract", "run `make contract`, which installs what these tests ask")
    return MODULES


@pytest.fixture(scope="session")
def node_24(tools: Path) -> Path:
    """The Node that the emulator needs; it comes with the tools where it can run."""
    if not NODE_24.exists():
        pytest.skip("The emulator's own Node comes for Linux on x64 only.")
    return NODE_24


def _specification(name: str) -> Path:
    folder = Path(os.environ.get("CONTRACTS_DIR") or CHECKOUT.parent / "shared" / "contracts")
    path = folder / name
    if not path.exists():
        where = PUBLISHED[name]
        pytest.skip(f"{name} is not here: take it from {where} on GitHub and set CONTRACTS_DIR")
    return path


@pytest.fixture(scope="session")
def twilio_api(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Twilio's published messages interface, answering as it is described."""
    with prism(_specification("twilio_api_v2010.json"), tmp_path_factory.mktemp("api")) as url:
        yield url


@pytest.fixture(scope="session")
def twilio_services(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Twilio's published messaging services interface, answering as it is described."""
    folder = tmp_path_factory.mktemp("services")
    with prism(_specification("twilio_messaging_v1.json"), folder) as url:
        yield url


@pytest.fixture(scope="session")
def notify_api(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """GOV.UK Notify's published interface, answering as it is described."""
    specification = _specification("notify/openapi/publicapi_spec.json")
    with prism(specification, tmp_path_factory.mktemp("notify")) as url:
        yield url
