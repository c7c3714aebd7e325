"""What Basiq remembers: users with their consents, connections, retrieved accounts and transactions, and jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from bankweave_sandbox.basiq.banks.catalogue import Connector
from bankweave_sandbox.basiq.banks.failures import Failure, Login
from bankweave_sandbox.basiq.banks.mfa import Challenge
from bankweave_sandbox.terms import Terms
from bankweave_sandbox.world import AccountKind, Kind, Person

ConnectionStatus = Literal["active", "pending", "invalid", "init", "pre-init", "revoked", "deleted"]


@dataclass(slots=True)
class Consent:
    id: str
    created: datetime
    updated: datetime
    expires: datetime
    policy_version: int
    scopes: frozenset[str]  # that the person consented to
    status: Literal["active", "revoked", "expired"] = "active"
    revoked: datetime | None = None
    warned: bool = False  # of its end in a week
    reminders: int = 0  # sent since it was last changed

    def covers(self, data: str) -> bool:
        """Say whether the person consented to these data: to a scope, or to any whose name begins so."""
        return any(scope == data or scope.startswith(f"{data}.") for scope in self.scopes)

    @property
    def warning(self) -> datetime:
        return max(self.expires - timedelta(days=7), self.updated)

    @property
    def next_reminder(self) -> datetime:
        return self.updated + timedelta(days=90) * (self.reminders + 1)

    @property
    def next_change(self) -> datetime | None:
        """Say when something comes of itself, as long as nobody touches it."""
        if self.status != "active":
            return None
        return min(self.expires, self.next_reminder, self.expires if self.warned else self.warning)


@dataclass(slots=True)
class Connection:
    id: str
    connector: Connector
    login: Login
    consent_id: str
    created: datetime
    last_used: datetime
    status: ConnectionStatus
    expires: datetime | None = None  # open banking only
    chosen: frozenset[str] | None = None  # the account ids that the person ticked; None: all
    holder: Person | None = None  # known once the bank accepted the login
    jobs_started: int = 0
    churn_id: str = ""  # the last job that retrieved: pending ids hang on it
    refreshed: list[datetime] = field(default_factory=list)
    last_failure: Failure | None = None
    login_changed: datetime | None = None  # when the person last corrected it
    next_failure: Failure | None = None  # asked for over the control origin

    @property
    def is_open_banking(self) -> bool:
        return self.connector.method == "openbanking"


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction as it stood when it was retrieved."""

    id: str
    posted: bool
    amount: Decimal
    text: str
    reference: str
    kind: Kind
    category: str
    balance: Decimal | None
    occurred_at: datetime
    booked_at: datetime | None
    transaction_date: date  # in the bank's zone
    booking_date: date | None


@dataclass(slots=True)
class StoredAccount:
    """An account with its rows: pending first, then posted, newest first."""

    id: str
    connection_id: str
    connector: Connector
    name: str
    number: str  # BSB and number in one run of digits, or masked
    kind: AccountKind
    currency: str
    holders: tuple[str, ...]  # none where they were not told
    balance: Decimal
    available: Decimal
    credit_limit: Decimal | None
    retrieved: datetime
    rows: tuple[Row, ...] = ()
    terms: Terms | None = None  # of a loan or a term deposit

    @property
    def description(self) -> tuple[object, ...]:
        """Name what does not change from day to day."""
        return (self.connection_id, self.name, self.number, self.kind, self.currency, self.holders, self.credit_limit)


@dataclass(frozen=True, slots=True)
class AuthLink:
    id: str
    mobile: str
    expires: datetime
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A summary as it was made; its links begin at the origin's root."""

    id: str
    kind: str  # affordability, income or expenses
    made: datetime
    shape: dict[str, object]
    institutions: tuple[str, ...]
    rows: tuple[tuple[StoredAccount, Row], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was ordered and computed; it can be read once it is due."""

    id: str
    job_id: str
    type_id: str
    title: str
    filters: dict[str, object]
    made: datetime
    due: datetime
    data: dict[str, object] = field(repr=False)
    rows: tuple[tuple[StoredAccount, Row], ...] = field(repr=False)
    owners: dict[str, str]  # user ids by account
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """A statement that somebody sent, and what came of it."""

    job_id: str
    user_id: str
    institution: str
    made: datetime
    due: datetime
    account: StoredAccount | None
    failure: Failure | None


@dataclass(slots=True)
class User:
    id: str
    fields: dict[str, object]  # as sent: see users.py
    consents: list[Consent] = field(default_factory=list)
    connections: dict[str, Connection] = field(default_factory=dict)
    ended_connections: dict[str, Connection] = field(default_factory=dict)
    accounts: dict[str, StoredAccount] = field(default_factory=dict)
    auth_link: AuthLink | None = None
    auth_link_was_used: bool = False
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    snapshots_made: list[datetime] = field(default_factory=list)

    @property
    def active_consent(self) -> Consent | None:
        return next((consent for consent in self.consents if consent.status == "active"), None)

    def consent_behind(self, connection: Connection) -> Consent:
        return next(consent for consent in self.consents if consent.id == connection.consent_id)

    def identified_by(self, connection: Connection) -> Person | None:
        """Name whom a bank knows, if they let it be told (section 2.4)."""
        return connection.holder if self.consent_behind(connection).covers("customer") else None


@dataclass(frozen=True, slots=True)
class Link:
    """The result of a successful step."""

    path: str


StepStatus = Literal["pending", "in-progress", "success", "failed", "skipped"]


@dataclass(slots=True)
class Step:
    title: str
    status: StepStatus = "pending"
    result: Link | Failure | Challenge | None = None


@dataclass(slots=True)
class Job:
    id: str
    user_id: str
    connection_id: str
    connector: Connector
    created: datetime
    updated: datetime
    steps: list[Step]
    due: datetime | None  # when the running step ends; None once the job is over
    challenge: Challenge | None = None  # None: the bank asks nothing this time
    given: tuple[str, ...] | None = field(default=None, repr=False)  # the answer under way to the bank
    failure: Failure | None = None  # planned, since the person or a test wants it so

    @property
    def is_running(self) -> bool:
        return self.due is not None

    @property
    def running_step(self) -> Step | None:
        return next((step for step in self.steps if step.status == "in-progress"), None)

    @property
    def awaits_answer(self) -> bool:
        step = self.running_step
        return step is not None and isinstance(step.result, Challenge)
