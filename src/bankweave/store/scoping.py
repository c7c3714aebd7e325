"""Which rows a `Scope` means, as conditions of a query."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, Select, select

from bankweave.store.base import Scope
from bankweave.store.schema import accounts, connections, flows


def connections_in(scope: Scope) -> list[ColumnElement[bool]]:
    """Narrow a query over connections."""
    wanted = {connections.c.owner: scope.owner, connections.c.adapter: scope.adapter}
    return [*_equal(wanted), *_connection(connections.c.id, scope)]


def flows_in(scope: Scope) -> list[ColumnElement[bool]]:
    """Narrow a query over flows. A flow is about a connection: of an account, those of its connection are meant."""
    wanted = {flows.c.owner: scope.owner, flows.c.adapter: scope.adapter}
    return [*_equal(wanted), *_connection(flows.c.connection_id, scope)]


def account_ids_in(scope: Scope) -> Select[str]:
    query = select(accounts.c.id).join(connections)
    if scope.account_id is not None:
        query = query.where(accounts.c.id == scope.account_id)
    return query.where(*connections_in(scope))


def _connection(column: ColumnElement[str], scope: Scope) -> list[ColumnElement[bool]]:
    found = [] if scope.connection_id is None else [column == scope.connection_id]
    if scope.subject is not None:
        found.append(column.in_(select(connections.c.id).where(connections.c.subject == scope.subject)))
    if scope.account_id is not None:
        found.append(column.in_(select(accounts.c.connection_id).where(accounts.c.id == scope.account_id)))
    return found


def _equal(wanted: dict[Column[str], str | None]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in wanted.items() if value is not None]
