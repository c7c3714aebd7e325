"""The one gate to the providers: pinned origins, no redirects, bounded time and size, careful retries.

Everything that knows httpx is in this module and transport.py. The gate speaks to an httpx *transport* directly: that leaves
out what a bank connection must not have (redirects, cookies, proxies and credentials from the environment) and httpx's own
log line, which prints whole URLs.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import cast

import anyio
import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_result,
    stop_after_attempt,
    wait_random_exponential,
)

from bankweave.adapter import Request, Response, Socket, Streamed
from bankweave.clock import Clock
from bankweave.errors import (
    BankweaveError,
    ConfigurationError,
    MalformedAnswer,
    Origin,
    OriginRefused,
    OutcomeUnknown,
    ProviderUnavailable,
)
from bankweave.quota import Throttle
from bankweave.socket import dial

log = logging.getLogger("bankweave.http")

TIMEOUT = 30.0  # seconds for one request from its first turn on, its repetitions included
PHASE_TIMEOUT = 10.0  # seconds to connect, and between two pieces of an answer
BODY_LIMIT = 32 * 1024 * 1024  # bytes of a decoded body
TRIES = 3
LONGEST_RETRY_AFTER = 20.0  # seconds; a longer `Retry-After` is handed to the caller instead of slept through
LONGEST_PAUSE = timedelta(days=366)  # what a provider asks for beyond that is not believed
TRANSIENT = frozenset({429, 502, 503, 504})
_SOCKET_SCHEMES = {"https": "wss", "wss": "wss", "http": "ws", "ws": "ws"}
_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "bankweave/0.1"}


@dataclass(frozen=True, slots=True)
class _Lost:
    """No answer came. `sent` is False where the request surely never left."""

    error: Exception
    sent: bool


class Gate:
    """The way to one provider for one program. Fulfils `bankweave.adapter.Http`."""

    def __init__(
        self,
        adapter: str,
        origins: tuple[str, ...],
        *,
        transport: httpx.AsyncBaseTransport,
        clock: Clock,
        throttle: Throttle,
    ) -> None:
        self._adapter = adapter
        self._origins = frozenset(_origin_of(httpx.URL(origin)) for origin in origins)
        self._socket_origins = frozenset((_SOCKET_SCHEMES.get(s, s), host, port) for s, host, port in self._origins)
        self._transport = transport
        self._clock = clock
        self._throttle = throttle

    async def send(self, request: Request) -> Response:
        """Send a request and read its answer whole, repeating it where that is allowed and may help."""
        prepared = self._prepare(request)
        with anyio.CancelScope() as time:
            outcome = await self._once(request, prepared, time)
            if request.repeatable and _is_transient(outcome):
                outcome = await self._again(request, prepared, time, outcome)
        if time.cancelled_caught:
            outcome = _Lost(TimeoutError(), sent=True)
        return self._unwrap(request, outcome)

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Streamed]:
        """Open an answer and hand out its body in pieces. Not repeated; the deadline covers the reading as well."""
        prepared = self._prepare(request)
        async with self._throttle:
            try:
                with anyio.fail_after(request.timeout or TIMEOUT):
                    answer = await self._transport.handle_async_request(prepared)
                    try:
                        yield _Body(self, request, answer)
                    finally:
                        await answer.aclose()
            except (httpx.HTTPError, TimeoutError) as error:
                raise self._lost(request, _Lost(error, _was_sent(error))) from None

    @asynccontextmanager
    async def socket(self, url: str, *, operation: str, subprotocol: str) -> AsyncIterator[Socket]:
        """Open a WebSocket. Opening counts as a request; once it is open it takes no other request's place."""
        request = Request(method="GET", url=url, operation=operation, repeatable=False)
        checked = self._checked(request, self._socket_origins)
        if checked.scheme == "ws" and not _is_loopback(_origin_of(checked)[1]):
            raise self._refused(request, "a host over an open line")
        async with AsyncExitStack() as stack:
            async with self._throttle:
                headers = {"User-Agent": _HEADERS["User-Agent"]}
                dialled = dial(str(checked), subprotocol=subprotocol, origin=self._origin(request), headers=headers)
                opened = await stack.enter_async_context(dialled)
            log.debug("socket_opened", extra=self._fields(request))
            yield opened

    def _checked(self, request: Request, origins: frozenset[tuple[str, str, int]]) -> httpx.URL:
        try:
            url = httpx.URL(request.url)
        except httpx.InvalidURL:
            raise self._refused(request, "an address that is none") from None
        if _origin_of(url) not in origins:
            raise self._refused(request, "a host that the adapter does not own")
        if url.userinfo:
            raise self._refused(request, "an address that carries credentials")
        return url

    def _prepare(self, request: Request) -> httpx.Request:
        url = self._checked(request, self._origins)
        if request.params:
            url = url.copy_merge_params(dict(request.params))
        phases = dict.fromkeys(("connect", "read", "write", "pool"), PHASE_TIMEOUT)
        headers = self._headers(request)
        return httpx.Request(request.method, url, headers=headers, content=request.body, extensions={"timeout": phases})

    def _headers(self, request: Request) -> dict[str, str]:
        headers = {**_HEADERS, **request.headers}
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            message = (
                f"{request.operation} cannot be sent: a key, token or other header holds characters that HTTP does not"
                f" allow; look for stray ones in the settings of the {self._adapter} adapter"
            )
            raise ConfigurationError(message, origin=self._origin(request))
        return headers

    async def _once(self, request: Request, prepared: httpx.Request, time: anyio.CancelScope) -> Response | _Lost:
        """Send once. `time` begins to run with the first turn: waiting for our own limits is not the provider's fault."""
        async with self._throttle:
            time.deadline = min(time.deadline, anyio.current_time() + (request.timeout or TIMEOUT))
            started = self._clock.now()
            try:
                answer = await self._transport.handle_async_request(prepared)
                try:
                    body = await self._read(request, answer)
                finally:
                    await answer.aclose()
            except httpx.HTTPError as error:
                return _Lost(error, _was_sent(error))
            except MalformedAnswer as unreadable:
                if request.repeatable:
                    raise
                return _Lost(unreadable, sent=True)  # it may have taken effect, whatever it said
        head = self.head(answer)
        seconds = (self._clock.now() - started).total_seconds()
        log.debug("answered", extra=self._fields(request, status=head.status, seconds=seconds))
        return replace(head, body=body)

    async def _read(self, request: Request, answer: httpx.Response) -> bytes:
        return b"".join([piece async for piece in self.pieces(request, answer)])

    async def pieces(self, request: Request, answer: httpx.Response) -> AsyncIterator[bytes]:
        """Decode a body piece by piece, never holding more of it decoded than the limit allows."""
        try:
            decoder = _Decoder(answer.headers.get("content-encoding", ""), request.limit or BODY_LIMIT)
            async for chunk in cast("httpx.AsyncByteStream", answer.stream):  # raw: httpx would decode without a limit
                yield decoder.decode(chunk)
            decoder.finish()
        except _BadBodyError as error:
            message = f"the answer to {request.operation} is {error}; nothing of it was used"
            raise MalformedAnswer(message, origin=self._origin(request)) from None

    async def _again(
        self, request: Request, prepared: httpx.Request, time: anyio.CancelScope, first: Response | _Lost
    ) -> Response | _Lost:
        """Go on after a failed first try. tenacity costs as much as a small request, so it is entered only here."""
        known = iter([first])

        async def attempt() -> Response | _Lost:
            return next(known, None) or await self._once(request, prepared, time)

        retrying = AsyncRetrying(
            retry=retry_if_result(self._is_worth_repeating),
            stop=stop_after_attempt(TRIES),
            wait=self._pause,
            sleep=self._clock.sleep,
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )
        outcome: Response | _Lost = await retrying(attempt)
        return outcome

    def _is_worth_repeating(self, outcome: Response | _Lost) -> bool:
        return _is_transient(outcome) and (self._asked_pause(outcome) or 0.0) <= LONGEST_RETRY_AFTER

    def _pause(self, state: RetryCallState) -> float:
        asked = self._asked_pause(state.outcome and state.outcome.result())
        return wait_random_exponential(multiplier=0.5, max=8.0)(state) if asked is None else asked

    def _asked_pause(self, outcome: object) -> float | None:
        if not isinstance(outcome, Response) or outcome.retry_at is None:
            return None
        return max(0.0, (outcome.retry_at - self._clock.now()).total_seconds())

    def _unwrap(self, request: Request, outcome: Response | _Lost) -> Response:
        if isinstance(outcome, _Lost):
            raise self._lost(request, outcome) from None
        return outcome

    def _lost(self, request: Request, lost: _Lost) -> BankweaveError:
        refused = _refusal_behind(lost.error)
        if refused is not None:
            return refused
        log.info("no_answer", extra=self._fields(request, status=type(lost.error).__name__))
        origin = self._origin(request)
        if request.repeatable or not lost.sent:
            message = (
                f"{self._adapter} did not answer {request.operation} ({type(lost.error).__name__}); try again later"
            )
            return ProviderUnavailable(message, origin=origin)
        message = (
            f"{self._adapter} did not answer {request.operation}, which must not be repeated blindly; "
            "look whether it took effect before doing it again"
        )
        return OutcomeUnknown(message, origin=origin)

    def head(self, answer: httpx.Response) -> Response:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        retry_at = _retry_at(headers.get("retry-after"), self._clock.now())
        return Response(status=answer.status_code, headers=headers, retry_at=retry_at)

    def _refused(self, request: Request, what: str) -> OriginRefused:
        message = (
            f"{request.operation} would have gone to {what}; nothing was sent. "
            f"If the provider moved, set the {self._adapter} adapter's base_url"
        )
        return OriginRefused(message, origin=self._origin(request))

    def _origin(self, request: Request) -> Origin:
        return Origin(adapter=self._adapter, operation=request.operation)

    def _fields(self, request: Request, **more: object) -> dict[str, object]:
        return {"adapter": self._adapter, "operation": request.operation, **more}


