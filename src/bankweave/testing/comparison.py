"""How what is stored differs from what is true, told in lines that can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from bankweave.model import Account, Transaction
from bankweave.testing.rig import TrueAccount, TrueRow

SHOWN = 5  # of the rows that are missing, and of those that are too many

Stored = tuple[Account, Sequence[Transaction]]


def differences(truth: Iterable[TrueAccount], stored: Iterable[Stored]) -> list[str]:
    """Compare account by account; an empty list means that they agree. The order of rows does not count."""
    left, found = list(stored), list[str]()
    for account in truth:
        match = next((one for one in left if _is_same(account, one[0])), None)
        if match is None:
            found.append(f"account {account.key} ({account.currency}) is missing")
            continue
        left.remove(match)
        found += _rows(account, [shown(row) for row in match[1]])
    return found + [f"account {one.iban or one.number or one.provider_id} is not true" for one, _ in left]


def shown(row: Transaction) -> TrueRow:
    """A stored row in the words of the truth."""
    return TrueRow(
        status=row.status,
        amount=row.amount,
        currency=row.currency,
        booking_date=row.booking_date,
        text=" ".join(row.remittance_information),
        counterparty=row.counterparty_name,
    )


def _is_same(truth: TrueAccount, stored: Account) -> bool:
    return truth.key in {stored.iban, stored.number, stored.provider_id} and truth.currency == stored.currency


def _rows(account: TrueAccount, stored: Sequence[TrueRow]) -> list[str]:
    true, have = Counter(account.rows), Counter(stored)
    return [
        *_listed(account, "is missing", true - have),
        *_listed(account, "is not true", have - true),
    ]


def _listed(account: TrueAccount, what: str, rows: Counter[TrueRow]) -> list[str]:
    lines = [f"{account.key}: {row} {what}" for row in sorted(rows.elements(), key=repr)]
    more = len(lines) - SHOWN
    return lines[:SHOWN] + ([f"{account.key}: {more} more {what}"] if more > 0 else [])
