"""Errors become a page once, here, in words that say what to do; never what was entered."""

from __future__ import annotations

from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from connector.domain.errors import DomainError, NotFound
from connector.wiring import DatabaseAwayError

PAGES = {
    400: (
        "That did not work",
        "The page sent something we could not use.",
        "Go back and try again.",
    ),
    403: (
        "Not for this account",
        "Your account cannot open this page.",
        "Ask a coordinator if you need it.",
    ),
    404: ("Nothing here", "There is no such page, or it has gone.", "Check the address."),
    405: ("That did not work", "This address cannot be used like that.", "Go back and try again."),
    409: ("Somebody was quicker", "This has changed since you opened it.", "Open it again."),
    413: ("Too long", "What was sent is too large.", "Make it shorter and try again."),
    429: ("One moment", "That was tried too many times.", "Wait a minute and try again."),
    500: (
        "Something broke",
        "This is our fault, and it has been written down.",
        "Try again in a minute. Nothing you had saved is lost.",
    ),
    503: (
        "Back in a moment",
        "The service cannot reach its records just now.",
        "Try again in a minute. Texts that arrive meanwhile are not lost.",
    ),
}


def add_errors(app: Flask) -> None:
    """Answer every error with a page, or with a bare status at the providers' door."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DatabaseAwayError, _away)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(Exception, _broken)


def page(status: int, sentence: str = "", what_to_do: str = "") -> ResponseReturnValue:
    if request.path.startswith("/hooks/"):
        return "", status
    title, usual_sentence, usual_advice = PAGES.get(status, PAGES[500])
    return render_template(
        "error.html",
        title=title,
        sentence=sentence or usual_sentence,
        what_to_do=what_to_do or usual_advice,
        nav_active="",
    ), status


def _stale_form(_error: Exception) -> ResponseReturnValue:
    return page(400, "This page was open for too long, so nothing was sent.", "Open it again.")


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error.get_response()
    return page(error.code or 500)


def _away(_error: Exception) -> ResponseReturnValue:
    return page(503)


def _not_found(error: Exception) -> ResponseReturnValue:
    return page(404, str(error))


def _refused(error: Exception) -> ResponseReturnValue:
    return page(409, str(error))


def _broken(error: Exception) -> ResponseReturnValue:
    current_app.logger.error("a page broke: %s %s", request.endpoint, type(error).__name__)
    if current_app.testing:
        raise error
    return page(500)
