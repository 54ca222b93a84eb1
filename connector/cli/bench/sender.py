"""A process that sends what is due: ours, or the floor that only claims, calls and marks.

`python -m connector.cli.bench.sender ours|floor|endless`. It says `ready`, waits for a line on its
standard input, sends until nothing is due, and prints how many went and when it began and ended
(seconds of the machine's one monotonic clock). `endless` makes everything due again and goes on.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import aiohttp
from sqlalchemy import Engine, bindparam, select, text, update

from connector import clock, rounds
from connector.cli.bench.floor_tables import DUE
from connector.settings import Settings, load
from connector.store.base import make_engine
from connector.wiring import build

AGAIN = text("UPDATE check_in SET state = 'planned' WHERE state = 'attempted'")
MARK = update(DUE).where(DUE.c.id == bindparam("key")).values(provider_id=bindparam("provider"))


def ours(settings: Settings) -> Callable[[], int]:
    """The service's own round, warmed by one that finds nothing."""
    wiring = build(settings)
    return lambda: rounds.send(wiring, clock.now)


def endless(settings: Settings) -> Callable[[], int]:
    """The service's own round, for ever."""
    wiring = build(settings)

    def send() -> int:
        while True:
            rounds.send(wiring, clock.now)
            with wiring.engine.execution_options(writes=True).begin() as connection:
                connection.execute(AGAIN)

    return send


def floor(settings: Settings) -> Callable[[], int]:
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


def main(kind: str) -> None:
    send = {"ours": ours, "floor": floor, "endless": endless}[kind](load())
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    sent = send()
    print(json.dumps({"sent": sent, "began": began, "ended": time.monotonic()}), flush=True)
    # At once: open connections to the provider would only be complained about, one line each.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
