"""Twilio: texts out through its own client, and its signed webhooks in.

The vendor speaks here only: its codes become our outcomes in one table, its exceptions none of
ours. 429 is the one answer that says the text was never processed; a time-out or a 5xx may have
been sent and is *unknown*. Nothing here logs a number or a word.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar
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
from connector.gateways import twilio_check, twilio_listing
from connector.gateways.twilio_listing import Listed
from connector.services.ports import (
    HAND_OVER_WITHIN,
    NOT_TRIED,
    Capabilities,
    ChannelAwayError,
    Finding,
    Verdict,
)

Answer = TypeVar("Answer")

NAME = "twilio"
LONGEST_VALIDITY = 36_000
_algorithm: Any = get_signature_algorithm
SHORTEST_VALIDITY = 10
THROTTLED = (429, 20429, 21611)
"""Surely not taken: too many calls at once, or a sender's queue that is full for hours."""
MOST_OF_ONE_NUMBER = 1000
MOST_LISTED = 20_000
MOST_NUMBERS = 100
AWAY = (TwilioException, aiohttp.ClientError, TimeoutError, OSError, ValueError)
CAPABILITIES = Capabilities(
    receipts=True,
    provider_opt_out=True,
    queue_expiry=True,
    lists=True,
    waits_up_to=timedelta(seconds=LONGEST_VALIDITY),
    longest=1600,
    emoji=True,
)
"""How long the networks go on after the provider's own queue is not published; days are usual."""

