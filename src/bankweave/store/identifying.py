"""Taking out of the rows of a connection whatever tells whose they are. Amounts, days and kinds stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bankweave.model import ChangeKind, Consent
from bankweave.store import connections, schema

_accounts = schema.accounts
_connections = schema.connections
_consents = schema.consents
_transactions = schema.transactions

REASON = "de-identified"  # of the changes that tell followers

_TELLING = ("provider_id", "counterparty_name", "counterparty_iban", "end_to_end_id", "mandate_id", "labels")
_DELETED = (schema.grants, schema.quota_uses, schema.streams, schema.parties)


def remove(db: sa.Connection, connection_id: str, at: datetime) -> None:
    """De-identify a connection and leave it to nobody; its flows, its access and the providers' own records go."""
    owned = db.execute(
        sa.select(_connections.c.adapter, _connections.c.owner).where(_connections.c.id == connection_id)
    ).first()
    if owned is None or owned.owner == connections.NOBODY:
        return
    connections.end_flows_and_leases(db, connection_id)
    for table in _DELETED:
        db.execute(sa.delete(table).where(table.c.connection_id == connection_id))
    _strip_transactions(db, connection_id, at)
    _strip_accounts(db, connection_id)
    _strip_consents(db, connection_id)
    connections.forget_unneeded(db, owned.adapter, owned.owner)


def _strip_transactions(db: sa.Connection, connection_id: str, at: datetime) -> None:
    theirs = sa.select(_accounts.c.id).where(_accounts.c.connection_id == connection_id)
    numbers = sa.select(_transactions.c.number).where(_transactions.c.account_id.in_(theirs))
    db.execute(sa.delete(schema.raws).where(schema.raws.c.transaction_number.in_(numbers)))
    # An identity may be the provider's id, and it and the digest are made of the very texts that are to go.
    blank: dict[sa.Column[Any], Any] = {
        _transactions.c.identity: _transactions.c.id,
        _transactions.c.ordinal: 0,
        _transactions.c.digest: b"",
        _transactions.c.remittance_information: (),
        **_emptied(_transactions, _TELLING),
    }
    db.execute(sa.update(_transactions).where(_transactions.c.account_id.in_(theirs)).values(blank))
    _tell_followers(db, connection_id, numbers.where(_transactions.c.removed.is_(False)), at)


def _tell_followers(db: sa.Connection, connection_id: str, numbers: sa.Select[int], at: datetime) -> None:
    changes = schema.changes
    told = {
        changes.c.connection_id: connection_id,
        changes.c.kind: ChangeKind.MODIFIED,
        changes.c.reason: REASON,
        changes.c.at: at,
    }
    values = [sa.literal(value, column.type) for column, value in told.items()]
    rows = numbers.add_columns(*values).order_by(_transactions.c.number)
    db.execute(sa.insert(changes).from_select([changes.c.transaction_number, *told], rows))


def _strip_accounts(db: sa.Connection, connection_id: str) -> None:
    blank = {
        _accounts.c.provider_id: _accounts.c.id,
        **_emptied(_accounts, ("name", "iban", "bic", "number", "owner_name")),
    }
    db.execute(sa.update(_accounts).where(_accounts.c.connection_id == connection_id).values(blank))


def _strip_consents(db: sa.Connection, connection_id: str) -> None:
    """Keep what was allowed and when, as the proof of it; not by which name the provider knows it."""
    for row in db.execute(sa.select(_consents).where(_consents.c.connection_id == connection_id)).all():
        nameless = _nameless(row.consent)
        db.execute(sa.update(_consents).where(_consents.c.number == row.number).values(consent=nameless))
    last = db.execute(sa.select(_connections.c.consent).where(_connections.c.id == connection_id)).scalar()
    blank = {
        _connections.c.owner: connections.NOBODY,
        _connections.c.consent: _nameless(last) if last else None,
        **_emptied(_connections, ("subject", "unpulled_since", "due_since")),
    }
    db.execute(sa.update(_connections).where(_connections.c.id == connection_id).values(blank))


def _nameless(consent: Consent) -> Consent:
    return replace(consent, provider_id=None)


def _emptied(table: sa.Table, names: Iterable[str]) -> dict[sa.Column[Any], Any]:
    return {table.c[name]: sa.null() for name in names}
