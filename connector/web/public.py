"""The public page: that the texts are real, who is behind them, how to stop, how to complain.

For anybody, without signing in, without a cookie and without a script; caches may keep it. It asks
for no number and says of none whether we know it. What nobody has written yet it says honestly.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, make_response, url_for
from flask.typing import ResponseReturnValue

from connector.domain.about import LANGUAGES, About
from connector.services import about as service
from connector.services.about import Told
from connector.web.auth import Guard, guard
from connector.web.room import said, wired
from connector.wiring import DatabaseAwayError

room = Blueprint("public", __name__)

KEPT_FOR = 300
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@room.get("/about-these-texts")
@guard(Guard.PUBLIC)
def about() -> ResponseReturnValue:
    return _page("en")


@room.get("/am-y-negeseuon-hyn")
@guard(Guard.PUBLIC)
def about_in_welsh() -> ResponseReturnValue:
    return _page("cy")


def _page(language: str) -> Response:
    """The page; while the records are away, what is true without them, and nothing keeps it."""
    words = said()
    try:
        with wired().reading() as session:
            told = service.told(session, on=words.local(words.now).date())
    except DatabaseAwayError:
        return _answer(_rendered(language, Told(About()), away=True), "no-store", 503)
    return _answer(_rendered(language, told), f"public, max-age={KEPT_FOR}")


def _answer(page: str, cache: str, status: int = 200) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = cache
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _rendered(language: str, told: Told, *, away: bool = False) -> str:
    # Not by `render_template`: the frame of staff pages looks who is signed in, and what is kept
    # by a cache must be the same for everybody.
    page = current_app.jinja_env.get_template(f"public_about_{language}.html")
    about = told.about
    return page.render(
        language=language,
        languages=LANGUAGES,
        others={"en": url_for("public.about"), "cy": url_for("public.about_in_welsh")},
        fact=about.fact,
        tel=_dialled(about.fact("phone")),
        sentence=lambda name: about.sentence(name, language),
        keyword=about.keyword,
        lines=told.lines,
        away=away,
        demo=wired().settings.demo,
    )


def _dialled(phone: str) -> str:
    """A phone number as a link dials it; empty when there is none."""
    return "".join(character for character in phone if character.isdigit() or character == "+")
