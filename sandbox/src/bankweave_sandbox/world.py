"""One fictional world (people, banks, accounts, movements) that the three dialects render in their own words.

The world is a pure function of its seed and its first day; only the clock and `World.pay`, `World.book` and `World.lapse`
change what can be seen. A movement becomes visible at `occurred_at` and is booked at `booked_at`; history is generated
beyond the first day as well, and the part that lies ahead shows only when the clock is *moved*, never by the mere passing
of real seconds, so that two reads of an unmoved world agree.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha1
from heapq import heappop, heappush
from itertools import count
from typing import Literal
from zoneinfo import ZoneInfo

from bankweave_sandbox.clock import Clock
from bankweave_sandbox.terms import Terms

_NAMESPACE = uuid.NAMESPACE_OID.bytes


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
    LOAN = "loan"
    MORTGAGE = "mortgage"
    TERM_DEPOSIT = "term_deposit"

    @property
    def is_borrowing(self) -> bool:
        """Tell whether its balance is what was lent and is still owed."""
        return self in {AccountKind.LOAN, AccountKind.MORTGAGE}


@dataclass(frozen=True, slots=True)
class Bank:
    id: str  # the world's own id, e.g. "kontist", "pl-kontobank", "au-hooli"
    name: str
    country: str  # ISO 3166 alpha-2, upper case
    provider: str  # the dialect that reaches it: "kontist", "kontomatik" or "basiq"
    zone: ZoneInfo
    provider_ids: tuple[str, ...] = ()  # e.g. Kontomatik targets, a Basiq institution id; first is the main one
    shows_pending: bool = True  # False: a movement becomes visible only when it is booked


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    first_name: str
    last_name: str
    email: str
    mobile: str
    birth_date: date
    address: str
    username: str  # as typed into the hosted page of the provider; empty: a co-holder who never signs in
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)  # the OTP that this person always receives
    answers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # security questions and their answers

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(slots=True)
class Movement:
    """One movement on one account. Amounts are positive into the account, in the account's currency.

    Once it is in a world it is replaced, never changed: worlds of the same seed share their history.
    """

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
    credit_limit: Decimal | None = None  # of a loan: what was lent
    terms: Terms | None = None  # of a loan or a term deposit
    iban: str | None = None
    bic: str | None = None
    movements: list[Movement] = field(default_factory=list)  # oldest first by occurred_at

    def available(self, balance: Decimal) -> Decimal:
        """What of a balance can be spent: all of it and the limit, but nothing of what is locked for a term."""
        return Decimal(0) if self.kind is AccountKind.TERM_DEPOSIT else balance + (self.credit_limit or Decimal(0))


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement as it stands at one instant: what a dialect renders."""

    movement: Movement
    booked: bool
    booking_date: date | None  # in the bank's zone; None while pending
    transaction_date: date  # in the bank's zone: the day the person paid
    balance_after: Decimal | None  # booked balance after it; None while pending


Happening = Literal["appeared", "booked", "lapsed"]


@dataclass(frozen=True, slots=True)
class News:
    """What listeners are told; a movement that is booked as it appears has only appeared."""

    what: Happening
    account: Account
    movement: Movement


@dataclass(frozen=True, slots=True)
class _Statement:
    entries: tuple[Entry, ...]
    booked_balance: Decimal


