"""A stand-in for the provider, on loopback: takes a text, waits as long as told, and accepts it.

Run as a script: `stub.py PORT DELAY_IN_SECONDS`. It keeps nothing and knows nobody.
"""

from __future__ import annotations

import asyncio
import itertools
import sys

from aiohttp import web

ANSWER = (
    '{"sid": "SM%032x", "status": "queued", "error_code": null, "error_message": null, '
    '"account_sid": "AC00000000000000000000000000000000", "api_version": "2010-04-01", '
    '"body": "", "direction": "outbound-api", "from": null, "to": "", "num_media": "0", '
    '"num_segments": "1", "price": null, "price_unit": "USD", "messaging_service_sid": null, '
    '"date_created": "Tue, 24 Nov 2026 10:00:00 +0000", "date_sent": null, '
    '"date_updated": "Tue, 24 Nov 2026 10:00:00 +0000", "subresource_uris": {}, "uri": ""}'
)


async def serve(port: int, delay: float) -> None:
    """Answer for ever."""
    numbers = itertools.count(1)

    async def answer(request: web.BaseRequest) -> web.Response:
        await request.read()
        if delay:
            await asyncio.sleep(delay)
        return web.Response(
            status=201, text=ANSWER % next(numbers), content_type="application/json"
        )

    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=2048).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
