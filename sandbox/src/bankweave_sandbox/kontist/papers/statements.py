"""Monthly account statements, drawn up from the world's movements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from bankweave_sandbox.kontist.timestamps import berlin_day, berlin_midnight, next_month
from bankweave_sandbox.world import Account, Entry, World, world_id


@dataclass(frozen=True, slots=True)
class Statement:
    account: Account
    month: date  # its first day

    @property
    def id(self) -> str:
        return world_id("kontist-statement", self.account.id, self.month.isoformat())

    @property
    def name(self) -> str:
        return f"Kontoauszug {self.month:%m-%Y} {self.account.iban}"

    @property
    def issued_at(self) -> datetime:
        """The midnight after the month's last day."""
        return berlin_midnight(next_month(self.month))

    def lines(self, world: World) -> list[str]:
        """Write it out: what was booked in the month, oldest first, between the balances."""
        booked = [entry for entry in reversed(world.entries(self.account)) if entry.booking_date is not None]
        before = [e for e in booked if e.booking_date is not None and e.booking_date < self.month]
        within = [e for e in booked if e.booking_date is not None and e.booking_date.replace(day=1) == self.month]
        opening = _balance_after(before, self.account.opening_balance)
        return [
            f"Kontist - {self.name}",
            ", ".join(holder.name for holder in self.account.holders),
            f"BIC {self.account.bic or ''}",
            "",
            _total("Anfangssaldo", opening),
            "",
            *(line for entry in within for line in _entry_lines(entry)),
            "",
            _total("Endsaldo", _balance_after(within, opening)),
        ]


def statements_of(world: World, account: Account) -> list[Statement]:
    """List the statements of all months that have ended since the account was opened, the newest first."""
    return list(reversed(list(_ended_months(world, account))))


def _ended_months(world: World, account: Account) -> Iterator[Statement]:
    month, today = account.opened_on.replace(day=1), berlin_day(world.clock.now())
    while next_month(month) <= today:
        yield Statement(account, month)
        month = next_month(month)


def _balance_after(entries: list[Entry], otherwise: Decimal) -> Decimal:
    balance = entries[-1].balance_after if entries else None
    return otherwise if balance is None else balance


def _entry_lines(entry: Entry) -> Iterator[str]:
    movement = entry.movement
    yield f"{entry.booking_date:%d.%m.%Y}  {(movement.counterparty or '')[:48]:<48} {movement.amount:>12.2f} EUR"
    if movement.text:
        yield f"            {movement.text[:70]}"


def _total(name: str, amount: Decimal) -> str:
    return f"{name:<60} {amount:>12.2f} EUR"
