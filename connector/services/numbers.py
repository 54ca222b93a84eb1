"""Numbers that are shared, doubted, dead or changed: nothing personal goes where it may be read
by somebody else, and nobody guesses who wrote.

On a shared number only the name that somebody puts first says who they are; all else waits for a
person. A stop from it holds for all until each of them is sorted out by their own word. A doubted
number is asked whose it is, once and without a name, and stays without personal texts until a
person has settled it. History stays with the person, not with the number.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.reading import Intent
from connector.domain.signals import Signal, SignalKind
from connector.domain.whose import named
from connector.services import answering
from connector.services.flagging import Noticed
from connector.store import numbers as kept
from connector.store import residents, stops
from connector.store.attempts import NewAttempt
from connector.store.replies import Unread
from connector.store.residents import Writer

ASK_KEPT = timedelta(hours=1)
_WHO_IS_THIS: Final = re.compile(
    r"\bwho ?(?:'?s|is|are|r|dis|the \w+ is) ?(?:this|that|you|u|yous?|it)?\b(?! (?:coming|going))"
    r"|\bdo (?:i|we) know (?:you|u|ya)\b|\bpwy (?:sydd yma|sy'?n? |ydych|wyt)",
    re.IGNORECASE,
)
"""The bare keyword WHO is answered; these are the words of somebody who does not know us."""


class Doubt(StrEnum):
    """Why a number is doubted, as the rule of a reason."""

    WRONG = "wrong number"
    WHO = "who is this"
    SILENT = "no answer for months"


class Wording(Protocol):
    """The fixed texts that the service sends by itself, by language."""

    def text(self, language: str, name: str, number: int = 1) -> str: ...


def by_their_word(one: Unread, writers: Sequence[Writer]) -> tuple[Unread, tuple[Writer, ...]]:
    """Who of those who share a number wrote, where they say so themselves; else all of them.

    The name that decides is no part of what is read then.
    """
    if len(writers) < 2:
        return one, tuple(writers)
    found = named(one.reply.body, {writer.id: writer.known_as for writer in writers})
    if found is None:
        return one, tuple(writers)
    body = found.without_name(one.reply.body)
    who = tuple(writer for writer in writers if writer.id == found.who)
    return replace(one, reply=replace(one.reply, body=body)), who


def is_sure(writers: Sequence[Writer]) -> bool:
    """Whether a text is one person's, and the number surely theirs."""
    return len(writers) == 1 and not writers[0].doubted


def doubt(
    session: Session,
    writers: Sequence[Writer],
    index: bytes,
    *,
    ask: bool,
    wording: Wording,
    channel: str,
    now: datetime,
) -> None:
    """Whose number it is is not known any more: personal texts are held, and it is asked once."""
    new = residents.doubt(session, [writer.id for writer in writers], now=now)
    first = next((writer for writer in writers if writer.id in new), None)
    if first is None or not ask:
        return
    body = wording.text(first.language, "whose_number")
    text = NewAttempt(first.id, Purpose.ANSWER, body, now, now + ASK_KEPT)
    answering.queue(session, {index: text}, channel=channel, now=now)


def why_doubted(intents: Collection[Intent], body: str) -> Doubt | None:
    """Whether a text says that the number is not theirs, or asks who it is that texts."""
    if Intent.WRONG_NUMBER in intents:
        return Doubt.WRONG
    asks = Intent.WHO in intents and _WHO_IS_THIS.search(body)
    return Doubt.WHO if asks else None


def to_look_at(writers: Sequence[Writer], why: Doubt, reply_id: int) -> list[Noticed]:
    """Why a person should look now. What was read already says so of a wrong number."""
    if why is not Doubt.WHO:
        return []
    return [
        Noticed(writer.id, writer.connector_id, (_asks_who(writer.known_as),), reply_id)
        for writer in writers
    ]


def _asks_who(name: str) -> Signal:
    return Signal(
        kind=SignalKind.WRONG,
        promise=SignalKind.WRONG.usual_promise,
        sentence=f"Whoever has the number of {name} asks who we are. Texts to it are held.",
        rule=Doubt.WHO.value,
    )


def start(session: Session, writer: Writer, index: bytes, *, until: datetime) -> bool:
    """Somebody's own START. Whether their number may be texted now.

    On a shared number it speaks for its writer alone: the stop stays until everybody else on it has
    been sorted out as well.
    """
    others = [who for who in kept.undecided(session, index) if who != writer.id]
    if others:
        said = AgreementEvent(AgreementState.GIVEN, until, How.BY_TEXT)
        residents.agree(session, writer.id, said)
        return False
    return stops.lift(session, index, until=until)
