"""Requests of one client, one after the other on a connection: transport.py LIBRARY URL MODEL COUNT.

Prints the processor time in seconds, after a tenth of the requests for connections and caches.
"""

import asyncio
import json
import sys
import time

library, url, model, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
body = json.dumps({"model": model, "stream": True, "messages": [{"role": "user", "content": "Go."}]})
headers = {"Content-Type": "application/json"}


async def with_httpx(times):
    import httpx

    async with httpx.AsyncClient(timeout=600) as client:

        async def post():
            async with client.stream("POST", url + "/chat/completions", content=body, headers=headers) as response:
                response.raise_for_status()
                async for _ in response.aiter_raw():
                    pass

        await measure(post, times)


async def with_aiohttp(times):
    import aiohttp

    async with aiohttp.ClientSession() as session:

        async def post():
            async with session.post(url + "/chat/completions", data=body, headers=headers) as response:
                response.raise_for_status()
                async for _ in response.content.iter_any():
                    pass

        await measure(post, times)


async def measure(post, times):
    for _ in range(max(1, times // 10)):
        await post()
    start = time.process_time()
    for _ in range(times):
        await post()
    print(time.process_time() - start)


asyncio.run({"httpx": with_httpx, "aiohttp": with_aiohttp}[library](count))
