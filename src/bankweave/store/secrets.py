"""Every encrypted secret of the store, whatever table it is in."""

from __future__ import annotations

import sqlalchemy as sa

from bankweave.store import schema
from bankweave.store.base import Sealed

_TABLES = {"grant": schema.grants, "flow": schema.flows, "memory": schema.secrets}  # in each, the primary key names it


def every(db: sa.Connection) -> list[Sealed]:
    return [secret for kind, table in _TABLES.items() for secret in _of(db, kind, table)]


def replace(db: sa.Connection, old: Sealed, sealed: bytes) -> bool:
    table = _TABLES[old.kind]
    same = [column == value for column, value in zip(table.primary_key, old.key, strict=True)]
    changed = db.execute(sa.update(table).where(*same, table.c.sealed == old.sealed).values(sealed=sealed))
    return changed.rowcount == 1


def _of(db: sa.Connection, kind: str, table: sa.Table) -> list[Sealed]:
    rows = db.execute(sa.select(*table.primary_key, table.c.sealed).where(table.c.sealed != b""))
    return [Sealed(kind=kind, key=tuple(key), sealed=sealed) for *key, sealed in rows]
