"""What a bank shows of a customer at one instant: taken when an import starts, rendered when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bankweave_sandbox.kontomatik.scenarios import ImportOutcome
from bankweave_sandbox.world import Account, Bank, Entry, Person, World

_ROWS_BEFORE_TIMEOUT = 20


@dataclass(frozen=True, slots=True)
class Holding:
    account: Account
    entries: tuple[Entry, ...]  # newest first
    balance: Decimal
    available: Decimal
    is_partial: bool = False


@dataclass(frozen=True, slots=True)
class Holdings:
    person: Person
    bank: Bank
    accounts: tuple[Holding, ...]


def take_holdings(
    world: World, person: Person, bank: Bank, outcome: ImportOutcome, *, lists_pending: bool = False
) -> Holdings:
    holdings = [_holding(world, account, lists_pending=lists_pending) for account in world.accounts_of(person, bank)]
    if outcome == "empty":
        holdings = [Holding(h.account, (), Decimal(0), Decimal(0)) for h in holdings]
    if outcome == "partial":
        holdings[:1] = [_cut_short(h) for h in holdings[:1]]
    return Holdings(person, bank, tuple(holdings))


def _holding(world: World, account: Account, *, lists_pending: bool) -> Holding:
    balance, available = world.booked_balance(account), world.available_balance(account)
    pending = _unbooked(account) if lists_pending else []
    return Holding(account, (*pending, *world.entries(account)), balance, available)


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


def _cut_short(holding: Holding) -> Holding:
    rows = holding.entries[:_ROWS_BEFORE_TIMEOUT]
    return Holding(holding.account, rows, holding.balance, holding.available, is_partial=True)
