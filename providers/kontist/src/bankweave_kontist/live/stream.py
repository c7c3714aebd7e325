"""A subscription that outlives its connections (section 6.6): it reconnects, with a fresh token where that is the reason.

There is no acknowledgement of a subscription in graphql-transport-ws. A ping behind it stands in: its pong says that the
server has read what came before. What happened until then is for the reader to query; nothing later is missed.
"""

from __future__ import annotations

import asyncio  # noqa: TID251  only to bound the wait for an answer: the contract's socket waits for ever
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from bankweave.adapter import Context, Signal, Socket
from bankweave.errors import AccessRevoked, ProviderRefused, ProviderUnavailable
from bankweave_kontist.live.protocol import (
    SUBPROTOCOL,
    Acknowledged,
    Delivered,
    Ended,
    Heard,
    Pinged,
    Ponged,
    hear,
    introduce,
    ping,
    pong,
    subscribe,
    unsubscribe,
)
from bankweave_kontist.queries import Query
from bankweave_kontist.queries.live import NEW_TRANSACTION_SIGNAL
from bankweave_kontist.refusals import origin, rejected_token
from bankweave_kontist.settings import KontistSettings

log = logging.getLogger("bankweave.kontist")

ANSWER_TIMEOUT = 10.0  # seconds for the server to take the token, and to say that it has read the subscription
FIRST_PAUSE = 1.0  # seconds; doubled after every failure
LONGEST_PAUSE = 60.0
STABLE = timedelta(seconds=60)  # a connection that stood so long was no failure

# Which of them says that a token is not taken is undocumented; the protocol's own documents have both (section 6.6).
_TOKEN_CODES = frozenset({"4401", "4403"})
# Mistakes in the protocol, of ours or of the server's: they would be the same the next time.
_MISTAKES = frozenset({"4400", "4406", "4409", "4429", "subprotocol"})
_PASSING = frozenset({"408", "425", "429"})  # of the handshake's refusals; and all from 500 on


@dataclass(frozen=True, slots=True)
class Established:
    """The subscription stands, for the first time or anew: whatever happened before now may have been missed."""


Event: TypeAlias = Established | Delivered


