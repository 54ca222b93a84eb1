"""The health page: for the supervisor and for monitoring, with no sign-in and no personal data."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from connector import clock
from connector.gateways.health import Status, Watch
from connector.gateways.pulse import Pulse
from connector.web.auth import Guard, guard
from connector.wiring import Wiring

OK, UNAVAILABLE = 200, 503


def add_health(app: Flask, wiring: Wiring) -> None:
    """Put /health on the site; what it watches with is `app.extensions["watch"]`."""
    watch = Watch(wiring.readers, Pulse(wiring.settings.redis_url))
    app.extensions["watch"] = watch
    answer_health(app, watch)


def answer_health(app: Flask, watch: Watch) -> None:
    """Answer /health from `watch`: 200 while every part is up, 503 otherwise."""

    @guard(Guard.PUBLIC)
    def health() -> Response:
        found = watch.look(now=clock.now())
        answer = jsonify(found.as_json())
        answer.status_code = OK if found.status is Status.OK else UNAVAILABLE
        answer.headers["Cache-Control"] = "no-store"
        return answer

    app.add_url_rule("/health", view_func=health)
