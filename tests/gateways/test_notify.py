"""GOV.UK Notify: what its words mean, and who may knock at our door."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notifications_python_client.errors import HTTPError

from connector.domain.attempt import AttemptState, Found, Meaning, Result, Sought
from connector.gateways.notify import NotifyDoor, e164, moment, refusal
from connector.services.ports import Verdict
from connector.settings import Settings, SettingsError
from tests.conftest import NOON, make_settings
from tests.fakes import FakeClock
from tests.gateways.stub import FakeNotify, Held
from tests.gateways.test_channels import NOTIFY_KEY, notify
from tests.makers import number

OLD, NEW = "the-old-token", "the-new-token"
ATTEMPT = UUID(int=5)


def refused(status: int, message: str, kind: str = "BadRequestError") -> Any:
    body = {"status_code": status, "errors": [{"error": kind, "message": message}]}
    response = SimpleNamespace(status_code=status, content=json.dumps(body).encode())
    return refusal(ATTEMPT, HTTPError(response))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "message", "result", "meaning"),
    [
        (400, "phone_number Not enough digits", Result.REFUSED, Meaning.NUMBER_DEAD),
        (400, "phone_number Too many digits", Result.REFUSED, Meaning.NUMBER_DEAD),
        (400, "phone_number Not a UK mobile number", Result.REFUSED, Meaning.LANDLINE),
        (400, "phone_number Not a valid country prefix", Result.REFUSED, Meaning.NUMBER_DEAD),
        (
            400,
            "Cannot send to this recipient when service is in trial mode",
            Result.REFUSED,
            Meaning.OUR_SET_UP,
        ),
        (
            400,
            "Can’t send to this recipient using a team-only API key",
            Result.REFUSED,
            Meaning.OUR_SET_UP,
        ),
        (400, "Cannot send to international mobile numbers", Result.REFUSED, Meaning.OUR_SET_UP),
        (400, "template_id is not a valid UUID", Result.REFUSED, Meaning.OUR_SET_UP),
        (400, "Template not found", Result.REFUSED, Meaning.OUR_SET_UP),
        (400, "Missing personalisation: body", Result.REFUSED, Meaning.OUR_SET_UP),
        (
            400,
            "Your message is too long. Text messages cannot be longer than 918 characters.",
            Result.REFUSED,
            Meaning.OUR_SET_UP,
        ),
        (400, "Something nobody has read before", Result.REFUSED, Meaning.NOT_KNOWN),
        (403, "Invalid token: API key not found", Result.REFUSED, Meaning.OUR_SET_UP),
        (404, "No result found", Result.REFUSED, Meaning.OUR_SET_UP),
        (429, "Exceeded rate limit for key type LIVE", Result.THROTTLED, Meaning.NONE),
        (500, "Internal server error", Result.UNKNOWN, Meaning.NONE),
        (502, "", Result.UNKNOWN, Meaning.NONE),
    ],
)
def test_every_answer_means_one_thing(
    status: int, message: str, result: Result, meaning: Meaning
) -> None:
    outcome = refused(status, message)
    assert (outcome.result, outcome.meaning) == (result, meaning)
    assert outcome.code.startswith(str(status))
    assert len(outcome.code) <= 20


def test_a_limit_for_the_day_is_waited_for_longer_than_one_for_the_minute() -> None:
    assert refused(429, "Exceeded rate limit for key type LIVE").retry_after is None
    assert refused(429, "Exceeded send limits (sms: 250000) for today").retry_after == 900


def test_an_answer_that_is_not_json_is_still_an_outcome() -> None:
    response = SimpleNamespace(status_code=400, content=b"<html>")
    outcome = refusal(ATTEMPT, HTTPError(response))  # type: ignore[arg-type]
    assert (outcome.result, outcome.meaning) == (Result.REFUSED, Meaning.NOT_KNOWN)


# --- the door ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "opens"),
    [
        pytest.param(f"Bearer {NEW}", True, id="the new token"),
        pytest.param(f"Bearer {OLD}", True, id="the old token, while it is being replaced"),
        pytest.param(f"bearer {NEW}", True, id="in small letters"),
        pytest.param("Bearer another-token", False, id="another token"),
        pytest.param(f"Bearer {NEW}x", False, id="one letter too many"),
        pytest.param(f"Bearer {NEW[:-1]}", False, id="one letter too few"),
        pytest.param(f"Basic {NEW}", False, id="the wrong kind"),
        pytest.param(NEW, False, id="the token alone"),
        pytest.param("Bearer", False, id="no token"),
        pytest.param("Bearer ", False, id="an empty token"),
        pytest.param("Bearer tökén-that-is-long", False, id="letters beyond ASCII"),
        pytest.param("", False, id="an empty header"),
        pytest.param(None, False, id="no header"),
    ],
)
def test_the_door_opens_to_its_tokens_only(header: str | None, opens: bool) -> None:
    assert NotifyDoor([NEW, OLD]).verify(header) is opens


def test_a_door_without_tokens_opens_to_nobody() -> None:
    assert not NotifyDoor([]).verify("Bearer ")
    assert not NotifyDoor([]).verify("Bearer anything-at-all")


def test_a_token_that_is_too_short_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="at least 10"):
        NotifyDoor(["too-short"])


INBOUND = {
    "id": "3d1ce039-5476-414c-99b2-fac1e6add62c",
    "source_number": "447700900001",
    "destination_number": "07700900999",
    "message": "I fell & I’m fine 😀",
    "date_received": "2026-11-24T11:59:30.000000Z",
}


def test_a_received_text_is_read_as_it_came() -> None:
    said = NotifyDoor.read(json.dumps(INBOUND).encode())
    assert said is not None
    text = NotifyDoor.inbound(said)
    assert text is not None
    assert (text.channel, text.provider_id) == ("notify", INBOUND["id"])
    assert (text.sender, text.to) == (number(1), number(999))
    assert text.body == INBOUND["message"]
    assert text.received_at == datetime(2026, 11, 24, 11, 59, 30, tzinfo=UTC)


@pytest.mark.parametrize("words", ["", None], ids=["empty", "none at all"])
def test_an_empty_text_is_kept(words: str | None) -> None:
    text = NotifyDoor.inbound({**INBOUND, "message": words})
    assert text is not None
    assert text.body == ""


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"text"', b"{", b"{}", b'{"id": 7}', b"\xff\xfe", b"[" * 100_000],
    ids=["nothing", "null", "a list", "a word", "half", "empty", "no id", "not UTF-8", "deep"],
)
def test_what_is_no_message_is_not_read(body: bytes) -> None:
    assert NotifyDoor.read(body) is None


@given(st.dictionaries(st.sampled_from(sorted(INBOUND)), st.none() | st.text() | st.integers()))
def test_no_message_breaks_the_door(said: dict[str, object]) -> None:
    said = {**said, "id": str(said.get("id"))}
    text = NotifyDoor.inbound(said)
    if text is not None:
        text.body.encode()
    NotifyDoor.receipt(said)


@pytest.mark.parametrize(
    ("status", "state", "meaning"),
    [
        ("delivered", AttemptState.DELIVERED, Meaning.NONE),
        ("permanent-failure", AttemptState.UNDELIVERED, Meaning.NUMBER_DEAD),
        ("temporary-failure", AttemptState.UNDELIVERED, Meaning.PHONE_OFF),
        ("technical-failure", AttemptState.UNDELIVERED, Meaning.OUR_SET_UP),
        ("sent", AttemptState.SENT, Meaning.NONE),
    ],
)
def test_every_receipt_means_one_thing(status: str, state: AttemptState, meaning: Meaning) -> None:
    receipt = NotifyDoor.receipt({"id": "n1", "reference": str(ATTEMPT), "status": status})
    assert receipt is not None
    assert (receipt.attempt_id, receipt.provider_id) == (ATTEMPT, "n1")
    assert (receipt.state, receipt.meaning) == (state, meaning)
    assert receipt.code == ("" if meaning is Meaning.NONE else status)


@pytest.mark.parametrize(
    "changes",
    [{"reference": None}, {"reference": "a letter to 12 High Street"}, {"status": "returned"}],
    ids=["no reference", "somebody else's reference", "a status nobody knows"],
)
def test_a_receipt_that_is_not_ours_says_nothing(changes: dict[str, object]) -> None:
    said = {"id": "n1", "reference": str(ATTEMPT), "status": "delivered", **changes}
    assert NotifyDoor.receipt(said) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("447700900001", "+447700900001"),
        ("07700900001", "+447700900001"),
        ("+447700900001", "+447700900001"),
        ("35312345678", "+35312345678"),
        ("60006", "60006"),
        ("GOVUK", "GOVUK"),
    ],
)
def test_numbers_become_e164_where_they_can(written: str, read: str) -> None:
    assert e164(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-24T12:00:00.000000Z", NOON),
        ("2026-11-24 12:00:00.000000", NOON),
        ("2026-11-24T12:00:00+00:00", NOON),
        ("2026-11-24T13:00:00+01:00", NOON),
        ("yesterday", None),
        (None, None),
    ],
)
def test_moments_are_read_as_utc(written: object, read: datetime | None) -> None:
    assert moment(written) == read


# --- the list ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ago", [timedelta(days=6, minutes=1), timedelta(days=30)])
def test_what_the_provider_has_forgotten_is_not_called_absent(
    clock: FakeClock, ago: timedelta
) -> None:
    with FakeNotify() as provider:
        channel = notify(provider, clock)
        assert channel.find([Sought(uuid4(), number(1), "Hi", NOON - ago)]) == Found()
        channel.close()


def test_a_text_in_a_state_that_nobody_knows_is_neither_found_nor_absent(clock: FakeClock) -> None:
    one = Sought(uuid4(), number(1), "Hi", NOON - timedelta(minutes=10))
    with FakeNotify() as provider:
        held = Held("n1", one.to, "", "Hi", NOON, "pondered", reference=str(one.attempt_id))
        provider.held.append(held)
        channel = notify(provider, clock)
        assert channel.find([one]) == Found()
        channel.close()


def test_of_two_texts_with_one_reference_the_furthest_counts(clock: FakeClock) -> None:
    one = Sought(uuid4(), number(1), "Hi", NOON - timedelta(minutes=10))
    with FakeNotify() as provider:
        provider.held += [
            Held(sid, one.to, "", "Hi", NOON, status, reference=str(one.attempt_id))
            for sid, status in (("n1", "sending"), ("n2", "delivered"), ("n3", "created"))
        ]
        channel = notify(provider, clock)
        (receipt,) = channel.find([one]).receipts
        channel.close()
    assert (receipt.provider_id, receipt.state) == ("n2", AttemptState.DELIVERED)


@pytest.mark.parametrize(
    ("template", "verdict"),
    [
        ("((body))", Verdict.OK),
        (" ((body))\n", Verdict.OK),
        ("Hello. ((body))", Verdict.WRONG),
        ("Hello", Verdict.WRONG),
    ],
)
def test_the_template_holds_our_words_and_nothing_else(
    clock: FakeClock, template: str, verdict: Verdict
) -> None:
    with FakeNotify() as provider:
        provider.template = template
        channel = notify(provider, clock)
        found = {finding.about: finding.verdict for finding in channel.check()}
        channel.close()
    assert found["The template"] is verdict


# --- settings ---------------------------------------------------------------------------------


def live(tmp_path: Path, **changes: object) -> Settings:
    values = {
        "demo": False,
        "channel": "notify",
        "notify_api_key": NOTIFY_KEY,
        "notify_template_id": str(UUID(int=7)),
        "notify_callback_tokens": f"{NEW}, {OLD}",
        **changes,
    }
    return make_settings("sqlite://", tmp_path, **values)


def test_the_settings_of_notify_are_enough_by_themselves(tmp_path: Path) -> None:
    assert live(tmp_path).ready().channel.value == "notify"


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("notify_api_key", "NOTIFY_API_KEY"),
        ("notify_template_id", "NOTIFY_TEMPLATE_ID"),
        ("notify_callback_tokens", "NOTIFY_CALLBACK_TOKENS"),
    ],
)
def test_a_missing_setting_is_named(tmp_path: Path, name: str, environment: str) -> None:
    with pytest.raises(SettingsError, match=environment):
        live(tmp_path, **{name: ""}).ready()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"notify_callback_tokens": "short"}, "NOTIFY_CALLBACK_TOKENS"),
        ({"notify_api_key": NOTIFY_KEY[:-1]}, "NOTIFY_API_KEY is not whole"),
    ],
)
def test_a_wrong_setting_is_refused_without_being_shown(
    tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        live(tmp_path, **changes)
