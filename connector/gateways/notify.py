"""GOV.UK Notify: texts out through its own client, and its receipts and received texts in.

The vendor speaks here only. A text goes through one template that holds `((body))` and nothing
else, with our attempt's id as its reference, so that a lost answer is found again for certain.
Notify tries a phone for up to 72 hours and cannot be told to stop earlier; it keeps no list of who
said STOP; and what is not in GSM-7 or Welsh (an emoji) arrives as a question mark. Nothing here
logs a number or a word.

Source: the provider's REST documentation and published interface description, June 2026.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from threading import Lock, local
from typing import Any, TypeVar
from uuid import UUID

import requests
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient
from urllib3.exceptions import NewConnectionError

from connector.domain.attempt import (
    AttemptState,
    Found,
    Meaning,
    Outcome,
    Outgoing,
    Receipt,
    Result,
    Sought,
)
from connector.domain.reply import Inbound
from connector.gateways import notify_check
from connector.services.ports import (
    HAND_OVER_WITHIN,
    NOT_TRIED,
    Capabilities,
    ChannelAwayError,
    Finding,
    Verdict,
)

NAME = "notify"
API_URL = "https://api.notifications.service.gov.uk"
CONNECT_SECONDS = 5.0
MOST_THREADS = 32
PAGES = 80
"""Of 250 texts each: what is older is found on a later look."""
LISTED_AFTER = timedelta(minutes=5)
KEPT_FOR = timedelta(days=6)
"""The provider keeps seven days; a day less, so that nothing is called absent that has expired."""
NEXT_DAY = 900.0
SHORTEST_TOKEN = 10
AWAY = (APIError, requests.RequestException, OSError, ValueError, KeyError, TypeError)

CAPABILITIES = Capabilities(
    receipts=True,
    provider_opt_out=False,
    queue_expiry=False,
    lists=True,
    waits_up_to=timedelta(hours=72),
    longest=918,
    emoji=False,
)

STATES: Mapping[str, tuple[AttemptState, Meaning]] = {
    "created": (AttemptState.ACCEPTED, Meaning.NONE),
    "sending": (AttemptState.SENT, Meaning.NONE),
    "pending": (AttemptState.SENT, Meaning.NONE),
    "sent": (AttemptState.SENT, Meaning.NONE),
    "delivered": (AttemptState.DELIVERED, Meaning.NONE),
    "permanent-failure": (AttemptState.UNDELIVERED, Meaning.NUMBER_DEAD),
    "temporary-failure": (AttemptState.UNDELIVERED, Meaning.PHONE_OFF),
    "technical-failure": (AttemptState.UNDELIVERED, Meaning.OUR_SET_UP),
    "failed": (AttemptState.UNDELIVERED, Meaning.NOT_KNOWN),
}
"""The provider's word for a text: how far it got and, when it failed, what that says."""

REFUSALS: Sequence[tuple[str, Meaning]] = (
    ("phone_number not a uk mobile number", Meaning.LANDLINE),
    ("phone_number", Meaning.NUMBER_DEAD),
    ("trial mode", Meaning.OUR_SET_UP),
    ("team-only", Meaning.OUR_SET_UP),
    ("international", Meaning.OUR_SET_UP),
    ("template", Meaning.OUR_SET_UP),
    ("personalisation", Meaning.OUR_SET_UP),
    ("sms_sender_id", Meaning.OUR_SET_UP),
    ("longer than", Meaning.OUR_SET_UP),
)
"""What stands in the provider's answer to a bad request, and what it means; the first that fits."""

Asked = TypeVar("Asked")
Given = TypeVar("Given")

# The client's own lines carry what the provider says of a number.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)


