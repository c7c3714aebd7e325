"""The neutral rows: what every provider's data becomes.

Words are those of Berlin Group NextGenPSD2 in snake_case. Money is `Decimal` with an ISO 4217 code; positive is money into
the account, for every account type. A `date` is the bank's own calendar day; a `datetime` is aware and in UTC. What the
provider did not send is `None`. Unknown words of a provider become `"unknown"` and stay readable in the `provider_*` field.

Adapters build the `Observed*` rows; the store gives them identity and returns `Account` and `Transaction`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from bankweave.constructor import fast_constructor


class AccountType(StrEnum):
    """ISO 20022 cash account types, spelled out."""

    CURRENT = "current"
    SAVINGS = "savings"
    CARD = "card"
    LOAN = "loan"
    INVESTMENT = "investment"
    UNKNOWN = "unknown"


class AccountStatus(StrEnum):
    ENABLED = "enabled"
    BLOCKED = "blocked"
    DELETED = "deleted"
    UNKNOWN = "unknown"


class BalanceType(StrEnum):
    CLOSING_BOOKED = "closing_booked"
    INTERIM_BOOKED = "interim_booked"
    INTERIM_AVAILABLE = "interim_available"
    EXPECTED = "expected"
    UNKNOWN = "unknown"


class TransactionStatus(StrEnum):
    BOOKED = "booked"
    PENDING = "pending"
    INFORMATION = "information"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class ConsentStatus(StrEnum):
    RECEIVED = "received"
    PARTIALLY_AUTHORISED = "partially_authorised"
    VALID = "valid"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REVOKED_BY_USER = "revoked_by_user"
    TERMINATED_BY_CLIENT = "terminated_by_client"
    UNKNOWN = "unknown"

    @property
    def is_ended(self) -> bool:
        """Whether nothing may be read under it any more, and never will be again."""
        return self in {
            ConsentStatus.REJECTED,
            ConsentStatus.EXPIRED,
            ConsentStatus.REVOKED_BY_USER,
            ConsentStatus.TERMINATED_BY_CLIENT,
        }


class Retention(StrEnum):
    """What becomes of what is stored of a connection when the person's consent has ended."""

    KEEP = "keep"
    DE_IDENTIFY = "de-identify"  # amounts, days and kinds stay; whatever tells whose they are goes
    ERASE = "erase"


class PartyRole(StrEnum):
    OWNER = "owner"
    CO_OWNER = "co_owner"
    UNKNOWN = "unknown"


class ChangeKind(StrEnum):
    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A bank that an adapter can reach. `id` is the adapter's own and is what `connect(institution=...)` takes."""

    id: str
    adapter: str
    name: str
    country: str | None = None  # ISO 3166-1 alpha-2, upper case
    logo_url: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the person allowed. `valid_until` is None where the provider does not tell and no rule is known."""

    status: ConsentStatus
    permissions: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    provider_id: str | None = None
    recurring: bool | None = None  # False: this access works once, the person is needed every time
    purpose: str | None = None  # what the person was told that it is for, in the provider's words
    policy_urls: tuple[str, ...] = ()  # the terms that the person was shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One person's login at one institution through one provider."""

    id: str
    owner: str  # the application's own opaque id of the person
    adapter: str
    institution_id: str | None
    institution_name: str | None
    consent: Consent | None
    created_at: datetime
    synced_at: datetime | None = None  # the last sync in which every account succeeded
    subject: str | None = None  # what the provider calls the person, as its events and webhooks do

    @property
    def is_de_identified(self) -> bool:
        """Whether it was de-identified: its rows stay, but it has no owner and no access any more."""
        return not self.owner


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """A consent as it stood for some time: an entry of a connection's history."""

    connection_id: str
    number: int  # grows with every entry of the store
    consent: Consent
    since: datetime  # when we learnt of it
    until: datetime | None = None  # when the next entry replaced it; None: it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One access to a person's data at a provider: an entry of a connection's access log."""

    connection_id: str
    at: datetime
    actor: str  # the program that did it, as it calls itself
    what: str  # "accounts", "transactions", "transfers", "cards", "payment", "client", "de-identify"
    account_id: str | None = None
    rows: int | None = None
    consent_number: int | None = None  # the `ConsentRecord` under which it was made


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A person or company that holds an account."""

    name: str
    role: PartyRole = PartyRole.UNKNOWN
    account_provider_ids: tuple[str, ...] = ()  # the accounts it holds; empty: all of the connection
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One balance of one account, as the provider stated it at `observed_at`."""

    account_provider_id: str
    type: BalanceType
    amount: Decimal
    currency: str
    observed_at: datetime
    reference_date: date | None = None
    credit_limit_included: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedAccount:
    """An account as one provider answer shows it."""

    provider_id: str  # stable at this connection; an IBAN where the provider has no id of its own
    currency: str
    name: str | None = None
    type: AccountType = AccountType.UNKNOWN
    provider_type: str | None = None
    status: AccountStatus = AccountStatus.UNKNOWN
    iban: str | None = None
    bic: str | None = None
    number: str | None = None  # a national account number, or a masked card number
    owner_name: str | None = None
    credit_limit: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(ObservedAccount):
    id: str
    connection_id: str
    owner: str
    updated_at: datetime


@fast_constructor
@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedTransaction:
    """A transaction as one provider answer shows it.

    `provider_id` is given only where the provider promises that it stays the same for as long as the row is known;
    otherwise leave it None, and the core tells rows apart by their content.
    """

    status: TransactionStatus
    amount: Decimal
    currency: str
    booking_date: date | None = None
    value_date: date | None = None
    transaction_date: date | None = None  # the day the person paid (cards); the only date of a pending row
    provider_id: str | None = None
    counterparty_name: str | None = None  # the other side, by sign; never the account's holder
    counterparty_iban: str | None = None
    remittance_information: tuple[str, ...] = ()  # in the provider's order, not joined
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    merchant_category_code: str | None = None
    provider_type: str | None = None
    category: str | None = None  # the provider's own word
    balance_after: Decimal | None = None
    instructed_amount: Decimal | None = None  # foreign-currency payments, in `instructed_currency`
    instructed_currency: str | None = None
    bank_transaction_code: str | None = None  # ISO 20022: domain, family and sub-family, as in "PMNT-RCDT-ESCT"
    payment_method: str | None = None  # the provider's own word, such as "card"
    charges: Decimal | None = None  # what the bank took for it, in `currency`; positive, and not part of `amount`
    labels: tuple[str, ...] = ()  # what the provider says that it is about, in its own words and order

    @property
    def date(self) -> date | None:
        """The day that places the row in time: booked, else paid, else valued."""
        return self.booking_date or self.transaction_date or self.value_date


@fast_constructor
@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction(ObservedTransaction):
    """A stored transaction. `id` stays the same when a pending row is booked."""

    id: str
    account_id: str

    @property
    def counterparty(self) -> str | None:
        """The best name there is for the other side: its name, its IBAN, or the first remittance line."""
        return self.counterparty_name or self.counterparty_iban or next(iter(self.remittance_information), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the store's outgoing stream. `cursor` is what `changes(since=...)` takes to go on after it."""

    cursor: int
    kind: ChangeKind
    reason: str  # "new", "booked", "content", "gone", "reappeared", "de-identified"
    connection_id: str
    at: datetime
    transaction: Transaction  # as it stands now; of a removed one, as it was last known