MEANINGS: Mapping[int, Meaning] = {
    20003: Meaning.OUR_SET_UP,
    21211: Meaning.NUMBER_DEAD,
    21408: Meaning.OUR_SET_UP,
    21606: Meaning.OUR_SET_UP,
    21608: Meaning.OUR_SET_UP,
    21610: Meaning.OPTED_OUT,
    21612: Meaning.OUR_SET_UP,
    21614: Meaning.LANDLINE,
    21617: Meaning.OUR_SET_UP,
    21635: Meaning.LANDLINE,
    21663: Meaning.OUR_SET_UP,
    21712: Meaning.OUR_SET_UP,
    30001: Meaning.TOO_LATE,
    30002: Meaning.OUR_SET_UP,
    30003: Meaning.PHONE_OFF,
    30004: Meaning.BLOCKED,
    30005: Meaning.NUMBER_DEAD,
    30006: Meaning.LANDLINE,
    30007: Meaning.OUR_SET_UP,
    30008: Meaning.NO_REASON,
    30450: Meaning.OUR_SET_UP,
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
        if auth is not None:
            headers = {**(headers or {}), "Authorization": aiohttp.encode_basic_auth(*auth)}
        async with self._session.request(
            method,
            self._address(url),
            params=params,
            data=data,
            headers=headers,
            allow_redirects=allow_redirects,
        ) as answer:
            return Response(answer.status, await answer.text(), answer.headers)

    async def close(self) -> None:
        """Close the pool of connections, if there is one."""
        if self._session is not None:
            await self._session.close()
        self._session = None

    def _address(self, url: str) -> str:
        if self._api is None:
            return url
        parts = urlsplit(url)
        return urlunsplit((self._api.scheme, self._api.netloc, parts.path, parts.query, ""))


class TwilioChannel:
    """Sends texts, many calls in flight at once from one event loop a process.

    Lists are always asked for with a limit: what is longer is left for the next time.
    """

    name = NAME
    capabilities = CAPABILITIES

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
        most_listed: int = MOST_LISTED,
    ) -> None:
        """`sender` is a number in E.164 or the sid (MG…) of a messaging service.

        `most_listed` texts are listed at most for one number at one time.
        """
        self._most_listed = most_listed
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
        return self._do(lambda: self._send_all(batch))

    def find(self, sought: Sequence[Sought]) -> Found:
        """Look attempts up: by the provider's id where it is known, else by number, words and time.

        Never raises. Two calls for each number at most.
        """
        return self._do(lambda: self._find_all(sought))

    def received_since(self, since: datetime) -> Iterator[Inbound]:
        """The texts that came in to our numbers at or after `since`, oldest first.

        Raises `ChannelAwayError` when the provider does not answer.
        """
        try:
            held = self._do(lambda: self._received(since))
        except AWAY:
            raise ChannelAwayError("The provider did not list the texts it received.") from None
        # The list is newest first and tells seconds only: turned round, one second keeps its order.
        held.reverse()
        held.sort(key=lambda message: message.received_at)
        return (twilio_listing.inbound_of(message, channel=NAME) for message in held)

    def check(self) -> tuple[Finding, ...]:
        """What is right and wrong with the account, and what must be set by hand. Never raises."""
        by_hand = twilio_check.by_hand(service=self._by_service)
        return (
            twilio_check.our_address(self._public_url),
            *self._do(self._check),
            *by_hand,
        )

    def close(self) -> None:
        """Give this process's connections back; the next call opens new ones."""
        with self._lock:
            if self._loop is not None and self._pid == os.getpid():
                self._loop.run_until_complete(self._client.http_client.close())
                self._loop.close()
            self._loop = None

    @property
    def _by_service(self) -> bool:
        return self._sender.startswith("MG")

    def _do(self, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Run one piece of work on this process's loop, one at a time."""
        with self._lock:
            return self._started().run_until_complete(work())

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
        until = self._clock() + HAND_OVER_WITHIN

        async def one(text: Outgoing) -> Outcome:
            async with allowed:
                if self._clock() >= until:
                    return Outcome(text.attempt_id, Result.THROTTLED, code=NOT_TRIED)
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

    async def _find_all(self, sought: Sequence[Sought]) -> Found:
        by_number: dict[str, list[Sought]] = {}
        for one in sought:
            by_number.setdefault(one.to, []).append(one)
        allowed = asyncio.Semaphore(self._calls)

        async def look(number: str, group: list[Sought]) -> Found:
            async with allowed:
                try:
                    return await self._find(number, group)
                except AWAY:
                    return Found()

        parts = await asyncio.gather(*(look(*item) for item in by_number.items()))
        return Found(
            tuple(receipt for part in parts for receipt in part.receipts),
            tuple(id_ for part in parts for id_ in part.absent),
        )

    async def _find(self, number: str, group: Sequence[Sought]) -> Found:
        """What is held for one number: what left in these minutes, and else everything there is.

        The second look is for what waits in the provider's queue: it has no time of sending yet,
        and the first would not list it.
        """
        known = [
            (one.attempt_id, twilio_listing.listed(await self._fetch(one.provider_id)))
            for one in group
            if one.provider_id
        ]
        rest = [one for one in group if not one.provider_id]
        found: dict[UUID, Listed] = {}
        gone: tuple[UUID, ...] = ()
        if rest:
            since = twilio_listing.window(rest)
            most = min(self._most_listed, MOST_OF_ONE_NUMBER)
            held = await self._list(to=number, date_sent_after=since, limit=most)
            found = twilio_listing.match(rest, held)
            if len(found) < len(rest):
                held = await self._list(to=number, limit=most)
                found = twilio_listing.match(rest, held)
                if len(held) < most or min(one.at for one in held) < since:
                    gone = twilio_listing.absent(rest, held, found, now=self._clock())
        receipts = (receipt_of(id_, message) for id_, message in (*known, *found.items()))
        return Found(tuple(receipt for receipt in receipts if receipt), gone)

    async def _fetch(self, sid: str) -> Any:
        return await self._client.messages(sid).fetch_async()

    async def _list(self, **which: object) -> list[Listed]:
        messages = await self._client.messages.list_async(**which)
        return [twilio_listing.listed(message) for message in messages]

    async def _received(self, since: datetime) -> list[Listed]:
        held: list[Listed] = []
        most = self._most_listed
        for number in await self._numbers():
            some = await self._list(
                to=number, date_sent_after=since, limit=most, page_size=min(most, 1000)
            )
            held += [message for message in some if message.inbound]
        return held

    async def _numbers(self) -> list[str]:
        """The numbers at which texts reach us; a sender that is only a name has none."""
        if not self._by_service:
            return [self._sender] if self._sender.startswith("+") else []
        numbers = await self._service_numbers()
        return [str(number.phone_number) for number in numbers]

    async def _service_numbers(self) -> list[Any]:
        service = self._client.messaging.v1.services(self._sender)
        numbers: list[Any] = await service.phone_numbers.list_async(limit=MOST_NUMBERS)
        return numbers

    async def _check(self) -> tuple[Finding, ...]:
        try:
            if self._by_service:
                service = await self._client.messaging.v1.services(self._sender).fetch_async()
                numbers = await self._service_numbers()
                return twilio_check.service_finding(service, numbers, self._public_url)
            if not self._sender.startswith("+"):
                return (twilio_check.name_finding(self._sender),)
            owned = self._client.incoming_phone_numbers
            numbers = await owned.list_async(phone_number=self._sender, limit=1)
            found = numbers[0] if numbers else None
            return twilio_check.number_finding(self._sender, found, self._public_url)
        except (TwilioRestException, TwilioServiceException) as error:
            words = f"The provider refused to tell (code {error.code or error.status})."
            return (Finding("The account", Verdict.WRONG, words),)
        except AWAY as error:
            words = f"The provider could not be asked ({type(error).__name__})."
            return (Finding("The account", Verdict.NOT_KNOWN, words),)

    def _wire(self, text: Outgoing) -> dict[str, object]:
        return {
            "to": text.to,
            "body": text.body,
            "messaging_service_sid" if self._by_service else "from_": self._sender,
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


def receipt_of(attempt_id: UUID, message: Listed) -> Receipt | None:
    """What a listed message says of an attempt; None for a status that says nothing."""
    return _receipt(attempt_id, message.status, message.error_code, message.sid)


def _receipt(attempt_id: UUID, status: str, code: str, sid: str) -> Receipt | None:
    state = STATES.get(status.lower())
    if state is None:
        return None
    failed = state in (AttemptState.UNDELIVERED, AttemptState.REFUSED)
    meaning = meaning_of(int(code) if code.isdecimal() else None) if failed else Meaning.NONE
    return Receipt(attempt_id, state, sid[:64], code[:20], meaning, said=status.lower()[:24])


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
        return _receipt(
            attempt_id,
            form.get("MessageStatus", ""),
            form.get("ErrorCode", ""),
            form.get("MessageSid", ""),
        )
