"""What Kontomatik holds of an owner, of all banks together (section 9). It keeps it for a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import AliasChoices, Field, PrivateAttr

from bankweave_kontomatik.client.records import Amount, Day, Instant, PerhapsDay, Record, SureAmount, Text
from bankweave_kontomatik.kept import Kept


class AggregatedOwner(Record):
    """A person or company. Only `name` and `kind` can be expected; phones may be masked with asterisks (section 5)."""

    name: Text = Field(default=None, repr=False)
    kind: Text = None  # OWNER, CO_OWNER (or CO-OWNER), COMPANY
    address: Text = Field(default=None, repr=False)
    phone: Text = Field(default=None, repr=False)
    email: Text = Field(default=None, repr=False)
    citizenship: Text = None
    nationality: Text = None
    birth_date: PerhapsDay = Field(default=None, repr=False)  # None as well where a bank writes no date
    birth_place: Text = Field(default=None, repr=False)
    personal_document_type: Text = None
    personal_document_number: Text = Field(default=None, repr=False)
    polish_pesel: Text = Field(default=None, repr=False)
    polish_nip: Text = Field(default=None, repr=False)
    polish_regon: Text = Field(default=None, repr=False)


class AggregatedTransaction(Record):
    """A row. It has no id. Amounts are in the account's currency, positive is money into the account."""

    transaction_on: Day = None  # the day the person paid, never after `booked_on`
    booked_on: Day = None
    amount: SureAmount = Field(alias="currencyAmount")
    balance: Amount = Field(default=None, alias="currencyBalance")  # of the account, after this row
    title: Text = Field(default=None, repr=False)
    party: Text = Field(default=None, repr=False)
    party_iban: Text = Field(default=None, repr=False)
    kind: Text = None  # the bank's own words, in its language
    status: Text = None  # only DONE was ever seen
    variable_symbol: Text = Field(default=None, repr=False)  # Czech
    constant_symbol: Text = Field(default=None, repr=False)  # Czech
    labels: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class RowsOfAccount:
    """The kept rows of the account at a place in a bank."""

    kept: Kept
    place: int

    def __iter__(self) -> Iterator[Any]:
        return self.kept.of(self.place)


Rows = Iterable[Any]


class AggregatedHolding(Record):
    """What accounts, cards, deposits and loans have in common. Amounts are in `currency`."""

    name: Text = None
    friendly_name: Text = None
    iban: Text = Field(default=None, repr=False)  # or a plain local account number
    currency: Text = Field(default=None, alias="currencyName")
    owners: tuple[AggregatedOwner, ...] = Field(default=(), repr=False)
    partial: bool = False  # the bank ran into Kontomatik's time limit: rows are missing
    fields: Mapping[str, Any] = Field(default_factory=dict, repr=False)  # all that Kontomatik says, as it says it
    _rows: Rows = PrivateAttr(default=())

    def model_post_init(self, context: Any, /) -> None:
        if isinstance(context, RowsOfAccount):
            self._rows = context

    def transactions(self) -> Iterator[AggregatedTransaction]:
        """Yield the rows, newest first, made lazily out of a compressed copy in memory; as often as wanted."""
        for record in self._rows:
            yield AggregatedTransaction.model_validate(record)


class AggregatedAccount(AggregatedHolding):
    balance: Amount = Field(default=None, alias="currencyBalance")
    available: Amount = Field(default=None, alias="currencyFundsAvailable")
    active_since_at_least: PerhapsDay = None


class AggregatedCard(AggregatedHolding):
    """A credit card. A negative balance is owed. How interest is written is not known: it stays a text."""

    card_id: Text = Field(default=None, repr=False)
    number: Text = Field(default=None, repr=False)
    balance: Amount = Field(default=None, alias="currencyBalance")
    available: Amount = Field(default=None, alias="currencyFundsAvailable")
    limit: Text = None
    interest: Text = Field(default=None, validation_alias=AliasChoices("interest", "interests"))  # both were seen
    due_date: PerhapsDay = None


class AggregatedDeposit(AggregatedHolding):
    """A deposit or a loan. What is inside is not known (section 5): what was not foreseen is in `fields`."""

    number: Text = Field(default=None, repr=False)
    balance: Text = Field(default=None, alias="currencyBalance")
    available: Text = Field(default=None, alias="currencyFundsAvailable")


class AggregatedTarget(Record):
    """One bank of the owner."""

    name: Text = None  # the target, such as KontoBankApi
    official_name: Text = None
    institution: Text = None
    owners: tuple[AggregatedOwner, ...] = Field(default=(), repr=False)
    accounts: tuple[AggregatedAccount, ...] = ()
    credit_cards: tuple[AggregatedCard, ...] = ()
    deposits: tuple[AggregatedDeposit, ...] = ()
    loans: tuple[AggregatedDeposit, ...] = ()


class Aggregated(Record):
    """All banks of one owner, as Kontomatik has joined them. Moments are UTC, to the microsecond."""

    owner_external_id: Text = Field(default=None, alias="externalId", repr=False)
    created_at: Instant = None
    updated_at: Instant = None
    last_change: Instant = None
    origin: Text = None  # only "scraper" was ever seen
    targets: tuple[AggregatedTarget, ...] = ()
