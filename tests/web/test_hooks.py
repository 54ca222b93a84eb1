"""The provider's door: genuine or 403, stored once, 503 when the records are away.

Signatures are made here by hand, from the provider's description, and not by its own client.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from connector.domain.attempt import AttemptState
from connector.store import stops
from connector.store.base import blind_index
from connector.store.tables import AttemptRow, ReplyRow
from connector.web import create_app
from connector.wiring import Wiring, build
from tests.conftest import make_settings
from tests.fakes import SilentDoorbell
from tests.makers import Loop, a_programme, a_resident, number

PUBLIC = "https://connector.example"
SMS = "/hooks/twilio/sms"
NEW, OLD = "the-new-token", "the-old-token"
TEXT = {
    "MessageSid": "SM0001",
    "From": number(1),
    "To": number(999),
    "Body": "I am all right & well, thank you",
    "NumMedia": "0",
}
Form = Mapping[str, str | list[str]]


def signature(url: str, form: Form, token: str = NEW, digest: Any = sha1) -> str:
    """Base64 of HMAC over the address and every field, names and values sorted."""
    said = url
    for name in sorted(form):
        value = form[name]
        values = sorted(set(value)) if isinstance(value, list) else [value]
        said += "".join(name + each for each in values)
    return b64encode(hmac.digest(token.encode(), said.encode(), digest)).decode()


@pytest.fixture
def wiring(database_url: str, tmp_path: Path) -> Iterator[Wiring]:
    made = build(
        make_settings(
            database_url, tmp_path, demo=False, public_url=PUBLIC, twilio_auth_tokens=[NEW, OLD]
        ),
        doorbell=SilentDoorbell(),
    )
    yield made
    made.close()


@pytest.fixture
def app(wiring: Wiring) -> Flask:
    return create_app(wiring)


def post(app: Flask, form: Form, *, path: str = SMS, signed: str | None = None, **more: Any) -> int:
    """The status of a webhook for `path`, signed for our public address unless said otherwise."""
    headers = {"X-Twilio-Signature": signature(PUBLIC + path, form) if signed is None else signed}
    headers |= more.pop("headers", {})
    kept = {name: value for name, value in headers.items() if value}
    answer = app.test_client().post(path, data=MultiDict(form), headers=kept, **more)
    return answer.status_code


def replies(wiring: Wiring) -> list[ReplyRow]:
    with wiring.reading() as session:
        return session.query(ReplyRow).order_by(ReplyRow.id).all()


class TestASignature:
    @pytest.fixture
    def database_url(self, sqlite_url: str) -> str:
        """A signature is checked before any database is asked."""
        return sqlite_url

    @pytest.mark.parametrize(
        ("form", "options", "status"),
        [
            pytest.param(TEXT, {}, 204, id="the right one"),
            pytest.param(
                TEXT, {"base_url": "http://127.0.0.1:8000"}, 204, id="plain http behind a proxy"
            ),
            pytest.param(TEXT, {"path": f"{SMS}?a=b%20c%2Bd"}, 204, id="an escaped query"),
            pytest.param(TEXT, {"path": f"{SMS}?caf=%C3%A9"}, 204, id="a query beyond ASCII"),
            pytest.param(TEXT | {"Body": ""}, {}, 204, id="a blank body"),
            pytest.param(TEXT | {"Body": "Ŵel 👍 café"}, {}, 204, id="words beyond ASCII"),
            pytest.param(TEXT | {"New": "field"}, {}, 204, id="a field we do not know"),
            pytest.param({**TEXT, "MediaUrl": ["b", "a", "b"]}, {}, 204, id="a repeated field"),
            pytest.param(
                TEXT, {"signed": signature(PUBLIC + SMS, TEXT, OLD)}, 204, id="the older secret"
            ),
            pytest.param(
                TEXT,
                {"signed": signature(PUBLIC + ":443" + SMS, TEXT)},
                204,
                id="signed with the port",
            ),
            pytest.param(
                TEXT,
                {
                    "signed": signature(PUBLIC + SMS, TEXT, digest=sha256),
                    "headers": {
                        "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA256"
                    },
                },
                204,
                id="SHA-256, said so",
            ),
            pytest.param(
                TEXT,
                {"signed": signature(PUBLIC + SMS, TEXT, digest=sha256)},
                403,
                id="SHA-256, not said",
            ),
            pytest.param(TEXT, {"signed": ""}, 403, id="none at all"),
            pytest.param(TEXT, {"signed": "nonsense"}, 403, id="nonsense"),
            pytest.param(
                TEXT, {"signed": signature(PUBLIC + SMS, TEXT, "x")}, 403, id="another's secret"
            ),
            pytest.param(
                TEXT | {"Body": "STOP"},
                {"signed": signature(PUBLIC + SMS, TEXT)},
                403,
                id="other words than were signed",
            ),
            pytest.param(
                TEXT,
                {"signed": signature("http://connector.example" + SMS, TEXT)},
                403,
                id="signed for http",
            ),
            pytest.param(
                TEXT, {"signed": signature(PUBLIC + SMS + "/", TEXT)}, 403, id="a slash too many"
            ),
            pytest.param(
                TEXT,
                {"signed": signature("https://u:p@connector.example" + SMS, TEXT)},
                403,
                id="signed with a user and password",
            ),
            pytest.param(
                TEXT, {"signed": signature(PUBLIC + SMS + "#rc=3", TEXT)}, 403, id="a fragment"
            ),
            pytest.param(
                TEXT,
                {"path": f"{SMS}?a=1", "signed": signature(PUBLIC + SMS, TEXT)},
                403,
                id="a query that was not signed",
            ),
        ],
    )
    def test_on_an_incoming_text(
        self, app: Flask, wiring: Wiring, form: Form, options: dict[str, Any], status: int
    ) -> None:
        assert post(app, form, **options) == status
        assert len(replies(wiring)) == (1 if status == 204 else 0)

    def test_nobody_gets_in_where_no_secret_is_set(self, sqlite_url: str, tmp_path: Path) -> None:
        bare = build(make_settings(sqlite_url, tmp_path, public_url=PUBLIC))
        assert post(create_app(bare), TEXT, signed=signature(PUBLIC + SMS, TEXT, "")) == 403
        bare.close()

    def test_on_a_status_callback(self, app: Flask) -> None:
        path = f"/hooks/twilio/status/{uuid4()}"
        form = {"MessageSid": "SM1", "MessageStatus": "sent"}
        assert post(app, form, path=path) == 204
        assert post(app, form, path=path, signed="") == 403


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_text_without_a_name_or_a_sender_is_not_understood(app: Flask, missing: str) -> None:
    form = {name: value for name, value in TEXT.items() if name != missing}
    assert post(app, form) == 400


def test_a_text_is_kept_as_it_arrived(app: Flask, wiring: Wiring) -> None:
    post(app, TEXT | {"Body": "  Ŵel…\n👍 ", "NumMedia": "2"})
    (row,) = replies(wiring)
    assert (row.channel, row.provider_id, row.sender) == ("twilio", "SM0001", number(1))
    assert (row.body, row.media, row.read_at) == ("  Ŵel…\n👍 ", 2, None)


def test_a_stop_takes_effect_at_the_door(app: Flask, wiring: Wiring) -> None:
    assert post(app, TEXT | {"Body": "STOP"}) == 204
    index = blind_index(number(1))
    with wiring.reading() as session:
        assert stops.among(session, [index]) == {index}


@pytest.mark.parametrize("body", ["I am well", "STOP"])
def test_the_same_text_twenty_times_at_once_is_one_reply(
    app: Flask, wiring: Wiring, body: str
) -> None:
    form = TEXT | {"Body": body}
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda _n: post(app, form), range(20)))
    assert statuses == [204] * 20
    assert len(replies(wiring)) == 1


@pytest.mark.parametrize("body", ["I am well", "STOP"])
def test_while_the_database_is_away_the_provider_is_asked_to_come_again(
    tmp_path: Path, body: str
) -> None:
    away = build(
        make_settings(
            "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
            tmp_path,
            public_url=PUBLIC,
            twilio_auth_tokens=[NEW],
        ),
        doorbell=SilentDoorbell(),
    )
    app = create_app(away)
    assert post(app, TEXT | {"Body": body}) == 503
    path = f"/hooks/twilio/status/{uuid4()}"
    assert post(app, {"MessageSid": "SM1", "MessageStatus": "sent"}, path=path) == 503
    doorbell = away.doorbell
    assert isinstance(doorbell, SilentDoorbell)
    assert doorbell.rung == []
    away.close()


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [(SMS, "GET", 405), (f"{SMS}/", "POST", 404), ("/hooks/twilio/status/7", "POST", 404)],
)
def test_other_addresses_say_nothing(app: Flask, path: str, method: str, status: int) -> None:
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, answer.text) == (status, "")


class TestAStatusCallback:
    @pytest.fixture
    def attempt(self, loop: Loop) -> UUID:
        with loop.wiring.transaction() as session:
            a_resident(session, a_programme(session), now=loop.clock())
        loop.asks()
        return loop.channel.handed[0].attempt_id

    def state(self, wiring: Wiring, attempt: UUID) -> AttemptState:
        with wiring.reading() as session:
            row = session.get(AttemptRow, attempt)
        assert row is not None
        return AttemptState(row.state)

    def says(self, app: Flask, attempt: UUID, status: str, **more: str) -> int:
        form = {"MessageSid": "SM1", "MessageStatus": status, **more}
        return post(app, form, path=f"/hooks/twilio/status/{attempt}")

    @pytest.mark.parametrize(
        ("words", "final"),
        [
            pytest.param(["queued", "sent", "delivered"], AttemptState.DELIVERED, id="in order"),
            pytest.param(["delivered", "sent"], AttemptState.DELIVERED, id="a late sent"),
            pytest.param(["sent", "sent", "sent"], AttemptState.SENT, id="repeated"),
            pytest.param(["sent", "undelivered"], AttemptState.UNDELIVERED, id="did not arrive"),
            pytest.param(["failed"], AttemptState.REFUSED, id="failed"),
            pytest.param(["DELIVERED"], AttemptState.DELIVERED, id="in capitals"),
            pytest.param(["read", "", "nonsense"], AttemptState.ACCEPTED, id="nothing new"),
        ],
    )
    def test_only_moves_forward(
        self, app: Flask, wiring: Wiring, attempt: UUID, words: list[str], final: AttemptState
    ) -> None:
        assert [self.says(app, attempt, word) for word in words] == [204] * len(words)
        assert self.state(wiring, attempt) is final

    def test_for_a_text_that_we_do_not_know_is_taken_and_forgotten(self, app: Flask) -> None:
        assert self.says(app, UUID(int=7), "delivered") == 204

    @pytest.mark.parametrize("code", ["30005", "99999", "", "nonsense", "9" * 40])
    def test_keeps_the_provider_s_own_code_whatever_it_is(
        self, app: Flask, wiring: Wiring, attempt: UUID, code: str
    ) -> None:
        assert self.says(app, attempt, "undelivered", ErrorCode=code) == 204
        assert self.state(wiring, attempt) is AttemptState.UNDELIVERED
