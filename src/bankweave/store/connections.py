"""Connections, their grants, the secrets of owners, and leases, as rows."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bankweave.errors import StoreError, UnknownConnection
from bankweave.model import Connection, Consent
from bankweave.store import governance, schema
from bankweave.store.base import Scope, SealedGrant
from bankweave.store.scoping import connections_in

_table = schema.connections
_grants = schema.grants
_secrets = schema.secrets
_leases = schema.leases
_flows = schema.flows

_FIELDS = tuple(column for column in _table.c if column.name not in {"unpulled_since", "due_since"})
_KEPT_WHERE_NEW_IS_NONE = ("institution_id", "institution_name", "consent", "subject")

NOBODY = ""  # the owner of what was de-identified; of secrets, the application itself


def save(db: sa.Connection, connection: Connection, grant: bytes, at: datetime, *, over: int | None = None) -> None:
    """Add or update a connection with its grant (only over that version, if given), and mark that it has data to pull."""
    values = {column.name: getattr(connection, column.name) for column in _FIELDS}
    new = insert(_table).values(unpulled_since=at, **values)
    kept = {name: sa.func.coalesce(new.excluded[name], _table.c[name]) for name in _KEPT_WHERE_NEW_IS_NONE}
    # A connection never changes hands: a flow that claims one of another owner writes nothing.
    same = sa.and_(_table.c.owner == connection.owner, _table.c.adapter == connection.adapter)
    update = {**kept, "unpulled_since": at}
    saved = db.execute(new.on_conflict_do_update(index_elements=["id"], set_=update, where=same))
    if saved.rowcount != 1:
        raise StoreError("a flow tried to renew the connection of another owner or adapter; nothing was written")
    first = insert(_grants).values(connection_id=connection.id, version=1, sealed=grant)
    again = {"version": _grants.c.version + 1, "sealed": grant}
    unchanged = None if over is None else _grants.c.version == over
    db.execute(first.on_conflict_do_update(index_elements=["connection_id"], set_=again, where=unchanged))
    if connection.consent is not None:
        governance.note_consent(db, connection.id, connection.consent, at)


def find(db: sa.Connection, connection_id: str) -> Connection | None:
    row = db.execute(sa.select(*_FIELDS).where(_table.c.id == connection_id)).mappings().first()
    return Connection(**row) if row else None


def check_owned(db: sa.Connection, connection_id: str) -> None:
    """Refuse to write what tells of a person to a connection that was erased or de-identified meanwhile."""
    if not db.execute(sa.select(_table.c.owner).where(_table.c.id == connection_id)).scalar():
        raise UnknownConnection("the connection was disconnected or de-identified meanwhile; nothing was written")


def listed(db: sa.Connection, scope: Scope) -> list[Connection]:
    query = sa.select(*_FIELDS).where(*connections_in(scope)).order_by(_table.c.created_at, _table.c.id)
    return [Connection(**row) for row in db.execute(query).mappings()]


def unpulled_since(db: sa.Connection, connection_id: str) -> datetime | None:
    since: datetime | None = db.execute(sa.select(_table.c.unpulled_since).where(_table.c.id == connection_id)).scalar()
    return since


def mark_pulled(db: sa.Connection, connection_id: str) -> None:
    db.execute(sa.update(_table).where(_table.c.id == connection_id).values(unpulled_since=None))


def mark_synced(db: sa.Connection, connection_id: str, at: datetime) -> None:
    db.execute(sa.update(_table).where(_table.c.id == connection_id).values(synced_at=at))


def save_consent(db: sa.Connection, connection_id: str, consent: Consent, at: datetime) -> None:
    owned = (_table.c.id == connection_id) & (_table.c.owner != NOBODY)
    told = db.execute(sa.update(_table).where(owned).values(consent=consent))
    if told.rowcount == 1:
        governance.note_consent(db, connection_id, consent, at)


def mark_due(db: sa.Connection, connection_id: str, at: datetime) -> None:
    db.execute(sa.update(_table).where(_table.c.id == connection_id).values(due_since=at))


def due(db: sa.Connection, scope: Scope) -> dict[str, datetime]:
    query = sa.select(_table.c.id, _table.c.due_since).where(_table.c.due_since.is_not(None), *connections_in(scope))
    return {row.id: row.due_since for row in db.execute(query)}


def settle_due(db: sa.Connection, connection_id: str, since: datetime) -> None:
    """Take a mark away, if it is still the one of that instant."""
    same = (_table.c.id == connection_id) & (_table.c.due_since == since)
    db.execute(sa.update(_table).where(same).values(due_since=None))


def find_grant(db: sa.Connection, connection_id: str) -> SealedGrant | None:
    row = db.execute(
        sa.select(_grants.c.version, _grants.c.sealed).where(_grants.c.connection_id == connection_id)
    ).first()
    return SealedGrant(version=row.version, sealed=row.sealed) if row else None


def save_grant(db: sa.Connection, connection_id: str, grant: SealedGrant) -> bool:
    before = (_grants.c.connection_id == connection_id) & (_grants.c.version == grant.version - 1)
    written = db.execute(sa.update(_grants).where(before).values(version=grant.version, sealed=grant.sealed))
    return written.rowcount == 1


def erase(db: sa.Connection, connection_id: str) -> None:
    """Delete a connection, its flows and leases, and what nothing of its owner needs any more."""
    owners = _owners(db, connection_id)
    if not owners:
        return
    end_flows_and_leases(db, connection_id)
    db.execute(sa.delete(_table).where(_table.c.id == connection_id))
    for adapter, owner in owners:
        forget_unneeded(db, adapter, owner)


def end_flows_and_leases(db: sa.Connection, connection_id: str) -> None:
    db.execute(sa.delete(_flows).where(_flows.c.connection_id == connection_id))
    db.execute(sa.delete(_leases).where(_leases.c.name.contains(connection_id, autoescape=True)))


def erase_owner(db: sa.Connection, owner: str) -> None:
    """Delete an owner's connections, flows, and the secrets remembered for them."""
    for connection in listed(db, Scope(owner=owner)):
        erase(db, connection.id)
    db.execute(sa.delete(_flows).where(_flows.c.owner == owner))
    db.execute(sa.delete(_secrets).where(_secrets.c.owner == owner))


