"""What every room of the site needs: the wiring of this application, and the moment in words."""

from __future__ import annotations

from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app

from connector import clock
from connector.web.said import Said
from connector.wiring import Wiring

LARGEST_ID = 2**63 - 1


def wired() -> Wiring:
    return cast(Wiring, current_app.extensions["wiring"])


def said() -> Said:
    return Said(ZoneInfo(wired().settings.zone), clock.now())
