"""A `Context` whose network is a script and whose time moves when somebody sleeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bankweave.adapter import Request, Response, Socket, Streamed, Token
from bankweave.errors import BankweaveError, RateLimited
from bankweave.testing.socket import ScriptedSocket

Answer = Response | BankweaveError | Callable[[Request], Response]


@dataclass
class ScriptedHttp:
    """Answers requests from a list, in order, and keeps what was sent. An answer may be a function of the request.

    WebSockets come from a list of their own, in order; `opened` keeps the address and sub-protocol of each.
    """

    answers: list[Answer] = field(default_factory=list)
    sent: list[Request] = field(default_factory=list)
    sockets: list[ScriptedSocket | BankweaveError] = field(default_factory=list)
    opened: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        self.sent.append(request)
        if not self.answers:
            raise AssertionError(f"the script has no answer left for {request.operation}")
        answer = self.answers.pop(0)
        if isinstance(answer, BankweaveError):
            raise answer
        return answer if isinstance(answer, Response) else answer(request)

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[Streamed]:
        yield _Whole(await self.send(request))

    @asynccontextmanager
    async def socket(self, url: str, *, operation: str, subprotocol: str) -> AsyncIterator[Socket]:
        self.opened.append((url, subprotocol))
        if not self.sockets:
            raise AssertionError(f"the script has no socket left for {operation}")
        opened = self.sockets.pop(0)
        if isinstance(opened, BankweaveError):
            raise opened
        opened.is_open = True
        try:
            yield opened
        finally:
            opened.is_open = False


@dataclass(frozen=True)
class _Whole:
    response: Response

    @property
    def head(self) -> Response:
        return replace(self.response, body=b"")

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self.response.body


@dataclass
class FakeContext:
    """All that an adapter is handed, without a network, a store or real time."""

    http: ScriptedHttp = field(default_factory=ScriptedHttp)
    owner: str = "anna"
    connection_id: str = "connection-1"
    clock: datetime = datetime(2026, 11, 22, 10, tzinfo=UTC)
    tokens: list[str] = field(default_factory=lambda: ["access-1", "access-2"])
    remembered: dict[str, str] = field(default_factory=dict)
    slept: list[float] = field(default_factory=list)
    quota_uses: dict[str, list[datetime]] = field(default_factory=dict)
    grants: list[Any] = field(default_factory=list)  # what was saved, in order
    _shared: dict[str, str] = field(default_factory=dict)
    _secrets: int = 0

    def now(self) -> datetime:
        return self.clock

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock += timedelta(seconds=seconds)

    def secret(self) -> str:
        self._secrets += 1
        return f"secret-{self._secrets}".ljust(43, "x")

    async def access_token(self, rejected: str | None = None) -> str:
        if rejected == self.tokens[0]:
            self.tokens.pop(0)
        return self.tokens[0]

    async def save_grant(self, grant: Any) -> None:
        self.grants.append(grant)

    async def shared_token(self, name: str, fetch: Callable[[], Awaitable[Token]], rejected: str | None = None) -> str:
        if self._shared.get(name, rejected) == rejected:
            self._shared[name] = (await fetch()).value
        return self._shared[name]

    async def use_quota(self, name: str, *, at_most: int, within: timedelta) -> None:
        recent = [at for at in self.quota_uses.get(name, []) if at > self.clock - within]
        if len(recent) >= at_most:
            raise RateLimited(f"{name} is used up", code="quota", retry_at=recent[-at_most] + within)
        self.quota_uses[name] = [*recent, self.clock]

    async def recall(self, name: str) -> str | None:
        return self.remembered.get(name)

    async def remember(self, name: str, value: str) -> None:
        self.remembered[name] = value

    async def remember_once(self, name: str, make: Callable[[], Awaitable[str]], *, unless: str | None = None) -> str:
        if self.remembered.get(name) in {None, unless}:
            self.remembered[name] = await make()
        return self.remembered[name]
