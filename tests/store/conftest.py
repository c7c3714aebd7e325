"""Stores to test, and the few steps that most tests begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bankweave.flow import FlowRecord, FlowStatus, Purpose
from bankweave.model import (
    ChangeKind,
    Connection,
    Consent,
    ConsentStatus,
    ObservedAccount,
    ObservedTransaction,
    TransactionStatus,
)
from bankweave.store.base import Scope, Store, StreamState, Write
from bankweave.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Clock:
    """A clock that tests move."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **delta: float) -> datetime:
        self.at += timedelta(**delta)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


# The contract is tested on every one of these.
STORES: dict[str, Callable[[Path, Clock], Store]] = {
    "sqlite-file": lambda directory, clock: SqliteStore.open(directory / "bank.db", now=clock),
    "sqlite-memory": lambda _directory, clock: SqliteStore.open(":memory:", now=clock),
}


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    opened = STORES[request.param](tmp_path, clock)
    yield opened
    await opened.close()


class Given:
    """Puts a store into a state."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def flow(self, flow_id: str = "f-1", **changes: Any) -> FlowRecord:
        flow = FlowRecord(
            id=flow_id,
            adapter="kontist",
            owner="anna",
            connection_id="c-1",
            purpose=Purpose.CONNECT,
            status=FlowStatus.STARTED,
            created_at=NOW,
            updated_at=NOW,
            sealed=b"sealed state",
        )
        return replace(flow, **changes)

    def new_connection(self, connection_id: str = "c-1", **changes: Any) -> Connection:
        connection = Connection(
            id=connection_id,
            owner="anna",
            adapter="kontist",
            institution_id="kontist",
            institution_name="Kontist",
            consent=Consent(status=ConsentStatus.VALID, permissions=("accounts", "transactions"), valid_from=NOW),
            created_at=NOW,
        )
        return replace(connection, **changes)

    async def connection(self, connection_id: str = "c-1", *, grant: bytes = b"grant", **changes: Any) -> Connection:
        connection = self.new_connection(connection_id, **changes)
        flow = self.flow(
            f"flow-of-{connection_id}", connection_id=connection_id, owner=connection.owner, adapter=connection.adapter
        )
        await self.store.add_flow(flow)
        assert await self.store.finish_flow(replace(flow, version=1, status=FlowStatus.CONNECTED), connection, grant)
        return connection

    async def account(self, connection_id: str = "c-1", provider_id: str = "p-1", **connection: Any) -> str:
        """A connection with one account; returns the account's id."""
        owned = await self.store.connection(connection_id) or await self.connection(connection_id, **connection)
        observed = ObservedAccount(provider_id=provider_id, currency="EUR")
        return (await self.store.save_snapshot(owned, [observed], [], [], NOW))[provider_id]

    def row(self, **changes: Any) -> ObservedTransaction:
        row = ObservedTransaction(
            status=TransactionStatus.BOOKED,
            amount=Decimal("-12.30"),
            currency="EUR",
            booking_date=date(2026, 2, 1),
            counterparty_name="Bakery",
        )
        return replace(row, **changes)

    def write(self, account_id: str, name: str, *, kind: ChangeKind = ChangeKind.ADDED, **fields: Any) -> Write:
        """A write of one row; fields of the row and of the write may both be given."""
        of_write = {key: fields.pop(key) for key in ("reason", "identity", "ordinal", "digest", "raw") if key in fields}
        row = None if kind is ChangeKind.REMOVED else self.row(**fields)
        given = {"reason": "new", "identity": f"identity-{name}", "digest": name.encode(), **of_write}
        return Write(kind=kind, id=f"t-{name}", account_id=account_id, row=row, **given)

    async def committed(self, *writes: Write, connection_id: str = "c-1", cursor: str | None = None) -> None:
        await self.store.commit(connection_id, "stream", StreamState(cursor=cursor), writes)

    async def ids(self, scope: Scope | None = None, **filters: Any) -> list[str]:
        return [row.id async for row in self.store.transactions(scope or Scope(), **filters)]

    async def entries(self, scope: Scope | None = None, since: int = 0) -> list[tuple[str, str, str]]:
        """The stream of changes as kind, reason and id."""
        found = self.store.changes(scope or Scope(), since)
        return [(change.kind.value, change.reason, change.transaction.id) async for change in found]


@pytest.fixture
def given(store: Store) -> Given:
    return Given(store)


@pytest.fixture
def new_given() -> type[Given]:
    """For tests that open their own stores."""
    return Given


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store of `file_given` is."""
    return tmp_path / "bank.db"


@pytest.fixture
def file_given(path: Path) -> Given:
    """A store in a file that a test looks into."""
    return Given(SqliteStore.open(path))
