"""Transactions, the stream of their changes, and how far streams were read: what a sync reads and writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import compress, groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from bankweave.errors import StoreError
from bankweave.model import ChangeKind
from bankweave.store import rows, schema
from bankweave.store.base import Known, StreamState, Write
from bankweave.store.columns import instant_text
from bankweave.store.prepared import Prepared

_table = schema.transactions
_streams = schema.streams
_account = _table.c.account_id == sa.bindparam("account_id")

_STATE = tuple(field.name for field in fields(StreamState))
_IDENTITIES_AT_ONCE = 500  # well below SQLite's limit of parameters, and a page's usual size
_IDENTITIES_STEP = 50  # fewer are filled up to a multiple of this, so that few statements are ever compiled


def stream_state(db: sa.Connection, connection_id: str, stream_id: str) -> StreamState:
    found = _streams.c.connection_id == connection_id, _streams.c.stream_id == stream_id
    row = db.execute(sa.select(*(_streams.c[name] for name in _STATE)).where(*found)).mappings().first()
    return StreamState(**row) if row else StreamState()


def known(db: sa.Connection, account_id: str, identities: Collection[str]) -> list[Known]:
    ordered = sorted(set(identities))
    found: list[Known] = []
    for start in range(0, len(ordered), _IDENTITIES_AT_ONCE):
        found += _known_of(db, account_id, ordered[start : start + _IDENTITIES_AT_ONCE])
    return found


def expected(db: sa.Connection, account_id: str, since: date | None) -> list[Known]:
    day = since.isoformat() if since else ""
    return [rows.read_known(values) for values in _EXPECTED.rows(db, account_id=account_id, day=day)]


def raw(db: sa.Connection, transaction_id: str) -> bytes | None:
    return db.execute(sa.select(schema.raws.c.raw).join(_table).where(_table.c.id == transaction_id)).scalar()


def save_stream_state(db: sa.Connection, connection_id: str, stream_id: str, state: StreamState) -> None:
    values = {name: getattr(state, name) for name in _STATE}
    new = insert(_streams).values(connection_id=connection_id, stream_id=stream_id, **values)
    db.execute(new.on_conflict_do_update(index_elements=["connection_id", "stream_id"], set_=values))


def write_all(db: sa.Connection, connection_id: str, writes: Sequence[Write], at: datetime) -> None:
    """Write rows in the order given, their raw records, and one entry each in the stream of changes."""
    _check_accounts(db, connection_id, {write.account_id for write in writes})
    for kind, of_one_kind in groupby(writes, key=attrgetter("kind")):
        _write_rows(db, kind, list(of_one_kind))
    _KEEP_RAW.write(db, [(write.raw, write.id) for write in writes if write.raw is not None])
    instant = instant_text(at)
    _NOTE_CHANGE.write(db, [(connection_id, write.id, write.kind.value, write.reason, instant) for write in writes])


def _known_of(db: sa.Connection, account_id: str, identities: Sequence[str]) -> Iterator[Known]:
    room = -len(identities) % _IDENTITIES_STEP
    padded = list(identities) + list(identities[-1:]) * room
    names = {f"identity_{position}": identity for position, identity in enumerate(padded)}
    found = _known_query(len(padded)).rows(db, account_id=account_id, **names)
    return map(rows.read_known, found)


@cache
def _known_query(count: int) -> Prepared:
    # A list of parameters and not one JSON array: SQLite's JSON functions cut texts at a NUL.
    listed = _table.c.identity.in_([sa.bindparam(f"identity_{position}") for position in range(count)])
    query = sa.select(*rows.KNOWN).where(_account, listed)
    return Prepared.of(query.order_by(_table.c.identity, _table.c.ordinal))


def _check_accounts(db: sa.Connection, connection_id: str, account_ids: AbstractSet[str]) -> None:
    theirs = sa.select(schema.accounts.c.id).where(schema.accounts.c.connection_id == connection_id)
    if not account_ids <= set(db.execute(theirs).scalars()):
        raise StoreError(
            "rows were to be written to an account that their connection does not have; nothing was written"
        )


def _write_rows(db: sa.Connection, kind: ChangeKind, writes: Sequence[Write]) -> None:
    if kind is ChangeKind.REMOVED:
        reached = _REMOVE.write(db, [(write.id, write.account_id) for write in writes])
    elif kind is ChangeKind.MODIFIED:
        reached = _MODIFY.write(db, [(*rows.written_values(write), write.id, write.account_id) for write in writes])
    else:
        reached = _add(db, [(write.id, write.account_id, *rows.written_values(write)) for write in writes])
    if reached != len(writes):
        raise StoreError("a change names a row that its account does not have; nothing was written")


def _add(db: sa.Connection, values: Sequence[rows.Values]) -> int:
    """Add rows without the columns in which none of them has a value: sqlite3 takes twice as long over None as over a text."""
    columns = list(zip(*values, strict=True))
    given = tuple(column.count(None) < len(column) for column in columns)
    return _add_given(given).write(db, list(zip(*compress(columns, given), strict=True)))


@lru_cache(maxsize=256)  # what a bank leaves out, it leaves out of every row: there are few
def _add_given(given: tuple[bool, ...]) -> Prepared:
    columns = compress((_table.c.id, _table.c.account_id, *rows.WRITTEN), given)
    new = insert(_table).values({column: sa.bindparam(column.name) for column in columns})
    # A row that reappears revives its tombstone; one whose id is taken in another account reaches nothing.
    same = _table.c.account_id == new.excluded.account_id
    again = {column.name: new.excluded[column.name] for column in rows.WRITTEN}
    return Prepared.of(new.on_conflict_do_update(index_elements=["id"], set_=again, where=same))


def _expected() -> sa.ClauseElement:
    live = sa.select(*rows.KNOWN).where(_account, sa.text("removed = 0"))
    pending = live.where(sa.text("status = 'pending'"))
    dated = live.where(sa.text("status <> 'pending'"), _table.c.day >= sa.bindparam("day"))
    return sa.union_all(pending, dated)


def _keep_raw() -> sa.ClauseElement:
    number = sa.select(_table.c.number, sa.bindparam("raw")).where(_named)
    new = insert(schema.raws).from_select(["transaction_number", "raw"], number)
    return new.on_conflict_do_update(index_elements=["transaction_number"], set_={"raw": new.excluded.raw})


def _note_change() -> sa.ClauseElement:
    given: dict[str, sa.BindParameter[Any]] = {
        name: sa.bindparam(name) for name in ("connection_id", "kind", "reason", "at")
    }
    number = sa.select(_table.c.number).where(_named).scalar_subquery()
    return sa.insert(schema.changes).values(transaction_number=number, **given)


_named = _table.c.id == sa.bindparam("transaction_id")
_new_content: dict[sa.Column[Any], sa.BindParameter[Any]] = {
    column: sa.bindparam(f"new_{column.name}") for column in rows.WRITTEN
}

_MODIFY = Prepared.of(sa.update(_table).where(_named, _account).values(_new_content))
_REMOVE = Prepared.of(sa.update(_table).where(_named, _account).values(removed=sa.true()))
_KEEP_RAW = Prepared.of(_keep_raw())
_NOTE_CHANGE = Prepared.of(_note_change())
_EXPECTED = Prepared.of(_expected())