class NotifyChannel:
    """Sends texts from a pool of threads, each with a client of its own: it may not be shared."""

    name = NAME
    capabilities = CAPABILITIES

    def __init__(
        self,
        *,
        api_key: str,
        template_id: str,
        public_url: str,
        timeout: float,
        calls_in_flight: int,
        clock: Callable[[], datetime],
        api_url: str = "",
        make_client: Callable[..., Any] = NotificationsAPIClient,
    ) -> None:
        """`template_id` names a text template whose whole content is `((body))`."""
        self._clock = clock
        self._template_id = template_id
        self._public_url = public_url.rstrip("/")
        self._make: Callable[[], Any] = lambda: make_client(
            api_key, base_url=api_url or API_URL, timeout=(min(timeout, CONNECT_SECONDS), timeout)
        )
        self._threads = min(calls_in_flight, MOST_THREADS)
        self._lock = Lock()
        self._pid = 0
        self._pool: ThreadPoolExecutor | None = None
        self._mine = local()

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """Hand over every text of `batch`, as many at once as there are threads."""
        until = self._clock() + HAND_OVER_WITHIN

        def one(text: Outgoing) -> Outcome:
            if self._clock() >= until:
                return Outcome(text.attempt_id, Result.THROTTLED, code=NOT_TRIED)
            return self._send(text)

        return self._each(one, batch)

    def find(self, sought: Sequence[Sought]) -> Found:
        """Look attempts up by their reference, which is their id. Never raises; one call each."""
        parts = self._each(self._find, sought)
        return Found(
            tuple(receipt for part in parts for receipt in part.receipts),
            tuple(id_ for part in parts for id_ in part.absent),
        )

    def received_since(self, since: datetime) -> Iterator[Inbound]:
        """The texts that came in at or after `since` (seven days at most), oldest first.

        Raises `ChannelAwayError` when the provider does not answer.
        """
        self._started()
        try:
            texts = list(self._received(since))
        except AWAY:
            raise ChannelAwayError("The provider did not list the texts it received.") from None
        return reversed(texts)

    def check(self) -> tuple[Finding, ...]:
        """What is right and wrong with the service, and what must be set by hand. Never raises."""
        return (
            notify_check.our_address(self._public_url),
            self._asked("The template", self._template),
            self._asked("Received texts", self._may_list),
            *notify_check.by_hand(self._public_url),
        )

    def close(self) -> None:
        """End the threads of this process; the next call starts new ones."""
        with self._lock:
            if self._pool is not None and self._pid == os.getpid():
                self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _each(self, work: Callable[[Asked], Given], items: Sequence[Asked]) -> list[Given]:
        return list(self._started().map(work, items))

    def _started(self) -> ThreadPoolExecutor:
        """The threads of this process; a forked child starts its own."""
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                self._pid = os.getpid()
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix=NAME)
                self._mine = local()
            return self._pool

    @property
    def _client(self) -> Any:
        """The client of this thread."""
        if not hasattr(self._mine, "client"):
            self._mine.client = self._make()
        return self._mine.client

    def _send(self, text: Outgoing) -> Outcome:
        id_ = text.attempt_id
        try:
            answer = self._client.send_sms_notification(
                phone_number=text.to,
                template_id=self._template_id,
                personalisation={"body": text.body},
                reference=str(id_),
            )
            return Outcome(id_, Result.ACCEPTED, provider_id=str(answer["id"]))
        except APIError as error:
            return refusal(id_, error)
        except AWAY as error:
            return Outcome(id_, Result.UNKNOWN, code=type(error).__name__[:20])

    def _find(self, one: Sought) -> Found:
        try:
            answer = self._client.get_all_notifications(
                template_type="sms", reference=str(one.attempt_id)
            )
            held = answer["notifications"]
            receipts = [receipt for said in held if (receipt := _receipt(one.attempt_id, said))]
        except AWAY:
            return Found()
        if receipts:
            return Found(receipts=(max(receipts, key=lambda receipt: receipt.state.rank),))
        age = self._clock() - one.marked_at
        surely = not held and LISTED_AFTER <= age <= KEPT_FOR
        return Found(absent=(one.attempt_id,) if surely else ())

    def _received(self, since: datetime) -> Iterator[Inbound]:
        """The texts received since then, the newest first, page by page."""
        older_than = None
        for _ in range(PAGES):
            page = self._client.get_received_texts(older_than=older_than)["received_text_messages"]
            if not page:
                return
            for text in page:
                inbound = _listed(text)
                if inbound.received_at and inbound.received_at < since:
                    return
                yield inbound
            older_than = page[-1]["id"]

    def _template(self) -> Finding:
        return notify_check.template_finding(self._client.get_template(self._template_id))

    def _may_list(self) -> Finding:
        self._client.get_received_texts()
        return Finding("Received texts", Verdict.OK, "The key may list the texts received.")

    def _asked(self, about: str, ask: Callable[[], Finding]) -> Finding:
        try:
            return ask()
        except APIError as error:
            if error.response is not None:
                return Finding(about, Verdict.WRONG, notify_check.refused(error.status_code))
            return Finding(about, Verdict.NOT_KNOWN, "The provider could not be asked.")
        except AWAY:
            return Finding(about, Verdict.NOT_KNOWN, "The provider's answer was not understood.")


def refusal(attempt_id: UUID, error: APIError) -> Outcome:
    """Our outcome for the provider's answer, or for its silence.

    A connection that was never made and a 429 are surely unprocessed; any other silence and every
    5xx may have been sent. At a limit for the day we ask again in a quarter of an hour.
    """
    if error.response is None:
        return _silence(attempt_id, error.__cause__)
    status, kind, said = error.status_code, *_first_error(error)
    code = f"{status} {kind}".strip()[:20]
    if status == 429:
        wait = NEXT_DAY if "for today" in said else None
        return Outcome(attempt_id, Result.THROTTLED, code=code, retry_after=wait)
    if status >= 500 or status < 400:
        return Outcome(attempt_id, Result.UNKNOWN, code=code)
    return Outcome(attempt_id, Result.REFUSED, code=code, meaning=meaning_of(status, said))