def adapters_of(db: sa.Connection, owner: str) -> list[str]:
    found = [sa.select(table.c.adapter).where(table.c.owner == owner) for table in (_table, _flows, _secrets)]
    return sorted(db.execute(sa.union(*found)).scalars())


def recall(db: sa.Connection, adapter: str, owner: str, name: str) -> bytes | None:
    found = _secrets.c.adapter == adapter, _secrets.c.owner == owner, _secrets.c.name == name
    return db.execute(sa.select(_secrets.c.sealed).where(*found)).scalar()


def remember(db: sa.Connection, adapter: str, owner: str, name: str, sealed: bytes) -> None:
    new = insert(_secrets).values(adapter=adapter, owner=owner, name=name, sealed=sealed)
    db.execute(new.on_conflict_do_update(index_elements=["adapter", "owner", "name"], set_={"sealed": sealed}))


def take_lease(db: sa.Connection, name: str, holder: str, now: datetime, until: datetime) -> bool:
    new = insert(_leases).values(name=name, holder=holder, until=until)
    free = sa.or_(_leases.c.holder == holder, _leases.c.until <= now)
    taken = db.execute(
        new.on_conflict_do_update(index_elements=["name"], set_={"holder": holder, "until": until}, where=free)
    )
    return taken.rowcount == 1


def release_lease(db: sa.Connection, name: str, holder: str) -> None:
    db.execute(sa.delete(_leases).where(_leases.c.name == name, _leases.c.holder == holder))


def _owners(db: sa.Connection, connection_id: str) -> set[tuple[str, str]]:
    by_connection = sa.select(_table.c.adapter, _table.c.owner).where(_table.c.id == connection_id)
    by_flow = sa.select(_flows.c.adapter, _flows.c.owner).where(_flows.c.connection_id == connection_id)
    return {(row.adapter, row.owner) for row in db.execute(by_connection.union(by_flow))}


def forget_unneeded(db: sa.Connection, adapter: str, owner: str) -> None:
    """Delete an owner's secrets at an adapter when no connection and no flow of theirs is left there."""
    if owner == NOBODY:  # those are the application's
        return
    needed = [sa.exists().where(table.c.adapter == adapter, table.c.owner == owner) for table in (_table, _flows)]
    theirs = (_secrets.c.adapter == adapter) & (_secrets.c.owner == owner)
    db.execute(sa.delete(_secrets).where(theirs, ~sa.or_(*needed)))
