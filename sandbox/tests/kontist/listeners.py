"""A WebSocket client in memory: it speaks ASGI with the dialect, in the loop in which the test changes the world."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

NEW_IDS = "subscription {newTransaction {id}}"


@dataclass
class LiveSocket:
    to_server: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    from_server: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)

    async def say(self, **message: Any) -> None:
        await self.say_text(json.dumps(message))

    async def say_text(self, text: str) -> None:
        await self.to_server.put({"type": "websocket.receive", "text": text})

    async def begin(self, token: str | None) -> None:
        """Send connection_init and take the acknowledgement."""
        await self.say(type="connection_init", payload={"Authorization": f"Bearer {token}"} if token else {})
        assert await self.heard() == {"type": "connection_ack"}

    async def subscribe(self, name: str = "s1", query: str = NEW_IDS, **payload: Any) -> None:
        await self.say(type="subscribe", id=name, payload={"query": query, **payload})
        await self.settle()

    async def settle(self) -> None:
        """Have everything that was said taken in: a pong answers what was said after it."""
        await self.say(type="ping", payload={"settle": True})
        kept = []
        while (message := await self.heard()) != {"type": "pong", "payload": {"settle": True}}:
            kept.append(message)
        for message in kept:
            self.from_server.put_nowait({"type": "websocket.send", "text": json.dumps(message)})

    async def heard(self) -> dict[str, Any]:
        """Take the next message; the socket must not have been closed."""
        message = await asyncio.wait_for(self.from_server.get(), 5)
        assert message["type"] == "websocket.send", message
        return dict(json.loads(message["text"]))

    async def closed_with(self) -> int:
        message = await asyncio.wait_for(self.from_server.get(), 5)
        assert message["type"] == "websocket.close", message
        return int(message["code"])

    def has_heard_nothing(self) -> bool:
        return self.from_server.empty()


@asynccontextmanager
async def connect(app: ASGIApp, *subprotocols: str) -> AsyncIterator[LiveSocket]:
    """Open a socket; it is accepted when the block begins."""
    socket = LiveSocket()
    scope = {
        "type": "websocket",
        "path": "/api/graphql",
        "headers": [(b"host", b"kontist.test")],
        "query_string": b"",
        "scheme": "ws",
        "server": ("kontist.test", 80),
        "subprotocols": list(subprotocols or ("graphql-transport-ws",)),
    }
    socket.to_server.put_nowait({"type": "websocket.connect"})
    served = asyncio.ensure_future(app(scope, socket.to_server.get, socket.from_server.put))
    try:
        assert (await socket.from_server.get())["type"] == "websocket.accept"
        yield socket
    finally:
        socket.to_server.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(served, 5)
