"""The store in one SQLite file, which a command line, a web process and a worker may use at once.

Statements run inline: they take microseconds, and handing them to a thread was measured to cost more than it saves. A
write waits up to ten seconds for the write of another process; erasing rebuilds the file and may take seconds on a large one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from os import PathLike

from bankweave.flow import FlowRecord, FlowStatus, Purpose
from bankweave.model import (
    Access,
    Account,
    Balance,
    Change,
    Connection,
    Consent,
    ConsentRecord,
    ObservedAccount,
    Party,
    Retention,
    Transaction,
    TransactionStatus,
)
from bankweave.store import connections, ended, flows, governance, holdings, ledger, listing, quotas, secrets
from bankweave.store.base import Known, Scope, Sealed, SealedGrant, StreamState, Write
from bankweave.store.database import Database, note_traces

__all__ = ["SqliteStore"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class SqliteStore:
    """Fulfils `bankweave.store.base.Store`; see there for what the methods promise."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._now = now  # dates the entries of the stream of changes

    @classmethod
    def open(cls, path: str | PathLike[str], *, now: Callable[[], datetime] = _utc_now) -> SqliteStore:
        """Open or make the file; `":memory:"` is a store that ends with this object. Raises `StoreError`, `StoreTooNew`."""
        return cls(Database.open(path), now=now)

    def __repr__(self) -> str:
        return f"SqliteStore({self._database.path!r})"

    # Flows ----------------------------------------------------------------------------------------------------------

    async def add_flow(self, record: FlowRecord) -> None:
        with self._database.writing() as db:
            if record.purpose is not Purpose.CONNECT:
                connections.check_owned(db, record.connection_id)
            flows.add(db, record)

    async def flow(self, flow_id: str) -> FlowRecord | None:
        with self._database.reading() as db:
            return flows.find(db, flow_id)

    async def flow_by_correlation(self, correlation: str) -> FlowRecord | None:
        with self._database.reading() as db:
            return flows.find_by_correlation(db, correlation)

    async def flows(self, scope: Scope, statuses: Collection[FlowStatus] | None = None) -> Sequence[FlowRecord]:
        with self._database.reading() as db:
            return flows.listed(db, scope, statuses)

    async def save_flow(self, record: FlowRecord) -> bool:
        with self._database.writing() as db:
            return flows.save(db, record)

    async def forget_refreshes(self, connection_id: str) -> None:
        with self._database.writing() as db:
            flows.forget_refreshes(db, connection_id)

    async def finish_flow(
        self, record: FlowRecord, connection: Connection, grant: bytes, *, over: int | None = None
    ) -> bool:
        with self._database.writing() as db:
            is_gone = record.purpose is not Purpose.CONNECT and connections.find(db, connection.id) is None
            if is_gone or not flows.save(db, record):
                return False
            connections.save(db, connection, grant, record.updated_at, over=over)
            return True

    # Connections ----------------------------------------------------------------------------------------------------

    async def connection(self, connection_id: str) -> Connection | None:
        with self._database.reading() as db:
            return connections.find(db, connection_id)

    async def connections(self, scope: Scope) -> Sequence[Connection]:
        with self._database.reading() as db:
            return connections.listed(db, scope)

    async def unpulled_since(self, connection_id: str) -> datetime | None:
        with self._database.reading() as db:
            return connections.unpulled_since(db, connection_id)

    async def mark_pulled(self, connection_id: str) -> None:
        with self._database.writing() as db:
            connections.mark_pulled(db, connection_id)

    async def mark_synced(self, connection_id: str, at: datetime) -> None:
        with self._database.writing() as db:
            connections.mark_synced(db, connection_id, at)

    async def save_consent(self, connection_id: str, consent: Consent) -> None:
        with self._database.writing() as db:
            connections.save_consent(db, connection_id, consent, self._now())

    async def grant(self, connection_id: str) -> SealedGrant | None:
        with self._database.reading() as db:
            return connections.find_grant(db, connection_id)

    async def save_grant(self, connection_id: str, grant: SealedGrant) -> bool:
        with self._database.writing() as db:
            return connections.save_grant(db, connection_id, grant)

    async def erase_connection(self, connection_id: str) -> None:
        """Delete a connection and rebuild the file without it.

        With the last connection and flow of an owner at an adapter go the secrets remembered for them there.
        """
        with self._database.writing() as db:
            connections.erase(db, connection_id)
            note_traces(db)
        self._database.compact()

    async def end_consent(
        self, connection_id: str, consent: Consent, retention: Retention, *, asked_at: datetime, entry: Access
    ) -> Retention:
        with self._database.writing() as db:
            at = self._now()
            done = ended.end(db, connection_id, consent, retention, asked_at=asked_at, entry=entry, at=at)
            if done is not Retention.KEEP:
                note_traces(db)
        if done is not Retention.KEEP:
            self._database.compact()
        return done

    async def erase_owner(self, owner: str) -> None:
        with self._database.writing() as db:
            connections.erase_owner(db, owner)
            note_traces(db)
        self._database.compact()

    async def adapters_of(self, owner: str) -> Sequence[str]:
        with self._database.reading() as db:
            return connections.adapters_of(db, owner)

    # Secrets of an owner, and leases -----------------------------------------------------------------------------------

    async def recall(self, adapter: str, owner: str, name: str) -> bytes | None:
        with self._database.reading() as db:
            return connections.recall(db, adapter, owner, name)

    async def remember(self, adapter: str, owner: str, name: str, sealed: bytes) -> None:
        with self._database.writing() as db:
            connections.remember(db, adapter, owner, name, sealed)

    async def sealed(self) -> Sequence[Sealed]:
        with self._database.reading() as db:
            return secrets.every(db)

    async def reseal(self, old: Sealed, sealed: bytes) -> bool:
        with self._database.writing() as db:
            return secrets.replace(db, old, sealed)

    async def take_lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        with self._database.writing() as db:
            return connections.take_lease(db, name, holder, now, until)

    async def release_lease(self, name: str, holder: str) -> None:
        with self._database.writing() as db:
            connections.release_lease(db, name, holder)

    async def mark_due(self, connection_id: str, at: datetime) -> None:
        with self._database.writing() as db:
            connections.mark_due(db, connection_id, at)

    async def due(self, scope: Scope) -> Mapping[str, datetime]:
        with self._database.reading() as db:
            return connections.due(db, scope)

    async def settle_due(self, connection_id: str, since: datetime) -> None:
        with self._database.writing() as db:
            connections.settle_due(db, connection_id, since)

    # What was allowed, and what was done ------------------------------------------------------------------------------

    async def consents(self, scope: Scope) -> Sequence[ConsentRecord]:
        with self._database.reading() as db:
            return governance.consents(db, scope)

    async def note_accesses(self, accesses: Sequence[Access]) -> None:
        with self._database.writing() as db:
            for connection_id in {access.connection_id for access in accesses}:
                connections.check_owned(db, connection_id)
            governance.note_accesses(db, accesses)

    async def accesses(self, connection_id: str) -> Sequence[Access]:
        with self._database.reading() as db:
            return governance.accesses(db, connection_id)

    async def use_quota(
        self, connection_id: str, name: str, at: datetime, *, at_most: int, within: timedelta
    ) -> datetime | None:
        with self._database.writing() as db:
            connections.check_owned(db, connection_id)
            return quotas.use(db, connection_id, name, at, at_most=at_most, within=within)

    # Accounts -------------------------------------------------------------------------------------------------------

    async def save_snapshot(
        self,
        connection: Connection,
        accounts: Sequence[ObservedAccount],
        balances: Sequence[Balance],
        parties: Sequence[Party],
        at: datetime,
    ) -> Mapping[str, str]:
        with self._database.writing() as db:
            connections.check_owned(db, connection.id)
            ids = holdings.save_accounts(db, connection.id, accounts, at)
            holdings.save_balances(db, connection.id, balances, ids)
            holdings.replace_parties(db, connection.id, parties)
            return ids

    async def accounts(self, scope: Scope) -> Sequence[Account]:
        with self._database.reading() as db:
            return holdings.listed(db, scope)

    async def balances(self, account_id: str) -> Sequence[Balance]:
        with self._database.reading() as db:
            return holdings.balances_of(db, account_id)

    async def parties(self, connection_id: str) -> Sequence[Party]:
        with self._database.reading() as db:
            return holdings.parties_of(db, connection_id)

    # Transactions ---------------------------------------------------------------------------------------------------

    async def stream_state(self, connection_id: str, stream_id: str) -> StreamState:
        with self._database.reading() as db:
            return ledger.stream_state(db, connection_id, stream_id)

    async def known(self, account_id: str, identities: Collection[str]) -> Sequence[Known]:
        with self._database.reading() as db:
            return ledger.known(db, account_id, identities)

    async def expected(self, account_id: str, since: date | None) -> Sequence[Known]:
        """The live rows that a whole reading since a day must show again; tombstones are not expected."""
        with self._database.reading() as db:
            return ledger.expected(db, account_id, since)

    async def commit(self, connection_id: str, stream_id: str, state: StreamState, writes: Sequence[Write]) -> None:
        with self._database.writing() as db:
            connections.check_owned(db, connection_id)
            ledger.save_stream_state(db, connection_id, stream_id, state)
            ledger.write_all(db, connection_id, writes, self._now())

    def transactions(
        self,
        scope: Scope,
        *,
        since: date | None = None,
        until: date | None = None,
        status: TransactionStatus | None = None,
    ) -> AsyncIterator[Transaction]:
        """Live rows, newest first by the day that places them and then by id; rows without any day come last."""
        return listing.transactions(self._database, scope, listing.Filter(since=since, until=until, status=status))

    async def raw(self, transaction_id: str) -> bytes | None:
        with self._database.reading() as db:
            return ledger.raw(db, transaction_id)

    def changes(self, scope: Scope, since: int = 0) -> AsyncIterator[Change]:
        """The stream of changes after a cursor, oldest first, up to the newest entry there is when reading begins."""
        return listing.changes(self._database, scope, since)

    async def newest_change(self) -> int:
        return listing.newest_change(self._database)

    async def close(self) -> None:
        self._database.close()
