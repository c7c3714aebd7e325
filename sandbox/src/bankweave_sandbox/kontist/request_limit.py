"""The limit of requests per minute (providers/kontist.md section 5), behind a switch."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime, timedelta

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.kontist.problems import problem_body
from bankweave_sandbox.kontist.switches import Switches

_MINUTE = timedelta(minutes=1)


class RequestLimit:
    """Count by bearer token, else by address. The reaction is undocumented: 429 with Retry-After."""

    def __init__(self, app: ASGIApp, clock: Clock, switches: Switches) -> None:
        self._app = app
        self._clock = clock
        self._switches = switches
        self._seen: defaultdict[str, deque[datetime]] = defaultdict(deque)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._switches.requests_per_minute > 0 and self._is_over(scope):
            answer = JSONResponse(problem_body(429, "too many requests"), 429, headers={"retry-after": "60"})
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_over(self, scope: Scope) -> bool:
        client = scope.get("client")
        seen = self._seen[Headers(scope=scope).get("authorization") or (client[0] if client else "")]
        now = self._clock.now()
        while seen and seen[0] <= now - _MINUTE:
            seen.popleft()
        if len(seen) >= self._switches.requests_per_minute:
            return True
        seen.append(now)
        return False
