"""Which transport carries 200 connections best? Wall time over the latency bound, and CPU per request.

200 tasks send 6 requests each, one after the other, to a loopback server that answers after 50 ms: nothing can be faster
than 0.30 s. The server runs in a process of its own, so that the CPU measured is the client's.

    .venv/bin/python benchmarks/transport.py
"""

from __future__ import annotations

import asyncio
import multiprocessing
import ssl
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import httpx

CONNECTIONS = 200
REQUESTS = 6
LATENCY = 0.05
BOUND = REQUESTS * LATENCY
BODY = b'{"data":[]}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            await asyncio.sleep(LATENCY)
            writer.write(ANSWER)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _serve(ready: Connection) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=1024)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _server(ready: Connection) -> None:
    asyncio.run(_serve(ready))


def one_pool() -> httpx.AsyncBaseTransport:
    return httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None), verify=_TLS)


def aiohttp_pool() -> httpx.AsyncBaseTransport:
    from bankweave.transport import make_transport

    return make_transport()


_TLS = ssl.create_default_context()


async def _pull(transport: httpx.AsyncBaseTransport, url: str) -> None:
    for _ in range(REQUESTS):
        response = await transport.handle_async_request(httpx.Request("GET", url))
        await response.aread()
        await response.aclose()


async def _measure(make: Callable[[], httpx.AsyncBaseTransport], url: str, *, shared: bool) -> tuple[float, float]:
    transports = [make()] * CONNECTIONS if shared else [make() for _ in range(CONNECTIONS)]
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_pull(transport, url) for transport in transports))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    for transport in set(transports):
        await transport.aclose()
    return wall, cpu


def main() -> None:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=_server, args=(there,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}/"
    rows = [
        ("httpx, one shared pool", one_pool, True),
        ("httpx, a pool per connection, one TLS context", one_pool, False),
        ("httpx over aiohttp, one shared pool (ours)", aiohttp_pool, True),
    ]
    print(f"{'transport':48} wall/bound  CPU per request")
    for name, make, shared in rows:
        runs = [asyncio.run(_measure(make, url, shared=shared)) for _ in range(3)]
        wall, cpu = sorted(runs)[1]
        print(f"{name:48} {wall / BOUND:8.2f}x  {cpu / CONNECTIONS / REQUESTS * 1e6:9.0f} us")
    server.terminate()
    server.join()


if __name__ == "__main__":
    main()
