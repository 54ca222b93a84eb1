"""The second doors: Notify's, and the one that is tried when the first did not answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator

from connector.store.tables import ReceiptRow, ReplyRow, StopRow
from connector.web import create_app
from connector.wiring import DatabaseAwayError, Wiring, build
from tests.conftest import make_settings
from tests.fakes import SilentDoorbell
from tests.makers import number

TOKEN, OLD, SECRET = "a-token-for-tests", "an-old-token-for-tests", "twilio-token-for-tests"
PUBLIC = "https://connector.example"
TEXT = {
    "id": "n-1",
    "source_number": number(1).removeprefix("+"),
    "destination_number": number(999).removeprefix("+"),
    "message": "I am fine",
    "date_received": "2026-11-24T11:59:30.000000Z",
}
RECEIPT = {"id": "n-2", "reference": str(UUID(int=9)), "status": "delivered", "to": number(1)}


@pytest.fixture
def wiring(sqlite_url: str, tmp_path: Path) -> Iterator[Wiring]:
    settings = make_settings(
        sqlite_url,
        tmp_path,
        public_url=PUBLIC,
        notify_callback_tokens=[TOKEN, OLD],
        twilio_auth_tokens=[SECRET],
    )
    made = build(settings, doorbell=SilentDoorbell())
    yield made
    made.close()


@pytest.fixture
def client(wiring: Wiring) -> FlaskClient:
    return create_app(wiring).test_client()


def post(
    client: FlaskClient, path: str, said: object, authorization: str | None = f"Bearer {TOKEN}"
) -> int:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = client.post(path, data=body, headers=headers, content_type="application/json")
    assert answer.data == b""
    return answer.status_code


def count(wiring: Wiring, row: type) -> int:
    with wiring.reading() as session:
        return len(session.scalars(select(row)).all())


def test_a_text_by_notify_is_stored_once_however_often_it_comes(
    client: FlaskClient, wiring: Wiring
) -> None:
    assert [post(client, "/hooks/notify/sms", TEXT) for _ in range(3)] == [204] * 3
    with wiring.reading() as session:
        (row,) = session.scalars(select(ReplyRow)).all()
    assert (row.channel, row.provider_id) == ("notify", "n-1")
    assert (row.sender, row.body) == (number(1), "I am fine")


def test_stop_by_notify_takes_effect_at_the_door(client: FlaskClient, wiring: Wiring) -> None:
    assert post(client, "/hooks/notify/sms", {**TEXT, "message": "STOP"}) == 204
    assert count(wiring, StopRow) == 1


def test_a_receipt_by_notify_is_kept_even_before_its_send(
    client: FlaskClient, wiring: Wiring
) -> None:
    assert [post(client, "/hooks/notify/receipt", RECEIPT) for _ in range(2)] == [204] * 2
    assert count(wiring, ReceiptRow) == 1


def test_a_receipt_for_somebody_elses_text_is_answered_and_let_go(
    client: FlaskClient, wiring: Wiring
) -> None:
    assert post(client, "/hooks/notify/receipt", {**RECEIPT, "reference": None}) == 204
    assert count(wiring, ReceiptRow) == 0


@pytest.mark.parametrize("path", ["/hooks/notify/sms", "/hooks/notify/receipt"])
@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {OLD}", 204),
        ("Bearer not-this-token", 403),
        (f"Basic {TOKEN}", 403),
        (None, 403),
    ],
    ids=["the old token", "a wrong token", "the wrong kind", "none"],
)
def test_only_who_has_a_token_comes_in(
    client: FlaskClient, path: str, authorization: str | None, status: int
) -> None:
    said = TEXT if path.endswith("sms") else RECEIPT
    assert post(client, path, said, authorization) == status


@pytest.mark.parametrize("path", ["/hooks/notify/sms", "/hooks/notify/receipt"])
@pytest.mark.parametrize(
    ("said", "status"),
    [
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b"{", 400, id="half a message"),
        pytest.param([], 400, id="a list"),
        pytest.param({"id": "n-1"}, 400, id="no message"),
        pytest.param({**TEXT, "message": "x" * 70_000}, 413, id="larger than any text"),
    ],
)
def test_what_is_no_message_is_turned_away(
    client: FlaskClient, wiring: Wiring, path: str, said: object, status: int
) -> None:
    assert post(client, path, said) == status
    assert count(wiring, ReplyRow) == 0


def test_a_large_body_without_a_token_is_not_even_read(client: FlaskClient) -> None:
    assert post(client, "/hooks/notify/sms", b"x" * 200_000, None) == 403


def signed(client: FlaskClient, path: str, form: Mapping[str, str], secret: str = SECRET) -> object:
    signature = RequestValidator(secret).compute_signature(PUBLIC + path, form)
    return client.post(path, data=form, headers={"X-Twilio-Signature": signature})


FORM = {"MessageSid": "SM1", "From": number(1), "To": number(999), "Body": "I am fine"}
EXTRAS = {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC}/hooks/twilio/sms"}


def test_the_second_door_takes_the_text_in_and_the_first_does_not_repeat_it(
    client: FlaskClient, wiring: Wiring
) -> None:
    answer = signed(client, "/hooks/twilio/fallback", {**FORM, **EXTRAS})
    assert (answer.status_code, answer.headers["X-Connector-Door"]) == (204, "fallback")
    again = signed(client, "/hooks/twilio/sms", FORM)
    assert again.status_code == 204
    assert "X-Connector-Door" not in again.headers
    assert count(wiring, ReplyRow) == 1


@pytest.mark.parametrize(
    ("form", "secret", "status"),
    [
        pytest.param({**FORM, **EXTRAS}, "another-secret", 403, id="a wrong signature"),
        pytest.param(EXTRAS, SECRET, 400, id="no message"),
    ],
)
def test_the_second_door_asks_as_much_as_the_first(
    client: FlaskClient, form: dict[str, str], secret: str, status: int
) -> None:
    assert signed(client, "/hooks/twilio/fallback", form, secret).status_code == status


@pytest.mark.parametrize("path", ["/hooks/notify/sms", "/hooks/notify/receipt"])
@pytest.mark.parametrize("message", ["I am fine", "STOP"])
def test_a_database_that_is_away_makes_the_provider_come_again(
    wiring: Wiring, path: str, message: str
) -> None:
    @contextmanager
    def away() -> Iterator[Session]:
        raise DatabaseAwayError("away")
        yield  # pragma: no cover

    wiring.transaction = wiring.one_statement = away  # type: ignore[method-assign,assignment]
    client = create_app(wiring).test_client()
    said = {**TEXT, **RECEIPT, "message": message}
    assert post(client, path, said) == 503
