"""An adapter at work for one connection that exists: what every call outside a flow needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bankweave.adapter import AnyAdapter, Context
from bankweave.engine.accesses import Accesses
from bankweave.engine.origin import located
from bankweave.engine.parts import Parts
from bankweave.engine.tokens import GrantKeeper
from bankweave.errors import Origin, UnknownConnection, Unsupported
from bankweave.model import Account, Connection
from bankweave.store.base import Scope


@dataclass(frozen=True, slots=True)
class Bound:
    connection: Connection
    adapter: AnyAdapter
    ctx: Context
    keeper: GrantKeeper
    accesses: Accesses

    @asynccontextmanager
    async def asking(self, what: str, account_id: str | None = None) -> AsyncIterator[Any]:
        """Ask the provider for something, under the grant that is handed out: in the access log, and located if it fails."""
        await self.accesses.note(self.accesses.entry(what, account_id))
        with located(self.connection.adapter, self.connection.id):
            yield await self.keeper.load()

    def unsupported(self, feature: str) -> Unsupported:
        """The error for what this provider cannot do."""
        message = f"{self.adapter.info.title} has no {feature} in bankweave; adapters() shows who has"
        return Unsupported(message, origin=Origin(adapter=self.connection.adapter, connection_id=self.connection.id))


def bind(parts: Parts, connection: Connection) -> Bound:
    """Raises `UnknownConnection` for one that was de-identified: nobody has an access to it any more."""
    if connection.is_de_identified:
        raise UnknownConnection("this connection was de-identified, and has no access any more. Connect again")
    adapter = parts.providers.get(connection.adapter).adapter
    keeper = GrantKeeper(connection.id, adapter, parts)
    ctx = parts.providers.context(connection.adapter, connection.owner, connection.id, keeper)
    return Bound(connection, adapter, ctx, keeper, Accesses(parts, connection.id))


async def bind_account(parts: Parts, account_id: str) -> tuple[Bound, Account]:
    """Bind the connection of an account. Raises `UnknownConnection`."""
    accounts = await parts.store.accounts(Scope(account_id=account_id))
    connection = await parts.store.connection(accounts[0].connection_id) if accounts else None
    if connection is None:
        raise UnknownConnection("there is no account with this id; list them with accounts()")
    return bind(parts, connection), accounts[0]
