"""The WebSocket beside POST /api/graphql, and what the control origin may do to open ones (section 6.6)."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.websockets import WebSocket, WebSocketDisconnect

from bankweave_sandbox.faults import ConnectionCutError
from bankweave_sandbox.jsonbody import Body
from bankweave_sandbox.kontist.graphql.operations import Operations
from bankweave_sandbox.kontist.live.conversation import Close, Conversation, Message
from bankweave_sandbox.kontist.transactions.arrivals import Arrival, read_arrival
from bankweave_sandbox.kontist.transactions.books import Books
from bankweave_sandbox.world import News

SUBPROTOCOL = "graphql-transport-ws"
_ABNORMAL = 1006  # no frame can say so: the connection is cut
_Outbox: TypeAlias = "asyncio.Queue[Message | Close]"


class Sockets:
    """All open conversations. What happens in the world reaches them on the servers' event loop."""

    def __init__(self, books: Books, operations: Operations) -> None:
        self._books = books
        self._switches = books.switches
        self._operations = operations
        self._open: list[Conversation] = []
        self._last: dict[str, Arrival] = {}  # by person: what they were told last
        books.subscribe(self._pass_on)

    @property
    def conversations(self) -> list[Conversation]:
        return list(self._open)

    async def answer(self, websocket: WebSocket) -> None:
        if SUBPROTOCOL not in websocket.scope["subprotocols"]:
            # As the protocol's reference server does it: a client cannot read the status of a refused handshake.
            await websocket.accept()
            return await websocket.close(4406, "Subprotocol not acceptable")
        await websocket.accept(SUBPROTOCOL)
        return await self._converse(websocket)

    async def _converse(self, websocket: WebSocket) -> None:
        outbox: _Outbox = asyncio.Queue()
        conversation = self._begin(websocket, outbox)
        limit = self._switches.socket_init_seconds
        timer = asyncio.get_running_loop().call_later(limit, conversation.close_unless_begun)
        self._open.append(conversation)
        try:
            await _first_of(self._read(websocket, conversation), _write(websocket, outbox))
        finally:
            timer.cancel()
            conversation.is_over = True
            self._open.remove(conversation)

    def _begin(self, websocket: WebSocket, outbox: _Outbox) -> Conversation:
        return Conversation(
            id=str(uuid.uuid4()),
            opened_at=self._books.world.clock.now(),
            origin=str(websocket.base_url.replace(scheme="http")).rstrip("/"),
            operations=self._operations,
            switches=self._switches,
            say=outbox.put_nowait,
            on_acknowledged=self._watch_expiry,
            on_subscribed=self._repeat_last,
        )

    async def _read(self, websocket: WebSocket, conversation: Conversation) -> None:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            conversation.hear(message.get("text"))

    def _pass_on(self, news: News) -> None:
        # Moving the clock by months brings hundreds of news: nothing is looked up while nobody listens.
        arrival = read_arrival(news, self._books) if self._open else None
        if arrival is None:
            return
        told = [c.person for c in self._open if c.tell(arrival)]
        self._last.update({person.id: arrival for person in told if person})

    def _watch_expiry(self, conversation: Conversation) -> None:
        """Look at the socket when its token expires, whether the clock is moved there or just runs."""
        expires_at = conversation.expires_at
        if expires_at is None:
            return
        world = self._books.world
        world.schedule(expires_at, conversation.end_with_token)
        seconds = (expires_at - world.clock.now()).total_seconds()
        asyncio.get_running_loop().call_later(seconds, conversation.end_with_token)

    def _repeat_last(self, conversation: Conversation, name: str) -> None:
        """Tell a new subscription once more of the last arrival, when the switch asks for such duplicates."""
        last = self._last.get(conversation.person.id) if conversation.person else None
        if self._switches.resubscribe_repeats_last and last:
            conversation.tell(last, name)


async def _write(websocket: WebSocket, outbox: _Outbox) -> None:
    while True:
        match await outbox.get():
            case Close(code=code) if code == _ABNORMAL:
                raise ConnectionCutError
            case Close(code=code, reason=reason):
                return await websocket.close(code, reason)
            case message:
                await websocket.send_json(message)


async def _first_of(*sides: Any) -> None:
    """Run until one side ends, and end the other; a client that has gone is no error."""
    tasks = [asyncio.ensure_future(side) for side in sides]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for error in (task.exception() for task in done):
        if error is not None and not isinstance(error, WebSocketDisconnect):
            raise error


class SocketControls:
    """Open sockets over the control origin: list them, ping them, close them with any code."""

    def __init__(self, sockets: Sockets) -> None:
        self._sockets = sockets

    def routes(self) -> list[Route]:
        return [
            Route("/sockets", self.show, methods=["GET"]),
            Route("/sockets/close", self.close, methods=["POST"]),
            Route("/sockets/ping", self.ping, methods=["POST"]),
        ]

    async def show(self, _request: Request) -> Response:
        return JSONResponse([_shown(conversation) for conversation in self._sockets.conversations])

    async def close(self, request: Request) -> Response:
        """Close all with a code; 1006 cuts the connections without a word."""
        body = await Body.read(request, "code reason")
        code = body.whole_number("code") or 1000
        if not (code in {1000, 1001, _ABNORMAL} or 1011 <= code <= 1014 or 3000 <= code <= 4999):
            raise HTTPException(400, "code must be 1000, 1001, 1006, 1011 to 1014 or 3000 to 4999")
        closed = self._sockets.conversations
        for conversation in closed:
            conversation.close(code, body.optional_text("reason") or "")
        return JSONResponse({"closed": len(closed)})

    async def ping(self, _request: Request) -> Response:
        pinged = self._sockets.conversations
        for conversation in pinged:
            conversation.ping()
        return JSONResponse({"pinged": len(pinged)})


def _shown(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "person": conversation.person.username if conversation.person else None,
        "opened_at": conversation.opened_at.isoformat(timespec="milliseconds"),
        "subscriptions": conversation.subscription_ids,
    }
