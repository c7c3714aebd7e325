"""WebSockets under the gate: aiohttp's, with the transport's own session, so that the same protections hold."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio

from bankweave.adapter import Socket
from bankweave.errors import BankweaveError, MalformedAnswer, Origin, ProviderUnavailable
from bankweave.transport import make_session

if TYPE_CHECKING:
    import aiohttp

OPEN_TIMEOUT = 10.0  # seconds until the provider has agreed
SEND_TIMEOUT = 10.0  # seconds until a message is with the network
CLOSE_TIMEOUT = 2.0  # seconds that a farewell may take
HEARTBEAT = 30.0  # seconds of silence after which the other side is asked whether it still lives
MESSAGE_LIMIT = 1024 * 1024  # bytes of a message
NORMAL_CLOSURE = 1000
NO_CODE = "1005"  # RFC 6455 section 7.4.1: closed without saying why
ABNORMAL_CLOSURE = "1006"  # and gone without a word


@asynccontextmanager
async def dial(
    url: str, *, subprotocol: str, origin: Origin, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Socket]:
    """Open a WebSocket to an address that was checked already; leaving closes it, normally and at once."""
    async with make_session(trace_configs=[_no_redirects()], headers=headers) as session:
        connection = await _open(session, url, subprotocol, origin)
        try:
            if connection.protocol != subprotocol:
                raise _not_opened(origin, "the provider does not speak the sub-protocol", "subprotocol")
            yield AioSocket(connection, origin)
        finally:
            with anyio.move_on_after(CLOSE_TIMEOUT, shield=True):
                await connection.close(code=NORMAL_CLOSURE)


async def _open(
    session: aiohttp.ClientSession, url: str, subprotocol: str, origin: Origin
) -> aiohttp.ClientWebSocketResponse:
    import aiohttp

    timeout = aiohttp.ClientWSTimeout(ws_receive=None, ws_close=CLOSE_TIMEOUT)
    try:
        with anyio.fail_after(OPEN_TIMEOUT):
            return await session.ws_connect(
                url, protocols=(subprotocol,), timeout=timeout, heartbeat=HEARTBEAT, max_msg_size=MESSAGE_LIMIT
            )
    except _RedirectedError as redirect:
        failure = _not_opened(origin, "the provider points elsewhere", redirect.status)
    except aiohttp.WSServerHandshakeError as refusal:
        failure = _not_opened(origin, "the provider refused the handshake", str(refusal.status))
    except (aiohttp.ClientError, OSError) as error:
        failure = _not_opened(origin, type(error).__name__)
    raise failure  # out here it has no context: the texts of theirs hold the address, and what is in it


class _RedirectedError(Exception):
    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


def _no_redirects() -> aiohttp.TraceConfig:
    """aiohttp's handshake follows redirects and has no switch for it; its trace speaks up before the next request."""
    import aiohttp

    async def refuse(_session: Any, _context: Any, params: aiohttp.TraceRequestRedirectParams) -> None:
        raise _RedirectedError(str(params.response.status))

    config = aiohttp.TraceConfig()
    config.on_request_redirect.append(refuse)
    return config


@dataclass(slots=True)
class AioSocket:
    """An open WebSocket. Fulfils `bankweave.adapter.Socket`."""

    _connection: aiohttp.ClientWebSocketResponse = field(repr=False)
    _origin: Origin
    _close_code: str = ABNORMAL_CLOSURE

    async def send(self, text: str) -> None:
        try:
            with anyio.fail_after(SEND_TIMEOUT):
                await self._connection.send_str(text)
        except OSError:  # among them TimeoutError, and what aiohttp raises on a closed socket
            raise self._closed() from None

    async def receive(self) -> str:
        from aiohttp import WSMsgType

        message = await self._connection.receive()
        if message.type is WSMsgType.TEXT:
            return str(message.data)
        if message.type is WSMsgType.CLOSE:
            self._close_code = str(message.data or NO_CODE)
        raise self._failure(message)

    def _failure(self, message: aiohttp.WSMessage) -> BankweaveError:
        from aiohttp import WebSocketError, WSMsgType

        if message.type is WSMsgType.BINARY:
            return self._malformed("no text")
        if message.type is WSMsgType.ERROR and isinstance(message.data, WebSocketError):
            return self._malformed("too large, or breaks the rules of WebSockets")
        return self._closed()

    def _closed(self) -> ProviderUnavailable:
        text = f"{self._origin.adapter} closed the connection of {self._origin.operation} ({self._close_code}); open it anew"
        return ProviderUnavailable(text, origin=self._origin, code=self._close_code)

    def _malformed(self, what: str) -> MalformedAnswer:
        text = f"a message of {self._origin.operation} is {what}; nothing of it was used"
        return MalformedAnswer(text, origin=self._origin)


def _not_opened(origin: Origin, why: str, code: str | None = None) -> ProviderUnavailable:
    message = f"{origin.adapter} opened no connection for {origin.operation} ({why}); try again later"
    return ProviderUnavailable(message, origin=origin, code=code)
