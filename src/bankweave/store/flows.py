"""Flows as rows. Every write but the first is a compare-and-set on the version."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from bankweave.flow import TRANSITIONS, FlowRecord, FlowStatus, Purpose
from bankweave.store import schema
from bankweave.store.base import Scope
from bankweave.store.scoping import flows_in

_table = schema.flows
_names = tuple(field.name for field in fields(FlowRecord))


def add(db: sa.Connection, record: FlowRecord) -> None:
    db.execute(sa.insert(_table).values(_values(record)))


def save(db: sa.Connection, record: FlowRecord) -> bool:
    before = (_table.c.id == record.id) & (_table.c.version == record.version - 1)
    return db.execute(sa.update(_table).where(before).values(_values(record))).rowcount == 1


def forget_refreshes(db: sa.Connection, connection_id: str) -> None:
    over = [status for status, after in TRANSITIONS.items() if not after]
    mine = _table.c.connection_id == connection_id, _table.c.purpose == Purpose.REFRESH, _table.c.status.in_(over)
    db.execute(sa.delete(_table).where(*mine))


def find(db: sa.Connection, flow_id: str) -> FlowRecord | None:
    row = db.execute(sa.select(_table).where(_table.c.id == flow_id)).mappings().first()
    return FlowRecord(**row) if row else None


def find_by_correlation(db: sa.Connection, correlation: str) -> FlowRecord | None:
    newest_first = _table.c.created_at.desc(), _table.c.id.desc()
    found = sa.select(_table).where(_table.c.correlation == correlation).order_by(*newest_first).limit(1)
    row = db.execute(found).mappings().first()
    return FlowRecord(**row) if row else None


def listed(db: sa.Connection, scope: Scope, statuses: Collection[FlowStatus] | None) -> list[FlowRecord]:
    query = sa.select(_table).where(*flows_in(scope)).order_by(_table.c.created_at, _table.c.id)
    if statuses is not None:
        query = query.where(_table.c.status.in_(statuses))
    return [FlowRecord(**row) for row in db.execute(query).mappings()]


def _values(record: FlowRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _names}
