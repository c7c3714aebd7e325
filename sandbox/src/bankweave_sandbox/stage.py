"""The running sandbox without its sockets: the world, its dialects, and what goes wrong on request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.dialect import Closable, Dialect
from bankweave_sandbox.faults import Mishaps, ReceivedRequest, answer_with_mishaps
from bankweave_sandbox.history import make_world
from bankweave_sandbox.open_sockets import SERVICE_RESTART, OpenSockets
from bankweave_sandbox.world import World

DialectMaker = Callable[[World], Dialect]


class Stage:
    """Everything that the control origin can change. Use it from the servers' event loop only."""

    def __init__(
        self,
        makers: Sequence[DialectMaker],
        seed: int = 1,
        start: datetime | None = None,
        redirect_url: str | None = None,
    ) -> None:
        self.seed = seed
        self.mishaps = Mishaps()
        self.open_sockets = OpenSockets()
        self.urls: dict[str, str] = {}
        self._makers = makers
        self._start = start
        self._closing: list[asyncio.Task[None]] = []  # kept: the loop itself holds tasks only weakly
        self._set_up(redirect_url)

    @property
    def clock(self) -> Clock:
        return self.world.clock

    def advance(self, by: timedelta) -> datetime:
        return self.world.advance(by)

    def reset(self, seed: int | None = None) -> None:
        """Build a fresh world and dialects; faults and the request log are cleared, the redirect URL is kept."""
        self.seed = self.seed if seed is None else seed
        self.open_sockets.close_soon(SERVICE_RESTART)  # they listen to the old world
        self._close_dialects_soon()
        self._set_up(self.world.redirect_url)
        self.mishaps.clear()

    async def close(self) -> None:
        """End what dialects have under way, those included that were thrown away; serving ends after it."""
        self._close_dialects_soon()
        await asyncio.gather(*self._closing)

    def describe(self) -> dict[str, dict[str, Any]]:
        """What a client needs to know of each origin."""
        described = {name: {**d.describe(self.urls[name]), "url": self.urls[name]} for name, d in self.dialects.items()}
        return {**described, "control": {"url": self.urls["control"]}}

    def origin(self, name: str) -> ASGIApp:
        """An app that hands requests to the dialect that stands under `name` now: it survives resets."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            dialect = self.dialects[name].app
            if scope["type"] not in {"http", "websocket"}:
                return await dialect(scope, receive, send)
            # A WebSocket begins as a GET, of which ASGI does not speak.
            request = ReceivedRequest(self.clock.now(), name, scope.get("method", "GET"), scope["path"])
            answering = partial(answer_with_mishaps, self.mishaps, request, dialect)
            if scope["type"] == "websocket":
                return await self.open_sockets.serve(answering, scope, receive, send)
            return await answering(scope, receive, send)

        return app

    def _close_dialects_soon(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # nothing is served yet, or any more, so that nothing is under way
            return
        closable = [dialect for dialect in self.dialects.values() if isinstance(dialect, Closable)]
        under_way = [task for task in self._closing if not task.done()]
        self._closing = [*under_way, *(loop.create_task(dialect.close()) for dialect in closable)]

    def _set_up(self, redirect_url: str | None) -> None:
        self.world = make_world(Clock(self._start), self.seed)
        self.world.redirect_url = redirect_url or self.world.redirect_url
        dialects = [make(self.world) for make in self._makers]
        self.dialects: Mapping[str, Dialect] = {dialect.name: dialect for dialect in dialects}
