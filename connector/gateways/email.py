"""A plain e-mail to whoever runs the service, by SMTP: when texts are what does not work.

The address of the server is one setting, such as smtp://name:password@mail.example.org:587. What
it refuses it says without the password.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

PATIENCE = 20.0
PORTS = {"smtp": 587, "smtps": 465}


class EmailError(Exception):
    """An e-mail could not be sent. The message is one sentence, without any password."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where e-mails are handed in. `tls` is off only where the address says `tls=no`."""

    host: str
    port: int
    direct: bool
    tls: bool
    name: str
    password: str
    sender: str


def server(url: str) -> Server:
    """What an address means. Raises `EmailError`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise EmailError("CONNECTOR_SMTP_URL is not an address.") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise EmailError(
            "CONNECTOR_SMTP_URL is an address such as smtp://name:password@mail.example.org:587."
        )
    options = parse_qs(parts.query)
    return Server(
        parts.hostname,
        port or PORTS[parts.scheme],
        direct=parts.scheme == "smtps",
        tls=options.get("tls", ["yes"])[0] != "no",
        name=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=options.get("from", [f"connector@{parts.hostname}"])[0],
    )


def send(to: Server, people: Sequence[str], subject: str, body: str) -> None:
    """Hand one e-mail in. Raises `EmailError`."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = to.sender, ", ".join(people), subject
    message.set_content(body)
    try:
        with _line(to) as line:
            if to.name:
                line.login(to.name, to.password)
            line.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise EmailError(f"{to.host} does not take the name and password.") from None
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise EmailError(f"{to.host} did not take the e-mail ({type(error).__name__}).") from None


def _line(to: Server) -> smtplib.SMTP:
    if to.direct:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(to.host, to.port, timeout=PATIENCE, context=context)
    line = smtplib.SMTP(to.host, to.port, timeout=PATIENCE)
    if to.tls:
        line.starttls(context=ssl.create_default_context())
    return line