def meaning_of(status: int, said: str) -> Meaning:
    """What a refusal means. One that nobody has read before is shown to staff as not known."""
    if status in (401, 403, 404):
        return Meaning.OUR_SET_UP
    small = " ".join(said.lower().split())
    return next((meaning for part, meaning in REFUSALS if part in small), Meaning.NOT_KNOWN)


def _silence(attempt_id: UUID, cause: BaseException | None) -> Outcome:
    reason = getattr(cause.args[0], "reason", None) if cause and cause.args else None
    if isinstance(cause, requests.ConnectTimeout) or isinstance(reason, NewConnectionError):
        return Outcome(attempt_id, Result.THROTTLED, code="no-connection")
    return Outcome(attempt_id, Result.UNKNOWN, code=type(cause or attempt_id).__name__[:20])


def _first_error(error: APIError) -> tuple[str, str]:
    """The kind and the sentence of the first error in the provider's answer."""
    try:
        first = json.loads(error.response.content)["errors"][0]  # type: ignore[union-attr]
        return str(first["error"]), str(first["message"])
    except (ValueError, KeyError, IndexError, TypeError):
        return "", ""


def _receipt(attempt_id: UUID, said: Mapping[str, Any]) -> Receipt | None:
    known = STATES.get(str(said.get("status", "")))
    if known is None:
        return None
    state, meaning = known
    code = str(said["status"]) if meaning is not Meaning.NONE else ""
    word = str(said["status"])[:24]
    return Receipt(attempt_id, state, str(said.get("id", ""))[:64], code[:20], meaning, said=word)


def _listed(text: Mapping[str, Any]) -> Inbound:
    return Inbound(
        NAME,
        str(text["id"])[:64],
        e164(str(text["user_number"]))[:64],
        e164(str(text["notify_number"]))[:64],
        str(text["content"]),
        received_at=moment(text["created_at"]),
    )


def e164(number: str) -> str:
    """A number as the provider writes it (447700900123, 07700900123) as E.164.

    What is neither (a short code, a name) stays as it came.
    """
    digits = number.strip()
    if not digits.isdecimal() or len(digits) < 8:
        return digits
    return f"+44{digits[1:]}" if digits.startswith("0") else f"+{digits}"


def moment(written: object) -> datetime | None:
    """A moment as the provider writes it, aware UTC; None when it cannot be read."""
    try:
        read = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


class NotifyDoor:
    """The provider's requests to us: whether one is genuine, and what it says."""

    def __init__(self, tokens: Sequence[str]) -> None:
        """Several tokens may be valid at once, so that one can be replaced without a gap.

        Raises `ValueError` for one that is shorter than the provider allows.
        """
        if any(len(token) < SHORTEST_TOKEN for token in tokens):
            raise ValueError(f"A callback token has at least {SHORTEST_TOKEN} characters.")
        self._tokens = [token.encode() for token in tokens]

    def verify(self, authorization: str | None) -> bool:
        """Whether the Authorization header carries one of our tokens; as slow for any of them."""
        kind, _, given = (authorization or "").partition(" ")
        shown = given.strip().encode("utf-8", "replace")
        fits = [compare_digest(shown, token) for token in self._tokens]
        return kind.lower() == "bearer" and any(fits)

    @staticmethod
    def read(body: bytes) -> Mapping[str, Any] | None:
        """The message in a request; None when there is none."""
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return said if isinstance(said, dict) and isinstance(said.get("id"), str) else None

    @staticmethod
    def inbound(said: Mapping[str, Any]) -> Inbound | None:
        """The text that a request brings, empty or not; None when it names no sender."""
        sender, words = said.get("source_number"), said.get("message") or ""
        if not isinstance(sender, str) or not sender or not isinstance(words, str):
            return None
        return Inbound(
            NAME,
            said["id"][:64],
            e164(sender)[:64],
            e164(str(said.get("destination_number") or ""))[:64],
            words.encode("utf-8", "replace").decode(),
            received_at=moment(said.get("date_received")),
        )

    @staticmethod
    def receipt(said: Mapping[str, Any]) -> Receipt | None:
        """What became of one of our texts; None for a text that is not ours, or no news of it."""
        try:
            attempt_id = UUID(str(said.get("reference")))
        except ValueError:
            return None
        return _receipt(attempt_id, said)
