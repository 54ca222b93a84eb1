"""The website: one module per room, every route guarded, nothing inline.

Pages work without JavaScript. A view reads the clock, opens the transaction, calls one service and
shows a page; it decides nothing about a person.
"""

from __future__ import annotations

import secrets
from zoneinfo import ZoneInfo

from flask import Flask, Response, g, request
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from connector import clock
from connector.settings import shipped
from connector.web import (
    about,
    absences,
    calls,
    crisis_lines,
    enrol,
    flag,
    hooks,
    imports,
    merging,
    messages,
    notices,
    noticing,
    own_phone,
    phone,
    programmes,
    public,
    question_sets,
    queue,
    reading_list,
    record,
    referrals,
    residents,
    signin,
    system,
    texting_rules,
    texts,
    trying_out,
    unclaimed,
    wishes,
)
from connector.web.auth import Guard, add_guards, guard
from connector.web.errors import add_errors
from connector.web.health import add_health
from connector.web.planning_pages import planning_pages
from connector.web.room import LARGEST_ID
from connector.web.said import Said
from connector.web.standing import standing
from connector.wiring import Wiring

LARGEST_REQUEST = 256 * 1024
SESSION_SECONDS = 12 * 3600
ROOMS = (
    public,
    about,
    signin,
    queue,
    reading_list,
    unclaimed,
    referrals,
    wishes,
    flag,
    calls,
    residents,
    absences,
    enrol,
    record,
    merging,
    imports,
    programmes,
    question_sets,
    trying_out,
    messages,
    crisis_lines,
    notices,
    noticing,
    phone,
    system,
    own_phone,
    texting_rules,
    texts,
    hooks,
)


def create_app(wiring: Wiring) -> Flask:
    """The site for one wiring."""
    app = Flask(__name__, template_folder=str(shipped("templates")))
    settings = wiring.settings
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        PERMANENT_SESSION_LIFETIME=SESSION_SECONDS,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_NAME="connector",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies and not settings.demo,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions["wiring"] = wiring
    app.url_map.converters["int"] = RowId
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    _templates(app, wiring)
    csrf = CSRFProtect(app)
    add_guards(app, wiring)
    add_errors(app)
    add_health(app, wiring)
    csrf.exempt(hooks.room)
    for room in ROOMS:
        app.register_blueprint(room.room)
    app.view_functions["static"] = guard(Guard.PUBLIC)(app.view_functions["static"])
    app.after_request(_headers)
    return app


class RowId(IntegerConverter):
    """A number in an address, no larger than a row's id can be: anything larger is no page."""

    def __init__(self, map: Map) -> None:  # noqa: A002 the base class names it so
        super().__init__(map, max=LARGEST_ID)


def _templates(app: Flask, wiring: Wiring) -> None:
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(shipped("templates")),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    app.jinja_env.trim_blocks = False
    zone = ZoneInfo(wiring.settings.zone)

    @app.context_processor
    def _frame() -> dict[str, object]:
        return {
            "nonce": nonce(),
            "mode": "demo" if wiring.settings.demo else "live",
            "staff": current_user if current_user and current_user.is_authenticated else None,
            "said": Said(zone, clock.now()),
            "standing": standing,
            "to_read": reading_list.waiting_words,
            "planning": planning_pages,
        }


def nonce() -> str:
    """This answer's nonce, the only one that lets a script run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def _headers(response: Response) -> Response:
    if request.blueprint == hooks.room.name:
        return response
    response.headers.setdefault("Content-Security-Policy", _policy())
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def _policy() -> str:
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce()}'; style-src 'self'; "
        "img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )
