"""Whether a GOV.UK Notify service is set up so that no reply is lost: right, wrong, set by hand.

It reads what the provider said and gives the exact value for what differs. It calls nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connector.services.ports import Finding, Verdict

WHOLE_TEMPLATE = "((body))"


def our_address(public_url: str) -> Finding:
    """Our own address, as the provider has to reach it."""
    about = "Our address"
    if not public_url.startswith("https://"):
        return Finding(about, Verdict.WRONG, "CONNECTOR_PUBLIC_URL must begin with https://.")
    return Finding(about, Verdict.OK, "CONNECTOR_PUBLIC_URL is https.")


def template_finding(template: Mapping[str, Any]) -> Finding:
    """Whether a template carries our words and nothing else."""
    about = "The template"
    if template.get("type") != "sms":
        return Finding(
            about, Verdict.WRONG, "NOTIFY_TEMPLATE_ID must name a text message template."
        )
    if str(template.get("body", "")).strip() != WHOLE_TEMPLATE:
        words = "The template must hold this and nothing else:"
        return Finding(about, Verdict.WRONG, words, WHOLE_TEMPLATE)
    return Finding(about, Verdict.OK, "The template holds our words and nothing else.")


def refused(status: int) -> str:
    """What a refusal to tell means for the set-up."""
    return {
        400: "NOTIFY_TEMPLATE_ID is not an id (the provider answered 400).",
        403: "NOTIFY_API_KEY is not accepted, or this machine's clock is more than 30 s out (403).",
        404: "NOTIFY_TEMPLATE_ID names no template of this service (404).",
        429: "The provider's limit of requests is reached (429); ask again in a minute.",
    }.get(status, f"The provider refused to tell ({status}).")


def by_hand(public_url: str) -> Iterator[Finding]:
    """What no interface of the provider tells, so that a person has to look."""
    base = public_url.rstrip("/")
    callbacks = "API integration, Callbacks"
    how = "Bearer token: one of NOTIFY_CALLBACK_TOKENS. Address:"
    yield Finding(
        f"{callbacks}, Received text messages",
        Verdict.BY_HAND,
        how,
        f"{base}/hooks/notify/sms",
    )
    yield Finding(
        f"{callbacks}, Delivery receipts", Verdict.BY_HAND, how, f"{base}/hooks/notify/receipt"
    )
    settings = "Settings, Text messages"
    yield Finding(
        settings, Verdict.BY_HAND, "Receive text messages: on, with a number of your own."
    )
    yield Finding(
        settings,
        Verdict.BY_HAND,
        "Start text messages with service name: off; it costs room, and the sender is known.",
    )
    yield Finding(
        "STOP",
        Verdict.BY_HAND,
        "Nothing to set: this provider keeps no list, so STOP is kept here only. Whoever sends "
        "from the same service by other means must ask us first.",
    )
    yield Finding(
        "Phones that are off",
        Verdict.BY_HAND,
        "Nothing to set: the provider tries for up to 72 hours, so a text may arrive days late.",
    )
