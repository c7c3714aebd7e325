"""Read transactions page by page, find some, say what one is, and export all of a year.

python examples/kontist/transactions.py CONNECTION 2026 year.csv
"""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path

from bankweave import Bankweave
from bankweave_kontist import Filter, KontistClient, TransactionCategory
from bankweave_kontist.client import Transaction


def show(tx: Transaction) -> None:
    print(f"{tx.booking_date} {tx.amount:>10} EUR {tx.category or '-':8} {tx.name}: {tx.purpose}")


def show_pages(kontist: KontistClient) -> None:
    page = kontist.transactions.newest(5)
    for tx in page.rows:
        show(tx)
    older = page.next()  # the next five; `list()` goes through all pages by itself
    print(f"and {len(older.rows) if older else 0} more")


def find(kontist: KontistClient) -> Transaction | None:
    """The newest large expense; a search finds what a person means by some words."""
    found = islice(kontist.transactions.search("miete"), 3)
    print("search:", *(f"{tx.name} {tx.amount}" for tx in found), sep="\n  ")
    large = Filter(amount_lt=Decimal(-100), booking_date_gte=date(2025, 1, 1))
    return next(kontist.transactions.list(where=large), None)


def main(connection_id: str, year: str, file: str) -> None:
    with Bankweave() as bank:
        kontist = bank.client(connection_id, KontistClient)
        show_pages(kontist)
        large = find(kontist)
        if large is not None:
            changed = kontist.transactions.update(
                large.id, category=TransactionCategory.VAT_19, personal_note="for the tax adviser"
            )
            print(f"now {changed.category}, with the note: {changed.personal_note}")
        exported = kontist.transactions.csv(since=date(int(year), 1, 1), until=date(int(year), 12, 31))
    Path(file).write_text(exported, encoding="utf-8")
    print(f"{len(exported.splitlines()) - 1} rows in {file}")


if __name__ == "__main__":
    main(*sys.argv[1:])
