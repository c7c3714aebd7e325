"""The wire between the core and a provider, on which the kit counts requests and lets answers go wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx

from bankweave.errors import BankweaveError, MalformedAnswer, ProviderUnavailable, RateLimited
from bankweave.transport import make_transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way in which answers go wrong, and what the core must make of it."""

    name: str
    means: tuple[type[BankweaveError], ...]
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = b""  # None: the provider's own answer, of which only half arrives
    drops: bool = False  # the connection goes away in the middle of the body
    lasts: bool = False  # it goes on until it is mended


DOWN = Fault(name="down", means=(ProviderUnavailable,), status=503, lasts=True)
DROPPED = Fault(name="dropped", means=(ProviderUnavailable,), body=None, drops=True, lasts=True)
LIMITED = Fault(name="limited", means=(RateLimited,), status=429, headers=(("retry-after", "3600"),), lasts=True)
EMPTY = Fault(name="empty", means=(MalformedAnswer,))
HOLLOW = Fault(name="hollow", means=(MalformedAnswer,), body=b"{}")
GARBLED = Fault(name="garbled", means=(MalformedAnswer,), body=b"<html><body>Bad gateway<br></body></html>")
HALVED = Fault(name="halved", means=(MalformedAnswer,), body=None)

FAULTS = (DOWN, DROPPED, LIMITED, EMPTY, HOLLOW, GARBLED, HALVED)


@dataclass
class Wire:
    """Counts what is sent, and spoils answers from the request with the number `start` on."""

    make: Callable[[], httpx.AsyncBaseTransport] = make_transport
    sent: int = 0
    _fault: Fault | None = None
    _start: int = 0

    def transport(self) -> httpx.AsyncBaseTransport:
        return _Tap(self, self.make())

    def spoil(self, fault: Fault, start: int) -> None:
        """Let answers go wrong, the one to the request `start` first; counting begins anew."""
        self.sent, self._fault, self._start = 0, fault, start

    def mend(self) -> bool:
        """Let answers go right again; says whether any went wrong."""
        hurt = self._fault is not None and self.sent > self._start
        self.sent, self._fault = 0, None
        return hurt

    def next_fault(self) -> Fault | None:
        number, self.sent = self.sent, self.sent + 1
        if self._fault is None:
            return None
        return self._fault if number == self._start or (self._fault.lasts and number > self._start) else None


class _Tap(httpx.AsyncBaseTransport):
    def __init__(self, wire: Wire, inner: httpx.AsyncBaseTransport) -> None:
        self._wire = wire
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        fault = self._wire.next_fault()
        if fault is None:
            return await self._inner.handle_async_request(request)
        if fault.body is not None:
            return httpx.Response(fault.status, headers=list(fault.headers), stream=_Body(fault.body))
        return await self._half(request, fault)

    async def _half(self, request: httpx.Request, fault: Fault) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        body = await answer.aread()
        await answer.aclose()
        kept = body[: len(body) // 2]
        return httpx.Response(answer.status_code, stream=_Body(kept, drops=fault.drops))

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, body: bytes, *, drops: bool = False) -> None:
        self._body = body
        self._drops = drops

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body
        if self._drops:
            raise httpx.ReadError("the connection went away")
