"""The health page: for the supervisor and for monitoring, with no sign-in and no personal data."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from connector import clock
from connector.gateways.health import Status, Watch
from connector.gateways.pulse import Pulse
from connector.wiring import Wiring

OK, UNAVAILABLE = 200, 503


def watch_over(wiring: Wiring) -> Watch:
    """What looks at the parts of this installation."""
    return Watch(wiring.readers, Pulse(wiring.settings.redis_url))


def add_health(app: Flask, watch: Watch) -> None:
    """Put /health on the site: 200 while every part is up, 503 otherwise."""

    def health() -> Response:
        found = watch.look(now=clock.now())
        answer = jsonify(found.as_json())
        answer.status_code = OK if found.status is Status.OK else UNAVAILABLE
        answer.headers["Cache-Control"] = "no-store"
        return answer

    health.guard = "public"  # type: ignore[attr-defined]
    app.add_url_rule("/health", view_func=health)
