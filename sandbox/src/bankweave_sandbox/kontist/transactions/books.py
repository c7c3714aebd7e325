"""An account as one caller sees it: its rows, pages of them, single ones."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bankweave_sandbox.kontist.people import People, account_public_id
from bankweave_sandbox.kontist.problems import Problem
from bankweave_sandbox.kontist.switches import Switches
from bankweave_sandbox.kontist.transactions.bookkeeping import Bookkeeping
from bankweave_sandbox.kontist.transactions.connections import connect
from bankweave_sandbox.kontist.transactions.filters import apply_filter, apply_preset
from bankweave_sandbox.kontist.transactions.rendering import render
from bankweave_sandbox.kontist.transactions.rows import DECLINED, Row, make_rows
from bankweave_sandbox.world import Account, Entry, Movement, News, Person, World


@dataclass(frozen=True, slots=True)
class _Listing:
    entries: list[Entry]
    version: object  # of all else that the rows depend on
    rows: list[Row]

    def holds(self, entries: list[Entry], version: object) -> bool:
        # By identity: the world makes new entries when anything changes, and equality would look into each.
        is_same = len(entries) == len(self.entries) and all(map(operator.is_, entries, self.entries))
        return is_same and version == self.version


@dataclass(frozen=True, slots=True)
class Books:
    world: World
    people: People
    switches: Switches
    notes: Bookkeeping = field(default_factory=Bookkeeping)
    types: dict[str, str] = field(default_factory=dict)  # by movement id, where the world's kind does not tell
    _listings: dict[str, _Listing] = field(default_factory=dict)
    _beside: dict[str, list[Entry]] = field(default_factory=dict)  # rows that the world knows nothing of
    _listeners: list[Callable[[News], None]] = field(default_factory=list)

    def main_account(self, person: Person) -> Account | None:
        return next(iter(self.people.accounts(person)), None)

    def sub_accounts(self, person: Person) -> list[Account]:
        return self.people.accounts(person)[1:]

    def account(self, person: Person, public_id: str | None) -> Account:
        """Find one of the person's accounts by public id; without one, the main account."""
        accounts = self.people.accounts(person)
        wanted = [a for a in accounts if public_id is None or account_public_id(a) == public_id]
        if not wanted:
            raise Problem(404, "Account not found")
        return wanted[0]

    def rows(self, account: Account) -> list[Row]:
        """List an account's rows, newest first; made anew only when something has changed."""
        entries = [*self.world.entries(account), *self._beside.get(account.id, ())]
        switches = self.switches.booking_changes_id, self.switches.sorted_by
        version = (self.notes.version, len(self.types), switches)
        known = self._listings.get(account.id)
        if known is None or not known.holds(entries, version):
            known = _Listing(entries, version, make_rows(entries, self.notes, self.switches, self.types))
            self._listings[account.id] = known
        return known.rows

    def mark_type(self, movement_id: str, type_: str) -> None:
        """Say what a movement is in Kontist's words; before it appears, so that listeners see it so."""
        self.types[movement_id] = type_

    def decline(self, account: Account, movement: Movement) -> None:
        """Show a card payment that was refused: a row like others, although no money has moved."""
        self.mark_type(movement.id, DECLINED)
        day = movement.occurred_at.astimezone(account.bank.zone).date()
        entry = Entry(movement, booked=False, booking_date=None, transaction_date=day, balance_after=None)
        self._beside.setdefault(account.id, []).append(entry)
        for listener in self._listeners:
            listener(News("appeared", account, movement))

    def write_in(self, account: Account, movement: Movement, type_: str) -> None:
        """Show a payment that the person tells of; the bank's balances know nothing of it."""
        self.mark_type(movement.id, type_)
        day = movement.occurred_at.astimezone(account.bank.zone).date()
        entry = Entry(movement, booked=True, booking_date=day, transaction_date=day, balance_after=None)
        self._beside.setdefault(account.id, []).append(entry)

    def strike_out(self, account: Account, movement_id: str) -> None:
        """Show a payment that was written in no more."""
        kept = [e for e in self._beside.get(account.id, []) if e.movement.id != movement_id]
        self._beside[account.id] = kept

    def subscribe(self, listener: Callable[[News], None]) -> None:
        """Have `listener` called for all news of the world, and for the rows that the world knows nothing of."""
        self.world.subscribe(listener)
        self._listeners.append(listener)

    def neighbour(self, iban: str) -> Account | None:
        """Find an account at the same bank: the only way that the sandbox knows a bank."""
        known = (a for a in self.world.accounts if a.iban and a.bic)
        return next((a for a in known if a.iban and (a.iban[:2], a.iban[4:12]) == (iban[:2], iban[4:12])), None)

    def page(
        self,
        account: Account,
        *,
        wanted: Mapping[str, Any] | None = None,
        preset: Mapping[str, Any] | None = None,
        **window: Any,
    ) -> dict[str, Any]:
        """Filter, then cut the page that `first`, `last`, `after` and `before` ask for."""
        found = apply_filter(self.rows(account), wanted, self.switches.default_operator)
        refuses_more = self.switches.page_above_50 == "refuse"
        return connect(apply_preset(found, preset), self.render, refuses_more=refuses_more, **window)

    def render(self, row: Row) -> dict[str, Any]:
        return render(row, self.switches)

    def row(self, person: Person, transaction_id: str) -> Row | None:
        """Find a row in any of the person's accounts."""
        return next((row for row in self.rows_of(person) if row.id == transaction_id), None)

    def row_of_movement(self, person: Person, movement_id: str | None) -> Row | None:
        """Find the row that shows a movement, whatever its id is by now."""
        return next((row for row in self.rows_of(person) if row.movement.id == movement_id), None)

    def rows_of(self, person: Person) -> Iterator[Row]:
        """List the rows of all of the person's accounts, one account after the other."""
        return (row for account in self.people.accounts(person) for row in self.rows(account))
