"""What a number sent just before: pieces of one long text, and the same text over and over.

Some networks deliver a long text in pieces. A piece is read together with those before it, because
the words that matter may be cut in two. Two robots that thank each other are recognised by what
they repeat; a person's words are kept and read all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.store import replies
from connector.store.replies import Near, Unread

LOOK_BACK = timedelta(hours=1)
PIECES_WITHIN = timedelta(seconds=15)
FULL_PIECE = (range(145, 161), range(62, 71))
"""Characters of a piece that filled one segment: 153 or 160 in GSM-7, 67 or 70 otherwise."""
REPEATS = 3
"""So many equal texts within `LOOK_BACK` are a robot's, or a stuck phone's."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands before one reply: the reply it continues, their words, and how often it came.

    `since` is when the first of the pieces came.
    """

    continues: int | None = None
    before: str = ""
    same: int = 1
    since: datetime | None = None

    @property
    def repeated(self) -> bool:
        return self.same >= REPEATS


NONE = Neighbours()


def look(session: Session, unread: Sequence[Unread]) -> dict[int, Neighbours]:
    """The neighbours of each of these replies, by its id; those that stand alone are left out."""
    since = min(one.reply.received_at for one in unread) - LOOK_BACK
    near = replies.near(session, {one.reply.sender_index for one in unread}, since=since)
    chains = {
        one.reply.id: _chain(one, near[one.reply.sender_index])
        for one in unread
        if len(near.get(one.reply.sender_index, ())) > 1
    }
    words = replies.bodies(session, {id_ for chain in chains.values() for id_ in chain})
    found = {}
    for one in unread:
        chain = chains.get(one.reply.id, [])
        same = _same(one, near.get(one.reply.sender_index, ()))
        if chain or same > 1:
            before = "".join(words[id_] for id_ in chain)
            since_first = _came_at(chain, near[one.reply.sender_index])
            found[one.reply.id] = Neighbours(
                chain[-1] if chain else None, before, same, since_first
            )
    return found


def _chain(one: Unread, near: Sequence[Near]) -> list[int]:
    """The ids of the pieces before this reply, oldest first."""
    chain: list[int] = []
    at = one.reply.received_at
    for other in sorted(near, key=lambda other: other.reply_id, reverse=True):
        if other.reply_id >= one.reply.id:
            continue
        if not _fills_a_piece(other) or at - other.received_at > PIECES_WITHIN:
            break
        chain.insert(0, other.reply_id)
        at = other.received_at
    return chain


def _came_at(chain: Sequence[int], near: Sequence[Near]) -> datetime | None:
    return next((other.received_at for other in near if chain and other.reply_id == chain[0]), None)


def _fills_a_piece(other: Near) -> bool:
    return any(other.characters in full for full in FULL_PIECE)


def _same(one: Unread, near: Sequence[Near]) -> int:
    """How many equal texts this number sent in the hour up to this one, itself included."""
    earliest: datetime = one.reply.received_at - LOOK_BACK
    mine = next((other.body_index for other in near if other.reply_id == one.reply.id), None)
    return sum(
        other.body_index == mine
        for other in near
        if other.reply_id <= one.reply.id and other.received_at >= earliest
    )
