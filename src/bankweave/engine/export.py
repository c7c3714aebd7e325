"""A copy of everything that is stored of a person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from pydantic_core import from_json, to_jsonable_python

from bankweave.engine.parts import Parts
from bankweave.store.base import Scope, Store

Record = dict[str, Any]
_FLOW = ("id", "adapter", "connection_id", "purpose", "status", "created_at", "updated_at", "institution_id", "country")


async def export(parts: Parts, owner: str) -> AsyncIterator[Record]:
    """Yield one record after the other; only what the store itself keeps sealed is left out."""
    store, scope = parts.store, Scope(owner=owner)
    for part in (_connections(store, scope), _accounts(store, scope), _transactions(store, scope)):
        async for record in part:
            yield record
    for flow in await store.flows(scope):
        yield {"kind": "flow", **to_jsonable_python({name: getattr(flow, name) for name in _FLOW})}


async def _connections(store: Store, scope: Scope) -> AsyncIterator[Record]:
    for consent in await store.consents(scope):
        yield _record("consent", consent)
    for connection in await store.connections(scope):
        yield _record("connection", connection)
        for access in await store.accesses(connection.id):
            yield _record("access", access)
        for party in await store.parties(connection.id):
            yield _record("party", party)


async def _accounts(store: Store, scope: Scope) -> AsyncIterator[Record]:
    for account in await store.accounts(scope):
        yield _record("account", account)
        for balance in await store.balances(account.id):
            yield _record("balance", balance)


async def _transactions(store: Store, scope: Scope) -> AsyncIterator[Record]:
    async for transaction in store.transactions(scope):
        raw = await store.raw(transaction.id)
        yield {**_record("transaction", transaction), "raw": None if raw is None else from_json(raw)}


def _record(kind: str, row: object) -> Record:
    return {"kind": kind, **to_jsonable_python(row)}
