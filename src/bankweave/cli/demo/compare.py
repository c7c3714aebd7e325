"""The store against the world, row by row: what was pulled must be what is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from bankweave import Account, Balance, BalanceType, Bankweave, Connection, Transaction

# What a provider leaves out of every row: Basiq names the other side only for partners who bought Enrich.
_WITHHELD: Mapping[str, frozenset[str]] = {"basiq": frozenset({"counterparty"})}


class Row(NamedTuple):
    """A transaction in nobody's dialect."""

    status: str
    amount: Decimal
    currency: str
    booking_date: date | None
    counterparty: str | None
    text: str


@dataclass(frozen=True)
class Comparison:
    accounts: int
    rows: int
    too_old: int  # rows that the bank does not hand out: it was not asked to reach back so far
    differences: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """A connection, and where its accounts and rows are to be found in the world."""

    connection: Connection
    accounts: tuple[Mapping[str, Any], ...]  # as `GET /truth` tells them
    days: int | None = None  # how far back the provider hands out rows; None: all


def compare(bank: Bankweave, held: Sequence[Held]) -> Comparison:
    """Compare all accounts of these connections with the truth, both ways."""
    accounts = rows = too_old = 0
    differences: list[str] = []
    for one in held:
        found = bank.accounts(connection_id=one.connection.id)
        stored = {_number(account): account for account in found}
        true = {_compact(account["account"]): account for account in one.accounts}
        differences += _lost_and_found("account", Counter(true.keys()), Counter(map(_number, found)))
        for number in true.keys() & stored.keys():
            expected, skipped = _expected(one, true[number])
            pulled = [row_of(row) for row in bank.transactions(account_id=stored[number].id)]
            differences += _balance_differences(number, true[number], bank.balances(stored[number].id))
            differences += _lost_and_found(f"row of {number}", Counter(expected), Counter(pulled))
            accounts, rows, too_old = accounts + 1, rows + len(pulled), too_old + skipped
    return Comparison(accounts, rows, too_old, tuple(differences))


def row_of(row: Transaction) -> Row:
    text = row.remittance_information[0] if row.remittance_information else ""
    return Row(
        row.status.value,
        row.amount,
        row.currency,
        row.booking_date,
        _one_line(row.counterparty_name),
        _one_line(text) or "",
    )


def true_row(row: Mapping[str, Any], adapter: str) -> Row:
    withheld = _WITHHELD.get(adapter, frozenset())
    return Row(
        row["status"],
        Decimal(row["amount"]),
        row["currency"],
        date.fromisoformat(row["booking_date"]) if row["booking_date"] else None,
        None if "counterparty" in withheld else _one_line(row["counterparty"]),
        _one_line(row["text"]) or "",
    )


def _expected(held: Held, account: Mapping[str, Any]) -> tuple[list[Row], int]:
    """The rows that the provider can show of an account, and how many older ones there are."""
    days, rows = held.days, account["transactions"]
    first = date.min if days is None else held.connection.created_at.date() - timedelta(days=days)
    shown = [row for row in rows if date.fromisoformat(row["transaction_date"]) >= first]
    return [true_row(row, held.connection.adapter) for row in shown], len(rows) - len(shown)


def _balance_differences(number: str, true: Mapping[str, Any], stored: Iterable[Balance]) -> list[str]:
    by_type = {balance.type: balance.amount for balance in stored}
    stated = ((BalanceType.INTERIM_BOOKED, "balance"), (BalanceType.INTERIM_AVAILABLE, "available"))
    return [
        f"{name} of {number}: the bank has {true[name]}, the store {by_type.get(kind)}"
        for kind, name in stated
        if by_type.get(kind) != Decimal(true[name])
    ]


def _lost_and_found(what: str, true: Counter[Any], stored: Counter[Any]) -> list[str]:
    """Twins count: two rows that look the same at the bank must be two in the store."""
    lost = [f"{what} is missing in the store: {_shown(one)}" for one in (true - stored).elements()]
    found = [f"{what} is in the store only: {_shown(one)}" for one in (stored - true).elements()]
    return sorted(lost + found)


def _shown(one: object) -> str:
    return " | ".join("" if part is None else str(part) for part in one) if isinstance(one, tuple) else str(one)


def _number(account: Account) -> str:
    return _compact(account.iban or account.number or account.provider_id)


def _compact(number: str) -> str:
    return "".join(number.split()).replace("-", "")


def _one_line(text: str | None) -> str | None:
    """Providers wrap the same text differently; blanks are nobody's data."""
    return " ".join(text.split()) or None if text else None
