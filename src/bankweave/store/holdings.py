"""Accounts, balances and parties as rows, and which stored account an observed one is."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bankweave.errors import StoreError
from bankweave.model import Account, Balance, ObservedAccount, Party
from bankweave.store import schema
from bankweave.store.base import Scope
from bankweave.store.scoping import account_ids_in

_table = schema.accounts
_balances = schema.balances
_parties = schema.parties

_Traits: TypeAlias = tuple[str, str] | None

_OBSERVED = tuple(field.name for field in fields(ObservedAccount))
_PARTY = tuple(field.name for field in fields(Party))
_BALANCE = tuple(field.name for field in fields(Balance) if field.name != "account_provider_id")


def save_accounts(
    db: sa.Connection, connection_id: str, observed: Sequence[ObservedAccount], at: datetime
) -> dict[str, str]:
    """Add or update accounts; returns their ids by provider id."""
    ids = _identify(db, connection_id, {account.provider_id: account for account in observed})
    rows = [
        {
            "id": ids[account.provider_id],
            "connection_id": connection_id,
            "updated_at": at,
            **_values(account, _OBSERVED),
        }
        for account in observed
    ]
    if rows:
        new = insert(_table)
        seen = {name: new.excluded[name] for name in (*_OBSERVED, "updated_at")}
        db.execute(new.on_conflict_do_update(index_elements=["id"], set_=seen), rows)
    return ids


def save_balances(
    db: sa.Connection, connection_id: str, balances: Sequence[Balance], account_ids: Mapping[str, str]
) -> None:
    stored = sa.select(_table.c.provider_id, _table.c.id).where(_table.c.connection_id == connection_id)
    ids = {row.provider_id: row.id for row in db.execute(stored)} | dict(account_ids)
    if any(balance.account_provider_id not in ids for balance in balances):
        raise StoreError("a balance names an account that its connection does not have; nothing was written")
    rows = [{"account_id": ids[balance.account_provider_id], **_values(balance, _BALANCE)} for balance in balances]
    if rows:
        new = insert(_balances)
        seen = {name: new.excluded[name] for name in _BALANCE}
        db.execute(new.on_conflict_do_update(index_elements=["account_id", "type"], set_=seen), rows)


def replace_parties(db: sa.Connection, connection_id: str, parties: Sequence[Party]) -> None:
    """Replace all parties of a connection; none given: the provider did not tell, and the stored ones stay."""
    if not parties:
        return
    db.execute(sa.delete(_parties).where(_parties.c.connection_id == connection_id))
    rows = [
        {"connection_id": connection_id, "position": position, **_values(party, _PARTY)}
        for position, party in enumerate(parties)
    ]
    db.execute(sa.insert(_parties), rows)


def listed(db: sa.Connection, scope: Scope) -> list[Account]:
    connections = schema.connections
    query = (
        sa.select(_table, connections.c.owner)
        .join(connections)
        .where(_table.c.id.in_(account_ids_in(scope)))
        .order_by(connections.c.created_at, connections.c.id, _table.c.provider_id)
    )
    return [Account(**row) for row in db.execute(query).mappings()]


def balances_of(db: sa.Connection, account_id: str) -> list[Balance]:
    columns = [_balances.c[name] for name in _BALANCE]
    query = sa.select(_table.c.provider_id.label("account_provider_id"), *columns).join(_table)
    found = query.where(_balances.c.account_id == account_id).order_by(_balances.c.type)
    return [Balance(**row) for row in db.execute(found).mappings()]


def parties_of(db: sa.Connection, connection_id: str) -> list[Party]:
    columns = [_parties.c[name] for name in _PARTY]
    query = sa.select(*columns).where(_parties.c.connection_id == connection_id).order_by(_parties.c.position)
    return [Party(**row) for row in db.execute(query).mappings()]


# Which stored account an observed one is ------------------------------------------------------------------------------


def _iban_and_currency(account: Any) -> _Traits:
    return (account.iban, account.currency) if account.iban else None


def _iban(account: Any) -> _Traits:
    return (account.iban, "") if account.iban else None


def _number_and_currency(account: Any) -> _Traits:
    return (account.number, account.currency) if account.number else None


# From the surest to the least sure. One IBAN may have a pocket in each of several currencies, hence the first.
_TRAITS: tuple[Callable[[Any], _Traits], ...] = (_iban_and_currency, _iban, _number_and_currency)


def _identify(db: sa.Connection, connection_id: str, observed: Mapping[str, ObservedAccount]) -> dict[str, str]:
    """Find the id of each observed account, by provider id; a new account gets a new one."""
    columns = _table.c.id, _table.c.provider_id, _table.c.iban, _table.c.number, _table.c.currency
    stored = db.execute(sa.select(*columns).where(_table.c.connection_id == connection_id)).all()
    ids = {row.provider_id: row.id for row in stored if row.provider_id in observed}
    for traits in _TRAITS:
        strangers = [account for account in observed.values() if account.provider_id not in ids]
        unclaimed = [row for row in stored if row.id not in ids.values()]
        ids |= _only_matches(strangers, unclaimed, traits)
    taken = {row.id for row in stored}
    return ids | {new: _new_id(connection_id, new, taken) for new in observed if new not in ids}


def _only_matches(
    strangers: Sequence[ObservedAccount], unclaimed: Sequence[Any], traits: Callable[[Any], _Traits]
) -> dict[str, str]:
    """Match what agrees in its traits with exactly one other: two cards that end alike are not guessed apart."""
    alike = Counter(traits(account) for account in strangers)
    rows = {traits(row): row.id for row in unclaimed}
    stored_alike = Counter(traits(row) for row in unclaimed)
    return {
        account.provider_id: rows[key]
        for account in strangers
        if (key := traits(account)) and alike[key] == stored_alike[key] == 1
    }


def _new_id(connection_id: str, provider_id: str, taken: Collection[str]) -> str:
    """Derive an id that a repeated first sight finds again; the usual one may belong to an account that was re-named."""
    attempts = (
        hashlib.blake2b(f"{connection_id}\0{provider_id}\0{attempt}".encode(), digest_size=16).hexdigest()
        for attempt in range(len(taken) + 1)
    )
    return next(candidate for candidate in attempts if candidate not in taken)


def _values(value: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}
