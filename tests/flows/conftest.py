"""The flows of the house: through the provider's door and the site, a round at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.settings import Settings
from tests.conftest import make_settings
from tests.faults.stage import TOKEN, a_form, signed
from tests.web import conftest as web


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return make_settings(database_url, tmp_path, twilio_auth_tokens=[TOKEN])


compiled, site = web.compiled, web.site  # the site's fixtures are this folder's too


class Door:
    """The provider at our door."""

    def __init__(self, site: web.Site) -> None:
        self._site = site
        self._count = 0

    def text(self, body: str, *, n: int = 1) -> int:
        """A signed text arrives; returns the status it is answered with."""
        self._count += 1
        return self.post("/hooks/twilio/sms", a_form(body, n=n, id_=f"SM{self._count}"))

    def status(self, status: str, **more: str) -> int:
        """A signed word about the last text that was handed over."""
        text = self._site.loop.channel.handed[-1]
        form = {"MessageSid": f"SM{text.attempt_id.hex}", "MessageStatus": status, **more}
        return self.post(f"/hooks/twilio/status/{text.attempt_id}", form)

    def post(self, path: str, form: dict[str, str]) -> int:
        public_url = self._site.loop.wiring.settings.public_url
        headers = signed(public_url, path, form)
        return self._site.anybody().post(path, data=form, headers=headers).status_code


@pytest.fixture
def door(site: web.Site) -> Door:
    return Door(site)