@dataclass(frozen=True, slots=True)
class _Body:
    gate: Gate
    request: Request
    answer: httpx.Response

    @property
    def head(self) -> Response:
        return self.gate.head(self.answer)

    def chunks(self) -> AsyncIterator[bytes]:
        return self.gate.pieces(self.request, self.answer)


class _BadBodyError(Exception):
    """A body that is too large or cannot be decoded; `str()` completes 'the answer is ...'."""


class _Decoder:
    """Undo gzip or deflate without ever producing more than a limit: a kilobyte can hold a gigabyte."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._left = limit
        self._inflate = None
        if encoding in {"gzip", "deflate"}:
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
        elif encoding not in {"", "identity"}:
            raise _BadBodyError("in an encoding that was not asked for")

    def decode(self, chunk: bytes) -> bytes:
        piece = chunk if self._inflate is None else self._decompress(chunk)
        self._left -= len(piece)
        if self._left < 0 or (self._inflate is not None and self._inflate.unconsumed_tail):
            raise _BadBodyError("larger than allowed")
        return piece

    def finish(self) -> None:
        if self._inflate is not None and not self._inflate.eof:
            raise _BadBodyError("cut short")

    def _decompress(self, chunk: bytes) -> bytes:
        assert self._inflate is not None  # noqa: S101 - decode() asked
        try:
            return self._inflate.decompress(chunk, self._left + 1)
        except zlib.error:
            raise _BadBodyError("not decodable") from None


def _origin_of(url: httpx.URL) -> tuple[str, str, int]:
    """Scheme, host and port, as they go over the wire: `host` would decode foreign alphabets, and fail on bad ones."""
    port = url.port or _PORTS.get(url.scheme, 0)
    return url.scheme, url.raw_host.decode("ascii"), port


def check_origin(setting: str, url: str) -> None:
    """Refuse a configured address that is not https (wss, for WebSockets), unless it is this machine's own."""
    try:
        scheme, host, _ = _origin_of(httpx.URL(url))
    except httpx.InvalidURL:
        scheme, host = "", ""
    if scheme in {"https", "wss"} or (scheme in {"http", "ws"} and _is_loopback(host)):
        return
    raise ConfigurationError(f"{setting} must be an https:// address (http:// only for this machine itself)")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_transient(outcome: Response | _Lost) -> bool:
    return isinstance(outcome, _Lost) or outcome.status in TRANSIENT


def _was_sent(error: Exception) -> bool:
    """Only a refused connection is surely unsent: aiohttp's other failures may come after the bytes left."""
    return not isinstance(error, httpx.ConnectError)


def _refusal_behind(error: BaseException | None) -> OriginRefused | None:
    while error is not None:
        if isinstance(error, OriginRefused):
            return error
        error = error.__cause__
    return None


def _retry_at(header: str | None, now: datetime) -> datetime | None:
    """Read `Retry-After` as seconds or date, within reason; nonsense counts as absent."""
    if header is None:
        return None
    try:
        at = _date_or_seconds(header, now)
    except ValueError:
        return None
    return min(max(at, now), now + LONGEST_PAUSE).astimezone(UTC)


def _date_or_seconds(header: str, now: datetime) -> datetime:
    if header.strip().isdecimal():
        return now + timedelta(seconds=min(int(header), LONGEST_PAUSE.total_seconds()))
    at = parsedate_to_datetime(header)
    if at.tzinfo is None:
        raise ValueError("a date without a zone is no instant")
    return at
