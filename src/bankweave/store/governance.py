"""What a person allowed, and what was done under it: histories that only grow, until their connection is erased."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from bankweave.model import Access, Consent, ConsentRecord
from bankweave.store import schema
from bankweave.store.base import Scope
from bankweave.store.scoping import connections_in

_consents = schema.consents
_accesses = schema.accesses
_connections = schema.connections


def note_consent(db: sa.Connection, connection_id: str, consent: Consent, at: datetime) -> None:
    """Add an entry, unless the consent stands as it stood."""
    newest = sa.select(_consents.c.consent).where(_consents.c.connection_id == connection_id)
    last = db.execute(newest.order_by(_consents.c.number.desc()).limit(1)).scalar()
    if last != consent:
        db.execute(sa.insert(_consents).values(connection_id=connection_id, since=at, consent=consent))


def consents(db: sa.Connection, scope: Scope) -> list[ConsentRecord]:
    """Every entry, oldest first within its connection, each with the instant at which the next replaced it."""
    of_scope = sa.select(_connections.c.id).where(*connections_in(scope))
    query = sa.select(_consents).where(_consents.c.connection_id.in_(of_scope))
    rows = list(db.execute(query.order_by(_consents.c.connection_id, _consents.c.number)).mappings())
    return [_record(row, following) for row, following in pairwise([*rows, None]) if row is not None]


def _record(row: Any, following: Any) -> ConsentRecord:
    replaced = following is not None and following["connection_id"] == row["connection_id"]
    return ConsentRecord(**row, until=following["since"] if replaced else None)


def note_accesses(db: sa.Connection, accesses: Iterable[Access]) -> None:
    """Add entries, each under the consent that stands at its connection."""
    for access in accesses:
        standing = sa.select(sa.func.max(_consents.c.number)).where(_consents.c.connection_id == access.connection_id)
        db.execute(
            sa.insert(_accesses).values(
                connection_id=access.connection_id,
                at=access.at,
                actor=access.actor,
                what=access.what,
                account_id=access.account_id,
                rows=access.rows,
                consent_number=standing.scalar_subquery(),
            )
        )


def accesses(db: sa.Connection, connection_id: str) -> list[Access]:
    """Oldest first."""
    fields = [column for column in _accesses.c if column.name != "number"]
    query = sa.select(*fields).where(_accesses.c.connection_id == connection_id).order_by(_accesses.c.number)
    return [Access(**row) for row in db.execute(query).mappings()]
