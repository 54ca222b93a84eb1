"""What the tests of the command line share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

TRIES_APART = 0.02


@pytest.fixture
def eventually() -> Callable[..., None]:
    """Wait, by asking again and again, until something is so; fail when it does not become so."""

    def wait(is_so: Callable[[], object], *, within: float = 20.0) -> None:
        give_up = time.monotonic() + within
        pause = threading.Event()
        while not is_so():
            if time.monotonic() > give_up:
                pytest.fail(f"It did not become so within {within:.0f} s.")
            pause.wait(TRIES_APART)

    return wait
