"""A small watchman beside `connector up`: if that is killed outright, what it started ends too.

Run as a script with nothing but the standard library. `up` tells it on standard input which
process groups have begun and ended, one a line (`began NAME GROUP`, `ended NAME GROUP`); when the
input ends it asks what is left to stop, the broker last, and then insists. It inherits the lock on
the data folder, so that no new copy can start in the middle of that.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress

PATIENCE = 5.0
BROKER = "broker"


def watch() -> None:
    """Keep the list of what runs until `up` is gone, then end what is left of it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    running: dict[int, str] = {}
    for line in sys.stdin:
        word, name, group = line.split()
        if word == "began":
            running[int(group)] = name
        else:
            running.pop(int(group), None)
    end([group for group, name in running.items() if name != BROKER])
    end([group for group, name in running.items() if name == BROKER])


def end(groups: list[int]) -> None:
    """Ask each group's leader to stop, and after some seconds kill what is left of the groups."""
    for group in groups:
        with suppress(ProcessLookupError):
            os.kill(group, signal.SIGTERM)
    give_up = time.monotonic() + PATIENCE
    while any(map(is_alive, groups)) and time.monotonic() < give_up:
        time.sleep(0.05)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def is_alive(group: int) -> bool:
    """Whether any process of the group is left (a zombie nobody has reaped counts as one)."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    watch()
