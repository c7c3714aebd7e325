"""Tokens: renewed early, by one at a time, and stored before they are used.

A refresh race loses tokens: two renew at once, the provider invalidates one, and a healthy connection looks dead. Here the
second waits and takes what the first got, in the same process (a lock) and in another one (a lease in the store).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import anyio
from pydantic import TypeAdapter, ValidationError

from bankweave.adapter import AnyAdapter, Context, Renewable, Token
from bankweave.clock import Clock
from bankweave.engine.lease import leased
from bankweave.engine.memory import Memory
from bankweave.engine.uninterrupted import uninterrupted
from bankweave.errors import (
    AccessRevoked,
    IncompatibleAdapter,
    Origin,
    ProviderUnavailable,
    UnknownConnection,
    Unsupported,
)
from bankweave.store.base import SealedGrant, Store
from bankweave.vault import Vault

if TYPE_CHECKING:
    from bankweave.engine.parts import Parts

EARLY = timedelta(seconds=60)  # renew this long before the end: a page must not meet it midway


_TOKENS: TypeAdapter[Token] = TypeAdapter(Token)


class SharedTokens:
    """The application's own tokens: fetched once for all who ask at the same time, in all processes, and cached sealed."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._tokens: dict[tuple[str, str], Token] = {}
        self._turns: defaultdict[tuple[str, str], anyio.Lock] = defaultdict(anyio.Lock)

    async def get(self, adapter: str, name: str, fetch: Callable[[], Awaitable[Token]], rejected: str | None) -> str:
        key = adapter, name
        async with self._turns[key]:
            known = self._usable(self._tokens.get(key), rejected)
            token = known or self._usable(await self._stored(key), rejected) or await self._fetch(key, fetch, rejected)
            self._tokens[key] = token
            return token.value

    async def _fetch(self, key: tuple[str, str], fetch: Callable[[], Awaitable[Token]], rejected: str | None) -> Token:
        """Fetch a token while no other process does; what that one got is taken instead."""
        async with leased(self._store, self._clock, "/".join(("shared", *key))) as ours:
            if not ours:
                message = "another process is still fetching the application's token; try again"
                raise ProviderUnavailable(message, origin=Origin(adapter=key[0], operation="shared_token"))
            token = self._usable(await self._stored(key), rejected)
            if token is None:
                token = await fetch()
                await self._keep(key, token)
            return token

    def _usable(self, token: Token | None, rejected: str | None) -> Token | None:
        return token if token is not None and is_usable(token, rejected, self._clock) else None

    async def _stored(self, key: tuple[str, str]) -> Token | None:
        text = await self._memory(key).recall(f"shared/{key[1]}")
        with suppress(ValidationError):  # of another version: as good as none; its text would carry the token along
            return None if text is None else _TOKENS.validate_json(text)
        return None

    async def _keep(self, key: tuple[str, str], token: Token) -> None:
        if token.expires_at is not None:  # else nobody could tell when it is of no use any more
            await self._memory(key).remember(f"shared/{key[1]}", _TOKENS.dump_json(token).decode())

    def _memory(self, key: tuple[str, str]) -> Memory:
        return Memory(self._store, self._vault, key[0])


class GrantKeeper:
    """One connection's grant: opened from the store, renewed when needed, written back before anyone uses it."""

    def __init__(self, connection_id: str, adapter: AnyAdapter, parts: Parts) -> None:
        self._connection_id = connection_id
        self._adapter = adapter
        self._store = parts.store
        self._vault = parts.vault
        self._clock = parts.clock
        self._turn = anyio.Lock()
        self._version = 0
        self._grant: Any = None

    async def load(self) -> Any:
        """Read the grant afresh. Raises `UnknownConnection` when there is none."""
        stored = await self._store.grant(self._connection_id)
        if stored is None:
            raise UnknownConnection("this connection has no grant; it was disconnected. Connect again")
        if stored.version != self._version:
            self._grant = self._read(self._vault.open(stored.sealed, record=grant_record(self._connection_id)))
            self._version = stored.version
        return self._grant

    def _read(self, plain: bytes) -> Any:
        with suppress(ValidationError):  # it would carry the grant along
            return self._adapter.grants.validate_json(plain)
        message = (
            f"the access of this connection was stored by another version of the {self._adapter.info.name} adapter;"
            " install that version again, or disconnect and connect again"
        )
        raise IncompatibleAdapter(message, origin=self._origin())

    async def access_token(self, ctx: Context, rejected: str | None) -> str:
        adapter = self._renewable()
        async with self._turn:
            token = adapter.access_token(await self.load())
            return token.value if is_usable(token, rejected, self._clock) else await self._renew(ctx, adapter, rejected)

    async def _renew(self, ctx: Context, adapter: Renewable[Any], rejected: str | None) -> str:
        async with leased(self._store, self._clock, f"grant/{self._connection_id}") as ours:
            if not ours:
                message = "another process is still renewing the access; try again"
                raise ProviderUnavailable(message, origin=self._origin())
            token = adapter.access_token(await self.load())
            if not is_usable(token, rejected, self._clock):
                await uninterrupted(lambda: self._renew_and_save(ctx, adapter))
                token = adapter.access_token(self._grant)
        if token.value == rejected:
            message = "the provider rejects the token that it has just issued; renew the connection"
            raise AccessRevoked(message, origin=self._origin())
        return token.value

    async def _renew_and_save(self, ctx: Context, adapter: Renewable[Any]) -> None:
        """An answer that is lost may be the only copy of the new token: not to be interrupted."""
        await self._save(await adapter.renew(ctx, self._grant))

    async def save(self, grant: Any) -> None:
        """Put a grant in the place of the stored one, whatever that has become meanwhile."""
        async with self._turn, leased(self._store, self._clock, f"grant/{self._connection_id}") as ours:
            if not ours:
                message = "another process is still renewing the access; try again"
                raise ProviderUnavailable(message, origin=self._origin())
            await self.load()
            with anyio.CancelScope(shield=True):
                await self._save(grant)

    async def _save(self, grant: Any) -> None:
        plain = self._adapter.grants.dump_json(grant)
        sealed = self._vault.seal(plain, record=grant_record(self._connection_id))
        saved = await self._store.save_grant(self._connection_id, SealedGrant(self._version + 1, sealed))
        if saved:
            self._grant, self._version = grant, self._version + 1
        else:  # a renew flow has finished meanwhile, and its grant is the newer one
            await self.load()

    def _renewable(self) -> Renewable[Any]:
        if not isinstance(self._adapter, Renewable):
            message = f"the {self._adapter.info.name} adapter has no access tokens to renew"
            raise Unsupported(message, origin=self._origin())
        return self._adapter

    def _origin(self) -> Origin:
        return Origin(adapter=self._adapter.info.name, operation="access_token", connection_id=self._connection_id)


def is_usable(token: Token, rejected: str | None, clock: Clock) -> bool:
    if token.value == rejected:
        return False
    return token.expires_at is None or clock.now() + EARLY < token.expires_at


def grant_record(connection_id: str) -> str:
    """What binds a sealed grant to its connection."""
    return f"grant/{connection_id}"
