"""Long listings, read lazily: batch by batch, each batch a query of its own that goes on after the last row of the one before.

Between batches nothing is held open, so that a slow reader neither blocks writers nor keeps the log from being emptied.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from heapq import merge

import sqlalchemy as sa
from anyio.lowlevel import checkpoint

from bankweave.model import Change, Transaction, TransactionStatus
from bankweave.store import rows, schema
from bankweave.store.base import Scope
from bankweave.store.database import Database
from bankweave.store.prepared import Prepared
from bankweave.store.rows import Values
from bankweave.store.scoping import account_ids_in, connections_in

_BATCH = 500
_ROWS_HELD = 8_000  # over all accounts of a listing; each holds at least _SMALLEST_BATCH
_SMALLEST_BATCH = 8

_AFTER_ALL_DAYS = "~"  # sorts after every date

_table = schema.transactions
_changes = schema.changes

_ID, _DAY = 0, 2  # where they lie in rows.LISTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    since: date | None = None
    until: date | None = None
    status: TransactionStatus | None = None


async def transactions(database: Database, scope: Scope, wanted: Filter) -> AsyncIterator[Transaction]:
    """Live rows of all accounts in scope, newest first.

    Each account is walked along its own index and the walks are merged: one query over several accounts would sort all of
    their rows again for every batch.
    """
    with database.reading() as db:
        account_ids = db.execute(account_ids_in(scope)).scalars().all()
    size = max(_SMALLEST_BATCH, min(_BATCH, _ROWS_HELD // max(1, len(account_ids))))
    query = _walk_query(wanted)
    walks = [_walk(database, query, account_id, size) for account_id in account_ids]
    newest_first = walks[0] if len(walks) == 1 else merge(*walks, key=_place, reverse=True)
    for position, values in enumerate(newest_first):
        if position % _BATCH == 0:
            await checkpoint()  # let others run: nothing else here waits
        yield rows.read_transaction(values)


def newest_change(database: Database) -> int:
    with database.reading() as db:
        return db.execute(sa.select(sa.func.max(_changes.c.cursor))).scalar() or 0


async def changes(database: Database, scope: Scope, since: int) -> AsyncIterator[Change]:
    """The entries after a cursor up to the newest there is now, oldest first."""
    newest = newest_change(database)
    query = _changes_query(scope)
    while since < newest:
        await checkpoint()
        with database.reading() as db:
            batch = query.rows(db, after=since, newest=newest)
        for values in batch:
            yield rows.read_change(values)
        since = batch[-1][0] if len(batch) == _BATCH else newest


def _walk(database: Database, query: Prepared, account_id: str, size: int) -> Iterator[Values]:
    day, row_id = _AFTER_ALL_DAYS, ""
    while True:
        with database.reading() as db:
            batch = query.rows(db, account_id=account_id, before_day=day, before_id=row_id, size=size)
        yield from batch
        if len(batch) < size:
            return
        day, row_id = _place(batch[-1])


def _place(values: Values) -> tuple[str, str]:
    return values[_DAY], values[_ID]


def _walk_query(wanted: Filter) -> Prepared:
    before = sa.tuple_(_table.c.day, _table.c.id) < sa.tuple_(sa.bindparam("before_day"), sa.bindparam("before_id"))
    query = sa.select(*rows.LISTED).where(_table.c.account_id == sa.bindparam("account_id"), before)
    query = query.where(sa.text("removed = 0"), *_filters(wanted))
    return Prepared.of(query.order_by(_table.c.day.desc(), _table.c.id.desc()).limit(sa.bindparam("size")))


def _filters(wanted: Filter) -> Iterator[sa.ColumnElement[bool] | sa.TextClause]:
    if wanted.since is not None:
        yield _table.c.day >= wanted.since.isoformat()
    if wanted.until is not None:
        # a row without a day is not known to lie before any other
        yield _table.c.day.between("0", wanted.until.isoformat())
    if wanted.status is TransactionStatus.PENDING:
        yield sa.text("status = 'pending'")  # spelled out, so that the index of pending rows serves
    elif wanted.status is not None:
        yield _table.c.status == wanted.status.value


def _changes_query(scope: Scope) -> Prepared:
    entry = (_changes.c.cursor, _changes.c.kind, _changes.c.reason, _changes.c.connection_id, _changes.c.at)
    query = sa.select(*entry, *rows.LISTED).join(_table, _table.c.number == _changes.c.transaction_number)
    window = _changes.c.cursor > sa.bindparam("after"), _changes.c.cursor <= sa.bindparam("newest")
    query = query.where(*window, *_scope_filters(scope)).order_by(_changes.c.cursor)
    return Prepared.of(query.limit(_BATCH))


def _scope_filters(scope: Scope) -> Iterator[sa.ColumnElement[bool]]:
    # The plus keeps SQLite on the order of the stream: by connection, it would sort all entries again for every batch.
    if scope != Scope():
        wanted = sa.select(schema.connections.c.id).where(*connections_in(scope))
        yield sa.literal_column("+changes.connection_id", sa.Text).in_(wanted)
    if scope.account_id is not None:
        yield sa.literal_column("+transactions.account_id", sa.Text) == scope.account_id
