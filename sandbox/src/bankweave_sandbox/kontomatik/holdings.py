"""What a bank shows of a customer at one instant: taken when an import starts, rendered when it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from bankweave_sandbox.kontomatik.cards import CreditCards
from bankweave_sandbox.kontomatik.scenarios import Scenario
from bankweave_sandbox.kontomatik.switches import Switches
from bankweave_sandbox.world import Account, AccountKind, Bank, Entry, Person, World

_ROWS_BEFORE_TIMEOUT = 20


@dataclass(frozen=True, slots=True)
class Holding:
    account: Account
    entries: tuple[Entry, ...]  # newest first
    balance: Decimal
    available: Decimal
    is_partial: bool = False

    @property
    def is_card(self) -> bool:
        return self.account.kind is AccountKind.CREDIT_CARD


@dataclass(frozen=True, slots=True)
class Holdings:
    person: Person
    bank: Bank
    accounts: tuple[Holding, ...]
    taken_at: datetime
    number: int  # how many of this customer's were taken before


class Teller:
    """Takes what a customer has out of the world, as a scenario and the switches would have it seen."""

    def __init__(self, world: World, switches: Switches) -> None:
        self._world = world
        self._switches = switches
        self._cards = CreditCards(world)
        self._taken = Counter[tuple[str, str]]()

    def take(self, person: Person, bank: Bank, scenario: Scenario) -> Holdings:
        holdings = [self._holding(account) for account in self._accounts(person, bank, scenario)]
        missing = scenario.leaves_out_row or self._switches.leave_out_row
        holdings = [_without_row(h, missing) for h in holdings] if missing > 0 else holdings
        taken, key = self._world.clock.now(), (person.id, bank.id)
        self._taken[key] += 1
        return Holdings(person, bank, _as_the_scenario_has_it(holdings, scenario), taken, self._taken[key] - 1)

    def _accounts(self, person: Person, bank: Bank, scenario: Scenario) -> list[Account]:
        wants_card = self._switches.credit_card or scenario.outcome == "partial-card"
        if wants_card:
            self._cards.give(person, bank)
        accounts = self._world.accounts_of(person, bank)
        return [a for a in accounts if wants_card or not self._cards.is_given(a)]

    def _holding(self, account: Account) -> Holding:
        balance, available = self._world.booked_balance(account), self._world.available_balance(account)
        pending = _unbooked(account) if self._switches.pending_rows == "listed" else []
        return Holding(account, (*pending, *self._world.entries(account)), balance, available)


def _as_the_scenario_has_it(holdings: list[Holding], scenario: Scenario) -> tuple[Holding, ...]:
    match scenario.outcome:
        case "empty":
            return tuple(Holding(h.account, (), Decimal(0), Decimal(0)) for h in holdings)
        case "partial":
            return tuple(_cut_short(h) if place == 0 else h for place, h in enumerate(holdings))
        case "partial-card":
            return tuple(_cut_short(h) if h.is_card else h for h in holdings)
    return tuple(holdings)


def _unbooked(account: Account) -> list[Entry]:
    """Movements that tests made without booking them; these banks do not show such rows of their own accord."""
    waiting = (m for m in reversed(account.movements) if m.booked_at is None)
    zone = account.bank.zone
    return [
        Entry(
            m,
            booked=False,
            booking_date=None,
            transaction_date=m.occurred_at.astimezone(zone).date(),
            balance_after=None,
        )
        for m in waiting
    ]


def _without_row(holding: Holding, number: int) -> Holding:
    """Lose a booked row on the way; the balances around it stay true, and so give it away."""
    booked = [e for e in holding.entries if e.booked]
    lost = booked[number - 1] if number <= len(booked) else None
    return replace(holding, entries=tuple(e for e in holding.entries if e is not lost))


def _cut_short(holding: Holding) -> Holding:
    return replace(holding, entries=holding.entries[:_ROWS_BEFORE_TIMEOUT], is_partial=True)
