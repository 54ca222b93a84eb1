"""A process that works until nothing is left: ours, or a floor that only claims, acts and marks.

`python -m connector.cli.bench.drain KIND DAYS`. It says `ready`, waits for a line on its standard
input, works, and prints how much was done and when it began and ended (seconds of the machine's
one monotonic clock). `send` and `read` are the service's own rounds, DAYS ahead of the clock;
`floor-send` and `floor-read` their floors; `endless` makes everything due again and goes on.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from sqlalchemy import Engine, bindparam, insert, select, text, update

from connector import clock, rounds
from connector.cli.bench import people
from connector.cli.bench.floor_tables import DUE, FOUND, UNREAD
from connector.cli.bench.ground import SilentDoorbell
from connector.settings import Settings, load
from connector.store.base import make_engine
from connector.wiring import build

Clock = Callable[[], datetime]

WORRY = re.compile(r"\b(?:fall|fell|here any more|ring me|no food|lonely)\b", re.IGNORECASE)
AGAIN = text("UPDATE check_in SET state = 'planned' WHERE state = 'attempted'")
MARK = update(DUE).where(DUE.c.id == bindparam("key")).values(provider_id=bindparam("provider"))


def ours_sending(settings: Settings, now: Clock) -> Callable[[], int]:
    """The service's own round of sending."""
    wiring = build(settings)
    return lambda: rounds.send(wiring, now)


def ours_reading(settings: Settings, now: Clock) -> Callable[[], int]:
    """The service's own round of reading, its rules loaded."""
    wiring = build(settings, doorbell=SilentDoorbell())
    _ = wiring.reader.rules
    return lambda: rounds.read(wiring, now)


def endless(settings: Settings, now: Clock) -> Callable[[], int]:
    """The service's own round of sending, for ever."""
    wiring = build(settings)

    def send() -> int:
        while True:
            rounds.send(wiring, now)
            with wiring.transaction() as session:
                people.let_weeks_pass(session, now=now())
                session.execute(AGAIN)

    return send


def bare_reading(settings: Settings, _now: Clock) -> Callable[[], int]:
    """Claim, one regex, mark, insert: a batch at a time."""
    engine = make_engine(settings.database_url).execution_options(writes=True)

    def read() -> int:
        done = 0
        while some := _read_some(engine):
            done += some
        return done

    return read


def _read_some(engine: Engine) -> int:
    unread = (
        select(UNREAD.c.id, UNREAD.c.body)
        .where(UNREAD.c.waits)
        .order_by(UNREAD.c.id)
        .limit(rounds.READ_BATCH)
        .with_for_update(skip_locked=True)
    )
    with engine.begin() as connection:
        rows = connection.execute(unread).all()
        ids = [row.id for row in rows]
        worries = [id_ for id_, body in rows if WORRY.search(body)]
        if ids:
            connection.execute(update(UNREAD).where(UNREAD.c.id.in_(ids)).values(waits=False))
        if worries:
            found = [{"unread_id": id_, "rule": "worry"} for id_ in worries]
            connection.execute(insert(FOUND), found)
    return len(rows)


def bare_sending(settings: Settings, _now: Clock) -> Callable[[], int]:
    """Claim, call, mark: a batch at a time, nothing decided and nothing sealed."""
    engine = make_engine(settings.database_url).execution_options(writes=True)
    batch = rounds.SEND_BATCH

    async def send() -> int:
        sent = 0
        pool = aiohttp.TCPConnector(limit=settings.calls_in_flight)
        async with aiohttp.ClientSession(connector=pool) as session:
            while rows := _claim(engine, batch):
                sids = await asyncio.gather(*(_call(session, settings, row) for row in rows))
                with engine.begin() as connection:
                    marks = [
                        {"key": row.id, "provider": sid}
                        for row, sid in zip(rows, sids, strict=True)
                    ]
                    connection.execute(MARK, marks)
                sent += len(rows)
        return sent

    return lambda: asyncio.run(send())


def _claim(engine: Engine, batch: int) -> list[Any]:
    due = (
        select(DUE.c.id)
        .where(DUE.c.waits)
        .order_by(DUE.c.id)
        .limit(batch)
        .with_for_update(skip_locked=True)
    )
    claim = update(DUE).where(DUE.c.id.in_(due)).values(waits=False)
    with engine.begin() as connection:
        rows = connection.execute(claim.returning(DUE.c.id, DUE.c.number, DUE.c.body))
        return list(rows)


async def _call(session: aiohttp.ClientSession, settings: Settings, row: Any) -> str:
    url = (
        f"{settings.twilio_api_url}/2010-04-01/Accounts/{settings.twilio_account_sid}/Messages.json"
    )
    form = {"To": row.number, "From": settings.twilio_sender, "Body": row.body}
    async with session.post(url, data=form) as answer:
        return str((await answer.json())["sid"])


KINDS: dict[str, Callable[[Settings, Clock], Callable[[], int]]] = {
    "send": ours_sending,
    "read": ours_reading,
    "endless": endless,
    "floor-send": bare_sending,
    "floor-read": bare_reading,
}


def main(kind: str, days: int) -> None:
    work = KINDS[kind](load(), lambda: clock.now() + timedelta(days=days))
    # As a worker's processes do: what is loaded is not looked through for garbage.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    done = work()
    print(json.dumps({"done": done, "began": began, "ended": time.monotonic()}), flush=True)
    # At once: open connections to the provider would only be complained about, one line each.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
