"""What a sync and a disconnect tell: what came, what failed, and what needs whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bankweave.engine.balance import Finding
from bankweave.engine.consent import ConsentWarning
from bankweave.errors import Failure, SyncFailed
from bankweave.flow import Flow
from bankweave.model import ChangeKind, Retention
from bankweave.store.base import Write


class Outcome(StrEnum):
    SYNCED = "synced"
    PARTIAL = "partial"  # some accounts failed or were incomplete; the rest is stored
    NEEDS_USER = "needs_user"  # `flow` asks something, or `failure` says that the connection must be renewed
    WAITING = "waiting"  # the provider is still fetching; the next sync goes on
    BUSY = "busy"  # another process is syncing it
    FAILED = "failed"
    ENDED = "ended"  # the person's consent has ended, and `retention` says what was done with what was stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Transactions added, modified and removed."""

    added: int = 0
    modified: int = 0
    removed: int = 0

    @classmethod
    def of(cls, writes: Iterable[Write]) -> Counts:
        kinds = [write.kind for write in writes]
        return cls(
            added=kinds.count(ChangeKind.ADDED),
            modified=kinds.count(ChangeKind.MODIFIED),
            removed=kinds.count(ChangeKind.REMOVED),
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            added=self.added + other.added,
            modified=self.modified + other.modified,
            removed=self.removed + other.removed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    account_id: str
    counts: Counts = field(default_factory=Counts)
    complete: bool = True  # False: the provider says that it left rows out, or reading failed
    findings: tuple[Finding, ...] = ()  # what does not add up; the rows are stored all the same
    failure: Failure | None = None


def outcome_of(accounts: Iterable[AccountReport]) -> Outcome:
    """What the accounts of a connection come to together."""
    incomplete = [account for account in accounts if not account.complete]
    failures = [account.failure for account in incomplete if account.failure]
    if not incomplete:
        return Outcome.SYNCED
    return Outcome.NEEDS_USER if any(failure.needs_user for failure in failures) else Outcome.PARTIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionReport:
    connection_id: str
    adapter: str
    owner: str
    institution_name: str | None
    outcome: Outcome
    accounts: tuple[AccountReport, ...] = ()
    flow: Flow | None = None
    failure: Failure | None = None
    consent_warning: ConsentWarning | None = None  # the consent ends soon; told 30, 7 and 1 days before
    retention: Retention = Retention.KEEP  # what became of what was stored, where the consent has ended
    seconds: float = 0.0

    @property
    def counts(self) -> Counts:
        return sum((account.counts for account in self.accounts), Counts())

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for account in self.accounts for finding in account.findings)

    @property
    def failures(self) -> tuple[Failure, ...]:
        own = (self.failure,) if self.failure else ()
        return own + tuple(account.failure for account in self.accounts if account.failure)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What one call of `sync` did. Failures are data: `raise_for_failures` makes them an error."""

    connections: tuple[ConnectionReport, ...] = ()
    seconds: float = 0.0

    @property
    def counts(self) -> Counts:
        return sum((connection.counts for connection in self.connections), Counts())

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What went wrong. That a consent has ended, and was dealt with as the settings say, is no failure."""
        bad = [connection for connection in self.connections if connection.outcome is not Outcome.ENDED]
        return tuple(failure for connection in bad for failure in connection.failures)

    @property
    def needs_user(self) -> tuple[ConnectionReport, ...]:
        return tuple(c for c in self.connections if c.outcome is Outcome.NEEDS_USER)

    def raise_for_failures(self) -> None:
        """Raise `SyncFailed` if any connection is not completely synced; nothing that was stored is undone.

        One that has ended, and was dealt with as the settings say, is no failure.
        """
        bad = [c for c in self.connections if c.outcome not in {Outcome.SYNCED, Outcome.ENDED}]
        if bad:
            listed = "; ".join(f"{c.connection_id}: {c.outcome.value}" for c in bad)
            raise SyncFailed(
                f"{len(bad)} of {len(self.connections)} connections are not synced ({listed})", self.failures
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncEvent:
    """Progress, for a bar or a log line. Sent from the event loop: return quickly."""

    connection_id: str
    adapter: str
    stage: str  # "refreshing", "opened", "page", "done"
    account_id: str | None = None
    rows: int = 0  # read by this page
    accounts: int = 0  # found by "opened"
    counts: Counts = field(default_factory=Counts)
    outcome: Outcome | None = None  # what "done" came to


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectReport:
    """The connection is erased here. `failure` says why the provider may still allow the access."""

    connection_id: str
    revoked: bool  # the provider confirmed that the access has ended
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureReport:
    """A person is erased here. `failures` say what providers may still allow, or keep of them."""

    owner: str
    connections: tuple[DisconnectReport, ...] = ()
    kept: Mapping[str, Failure] = field(default_factory=dict)  # why a provider may still keep something, by adapter

    @property
    def failures(self) -> tuple[Failure, ...]:
        return (*(one.failure for one in self.connections if one.failure), *self.kept.values())
