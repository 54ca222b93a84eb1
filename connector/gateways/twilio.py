"""Twilio: texts out through its own client, and its signed webhooks in.

The vendor speaks here only: its codes become our outcomes in one table, its exceptions none of
ours. 429 is the one answer that says the text was never processed; a time-out or a 5xx may have
been sent and is *unknown*. Nothing here logs a number or a word.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import aiohttp
from twilio.base.exceptions import (
    TwilioException,
    TwilioRestException,
    TwilioServiceException,
)
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator, get_signature_algorithm
from twilio.rest import Client

from connector.domain.attempt import AttemptState, Meaning, Outcome, Outgoing, Receipt, Result
from connector.domain.reply import Inbound

NAME = "twilio"
LONGEST_VALIDITY = 36_000
_algorithm: Any = get_signature_algorithm
SHORTEST_VALIDITY = 10
THROTTLED = (429, 20429)

MEANINGS: Mapping[int, Meaning] = {
    20003: Meaning.OUR_SET_UP,
    21211: Meaning.NUMBER_DEAD,
    21408: Meaning.OUR_SET_UP,
    21606: Meaning.OUR_SET_UP,
    21610: Meaning.OPTED_OUT,
    21612: Meaning.OUR_SET_UP,
    21614: Meaning.LANDLINE,
    21635: Meaning.LANDLINE,
    21663: Meaning.OUR_SET_UP,
    21712: Meaning.OUR_SET_UP,
    30001: Meaning.TOO_LATE,
    30003: Meaning.PHONE_OFF,
    30004: Meaning.BLOCKED,
    30005: Meaning.NUMBER_DEAD,
    30006: Meaning.LANDLINE,
    30007: Meaning.OUR_SET_UP,
}
"""Provider codes by what they mean for the person, or for us. Any other is *not known*.

