"""The WebSockets that are open at any origin, so that a stop or a reset can end them."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

GOING_AWAY = 1001
SERVICE_RESTART = 1012


class OpenSockets:
    """Every WebSocket call passes through here. Use it from the servers' event loop only."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []
        self._hanging_up: list[asyncio.Future[None]] = []  # kept: the loop itself holds tasks only weakly

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        line = _Line(send)
        self._lines.append(line)
        try:
            await app(scope, receive, line.send)
        finally:
            self._lines.remove(line)

    async def close(self, code: int) -> None:
        for line in tuple(self._lines):
            await line.hang_up(code)

    def close_soon(self, code: int) -> None:
        """Close what is open now, when the caller cannot wait for it."""
        self._hanging_up = [asyncio.ensure_future(line.hang_up(code)) for line in self._lines]


class _Line:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_over = False

    async def send(self, message: Message) -> None:
        if self._is_over:
            raise OSError("the socket was closed")  # what ASGI demands of servers; frameworks take it for a disconnect
        self._is_over = message["type"] == "websocket.close"
        await self._send(message)

    async def hang_up(self, code: int) -> None:
        if not self._is_over:
            await self.send({"type": "websocket.close", "code": code, "reason": ""})
