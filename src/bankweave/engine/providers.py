"""The adapters of one program, made when first used, each with its gate and its context."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx

from bankweave.adapter import AnyAdapter, Http, Token
from bankweave.clock import Clock
from bankweave.engine.lease import leased
from bankweave.engine.memory import Memory
from bankweave.engine.tokens import GrantKeeper, SharedTokens
from bankweave.engine.uninterrupted import uninterrupted
from bankweave.errors import Origin, ProviderUnavailable, RateLimited, UnknownConnection, Unsupported
from bankweave.http import Gate, check_origin
from bankweave.quota import Throttle
from bankweave.registry import Registry
from bankweave.store.base import Store
from bankweave.transport import make_transport
from bankweave.vault import Vault


@dataclass(frozen=True, slots=True)
class Provider:
    """An adapter and the one way out that it has."""

    adapter: AnyAdapter
    http: Http


class Providers:
    """Makes providers from settings, and contexts for them."""

    def __init__(
        self,
        registry: Registry,
        settings: Mapping[str, Mapping[str, Any]],
        store: Store,
        vault: Vault,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.registry = registry
        self._settings = settings
        self._store = store
        self._vault = vault
        self._clock = clock
        self._transport = transport
        self._made: dict[str, Provider] = {}
        self._shared_tokens = SharedTokens(store, vault, clock)

    def get(self, name: str) -> Provider:
        """Raises `ConfigurationError` (`UnknownAdapter`, a setting that is missing or wrong)."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def context(self, name: str, owner: str, connection_id: str, grant: GrantKeeper | None = None) -> AdapterContext:
        return AdapterContext(
            adapter=name,
            owner=owner,
            connection_id=connection_id,
            http=self.get(name).http,
            clock=self._clock,
            store=self._store,
            vault=self._vault,
            tokens=self._shared_tokens,
            grant=grant,
        )

    async def close(self) -> None:
        if self._transport is not None:
            await self._transport.aclose()

    def _make(self, name: str) -> Provider:
        adapter = self.registry.make(name, self._settings.get(name, {}))
        for origin in adapter.origins:
            check_origin(f"the address {origin} of adapter {name!r}", origin)
        self._transport = self._transport or make_transport()
        throttle = Throttle(adapter.info.limits, self._clock)
        gate = Gate(name, adapter.origins, transport=self._transport, clock=self._clock, throttle=throttle)
        return Provider(adapter, gate)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterContext:
    """What an adapter is handed. Fulfils `bankweave.adapter.Context`."""

    adapter: str
    owner: str
    connection_id: str
    http: Http
    clock: Clock
    store: Store
    vault: Vault
    tokens: SharedTokens
    grant: GrantKeeper | None

    def now(self) -> datetime:
        return self.clock.now()

    async def sleep(self, seconds: float) -> None:
        await self.clock.sleep(seconds)

    def secret(self) -> str:
        return secrets.token_urlsafe(32)

    async def access_token(self, rejected: str | None = None) -> str:
        if self.grant is None:
            raise self._no_grant("access_token")
        return await self.grant.access_token(self, rejected)

    async def save_grant(self, grant: Any) -> None:
        if self.grant is None:
            raise self._no_grant("save_grant")
        await self.grant.save(grant)

    async def shared_token(self, name: str, fetch: Callable[[], Awaitable[Token]], rejected: str | None = None) -> str:
        return await self.tokens.get(self.adapter, name, fetch, rejected)

    async def use_quota(self, name: str, *, at_most: int, within: timedelta) -> None:
        if self.grant is None:
            raise self._no_grant("use_quota")
        now = self.clock.now()
        free_at = await self.store.use_quota(self.connection_id, name, now, at_most=at_most, within=within)
        if free_at is not None:
            origin = Origin(adapter=self.adapter, operation=name, connection_id=self.connection_id)
            hours = within.total_seconds() / 3600
            message = f"what the provider allows {at_most} times in {hours:g} hours was done so often; try again later"
            raise RateLimited(message, origin=origin, code="quota", retry_at=free_at)

    async def recall(self, name: str) -> str | None:
        return await self._memory.recall(name)

    async def remember(self, name: str, value: str) -> None:
        if self.grant is not None and await self.store.grant(self.connection_id) is None:
            message = "the connection was disconnected or de-identified meanwhile; nothing was remembered"
            raise UnknownConnection(message, origin=Origin(adapter=self.adapter, connection_id=self.connection_id))
        await self._memory.remember(name, value)

    async def remember_once(self, name: str, make: Callable[[], Awaitable[str]], *, unless: str | None = None) -> str:
        known = await self.recall(name)
        if known not in {None, unless}:
            return known
        whose = sha256(self.owner.encode()).hexdigest()[:16]  # the lease of a killed process must not tell whose it was
        async with leased(self.store, self.clock, f"once/{self.adapter}/{whose}/{name}") as ours:
            if not ours:
                origin = Origin(adapter=self.adapter, operation="remember_once")
                raise ProviderUnavailable("another process is still at this; try again", origin=origin)
            known = await self.recall(name)
            if known not in {None, unless}:
                return known
            return await uninterrupted(lambda: self._make_and_remember(name, make))

    async def _make_and_remember(self, name: str, make: Callable[[], Awaitable[str]]) -> str:
        """What the provider has made is known to nobody until it is kept: not to be interrupted."""
        made = await make()
        await self.remember(name, made)
        return made

    @property
    def _memory(self) -> Memory:
        return Memory(self.store, self.vault, self.adapter, self.owner)

    def _no_grant(self, operation: str) -> Unsupported:
        message = f"{operation}() serves connections that exist, not flows that make one"
        return Unsupported(message, origin=Origin(adapter=self.adapter, operation=operation))
