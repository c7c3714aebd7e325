"""The store port: what the engine needs of a database. `sqlite.py` fulfils it; others may.

Secrets arrive here already encrypted (`bytes`); the store never sees a grant or a flow's state in plain. Every method that
writes is one database transaction: either all of it is there afterwards, or nothing. All methods may raise `StoreError`;
those that write what tells of a person raise `UnknownConnection` where the connection was erased or de-identified meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from bankweave.constructor import fast_constructor
from bankweave.flow import FlowRecord, FlowStatus
from bankweave.model import (
    Access,
    Account,
    Balance,
    Change,
    ChangeKind,
    Connection,
    Consent,
    ConsentRecord,
    ObservedAccount,
    ObservedTransaction,
    Party,
    Retention,
    Transaction,
    TransactionStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which rows are meant. Every field narrows; none given: all."""

    owner: str | None = None
    adapter: str | None = None
    connection_id: str | None = None
    account_id: str | None = None
    subject: str | None = None  # what the provider calls the person


@dataclass(frozen=True, slots=True)
class SealedGrant:
    """A connection's grant, encrypted. `version` grows with every write."""

    version: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Any encrypted secret of the store. `record` is the identity that it is bound to."""

    kind: str  # "grant", "flow" or "memory"
    key: tuple[str, ...]
    sealed: bytes = field(repr=False)

    @property
    def record(self) -> str:
        return "/".join((self.kind, *self.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """How far a stream was read.

    `cursor` is where an interrupted first pass goes on, begun at `started_at`; between passes both are None. `read_at` is when
    the last pass began that reached the end.
    """

    cursor: str | None = None
    started_at: datetime | None = None
    read_at: datetime | None = None


@fast_constructor
@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """As much of a stored transaction as reconciling needs."""

    id: str
    identity: str  # the provider's stable id, or a fingerprint that twins share
    ordinal: int  # tells twins apart; 0 for the first and for rows with a stable id
    digest: bytes  # of the content; equal means nothing to write
    status: TransactionStatus
    date: date | None  # ObservedTransaction.date
    amount: Decimal
    currency: str
    removed: bool  # a tombstone


@fast_constructor
@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One change to one stored transaction, with the entry it makes in the stream of changes."""

    kind: ChangeKind
    reason: str
    id: str
    account_id: str
    identity: str = ""
    ordinal: int = 0
    digest: bytes = b""
    row: ObservedTransaction | None = None  # None: removed; the last known content stays as a tombstone
    raw: bytes | None = None


