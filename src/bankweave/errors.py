"""Every error that bankweave raises. Choose what to catch by what you can do about it.

BankweaveError
├── ConfigurationError          a setting is missing or wrong; the message names it
│   ├── UnknownAdapter          no adapter of that name is installed
│   ├── IncompatibleAdapter     the installed adapter does not fit this bankweave, or what is stored
│   └── Unsupported             this provider cannot do that
├── StoreError                  the database file
│   ├── StoreTooNew             written by a newer bankweave: upgrade
│   └── VaultError              a secret could not be opened
│       └── WrongVaultKey       encrypted under a key that is not in the key ring
├── FlowError                   a flow was used in a way that its state does not allow
│   ├── UnknownFlow             no flow of that id, or no flow waits for that callback
│   ├── FlowBusy                another process is working on it right now; ask again in a moment
│   ├── FlowExpired             too late: begin a new one
│   ├── FlowOver                it has ended (connected, failed, cancelled); `flow` tells how
│   └── NotAsking               an answer came to a flow that asks nothing, or not this
├── UnknownConnection           no connection, or no account, of that id
├── InvalidOrder                a transfer or a change of a card that cannot be: nothing was sent
├── NeedsUser                   only the person can go on: renew the connection
│   ├── ConsentExpired          the consent ran out
│   └── AccessRevoked           the person or the bank ended the access
├── ProviderError               the provider's side
│   ├── ProviderUnavailable     down, timed out or unreachable: try again at `retry_at`
│   │   └── RateLimited         a quota is used up: try again at `retry_at`
│   ├── ProviderRefused         it understood and said no; repeating will not help
│   ├── OutcomeUnknown          the answer to something that must not be repeated was lost
│   └── MalformedAnswer         not what the protocol says: nothing of it was used
│       └── WrongSubject        an answer for another person or account
├── OriginRefused               a request to a host that the adapter does not own was stopped
├── AdapterBug                  the adapter itself broke: report it to its makers
└── SyncFailed                  raised by `SyncReport.raise_for_failures`; holds the report
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bankweave.flow import Flow
    from bankweave.model import Consent


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an error comes from. Nothing in it is secret."""

    adapter: str | None = None
    operation: str | None = None
    connection_id: str | None = None
    correlation_id: str | None = None  # the provider's own id of the exchange, for its support


class BankweaveError(Exception):
    """Root of all. `str()` says what happened and what to do, and holds no body, token, IBAN or name."""

    needs_user = False  # only the person can mend it
    is_bug = False  # the program, its settings or the provider's protocol: a developer has to look

    def __init__(
        self, message: str, *, origin: Origin | None = None, code: str | None = None, retry_at: datetime | None = None
    ) -> None:
        super().__init__(message)
        self.origin = origin or Origin()
        self.code = code  # the provider's own word, or ours
        self.retry_at = retry_at  # None: repeating will not help, or nobody knows when

    @property
    def adapter(self) -> str | None:
        return self.origin.adapter

    @property
    def connection_id(self) -> str | None:
        return self.origin.connection_id

    @property
    def correlation_id(self) -> str | None:
        return self.origin.correlation_id


class ConfigurationError(BankweaveError):
    """A setting is missing or wrong; the message names it and the place to write it."""

    is_bug = True


class UnknownAdapter(ConfigurationError):
    """No adapter of that name is installed."""


class IncompatibleAdapter(ConfigurationError):
    """The installed adapter was written for another contract, or cannot read what another version of it stored."""


class Unsupported(ConfigurationError):
    """This provider cannot do that; the message names provider and feature."""


class StoreError(BankweaveError):
    """The database file cannot be used."""

    is_bug = True


class StoreTooNew(StoreError):
    """The file was written by a newer bankweave."""


class VaultError(StoreError):
    """A secret could not be opened: it was altered, moved to another record, or is not ours."""


class WrongVaultKey(VaultError):
    """A secret is encrypted under a key that is not in the key ring."""


class FlowError(BankweaveError):
    """A flow was used in a way that its state does not allow. `flow` says where it stands, if there is one."""

    def __init__(self, message: str, *, flow: Flow | None = None, origin: Origin | None = None) -> None:
        super().__init__(message, origin=origin)
        self.flow = flow


class UnknownFlow(FlowError):
    """No flow has that id, or none waits for that callback."""


class FlowBusy(FlowError):
    """Another process is working on this flow right now; ask again in a moment."""


class FlowExpired(FlowError):
    """The link, code or approval came too late; begin a new flow."""


class FlowOver(FlowError):
    """The flow has ended; `flow.status` tells how."""


class NotAsking(FlowError):
    """An answer came to a flow that asks nothing, or does not ask for this, or the answer was empty. Nothing was sent."""


class UnknownConnection(BankweaveError):
    """No connection has that id, or an account of that id; or it was disconnected or de-identified, meanwhile perhaps."""


class InvalidOrder(BankweaveError):
    """What was ordered cannot be: the message names the field and what is wrong with it. Nothing was sent."""


class NeedsUser(BankweaveError):
    """Only the person can go on: begin a renew flow for the connection.

    `consent` is what the provider itself says of the consent now; None: it says nothing, and the access only looks ended.
    """

    needs_user = True

    def __init__(
        self,
        message: str,
        *,
        origin: Origin | None = None,
        code: str | None = None,
        retry_at: datetime | None = None,
        consent: Consent | None = None,
    ) -> None:
        super().__init__(message, origin=origin, code=code, retry_at=retry_at)
        self.consent = consent


class ConsentExpired(NeedsUser):
    """The consent ran out."""


class AccessRevoked(NeedsUser):
    """The person, the bank or the provider ended the access."""


class ProviderError(BankweaveError):
    """Something went wrong on the provider's side."""


class ProviderUnavailable(ProviderError):
    """The provider is down, timed out or cannot be reached; try again at `retry_at`, or later."""


class RateLimited(ProviderUnavailable):
    """A quota is used up; nothing was read. Try again at `retry_at`."""


class ProviderRefused(ProviderError):
    """The provider understood the request and refused it; repeating will not help. `code` is its word for why."""


class OutcomeUnknown(ProviderError):
    """The answer to a request that must not be repeated was lost; look before you do it again."""


class MalformedAnswer(ProviderError):
    """An answer was not what the protocol says; nothing of it was used."""

    is_bug = True


class WrongSubject(MalformedAnswer):
    """An answer was about another person or account than was asked for; nothing of it was used."""


class OriginRefused(BankweaveError):
    """A request or link to a host that the adapter does not own was stopped before anything was sent."""

    is_bug = True


class AdapterBug(BankweaveError):
    """The adapter raised what is no error of ours. The message names its class; the log, where it happened."""

    is_bug = True


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as data, for reports: safe to log, store and show."""

    kind: str
    message: str
    code: str | None = None  # ours: a `Reason`, or what the error says
    provider_code: str | None = None  # the provider's own word
    needs_user: bool = False
    retry_at: datetime | None = None
    correlation_id: str | None = None
    error: BankweaveError | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, error: BankweaveError) -> Failure:
        return cls(
            kind=type(error).__name__,
            message=str(error),
            code=error.code,
            needs_user=error.needs_user,
            retry_at=error.retry_at,
            correlation_id=error.correlation_id,
            error=error,
        )


class SyncFailed(BankweaveError):
    """At least one connection or account of a sync failed. `failures` has one entry for each."""

    def __init__(self, message: str, failures: tuple[Failure, ...]) -> None:
        super().__init__(message)
        self.failures = failures
