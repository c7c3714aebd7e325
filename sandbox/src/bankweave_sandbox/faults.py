"""Faults on request, and a record of the requests each origin received: one ASGI middleware before every dialect."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REMEMBERED = 10_000


class ConnectionCutError(Exception):
    """Raised to make the server drop the connection in the middle of an answer; it is meant, so it is not logged."""


@dataclass(slots=True)
class Fault:
    """What goes wrong with requests to `path` (a prefix, or a glob when it has `*`, `?` or `[`)."""

    id: str
    provider: str
    path: str
    method: str | None = None
    status: int | None = None  # neither status nor body: the dialect's own answer, late or cut short
    body: str | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] | None = None
    delay: float = 0.0  # real seconds, whatever the sandbox's clock says
    truncate: int | None = None  # bytes of the body that are sent before the connection is cut
    times: int = 1  # how often still; 0: until cleared

    def hits(self, provider: str, method: str, path: str) -> bool:
        if provider != self.provider or self.method not in {None, method}:
            return False
        return path_matches(path, self.path)

    def answer_of(self, app: ASGIApp) -> ASGIApp:
        """What answers instead of `app`: this fault's own answer, or `app` itself."""
        if self.status is None and self.body is None:
            return app
        return Response(self.body or "", self.status or 200, self.headers, self.content_type)


@dataclass(slots=True)
class ReceivedRequest:
    """What is remembered of a request: no headers, bodies or query values, which may hold secrets."""

    at: datetime
    provider: str
    method: str
    path: str
    status: int | None = None  # None: not answered yet, or the connection went away before an answer


class Mishaps:
    """The faults that were asked for and the requests that came in, of all origins."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.closing = asyncio.Event()  # set when the servers stop, so that no delay holds them up
        self._received: dict[str, deque[ReceivedRequest]] = {}

    def clear(self) -> None:
        self.faults.clear()
        self.forget_requests()

    def forget_requests(self) -> None:
        self._received.clear()

    def requests(self, provider: str | None = None, path: str | None = None) -> list[ReceivedRequest]:
        """The requests received, oldest first."""
        kept = [r for name, log in self._received.items() if provider in {None, name} for r in log]
        found = [r for r in kept if path is None or path_matches(r.path, path)]
        return sorted(found, key=lambda r: r.at)

    def record(self, request: ReceivedRequest) -> None:
        self._received.setdefault(request.provider, deque(maxlen=_REMEMBERED)).append(request)

    def take(self, provider: str, method: str, path: str) -> Fault | None:
        """The first fault that hits, used up by one."""
        fault = next((f for f in self.faults if f.hits(provider, method, path)), None)
        if fault is not None and fault.times == 1:
            self.faults.remove(fault)
        if fault is not None and fault.times > 1:
            fault.times -= 1
        return fault

    async def delay(self, seconds: float) -> None:
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return


async def answer_with_mishaps(
    mishaps: Mishaps, request: ReceivedRequest, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Let `app` answer, remember the request, and spoil the answer if a fault was asked for."""
    mishaps.record(request)

    async def observe(message: Message) -> None:
        request.status = request.status or _status_of(message)
        await send(message)

    fault = mishaps.take(request.provider, request.method, request.path)
    if fault is None:
        return await app(scope, receive, observe)
    await mishaps.delay(fault.delay)
    if fault.truncate is None:
        return await fault.answer_of(app)(scope, receive, observe)
    if scope["type"] == "websocket":
        raise ConnectionCutError  # there is no body: the handshake is cut
    return await _cut_short(fault.answer_of(app), fault.truncate, (scope, receive, observe))


def _status_of(message: Message) -> int | None:
    """Read the status of an answer's first message; of a WebSocket's handshake, the one that the client sees."""
    match message["type"]:
        case "http.response.start" | "websocket.http.response.start":
            return int(message["status"])
        case "websocket.accept":
            return 101
        case "websocket.close":
            return 403
        case _:
            return None


async def _cut_short(app: ASGIApp, kept: int, call: tuple[Scope, Receive, Send]) -> None:
    """Declare the whole length, send the first `kept` bytes and drop the connection."""
    scope, receive, send = call
    messages: list[Message] = []

    async def collect(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, collect)
    body = b"".join(m.get("body", b"") for m in messages if m["type"] == "http.response.body")
    headers = [(k, v) for k, v in messages[0].get("headers", []) if k.lower() != b"content-length"]
    length = (b"content-length", str(len(body)).encode())
    await send({**messages[0], "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body[:kept], "more_body": True})
    raise ConnectionCutError


def path_matches(path: str, pattern: str) -> bool:
    """Match a path by prefix, or as a glob when the pattern has `*`, `?` or `[`."""
    return fnmatchcase(path, pattern) if any(c in pattern for c in "*?[") else path.startswith(pattern)


def silence_meant_cuts(record: logging.LogRecord) -> bool:
    """Logging filter: keep everything but the connections that a fault was asked to cut."""
    error: Any = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, ConnectionCutError)