class World:
    """All that is true. Dialects read banks, people, accounts and entries; the control origin also writes."""

    def __init__(
        self, banks: list[Bank], accounts: list[Account], clock: Clock, customers: dict[str, list[Person]] | None = None
    ) -> None:
        """Make a world; `customers` names, by bank id, people who can sign in at a bank without holding an account."""
        self.banks = banks
        self.accounts = accounts
        self.clock = clock
        self.redirect_url = "https://app.example/callback"  # where hosted pages without a redirect URI send people
        self._customers: dict[str, list[Person]] = {bank.id: [] for bank in banks}
        for account in accounts:
            self._customers[account.bank.id].extend(account.holders)
        for bank_id, people in (customers or {}).items():
            self._customers[bank_id].extend(people)
        self._shown_until = clock.now()
        self._told: set[str] = set()  # movements made or booked by hand: they stand as they say at once
        self._statements: dict[str, _Statement] = {}
        self._listeners: list[Callable[[News], None]] = []
        self._plans: list[tuple[datetime, int, Callable[[], None]]] = []  # a heap, the next one first
        self._plan_numbers = count()

    @property
    def people(self) -> list[Person]:
        return list({p.id: p for customers in self._customers.values() for p in customers}.values())

    def advance(self, by: timedelta) -> datetime:
        """Move the clock, do what was scheduled for meanwhile, each at its instant, and tell the listeners."""
        end = self.clock.now() + by
        while self._plans and by >= timedelta(0) and self._plans[0][0] <= end:
            due, _, action = heappop(self._plans)
            self._move(_at_most(by, due - self.clock.now()))
            action()
            by = max(end - self.clock.now(), timedelta(0))
        return self._move(by)

    def schedule(self, at: datetime, action: Callable[[], None]) -> None:
        """Have `action` called when the clock is moved past `at`; at once with the next move when that is over."""
        heappush(self._plans, (at, next(self._plan_numbers), action))

    def _move(self, by: timedelta) -> datetime:
        before, self._shown_until = self._shown_until, self.clock.advance(by)
        self._statements.clear()
        for news in self._news_since(before):
            self._tell(news)
        return self._shown_until

    def subscribe(self, listener: Callable[[News], None]) -> None:
        """Have `listener` called, before the change returns, for each movement that appears, is booked or lapses."""
        self._listeners.append(listener)

    def bank(self, key: str) -> Bank | None:
        """Find a bank by the world's id or one of its provider's ids."""
        return next((b for b in self.banks if key == b.id or key in b.provider_ids), None)

    def banks_of(self, provider: str) -> list[Bank]:
        return [b for b in self.banks if b.provider == provider]

    def person_at(self, bank: Bank, username: str) -> Person | None:
        """The customer of `bank` who types `username` (any letter case) into a hosted page."""
        wanted = username.casefold()
        if not wanted:
            return None
        return next((p for p in self._customers[bank.id] if p.username.casefold() == wanted), None)

    def accounts_of(self, person: Person, bank: Bank) -> list[Account]:
        return [a for a in self.accounts if a.bank.id == bank.id and person in a.holders]

    def account(self, key: str) -> Account | None:
        """Find an account by the world's id, IBAN or number."""
        return next((a for a in self.accounts if key in {a.id, a.iban, a.number}), None)

    def entry(self, movement_id: str) -> tuple[Account, Entry] | None:
        """Find a movement as it stands now; None while it lies ahead. Unlike `entries`, finds hidden pending ones."""
        for account in self.accounts:
            movement = next((m for m in account.movements if m.id == movement_id), None)
            if movement is None:
                continue
            if self._is_shown(movement) and not self._is_booked(movement):
                return account, _pending(account, movement)
            return next(((account, e) for e in self.entries(account) if e.movement.id == movement_id), None)
        return None

    def entries(self, account: Account) -> list[Entry]:
        """What can be seen of an account now: newest first, pending before booked, then by booking date."""
        return list(self._statement(account).entries)

    def booked_balance(self, account: Account) -> Decimal:
        return self._statement(account).booked_balance

    def available_balance(self, account: Account) -> Decimal:
        """Booked and pending movements together, as far as they can be spent."""
        statement = self._statement(account)
        pending = (e.movement.amount for e in statement.entries if not e.booked)
        return account.available(sum(pending, statement.booked_balance))

    def pay(self, account: Account, movement: Movement) -> Movement:
        """Add a movement that has just happened; it is visible at once."""
        account.movements.append(movement)
        self._told.add(movement.id)
        self._changed(News("appeared", account, movement))
        return movement

    def book(self, movement: Movement, amount: Decimal | None = None, text: str | None = None) -> Movement:
        """Book a pending movement now; banks may change its amount (a tip, an exchange rate) or text as they do."""
        account, place = self._place_of(movement.id)
        booked = replace(
            account.movements[place],
            booked_at=self.clock.now(),
            amount=movement.amount if amount is None else amount,
            text=movement.text if text is None else text,
        )
        account.movements[place] = booked
        self._told.add(booked.id)
        self._changed(News("booked", account, booked))
        return booked

    def lapse(self, account: Account, movement: Movement) -> None:
        """Let a pending movement vanish: a reservation that the merchant never collected."""
        account.movements[:] = [m for m in account.movements if m.id != movement.id]
        self._changed(News("lapsed", account, movement))

    def _place_of(self, movement_id: str) -> tuple[Account, int]:
        for account in self.accounts:
            ids = [movement.id for movement in account.movements]
            if movement_id in ids:
                return account, ids.index(movement_id)
        raise KeyError(movement_id)

    def _changed(self, news: News) -> None:
        self._statements.pop(news.account.id, None)
        self._tell(news)

    def _tell(self, news: News) -> None:
        for listener in self._listeners:
            listener(news)

    def _news_since(self, before: datetime) -> list[News]:
        return [
            News(what, account, movement)
            for account in self.accounts
            for movement in account.movements
            if (what := self._what_happened(account, movement, before)) is not None
        ]

    def _what_happened(self, account: Account, movement: Movement, before: datetime) -> Happening | None:
        if movement.id in self._told:
            return None
        first_seen = movement.occurred_at if account.bank.shows_pending else movement.booked_at
        if first_seen is not None and before < first_seen <= self._shown_until:
            return "appeared"
        booked = movement.booked_at
        return "booked" if booked is not None and before < booked <= self._shown_until else None

    def _statement(self, account: Account) -> _Statement:
        # Dialects ask with every page of a long history: the sorting is done once per change of the world.
        if account.id not in self._statements:
            self._statements[account.id] = self._drawn_up(account)
        return self._statements[account.id]

    def _drawn_up(self, account: Account) -> _Statement:
        shown = [m for m in account.movements if self._is_shown(m)]
        booked = sorted((m for m in shown if self._is_booked(m)), key=_booking_order)
        entries = list(_with_balances(account, booked))
        balance = entries[-1].balance_after if entries else account.opening_balance
        pending = [_pending(account, m) for m in shown if account.bank.shows_pending and not self._is_booked(m)]
        pending.sort(key=lambda e: (e.movement.occurred_at, e.movement.id))
        return _Statement((*reversed(pending), *reversed(entries)), balance or Decimal(0))

    def _is_shown(self, movement: Movement) -> bool:
        return movement.occurred_at <= self._shown_until or movement.id in self._told

    def _is_booked(self, movement: Movement) -> bool:
        if movement.booked_at is None:
            return False
        return movement.booked_at <= self._shown_until or movement.id in self._told


def world_id(*parts: str) -> str:
    """A UUID that depends only on its parts: the same seed gives the same ids."""
    # What uuid.uuid5 computes, without its objects: a world is made of some 25,000 ids.
    digest = sha1(_NAMESPACE + "/".join(parts).encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"


def _at_most(limit: timedelta, wanted: timedelta) -> timedelta:
    return min(limit, max(wanted, timedelta(0)))


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
