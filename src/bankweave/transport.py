"""The transport under the gate: aiohttp's connection pool behind httpx's transport interface.

benchmarks/transport.py is why: with 200 connections at 50 ms, httpx's own shared pool takes 40 times the latency bound and
10 ms of CPU per request; this one 1.4 times and 0.25 ms. Another transport (httpx's own, for cassettes) can be handed to
the gate; the protection against names that resolve to private addresses is this one's.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import httpx

from bankweave.errors import OriginRefused

if TYPE_CHECKING:
    import aiohttp


def make_transport() -> httpx.AsyncBaseTransport:
    """Make the transport under the gate: aiohttp's pool, one TLS context per process, no cookies, no environment."""
    import aiohttp
    from httpx_aiohttp import AiohttpTransport

    class Transport(AiohttpTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            try:
                return await super().handle_async_request(request)
            except aiohttp.ClientError:
                # httpx-aiohttp lets through what it does not know, such as an answer that is no HTTP; aiohttp's text for
                # it holds the whole address
                raise httpx.RemoteProtocolError("the answer is no HTTP") from None

    return Transport(client=make_session, verify=_tls_context())


def make_session(
    trace_configs: list[aiohttp.TraceConfig] | None = None, headers: Mapping[str, str] | None = None
) -> aiohttp.ClientSession:
    """Make what all connections come from, WebSockets included. Call it inside the event loop that will use it."""
    import aiohttp

    connector = aiohttp.TCPConnector(ssl=_tls_context(), limit=0, resolver=_guarded_resolver())
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        trace_configs=trace_configs,
        headers=headers,
    )


@cache
def _tls_context() -> ssl.SSLContext:
    """Making one costs 20 ms; sharing it costs nothing."""
    return ssl.create_default_context()


def _guarded_resolver() -> Any:
    """A resolver that refuses public names which resolve to private addresses (DNS rebinding)."""
    from aiohttp.abc import AbstractResolver, ResolveResult
    from aiohttp.resolver import ThreadedResolver

    class GuardedResolver(AbstractResolver):
        def __init__(self) -> None:
            self._plain = ThreadedResolver()

        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
            found = await self._plain.resolve(host, port, family)
            if host != "localhost" and not all(ip_address(entry["host"]).is_global for entry in found):
                raise OriginRefused("a provider's name resolved to a private address; nothing was sent")
            return found

        async def close(self) -> None:
            await self._plain.close()

    return GuardedResolver()
