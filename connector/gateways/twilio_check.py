"""Whether a Twilio account is set up so that no reply is lost: what is right, wrong or set by hand.

It compares what the account says with what it should say, and gives the exact value for whatever
differs. It calls nobody and changes nothing: `twilio` asks, a person sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from connector.services.ports import Finding, Verdict

RETRIES = "ct=2000&rt=4000&rc=3&rp=ct,rt,5xx&e=dublin,frankfurt"
"""How the provider comes again when our door is shut. Its own words: connect and read time-outs in
ms, retries, what is retried, from where. Without them it tries once more, on a failed connection
only, and then gives the text up. Source: webhooks connection overrides, read November 2026."""
STOP_WORDS = "STOP, STOPALL, UNSUBSCRIBE"
START_WORDS = "START, UNSTOP"
HELP_REPLY = "Someone will look at your message. In an emergency call 999."
_TEXTS = "Where texts arrive"
_FALLBACK = "Where texts go when our door is shut"


def texts_url(public_url: str) -> str:
    """The address for incoming texts, with its retries."""
    return f"{public_url.rstrip('/')}/hooks/twilio/sms#{RETRIES}"


def fallback_url(public_url: str) -> str:
    """The address that is tried when the first gives up. Best on a host name of its own."""
    return f"{public_url.rstrip('/')}/hooks/twilio/fallback"


def addresses(where: str, sms_url: str, fallback: str, public_url: str) -> tuple[Finding, Finding]:
    """The two addresses as `where` (a number or a service) has them."""
    wanted = texts_url(public_url)
    if _same_address(sms_url, wanted):
        texts = Finding(_TEXTS, Verdict.OK, f"{where} sends texts here, with retries.")
    else:
        base = sms_url.partition("#")[0] == wanted.partition("#")[0]
        problem = "its retries differ" if base else "it is not our address"
        texts = Finding(_TEXTS, Verdict.WRONG, f"{where}: {problem}. Set it to:", wanted)
    if fallback and fallback.partition("#")[0] != sms_url.partition("#")[0]:
        return texts, Finding(_FALLBACK, Verdict.OK, f"{where} has a second address.")
    problem = "the second address is the first again" if fallback else "there is none"
    words = f"{where}: {problem}, and a text that fails is lost. Set it to:"
    return texts, Finding(_FALLBACK, Verdict.WRONG, words, fallback_url(public_url))


def number_finding(number: str, found: Any, public_url: str) -> tuple[Finding, ...]:
    """What one number of the account can do and where it sends texts; `found` None: not ours."""
    about = "The sender"
    if found is None:
        words = f"This account does not own {number}; TWILIO_SENDER must be one of its numbers."
        return (Finding(about, Verdict.WRONG, words),)
    able = bool(dict(found.capabilities or {}).get("sms"))
    sender = (
        Finding(about, Verdict.OK, f"{number} sends and receives texts.")
        if able
        else Finding(about, Verdict.WRONG, f"{number} cannot receive texts; nobody can answer.")
    )
    if found.sms_application_sid:
        words = f"{number} hands texts to a TwiML App, which wins over its addresses. Remove it."
        return sender, Finding(_TEXTS, Verdict.WRONG, words, texts_url(public_url))
    return sender, *addresses(
        number, str(found.sms_url or ""), str(found.sms_fallback_url or ""), public_url
    )


def service_finding(service: Any, numbers: Sequence[Any], public_url: str) -> tuple[Finding, ...]:
    """What a messaging service can do and where it sends texts."""
    about = "The sender"
    if not numbers:
        words = "The messaging service has no number, so nobody can answer. Add one that does."
        sender = Finding(about, Verdict.WRONG, words)
    elif deaf := [one.phone_number for one in numbers if not _hears(one.capabilities)]:
        words = f"These numbers of the service cannot receive: {', '.join(map(str, deaf))}."
        sender = Finding(about, Verdict.WRONG, words)
    else:
        sender = Finding(about, Verdict.OK, f"{len(numbers)} of the service's numbers can receive.")
    if service.use_inbound_webhook_on_number:
        words = "The service leaves texts to its numbers. Choose 'Send a webhook', and set:"
        return sender, Finding(_TEXTS, Verdict.WRONG, words, texts_url(public_url))
    return sender, *addresses(
        "The service",
        str(service.inbound_request_url or ""),
        str(service.fallback_url or ""),
        public_url,
    )


def name_finding(name: str) -> Finding:
    """A sender of letters: it can only speak."""
    words = f"'{name}' is a name: nobody can answer it. Use a number or a messaging service (MG…)."
    return Finding("The sender", Verdict.WRONG, words)


def our_address(public_url: str) -> Finding:
    """Our own address, as the provider has to reach and to sign it."""
    about = "Our address"
    if not public_url.startswith("https://"):
        return Finding(about, Verdict.WRONG, "CONNECTOR_PUBLIC_URL must begin with https://.")
    if not public_url.isascii():
        return Finding(about, Verdict.WRONG, "CONNECTOR_PUBLIC_URL must be in plain letters.")
    return Finding(about, Verdict.OK, "CONNECTOR_PUBLIC_URL is https.")


def by_hand(*, service: bool) -> Iterable[Finding]:
    """What no interface of the provider tells, so that a person has to look."""
    about = "Opt-out words (Advanced Opt-Out, United Kingdom)"
    if not service:
        words = (
            "A bare number has the provider's usual words: END, CANCEL and QUIT also stop, and a "
            "plain YES starts again. Put the number in a messaging service, name the service (MG…) "
            "in TWILIO_SENDER, and set its Advanced Opt-Out."
        )
        yield Finding(about, Verdict.BY_HAND, words)
    yield Finding(about, Verdict.BY_HAND, "Words that stop, and no others:", STOP_WORDS)
    yield Finding(about, Verdict.BY_HAND, "Words that start again (not YES):", START_WORDS)
    yield Finding(about, Verdict.BY_HAND, "The answer to HELP and INFO:", HELP_REPLY)
    yield Finding(
        "Webhook rules",
        Verdict.BY_HAND,
        "Have no Webhook Rule in the account: it wins over the retries in the address.",
    )


def _hears(capabilities: Any) -> bool:
    return any(str(word).upper() == "SMS" for word in capabilities or ())


def _same_address(one: str, other: str) -> bool:
    """The same address with the same retries, in whatever order they stand."""
    (base, _, retries), (other_base, _, other_retries) = one.partition("#"), other.partition("#")
    return base == other_base and sorted(retries.split("&")) == sorted(other_retries.split("&"))