class Store(Protocol):
    # Flows ----------------------------------------------------------------------------------------------------------

    async def add_flow(self, record: FlowRecord) -> None: ...

    async def flow(self, flow_id: str) -> FlowRecord | None: ...

    async def flow_by_correlation(self, correlation: str) -> FlowRecord | None:
        """The newest flow that waits, or waited, for the callback with this digest."""
        ...

    async def flows(self, scope: Scope, statuses: Collection[FlowStatus] | None = None) -> Sequence[FlowRecord]:
        """Oldest first."""
        ...

    async def save_flow(self, record: FlowRecord) -> bool:
        """Write `record` if the stored one still has the version before it (`record.version - 1`); say whether it did."""
        ...

    async def forget_refreshes(self, connection_id: str) -> None:
        """Delete the refreshes of a connection that have ended: a sync makes one, and nobody looks at it again."""
        ...

    async def finish_flow(
        self, record: FlowRecord, connection: Connection, grant: bytes, *, over: int | None = None
    ) -> bool:
        """Like `save_flow`, and create or update the connection with its grant, in the same transaction.

        Only a flow to connect creates one: what was erased meanwhile stays so. With `over`, the grant is written only over
        that version of it, and a newer one stays.

        An existing connection keeps `created_at`, `synced_at`, and whatever of institution, consent and subject is None here.
        The connection is marked as having data to pull since the flow's `updated_at`.
        """
        ...

    # Connections ----------------------------------------------------------------------------------------------------

    async def connection(self, connection_id: str) -> Connection | None: ...

    async def connections(self, scope: Scope) -> Sequence[Connection]:
        """Oldest first."""
        ...

    async def unpulled_since(self, connection_id: str) -> datetime | None:
        """When a flow ended whose data no sync has pulled; None: all was pulled."""
        ...

    async def mark_pulled(self, connection_id: str) -> None:
        """What the provider holds was pulled, as far as it ever will be: the next sync has it fetch anew."""
        ...

    async def mark_synced(self, connection_id: str, at: datetime) -> None:
        """A sync has read everything: set `synced_at`."""
        ...

    async def save_consent(self, connection_id: str, consent: Consent) -> None: ...

    async def grant(self, connection_id: str) -> SealedGrant | None: ...

    async def save_grant(self, connection_id: str, grant: SealedGrant) -> bool:
        """Write the grant if the stored one still has the version before it; say whether it did."""
        ...

    async def erase_connection(self, connection_id: str) -> None:
        """Delete the connection and all that hangs on it, so that no byte of it stays readable. Idempotent."""
        ...

    async def end_consent(
        self, connection_id: str, consent: Consent, retention: Retention, *, asked_at: datetime, entry: Access
    ) -> Retention:
        """Store a consent that has ended, and do with the connection what `retention` says; returns what was done.

        In one transaction it looks whether the person consents anew: a renewal that was done after `asked_at` leaves all as
        it is, one that is under way keeps the rows.

        To de-identify takes out of the rows whatever tells whose they are, so that no byte of it stays readable. Grant, flows,
        parties, raw records and streams are deleted; the connection has no owner any more. Amounts, days, kinds and the
        histories stay, with `entry` in the log of accesses. Each live row makes an entry in the stream of changes.
        """
        ...

    async def erase_owner(self, owner: str) -> None:
        """Delete everything of an owner: connections, flows and secrets, so that no byte of it stays readable. Idempotent."""
        ...

    async def adapters_of(self, owner: str) -> Sequence[str]:
        """The adapters at which something of an owner is stored: a connection, a flow or a secret."""
        ...

    # Secrets of an owner, and leases -----------------------------------------------------------------------------------

    async def recall(self, adapter: str, owner: str, name: str) -> bytes | None: ...

    async def remember(self, adapter: str, owner: str, name: str, sealed: bytes) -> None: ...

    async def sealed(self) -> Sequence[Sealed]:
        """Every secret there is, for a change of keys."""
        ...

    async def reseal(self, old: Sealed, sealed: bytes) -> bool:
        """Put another encryption of the same secret in its place, if nobody has changed it meanwhile; say whether."""
        ...

    async def take_lease(self, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Take or prolong the lease `name`; refused while another holder's has not run out."""
        ...

    async def release_lease(self, name: str, holder: str) -> None:
        """Give a lease back. Nothing happens when it is not ours any more."""
        ...

    async def mark_due(self, connection_id: str, at: datetime) -> None:
        """Note that a connection has something new to be synced, since an instant. Nothing happens for an unknown one."""
        ...

    async def due(self, scope: Scope) -> Mapping[str, datetime]:
        """The connections that are marked, with the instant of the newest mark."""
        ...

    async def settle_due(self, connection_id: str, since: datetime) -> None:
        """Take the mark of that instant away; a newer one stays."""
        ...

    # What was allowed, and what was done ------------------------------------------------------------------------------

    async def consents(self, scope: Scope) -> Sequence[ConsentRecord]:
        """The history of consents: by connection, oldest first."""
        ...

    async def note_accesses(self, accesses: Sequence[Access]) -> None:
        """Add to the access log, each entry under the consent that stands at its connection."""
        ...

    async def accesses(self, connection_id: str) -> Sequence[Access]:
        """Oldest first."""
        ...

    async def use_quota(
        self, connection_id: str, name: str, at: datetime, *, at_most: int, within: timedelta
    ) -> datetime | None:
        """Note a use of a quota; when it is used up, note nothing and return when the next use is free."""
        ...

    # Accounts -------------------------------------------------------------------------------------------------------

    async def save_snapshot(
        self,
        connection: Connection,
        accounts: Sequence[ObservedAccount],
        balances: Sequence[Balance],
        parties: Sequence[Party],
        at: datetime,
    ) -> Mapping[str, str]:
        """Add or update accounts, balances and parties; returns account ids by provider id.

        An account is the stored one with the same provider id, else the one with the same IBAN, else with the same number
        and currency: providers give new ids after a new consent. What is not in the snapshot stays untouched.
        """
        ...

    async def accounts(self, scope: Scope) -> Sequence[Account]: ...

    async def balances(self, account_id: str) -> Sequence[Balance]: ...

    async def parties(self, connection_id: str) -> Sequence[Party]: ...

    # Transactions ---------------------------------------------------------------------------------------------------

    async def stream_state(self, connection_id: str, stream_id: str) -> StreamState: ...

    async def known(self, account_id: str, identities: Collection[str]) -> Sequence[Known]:
        """The stored rows, tombstones included, that carry one of these identities; by identity and ordinal."""
        ...

    async def expected(self, account_id: str, since: date | None) -> Sequence[Known]:
        """The rows that a whole reading since a day must show again: all pending ones, and all dated on or after it."""
        ...

    async def commit(self, connection_id: str, stream_id: str, state: StreamState, writes: Sequence[Write]) -> None:
        """Write rows, their entries in the stream of changes, and how far the stream was read, together."""
        ...

    def transactions(
        self,
        scope: Scope,
        *,
        since: date | None = None,
        until: date | None = None,
        status: TransactionStatus | None = None,
    ) -> AsyncIterator[Transaction]:
        """Live rows, newest first (pending rows by the day they were paid), read lazily in bounded batches."""
        ...

    async def raw(self, transaction_id: str) -> bytes | None:
        """The provider's own record of a row."""
        ...

    def changes(self, scope: Scope, since: int = 0) -> AsyncIterator[Change]:
        """The stream of changes after a cursor, oldest first, read lazily in bounded batches."""
        ...

    async def newest_change(self) -> int:
        """The cursor of the newest entry, 0 where there is none."""
        ...

    async def close(self) -> None: ...