Source: the provider's error pages as read in November 2026; they say that causes change, so the
code itself is always kept beside its meaning.
"""

STATES: Mapping[str, AttemptState] = {
    "accepted": AttemptState.ACCEPTED,
    "queued": AttemptState.ACCEPTED,
    "sending": AttemptState.ACCEPTED,
    "sent": AttemptState.SENT,
    "delivered": AttemptState.DELIVERED,
    "undelivered": AttemptState.UNDELIVERED,
    "failed": AttemptState.REFUSED,
}


def meaning_of(code: int | None) -> Meaning:
    """What a provider code says; a code that nobody has mapped is shown to staff as not known."""
    return MEANINGS.get(code or 0, Meaning.NOT_KNOWN)


class Transport(AsyncHttpClient):
    """The client's HTTP with one pool, explicit time-outs and no log of what it carries."""

    def __init__(self, *, timeout: float, calls_in_flight: int, api_url: str) -> None:
        super().__init__(logging.getLogger(__name__), True, timeout)
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=min(timeout, 5.0))
        self._calls = calls_in_flight
        self._api = urlsplit(api_url) if api_url else None
        self._session: aiohttp.ClientSession | None = None

    async def request(  # type: ignore[override] # the vendor's own base declares it synchronous
        self,
        method: str,
        url: str,
        params: dict[str, str] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        del timeout
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._calls, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        basic = aiohttp.BasicAuth(*auth) if auth else None
        async with self._session.request(
            method,
            self._address(url),
            params=params,
            data=data,
            headers=headers,
            auth=basic,
            allow_redirects=allow_redirects,
        ) as answer:
            return Response(answer.status, await answer.text(), answer.headers)

    def _address(self, url: str) -> str:
        if self._api is None:
            return url
        parts = urlsplit(url)
        return urlunsplit((self._api.scheme, self._api.netloc, parts.path, parts.query, ""))


class TwilioChannel:
    """Sends texts, many calls in flight at once from one event loop a process."""

    name = NAME

    def __init__(
        self,
        *,
        account_sid: str,
        username: str,
        password: str,
        sender: str,
        public_url: str,
        timeout: float,
        calls_in_flight: int,
        clock: Callable[[], datetime],
        api_url: str = "",
    ) -> None:
        """`sender` is a number in E.164 or the sid (MG…) of a messaging service."""
        self._clock = clock
        self._credentials = (username, password, account_sid)
        self._sender = sender
        self._public_url = public_url.rstrip("/")
        self._timeout, self._calls, self._api_url = timeout, calls_in_flight, api_url
        self._lock = Lock()
        self._pid = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        """Hand over every text of `batch`, never more than the agreed calls in flight at once."""
        with self._lock:
            loop = self._started()
            return loop.run_until_complete(self._send_all(batch))

    def _started(self) -> asyncio.AbstractEventLoop:
        """The loop and client of this process; a forked child makes its own."""
        if self._loop is None or self._pid != os.getpid():
            self._pid = os.getpid()
            self._loop = asyncio.new_event_loop()
            transport = Transport(
                timeout=self._timeout, calls_in_flight=self._calls, api_url=self._api_url
            )
            username, password, account_sid = self._credentials
            make: Any = Client
            self._client = make(username, password, account_sid, http_client=transport)
        return self._loop

    async def _send_all(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        allowed = asyncio.Semaphore(self._calls)

        async def one(text: Outgoing) -> Outcome:
            async with allowed:
                return await self._send(text)

        return list(await asyncio.gather(*(one(text) for text in batch)))

    async def _send(self, text: Outgoing) -> Outcome:
        try:
            message = await self._client.messages.create_async(**self._wire(text))
        except (TwilioRestException, TwilioServiceException) as error:
            return refusal(text.attempt_id, error)
        except (aiohttp.ClientConnectorError, aiohttp.ClientConnectorDNSError):
            return Outcome(text.attempt_id, Result.THROTTLED, code="no-connection")
        except (TwilioException, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Outcome(text.attempt_id, Result.UNKNOWN, code=type(error).__name__[:20])
        return Outcome(text.attempt_id, Result.ACCEPTED, provider_id=str(message.sid or ""))

    def _wire(self, text: Outgoing) -> dict[str, object]:
        by_service = self._sender.startswith("MG")
        return {
            "to": text.to,
            "body": text.body,
            "messaging_service_sid" if by_service else "from_": self._sender,
            "status_callback": f"{self._public_url}/hooks/twilio/status/{text.attempt_id}",
            "validity_period": validity(text.not_after, self._clock()),
        }


def validity(not_after: datetime, at: datetime) -> int:
    """How many seconds the provider may keep a text in its queue: until it is worthless."""
    left = int((not_after - at).total_seconds())
    return max(SHORTEST_VALIDITY, min(left, LONGEST_VALIDITY))


def refusal(attempt_id: UUID, error: TwilioRestException | TwilioServiceException) -> Outcome:
    """Our outcome for the provider's answer. Only 429 is surely unprocessed; 5xx may have left."""
    code = str(error.code or error.status)
    if error.status == 429 or error.code in THROTTLED:
        return Outcome(attempt_id, Result.THROTTLED, code=code)
    if error.status >= 500:
        return Outcome(attempt_id, Result.UNKNOWN, code=code)
    return Outcome(attempt_id, Result.REFUSED, code=code, meaning=meaning_of(error.code))


class TwilioDoor:
    """The provider's signed requests: whether one is genuine, and what it says."""

    def __init__(self, auth_tokens: Sequence[str], public_url: str) -> None:
        """Several secrets may be valid at once, so that one can be replaced without a gap."""
        make: Any = RequestValidator
        self._validators = [make(token) for token in auth_tokens]
        self._public_url = public_url.rstrip("/")

    def verify(self, path: str, form: Any, header: Callable[[str], str | None]) -> bool:
        """Whether a request for `path` (with its query) carries a signature of one of our secrets.

        `form` is the form exactly as parsed, blank and repeated fields included; `header` looks
        up a header by its name.
        """
        signature = header("X-Twilio-Signature")
        if not signature:
            return False
        url = self._public_url + path
        algorithm = _algorithm(header("X-Twilio-Webhooks-Signature-Settings"))
        return any(
            validator.validate(url, form, signature, algorithm) for validator in self._validators
        )

    @staticmethod
    def inbound(form: Mapping[str, str]) -> Inbound | None:
        """The text that a request brings; None when it names no message or nobody."""
        provider_id, sender = form.get("MessageSid", ""), form.get("From", "")
        if not provider_id or not sender:
            return None
        media = form.get("NumMedia", "0")
        return Inbound(
            NAME,
            provider_id[:64],
            sender[:64],
            form.get("To", "")[:64],
            form.get("Body", ""),
            int(media) if media.isdecimal() else 0,
        )

    @staticmethod
    def receipt(attempt_id: UUID, form: Mapping[str, str]) -> Receipt | None:
        """What a status callback says of an attempt; None for a status that says nothing new."""
        state = STATES.get(form.get("MessageStatus", "").lower())
        if state is None:
            return None
        code = form.get("ErrorCode", "")
        failed = state in (AttemptState.UNDELIVERED, AttemptState.REFUSED)
        meaning = meaning_of(int(code) if code.isdecimal() else None) if failed else Meaning.NONE
        return Receipt(attempt_id, state, form.get("MessageSid", "")[:64], code[:20], meaning)
