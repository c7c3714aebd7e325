"""One fictional world (people, banks, accounts, movements) that the three dialects render in their own words.

The world is a pure function of its seed and its first day; only the clock and `World.pay`, `World.book` and `World.lapse`
change what can be seen. A movement becomes visible at `occurred_at` and is booked at `booked_at`; history is generated
beyond the first day as well, and the part that lies ahead shows only when the clock is *moved*, never by the mere passing
of real seconds, so that two reads of an unmoved world agree.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from bankweave_sandbox.clock import Clock


class Kind(StrEnum):
    """What a movement is, in the world's own words; each dialect maps it to its provider's vocabulary."""

    SALARY = "salary"
    RENT = "rent"
    CARD = "card"
    CARD_REFUND = "card_refund"
    DIRECT_DEBIT = "direct_debit"
    TRANSFER = "transfer"
    CASH = "cash"
    FEE = "fee"
    INTEREST = "interest"


class AccountKind(StrEnum):
    CURRENT = "current"
    SAVINGS = "savings"
    CREDIT_CARD = "credit_card"


@dataclass(frozen=True, slots=True)
class Bank:
    id: str  # the world's own id, e.g. "kontist", "pl-kontobank", "au-hooli"
    name: str
    country: str  # ISO 3166 alpha-2, upper case
    provider: str  # the dialect that reaches it: "kontist", "kontomatik" or "basiq"
    zone: ZoneInfo
    provider_ids: tuple[str, ...] = ()  # e.g. Kontomatik targets, a Basiq institution id; first is the main one


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    first_name: str
    last_name: str
    email: str
    mobile: str
    birth_date: date
    address: str
    username: str  # as typed into the hosted page of the provider that reaches this person's bank
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)  # the OTP that this person always receives
    answers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # security questions and their answers

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(slots=True)
class Movement:
    """One movement on one account. Amounts are positive into the account, in the account's currency."""

    id: str
    amount: Decimal
    kind: Kind
    occurred_at: datetime  # aware UTC; visible from here on
    booked_at: datetime | None  # aware UTC; before it the movement is pending; None: not booked until `World.book`
    text: str  # the bank's remittance text
    counterparty: str | None = None
    counterparty_iban: str | None = None
    category: str = ""  # "groceries", "salary", ...
    end_to_end_id: str | None = None
    mandate_id: str | None = None
    merchant_category_code: str | None = None
    original_amount: Decimal | None = None  # foreign card payments
    original_currency: str | None = None


@dataclass(slots=True)
class Account:
    id: str
    bank: Bank
    holders: tuple[Person, ...]
    kind: AccountKind
    name: str
    number: str  # IBAN where the country has them, else the local account or masked card number
    currency: str
    opened_on: date
    opening_balance: Decimal
    credit_limit: Decimal | None = None
    iban: str | None = None
    bic: str | None = None
    movements: list[Movement] = field(default_factory=list)  # oldest first by occurred_at


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement as it stands at one instant: what a dialect renders."""

    movement: Movement
    booked: bool
    booking_date: date | None  # in the bank's zone; None while pending
    transaction_date: date  # in the bank's zone: the day the person paid
    balance_after: Decimal | None  # booked balance after it; None while pending


class World:
    """All that is true. Dialects read `people`, `banks`, `accounts_of` and `entries`; the control origin also writes."""

    def __init__(self, banks: list[Bank], people: list[Person], accounts: list[Account], clock: Clock) -> None:
        self.banks = banks
        self.people = people
        self.accounts = accounts
        self.clock = clock
        self._shown_until = clock.now()

    def advance(self, by: timedelta) -> datetime:
        """Move the clock and show what happened meanwhile."""
        self._shown_until = self.clock.advance(by)
        return self._shown_until

    def person(self, provider: str, username: str) -> Person | None:
        """The person who types `username` (any letter case) into a hosted page of `provider`."""
        reached = {
            holder.id for account in self.accounts if account.bank.provider == provider for holder in account.holders
        }
        wanted = username.casefold()
        return next((p for p in self.people if p.username.casefold() == wanted and p.id in reached), None)

    def accounts_of(self, person: Person, bank: Bank) -> list[Account]:
        return [a for a in self.accounts if a.bank is bank and person in a.holders]

    def account(self, key: str) -> Account | None:
        """Find an account by the world's id, IBAN or number."""
        return next((a for a in self.accounts if key in {a.id, a.iban, a.number}), None)

    def entries(self, account: Account) -> list[Entry]:
        """What can be seen of an account now: newest first, pending before booked, then by booking date."""
        shown = [m for m in account.movements if m.occurred_at <= self._shown_until]
        booked = sorted((m for m in shown if self._is_booked(m)), key=_booking_order)
        entries = list(_with_balances(account, booked))
        pending = [_pending(account, m) for m in shown if not self._is_booked(m)]
        pending.sort(key=lambda e: (e.movement.occurred_at, e.movement.id))
        return [*reversed(pending), *reversed(entries)]

    def booked_balance(self, account: Account) -> Decimal:
        shown = (m.amount for m in account.movements if m.occurred_at <= self._shown_until and self._is_booked(m))
        return sum(shown, account.opening_balance)

    def available_balance(self, account: Account) -> Decimal:
        """Booked and pending movements together, plus a credit card's limit."""
        shown = (m.amount for m in account.movements if m.occurred_at <= self._shown_until)
        return sum(shown, account.opening_balance) + (account.credit_limit or Decimal(0))

    def pay(self, account: Account, movement: Movement) -> Movement:
        """Add a movement that has just happened; it is visible at once."""
        account.movements.append(movement)
        self._shown_until = max(self._shown_until, movement.occurred_at)
        return movement

    def book(self, movement: Movement, amount: Decimal | None = None, text: str | None = None) -> None:
        """Book a pending movement now; banks may change its amount (a tip, an exchange rate) or text as they do."""
        movement.booked_at = self._shown_until = self.clock.now()
        movement.amount = movement.amount if amount is None else amount
        movement.text = movement.text if text is None else text

    def lapse(self, account: Account, movement: Movement) -> None:
        """Let a pending movement vanish: a reservation that the merchant never collected."""
        account.movements.remove(movement)

    def _is_booked(self, movement: Movement) -> bool:
        return movement.booked_at is not None and movement.booked_at <= self._shown_until


def world_id(*parts: str) -> str:
    """A UUID that depends only on its parts: the same seed gives the same ids."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(parts)))


def _booking_order(movement: Movement) -> tuple[datetime, datetime, str]:
    assert movement.booked_at is not None  # noqa: S101 - only booked movements are ordered by booking
    return movement.booked_at, movement.occurred_at, movement.id


def _with_balances(account: Account, booked: list[Movement]) -> Iterator[Entry]:
    balance = account.opening_balance
    for movement in booked:
        balance += movement.amount
        yield Entry(
            movement,
            booked=True,
            booking_date=_local_date(account, movement.booked_at),
            transaction_date=_day(account, movement.occurred_at),
            balance_after=balance,
        )


def _pending(account: Account, movement: Movement) -> Entry:
    day = _day(account, movement.occurred_at)
    return Entry(movement, booked=False, booking_date=None, transaction_date=day, balance_after=None)


def _local_date(account: Account, instant: datetime | None) -> date | None:
    return None if instant is None else _day(account, instant)


def _day(account: Account, instant: datetime) -> date:
    return instant.astimezone(account.bank.zone).date()