@dataclass(slots=True)
class LiveStream:
    """One subscription. A lost connection, a server that is down and an expired token are no errors: it tries again,
    for ever, with growing pauses.
    """

    settings: KontistSettings
    ctx: Context = field(repr=False)
    query: Query
    _failures: int = 0
    _rejected: str | None = field(default=None, repr=False)  # the token that was not taken the last time
    _stands_since: datetime | None = None
    _may_ping: bool = True
    _is_pinging: bool = False

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield `Established` after every connect and `Delivered` for every event; closing it unsubscribes at once.

        Raises `NeedsUser` when the connection's access is over, `ProviderRefused` when Kontist does not let us subscribe,
        and `MalformedAnswer` for what is not of the protocol.
        """
        while True:
            try:
                token = await self.ctx.access_token(rejected=self._rejected)
                async with aclosing(self._converse(token)) as heard:
                    async for event in heard:
                        yield event
            except _TokenRefusedError as refusal:
                pause = self._after_refused_token(refusal, token)
            except ProviderUnavailable as lost:
                pause = self._after_loss(lost)
            log.info("live_reconnecting", extra=self._fields(attempt=self._failures, seconds=pause))
            await self.ctx.sleep(pause)

    async def _converse(self, token: str) -> AsyncGenerator[Event, None]:
        """One connection, from its opening to its end, which is always an error."""
        self._stands_since, self._is_pinging = None, False
        url, operation = self.settings.socket_url, self.query.operation
        async with self.ctx.http.socket(url, operation=operation, subprotocol=SUBPROTOCOL) as socket:
            try:
                early = await self._establish(socket, token)
                yield Established()
                for event in early:
                    yield event
                while True:
                    heard = await self._next(socket)
                    if isinstance(heard, Delivered):
                        yield heard
            except AccessRevoked:
                raise _TokenRefusedError("4401") from None
            except ProviderUnavailable as lost:
                if lost.code in _TOKEN_CODES:
                    raise _TokenRefusedError(lost.code) from None
                raise
            finally:
                with suppress(ProviderUnavailable):
                    await socket.send(unsubscribe())

    async def _establish(self, socket: Socket, token: str) -> list[Delivered]:
        """Subscribe; give the events that came before the server is known to have read it."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                await socket.send(introduce(token))
                while not isinstance(await self._next(socket), Acknowledged):
                    pass
                await socket.send(subscribe(self.query))
                early = await self._until_pong(socket) if self._may_ping else []
        except TimeoutError:
            raise self._lost("timeout", "did not answer") from None
        self._stands_since, self._rejected = self.ctx.now(), None
        return early

    async def _until_pong(self, socket: Socket) -> list[Delivered]:
        self._is_pinging = True
        await socket.send(ping())
        early: list[Delivered] = []
        while not isinstance(event := await self._next(socket), Ponged):
            if isinstance(event, Delivered):
                early.append(event)
        self._is_pinging = False
        return early

    async def _next(self, socket: Socket) -> Heard:
        """Wait for a message; answers pings."""
        heard = hear(await socket.receive(), self.query.operation)
        if isinstance(heard, Ended):
            raise self._lost("complete", "ended the subscription")
        if isinstance(heard, Pinged):
            await socket.send(pong())
        return heard

    # What a connection's end means ------------------------------------------------------------------------------------

    def _after_refused_token(self, refusal: _TokenRefusedError, token: str) -> float:
        """Try again with a fresh token; when that one is not taken either, it is not about tokens."""
        operation = self.query.operation
        if self._rejected is not None and refusal.code == "4403":
            message = "Kontist does not let this connection subscribe; it may lack a scope (setting scopes of kontist)"
            raise ProviderRefused(message, origin=origin(operation), code=refusal.code) from None
        if self._rejected is not None:
            raise rejected_token(operation) from None
        self._rejected = token
        pause = self._pause()
        return 0.0 if self._failures == 1 else pause

    def _after_loss(self, lost: ProviderUnavailable) -> float:
        if lost.code == "4400" and self._is_pinging:
            # Servers from before June 2021 know the rest of the protocol, but not its pings.
            self._may_ping = False
            return 0.0
        if _is_final(lost.code):
            message = "Kontist does not let us subscribe; its code says why"
            raise ProviderRefused(message, origin=origin(self.query.operation), code=lost.code) from None
        asked = 0.0 if lost.retry_at is None else (lost.retry_at - self.ctx.now()).total_seconds()
        return max(self._pause(), asked)

    def _pause(self) -> float:
        """Grow the pause, and spread it: after a restart of the server, all its clients come back."""
        if self._stands_since is not None and self.ctx.now() - self._stands_since >= STABLE:
            self._failures = 0
        self._failures += 1
        pause = min(FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10), LONGEST_PAUSE)
        return pause * (0.5 + sum(self.ctx.secret().encode()) % 64 / 128)

    def _lost(self, code: str, what: str) -> ProviderUnavailable:
        return ProviderUnavailable(f"Kontist {what}; it is tried again", origin=origin(self.query.operation), code=code)

    def _fields(self, **more: object) -> dict[str, object]:
        ours = {"adapter": "kontist", "operation": self.query.operation, "connection_id": self.ctx.connection_id}
        return {**ours, **more}


class _TokenRefusedError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _is_final(code: str | None) -> bool:
    """Whether it would be the same the next time: a mistake in the protocol, or a handshake that was refused for good."""
    if code is None or not code.isdecimal() or len(code) != len("404"):
        return code in _MISTAKES
    return code < "500" and code not in _PASSING


async def watch(settings: KontistSettings, ctx: Context) -> AsyncGenerator[Signal, None]:
    """Signal every event, and every connect. Which account an event is about, Kontist does not tell."""
    async with aclosing(LiveStream(settings, ctx, NEW_TRANSACTION_SIGNAL).events()) as events:
        async for _ in events:
            yield Signal()
